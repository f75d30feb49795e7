"""q2 and q3, 23 points: sigmoid, tanh and ReLU."""

import numpy as np
import pytest


def sigmoid(x):
    """σ by way of tanh: another formula than the handout's."""
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def relu(x):
    return np.where(x > 0, x, 0.0)


def away_from_zero(rng, shape):
    """Random normal numbers, none of them within 0.1 of the kink of ReLU."""
    x = rng.standard_normal(shape)
    return x + 0.1 * np.sign(x)


def check_reuse(student, kind, rng, check_close, forward, derivative):
    """Two layers of a kind in turn, two batches each, with arrays that the caller wants back."""
    layers = [kind(), kind()]
    for shapes in [[(4, 3), (2, 5)], [(3, 2), (4, 3)]]:
        upstream = []
        for layer, shape in zip(layers, shapes, strict=True):
            x, grad_output = away_from_zero(rng, shape), rng.standard_normal(shape)
            there = student.put(x)
            check_close(layer.forward(there), forward(x), "y")
            check_close(student.fetch(there), x, "x after forward")
            there.fill(0.25)
            upstream.append((layer, grad_output, derivative(x) * grad_output))
        for layer, grad_output, expected in upstream:
            there = student.put(grad_output)
            check_close(layer.backward(there), expected, "gradient by x")
            check_close(student.fetch(there), grad_output, "grad_output after backward")


@pytest.mark.points(3)
@pytest.mark.hint("σ′ is made of the output of the layer, and of what else?")
def test_sigmoid(student, rng, check_gradients):
    """Sigmoid: forward and gradient agree with the formula and with finite differences."""
    for shape in [(5, 4), (1, 6)]:
        check_gradients(student.Sigmoid(), 2.0 * rng.standard_normal(shape), reference=sigmoid)


@pytest.mark.points(2)
@pytest.mark.hint("Which intermediate result overflows, and which dtype do your arrays have?")
def test_sigmoid_of_extremes_and_integers(student, rng, check_close):
    """Sigmoid: right at ±1000 and for integers."""
    x = np.concatenate([rng.uniform(-3, 3, 4), [-1000.0, 1000.0, -710.0, 710.0]])[None, :]
    layer = student.Sigmoid()
    check_close(layer.forward(x), sigmoid(x), "y")
    slope = sigmoid(x) * (1.0 - sigmoid(x))
    check_close(layer.backward(np.full_like(x, 2.0)), 2.0 * slope, "gradient by x")
    integers = rng.integers(-4, 5, (3, 4))
    check_close(student.Sigmoid().forward(integers), sigmoid(integers), "y of integers")


@pytest.mark.points(2)
@pytest.mark.hint("What does the layer remember from forward, and does it share it with anybody?")
def test_sigmoid_reused(student, rng, check_close):
    """Sigmoid: a layer has its own memory, of the latest batch, and leaves the caller's arrays."""

    def slope(x):
        return sigmoid(x) * (1.0 - sigmoid(x))

    check_reuse(student, student.Sigmoid, rng, check_close, sigmoid, slope)


@pytest.mark.points(3)
@pytest.mark.hint("Write tanh′ in terms of the output, then check it at x = 0 and far from 0.")
def test_tanh(student, rng, check_gradients):
    """Tanh: forward and gradient agree with the formula and with finite differences."""
    for shape in [(4, 5), (1, 6)]:
        check_gradients(student.Tanh(), rng.standard_normal(shape), reference=np.tanh)


@pytest.mark.points(2)
@pytest.mark.hint("Which intermediate result overflows, and which dtype do your arrays have?")
def test_tanh_of_extremes_and_integers(student, rng, check_close):
    """Tanh: right at ±1000 and for integers."""
    x = np.concatenate([rng.uniform(-2, 2, 4), [-1000.0, 1000.0, -400.0, 400.0]])[None, :]
    layer = student.Tanh()
    check_close(layer.forward(x), np.tanh(x), "y")
    check_close(layer.backward(np.full_like(x, 3.0)), 3.0 / np.cosh(x.clip(-350, 350)) ** 2, "grad")
    integers = rng.integers(-3, 4, (3, 4))
    check_close(student.Tanh().forward(integers), np.tanh(integers), "y of integers")


@pytest.mark.points(2)
@pytest.mark.hint("What does the layer remember from forward, and does it share it with anybody?")
def test_tanh_reused(student, rng, check_close):
    """Tanh: a layer has its own memory, of the latest batch, and leaves the caller's arrays."""
    check_reuse(student, student.Tanh, rng, check_close, np.tanh, lambda x: 1.0 - np.tanh(x) ** 2)


@pytest.mark.points(2)
@pytest.mark.hint("Try your formula by hand on −2, 0, 3 and −∞.")
def test_relu_forward(student, rng, check_close):
    """ReLU: forward keeps positive numbers and turns all others, −∞ too, into 0."""
    x = away_from_zero(rng, (4, 6))
    x[0, 0], x[1, 1], x[2, 2], x[3, 3] = -np.inf, -1000.0, 1000.0, 0.0
    check_close(student.ReLU().forward(x), relu(x), "y")
    integers = rng.integers(-5, 6, (3, 4))
    check_close(student.ReLU().forward(integers), relu(integers), "y of integers")


@pytest.mark.points(3)
@pytest.mark.hint("Whose sign decides: that of the input, or that of the gradient coming back?")
def test_relu_gradient(student, rng, check_gradients):
    """ReLU: backward passes on the upstream gradient exactly where the input was positive."""
    for shape in [(5, 4), (1, 7)]:
        check_gradients(student.ReLU(), away_from_zero(rng, shape), reference=relu)


@pytest.mark.points(2)
@pytest.mark.hint("Which value has ReLU′(0) by agreement, and what does your comparison say of 0?")
def test_relu_at_zero(student, rng, check_close):
    """ReLU: the derivative at 0 is 0."""
    x, grad_output = away_from_zero(rng, (4, 5)), rng.standard_normal((4, 5))
    x[:, 2] = 0.0
    x[1, :] = 0.0
    layer = student.ReLU()
    check_close(layer.forward(x), relu(x), "y")
    check_close(layer.backward(grad_output), np.where(x > 0, grad_output, 0.0), "gradient by x")


@pytest.mark.points(2)
@pytest.mark.hint("In which array does your layer write, and which one does it look at later?")
def test_relu_reused(student, rng, check_close):
    """ReLU: a layer has its own memory, of the latest batch, and leaves the caller's arrays."""
    check_reuse(student, student.ReLU, rng, check_close, relu, lambda x: np.where(x > 0, 1.0, 0.0))
