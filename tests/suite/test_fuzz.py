"""Whatever a captured sandbox sends, a session gives a value, a verdict or a lost sandbox.

Hypothesis draws the bytes: frames of every kind, with lies in them, mutilated, cut off, in any
order. With `--hypothesis-profile=explore` it looks for new ones.
"""

import contextlib
import os
import secrets
import socket
import tracemalloc
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.core.assignment import Limits
from autograder.protocol.codec import DTYPES, MAX_ITEMS, Unpacker
from autograder.protocol.connection import Connection, body_size, frame, split
from autograder.protocol.messages import Exited, Ready, decode_from_worker, encode
from autograder.protocol.operations import Fetch
from autograder.protocol.values import Handle
from autograder.suite.control import UNREADABLE
from autograder.suite.line import WorkerLine
from autograder.suite.session import Session
from autograder.suite.usage import Usage
from autograder.suite.verdict import SandboxLost, Verdict

LIMITS = Limits(test_seconds=0.05, submission_seconds=0.2, reply_mb=1)
NONCE = 77
GROWTH, ROOM = 64, 2**20
"""Bytes of memory that a byte may take when it is decoded, and those that anything may take."""

numbers = st.one_of(
    st.integers(-(2**63), 2**64 - 1),
    st.sampled_from([0, 1, -1, 2**31, 2**40, 2**63 - 1]),
    st.floats(),
)
shapes = st.lists(st.sampled_from([0, 1, 2, 3, 8, -1, 2**32, 2**62]), max_size=40)
names = st.sampled_from([*sorted(DTYPES), "O", "U9", "float64,float64", "object", "M8"])
kinds = st.sampled_from(
    ["Array", "Bytes", "List", "Tuple", "Dict", "Handle", "Result", "Slice", "Function", "Load"]
)
plain = st.none() | st.booleans() | numbers | st.text(max_size=8) | st.binary(max_size=8)
values: st.SearchStrategy[Any] = st.recursive(
    plain
    | st.tuples(st.just("Array"), names, shapes, st.booleans())
    | st.tuples(st.sampled_from(["Handle", "Result", "Function"]), numbers),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(st.sampled_from(["List", "Tuple"]), st.lists(inner, max_size=4))
        | st.tuples(st.just("Dict"), st.lists(st.tuples(st.text(max_size=3), inner), max_size=4))
        | st.tuples(kinds, inner, inner)
    ),
    max_leaves=20,
)
nonces = st.just(NONCE) | st.just(NONCE) | numbers
answers = st.one_of(
    st.tuples(st.just("Reply"), nonces, st.lists(values, min_size=1, max_size=1)),
    st.tuples(st.just("Reply"), nonces, values),
    st.tuples(
        *(st.just("Raised"), nonces, st.sampled_from(["exception", "memory", "missing", "no"])),
        *(st.lists(st.text(max_size=8), max_size=3), st.text(max_size=20)),
        st.lists(st.tuples(st.just("Frame"), st.text(max_size=5), numbers, st.text(max_size=5))),
        numbers,
    ),
    st.tuples(
        *(st.just("Ask"), nonces, st.sampled_from([0, 1, -1])),
        *(st.lists(values, max_size=3), st.lists(st.tuples(st.text(max_size=3), values))),
    ),
)
words = st.one_of(
    st.sampled_from(
        [
            Ready("1", ()),
            *(Exited(asked, signal) for asked in (True, False) for signal in (0, 9)),
        ]
    ).map(lambda message: msgspec.msgpack.decode(encode(message))),
    st.tuples(st.just("Exited"), st.booleans(), numbers, st.text()),
)


def framed(message: Any, buffers: bytes) -> bytes:
    return frame(msgspec.msgpack.encode(message), [buffers])


anything = st.builds(framed, answers | words | values, st.binary(max_size=8))
from_worker = st.builds(framed, answers, st.binary(max_size=64)) | anything
from_agent = st.builds(framed, words, st.just(b"")) | anything


