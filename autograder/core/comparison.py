"""Compares what a student's code returned with what was expected, and words the difference.

The order is type → shape → dtype → finite → values: the first that differs is the one reported.
Tolerances scale with the expected value only, and shapes must be equal, so that neither a huge
answer nor a broadcast one passes. `actual` is judged by its exact type: no method of a class that
a student may have written is ever called.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from autograder.core import diagnosis
from autograder.errors import SuiteError

Dtype = Literal["kind", "exact", "any"]
Array = NDArray[Any]

SEQUENCES = (list, tuple)
NUMBERS = (bool, int, float, complex)
NUMPY_SCALARS = tuple(set(np.sctypeDict.values()))
NUMERIC = "biufc"


class Mismatch(Struct, frozen=True, kw_only=True):
    """The first difference found, in words for the student."""

    problem: Literal["type", "shape", "dtype", "finite", "values"]
    message: str


def compare(
    actual: Any,
    expected: Any,
    what: str,
    rtol: float = 1e-7,
    atol: float = 1e-9,
    dtype: Dtype = "kind",
    equal_nan: bool = False,
) -> Mismatch | None:
    """Return the first way in which `actual` differs from `expected`, or None.

    `expected` is a number, array, string or None, or a list, tuple or dict of such values, which
    are compared one by one; a 0-d array and a Python number are the same. Integers, booleans and
    strings must be equal; floats may differ by `atol` + `rtol`·|expected|, and an infinity only
    equals itself. `dtype` is one of
    - "kind": bool for bool, any integer for an integer, and for floats the expected precision
      exactly (the course computes in float64);
    - "exact": the same dtype (arrays), and the same kind of sequence;
    - "any": any number, compared by value.

    `what` names the value in the message. Raises SuiteError when `expected` holds NaN without
    `equal_nan`, or is of an unknown type: no answer could ever pass.
    """
    if type(expected) is dict:
        return _compare_dicts(actual, expected, what, rtol, atol, dtype, equal_nan)
    if type(expected) in SEQUENCES:
        allowed = (type(expected),) if dtype == "exact" else SEQUENCES
        if type(actual) not in allowed:
            return _wrong_type(actual, what, f"a {type(expected).__name__}")
        if len(actual) != len(expected):
            return Mismatch(
                problem="shape",
                message=f"{what} has {len(actual)} items, expected {len(expected)}",
            )
        pairs = {f"[{i}]": pair for i, pair in enumerate(zip(actual, expected, strict=True))}
        return _compare_items(pairs, what, rtol, atol, dtype, equal_nan)
    if expected is None or type(expected) in (str, bytes):
        if type(actual) is not type(expected):
            return _wrong_type(actual, what, _type_name(expected))
        if actual == expected:
            return None
        message = f"{what} is not what is expected: {_shorten(expected)}"
        return Mismatch(problem="values", message=message)
    if not isinstance(expected, (np.ndarray, np.generic, *NUMBERS)):
        raise SuiteError(f"{what}: cannot compare with a {type(expected).__name__}")
    return _compare_arrays(actual, np.asarray(expected), what, rtol, atol, dtype, equal_nan)


def show(value: Any) -> str:
    """A number with four digits: the student's code chooses what is shown as its own.

    An integer is written out where it is shorter than a million.
    """
    if type(value) is bool or (type(value) is int and abs(value) < 10**6):
        return str(value).replace("-", "−")
    return re.sub(r"e\+?(-?)0*(?=\d)", r"e\1", f"{value + 0.0:.4g}").replace("-", "−")  # −0 is 0


def gap(value: Any, other: Any) -> str:
    """How far two numbers are apart that look the same when they are shown; else nothing."""
    if show(value) != show(other):
        return ""
    return f"   off by {show(float(f'{abs(value - other):.0e}'))}"


def place(what: str, index: tuple[int, ...]) -> str:
    """`what[2, 1]`, or just `what` for a single number."""
    return f"{what}[{', '.join(map(str, index))}]" if index else what


def show_shape(shape: tuple[int, ...], expected: tuple[int, ...] = ()) -> str:
    """A shape; only how many axes it has where its lengths could spell more than 24 bits."""
    bits = sum(length.bit_length() for length in shape if length not in expected)
    return str(shape) if bits <= 24 and len(shape) <= 8 else f"({len(shape)} axes)"


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _type_name(value: Any) -> str:
    """What a value is, in words; only its exact type is looked at."""
    if value is None:
        return "None"
    if type(value) is np.ndarray:
        return f"an array of shape {show_shape(value.shape)}"
    if type(value) in NUMBERS or type(value) in NUMPY_SCALARS:
        return "a single number"
    name = type.__getattribute__(type(value), "__name__")[:40]
    return f"an {name}" if name[:1].lower() in "aeiou" else f"a {name}"


def _wrong_type(actual: Any, what: str, expected: str) -> Mismatch:
    message = f"{what} is {_type_name(actual)}, expected {expected}"
    if actual is None:
        message += " (is a return or an assignment missing?)"
    return Mismatch(problem="type", message=message)


def _compare_items(
    pairs: Mapping[str, tuple[Any, Any]],
    what: str,
    rtol: float,
    atol: float,
    dtype: Dtype,
    equal_nan: bool,
) -> Mismatch | None:
    for path, (actual, expected) in pairs.items():
        mismatch = compare(actual, expected, what + path, rtol, atol, dtype, equal_nan)
        if mismatch is not None:
            return mismatch
    return None


def _compare_dicts(
    actual: Any,
    expected: dict[Any, Any],
    what: str,
    rtol: float,
    atol: float,
    dtype: Dtype,
    equal_nan: bool,
) -> Mismatch | None:
    if type(actual) is not dict:
        return _wrong_type(actual, what, "a dict")
    # Keys that are not plain are never hashed or compared.
    keys = {key for key in actual if type(key) in (str, int, bool, float, bytes)}
    if missing := [key for key in expected if key not in keys]:
        return Mismatch(problem="shape", message=f"{what} lacks the key {_shorten(missing[0])}")
    if len(actual) > len(expected):
        known = ", ".join(map(_shorten, expected))
        return Mismatch(problem="shape", message=f"{what} has other keys besides {known}")
    pairs = {f"[{key!r}]": (actual[key], value) for key, value in expected.items()}
    return _compare_items(pairs, what, rtol, atol, dtype, equal_nan)


def check_form(actual: Any, expected: Array, what: str, dtype: Dtype = "kind") -> Mismatch | None:
    """Compare type, shape and dtype with those of `expected`, in that order; values are free."""
    wanted = f"an array of shape {expected.shape}" if expected.ndim else "a single number"
    plain = type(actual) in NUMBERS or type(actual) in NUMPY_SCALARS
    if not plain and type(actual) is not np.ndarray:
        return _wrong_type(actual, what, wanted)
    value: Array = np.asarray(actual)
    if value.shape != expected.shape:
        finding = diagnosis.of_shape(value.shape, expected.shape)
        wanted = str(expected.shape) if expected.ndim else "a single number"
        shape = show_shape(value.shape, expected.shape)
        has = f"has shape {shape}" if value.ndim else "is a single number"
        message = f"{what} {has}, expected {wanted}" + (f": {finding.text}" if finding else "")
        return Mismatch(problem="shape", message=message)
    if not _fits_dtype(value.dtype, expected.dtype, dtype):
        kind = {"b": "bool", "i": "integer", "u": "integer"}.get(expected.dtype.kind)
        wanted = kind if kind and dtype == "kind" else str(expected.dtype)
        message = f"{what} has dtype {value.dtype}, expected {wanted}"
        return Mismatch(problem="dtype", message=message)
    return None


def _compare_arrays(
    actual: Any,
    expected: Array,
    what: str,
    rtol: float,
    atol: float,
    dtype: Dtype,
    equal_nan: bool,
) -> Mismatch | None:
    if (mismatch := check_form(actual, expected, what, dtype)) is not None:
        return mismatch
    value: Array = np.asarray(actual)
    if expected.dtype.kind not in "fc" and value.dtype.kind not in "fc":
        wrong = np.asarray(value != expected)
        return _differing(value, expected, wrong, what) if wrong.any() else None

    if np.isnan(expected).any() and not equal_nan:
        raise SuiteError(f"{what}: the expected value holds NaN; pass equal_nan=True if it should")
    lost = np.asarray(~np.isfinite(value) & np.isfinite(expected))
    if lost.any():
        return Mismatch(problem="finite", message=not_finite(what, value, lost))
    with np.errstate(all="ignore"):
        distance, allowed = np.abs(value - expected), atol + rtol * np.abs(expected)
        same = (value == expected) | (np.isnan(value) & np.isnan(expected))
        wrong = np.asarray(~same & ~(np.isfinite(expected) & (distance <= allowed)))
    return _differing(value, expected, wrong, what, allowed) if wrong.any() else None


def _fits_dtype(actual: np.dtype[Any], expected: np.dtype[Any], policy: Dtype) -> bool:
    if actual == expected:
        return True
    if policy == "any":
        return actual.kind in NUMERIC and expected.kind in NUMERIC
    if policy == "kind":
        integers = actual.kind in "iu" and expected.kind in "iu"
        return integers or actual.kind == expected.kind == "U"
    return False


def not_finite(what: str, value: Array, lost: Array | None = None) -> str:
    """Say how many entries are NaN or infinite (among those that `lost` marks), and where."""
    lost = ~np.isfinite(value) if lost is None else lost
    first = tuple(int(i) for i in np.argwhere(lost)[0])
    nans = int(np.isnan(value[lost]).sum())
    infinite = int(lost.sum()) - nans
    counts = [f"{nans} NaN"] * bool(nans) + [f"{infinite} infinite"] * bool(infinite)
    if not value.ndim:
        return f"{what} is {'NaN' if nans else 'infinite'}"
    return f"{what} has {' and '.join(counts)} of {value.size} entries, first at {list(first)}"


def _differing(
    value: Array, expected: Array, wrong: Array, what: str, allowed: Array | None = None
) -> Mismatch:
    """Word the worst of the `wrong` entries and what the whole looks like."""
    text = ""
    if allowed is None:
        worst = int(np.argmax(wrong))
    else:
        with np.errstate(all="ignore"):
            distance = np.where(wrong, np.nan_to_num(np.abs(value - expected), nan=np.inf), -1.0)
        worst = int(np.argmax(distance))
        if np.isfinite(expected).all() and not np.iscomplexobj(value - expected):
            finding = diagnosis.of_value(
                value.astype(np.float64), expected.astype(np.float64), allowed
            )
            text = f"\nLooks like: {finding.text}" if finding else ""
    index = tuple(int(i) for i in np.unravel_index(worst, value.shape))
    mine, right = value[index].item(), expected[index].item()
    message = f"{place(what, index)}  yours {show(mine)}   expected {show(right)}"
    message += gap(mine, right)
    if value.size > 1:
        message += f"   ({int(wrong.sum())} of {value.size} entries differ)"
    return Mismatch(problem="values", message=message + text)
