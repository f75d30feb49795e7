"""What a worker is asked to do."""

from __future__ import annotations

from typing import Literal

from autograder.protocol.values import Handle, Path, Result, Value, Wire


class Load(Wire, frozen=True):
    """Execute the submission; returns `{"names": [...], "notes": [...], "parsed": bytes}`.

    Later workers get what the first one has parsed back: to the examiner it is opaque.
    """

    parsed: Value


class Get(Wire, frozen=True):
    """Read an attribute."""

    target: Handle | Result
    path: Path


class Set(Wire, frozen=True):
    """Assign an array to an attribute, in place where shape and dtype fit."""

    target: Handle | Result
    path: Path
    value: Value


class Call(Wire, frozen=True):
    """Call a method, function or class."""

    target: Handle | Result
    path: Path
    args: tuple[Value, ...] = ()
    kwargs: tuple[tuple[str, Value], ...] = ()


class Operate(Wire, frozen=True):
    """Apply one of Python's operators, by its name in the module `operator`, or `len`."""

    name: Literal[
        "add", "sub", "mul", "truediv", "pow", "matmul", "neg", "getitem", "setitem", "len"
    ]
    args: tuple[Value, ...]


class Put(Wire, frozen=True):
    """Keep a value in the worker and return its handle."""

    value: Value


class Fetch(Wire, frozen=True):
    """The value of a kept object."""

    target: Handle | Result


class Read(Wire, frozen=True):
    """The bytes of a file that student code has written, by its path in the scratch folder."""

    path: str


class Sweep(Wire, frozen=True):
    """Repeat a call at many points, each a copy of a base array with one change.

    `vary` is the position of an argument, or the path of an attribute of the call's target. A point
    is the base with the element at a flat index replaced (`indices`, `values`: shape (P,)), or a
    whole array (`points`: shape (P, *base.shape)). Returns the outputs stacked along a new axis 0,
    sparse points first.
    """

    call: Call
    vary: int | Path
    indices: Value
    values: Value
    points: Value


Operation = Load | Get | Set | Call | Operate | Put | Fetch | Read | Sweep
