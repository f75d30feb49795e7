"""Judges a model by its predictions on held-out data whose labels stay with the examiner."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.core.accuracy import AccuracyVerdict, judge
from autograder.core.comparison import check_form
from autograder.core.results import Outcome
from autograder.suite.verdict import Verdict

RUNS = 3
"""Training runs while the confidence bounds do not decide."""

Predict = Callable[[NDArray[Any], int], Any]


class AccuracyCheck:
    """The fixture `check_accuracy`."""

    def __init__(self, rng: np.random.Generator, note: Callable[[str], None]) -> None:
        self._rng = rng
        self._note = note

    def __call__(
        self,
        predict: Predict,
        inputs: NDArray[Any],
        labels: NDArray[np.integer[Any]],
        threshold: float,
        what: str = "accuracy",
    ) -> AccuracyVerdict:
        """End the test as failed unless the model reaches the threshold on held-out data.

        `predict(inputs, run)` trains for run 0, 1, … and returns a label for each row of `inputs`:
        an integer array of shape (N,). The rows come in another order each time, so that their
        position tells nothing. Runs are repeated while the 95 % bounds over all of them lie on
        both sides of the threshold; after the last one the estimate decides, and the result's note
        says so.
        """
        correct = total = 0
        for run in range(RUNS):
            order = self._rng.permutation(len(labels))
            predicted = predict(inputs[order], run)
            mismatch = check_form(predicted, labels[order], "the predicted labels")
            if mismatch is not None:
                raise Verdict(Outcome.FAILED, mismatch.message)
            correct += int((predicted == labels[order]).sum())
            total += len(labels)
            verdict = judge(correct, total, threshold)
            if verdict.decision != "open":
                break
        told = verdict.describe(what)
        if verdict.decision == "open":
            told += f"; the bounds left it open after {RUNS} runs, so the estimate decided"
        if verdict.decision == "missed" or verdict.estimate < threshold:
            raise Verdict(Outcome.FAILED, f"{told[0].upper()}{told[1:]}.")
        self._note(told)
        return verdict
