"""Numerical derivatives with an error estimate, from a function's outputs at planned points.

The function itself is never called here, so that somebody else (an untrusted worker) can evaluate
all points in one request:

    chosen = plan(x, rng)
    outputs = np.stack([f(point) for point in chosen.points()])
    derivative = estimate(chosen, f(x), outputs, upstream)

The four points per coordinate, x ± h and x ± h/2, give with the base central
differences D(h) and D(h/2), Richardson's extrapolation (4·D(h/2) − D(h))/3, and two tests of
smoothness: D(h) − D(h/2), which is h²f‴/8 for a smooth f, and the jump between the second-order
one-sided slopes, which is a fourth difference, h³f⁗/16. A kink makes one of the two as large as
itself: then the smooth side alone gives the slope.

Noise looks like kinks, and widens the bounds. A slope counts as known only if its bound is far
below the slope itself; what is undecided with one step, the next of `STEPS` may decide if the
function is right, since a smaller step meets fewer kinks, and will not if it is noisy.
"""

from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from autograder.core.points import OFFSETS, Floats, Plan

Mask = NDArray[np.bool_]

# Steps' disagreement, relative to the slope, above which f is not taken to be smooth within h.
SMOOTH = 1e-6
# Error, relative to the slope, above which a slope says nothing …
COARSE = 1e-4
# … unless it is so small a part of the typical slope, …
NEGLIGIBLE = 1e-6
# … or no more than so many roundings: of the outputs if the function is trusted, else of outputs of
# size 1 at most, where they move, and of size 1 where they do not.
ROUNDINGS = 64
STILL = 1000
EPS = float(np.finfo(np.float64).eps)


class Slopes(Struct, frozen=True, kw_only=True, eq=False):
    """Numerical slopes, one per coordinate or direction; every array has shape (k,)."""

    values: Floats
    errors: Floats
    """Bounds: the true slope lies within `values` ± `errors`."""
    spans: Floats
    """Where a kink is at the point itself, half of what lies between the one-sided slopes: any
    subgradient is within `values` ± (`errors` + `spans`). Zero elsewhere."""
    kinks: Mask
    """A kink lies within h, or at the point itself: the slope is that of the smooth side, or the
    mean of both."""
    undecided: Mask
    """No side is smooth, or the function is noisy: the error is too large to decide by."""
    finite: Mask
    """False where the function was NaN or infinite at the base or at one of the points."""


class Derivative(Struct, frozen=True, kw_only=True, eq=False):
    """What the evaluations say of the gradient Σ_j upstream_j · ∂f_j/∂x.

    Where any coordinate is `undecided` the caller should plan again with a smaller step.
    """

    shape: tuple[int, ...]
    coordinates: NDArray[np.int64]
    slopes: Slopes
    directions: Floats
    """(d, base.size) displacements; `along` holds the slopes along them."""
    along: Slopes
    others: dict[str, Floats]
    """(n,) what the gradient would be under other upstreams, to recognise a bug by: `ones`,
    `squared`, `first` (zero but for the first sample), `transposed` (square outputs only) and
    `diagonal` (each output depends on its own input only; outputs shaped like the input)."""
    scalar: bool
    """The function has a single output: it is a loss."""

    @property
    def decided(self) -> bool:
        """The function is finite around the base, and each slope is known."""
        both = (self.slopes, self.along)
        return all((part.finite & ~part.undecided).all() for part in both)


