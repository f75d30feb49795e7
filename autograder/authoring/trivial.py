"""Trivial answers: submissions that know nothing and must pass no hidden test.

Each is the solution with code behind it that replaces what its functions and methods give back. The
shaped ones run the right code first and fill its results, and the attributes it changed, so that
only the values are wrong; the blind ones make up an array from their last argument.
"""

FILLS = {"zeros": "0.0", "ones": "1.0", "NaN": "np.nan", "constant": "0.37"}

_SHAPED = """

import functools as _functools
import numpy as np


def _fill(value):
    if isinstance(value, np.ndarray):
        return np.full(value.shape, FILL)
    if isinstance(value, (int, float, np.generic)):
        return FILL
    if isinstance(value, (list, tuple)):
        return type(value)(_fill(item) for item in value)
    if hasattr(value, "new_full"):  # a torch tensor
        return value.new_full(value.shape, FILL)
    return value


def _trivial(function, is_method):
    @_functools.wraps(function)
    def answer(*args, **kwargs):
        state = vars(args[0]) if is_method and hasattr(args[0], "__dict__") else {}
        before = dict(state)
        value = function(*args, **kwargs)
        for name, now in list(state.items()):
            if isinstance(now, np.ndarray) and before.get(name) is not now:
                state[name] = _fill(now)
        return _fill(value)

    return answer
"""

_BLIND = """

import functools as _functools
import numpy as np


def _trivial(function, is_method):
    @_functools.wraps(function)
    def answer(*args, **kwargs):
        given = args[1:] if is_method else args
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
            if callable(_value) and not _key.startswith("__"):
                setattr(_object, _key, _trivial(_value, True))
    else:
        globals()[_name] = _trivial(_object, False)
"""


def trivial_answers(
    solution: str, required: tuple[str, ...], *, shaped: bool = True
) -> dict[str, str]:
    """The text of each trivial submission by its name, made from the solution's text.

    `shaped` ones run the right code: not for functions that do their work by writing a file.
    """
    replace = _REPLACE.replace("REQUIRED", repr(required))
    answers = {}
    for name, fill in FILLS.items():
        if shaped:
            answers[f"{name}, right shapes"] = solution + _SHAPED.replace("FILL", fill) + replace
        blind = f"np.full_like(given, {fill})"
        answers[f"{name}, shape of the input"] = solution + _BLIND.replace("FILL", blind) + replace
    answers["echo of the input"] = solution + _BLIND.replace("FILL", "given") + replace
    return answers