@st.composite
def mutilated(draw: st.DrawFn, frames: st.SearchStrategy[bytes]) -> bytes:
    """Frames in a row, some of them with bytes flipped, cut out or put in."""
    raw = bytearray(b"".join(draw(st.lists(frames, max_size=6))))
    for _ in range(draw(st.sampled_from([0, 0, 1, 3]))):
        if not raw:
            break
        place = draw(st.integers(0, len(raw) - 1))
        match draw(st.sampled_from(["flip", "cut", "insert", "extreme"])):
            case "flip":
                raw[place] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del raw[place : place + draw(st.integers(1, 4))]
            case "insert":
                raw[place:place] = draw(st.binary(min_size=1, max_size=4))
            case "extreme":
                raw[place] = draw(st.sampled_from([0, 0x7F, 0x80, 0xC1, 0xDD, 0xDF, 0xFF]))
    return bytes(raw)


@settings(max_examples=200)
@given(
    mutilated(from_worker) | st.binary(max_size=200),
    mutilated(from_agent) | st.binary(max_size=200),
    st.booleans(),
)
def test_a_session_with_whatever_sandbox_gives_values_and_verdicts(
    worker: bytes, agent: bytes, ready: bool
) -> None:
    """From the first word to the last; nothing else than these is ever raised."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with ours, theirs, pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "randbits", lambda bits: NONCE)
        patch.setattr(WorkerLine, "ask", lambda line, question: answered(line, worker))
        theirs.sendall(frame(encode(Ready("1", ()))) * ready + agent)
        theirs.shutdown(socket.SHUT_WR)
        session = Session(Connection(ours), LIMITS, Usage(os.getpid()))
        with contextlib.suppress(SandboxLost):
            session.deliver([("a.py", b"")], "a.py", ["f"], limits_memory=True)
            for _ in range(2):
                with contextlib.suppress(Verdict):
                    session.begin(LIMITS.test_seconds)
                    session.function(lambda *args, **kwargs: args)
                    for _ in range(2):
                        session.ask([Fetch(Handle(0))], Unpacker.unpack)
                verdict = session.end()
                assert verdict is None or isinstance(verdict, Verdict)


def answered(line: WorkerLine, said: bytes) -> None:
    """In place of the question: a worker that says this, and hangs up."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with theirs:
        theirs.sendall(said)
    line._worker.close()
    line._worker = Connection(ours)


def decoded(sent: bytes) -> int:
    """How many items come out of the decoder for an answer of a worker's."""
    size = body_size(sent[:4], 2**20)
    header, buffers = split(memoryview(sent)[4 : 4 + size])
    message = decode_from_worker(header)
    unpacker = Unpacker(buffers, lambda reference: reference)
    results = [unpacker.unpack(value) for value in getattr(message, "results", ())]
    unpacker.finish()
    return len(results)


@settings(max_examples=100)
@given(mutilated(from_worker))
def test_the_decoder_takes_memory_in_proportion_to_what_was_sent(sent: bytes) -> None:
    tracemalloc.start()
    try:
        with contextlib.suppress(*UNREADABLE, IndexError, msgspec.DecodeError):
            if len(sent) > 8:
                decoded(sent)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= ROOM + GROWTH * len(sent)


@pytest.mark.parametrize(
    "item",
    [b"\xc0", b"\xa0", b"\xa1a", b"\x92\xa4List\x90", b"\x92\xa4Dict\x90", b"\xcd\x7f\x7f"],
    ids=["None", "empty string", "string", "list", "dict", "integer"],
)
def test_a_reply_full_of_tiny_items_is_refused(item: bytes) -> None:
    """More than MAX_ITEMS are never turned into values, more than a megabyte not looked at."""
    head = msgspec.msgpack.encode(["Reply", NONCE, []])[:-1]
    for size in (2**20 - 100, 2**22):
        count = size // len(item)
        header = head + b"\xdd" + count.to_bytes(4, "big") + item * count
        body = len(header).to_bytes(4, "big") + header
        with pytest.raises(UNREADABLE):
            parsed, buffers = split(memoryview(body))
            unpacker = Unpacker(buffers, lambda reference: reference)
            results = [unpacker.unpack(value) for value in decode_from_worker(parsed).results]
            assert len(results) <= MAX_ITEMS
