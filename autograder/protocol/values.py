"""Values on the wire: plain data, arrays, and references to what stays where it is.

Structs travel as msgpack arrays with unknown fields forbidden, so that no key can be sent twice.
"""

from __future__ import annotations

from msgspec import Struct


class Wire(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=True):
    """Base of everything that is sent."""


class Array(Wire, frozen=True):
    """An array whose C-ordered bytes are the next buffer of the frame."""

    dtype: str
    shape: tuple[int, ...]
    tensor: bool = False
    """True for a torch tensor; the examiner always gets an ndarray."""


class Bytes(Wire, frozen=True):
    """A Python bytes object, whose content is the next buffer of the frame."""

    size: int


class List(Wire, frozen=True):
    """A Python list."""

    items: tuple[Value, ...]


class Tuple(Wire, frozen=True):
    """A Python tuple."""

    items: tuple[Value, ...]


class Dict(Wire, frozen=True):
    """A Python dict with str keys, as pairs, so that a duplicate key is seen."""

    items: tuple[tuple[str, Value], ...]


class Handle(Wire, frozen=True):
    """An object that stays in the worker; handle 0 is the student's module."""

    id: int
    type_name: str = ""


class Result(Wire, frozen=True):
    """What the operation with this index of the same request returned."""

    index: int


class Slice(Wire, frozen=True):
    """A Python slice of integers."""

    start: int | None
    stop: int | None
    step: int | None


class Function(Wire, frozen=True):
    """A function of the examiner's that the worker may call by an Ask."""

    id: int


Value = (
    None
    | bool
    | int
    | float
    | str
    | Bytes
    | Array
    | List
    | Tuple
    | Dict
    | Slice
    | Handle
    | Result
    | Function
)

Path = tuple[str | int, ...]
"""Attribute names and indices: `("layers", 0, "W")` is `.layers[0].W`."""
