"""q8, 11 points: back-propagation for one object of a network with one hidden layer of sigmoids."""

import numpy as np
import pytest


def sigmoid(z):
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def forward(x, W1, W2):
    u = sigmoid(W1[0] + x @ W1[1:])
    return u, sigmoid(W2[0] + u @ W2[1:])


def loss(x, y, W1, W2):
    return 0.5 * float(np.sum((forward(x, W1, W2)[1] - y) ** 2))


def step(x, y, W1, W2, alpha):
    """The weights after one step against the gradient."""
    u, a = forward(x, W1, W2)
    delta = (a - y) * a * (1.0 - a)
    hidden = np.einsum("m,hm->h", delta, W2[1:]) * u * (1.0 - u)
    return W1 - alpha * np.outer(np.r_[1.0, x], hidden), W2 - alpha * np.outer(np.r_[1.0, u], delta)


def a_network(rng, n, hidden, m):
    return rng.standard_normal((n + 1, hidden)), rng.standard_normal((hidden + 1, m))


@pytest.mark.points(2)
@pytest.mark.hint("Which row of the weights belongs to the input that is always 1?")
def test_forward(student, rng, check_close):
    """Two layers: forward gives the hidden values and the outputs, with row 0 as the bias."""
    for n, hidden, m in [(4, 3, 2), (2, 5, 1), (3, 3, 3)]:
        W1, W2 = a_network(rng, n, hidden, m)
        x = rng.standard_normal(n)
        u, a = student.two_layer_forward(x, W1, W2)
        expected_u, expected_a = forward(x, W1, W2)
        check_close(u, expected_u, "u")
        check_close(a, expected_a, "a")


@pytest.mark.points(2)
@pytest.mark.hint("Half of what, and averaged over what?")
def test_mean_risk(student, rng, check_close):
    """Two layers: the initial risk is the mean over the objects of half a sum of squares."""
    for count, m in [(7, 3), (3, 1), (1, 2)]:
        W1, W2 = a_network(rng, 4, 5, m)
        X, Y = rng.standard_normal((count, 4)), rng.uniform(0, 1, (count, m))
        expected = float(np.mean([loss(x, y, W1, W2) for x, y in zip(X, Y, strict=True)]))
        check_close(student.mean_risk(X, Y, W1, W2), expected, "risk")


@pytest.mark.points(2)
@pytest.mark.hint("Which factors stand in the gradient by one weight into an output neuron?")
def test_step_of_the_output_weights(student, rng, check_close):
    """Two layers: one step moves the output weights against their gradient."""
    for n, hidden, m in [(4, 3, 2), (2, 5, 1), (3, 3, 3)]:
        W1, W2 = a_network(rng, n, hidden, m)
        x, y = rng.standard_normal(n), rng.uniform(0, 1, m)
        answer = student.backpropagation_step(x, y, W1, W2, 0.3, 0.7, 0.1)
        check_close(answer[1], step(x, y, W1, W2, 0.7)[1], "new W2")


@pytest.mark.points(2)
@pytest.mark.hint("Which weights, old or new, and which derivatives carry the error back?")
def test_step_of_the_hidden_weights(student, rng, check_close):
    """Two layers: one step moves the hidden weights against their gradient."""
    for n, hidden, m in [(4, 3, 2), (2, 5, 1), (3, 3, 3)]:
        W1, W2 = a_network(rng, n, hidden, m)
        x, y = rng.standard_normal(n), rng.uniform(0, 1, m)
        answer = student.backpropagation_step(x, y, W1, W2, 0.3, 0.7, 0.1)
        check_close(answer[0], step(x, y, W1, W2, 0.7)[0], "new W1")


@pytest.mark.points(2)
@pytest.mark.hint("With η close to 1, should Q be close to the past or to the latest loss?")
def test_running_risk(student, rng, check_close):
    """Two layers: the running risk mixes the past with the loss before each step."""
    W1, W2 = a_network(rng, 3, 4, 2)
    Q, running = 0.9, 0.9
    for eta in (0.2, 0.05, 0.7):
        x, y = rng.standard_normal(3), rng.uniform(0, 1, 2)
        answer = student.backpropagation_step(x, y, W1, W2, running, 0.5, eta)
        Q = (1.0 - eta) * Q + eta * loss(x, y, W1, W2)
        running = answer[2]
        check_close(running, Q, "Q")
        W1, W2 = step(x, y, W1, W2, 0.5)


@pytest.mark.points(1)
@pytest.mark.hint("Which of your statements writes into an array that came from the caller?")
def test_arrays_of_the_caller(student, rng, check_close):
    """Two layers: a step leaves the given weights unchanged and takes integers."""
    W1, W2 = a_network(rng, 3, 4, 2)
    x, y = rng.integers(-2, 3, 3), rng.integers(0, 2, 2)
    W1_there, W2_there = student.put(W1), student.put(W2)
    answer = student.backpropagation_step(x, y, W1_there, W2_there, 0.4, 0.6, 0.1)
    expected_W1, expected_W2 = step(x, y, W1, W2, 0.6)
    check_close(answer[0], expected_W1, "new W1")
    check_close(answer[1], expected_W2, "new W2")
    check_close(student.fetch(W1_there), W1, "the given W1 after the step")
    check_close(student.fetch(W2_there), W2, "the given W2 after the step")