def estimate(
    plan: Plan,
    base_output: NDArray[Any],
    outputs: NDArray[Any],
    upstream: Floats | float = 1.0,
    *,
    trusted: bool = True,
) -> Derivative:
    """Contract the differences of `outputs` with `upstream` into slopes with error bounds.

    `base_output` has any shape `out`, `upstream` the same (or is 1.0 for a loss), `outputs` is
    (4n + 4d, *out) in the order of `Plan.points`. NaN and infinity are allowed and make the slopes
    they touch not finite. Raises ValueError when the shapes do not fit.
    """
    out = base_output.shape
    if outputs.shape != (plan.evaluations - 1, *out):
        raise ValueError(f"outputs are {outputs.shape}, expected {(plan.evaluations - 1, *out)}")
    if np.shape(upstream) not in ((), out):
        raise ValueError(f"upstream is {np.shape(upstream)}, expected {out}")
    resolution = float(np.finfo(np.result_type(base_output, outputs, np.float16)).eps)
    f = base_output.astype(np.float64).ravel()
    F = outputs.astype(np.float64, copy=False).reshape(
        len(outputs) // len(OFFSETS), len(OFFSETS), f.size
    )
    u = np.broadcast_to(np.asarray(upstream, dtype=np.float64), out).ravel()
    count = len(plan.coordinates)
    with np.errstate(all="ignore"):
        slopes, jacobian = _slopes(
            f, F[:count], plan.steps, u, resolution, plan.step, COARSE, trusted
        )
        # One unit of step is the whole displacement. A single entry is a small part of the slope.
        unit = np.ones(len(plan.directions))
        along, _ = _slopes(f, F[count:], unit, u, resolution, plan.step, NEGLIGIBLE, trusted)
        others = _others(jacobian, plan, u.reshape(out))
    return Derivative(
        shape=plan.base.shape,
        coordinates=plan.coordinates,
        slopes=slopes,
        directions=plan.displacements,
        along=along,
        others=others,
        scalar=f.size == 1,
    )


def _others(jacobian: Floats, plan: Plan, u: Floats) -> dict[str, Floats]:
    """Gradients under other upstreams, from the same differences."""
    upstreams = {"ones": np.ones_like(u), "squared": u * u}
    if u.ndim:
        upstreams["first"] = np.concatenate([u[:1], np.zeros_like(u[1:])])
    if u.ndim == 2 and u.shape[0] == u.shape[1]:
        upstreams["transposed"] = u.T
    stacked = np.stack([other.ravel() for other in upstreams.values()], axis=1)
    others = dict(zip(upstreams, (jacobian @ stacked).T, strict=True))
    if u.shape == plan.base.shape:
        rows = np.arange(len(plan.coordinates))
        others["diagonal"] = jacobian[rows, plan.coordinates] * u.ravel()[plan.coordinates]
    return others


def _slopes(
    f: Floats,
    F: Floats,
    steps: Floats,
    u: Floats,
    resolution: float,
    step: float,
    coarse: float,
    trusted: bool,
) -> tuple[Slopes, Floats]:
    """Slopes from f (m,), F (k, 4, m), steps (k,), u (m,), and the Jacobian (k, m) behind them.

    Differences are taken output by output before they are contracted, so that an output that does
    not depend on a coordinate adds exactly nothing. Errors of the outputs are independent of the
    random u, so they add up as root of the sum of squares.
    """
    h = steps[:, None]
    wide, narrow = F[:, 0] - F[:, 1], F[:, 2] - F[:, 3]
    bend = (F[:, 0] - f) + (F[:, 1] - f) - 4 * ((F[:, 2] - f) + (F[:, 3] - f))
    jacobian = (8 * narrow - wide) / (6 * h)
    disagreement = (wide - 2 * narrow) / (2 * h)
    jump = bend / h

    weights = u * u

    def norm(terms: Floats) -> Floats:
        return np.asarray(np.sqrt((terms * terms) @ weights))

    size, gap, fourth = norm(jacobian), norm(disagreement), norm(jump)
    finite = np.isfinite(gap + fourth)
    scale = np.maximum(size, _median(size[finite]))
    # Outputs that move are rounded; one that does not may be saturated and hide half a rounding,
    # of numbers of size 1 at least where nothing moves: a loss is 0 when it has cancelled.
    moving = (wide != 0.0) | (narrow != 0.0)
    rounding = resolution * np.sqrt(moving @ (weights * f * f)) / steps
    still = ~moving.any(axis=1)
    magnitude = np.where(still, np.sqrt(weights @ np.maximum(1.0, f * f)), 0.0)
    magnitude = np.maximum(magnitude, np.sqrt(weights @ (f * f))) / steps

    # A smooth f has an extrapolated error far below the gap; without that certainty, all of it.
    doubt = np.minimum(1.0, gap / np.maximum(SMOOTH * scale, np.finfo(float).tiny))
    values, errors, observed = jacobian @ u, fourth + gap * doubt, fourth
    kinks, spans = np.zeros(len(steps), dtype=bool), np.zeros(len(steps))
    rough = finite & (np.maximum(gap, fourth) > np.maximum(SMOOTH * scale, 8 * rounding))
    if rough.any():
        sides = _beside_kinks(
            f,
            F[rough],
            h[rough],
            u,
            jacobian[rough],
            disagreement[rough],
            jump[rough],
            8 * step * scale[rough],
        )
        values[rough], errors[rough], spans[rough], kinks[rough] = sides[:4]
        errors[rough] += 4 * _median(gap[finite & ~rough])
        observed = fourth.copy()
        observed[rough] = np.minimum(fourth[rough], sides[4])
    # Rounding as the outputs' size tells it, and as it was seen; one-sided slopes triple it. The
    # last term is for the rounding of x, and of what lies between x and the outputs.
    noise = 4 * rounding + resolution * magnitude + 2 * _median(observed[finite])
    errors += np.where(rough, 3 * noise, noise) + 1e-10 * size
    typical = np.sqrt(np.mean(size[finite] ** 2)) if finite.any() else 0.0
    known = np.maximum(coarse * (np.abs(values) + spans), NEGLIGIBLE * typical)
    if trusted:
        floor = ROUNDINGS * magnitude
    else:
        small = ROUNDINGS * np.sqrt(weights @ np.minimum(1.0, f * f))
        floor = np.where(still, STILL * np.sqrt(weights.sum()), small) / steps
    known = np.maximum(known, EPS * floor)
    slopes = Slopes(
        values=values,
        errors=errors + np.finfo(float).tiny,
        spans=spans,
        kinks=kinks,
        undecided=finite & ((errors > known) | (spans > 0.0) & (not trusted)),
        finite=finite,
    )
    return slopes, jacobian


