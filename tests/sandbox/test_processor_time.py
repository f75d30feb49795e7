"""Processor time is counted over all processes of a test, and over all tests of a submission."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from autograder.core.assignment import Limits, Resources
from autograder.core.results import Outcome
from autograder.protocol.connection import Connection
from autograder.protocol.values import Handle
from autograder.sandbox.base import Launcher
from autograder.suite.remote import Student
from autograder.suite.session import Session
from autograder.suite.usage import Usage
from autograder.suite.verdict import Verdict

LIMITS = Limits(test_seconds=20.0, test_cpu_seconds=0.6, submission_cpu_seconds=1.5)
SOURCE = b"""
import os, signal, time

def compute(seconds):
    while time.process_time() < seconds:
        pass

def compute_in_children(seconds):
    for _ in range(2):
        if os.fork() == 0:
            start = time.process_time()
            while time.process_time() < start + seconds / 2:
                pass
            os._exit(0)
    try:
        while os.wait():
            pass
    except ChildProcessError:
        pass

def compute_in_children_whom_nobody_waits_for(seconds):
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    compute_in_children(seconds)

def rest(seconds):
    time.sleep(seconds)
"""

ROOTS = ["compute", "compute_in_children", "compute_in_children_whom_nobody_waits_for", "rest"]

Test = Callable[[str, float], Verdict | None]


@pytest.fixture
def test(launcher: Launcher) -> Iterator[Test]:
    """`test(function, seconds)`: how a test ends that calls the function."""
    with launcher.start(LIMITS, Resources()) as sandbox:
        session = Session(Connection(sandbox.socket), LIMITS, Usage(sandbox.pid))
        session.deliver([("a.py", SOURCE)], "a.py", ROOTS, launcher.limits_memory)

        def call(function: str, seconds: float) -> Verdict | None:
            try:
                session.begin(LIMITS.test_seconds)
                getattr(Student(session, Handle(0)), function)(seconds)
            except Verdict as verdict:
                return session.end() or verdict
            return session.end()

        yield call


@pytest.mark.parametrize("function", ["compute", "compute_in_children"])
def test_a_test_that_computes_for_too_long_is_told_so(test: Test, function: str) -> None:
    verdict = test(function, 1.0)
    assert verdict is not None and verdict.outcome is Outcome.TIMEOUT
    assert "more than 0.6 s, all its processes taken together" in verdict.message


@pytest.mark.promise("time")
def test_whoever_has_the_kernel_forget_its_children_computes_no_longer(test: Test) -> None:
    verdict = test("compute_in_children_whom_nobody_waits_for", 1.0)
    assert verdict is not None and verdict.outcome is Outcome.TIMEOUT


def test_the_tests_share_the_submissions_processor_time(test: Test) -> None:
    """Waiting costs none; whoever has used everything up is not started again."""
    assert test("rest", 1.0) is None
    assert test("compute", 0.2) is None
    for _ in range(2):
        test("compute", 0.9)
    verdict = test("rest", 0.0)
    assert verdict is not None and verdict.outcome is Outcome.TIMEOUT
    assert "The 1.5 s of processor time for the whole submission" in verdict.message


def test_without_such_a_limit_only_the_clock_counts(launcher: Launcher) -> None:
    limits: Any = replace(LIMITS, test_cpu_seconds=None, submission_cpu_seconds=None)
    with launcher.start(limits, Resources()) as sandbox:
        session = Session(Connection(sandbox.socket), limits, Usage(sandbox.pid))
        session.deliver([("a.py", SOURCE)], "a.py", ["compute"], launcher.limits_memory)
        session.begin(limits.test_seconds)
        Student(session, Handle(0)).compute(1.0)
        assert session.end() is None
