"""q4, 11 points: mean squared error and half a sum of squares."""

import numpy as np
import pytest

SHAPES = [(5, 3), (6,), (4, 1), (1, 4), (2, 3, 4), (5, 3)]


def mse(prediction, target):
    return float(np.square(prediction - target).mean())


def half_sse(prediction, target):
    return 0.5 * float(np.square(prediction - target).sum())


@pytest.mark.points(2)
@pytest.mark.hint("How many elements are there, and is the shape of the difference what you think?")
def test_mse(student, rng, check_close):
    """mse: the mean over all elements, for arrays of any shape."""
    for shape in SHAPES:
        a, y = rng.standard_normal(shape), rng.standard_normal(shape)
        check_close(student.mse(a, y), mse(a, y), "MSE")


@pytest.mark.points(3)
@pytest.mark.hint("Differentiate the mean as it is written: which constants survive?")
def test_mse_gradient(student, rng, check_gradient):
    """mse_gradient: the gradient of the mean by the prediction."""
    for shape in SHAPES:
        a, y = rng.standard_normal(shape), rng.standard_normal(shape)
        actual = student.mse_gradient(a, y)
        check_gradient(actual, lambda a, y=y: mse(a, y), a, "gradient of MSE")


@pytest.mark.points(2)
@pytest.mark.hint("Half of what, and divided by what else?")
def test_half_sse(student, rng, check_close):
    """half_sse: half the sum over all elements, for arrays of any shape."""
    for shape in SHAPES:
        a, y = rng.standard_normal(shape), rng.standard_normal(shape)
        check_close(student.half_sse(a, y), half_sse(a, y), "half the SSE")


@pytest.mark.points(2)
@pytest.mark.hint("What is the derivative of ½ (a − y)² by a?")
def test_half_sse_gradient(student, rng, check_gradient):
    """half_sse_gradient: the gradient of half the sum by the prediction."""
    for shape in SHAPES:
        a, y = rng.standard_normal(shape), rng.standard_normal(shape)
        actual = student.half_sse_gradient(a, y)
        check_gradient(actual, lambda a, y=y: half_sse(a, y), a, "gradient of half the SSE")


@pytest.mark.points(1)
@pytest.mark.hint("Which of your statements writes into an array that came from the caller?")
def test_arrays_of_the_caller(student, rng, check_close):
    """MSE and half the SSE: the given arrays stay as they are."""
    a, y = rng.standard_normal((4, 3)), rng.standard_normal((4, 3))
    a_there, y_there = student.put(a), student.put(y)
    check_close(student.mse(a_there, y_there), mse(a, y), "MSE")
    gradient = student.mse_gradient(a_there, y_there)
    check_close(gradient, 2.0 * (a - y) / a.size, "gradient of MSE")
    check_close(student.half_sse(a_there, y_there), half_sse(a, y), "half the SSE")
    check_close(student.half_sse_gradient(a_there, y_there), a - y, "gradient of half the SSE")
    check_close(student.fetch(a_there), a, "the given prediction afterwards")
    check_close(student.fetch(y_there), y, "the given target afterwards")


@pytest.mark.points(1)
@pytest.mark.hint("What is the dtype of a difference of integers, and of a gradient by agreement?")
def test_integers(student, rng, check_close):
    """MSE and half the SSE: integers make a float64 loss and a float64 gradient."""
    a, y = rng.integers(-9, 10, (3, 5)), rng.integers(-9, 10, (3, 5))
    a[0, 0], y[0, 0] = 5, 2
    check_close(student.mse(a, y), mse(a, y), "MSE")
    check_close(student.mse_gradient(a, y), 2.0 * (a - y) / a.size, "gradient of MSE")
    check_close(student.half_sse(a, y), half_sse(a, y), "half the SSE")
    gradient = student.half_sse_gradient(a, y)
    check_close(gradient, (a - y).astype(float), "gradient of half the SSE")
