"""What a hidden test does with a student's value before it computes with it: check its form.

numpy broadcasts what is not checked: two arrays of 16,000 numbers make one of 256 million. Every
check judges by exact type, and ends the test as failed where the form is another one.
"""

import inspect
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.core.comparison import NUMBERS, NUMPY_SCALARS, SEQUENCES
from autograder.suite.remote import RemoteObject
from autograder.suite.verdict import fail

Size = int | range
"""A length, or the lengths that are allowed."""
Shape = tuple[Size, ...]
Argument = Shape | list[Shape] | int
"""What a callback takes."""

_REAL = "biuf"


def finite(value: Any, shape: Shape, what: str) -> NDArray[np.float64]:
    """A student's numbers of this shape, in float64, of which an expected value is to be made.

    Real numbers of any dtype will do, in an array or in lists; the test ends as failed for others,
    and where one is NaN or infinite. A length may be a range: `(range(1, 65), 3)`.
    `what` names them to the student, as in "the weights of fc3".
    """
    numbers = _real_array(value, shape)
    if numbers is None:
        fail(f"{what}: expected numbers of shape {_shown(shape)}, got {_described(value)}")
    if not np.isfinite(numbers).all():
        fail(f"{what}: some are NaN or infinite")
    return np.asarray(numbers, dtype=np.float64)


def integers(value: Any, shape: Shape, what: str) -> NDArray[np.int64]:
    """A student's integers of this shape: labels, or indices that the test is going to use.

    Integers of any size will do, in an array or in lists; else as `finite`.
    """
    numbers = _real_array(value, shape)
    if numbers is None or (numbers.size and numbers.dtype.kind not in "iu"):
        fail(f"{what}: expected integers of shape {_shown(shape)}, got {_described(value)}")
    return np.asarray(numbers, dtype=np.int64)


def items(value: Any, count: Size, what: str) -> Sequence[Any]:
    """A student's list or tuple of so many items, which are still unchecked themselves."""
    if type(value) not in SEQUENCES:
        fail(f"{what} is {_described(value)}, expected a list or tuple")
    if not _allows(count, len(value)):
        fail(f"{what} has {len(value)} items, expected {_size(count)}")
    sequence: Sequence[Any] = value
    return sequence


def distinct(
    values: Sequence[Any], shape: Shape, what: str, rtol: float = 1e-6, atol: float = 1e-9
) -> bool:
    """Whether no two of a student's arrays are equal, within `atol` + `rtol`·|other|.

    For what two seeds or two calls must not have in common. An array of another shape, or with NaN,
    differs from all others but proves nothing: there the test ends as failed, as by `finite`.
    """
    arrays = [finite(value, shape, what) for value in values]
    return not any(
        a.shape == b.shape and np.allclose(a, b, rtol, atol) for a, b in combinations(arrays, 2)
    )


def callback(function: Callable[..., Any], *shapes: Argument) -> Callable[..., Any]:
    """A function of the test's for the student's code to call, with arrays of these shapes only.

    A list of shapes stands for a list of arrays, and a single integer for at most so many numbers
    of whatever shape: what a function wants that works entry by entry. Arguments come by position
    or by the name that the function gives them; real numbers of any dtype will do, and reach the
    function as arrays. Anything else raises TypeError or ValueError in the student's code.
    """
    named = list(_parameters(function))[: len(shapes)]

    def called(*args: Any, **kwargs: Any) -> Any:
        rest = named[len(args) :]
        if len(args) + len(kwargs) != len(shapes) or set(kwargs) != set(rest):
            raise TypeError("another number of arguments, or other names")
        values = [*args, *map(kwargs.get, rest)]
        return function(*map(_argument, values, shapes))

    return called


def _argument(value: Any, shape: Argument) -> Any:
    if isinstance(shape, list):
        if type(value) not in SEQUENCES or len(value) != len(shape):
            raise ValueError("an argument is no list of so many arrays")
        return [_argument(item, each) for item, each in zip(value, shape, strict=True)]
    if isinstance(shape, int):
        shape = value.shape if type(value) is np.ndarray and value.size <= shape else ()
    array = _real_array(value, shape)
    if array is None:
        raise ValueError("an argument is no array of the expected shape")
    return array


def _parameters(function: Callable[..., Any]) -> Sequence[str]:
    try:
        return list(inspect.signature(function).parameters)
    except ValueError:  # numpy's own functions have no names to tell
        return []


def _real_array(value: Any, shape: Shape) -> NDArray[Any] | None:
    """The value as an array of its own dtype; None unless it is real numbers of this shape."""
    if not _has_shape(value, shape):
        return None
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        return None
    return array if array.dtype.kind in _REAL else None


def _has_shape(value: Any, shape: Shape) -> bool:
    if type(value) in SEQUENCES:
        inside = bool(shape) and _allows(shape[0], len(value))
        return inside and all(_has_shape(item, shape[1:]) for item in value)
    if type(value) is np.ndarray:
        return value.ndim == len(shape) and all(map(_allows, shape, value.shape))
    return type(value) in (*NUMBERS, *NUMPY_SCALARS) and not shape


def _allows(size: Size, length: int) -> bool:
    return length in size if isinstance(size, range) else length == size


def _shown(shape: Shape) -> str:
    return f"({', '.join(map(_size, shape))}{',' * (len(shape) == 1)})"


def _size(size: Size) -> str:
    return f"{size[0]} to {size[-1]}" if isinstance(size, range) else str(size)


def _described(value: Any) -> str:
    if value is None:
        return "None (is a return or an assignment missing?)"
    if type(value) is np.ndarray:
        return f"an array of shape {value.shape}, dtype {value.dtype}"
    if isinstance(value, RemoteObject):
        return "an object of another kind"
    return f"a value of type {type(value).__name__}"
