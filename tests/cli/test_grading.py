"""What the commands that grade do with results as they come."""

import os
import signal
import time
from collections.abc import Iterator

import pytest

from autograder.cli.grading import grading_progress
from autograder.cli.interruption import check, interruptible
from autograder.core.results import Provenance, SubmissionResult


def result(student: str) -> SubmissionResult:
    return SubmissionResult(
        assignment="a", student=student, digest="d", provenance=Provenance(isolation="local")
    )


@pytest.fixture(autouse=True)
def handlers_as_before() -> Iterator[None]:
    """Of the process that runs the tests."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_that_python_drops_stops_the_batch_all_the_same(number: int) -> None:
    """As inside a destructor, where exceptions are ignored."""

    def results() -> Iterator[SubmissionResult]:
        yield result("ada")
        try:
            os.kill(os.getpid(), number)
            time.sleep(5)
        except KeyboardInterrupt:
            pass
        yield result("bo")
        yield result("cy")

    seen = []
    with interruptible() as signals, pytest.raises(KeyboardInterrupt):
        for one in grading_progress(results(), 3, quiet=True):
            seen.append(one.student)
    assert (seen, signals) == (["ada", "bo"], [number])


def test_a_second_interrupt_lets_the_cleaning_up_go_on() -> None:
    cleaned_up = False
    with interruptible(), pytest.raises(KeyboardInterrupt):
        try:
            os.kill(os.getpid(), signal.SIGINT)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            cleaned_up = True
    assert cleaned_up


def test_an_interrupt_inside_a_destructor_is_not_told_as_an_error(
    capfd: pytest.CaptureFixture[str],
) -> None:
    class Interrupted:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGINT)

    with interruptible() as signals:
        Interrupted()
        with pytest.raises(KeyboardInterrupt):
            check()
    assert signals == [signal.SIGINT]
    assert capfd.readouterr().err == ""
