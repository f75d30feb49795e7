"""Names the bug that a wrong tensor looks like; says nothing when nothing fits.

A hypothesis fits when it explains EVERY entry within 1e-5 of its size plus the numerical error.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from msgspec import Struct

from autograder.core.differences import Derivative, Mask
from autograder.core.points import Floats

CLOSE = 1e-5
Shape = tuple[int, ...]


class Finding(Struct, frozen=True, kw_only=True):
    """What a wrong tensor looks like, and the name of the constant ratio yours / right, if any."""

    text: str
    ratio: str = ""


class Evidence(Struct, frozen=True, kw_only=True, eq=False):
    """A wrong tensor and the right one, the latter perhaps known at some entries only."""

    actual: Floats
    coordinates: np.ndarray[tuple[int], np.dtype[np.int64]]
    """(n,) ascending flat indices into `actual` at which the right values are known."""
    right: Floats
    """(n,) the right values there."""
    slack: Floats
    """(n,) what they may be off by."""
    sizes: Mapping[str, int] = {}
    """Lengths that a factor may come from, for example {"N": batch size}."""

    @property
    def yours(self) -> Floats:
        """(n,) the entries of `actual` to be compared with `right`."""
        return self.actual.ravel()[self.coordinates]

    @property
    def known(self) -> bool:
        """Every right value is known."""
        return len(self.coordinates) == self.actual.size

    @property
    def wrong(self) -> Mask:
        """(n,) entries that do not agree."""
        return ~self._close(self.yours, self.right)

    def equals(self, values: Floats) -> bool:
        """The whole tensor agrees with `values` (n,), which is not just zeros or a single entry."""
        enough = self._telling(values) >= min(2, len(values)) > 0
        return enough and bool(self._close(self.yours, values).all())

    def factor(self, values: Floats) -> float | None:
        """The constant r with yours = r · `values`, or None."""
        square = float(values @ values)
        ratio = float(self.yours @ values) / square if square else 0.0
        if not ratio or not np.isfinite(ratio):
            return None
        # That few or equal entries agree on a ratio tells something only if the ratio has a name.
        varied = self._telling(values) >= 3 and not self._close(values, values[:1]).all()
        plausible = varied or any(_names(abs(ratio), self.sizes))
        return ratio if plausible and self.equals(ratio * values) else None

    def _telling(self, values: Floats) -> int:
        return int(np.count_nonzero(np.abs(values) > 10 * self.slack))

    def _close(self, a: Floats, b: Floats) -> Mask:
        typical = 1e-9 * np.abs(b).max(initial=0.0)
        return np.asarray(np.abs(a - b) <= CLOSE * np.abs(b) + self.slack + typical)


@np.errstate(all="ignore")
def of_gradient(
    analytic: Floats, derivative: Derivative, sizes: Mapping[str, int] | None = None
) -> Finding | None:
    """Name the bug behind a wrong gradient `analytic` (of the right shape), or None.

    `sizes` names lengths that may turn up as a factor; N, the batch size, gets its own wording.
    """
    slopes = derivative.slopes
    use = slopes.finite & ~slopes.undecided & ~slopes.kinks
    evidence = Evidence(
        actual=analytic,
        coordinates=derivative.coordinates[use],
        right=slopes.values[use],
        slack=slopes.errors[use],
        sizes=sizes or {},
    )
    others = {name: values[use] for name, values in derivative.others.items()}
    return (
        _zero(evidence)
        or _factor(evidence, derivative.scalar)
        or _transposed(evidence)
        or _other_upstream(evidence, others, derivative.scalar)
        or _summed(evidence)
        or _difference(evidence)
        or _partly(evidence)
    )


@np.errstate(all="ignore")
def of_value(actual: Floats, expected: Floats, slack: Floats) -> Finding | None:
    """Name what a wrong forward value looks like; all arrays have the same shape."""
    evidence = Evidence(
        actual=actual,
        coordinates=np.arange(actual.size),
        right=expected.ravel(),
        slack=slack.ravel(),
    )
    if (finding := _zero(evidence) or _transposed(evidence)) is not None:
        return finding
    ratio = evidence.factor(evidence.right)
    if ratio is not None and not _near(ratio, 1.0):
        label = _simple(ratio)
        size = "of the wrong sign" if label == "−1" else f"{label} times the expected value"
        return Finding(text=f"every entry is {size}" if actual.ndim else size, ratio=label)
    return _difference(evidence)


def of_shape(shape: Shape, expected: Shape, batch: int | None = None) -> Finding | None:
    """Name what a wrong shape looks like; `batch` is the number of samples N, where known."""
    text = ""
    if len(shape) > 1 and shape == expected[::-1]:
        text = "transposed"
    elif not shape:
        text = "summed over every axis"
    elif shape[1:] == expected and batch in (None, shape[0]):
        text = "not summed over the batch (axis 0)"
    elif expected[1:] == shape and batch in (None, expected[0]):
        text = "the batch (axis 0) is summed or lost"
    elif _squeezed(shape) == _squeezed(expected):
        text = "the same but for axes of length 1 (keepdims, reshape, squeeze?)"
    elif sorted(shape) == sorted(expected):
        text = "the axes are in another order"
    elif np.prod(shape) == np.prod(expected):
        text = "as many entries, but in another shape"
    return Finding(text=text) if text else None


def _squeezed(shape: Shape) -> Shape:
    return tuple(length for length in shape if length != 1)


def _zero(evidence: Evidence) -> Finding | None:
    if not evidence.actual.size or evidence.actual.any() or not evidence.wrong.any():
        return None
    return Finding(text="zero everywhere: never computed, or never stored", ratio="0")


def _factor(evidence: Evidence, loss: bool) -> Finding | None:
    ratio = evidence.factor(evidence.right)
    if ratio is None or _near(ratio, 1.0):
        return None
    names = list(_names(abs(ratio), evidence.sizes))
    reasons = [_REASONS[name][loss] for name in names if name in _REASONS]
    if not names:
        reasons = [f"every entry is off by the constant factor {_simple(ratio)}"]
    reason = "; or ".join(reasons)
    if ratio < 0:
        reason = ", and ".join(filter(None, ["the sign is reversed", reason]))
    label = " = ".join(dict.fromkeys([_simple(ratio), *(_signed(n, ratio) for n in names)]))
    return Finding(text=reason, ratio=label)


_TWICE = "a factor 1/2 is missing, or backward ran twice into a gradient that accumulates"
_HALF = (
    "the 2 of a square's derivative is missing, or a value is used twice and its contributions "
    "are not accumulated (= in place of +=)"
)
_LOGARITHM = "logarithm to base 2 and natural logarithm are mixed"
# By the name of the factor: what it means in a layer, and in a loss.
_REASONS = {
    "2": (_TWICE, _TWICE),
    "1/2": (_HALF, _HALF),
    "N": (
        "multiplied by the batch size",
        "the loss is a mean over the batch, its gradient lacks the 1/N",
    ),
    "1/N": (
        "averaged over the batch; the upstream gradient already carries the 1/N of the loss",
        "divided by the batch size once too often",
    ),
    "ln 2": (_LOGARITHM, _LOGARITHM),
    "1/ln 2": (_LOGARITHM, _LOGARITHM),
}


def _names(size: float, sizes: Mapping[str, int]) -> Iterator[str]:
    """What a positive factor may be called, most telling first."""
    lengths: dict[str, float] = {name: length for name, length in sizes.items() if length > 1}
    if len(lengths) > 1:
        lengths["·".join(lengths)] = float(np.prod(list(lengths.values())))
    for name, length in (lengths | {"2": 2.0, "ln 2": float(np.log(2.0))}).items():
        if _near(size, length):
            yield name
        if _near(size, 1 / length):
            yield f"1/({name})" if "·" in name else f"1/{name}"
    if _near(size, 1.0):
        yield "1"


def _signed(name: str, ratio: float) -> str:
    return f"−{name}" if ratio < 0 else name


def _near(a: float, b: float) -> bool:
    return abs(a - b) <= 10 * CLOSE * b


def _simple(ratio: float) -> str:
    """A ratio as an integer or a unit fraction where it is one."""
    size = abs(ratio)
    whole, part = round(min(size, 1e6)), round(min(1 / size, 1e6))
    if whole and _near(size, whole):
        return _signed(f"{whole}", ratio)
    if part and _near(size, 1 / part):
        return _signed(f"1/{part}", ratio)
    return _signed(f"{size:.4g}", ratio)


def _transposed(evidence: Evidence) -> Finding | None:
    shape = evidence.actual.shape
    if len(shape) < 2 or shape[-1] != shape[-2] or shape[-1] < 2:
        return None
    flipped = np.swapaxes(np.arange(evidence.actual.size).reshape(shape), -1, -2).ravel()
    back = Evidence(
        actual=evidence.actual.ravel()[flipped].reshape(shape),
        coordinates=evidence.coordinates,
        right=evidence.right,
        slack=evidence.slack,
    )
    ratio = back.factor(evidence.right)
    if ratio is None:
        return None
    extra = "" if _near(ratio, 1.0) else f", and {_simple(ratio)} times as large"
    return Finding(text=f"transposed: entry [i, j] stands at [j, i]{extra}")


def _other_upstream(evidence: Evidence, others: dict[str, Floats], loss: bool) -> Finding | None:
    if loss:
        return None  # a loss has no upstream gradient
    texts = {
        "ones": "the upstream gradient is ignored (it is as if grad_output were all ones)",
        "squared": "the upstream gradient is multiplied in twice",
        "first": "only the first sample of the batch is used",
        "transposed": "summed over the wrong axis of grad_output, or grad_output is transposed",
        "diagonal": "each output is taken to depend on its own input only: the cross terms of the "
        "Jacobian are missing",
    }
    for name, text in texts.items():
        ratio = evidence.factor(others[name]) if name in others else None
        if ratio is not None and any(_names(abs(ratio), evidence.sizes)):
            extra = "" if _near(ratio, 1.0) else f"; besides, {_simple(ratio)} times as large"
            return Finding(text=text + extra)
    return None


def _summed(evidence: Evidence) -> Finding | None:
    """Summed or averaged over axes that should stay, then broadcast back."""
    shape = evidence.actual.shape
    if not evidence.known or evidence.actual.size < 2:
        return None
    right = evidence.right.reshape(shape)
    axes: list[int | None] = [axis for axis in range(len(shape)) if shape[axis] > 1]
    for axis in [*axes, None] if len(axes) > 1 else [None]:
        where = "every axis" if axis is None else f"axis {axis}"
        for word, total in (
            ("summed", right.sum(axis=axis, keepdims=True)),
            ("averaged", right.mean(axis=axis, keepdims=True)),
        ):
            if evidence.equals(np.broadcast_to(total, shape).ravel()):
                return Finding(text=f"{word} over {where}, which should stay separate")
    return None


def _difference(evidence: Evidence) -> Finding | None:
    """A term is missing that is the same everywhere, along an axis, or an outer product."""
    shape = evidence.actual.shape
    if not evidence.known or evidence.actual.size < 3:
        return None
    right = evidence.right.reshape(shape)
    gap = evidence.actual - right
    slack = (CLOSE * np.abs(gap) + evidence.slack.reshape(shape)) * 2 + 1e-9 * np.abs(right).max()

    def constant_along(axis: int | None) -> bool:
        return bool((np.abs(gap - gap.mean(axis=axis, keepdims=True)) <= slack).all())

    if not np.isfinite(slack).all() or not (np.abs(gap) > slack).any():
        return None
    if constant_along(None):
        return Finding(text="every entry is off by the same amount: a constant term is missing")
    for axis in range(len(shape)):
        if shape[axis] >= 3 and constant_along(axis):
            return Finding(
                text=f"off by an amount that is the same along axis {axis}: a term that is added "
                "(or subtracted) along that axis is missing or wrong"
            )
    if len(shape) == 2 and min(shape) >= 3 and bool((np.abs(gap) > slack).all()):
        values = np.linalg.svd(gap, compute_uv=False)
        if values[1] <= CLOSE * values[0] and np.linalg.matrix_rank(right, rtol=CLOSE) > 1:
            return Finding(text="off by an outer product: the term of one sample is missing")
    return None


def _partly(evidence: Evidence) -> Finding | None:
    """Some entries are right: say where the others are, and whether they are zero."""
    wrong, shape = evidence.wrong, evidence.actual.shape
    bad, good = evidence.coordinates[wrong], evidence.coordinates[~wrong]
    if not bad.size or not np.count_nonzero(evidence.right[~wrong]):
        return None
    zero = "" if evidence.yours[wrong].any() else ", and zero: never reached or masked out"
    if bad.size == 1 and good.size > 1:
        return Finding(text=f"only this entry is wrong{zero}")
    for indices, word in ((bad, "wrong"), (good, "right")):
        for axis, places in enumerate(np.unravel_index(indices, shape)):
            place = int(places[0])
            if shape[axis] > 2 and len(shape) > 1 and (places == place).all():
                zero = zero.replace(", and zero", ", the rest is zero") if word == "right" else zero
                return Finding(text=f"only index {place} of axis {axis} is {word}{zero}")
    share = f"{good.size} of {good.size + bad.size} entries are right"
    return Finding(text=f"{share}, the others are wrong{zero or ': a term or a case is missing'}")
