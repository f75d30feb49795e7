"""q1 to q3, 54 points: one step, a sequence, back-propagation through time."""

import numpy as np
import pytest

from autograder.suite import distinct, fail, finite, items

SIZES = [(5, 4, 3, 6), (1, 3, 7, 2), (4, 6, 5, 5), (3, 1, 2, 4)]
"""N, T, D, H."""


def some_weights(rng, d, hidden):
    """W_x, W_h, b of a size that leaves tanh alive."""
    return (
        rng.standard_normal((d, hidden)) / np.sqrt(d),
        rng.standard_normal((hidden, hidden)) / np.sqrt(hidden),
        0.5 * rng.standard_normal(hidden),
    )


def an_rnn(student, rng, d, hidden):
    """A student's RNN with random weights, and those."""
    rnn, weights = student.RNN(d, hidden), some_weights(rng, d, hidden)
    rnn.W_x, rnn.W_h, rnn.b = weights
    return rnn, weights


@pytest.mark.points(4)
@pytest.mark.hint("Which three terms does tanh get, and which shapes do they have?")
def test_step(student, rng, check_close, trusted):
    """rnn_step: the new state, for all sizes, for integers and for huge inputs."""
    for n, _, d, hidden in SIZES:
        weights = some_weights(rng, d, hidden)
        h = rng.standard_normal((n, hidden))
        for x in (
            rng.standard_normal((n, d)),
            rng.integers(-2, 3, (n, d)),
            1e3 * rng.standard_normal((n, d)),
        ):
            expected = trusted.states(x[:, None], h, *weights)[:, 0]
            check_close(student.rnn_step(x, h, *weights), expected, "the new state")


def step_of(arrays, i):
    """The new state as a function of the i-th of x, h, W_x, W_h, b."""

    def function(value):
        x, h, W_x, W_h, b = (*arrays[:i], value, *arrays[i + 1 :])
        return np.tanh(x @ W_x + h @ W_h + b)

    return function


def check_step_gradients(student, rng, check_gradient, chosen):
    """Compare the chosen ones of the five gradients of a step with finite differences."""
    for n, _, d, hidden in SIZES:
        x, h = rng.standard_normal((n, d)), rng.standard_normal((n, hidden))
        arrays = (x, h, *some_weights(rng, d, hidden))
        upstream = rng.standard_normal((n, hidden))
        h_new = step_of(arrays, 0)(x)
        found = student.rnn_step_backward(upstream, x, h, h_new, *arrays[2:4])
        found = items(found, 5, "the gradients from rnn_step_backward")
        for i, name in chosen:
            check_gradient(found[i], step_of(arrays, i), arrays[i], f"gradient by {name}", upstream)


@pytest.mark.points(5)
@pytest.mark.hint("Of which state is the derivative of tanh made, and along which weights go x, h?")
def test_step_backward_inputs(student, rng, check_gradient):
    """rnn_step_backward: the gradients by x and by the old state."""
    check_step_gradients(student, rng, check_gradient, [(0, "x"), (1, "h")])


@pytest.mark.points(5)
@pytest.mark.hint("What was each weight multiplied with in the step, in all N rows?")
def test_step_backward_weights(student, rng, check_gradient):
    """rnn_step_backward: the gradients by W_x, W_h and b."""
    check_step_gradients(student, rng, check_gradient, [(2, "W_x"), (3, "W_h"), (4, "b")])


@pytest.mark.points(2)
@pytest.mark.hint("Which of your statements writes into an array that came from the caller?")
def test_step_arrays(student, rng, check_close):
    """rnn_step and rnn_step_backward: the caller's arrays stay as they are."""
    x, h = rng.standard_normal((4, 3)), rng.standard_normal((4, 5))
    W_x, W_h, b = some_weights(rng, 3, 5)
    given = [x, h, W_x, W_h, b]
    there = [student.put(array) for array in given]
    h_new = student.rnn_step(*there)
    check_close(h_new, np.tanh(x @ W_x + h @ W_h + b), "the new state")
    for remote, array, name in zip(there, given, ("x", "h", "W_x", "W_h", "b"), strict=True):
        check_close(student.fetch(remote), array, f"{name} after rnn_step")
    grad = rng.standard_normal((4, 5))
    given = [grad, x, h, h_new, W_x, W_h]
    there = [student.put(array) for array in given]
    delta = grad * (1.0 - h_new**2)
    check_close(student.rnn_step_backward(*there)[0], delta @ W_x.T, "gradient by x")
    names = ("grad_h_new", "x", "h", "h_new", "W_x", "W_h")
    for remote, array, name in zip(there, given, names, strict=True):
        check_close(student.fetch(remote), array, f"{name} after rnn_step_backward")


