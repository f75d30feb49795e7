"""The examiner's end of the connection, whatever the other end sends."""

import contextlib
import os
import secrets
import socket
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.core.assignment import Limits
from autograder.core.results import Outcome
from autograder.protocol.codec import Malformed, Packer, Unpacker
from autograder.protocol.connection import Closed, Connection, frame
from autograder.protocol.messages import Exited, Frame, Raised, Reply, encode
from autograder.protocol.operations import Fetch
from autograder.protocol.values import Handle
from autograder.suite.line import WorkerLine
from autograder.suite.session import Session
from autograder.suite.usage import Usage
from autograder.suite.verdict import SandboxLost, Verdict

LIMITS = Limits(test_seconds=5.0, reply_mb=1)
NONCE = 77


def answer_frames() -> list[bytes]:
    """Well-formed answers of every kind."""
    packer = Packer(lambda value: Handle(3, "Linear"), 2**20)
    value = packer.pack(
        [
            *(1, 2.5, "text", b"bytes", None, True, {"k": (1,)}, object()),
            *(np.arange(6.0).reshape(2, 3), np.array([True]), np.zeros((0, 2), np.int8)),
        ]
    )
    raised = Raised(
        NONCE, "exception", ("ValueError", "Exception"), "message", (Frame("a.py", 3, "f"),)
    )
    return [
        frame(encode(Reply(NONCE, (value,))), packer.buffers),
        frame(encode(raised)),
    ]


def ask(answer: bytes, agent_says: bytes = b"") -> Any:
    """What a session makes of a worker's answer, and of what the agent says meanwhile."""
    ours, agent = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with ours, agent, pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "randbits", lambda bits: NONCE)
        session = Session(Connection(ours), LIMITS, Usage(os.getpid()))
        session._clock.start(5.0)
        session._line = WorkerLine(session._agent.spawn(), session._agent, 2**20)
        worker = Connection(received(agent))

        def work() -> None:
            with contextlib.suppress(Closed, Malformed, OSError):
                worker.receive(2**20)
                worker.socket.sendall(answer)
                worker.socket.shutdown(socket.SHUT_WR)
                agent.sendall(agent_says or frame(encode(Exited(False, 9))))

        thread = threading.Thread(target=work)
        thread.start()
        try:
            return session.ask([Fetch(Handle(0))], Unpacker.unpack)[0]
        finally:
            session._line.close() if session._line else None
            thread.join()
            worker.close()


def received(agent: socket.socket) -> socket.socket:
    """The connection that comes with a Spawn."""
    Connection(agent).receive(2**10)
    _, (descriptor, *_), _, _ = socket.recv_fds(agent, 1, 1)
    return socket.socket(fileno=descriptor)


def test_the_answers_that_are_mutilated_below_are_understood() -> None:
    reply, raised = answer_frames()
    assert ask(reply)[:3] == [1, 2.5, "text"]
    with pytest.raises(Verdict, match="ValueError: message"):
        ask(raised)
    with pytest.raises(Verdict, match="signal 9"):
        ask(b"")


def test_the_memory_of_the_gpu_is_told_from_that_of_the_machine() -> None:
    for kind, message in [("memory", "more than 1024 MB."), ("gpu_memory", "share of the GPU's")]:
        raised = Raised(NONCE, kind, ("OutOfMemoryError",), "out of memory", ())
        with pytest.raises(Verdict, match=message) as ended:
            ask(frame(encode(raised)))
        assert ended.value.outcome is Outcome.OUT_OF_MEMORY


@settings(max_examples=400)
@given(st.data())
def test_mutilated_frames_end_as_a_verdict_or_as_a_lost_sandbox(data: st.DataObject) -> None:
    """Bytes flipped, cut out, put in; nothing else than these two may ever be raised."""
    raw = bytearray(data.draw(st.sampled_from(answer_frames())))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(raw) - 1))
        match data.draw(st.sampled_from(["flip", "cut", "insert", "extreme"])):
            case "flip":
                raw[place] ^= 1 << data.draw(st.integers(0, 7))
            case "cut" if len(raw) > 8:
                del raw[place : place + data.draw(st.integers(1, 4))]
            case "insert":
                raw[place:place] = data.draw(st.binary(min_size=1, max_size=4))
            case "extreme":
                raw[place] = data.draw(st.sampled_from([0, 0x7F, 0x80, 0xC1, 0xDD, 0xDF, 0xFF]))
    if data.draw(st.booleans()):  # a length that fits, so that more than the length is looked at
        raw[:4] = (len(raw) - 4).to_bytes(4, "big")
    with contextlib.suppress(Verdict, SandboxLost):
        ask(bytes(raw))


@given(st.binary(max_size=200))
def test_arbitrary_headers_end_as_a_verdict(header: bytes) -> None:
    with pytest.raises(Verdict) as ended:
        ask(frame(header))
    assert ended.value.outcome is Outcome.PROTOCOL_VIOLATION


@pytest.mark.parametrize("kind", ["exception", "missing", "unsupported", "too_large"])
def test_a_worker_that_does_not_keep_it_short_is_cut_short(kind: Any) -> None:
    """What the worker cuts by itself, a hostile one does not."""
    frames = (Frame("f" * 2000, 1, "g" * 2000),) * 10
    raised = Raised(NONCE, kind, ("E" * 10_000,), "1.5 " * 10_000, frames)
    with pytest.raises(Verdict) as ended:
        ask(frame(encode(raised)))
    assert len(ended.value.message) < 10_000
    assert "1.5" not in ended.value.message
