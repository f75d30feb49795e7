"""q2, 8 points: one-hot labels and accuracy."""

import numpy as np
import pytest


def logits_with_ranks(rng, count, classes):
    """Logits (N, C), and for each row the classes from the largest logit to the smallest."""
    ranks = np.array([rng.permutation(classes) for _ in range(count)])
    logits = np.zeros((count, classes))
    heights = rng.uniform(-3.0, 3.0) - np.arange(classes)
    np.put_along_axis(logits, ranks, np.tile(heights, (count, 1)), axis=1)
    return logits, ranks


@pytest.mark.points(3)
@pytest.mark.hint("From which number do classes count, and who says how many there are?")
def test_one_hot(student, rng, check_close):
    """one_hot: one row per label, one column per class, whatever occurs in the batch."""
    for count, classes in [(6, 4), (3, 8), (5, 5), (1, 3), (6, 4)]:
        labels = rng.integers(0, classes, count)
        expected = (labels[:, None] == np.arange(classes)).astype(float)
        check_close(student.one_hot(labels, classes), expected, "one-hot")
    labels = np.array([1, 0, 1, 2])
    expected = (labels[:, None] == np.arange(5)).astype(float)
    check_close(student.one_hot(labels, 5), expected, "one-hot where the last classes do not occur")


@pytest.mark.points(1)
@pytest.mark.hint("Which of your statements writes into the labels, or relies on their dtype?")
def test_one_hot_labels(student, rng, check_close):
    """one_hot: leaves the labels as they are, whatever integers they are."""
    for dtype in (np.int64, np.int32, np.uint8):
        labels = rng.integers(0, 4, 7).astype(dtype)
        there = student.put(labels)
        expected = (labels[:, None] == np.arange(4)).astype(float)
        check_close(student.one_hot(there, 4), expected, "one-hot")
        check_close(student.fetch(there), labels, "the given labels afterwards")


@pytest.mark.points(3)
@pytest.mark.hint("For three objects and two classes: how many answers are compared with labels?")
def test_accuracy(student, rng, check_close):
    """accuracy: the share of objects whose largest logit is at the label."""
    for count, classes, right in [(8, 3, 5), (3, 7, 1), (4, 4, 3), (1, 3, 1), (5, 3, 0), (8, 3, 2)]:
        logits, ranks = logits_with_ranks(rng, count, classes)
        labels = np.where(np.arange(count) < right, ranks[:, 0], ranks[:, 1])
        logits_there, labels_there = student.put(logits), student.put(labels)
        share = student.accuracy(logits_there, labels_there)
        check_close(share, right / count, "accuracy")
        check_close(student.fetch(logits_there), logits, "the given logits afterwards")
        check_close(student.fetch(labels_there), labels, "the given labels afterwards")


@pytest.mark.points(1)
@pytest.mark.hint("What is the answer for a row with two equal largest logits?")
def test_accuracy_of_ties(student, rng, check_close):
    """accuracy: of several equal largest logits the first is the answer."""
    z = float(rng.standard_normal())
    logits = np.array([[z, z, z - 1], [z - 2, z, z], [z, z, z], [z, z - 1, z]])
    check_close(student.accuracy(logits, np.array([0, 2, 1, 0])), 0.5, "accuracy")
    check_close(student.accuracy(logits, np.array([0, 1, 0, 2])), 0.75, "accuracy")
