"""Every hostile submission ends as it must, gains nothing, and harms nobody."""

from typing import Any

import psutil
import pytest

from autograder.core.results import Outcome

MOST = 300 * 2**20
"""Bytes that the process of one examination may hold at a time."""

pytestmark = [pytest.mark.docker, pytest.mark.slow]


def test_an_attack_ends_as_it_must(row: Any, graded: Any) -> None:
    result = graded[row.id].result
    assert result.fault == ""
    assert (result.outcome, result.earned) == (row.outcome, row.score), [
        (test.outcome.value, test.message, test.detail[-500:]) for test in result.tests
    ]


def test_an_attack_earns_no_more_than_what_it_computes(row: Any, graded: Any) -> None:
    """A test that crashed stays in the denominator."""
    result, neighbour = graded[row.id].result, graded[row.id].neighbour
    assert result.points == neighbour.points
    assert result.earned <= {"honest": neighbour.earned, "wrong": 0.0}[row.base]


def test_an_attack_leaves_examiner_container_and_host_as_they_were(row: Any, graded: Any) -> None:
    assert graded[row.id].harm == ()


def test_the_next_submission_is_graded_as_if_the_attack_had_not_been(row: Any, graded: Any) -> None:
    result = graded[row.id].neighbour
    everything = {"suite": 10, "weak": 9}[row.suite]
    assert (result.outcome, result.earned, result.retries) == (Outcome.PASSED, everything, 0)


def test_an_attack_takes_no_more_memory_to_examine_than_anybody_may(row: Any, graded: Any) -> None:
    assert graded[row.id].memory <= MOST


def test_nothing_is_left_when_all_are_graded(graded: Any, containers: Any) -> None:
    assert graded
    assert containers() == 0
    servers = [p for p in psutil.Process().children() if "autograder.suite.server" in p.cmdline()]
    assert servers == []
