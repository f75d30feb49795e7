"""What the commands that grade do with results as they come."""

import os
import signal
import time
from collections.abc import Iterator

import pytest
import typer

from autograder.cli.grading import grading_progress
from autograder.core.results import Provenance, SubmissionResult


def result(student: str) -> SubmissionResult:
    return SubmissionResult(
        assignment="a", student=student, digest="d", provenance=Provenance(isolation="local")
    )


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

    before = signal.getsignal(number)
    seen = []
    with pytest.raises(typer.Exit) as end:
        for one in grading_progress(results(), 3, quiet=True):
            seen.append(one.student)
    assert (end.value.exit_code, seen) == (130, ["ada", "bo"])
    assert signal.getsignal(number) is before
