"""Asks some questions twice, since a function has one answer to each: the order, and the check."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from autograder.core.comparison import Mismatch, show
from autograder.core.differences import EPS
from autograder.core.points import Floats, Plan

REPEATED = 3
"""So many points are asked twice, and the base so often in between."""
# Sums of the same numbers in another order, on other threads; not a hundredth more.
ROUNDINGS = 64
_BASE = -1


class Order(Struct, frozen=True, eq=False):
    """In which order the sparse points of a plan are asked, some of them twice."""

    plan: Plan
    numbers: NDArray[np.int64]
    """(v,) the number of a sparse point each, −1 for the base."""

    @property
    def indices(self) -> NDArray[np.int64]:
        """(v,) the flat index that each point changes; the base changes nothing at index 0."""
        return np.where(self.numbers == _BASE, 0, self.plan.indices[self.numbers])

    @property
    def values(self) -> Floats:
        """(v,) what stands at that index."""
        here = self.plan.base.ravel()[:1]
        return np.where(self.numbers == _BASE, here, self.plan.values[self.numbers])

    def sorted(self, outputs: Floats) -> Floats:
        """The outputs (v + 4d, *out) at the points of the plan, each once, in the plan's order."""
        first = np.unique(self.numbers, return_index=True)[1][1:]  # the base is the smallest
        return np.concatenate([outputs[first], outputs[len(self.numbers) :]])

    def repeated(self, output: Floats, outputs: Floats, what: str) -> Mismatch | None:
        """The first two answers to one question that differ; `output` is the one at the base."""
        known = {_BASE: output}
        for number, answer in zip(self.numbers.tolist(), outputs, strict=False):
            if number in known and (found := two_answers(known[number], answer, what)) is not None:
                return found
            known[number] = answer
        return None


def order(plan: Plan, rng: np.random.Generator) -> Order:
    """A random order, so that nothing in it tells which points come twice."""
    points = len(plan.indices)
    if not points:
        return Order(plan, np.empty(0, dtype=np.int64))
    again = rng.choice(points, size=min(points, REPEATED))
    between = rng.permutation(np.concatenate([np.arange(points), again]))
    halves = np.array_split(between, REPEATED - 1)
    base = np.array([_BASE])
    return Order(plan, np.concatenate([base, *(part for half in halves for part in (half, base))]))


@np.errstate(all="ignore")
def two_answers(first: Floats, second: Floats, what: str) -> Mismatch | None:
    """The difference of two answers to one question, unless it is one of rounding.

    Both have the same shape; NaN equals NaN.
    """
    if np.array_equal(first, second):
        return None
    size = np.abs(first[np.isfinite(first)]).max(initial=np.finfo(np.float64).tiny)
    allowed = ROUNDINGS * EPS * size
    same = (first == second) | (np.isnan(first) & np.isnan(second))
    wrong = np.asarray(~(same | (np.abs(first - second) <= allowed)))
    if not wrong.any():
        return None
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    before, after = show(float(first[index]), float(second[index]))
    where = "" if not index else f" at {list(index)}"
    message = f"{what} gives two answers for one input{where}: first {before}, then {after}"
    return Mismatch(problem="values", message=message)
