"""Judges an analytic gradient by a numerical derivative: verdict, worst entry, words, heat map."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from autograder.core import comparison, diagnosis
from autograder.core.differences import Derivative, Mask
from autograder.core.points import Floats
from autograder.core.results import Heatmap

# Beyond the error bound, which covers the numerics: what a formula may be off by.
RTOL = 1e-6
HEATMAP_SIDE = 32

Problem = Literal["", "type", "shape", "dtype", "finite", "forward", "undecided", "values"]


class GradientVerdict(Struct, frozen=True, kw_only=True):
    """How one analytic gradient compares with the numerical one."""

    name: str
    problem: Problem = ""
    """The first thing wrong, in the order of the type: `forward` is a function value that is NaN
    or infinite near the point, `undecided` coordinates without a slope: try a smaller step and
    another base point before you blame anybody."""
    message: str = ""
    """For the student; empty if nothing is wrong."""
    diagnosis: str = ""
    """The bug it looks like; empty if none fits."""
    index: tuple[int, ...] | None = None
    """The worst entry; None if the values agree where each was checked by itself."""
    analytic: float = 0.0
    numerical: float = 0.0
    error: float = 0.0
    """The numerical value is right to within this."""
    checked: int = 0
    """Entries checked one by one; `wrong`, `kinks` and `undecided` count among them."""
    wrong: int = 0
    kinks: int = 0
    undecided: int = 0
    heatmap: Heatmap | None = None

    @property
    def passed(self) -> bool:
        """The gradient is right as far as was looked."""
        return not self.problem

    @property
    def ratio(self) -> float | None:
        """Analytic by numerical at the worst entry; None where the latter is zero."""
        return self.analytic / self.numerical if self.numerical else None


@np.errstate(all="ignore")
def judge(
    name: str,
    analytic: Any,
    derivative: Derivative,
    *,
    sizes: Mapping[str, int] | None = None,
    rtol: float = RTOL,
) -> GradientVerdict:
    """Decide whether `analytic` is the gradient that `derivative` measured.

    An entry passes within `rtol`·|numerical| plus the numerical error bound: the student's own
    value widens nothing; at a kink any subgradient does. `name` is that of the tensor in messages;
    `sizes` are lengths that a wrong factor may come from, {"N": batch size} at least.
    """
    slopes, along, count = derivative.slopes, derivative.along, len(derivative.coordinates)
    verdict = GradientVerdict(
        name=name,
        checked=count,
        kinks=int(slopes.kinks.sum()),
        undecided=int(slopes.undecided.sum()),
    )
    mismatch = comparison.check_form(analytic, np.empty(derivative.shape), name)
    if mismatch is not None:
        return replace(verdict, problem=mismatch.problem, message=mismatch.message)
    gradient: Floats = np.asarray(analytic)
    if not np.isfinite(gradient).all():
        message = comparison.not_finite(name, gradient)
        return replace(verdict, problem="finite", message=message)
    if not (slopes.finite.all() and along.finite.all()):
        message = (
            f"{name} cannot be checked: forward returns NaN or infinity when an entry of its "
            f"input or parameter moves a little ({int((~slopes.finite).sum())} of {count})"
        )
        return replace(verdict, problem="forward", message=message)
    distance = np.abs(gradient.ravel()[derivative.coordinates] - slopes.values)
    allowed = rtol * np.abs(slopes.values) + slopes.errors + slopes.spans
    wrong = ~slopes.undecided & (distance > allowed)
    if wrong.any():
        return _wrong_values(verdict, gradient, derivative, wrong, sizes or {})
    if message := _wrong_direction(name, gradient, derivative, rtol):
        return replace(verdict, problem="values", message=message)
    if verdict.undecided or along.undecided.any():
        message = (
            f"{name} cannot be checked: forward jumps, bends, or is too inexact to tell its slope "
            f"near {verdict.undecided or 'some'} of {count} entries"
        )
        return replace(verdict, problem="undecided", message=message)
    return verdict


def error_map(name: str, analytic: Floats, derivative: Derivative, wrong: Mask) -> Heatmap:
    """Draw the relative error of the entries that `wrong` (n,) marks among the checked ones.

    A matrix stands as it is, a vector as one row, more axes as (first, all others); beyond 32 by 32
    each cell is the worst of its block. Entries that were not checked count as right.
    """
    right = derivative.slopes.values
    distance = np.abs(analytic.ravel()[derivative.coordinates] - right)
    with np.errstate(all="ignore"):
        relative = np.where(right == 0.0, 1.0, np.minimum(distance / np.abs(right), 1.0))
    errors = np.zeros(analytic.size)
    errors[derivative.coordinates] = np.where(wrong, relative, 0.0)
    rows = derivative.shape[0] if len(derivative.shape) > 1 else 1
    view = errors.reshape(rows, -1)
    for axis in (0, 1):
        length = view.shape[axis]
        starts = np.arange(min(length, HEATMAP_SIDE)) * length // min(length, HEATMAP_SIDE)
        view = np.maximum.reduceat(view, starts, axis=axis)
    cells = tuple(float(cell) for cell in view.ravel())
    return Heatmap(tensor=name, rows=view.shape[0], columns=view.shape[1], errors=cells)


def _wrong_values(
    verdict: GradientVerdict,
    analytic: Floats,
    derivative: Derivative,
    wrong: Mask,
    sizes: Mapping[str, int],
) -> GradientVerdict:
    slopes = derivative.slopes
    yours = analytic.ravel()[derivative.coordinates]
    worst = int(np.argmax(np.where(wrong, np.abs(yours - slopes.values), -1.0)))
    flat = int(derivative.coordinates[worst])
    index = tuple(int(i) for i in np.unravel_index(flat, derivative.shape))
    mine, value = float(yours[worst]), float(slopes.values[worst])
    error = float(slopes.errors[worst])
    finding = diagnosis.of_gradient(analytic, derivative, sizes)
    shown = comparison.show(mine, value)
    message = f"{comparison.place(verdict.name, index)}  yours {shown[0]}   numerical {shown[1]}"
    message += f" ± {comparison.show(float(f'{error:.0e}'))[0]}"
    if finding and finding.ratio:
        message += f"   ratio {finding.ratio}"
    elif value:
        message += f"   ratio {comparison.show(mine / value, 1.0)[0]}"
    if verdict.checked > 1:
        message += f"   (wrong in {int(wrong.sum())} of {verdict.checked} entries checked)"
    if finding:
        message += f"\nLooks like: {finding.text}"
    return replace(
        verdict,
        problem="values",
        message=message,
        diagnosis=finding.text if finding else "",
        index=index,
        analytic=mine,
        numerical=value,
        error=error,
        wrong=int(wrong.sum()),
        heatmap=error_map(verdict.name, analytic, derivative, wrong),
    )


def _wrong_direction(name: str, analytic: Floats, derivative: Derivative, rtol: float) -> str:
    """Say that entries outside the sample are wrong, if the random directions show it.

    A direction may be off by its error bound plus `rtol` of what one typical entry contributes,
    and by what rounding makes of the displacements: 1e-8 of the gradient's size along them.
    """
    along = derivative.along
    steps = np.sqrt(np.mean(derivative.directions**2, axis=1))
    typical = np.sqrt(np.mean(derivative.slopes.values**2)) if len(steps) else 0.0
    yours = derivative.directions @ analytic.ravel()
    use = along.finite & ~along.undecided
    size = np.sqrt(np.mean(along.values[use] ** 2)) if use.any() else 0.0
    allowed = along.errors + along.spans + rtol * typical * steps + 1e-8 * size
    wrong = use & (np.abs(yours - along.values) > allowed)
    if not wrong.any():
        return ""
    first = int(np.argmax(wrong))
    mine, right = comparison.show(float(yours[first]), float(along.values[first]))
    return (
        f"{name}  along a random direction yours {mine}   numerical {right}: the "
        f"{len(derivative.coordinates)} of {analytic.size} entries checked one by one are right, "
        "others are wrong"
    )
