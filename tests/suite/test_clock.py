"""A clock that gives back what the machine took."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from autograder.core.assignment import Limits
from autograder.suite.clock import Clock, longest

LIMITS = Limits(test_seconds=2.0, submission_seconds=5.0, submission_cpu_seconds=3.0)


@pytest.fixture
def clock() -> Clock:
    """With a test under way."""
    clock = Clock(LIMITS)
    clock.start(2.0)
    clock.renew()
    return clock


def test_the_test_or_the_submission_is_over_first(clock: Clock) -> None:
    clock.spend(1.5)
    assert clock.left == 0.5
    for _ in range(2):
        clock.start(2.0)
        clock.spend(1.5)
    clock.start(2.0)
    assert clock.left == 0.5
    clock.spend(0.75)
    assert (clock.left, clock.all_used) == (0.0, True)


def test_processor_time_is_counted_apart(clock: Clock) -> None:
    clock.compute(2.0)
    assert (clock.left, clock.all_computed) == (2.0, False)
    clock.compute(1.0)
    assert clock.all_computed


def test_a_wait_is_refunded_once(clock: Clock) -> None:
    clock.spend(2.0)
    assert clock.refund(1.5, 0.5)
    assert clock.left == 1.5
    clock.spend(1.5)
    assert not clock.refund(1.5, 1.0)
    assert clock.refund(2.0, 1.0)
    assert clock.left == 0.5


@pytest.mark.parametrize(("computed", "refunded"), [(2.0, 0.0), (1.5, 0.5), (0.0, 1.9)])
def test_what_the_students_own_processes_took_from_each_other_is_not(
    clock: Clock, computed: float, refunded: float
) -> None:
    clock.spend(2.0)
    assert clock.refund(1.9, computed) == (refunded > 0)
    assert clock.left == refunded


def test_two_cores_are_used_up_by_twice_the_work() -> None:
    clock = Clock(replace(LIMITS, cpus=2.0))
    clock.start(2.0)
    clock.spend(2.0)
    assert clock.refund(1.0, 2.0)
    assert clock.left == 1.0


def test_a_moments_wait_is_not_worth_going_on(clock: Clock) -> None:
    clock.spend(2.0)
    assert not clock.refund(0.09, 0.0)


def test_what_one_test_has_waited_is_given_back_to_the_next_ones() -> None:
    clock = Clock(LIMITS)
    for _ in range(4):
        clock.start(2.0)
        clock.renew()
        clock.spend(1.5)
        assert clock.refund(1.0, 0.5)
    clock.start(2.0)
    assert clock.left == 2.0


def test_who_is_graded_alone_may_wait_for_longer() -> None:
    clock = Clock(LIMITS, waits=8.0)
    clock.start(2.0)
    clock.spend(16.0)
    assert clock.refund(15.0, 1.0)
    assert clock.left == 1.0


@given(st.floats(-1.0, 1e9), st.floats(-1.0, 1e9))
def test_a_counter_that_runs_backwards_gives_nothing(waited: float, computed: float) -> None:
    clock = Clock(LIMITS)
    clock.start(2.0)
    clock.spend(1.0)
    clock.refund(waited, computed)
    clock.compute(min(computed, 0.0))
    assert 1.0 <= clock.left <= 2.0
    assert not clock.all_computed


@given(st.lists(st.floats(0, 100), max_size=40))
def test_whatever_is_said_to_have_waited_it_ends(waits: list[float]) -> None:
    """In all, three times the limit is the most."""
    clock, spent = Clock(LIMITS), 0.0
    for waited in waits:
        clock.start(2.0)
        clock.renew()
        of_test = 0.0
        for told in (waited, 2 * waited, 1000.0):
            of_test += clock.left
            clock.spend(clock.left)
            clock.refund(told, 0.0)
        of_test += clock.left
        clock.spend(clock.left)
        assert of_test <= 6.0 + 1e-9
        spent += of_test
    assert spent <= longest(LIMITS) + 1e-9 == 15.0 + 1e-9
