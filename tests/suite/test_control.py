"""An agent that student code has captured gains nothing by what it says."""

import os
import socket
import threading
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from autograder.core.assignment import Limits
from autograder.core.results import Outcome
from autograder.protocol.connection import Connection, frame
from autograder.protocol.messages import Exited, Ready, encode
from autograder.suite.control import AgentControl
from autograder.suite.session import Session
from autograder.suite.usage import Usage
from autograder.suite.verdict import SandboxLost, Verdict

LIMITS = Limits(test_seconds=0.2, submission_seconds=0.5)
EXITED = Exited(True, 0)
EARLIER = Exited(False, 9)


class Captured:
    """The end of the line at which an agent should be."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock

    def says(self, *words: Any) -> None:
        """Frames, or messages of an agent."""
        for word in words:
            self.socket.sendall(word if isinstance(word, bytes) else frame(encode(word)))


@pytest.fixture
def line() -> Iterator[tuple[Connection, Captured]]:
    """An examiner's connection, and who is at the other end."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with ours, theirs:
        yield Connection(ours), Captured(theirs)


def changed(message: Any, **values: Any) -> bytes:
    """The message with values that an agent's own types would refuse."""
    return frame(msgspec.msgpack.encode(msgspec.structs.replace(message, **values)))


def test_that_a_worker_has_ended_may_be_said_just_before_it_is_killed(line: Any) -> None:
    connection, agent = line
    agent.says(EARLIER, EXITED)
    assert AgentControl(connection).kill() == EARLIER


def test_words_without_end_hold_nobody(line: Any) -> None:
    connection, agent = line
    agent.says(*[EARLIER] * 100)
    control = AgentControl(connection)
    for _ in range(2):
        with pytest.raises(Verdict) as ended:
            control.kill()
        assert ended.value.outcome is Outcome.PROTOCOL_VIOLATION


@pytest.mark.parametrize(
    "answer",
    [
        changed(EXITED, signal=-1),
        changed(EXITED, signal=2**63),
        changed(EXITED, signal=float("nan")),
        changed(EXITED, fault="x" * 10_000),
        changed(EXITED, asked=None),
        frame(b"\xc1"),
        frame(encode(Ready("1", ()))),
        b"\xff" * 4,
        bytes(4),
    ],
)
def test_what_no_agent_says_is_the_submissions_doing(line: Any, answer: bytes) -> None:
    connection, agent = line
    agent.says(answer)
    with pytest.raises(Verdict, match="interfered with the grader") as ended:
        AgentControl(connection).kill()
    assert ended.value.outcome is Outcome.PROTOCOL_VIOLATION


def test_before_any_student_code_it_is_our_own_fault(line: Any) -> None:
    connection, agent = line
    agent.says(frame(b"\xc1"))
    with pytest.raises(SandboxLost):
        AgentControl(connection).ready()


def test_a_worker_that_was_never_confined_is_our_own_fault(line: Any) -> None:
    connection, agent = line
    agent.says(Exited(False, 0, "a worker could not be kept in"))
    with pytest.raises(SandboxLost, match="could not be kept in"):
        AgentControl(connection).kill()


def test_a_session_ends_every_test_of_a_captured_sandbox(line: Any) -> None:
    connection, agent = line
    session = Session(connection, LIMITS, Usage(os.getpid()))
    agent.says(Ready("1", ()))
    session.deliver([("a.py", b"")], "a.py", [], limits_memory=True)
    agent.says(changed(EXITED, signal=999))
    for _ in range(3):
        with pytest.raises(Verdict, match="in the place of the sandbox's agent"):
            session.begin(0.2)
        ended = session.end()
        assert ended is None or ended.outcome is Outcome.PROTOCOL_VIOLATION


def test_an_agent_that_takes_nothing_holds_nobody_longer_than_it_may(
    line: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its silence is waited for, and then it is lost."""
    connection, agent = line
    monkeypatch.setattr("autograder.suite.control._AGENT_SECONDS", 1.0)
    drained = threading.Thread(target=lambda: agent.socket.recv(2**16))
    drained.start()
    with pytest.raises(SandboxLost, match="silent"):
        AgentControl(connection).kill()
    drained.join()
