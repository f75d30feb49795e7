"""Every hostile submission ends as it must, gains nothing, learns nothing, harms nobody."""

from typing import Any

import pytest

from autograder.core.results import Outcome

pytestmark = [pytest.mark.docker, pytest.mark.slow]

HIDDEN = ("CANARY", "7f3a9", "31337", "12345", "/work", "/home", "/tmp", ".py", "Traceback")
"""Text and inputs of the hidden suite, and places on our machine."""


def test_an_attack_ends_as_it_must_and_gains_nothing(row: Any, graded: Any) -> None:
    result = graded.attacks[row.id]
    assert result.fault == ""
    assert (result.outcome, result.earned) == (row.outcome, row.score), [
        (test.outcome.value, test.message, test.detail[-500:]) for test in result.tests
    ]
    assert result.points == 10


def test_an_attack_learns_nothing_of_the_hidden_suite(row: Any, graded: Any) -> None:
    result = graded.attacks[row.id]
    shown = [test.message for test in result.tests] + [result.rejection, *result.notes]
    for text in shown:
        own = text.replace("submission.py, line", "")  # the student's own file
        assert not any(word in own for word in HIDDEN), text


def test_the_next_submission_is_graded_as_if_the_attack_had_not_been(row: Any, graded: Any) -> None:
    result = graded.neighbours[row.id]
    assert (result.outcome, result.earned, result.retries) == (Outcome.PASSED, 10, 0)


def test_nothing_is_left_when_all_are_graded(graded: Any) -> None:
    assert (graded.containers, graded.processes) == (0, 0)
