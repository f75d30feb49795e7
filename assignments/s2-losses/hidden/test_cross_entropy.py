"""q5, 13 points: cross-entropy from logits."""

import numpy as np
import pytest

SIZES = [(6, 3), (2, 5), (4, 4), (1, 3), (6, 3)]


def log_softmax(z):
    return z - np.logaddexp.reduce(z, axis=1)[:, None]


def cross_entropy(logits, labels):
    return float(-np.mean(log_softmax(logits)[np.arange(len(labels)), labels]))


def gradient(logits, labels):
    truth = labels[:, None] == np.arange(logits.shape[1])
    return (np.exp(log_softmax(logits)) - truth) / len(labels)


@pytest.mark.points(3)
@pytest.mark.hint("Work out the loss of two objects with pen and paper. What do you divide by?")
def test_value(student, rng, check_close):
    """Cross-entropy from logits: the mean of −ln p of the true classes."""
    for count, classes in SIZES:
        logits, labels = (
            2.0 * rng.standard_normal((count, classes)),
            rng.integers(0, classes, count),
        )
        actual = student.cross_entropy_from_logits(logits, labels)
        check_close(actual, cross_entropy(logits, labels), "cross-entropy")


@pytest.mark.points(4)
@pytest.mark.hint(
    "Differentiate −ln p by the true logit and by another one. What comes of the mean?"
)
def test_gradient(student, rng, check_gradient):
    """Cross-entropy from logits: the gradient by the logits."""
    for count, classes in SIZES:
        logits, labels = rng.standard_normal((count, classes)), rng.integers(0, classes, count)
        student.cross_entropy_from_logits(logits[::-1] - 0.5 * logits, labels)
        actual = student.cross_entropy_from_logits_gradient(logits, labels)
        check_gradient(actual, lambda z, k=labels: cross_entropy(z, k), logits, "gradient")


@pytest.mark.points(2)
@pytest.mark.hint("What is ln p when p underflows to 0, and can the loss do without p?")
def test_sure_and_wrong(student, rng, check_close):
    """Cross-entropy from logits: exact for sure answers, and for logits of ±1000."""
    logits = rng.standard_normal((6, 4))
    logits[1] += 1000.0
    logits[2] = [1000.0, 0.0, -1000.0, 3.0]
    logits[3] = [0.0, 800.0, 1.0, -5.0]
    logits[4] -= 2000.0
    labels = np.array([3, 1, 2, 1, 0, 2])
    actual = student.cross_entropy_from_logits(logits, labels)
    check_close(actual, cross_entropy(logits, labels), "cross-entropy")


@pytest.mark.points(1)
@pytest.mark.hint("Is anything added to the probability, or clipped, before its logarithm?")
def test_improbable(student, rng, check_close):
    """Cross-entropy from logits: exact for classes with a probability of 1e-4 to 1e-35."""
    for height in (10.0, 20.0, 35.0, 80.0):
        logits = rng.standard_normal((3, 4)) - height
        logits[:, 1] = 0.0
        labels = np.array([0, 2, 3])
        actual = student.cross_entropy_from_logits(logits, labels)
        check_close(actual, cross_entropy(logits, labels), "cross-entropy")


@pytest.mark.points(1)
@pytest.mark.hint("Which exponentials does the gradient take, and how large may they become?")
def test_gradient_of_sure_answers(student, rng, check_close):
    """Cross-entropy from logits: the gradient for logits of ±1000, right and wrong."""
    logits = rng.standard_normal((4, 3))
    logits[1] += 1000.0
    logits[2] = [1000.0, 0.0, -1000.0]
    logits[3] -= 2000.0
    labels = np.array([1, 0, 2, 2])
    actual = student.cross_entropy_from_logits_gradient(logits, labels)
    check_close(actual, gradient(logits, labels), "gradient")


@pytest.mark.points(1)
@pytest.mark.hint("How many columns has the truth if the last class does not occur in the batch?")
def test_absent_classes(student, rng, check_close):
    """Cross-entropy from logits: the batch need not contain every class."""
    logits, labels = rng.standard_normal((5, 6)), np.array([1, 0, 3, 1, 0])
    actual = student.cross_entropy_from_logits(logits, labels)
    check_close(actual, cross_entropy(logits, labels), "cross-entropy")
    actual = student.cross_entropy_from_logits_gradient(logits, labels)
    check_close(actual, gradient(logits, labels), "gradient")


@pytest.mark.points(1)
@pytest.mark.hint("What do your functions write into, and what does the next call find there?")
def test_arrays_of_the_caller(student, rng, check_close):
    """Cross-entropy from logits: the given arrays stay as they are, and integers will do."""
    for logits in (rng.standard_normal((5, 3)), rng.integers(-4, 5, (4, 3))):
        labels = rng.integers(0, 3, len(logits)).astype(np.int32)
        logits_there, labels_there = student.put(logits), student.put(labels)
        floats = logits.astype(float)
        for _ in range(2):
            actual = student.cross_entropy_from_logits_gradient(logits_there, labels_there)
            check_close(actual, gradient(floats, labels), "gradient")
            actual = student.cross_entropy_from_logits(logits_there, labels_there)
            check_close(actual, cross_entropy(floats, labels), "cross-entropy")
        check_close(student.fetch(logits_there), logits, "the given logits afterwards")
        check_close(student.fetch(labels_there), labels, "the given labels afterwards")
