"""q3, 20 points: softmax, log-softmax and their gradients under a random upstream gradient."""

import numpy as np
import pytest

SHAPES = [(5, 3), (2, 6), (4, 4), (1, 5), (5, 3)]


def log_softmax(z):
    return z - np.logaddexp.reduce(z, axis=1)[:, None]


def softmax(z):
    return np.exp(log_softmax(z))


def extreme_logits(rng):
    """Rows near 0 and ±1000, one far below all others, and one that is very sure."""
    z = rng.standard_normal((6, 4))
    z += np.array([0.0, 1000.0, -1000.0, -3000.0, 50.0, 0.0])[:, None]
    z[5] = [1000.0, 999.0, -1000.0, 0.0]
    return z


@pytest.mark.points(3)
@pytest.mark.hint("Over which axis does each object's distribution sum to 1?")
def test_softmax(student, rng, check_close):
    """softmax: each row becomes its own distribution, whatever the shape of the batch."""
    for shape in SHAPES:
        z = 2.0 * rng.standard_normal(shape)
        check_close(student.softmax(z), softmax(z), "softmax")


@pytest.mark.points(3)
@pytest.mark.hint("Which number may be subtracted from a row, and does one number suit all rows?")
def test_softmax_of_extremes(student, rng, check_close):
    """softmax: right for logits of ±1000 and for rows of very different size."""
    z = extreme_logits(rng)
    check_close(student.softmax(z), softmax(z), "softmax of large logits")


@pytest.mark.points(3)
@pytest.mark.hint("Which number is subtracted from the logits of a row, and is it the row's own?")
def test_log_softmax(student, rng, check_close):
    """log_softmax: each row becomes the natural logarithms of its own distribution."""
    for shape in SHAPES:
        z = 2.0 * rng.standard_normal(shape)
        check_close(student.log_softmax(z), log_softmax(z), "log-softmax")


@pytest.mark.points(3)
@pytest.mark.hint("What is ln p when p underflows to 0, and can the logarithm do without p?")
def test_log_softmax_of_extremes(student, rng, check_close):
    """log_softmax: exact for improbable classes, and for logits of ±1000."""
    z = np.array([[0.0, -12.0, -25.0, -35.0], [0.0, -300.0, -740.0, -800.0]])
    z += rng.standard_normal(z.shape)
    check_close(student.log_softmax(z), log_softmax(z), "log-softmax of improbable classes")
    z = extreme_logits(rng)
    check_close(student.log_softmax(z), log_softmax(z), "log-softmax of large logits")


@pytest.mark.points(3)
@pytest.mark.hint("On how many logits of its row does one probability depend?")
def test_softmax_gradient(student, rng, check_gradient):
    """softmax_gradient: the gradient by the logits under a random upstream gradient."""
    for shape in SHAPES:
        z, upstream = rng.standard_normal(shape), rng.standard_normal(shape)
        actual = student.softmax_gradient(z, upstream)
        check_gradient(actual, softmax, z, "gradient of softmax", upstream)


@pytest.mark.points(3)
@pytest.mark.hint("Every output contains the same logarithm of a sum: who gets its derivative?")
def test_log_softmax_gradient(student, rng, check_gradient):
    """log_softmax_gradient: the gradient by the logits under a random upstream gradient."""
    for shape in SHAPES:
        z, upstream = rng.standard_normal(shape), rng.standard_normal(shape)
        actual = student.log_softmax_gradient(z, upstream)
        check_gradient(actual, log_softmax, z, "gradient of log-softmax", upstream)


@pytest.mark.points(1)
@pytest.mark.hint("Do the gradients use your stable functions, or exponentials of their own?")
def test_gradients_at_extremes(student, rng, check_close):
    """Gradients of softmax and log-softmax: right for logits of ±1000."""
    z, g = extreme_logits(rng), rng.standard_normal((6, 4))
    p = softmax(z)
    expected = p * g - p * np.einsum("nc,nc->n", p, g)[:, None]
    check_close(student.softmax_gradient(z, g), expected, "gradient of softmax")
    expected = g - p * np.einsum("nc->n", g)[:, None]
    check_close(student.log_softmax_gradient(z, g), expected, "gradient of log-softmax")


@pytest.mark.points(1)
@pytest.mark.hint("Which of your statements writes into z or grad_output, and what is their dtype?")
def test_arrays_of_the_caller(student, rng, check_close):
    """Softmax and log-softmax: the given arrays stay as they are, and integers will do."""
    for z in (rng.standard_normal((3, 5)), rng.integers(-3, 4, (4, 3))):
        g = rng.integers(-3, 4, z.shape).astype(z.dtype)
        p = softmax(z.astype(float))
        by_softmax = p * (g - (g * p).sum(axis=1, keepdims=True))
        z_there, g_there = student.put(z), student.put(g)
        check_close(student.softmax(z_there), p, "softmax")
        check_close(student.log_softmax(z_there), np.log(p), "log-softmax")
        check_close(student.softmax_gradient(z_there, g_there), by_softmax, "gradient of softmax")
        by_log_softmax = g - p * g.sum(axis=1, keepdims=True)
        actual = student.log_softmax_gradient(z_there, g_there)
        check_close(actual, by_log_softmax, "gradient of log-softmax")
        check_close(student.fetch(z_there), z, "the given logits afterwards")
        check_close(student.fetch(g_there), g, "the given grad_output afterwards")
