"""q8, 10 points: Gaussian negative log-likelihood with a learned variance."""

import numpy as np
import pytest

SHAPES = [(7,), (5, 3), (1,), (2, 3, 2), (4, 1), (5, 3)]


def nll(prediction, target, v):
    """Summed over the single answers, each with its own density."""
    return float(
        np.sum(0.5 * (np.log(2.0 * np.pi) + v + np.square(target - prediction) / np.exp(v)))
    )


def by_variance(prediction, target, v):
    """The derivative of −ln L by v, summed over the single answers."""
    return float(np.sum(0.5 - 0.5 * np.square(prediction - target) / np.exp(v)))


def some_data(rng, shape):
    return rng.standard_normal(shape), rng.standard_normal(shape), float(rng.uniform(-1.5, 1.5))


@pytest.mark.points(3)
@pytest.mark.hint("Take the logarithm of one density by hand: which terms are there, which signs?")
def test_value(student, rng, check_close):
    """Gaussian NLL: minus the logarithm of the likelihood of all answers."""
    for shape in SHAPES:
        data = some_data(rng, shape)
        check_close(student.gaussian_nll(*data), nll(*data), "−ln L")


@pytest.mark.points(3)
@pytest.mark.hint("Which of the terms contain the prediction, and what stands in front of them?")
def test_gradient_of_the_prediction(student, rng, check_gradient):
    """Gaussian NLL: the gradient by the prediction."""
    for shape in SHAPES:
        a, y, v = some_data(rng, shape)
        gradient, _ = student.gaussian_nll_gradient(a, y, v)
        check_gradient(gradient, lambda a, y=y, v=v: nll(a, y, v), a, "gradient by the prediction")


@pytest.mark.points(2)
@pytest.mark.hint("The log-variance stands in two terms: what becomes of each, and of the 2?")
def test_derivative_of_the_log_variance(student, rng, check_close):
    """Gaussian NLL: the derivative by the log-variance."""
    for shape in SHAPES:
        data = some_data(rng, shape)
        _, derivative = student.gaussian_nll_gradient(*data)
        check_close(derivative, by_variance(*data), "derivative by the log-variance")


@pytest.mark.points(1)
@pytest.mark.hint("What is exp(800) in float64, and which form of the loss does without it?")
def test_large_log_variance(student, rng, check_close):
    """Gaussian NLL: loss and gradients at a log-variance of 800."""
    a, y = rng.standard_normal((3, 2)), rng.standard_normal((3, 2))
    check_close(student.gaussian_nll(a, y, 800.0), 3.0 * (np.log(2.0 * np.pi) + 800.0), "−ln L")
    by_prediction, derivative = student.gaussian_nll_gradient(a, y, 800.0)
    check_close(by_prediction, np.zeros((3, 2)), "gradient by the prediction")
    check_close(derivative, 3.0, "derivative by the log-variance")


@pytest.mark.points(1)
@pytest.mark.hint("Which of your statements writes into the caller's arrays or takes their dtype?")
def test_arrays_of_the_caller(student, rng, check_close):
    """Gaussian NLL: the given arrays stay as they are, and integers will do."""
    for a in (rng.standard_normal((3, 4)), rng.integers(-5, 6, (3, 4))):
        y = rng.integers(-5, 6, (3, 4)).astype(a.dtype)
        a_there, y_there = student.put(a), student.put(y)
        for v in (0.7, 0.0):
            check_close(student.gaussian_nll(a_there, y_there, v), nll(a, y, v), "−ln L")
            by_prediction, derivative = student.gaussian_nll_gradient(a_there, y_there, v)
            check_close(by_prediction, (a - y) / np.exp(v), "gradient by the prediction")
            check_close(derivative, by_variance(a, y, v), "derivative by the log-variance")
        check_close(student.fetch(a_there), a, "the given prediction afterwards")
        check_close(student.fetch(y_there), y, "the given target afterwards")
