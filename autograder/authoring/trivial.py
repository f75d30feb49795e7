"""Trivial answers: submissions that know nothing and must pass no hidden test.

Each is the solution with code behind it that replaces what its functions and methods give back. The
shaped ones run the right code first and fill its results, and every array that it made or changed
within its arguments and its object, so that only the values are wrong; the blind ones make up an
array from their last argument. One more fills even what objects are made with: a suite must not
stumble over expected values that it computes from a student's.
"""

FILLS = {"zeros": "0.0", "ones": "1.0", "NaN": "np.nan", "constant": "0.37"}

_SHAPED = """

import functools as _functools
import types as _types
import numpy as np

_CODE = (type, _types.ModuleType, _types.FunctionType, _types.MethodType)


def _fill(value):
    if isinstance(value, np.ndarray):
        return np.full(value.shape, FILL)
    if isinstance(value, (int, float, np.generic)):
        return FILL
    if isinstance(value, (list, tuple)):
        return type(value)(_fill(item) for item in value)
    if isinstance(value, dict):
        return {key: _fill(item) for key, item in value.items()}
    if hasattr(value, "new_full"):  # a torch tensor
        return value.new_full(value.shape, FILL)
    return value


def _arrays(value, found, seen):
    if id(value) in seen or isinstance(value, _CODE):
        return found
    seen[id(value)] = value
    if isinstance(value, np.ndarray):
        found[id(value)] = value
    elif hasattr(value, "new_full"):
        found[id(value)] = value.detach()
    elif isinstance(value, (list, tuple, set)):
        for item in value:
            _arrays(item, found, seen)
    elif isinstance(value, dict):
        for item in value.values():
            _arrays(item, found, seen)
    elif hasattr(value, "__dict__"):
        _arrays(vars(value), found, seen)
    return found


def _trivial(function):
    @_functools.wraps(function)
    def answer(*args, **kwargs):
        kept = {}  # alive, so that no new array takes the place of an old one
        before = _arrays((args, kwargs), {}, kept)
        copies = {key: array + 0 for key, array in before.items() if array.dtype != object}
        value = function(*args, **kwargs)
        for key, array in _arrays((args, kwargs, value), {}, {}).items():
            if key not in copies or (copies[key] != array).any():
                try:
                    array[...] = FILL
                except (TypeError, ValueError):  # integers hold no NaN, and some are read-only
                    pass
        return _fill(value)

    return answer
"""

_BLIND = """

import functools as _functools
import numpy as np


def _trivial(function):
    @_functools.wraps(function)
    def answer(*args, **kwargs):
        given = args["." in function.__qualname__ :]  # without self
        given = given[-1] if given else 0.0
        try:
            given = np.asarray(given, dtype=float)
        except (TypeError, ValueError):
            return given
        return FILL

    return answer
"""

_REPLACE = """

for _name in REQUIRED:
    _object = globals()[_name]
    if isinstance(_object, type):
        for _key, _value in list(vars(_object).items()):
            if callable(_value) and _key not in KEPT:
                setattr(_object, _key, _trivial(_value))
    else:
        globals()[_name] = _trivial(_object)
"""


def trivial_answers(
    solution: str, required: tuple[str, ...], *, shaped: bool = True
) -> dict[str, str]:
    """The text of each trivial submission by its name, made from the solution's text.

    `shaped` ones run the right code: not for functions that do their work by writing a file.
    """
    whole = _REPLACE.replace("REQUIRED", repr(required))
    replace = whole.replace("KEPT", "('__init__',)")
    answers = {}
    for name, fill in FILLS.items():
        if shaped:
            answers[f"{name}, right shapes"] = solution + _SHAPED.replace("FILL", fill) + replace
        blind = f"np.full_like(given, {fill})"
        answers[f"{name}, shape of the input"] = solution + _BLIND.replace("FILL", blind) + replace
    if shaped:
        poison = _SHAPED.replace("FILL", "np.nan")
        answers["NaN from the start, right shapes"] = (
            solution + poison + whole.replace("KEPT", "()")
        )
    answers["echo of the input"] = solution + _BLIND.replace("FILL", "given") + replace
    return answers