def _beside_kinks(
    f: Floats,
    F: Floats,
    h: Floats,
    u: Floats,
    central: Floats,
    disagreement: Floats,
    jump: Floats,
    curvature: Floats,
) -> tuple[Floats, Floats, Floats, Mask, Floats]:
    """Values, errors, half-widths between one-sided slopes, kink flags, and noise, each (k,).

    A kink at the distance τ·h bends its own side's two secants apart by min(τ, 1 − τ) of the
    change of slope, the other side's not at all.
    """
    right, right_half = (F[:, 0] - f) / h, (F[:, 2] - f) / (h / 2)
    left, left_half = (f - F[:, 1]) / h, (f - F[:, 3]) / (h / 2)
    bend_right, bend_left = np.abs(right_half - right), np.abs(left_half - left)
    right, left = 2 * right_half - right, 2 * left_half - left
    gap, jump = np.abs(disagreement), np.abs(jump)

    smooth = jump <= gap / 4
    use_left = ~smooth & (bend_right > 8 * bend_left) & (bend_right > jump / 50)
    use_right = ~smooth & (bend_left > 8 * bend_right) & (bend_left > jump / 50)
    beside = use_left | use_right
    at_point = ~smooth & ~beside & (np.maximum(bend_left, bend_right) <= jump / 8)
    unclear = ~(smooth | beside | at_point)

    value = np.select([use_left, use_right, at_point], [left, right, (left + right) / 2], central)
    # One-sided slopes are of second order: their error is a small part of the secants' difference.
    # A jump as slight as curvature is may have hidden a bend on the side that looks straight.
    straighter = np.minimum(bend_left, bend_right)
    slight = jump * np.abs(u) <= curvature[:, None]
    random = np.where(slight, np.minimum(2 * jump, 1000 * straighter), straighter / 100)
    random = np.where(at_point, (bend_left + bend_right) / 100, random)
    random = np.where(smooth, gap + jump, random)
    errors = np.sqrt((np.where(unclear, 0.0, random) ** 2) @ (u * u))
    errors += np.where(unclear, 2 * np.maximum(gap, jump), 0.0) @ np.abs(u)
    spans = np.where(at_point, jump / 2, 0.0) @ np.abs(u)
    kinks = np.asarray((beside | at_point).any(axis=1))
    # A kink leaves one side straight, or both where it is at the point; noise spares neither.
    noise = 4 * np.sqrt((straighter * straighter) @ (u * u))
    return value @ u, errors, spans, kinks, noise


def _median(values: Floats) -> float:
    return float(np.median(values)) if values.size else 0.0
