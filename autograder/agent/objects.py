"""What a worker does to the student's objects: follow a path, assign, convert tensors."""

import builtins
import operator
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.protocol.values import Path

OPERATORS: dict[str, Callable[..., Any]] = {"len": len} | {
    name: getattr(operator, name)
    for name in ("add", "sub", "mul", "truediv", "pow", "matmul", "neg", "getitem", "setitem")
}


class Missing(Exception):
    """The submission has no such name, attribute or index."""


def follow(owner: Any, path: Path) -> Any:
    """The attribute or item at the end of a path; raises Missing."""
    for step in path:
        try:
            owner = getattr(owner, step) if isinstance(step, str) else owner[step]
        except (AttributeError, LookupError, TypeError) as problem:
            where = "submission" if type(owner) is types.ModuleType else type(owner).__name__
            raise Missing(f"{where} has no {step!r}") from problem
    return owner


def assign(owner: Any, path: Path, value: Any) -> None:
    """In place where that fits, so that views and dicts of parameters see it; else by setattr."""
    owner, name = follow(owner, path[:-1]), path[-1]
    if isinstance(name, int):
        owner[name] = value
        return
    current = getattr(owner, name, None)
    if (
        isinstance(current, np.ndarray)
        and isinstance(value, np.ndarray)
        and current.shape == value.shape
        and current.dtype == value.dtype
        and current.flags.writeable
    ):
        current[...] = value
        if np.array_equal(getattr(owner, name), value, equal_nan=True):
            return
    setattr(owner, name, value)


def fresh(value: Any) -> Any:
    """A copy of an array; anything else as it is."""
    return value.copy() if isinstance(value, np.ndarray) else value


def is_tensor(value: Any) -> bool:
    """Whether it is a torch tensor; torch is never imported for the question."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def to_tensor(array: "np.ndarray[Any, Any]") -> Any:
    """The tensor that shares the array's memory."""
    return sys.modules["torch"].from_numpy(array)


def to_numpy(value: Any) -> Any:
    """The array of a tensor; anything else as it is."""
    return value.detach().cpu().numpy() if is_tensor(value) else value


def exception_named(name: str) -> Exception:
    """What a function of the examiner's raised, as far as student code may know it."""
    kind = getattr(builtins, name, None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        kind = RuntimeError
    return kind("the function that your code was given refuses these arguments")
