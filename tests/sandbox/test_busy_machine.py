"""What a test waits for a processor is not taken from its time."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograder.core.assignment import Limits, Resources
from autograder.core.results import Outcome
from autograder.protocol.connection import Connection
from autograder.protocol.values import Handle
from autograder.sandbox.base import Launcher
from autograder.suite.remote import Student
from autograder.suite.session import Session
from autograder.suite.usage import Usage
from autograder.suite.verdict import Verdict

LIMITS = Limits(test_seconds=1.0)
SOURCE = b"""
import time

def compute(seconds):
    while time.process_time() < seconds:
        pass

def rest(seconds):
    time.sleep(seconds)
"""


@pytest.fixture
def test(launcher: Launcher) -> Iterator[Callable[[str, float], None]]:
    """`test(function, seconds)` calls the function in a worker of its own."""
    with launcher.start(LIMITS, Resources()) as sandbox:
        session = Session(Connection(sandbox.socket), LIMITS, Usage(sandbox.pid))
        session.deliver([("a.py", SOURCE)], "a.py", ["compute", "rest"], launcher.limits_memory)

        def call(function: str, seconds: float) -> None:
            session.begin(LIMITS.test_seconds)
            try:
                getattr(Student(session, Handle(0)), function)(seconds)
            finally:
                session.end()

        yield call


@pytest.fixture
def busy() -> Iterator[None]:
    """Two other processes for each core, which never rest."""
    others = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range(2 * (os.cpu_count() or 1))
    ]
    yield
    for other in others:
        other.kill()
        other.wait()


def test_a_busy_machine_takes_no_time_from_a_test(
    test: Callable[[str, float], None], busy: None
) -> None:
    """Half of the limit and more, computed on a third of a core, take longer than the limit."""
    test("compute", 0.6)


@pytest.mark.parametrize("function", ["compute", "rest"])
def test_what_takes_too_long_does_so_on_a_busy_machine(
    test: Callable[[str, float], None], busy: None, function: str
) -> None:
    with pytest.raises(Verdict, match="Stopped after 1 s") as ended:
        test(function, 60.0)
    assert ended.value.outcome is Outcome.TIMEOUT


@pytest.mark.promise("time")
def test_a_container_that_somebody_has_paused_loses_no_time(launcher: Launcher) -> None:
    """`docker pause`, for longer than the limit of the test."""
    with launcher.start(LIMITS, Resources()) as sandbox:
        container: Any = sandbox._container  # type: ignore[attr-defined]  # of a DockerSandbox
        session = Session(Connection(sandbox.socket), LIMITS, Usage(sandbox.pid))
        session.deliver([("a.py", SOURCE)], "a.py", ["rest"], launcher.limits_memory)
        session.begin(LIMITS.test_seconds)
        container.pause()
        threading.Timer(2 * LIMITS.test_seconds, container.unpause).start()
        Student(session, Handle(0)).rest(0.2)
        assert session.end() is None
