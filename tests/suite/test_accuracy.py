"""Accuracy is judged on held-out rows whose labels never leave the examiner."""

from collections.abc import Callable

import pytest

from autograder.core.results import Outcome, TestResult
from autograder.suite.job import Examination

Examine = Callable[..., Examination]

TESTS = """
@pytest.mark.points(1)
def test_it(student, rng, check_accuracy):
    inputs = np.arange(400.0).reshape(400, 1)
    labels = (inputs[:, 0] % 2).astype(np.int64)
    check_accuracy(lambda rows, run: student.predict(rows, run), inputs, labels, 0.9)
"""


def only(examination: Examination) -> TestResult:
    assert not examination.suite_fault, examination.suite_fault
    (result,) = examination.tests
    return result


@pytest.mark.parametrize(
    ("answer", "outcome", "said"),
    [
        ("x[:, 0].astype(int) % 2", "passed", "accuracy 1.0000 (400 of 400"),
        ("np.zeros(len(x), int)", "failed", "Accuracy 0.5000 (200 of 400"),
        ("np.arange(len(x)) % 2", "failed", "threshold 0.9"),
        ("np.zeros((len(x), 1), int)", "failed", "shape (400, 1), expected (400,)"),
        ("np.zeros(len(x))", "failed", "dtype"),
        ("(x[:, 0].astype(int) + (x[:, 0] % 11 == 0)) % 2", "passed", "95 % bounds"),
    ],
)
def test_predictions_decide_whatever_their_order(
    examine: Examine, answer: str, outcome: str, said: str
) -> None:
    """Rows come shuffled: who answers by position is right half of the time."""
    result = only(examine(TESTS, f"def predict(x, run): return {answer}"))
    assert result.outcome == Outcome(outcome), result.message
    assert said in result.message


def test_an_open_verdict_is_decided_by_more_runs_and_says_so(examine: Examine) -> None:
    """91 % on 400 rows tells nothing about 90 %; after three runs the estimate counts."""
    submission = "def predict(x, run): return (x[:, 0] + (x[:, 0] % 11 == 1)).astype(int) % 2"
    result = only(examine(TESTS, submission))
    assert result.outcome is Outcome.PASSED
    assert "after 3 runs" in result.message
    assert "of 1200" in result.message