@pytest.mark.points(3)
@pytest.mark.hint("By how many inputs is each of the two matrices fed, and what is 1/√ of that?")
def test_initial_weights(student, rng, check_close, trusted):
    """RNN: independent normal weights of the agreed spread, a bias of zeros."""
    for d, hidden in [(300, 200), (40, 250)]:
        rnn = student.RNN(d, hidden, int(rng.integers(1, 10**6)))
        check_close(rnn.b, np.zeros(hidden), "b")
        x, zeros = rng.standard_normal((2, 3, d)), np.zeros((2, hidden))
        W_x, W_h = finite(rnn.W_x, (d, hidden), "W_x"), finite(rnn.W_h, (hidden, hidden), "W_h")
        expected = trusted.states(x, zeros, W_x, W_h, np.zeros(hidden))
        check_close(rnn.forward(x), expected, "h with the initial weights")
        for name, W, rows in [("W_x", W_x, d), ("W_h", W_h, hidden)]:
            z = W * np.sqrt(rows)
            # At least 10,000 draws: each bound is more than seven standard errors wide.
            if abs(z.mean()) > 0.08 or not 0.94 < z.std() < 1.06:
                fail(
                    f"{name} has mean {z.mean():.3f} and standard deviation {z.std():.3f}, both"
                    f" in units of 1 / sqrt({rows}); expected about 0 and 1"
                )
            if not 2.5 < np.mean(z**4) / z.var() ** 2 < 3.5:
                fail(f"the entries of {name} do not look like draws from a normal distribution")
            for axis in (0, 1):
                spread = z.mean(axis=axis).std() * np.sqrt(z.shape[axis])
                if abs(spread - 1) > 8 / np.sqrt(2 * z.shape[1 - axis]):
                    fail(f"the entries of {name} are not drawn independently of each other")
        if d > hidden and abs(np.corrcoef(W_x[:hidden].flat, W_h.flat)[0, 1]) > 0.04:
            fail("W_x and W_h are not drawn independently of each other")


@pytest.mark.points(2)
@pytest.mark.hint("Where does the randomness come from, and who else uses that source?")
def test_seeds(student, rng, check_close, trusted):
    """RNN: equal seeds give equal weights; other seeds, none, or a moving generator do not."""
    seed = int(rng.integers(1, 1000))
    first = student.RNN(4, 5, seed)
    x, zeros = rng.standard_normal((2, 3, 4)), np.zeros((2, 5))
    W_x, W_h = finite(first.W_x, (4, 5), "W_x"), finite(first.W_h, (5, 5), "W_h")
    expected = trusted.states(x, zeros, W_x, W_h, np.zeros(5))
    check_close(first.forward(x), expected, "h with the initial weights")
    check_close(student.RNN(4, 5, seed).W_x, W_x, "W_x of a second RNN of this seed")
    check_close(student.RNN(4, 5, seed).W_h, W_h, "W_h of a second RNN of this seed")
    rnns = [first, student.RNN(4, 5, seed + 1), student.RNN(4, 5), student.RNN(4, 5)]
    for name, W in [("W_x", W_x), ("W_h", W_h)]:
        if not distinct([getattr(rnn, name) for rnn in rnns], W.shape, name):
            fail(f"two RNNs of different seeds, or of none, have the same {name}")


@pytest.mark.points(5)
@pytest.mark.hint("From which state does each step start, and which state does it leave behind?")
def test_forward(student, rng, check_close, trusted):
    """RNN: forward gives the states after each step, from a given h_0."""
    for n, steps, d, hidden in SIZES:
        rnn, weights = an_rnn(student, rng, d, hidden)
        x, h_0 = rng.standard_normal((n, steps, d)), rng.standard_normal((n, hidden))
        check_close(rnn.forward(x, h_0), trusted.states(x, h_0, *weights), "h")


