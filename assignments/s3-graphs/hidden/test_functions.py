"""q5, 12 points: exp, log, ReLU and sigmoid, each on its own."""

import numpy as np
import pytest

SHAPES = [(), (5,), (3, 4)]


def sigmoid(z):
    """σ by way of tanh: another formula than the handout's."""
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def slope(z):
    """σ′ = 1 / (2 cosh(z / 2))², relatively precise for either sign."""
    return 0.25 / np.square(np.cosh(0.5 * z))


@pytest.mark.points(2)
@pytest.mark.hint("Which function is its own derivative, and at which point is it taken?")
def test_exp(check_operation, rng):
    """exp: value and gradient."""
    for shape in SHAPES:
        a = rng.standard_normal(shape)
        check_operation("exp", lambda a: a.exp(), np.exp, lambda g, a: [g * np.exp(a)], a)


@pytest.mark.points(2)
@pytest.mark.hint("One over what, the input or the output?")
def test_log(check_operation, rng):
    """log: value and gradient."""
    for shape in SHAPES:
        a = rng.uniform(0.1, 5.0, shape)
        check_operation("log", lambda a: a.log(), np.log, lambda g, a: [g / a], a)


@pytest.mark.points(2)
@pytest.mark.hint(
    "Whose sign decides, that of the input or that of the gradient? And at exactly 0?"
)
def test_relu(check_operation, rng):
    """ReLU: value and gradient, at 0 too."""
    for shape in SHAPES:
        a = rng.standard_normal(shape)
        for b in (a, -a, 0.0 * a):
            check_operation(
                "relu",
                lambda a: a.relu(),
                lambda a: np.maximum(a, 0.0) + 0.0,
                lambda g, a: [np.where(a > 0, g, 0.0)],
                b,
            )


@pytest.mark.points(2)
@pytest.mark.hint("σ′ is positive, symmetric, and 1/4 at 0. Is yours?")
def test_sigmoid(check_operation, rng):
    """Sigmoid: value and gradient."""
    for shape in SHAPES:
        a = 2.0 * rng.standard_normal(shape)
        for b in (a, -a, 0.0 * a):
            check_operation(
                "sigmoid", lambda a: a.sigmoid(), sigmoid, lambda g, a: [g * slope(a)], b
            )


@pytest.mark.points(2)
@pytest.mark.hint("Which intermediate result is infinite at −1000, and which one at 1000?")
def test_sigmoid_of_extremes(student, rng, check_close):
    """Sigmoid: value and gradient are right, and finite, at ±1000."""
    z = np.concatenate([[-1000.0, 1000.0, -710.0, 710.0], rng.uniform(-5, 5, 3)])
    g = rng.standard_normal(z.size)
    x = student.Node(z)
    y = x.sigmoid()
    check_close(y.data, sigmoid(z), "sigmoid")
    y.backward(g)
    check_close(x.grad, g * slope(np.clip(z, -700, 700)), "gradient of the sigmoid")


@pytest.mark.points(2)
@pytest.mark.hint("Which subtraction in σ′ throws digits away, and is there a formula without it?")
def test_saturated_sigmoid(student, rng, check_close):
    """Sigmoid: far from 0 the gradient is tiny, but not 0, and all its digits are right."""
    z = np.concatenate([rng.uniform(8, 30, 4), rng.uniform(30, 600, 4), [650.0]])
    z = np.concatenate([z, -z])
    g = rng.uniform(1.0, 2.0, z.size)
    x = student.Node(z)
    x.sigmoid().backward(g)
    check_close(x.grad, g * slope(z), "gradient of the sigmoid", rtol=1e-9, atol=0.0)
