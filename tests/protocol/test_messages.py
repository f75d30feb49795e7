import tracemalloc
from typing import Any

import msgspec
import pytest

from autograder.protocol import messages, operations, values
from autograder.protocol.messages import (
    Exited,
    Frame,
    GpuAsked,
    Raised,
    Reply,
    decode_from_agent,
    decode_from_worker,
    encode,
)
from autograder.protocol.values import Array

REPLY = encode(Reply(7, ()))[:-1]
"""A reply up to its results."""

BOMBS = {
    "lists in lists": REPLY + b"\x91" + b"\x92\xa4List\x91" * 300_000,
    "arrays in arrays": b"\x91" * 2_000_000,
    "maps in maps": b"\x81\xa1a" * 700_000,
    "array32 of 4 billion": REPLY + b"\xdd\xff\xff\xff\xff",
    "map32 of 4 billion": REPLY + b"\x91\xdf\xff\xff\xff\xff",
    "bytes of 2**64": REPLY + b"\x91\x92\xa5Bytes\xcf" + b"\xff" * 8,
    "str32 of 4 GB": REPLY + b"\x91\xdb\xff\xff\xff\xff",
    "ext32 of 4 GB": REPLY + b"\x91\xc9\xff\xff\xff\xff\x01",
    "a shape of 4 billion": REPLY + b"\x91\x94\xa5Array\xa7float64\xdd\xff\xff\xff\xff",
    "half a million empty tuples": REPLY + b"\xdd\x00\x07\xa1\x20" + b"\x92\xa5Tuple\x90" * 500_000,
    "four million nothings": REPLY + b"\xdd\x00\x3d\x09\x00" + b"\xc0" * 4_000_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_no_more_than_its_size_allows(name: str) -> None:
    """At most a few hundred MB for the 4 MB that a header may have."""
    tracemalloc.start()
    try:
        decode_from_worker(BOMBS[name])
    except (msgspec.MsgspecError, RecursionError):
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 300 * 2**20


@pytest.mark.parametrize(
    "said",
    [
        ["Reply", 7, [1], "extra"],
        ["Reply", 7, [1], {"passed": True}],
        ["Reply", 7],
        ["Reply", "7", []],
        ["Reply", 7.0, []],
        ["Reply", float("nan"), []],
        ["Reply", None, []],
        ["Verdict", 7, True],
        ["Exited", True, 0, ""],
        {"Reply": 7},
        {"type": "Reply", "nonce": 7, "results": [], "passed": True},
        ["Reply", 7, [["Array", "float64", [1.5], False]]],
        ["Reply", 7, [["Array", "float64", ["2"], False]]],
        ["Reply", 7, [["Array", "float64", [float("nan")], False]]],
        ["Reply", 7, [["Array", "float64", 3, False]]],
        ["Reply", 7, [["Array", 3, [3], False]]],
        ["Reply", 7, [["Array", "float64", [3], 1]]],
        ["Reply", 7, [["Array", "float64", [3], False, "extra"]]],
        ["Reply", 7, [["Bytes", "text"]]],
        ["Reply", 7, [["Dict", [["a"]]]]],
        ["Reply", 7, [["Dict", {"a": 1}]]],
        ["Reply", 7, [["Dict", [[1, 2]]]]],
        ["Reply", 7, [["Handle", "0", ""]]],
        ["Reply", 7, [["Call", ["Handle", 0, ""], ["os", "system"], ["ls"], []]]],
        ["Reply", 7, [msgspec.msgpack.Ext(1, b"x")]],
        ["Reply", 7, [[1, 2]]],
        ["Reply", 7, [{"a": 1}]],
        ["Raised", 7, "verdict", "E", "", []],
        ["Raised", 7, "exception", "E", "", [["file", "1", "f"]]],
    ],
    ids=repr,
)
def test_a_worker_that_says_anything_else_is_not_understood(said: Any) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode_from_worker(msgspec.msgpack.encode(said))


@pytest.mark.parametrize(
    "text", [b"\xa1\xff", b"\xa3\xed\xa0\x80", b"\xa2\xc0\x80"], ids=["byte", "surrogate", "long"]
)
def test_text_that_is_not_utf_8_is_not_understood(text: bytes) -> None:
    with pytest.raises((msgspec.MsgspecError, UnicodeError)):
        decode_from_worker(REPLY + b"\x91" + text)


@pytest.mark.parametrize("said", [Reply(1, ()), Raised(1, "missing", ("",), "", ())])
def test_a_worker_cannot_speak_for_the_agent(said: Any) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode_from_agent(encode(said))
    assert decode_from_worker(encode(said)) == said


def test_what_was_said_is_what_is_understood() -> None:
    said = Reply(2**63 - 1, (None, True, -(2**63), 2**64 - 1, 0.5, "ä", Array("bool", (0, 3))))
    assert decode_from_worker(encode(said)) == said
    raised = Raised(0, "exception", ("E",), "m", (Frame("f.py", 3, "f"),))
    assert decode_from_worker(encode(raised)) == raised
    exited = Exited(False, 9)
    assert decode_from_agent(encode(exited)) == exited
    asked = GpuAsked("no GPU computes")
    assert decode_from_agent(encode(asked)) == asked


def test_no_message_has_a_field_for_a_verdict() -> None:
    modules = (messages, operations, values)
    structs = [kind for m in modules for kind in vars(m).values() if isinstance(kind, type)]
    fields = {
        field
        for kind in structs
        if issubclass(kind, msgspec.Struct)
        for field in kind.__struct_fields__
    }
    assert not fields & {"passed", "verdict", "outcome", "score", "status"}
