"""Measures the slopes of a function that can be called here, and so is trusted."""

from collections.abc import Callable
from typing import Any

import numpy as np
from msgspec import Struct

from autograder.core.differences import Derivative, estimate
from autograder.core.points import STEPS, Floats, Plan, plan

_NUDGE = 1e-2


class Measurement(Struct, frozen=True, kw_only=True, eq=False):
    """A function around a point."""

    plan: Plan
    outputs: Floats
    """At the points of the plan."""
    derivative: Derivative


def measure(
    function: Callable[[Floats], Any],
    base: Floats,
    upstream: Floats | float,
    rng: np.random.Generator,
    max_coordinates: int = 500,
) -> Measurement:
    """Evaluate `function` around `base` with the first step that decides every slope.

    Where no step does, with the last; see `Derivative.decided`. `upstream` is that of `estimate`.
    """
    output = np.asarray(function(base))
    for step in STEPS:
        chosen = plan(base, rng, max_coordinates, step)
        outputs = np.empty((chosen.evaluations - 1, *output.shape), dtype=output.dtype)
        for row, point in enumerate(chosen.points()):
            outputs[row] = function(point)
        derivative = estimate(chosen, output, outputs, upstream)
        if derivative.decided:
            break
    return Measurement(plan=chosen, outputs=outputs, derivative=derivative)


def elsewhere(base: Floats, rng: np.random.Generator) -> Floats:
    """Another base point, a hundredth away: where kinks at the first one are not."""
    moves: Floats = np.where(base == 0.0, 1.0, base) * rng.standard_normal(base.shape)
    return base + _NUDGE * moves
