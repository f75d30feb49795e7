"""q6, 12 points: the logistic loss of the margin, and a neuron that is trained with it."""

import numpy as np
import pytest


def loss(scores, y):
    return float(np.mean(np.logaddexp(0.0, -y * scores)))


def slope(scores, y):
    """The gradient of the loss by the scores, by way of tanh."""
    return -y * 0.5 * (1.0 - np.tanh(0.5 * y * scores)) / len(y)


def two_classes(rng, count):
    """Answers +1 and −1, both of them where there is more than one object."""
    return rng.permutation(np.where(np.arange(count) % 2, -1.0, 1.0))


EXTREMES = np.array([1000.0, 1000.0, -1000.0, -1000.0, 720.0, -720.0, 0.3, -0.2])
ANSWERS = np.array([1.0, -1.0, 1.0, -1.0, -1.0, 1.0, 1.0, 1.0])


@pytest.mark.points(2)
@pytest.mark.hint("Does the loss fall when the margin grows? Which labels is the formula for?")
def test_value(student, rng, check_close):
    """Logistic loss: the mean of ln(1 + exp(−margin))."""
    for count in (7, 2, 1, 7):
        scores, y = 2.0 * rng.standard_normal(count), two_classes(rng, count)
        check_close(student.logistic_loss(scores, y), loss(scores, y), "logistic loss")


@pytest.mark.points(2)
@pytest.mark.hint("An object with y = +1 wants a larger score: which sign has its derivative?")
def test_gradient(student, rng, check_gradient):
    """Logistic loss: the gradient by the scores."""
    for count in (7, 2, 1, 7):
        scores, y = 2.0 * rng.standard_normal(count), two_classes(rng, count)
        actual = student.logistic_loss_gradient(scores, y)
        check_gradient(actual, lambda s, y=y: loss(s, y), scores, "gradient by the scores")


@pytest.mark.points(2)
@pytest.mark.hint("Which exponential overflows at a margin of −1000, and can the loss do without?")
def test_large_margins(student, rng, check_close):
    """Logistic loss: right for scores of ±1000, with either answer."""
    order = rng.permutation(len(EXTREMES))
    scores, y = EXTREMES[order], ANSWERS[order]
    check_close(student.logistic_loss(scores, y), loss(scores, y), "logistic loss")


@pytest.mark.points(2)
@pytest.mark.hint("What is e^1000 / (1 + e^1000) in float64, and how else can it be written?")
def test_gradient_of_large_margins(student, rng, check_close):
    """Logistic loss: the gradient for scores of ±1000, with either answer."""
    order = rng.permutation(len(EXTREMES))
    scores, y = EXTREMES[order], ANSWERS[order]
    actual = student.logistic_loss_gradient(scores, y)
    check_close(actual, slope(scores, y), "gradient by the scores")


@pytest.mark.points(2)
@pytest.mark.hint("By how much does each score move when w₀ moves, and when one wᵢ does?")
def test_neuron(student, rng, check_close, check_gradient):
    """Neuron: the gradients of the mean loss by w₀ and by w."""
    for count, width in [(6, 3), (2, 5), (4, 4), (1, 2), (5, 1), (6, 3)]:
        x, y = rng.standard_normal((count, width)), two_classes(rng, count)
        w0, w = float(rng.standard_normal()), rng.standard_normal(width)
        grad_w0, grad_w = student.neuron_gradient(w0, w, x, y)
        check_close(grad_w0, float(slope(w0 + x @ w, y).sum()), "gradient by w0")
        check_gradient(grad_w, lambda w, x=x, y=y, w0=w0: loss(w0 + x @ w, y), w, "gradient by w")


@pytest.mark.points(1)
@pytest.mark.hint("How large may the margins of a neuron become, and what does σ make of them?")
def test_neuron_of_large_margins(student, rng, check_close):
    """Neuron: the gradients where the scores are near ±1000."""
    x, y, w0 = rng.standard_normal((8, 3)), ANSWERS, 0.5
    x[:, 0] = EXTREMES
    w = np.array([1.0, 0.1, -0.1])
    grad_w0, grad_w = student.neuron_gradient(w0, w, x, y)
    by_scores = slope(w0 + x @ w, y)
    check_close(grad_w0, float(by_scores.sum()), "gradient by w0")
    check_close(grad_w, np.einsum("n,nd->d", by_scores, x), "gradient by w")


@pytest.mark.points(1)
@pytest.mark.hint("Which of your statements writes into the caller's arrays or takes their dtype?")
def test_arrays_of_the_caller(student, rng, check_close):
    """Logistic loss and neuron: the given arrays stay as they are, and integers will do."""
    y = two_classes(rng, 6).astype(np.int64)
    for x in (rng.standard_normal((6, 2)), rng.integers(-2, 3, (6, 2))):
        w = np.array([1, 2]).astype(x.dtype)
        scores = x @ w
        arrays = (w, x, y, scores)
        there = [student.put(array) for array in arrays]
        w_there, x_there, y_there, scores_there = there
        check_close(student.logistic_loss(scores_there, y_there), loss(scores, y), "logistic loss")
        actual = student.logistic_loss_gradient(scores_there, y_there)
        check_close(actual, slope(scores, y), "gradient by the scores")
        grad_w0, grad_w = student.neuron_gradient(0.5, w_there, x_there, y_there)
        by_scores = slope(0.5 + scores, y)
        check_close(grad_w0, float(by_scores.sum()), "gradient by w0")
        check_close(grad_w, by_scores @ x, "gradient by w")
        for name, array, remote in zip(("w", "x", "y", "scores"), arrays, there, strict=True):
            check_close(student.fetch(remote), array, f"the given {name} afterwards")
