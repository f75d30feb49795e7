"""An agent that student code has captured gains nothing by what it says."""

import math
import socket
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from autograder.core.assignment import Limits
from autograder.core.results import Outcome
from autograder.protocol.connection import CONTROL, WORKER, Connection, frame
from autograder.protocol.messages import Exited, Ready, Reply, Waited, encode
from autograder.suite.control import AgentControl
from autograder.suite.session import Session
from autograder.suite.verdict import SandboxLost, Verdict

LIMITS = Limits(test_seconds=0.2, submission_seconds=0.5)
EXITED = Exited(True, 0, 0, False, "")
LATE = frame(WORKER, encode(Reply(1, ())))


class Captured:
    """The end of the line at which an agent should be."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    def says(self, *words: Any) -> None:
        """Frames, or messages of an agent."""
        for word in words:
            told = word if isinstance(word, bytes) else frame(CONTROL, encode(word))
            self._socket.sendall(told)


@pytest.fixture
def line() -> Iterator[tuple[Connection, Captured]]:
    """An examiner's connection, and who is at the other end."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with ours, theirs:
        yield Connection(ours), Captured(theirs)


def changed(message: Any, **values: Any) -> bytes:
    """The message with values that an agent's own types would refuse."""
    return frame(CONTROL, msgspec.msgpack.encode(msgspec.structs.replace(message, **values)))


def test_one_late_answer_is_on_its_way_when_an_agent_is_told_to_kill(line: Any) -> None:
    connection, agent = line
    agent.says(LATE, EXITED)
    assert AgentControl(connection, 2**20).kill() == EXITED
    agent.says(Exited(False, 9, 0, False, "", 1.0), Exited(True, 0, 0, False, "", 0.5))
    assert AgentControl(connection, 2**20).kill().cpu_seconds == 1.5


@pytest.mark.parametrize("told", [LATE, frame(CONTROL, encode(Waited(0.0, 0.0)))])
@pytest.mark.parametrize("order", ["kill", "waited"])
def test_frames_without_end_hold_nobody(line: Any, order: str, told: bytes) -> None:
    connection, agent = line
    agent.says(*[told] * 100)
    control = AgentControl(connection, 2**20)
    if order == "waited" and told is not LATE:
        control.waited()
        order = "kill"
    with pytest.raises(Verdict) as ended:
        getattr(control, order)()
    assert ended.value.outcome is Outcome.PROTOCOL_VIOLATION
    with pytest.raises(Verdict):
        control.kill()


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        *(
            (AgentControl.waited, changed(Waited(0.0, 0.0), **{name: value}))
            for name in ("seconds", "cpu_seconds")
            for value in (math.nan, math.inf, -math.inf, -5.0, 1e300, "1", None)
        ),
        *(
            (AgentControl.kill, changed(EXITED, **{name: value}))
            for name, value in [
                *(("cpu_seconds", value) for value in (math.nan, math.inf, -5.0)),
                *(("signal", -1), ("signal", 2**63), ("exit_code", 10**6)),
                *(("violation", "x" * 10_000), ("out_of_memory", 1)),
            ]
        ),
        (AgentControl.kill, frame(CONTROL, b"\xc1")),
        (AgentControl.kill, frame(CONTROL, encode(Ready("1", ())))),
        (AgentControl.kill, b"\xff" * 5),
        (AgentControl.kill, bytes(5)),
    ],
)
def test_what_no_agent_says_is_the_submissions_doing(
    line: Any, ask: Callable[[AgentControl], Any], answer: bytes
) -> None:
    connection, agent = line
    agent.says(answer, *[LATE] * 2)
    control = AgentControl(connection, 2**20)
    with pytest.raises(Verdict, match="interfered with the grader") as ended:
        ask(control)
    assert ended.value.outcome is Outcome.PROTOCOL_VIOLATION


def test_before_any_student_code_it_is_our_own_fault(line: Any) -> None:
    connection, agent = line
    agent.says(frame(CONTROL, b"\xc1"))
    with pytest.raises(SandboxLost):
        AgentControl(connection, 2**20).ready()


def test_a_session_ends_every_test_of_a_captured_sandbox(line: Any) -> None:
    connection, agent = line
    session = Session(connection, LIMITS)
    agent.says(Ready("1", ()))
    session.deliver([("a.py", b"")], "a.py", [], limits_memory=True)
    agent.says(changed(Waited(0.0, 0.0), seconds=math.nan))
    for _ in range(3):
        with pytest.raises(Verdict, match="in the place of the sandbox's agent"):
            session.begin(0.2)
        ended = session.end()
        assert ended is None or ended.outcome is Outcome.PROTOCOL_VIOLATION