@pytest.mark.points(4)
@pytest.mark.hint("What is left in the object when a second sequence comes along?")
def test_forward_from_zeros(student, rng, check_close, trusted):
    """RNN: without h_0 every call starts from zeros, also after other calls and other sizes."""
    rnn, weights = an_rnn(student, rng, 3, 5)
    for n, steps in [(4, 6), (4, 6), (2, 3), (1, 1)]:
        x, h_0 = rng.standard_normal((n, steps, 3)), rng.standard_normal((n, 5))
        zeros = np.zeros((n, 5))
        check_close(rnn.forward(x), trusted.states(x, zeros, *weights), "h without h_0")
        check_close(rnn.forward(x, h_0), trusted.states(x, h_0, *weights), "h with h_0")
        check_close(rnn.forward(x), trusted.states(x, zeros, *weights), "h without h_0, again")


@pytest.mark.points(2)
@pytest.mark.hint("Which dtype have arrays that are made like the input?")
def test_integers(student, rng, check_close, trusted):
    """RNN: integer inputs and an integer h_0 work like any others."""
    rnn, weights = an_rnn(student, rng, 3, 4)
    x, h_0 = rng.integers(-2, 3, (2, 5, 3)), rng.integers(-2, 3, (2, 4))
    check_close(rnn.forward(x, h_0), trusted.states(x, h_0, *weights), "h of integers")
    grad_h = rng.standard_normal((2, 5, 4))
    grad_x = rnn.backward(grad_h)
    expected = trusted.through_time(grad_h, x.astype(float), h_0.astype(float), *weights)
    check_close(grad_x, expected[0], "gradient by x, for integers")
    check_close(rnn.grad_W_x, expected[2], "grad_W_x, for integers")


def sequences(rng):
    """Sizes and inputs for the gradient checks: x, h_0, and D, H."""
    for n, steps, d, hidden in [(3, 4, 2, 5), (1, 5, 4, 3), (2, 3, 4, 4)]:
        yield rng.standard_normal((n, steps, d)), rng.standard_normal((n, hidden)), d, hidden


@pytest.mark.points(4)
@pytest.mark.hint("On how many ways does an input reach the loss, and where do they meet?")
def test_gradient_of_x(student, rng, check_gradients, trusted):
    """RNN: backward returns the gradient by x, through all later states."""
    for x, h_0, d, hidden in sequences(rng):
        rnn, weights = an_rnn(student, rng, d, hidden)

        def reference(x, h_0, weights=weights):
            return trusted.states(x, h_0, *weights)

        check_gradients(rnn, x, h_0, reference=reference)


@pytest.mark.points(3)
@pytest.mark.hint("What have you in hand when the loop over the times has ended?")
def test_gradient_of_h_0(student, rng, check_gradient, check_close, trusted):
    """RNN: grad_h_0 is the gradient by the initial state, also when that was zeros."""
    for x, h_0, d, hidden in sequences(rng):
        rnn, weights = an_rnn(student, rng, d, hidden)
        upstream = rng.standard_normal((*x.shape[:2], hidden))
        rnn.forward(x, h_0)
        rnn.backward(upstream)
        check_gradient(
            rnn.grad_h_0,
            lambda h, x=x, weights=weights: trusted.states(x, h, *weights),
            h_0,
            "grad_h_0",
            upstream,
        )
        rnn.forward(x)
        rnn.backward(upstream)
        expected = trusted.through_time(upstream, x, np.zeros_like(h_0), *weights)[1]
        check_close(rnn.grad_h_0, expected, "grad_h_0 when no h_0 was given")


@pytest.mark.points(5)
@pytest.mark.hint("At how many times was the weight used, and with which state was W_h multiplied?")
def test_gradients_of_the_weights(student, rng, check_gradients, trusted):
    """RNN: grad_W_x, grad_W_h and grad_b add up all times and all sequences."""
    for x, h_0, d, hidden in sequences(rng):
        rnn, (W_x, W_h, b) = an_rnn(student, rng, d, hidden)

        def reference(x, h_0, W_x=W_x, W_h=W_h, b=b):
            return trusted.states(x, h_0, W_x, W_h, b)

        check_gradients(rnn, x, h_0, wrt=("W_x", "W_h", "b"), reference=reference)


