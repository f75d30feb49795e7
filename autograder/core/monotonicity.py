"""Whether the softmin grade never falls when a mark rises.

With G = Σ w_i · O_i, ∂G/∂O_i = w_i · (1 − (O_i − G)/T): G falls in O_i exactly where O_i − G > T.

Over marks in [0, S], O_i − G = Σ_{j≠i} w_j · (O_i − O_j) ≤ (1 − w_i) · max_j (O_i − O_j), and both
factors are greatest at O_i = S with every other mark 0. There w_i = c / (c + (1 − c) · e^(S/T)), c
being c_i / Σ c_j, so that with u = S/T the grade is monotone in O_i exactly when

    (u − 1) · e^u ≤ c / (1 − c).

The least constant is the tightest. At equality u = u* = 1 + W(c / (e · (1 − c))), W being Lambert's
function, so the smallest safe temperature is S / u*, always below S. Along that edge of the cube,
(1 − w_i) · O_i = T turns the slope at O_i = T · u*: from there to S the grade falls.
"""

from collections.abc import Mapping
from math import exp

from msgspec import Struct

from autograder.core.softmin import weighted_mean


class Drop(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two marks of one component, every other mark being 0: the higher gives the lower grade."""

    component: str
    before: float
    after: float
    grade_before: float
    grade_after: float


def is_monotone(constants: Mapping[str, float], temperature: float, scale: float) -> bool:
    """Whether no mark in [0, scale] can rise and lower the unrounded accumulated grade."""
    if len(constants) == 1:
        return True
    u = scale / temperature
    return u - 1 <= _odds(constants) * exp(-u)


def smallest_safe_temperature(constants: Mapping[str, float], scale: float) -> float:
    """The least T for which `is_monotone` holds, from above; 0 for a single component."""
    return 0.0 if len(constants) == 1 else scale / _turning_point(constants)


def steepest_drop(constants: Mapping[str, float], temperature: float, scale: float) -> Drop | None:
    """The pair of marks whose grade falls most along the worst edge; None if monotone."""
    if is_monotone(constants, temperature, scale):
        return None
    component = min(constants, key=constants.__getitem__)

    def grade(mark: float) -> float:
        marks = {name: mark if name == component else 0.0 for name in constants}
        return weighted_mean(marks, constants, temperature)

    before = temperature * _turning_point(constants)
    return Drop(
        component=component,
        before=before,
        after=scale,
        grade_before=grade(before),
        grade_after=grade(scale),
    )


def _odds(constants: Mapping[str, float]) -> float:
    """c / (1 − c) of the least constant."""
    least = min(constants.values())
    return least / (sum(constants.values()) - least)


def _turning_point(constants: Mapping[str, float]) -> float:
    """u* > 1 with (u* − 1) · e^u* = c / (1 − c), approached from below, the safe side."""
    odds, u = _odds(constants), 1.0
    # u − 1 − odds · e^(−u) is increasing and concave: Newton's steps from the left never overshoot.
    while (step := (odds * exp(-u) - u + 1) / (1 + odds * exp(-u))) > 1e-15:
        u += step
    return u
