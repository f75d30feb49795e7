import math
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.protocol.codec import (
    DTYPES,
    MAX_DEPTH,
    MAX_ITEMS,
    Malformed,
    Packer,
    TooLarge,
    Unpacker,
    Unsupported,
)
from autograder.protocol.values import Array, Dict, Handle, List, Result, Value

numbers = st.integers(-(2**63), 2**64 - 1) | st.floats() | st.booleans()
texts = st.text(st.characters(exclude_categories=["Cs"]))
arrays = st.sampled_from(sorted(DTYPES)).flatmap(
    lambda name: npst.arrays(
        name, npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
    )
)
plain = st.recursive(
    st.none() | numbers | texts | st.binary() | arrays,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(texts, inner, max_size=4)
    ),
    max_leaves=12,
)


def refuse(value: Any) -> Value:
    raise Unsupported(f"a {type(value).__name__}")


def packed(value: Any, max_bytes: int = 2**20) -> tuple[Value, bytes]:
    packer = Packer(refuse, max_bytes)
    wire = packer.pack(value)
    # Over the wire, where Python's types are forgotten.
    wire = msgspec.msgpack.decode(msgspec.msgpack.encode(wire), type=Value)
    return wire, b"".join(packer.buffers)


def unpacked(wire: Value, body: bytes) -> Any:
    unpacker = Unpacker(memoryview(body), lambda reference: reference)
    value = unpacker.unpack(wire)
    unpacker.finish()
    return value


def same(left: Any, right: Any) -> bool:
    if type(left) is not type(right):
        return False
    if isinstance(left, np.ndarray):
        return (
            (left.dtype, left.shape, left.tobytes()) == (right.dtype, right.shape, right.tobytes())
            and right.flags.c_contiguous
            and right.flags.writeable
        )
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    return bool(left == right or (left != left and right != right))


def test_there_are_fourteen_dtypes() -> None:
    assert len(DTYPES) == 14


@given(plain)
def test_every_plain_value_survives_the_journey(value: Any) -> None:
    assert same(value, unpacked(*packed(value)))


@given(arrays, st.data())
def test_every_layout_arrives_in_c_order(array: Any, data: st.DataObject) -> None:
    view = array.transpose(data.draw(st.permutations(range(array.ndim))))
    view = view[
        tuple(data.draw(st.sampled_from([slice(None), slice(None, None, -2)])) for _ in view.shape)
    ]
    swapped = view.astype(view.dtype.newbyteorder(data.draw(st.sampled_from("<>="))))
    assert same(np.array(view, order="C"), unpacked(*packed(swapped)))


@given(arrays)
def test_a_numpy_scalar_becomes_an_array_without_dimensions(array: Any) -> None:
    for scalar in array.reshape(-1)[:1]:
        assert same(np.array(scalar), unpacked(*packed(scalar)))


@pytest.mark.parametrize(
    "value",
    [
        2**64,
        -(2**63) - 1,
        "\udc80",
        object(),
        {1: 2},
        type("Text", (str,), {})("x"),
        np.array([None]),
        np.array(["text"]),
        np.zeros(1, "f8,f8"),
        np.zeros(1, np.longdouble),
        np.zeros(1, "M8[D]"),
        np.zeros((1,) * 33),
    ],
    ids=repr,
)
def test_what_may_not_cross_is_refused(value: Any) -> None:
    with pytest.raises(Unsupported):
        packed(value)


@pytest.mark.parametrize(
    "value", [np.zeros(2**17 + 1), "x" * 2**20 + "x", [b"x" * 2**19] * 3, [0] * MAX_ITEMS]
)
def test_what_is_too_large_is_refused(value: Any) -> None:
    with pytest.raises(TooLarge):
        packed(value)


def test_what_is_too_deep_is_refused() -> None:
    nested: Any = 0
    for _ in range(MAX_DEPTH + 1):
        nested = [nested]
    with pytest.raises(TooLarge):
        packed(nested)


HOSTILE_DTYPES = [
    *("O", "object", "V8", "void", "U1", "U1000000", "S8", "str", "f8,f8", ">f8", "<f8", "f8"),
    *("float", "datetime64", "M8[ns]", "timedelta64", "float128", "longdouble", "complex256"),
    *("float8", "int128", "", "\0", "float64\0", " float64", "(2,)float64", "bool_"),
]


@pytest.mark.parametrize("dtype", HOSTILE_DTYPES)
def test_a_dtype_off_the_list_is_malformed(dtype: str) -> None:
    with pytest.raises(Malformed):
        unpacked(Array(dtype, (1,)), bytes(8))


@pytest.mark.parametrize(
    "shape",
    [
        (2**40, 2**40),
        (-1,),
        (-1, -1),
        (2,),
        (0, 2**63),
        (0, 2**64 - 1),
        (2**62, 2**62, 0),
        (1,) * 33,
        (1,) * 65,
        (2**63,),
        (1, 1, 2),
    ],
)
def test_a_shape_that_the_bytes_do_not_bear_out_is_malformed(shape: tuple[int, ...]) -> None:
    with pytest.raises(Malformed):
        unpacked(Array("float64", shape), bytes(8))


@given(st.sampled_from(sorted(DTYPES)), st.lists(st.integers(-2, 2**64 - 1), max_size=70))
def test_whatever_shape_is_claimed_no_more_memory_than_the_frame_is_used(
    dtype: str, shape: list[int]
) -> None:
    body = bytes(64)
    try:
        array = unpacked(Array(dtype, tuple(shape)), body)
    except Malformed:
        return
    assert array.nbytes == math.prod(shape) * np.dtype(dtype).itemsize == len(body)


def test_bytes_that_are_left_over_are_malformed() -> None:
    with pytest.raises(Malformed, match="8 bytes too many"):
        unpacked(Array("float64", (1,)), bytes(16))


def test_two_arrays_do_not_share_bytes() -> None:
    with pytest.raises(Malformed):
        unpacked(List((Array("float64", (1,)), Array("float64", (1,)))), bytes(8))


def test_a_dict_with_the_same_key_twice_is_malformed() -> None:
    with pytest.raises(Malformed, match="duplicate"):
        unpacked(Dict((("a", 1), ("a", 2))), b"")


def test_a_truth_is_one_or_zero_whatever_byte_stands_for_it() -> None:
    array = unpacked(Array("bool", (3,)), b"\x00\x01\x07")
    assert array.tobytes() == b"\x00\x01\x01"


@pytest.mark.parametrize("reference", [Handle(3), Result(0)])
def test_a_reference_is_left_to_the_one_who_keeps_objects(reference: Value) -> None:
    assert unpacked(reference, b"") == reference