NAMES = ("gradient by x", "grad_h_0", "grad_W_x", "grad_W_h", "grad_b")


def check_all(rnn, grad_x, expected, check_close, when):
    found = (grad_x, rnn.grad_h_0, rnn.grad_W_x, rnn.grad_W_h, rnn.grad_b)
    for actual, right, name in zip(found, expected, NAMES, strict=True):
        check_close(actual, right, f"{name}, {when}", rtol=1e-6)


@pytest.mark.points(3)
@pytest.mark.hint("How many steps does a gradient go back, and does yours ever stop on the way?")
def test_long_sequence(student, rng, check_close, trusted):
    """RNN: over fifty steps a gradient at the end reaches the very beginning."""
    rnn, (_, W_h, b) = an_rnn(student, rng, 3, 6)
    # An orthogonal W_h and small states: gradients neither vanish nor explode.
    W_x, W_h = 0.02 * rng.standard_normal((3, 6)), np.linalg.qr(W_h)[0]
    rnn.W_x, rnn.W_h, rnn.b = W_x, W_h, 0.0 * b
    x, h_0, grad_h = rng.standard_normal((2, 50, 3)), np.zeros((2, 6)), np.zeros((2, 50, 6))
    grad_h[:, -1] = rng.standard_normal((2, 6))
    rnn.forward(x)
    grad_x = rnn.backward(grad_h)
    expected = trusted.through_time(grad_h, x, h_0, W_x, W_h, 0.0 * b)
    check_all(rnn, grad_x, expected, check_close, "loss at the last of fifty steps")


@pytest.mark.points(4)
@pytest.mark.hint("What was in the gradients before, and to which forward does a backward belong?")
def test_second_use(student, rng, check_close, trusted):
    """RNN: each backward overwrites the gradients and belongs to the latest forward."""
    rnn, weights = an_rnn(student, rng, 3, 4)
    other, _ = an_rnn(student, rng, 3, 4)
    for n, steps in [(5, 4), (2, 7), (5, 1)]:
        x, h_0 = rng.standard_normal((n, steps, 3)), rng.standard_normal((n, 4))
        grad_h = rng.standard_normal((n, steps, 4))
        rnn.forward(rng.standard_normal((n, steps, 3)))
        rnn.forward(x, h_0)
        other.forward(rng.standard_normal((n, steps, 3)))
        expected = trusted.through_time(grad_h, x, h_0, *weights)
        check_all(rnn, rnn.backward(grad_h), expected, check_close, "second use")
    for name, weight in zip(("W_x", "W_h", "b"), weights, strict=True):
        check_close(getattr(rnn, name), weight, f"{name} after backward")


@pytest.mark.points(3)
@pytest.mark.hint("Whose arrays does your network remember, and into which does backward write?")
def test_arrays_of_the_caller(student, rng, check_close, trusted):
    """RNN: the caller's arrays stay unchanged, and may be reused between forward and backward."""
    rnn, weights = an_rnn(student, rng, 3, 4)
    x, h_0 = rng.standard_normal((2, 5, 3)), rng.standard_normal((2, 4))
    grad_h = rng.standard_normal((2, 5, 4))
    x_there, h_there, grad_there = (student.put(array) for array in (x, h_0, grad_h))
    check_close(rnn.forward(x_there, h_there), trusted.states(x, h_0, *weights), "h")
    check_close(student.fetch(x_there), x, "x after forward")
    check_close(student.fetch(h_there), h_0, "h_0 after forward")
    x_there.fill(0.5)
    h_there.fill(0.5)
    grad_x = rnn.backward(grad_there)
    check_close(student.fetch(grad_there), grad_h, "grad_h after backward")
    expected = trusted.through_time(grad_h, x, h_0, *weights)
    check_all(rnn, grad_x, expected, check_close, "x and h_0 changed after forward")
