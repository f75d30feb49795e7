"""q10, 11 points: train on digits, judged on digits that never enter the sandbox with labels."""

import numpy as np
import pytest

from autograder.suite import fail, integers
from autograder.suite.data import digits

FOLDS = 4
THRESHOLD = 0.95


def disguised(rng):
    """All digits as rows, pixels and labels renamed, each image a bit brighter or darker, noisy."""
    images, labels = digits()
    rows = images.reshape(len(images), -1)[:, rng.permutation(64)]
    rows = rows * rng.uniform(0.9, 1.1, (len(rows), 1)) * rng.uniform(0.9, 1.1, rows.shape)
    return rows, rng.permutation(10)[labels]


def labels_of(student, model, rows):
    """The student's labels for rows of pixels."""
    return integers(student.predict(model, rows), (len(rows),), "the predicted labels")


def mixtures(rng, rows):
    """Images between two digits: any change of a model changes some of their labels."""
    return (rows + rows[rng.permutation(len(rows))]) / 2


@pytest.mark.training
@pytest.mark.points(6)
@pytest.mark.limit(seconds=240)
@pytest.mark.hint("Is the loss falling on both parts? Compare training and validation accuracy.")
def test_accuracy(student, rng, check_accuracy):
    """Digits: at least 0.95 of those that were not trained on are read right."""
    rows, labels = disguised(rng)

    def predict(numbers, run):
        """Each part of the digits in turn is asked of a model that has seen the other parts."""
        answers = np.zeros(len(numbers), dtype=int)
        for i, part in enumerate(np.array_split(numbers, FOLDS)):
            others = np.setdiff1d(numbers, part)
            rng.shuffle(others)
            model = student.train(rows[others], labels[others], 10 * run + i)
            answers[np.isin(numbers, part)] = labels_of(student, model, rows[part])
        return answers

    check_accuracy(predict, np.arange(len(rows)), labels, THRESHOLD)


@pytest.mark.training
@pytest.mark.points(3)
@pytest.mark.limit(seconds=60)
@pytest.mark.hint("Which of your layers look at the whole batch, and in which mode is the network?")
def test_one_by_one(student, rng, check_close):
    """Digits: an image gets the same label alone, in a crowd, and when asked again."""
    rows, labels = disguised(rng)
    model = student.train(rows[:1350], labels[:1350], 5)
    unseen = mixtures(rng, rows[1350:])
    right = np.mean(labels_of(student, model, rows[1350:]) == labels[1350:])
    if not right > 0.8:
        fail(f"only {right:.2f} of the digits are read right")
    answers = labels_of(student, model, unseen)
    check_close(student.predict(model, unseen), answers, "the labels when asked again")
    check_close(student.predict(model, unseen[::-1]), answers[::-1], "the labels in reverse order")
    for i in range(20):
        check_close(student.predict(model, unseen[i : i + 1]), answers[i : i + 1], "the label")
    bright = np.concatenate([unseen, np.full((400, 64), 3.0)])
    check_close(student.predict(model, bright)[: len(unseen)], answers, "the labels in a crowd")


@pytest.mark.training
@pytest.mark.points(2)
@pytest.mark.limit(seconds=120)
@pytest.mark.hint("Where does all randomness of train come from, and where does its result live?")
def test_seeds_and_models(student, rng, check_close):
    """Digits: equal seeds give equal models, models live apart, the data stay as they are."""
    rows, labels = disguised(rng)
    rows, unseen, labels = rows[:1350], mixtures(rng, rows[1350:]), labels[:1350]
    rows_there, labels_there = student.put(rows), student.put(labels)
    model = student.train(rows_there, labels_there, 7)
    if not np.mean(labels_of(student, model, rows) == labels) > 0.8:
        fail("less than 0.8 of the training digits are read right")
    answers = labels_of(student, model, unseen)
    check_close(student.fetch(rows_there), rows, "images after train")
    check_close(student.fetch(labels_there), labels, "labels after train")
    student.train(rows, (labels + 1) % 10, 7)
    check_close(student.predict(model, unseen), answers, "the labels, with another model trained")
    again = student.train(rows, labels, 7)
    check_close(student.predict(again, unseen), answers, "the labels by a model of the same seed")
