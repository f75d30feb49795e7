"""Where to evaluate a function to learn its derivative: four points around each coordinate."""

from collections.abc import Iterator

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# The first balances rounding, about ε|f|/h, against the truncation left after extrapolation.
STEPS = (2.0**-13, 2.0**-18, 2.0**-23)
# For a function that is not trusted, each time at another base point: elsewhere, then closer.
TRIES = (STEPS[0], *STEPS)
OFFSETS = np.array([1.0, -1.0, 0.5, -0.5])
DIRECTIONS = 3


class Plan(Struct, frozen=True, kw_only=True, eq=False):
    """Where to evaluate a function of `base` to learn its derivative."""

    base: Floats
    coordinates: NDArray[np.int64]
    """(n,) flat indices into `base`, ascending."""
    step: float
    """The h of an entry of size 1."""
    steps: Floats
    """(n,) the h of each coordinate: powers of two, so that x ± h is exact or off by one ulp."""
    directions: Floats
    """(d, 4, *base.shape) dense points along random directions; d is 0 unless sampled."""

    @property
    def indices(self) -> NDArray[np.int64]:
        """(4n,) the flat index that each sparse point changes."""
        return np.repeat(self.coordinates, len(OFFSETS))

    @property
    def values(self) -> Floats:
        """(4n,) what stands at that index: x + h, x − h, x + h/2, x − h/2 for each coordinate."""
        chosen = self.base.ravel()[self.coordinates]
        moved: Floats = chosen[:, None] + self.steps[:, None] * OFFSETS
        return moved.ravel()

    @property
    def evaluations(self) -> int:
        """How often the function is evaluated, the base included: at most 4·base.size + 1."""
        return len(OFFSETS) * (len(self.coordinates) + len(self.directions)) + 1

    @property
    def dense(self) -> Floats:
        """(4d, *base.shape) the points along the directions."""
        return self.directions.reshape(len(self.directions) * len(OFFSETS), *self.base.shape)

    @property
    def displacements(self) -> Floats:
        """(d, base.size) from the base to the first point of each direction."""
        full: Floats = (self.directions[:, 0] - self.directions[:, 1]) / 2
        return full.reshape(len(full), self.base.size)

    def points(self) -> Iterator[Floats]:
        """Each point as a new dense array: the 4n sparse ones, then the 4d of the directions."""
        for index, value in zip(self.indices, self.values, strict=True):
            point = self.base.copy()
            point.reshape(-1)[index] = value
            yield point
        for point in self.dense:
            yield point.copy()


def plan(
    base: Floats,
    rng: np.random.Generator,
    max_coordinates: int = 500,
    step: float = STEPS[0],
) -> Plan:
    """Choose the points around `base` (any shape, float64), about `step` away from it.

    Up to `max_coordinates` entries each coordinate is perturbed; beyond, one of each of
    `max_coordinates` equal strata in memory order, and all at once along a few random directions,
    so that no entry goes unseen. Raises ValueError when `base` is not finite float64.
    """
    if base.dtype != np.float64 or not np.isfinite(base).all():
        raise ValueError(f"the base point must be finite float64, not {base.dtype}")
    base = np.array(base, order="C")
    x = base.ravel()
    scale = _scales(x)
    if x.size <= max(max_coordinates, DIRECTIONS):
        coordinates = np.arange(x.size)
        dense = np.empty((0, len(OFFSETS), *base.shape))
    else:
        edges = np.linspace(0, x.size, min(max_coordinates, x.size - DIRECTIONS) + 1).astype(int)
        coordinates = rng.integers(edges[:-1], edges[1:])
        signs = rng.choice((-1.0, 1.0), size=(DIRECTIONS, 1, x.size))
        moves = _power_of_two(step / np.sqrt(x.size) * scale) * signs * OFFSETS[:, None]
        dense = (x + moves).reshape(DIRECTIONS, len(OFFSETS), *base.shape)
    # A step stays short of zero, where logarithms end and ReLUs bend, unless x is all but zero.
    h = step * scale
    h = np.where(x == 0.0, h, np.clip(np.abs(x) / 128, h / 64, h))[coordinates]
    return Plan(
        base=base,
        coordinates=coordinates.astype(np.int64),
        step=step,
        steps=_power_of_two(h),
        directions=dense,
    )


def _scales(x: Floats) -> Floats:
    """How far each entry of x may move: between its own size and 1.

    The geometric mean of the two serves both a function that varies with x/|x|, as log, and one
    that varies over a unit whatever x is, as the sigmoid of a large or small input.
    """
    typical = np.sqrt(np.mean(x * x)) if x.size else 0.0
    scale = np.sqrt(np.maximum(np.abs(x), typical))
    return np.where(scale == 0.0, 1.0, scale)


def _power_of_two(steps: Floats) -> Floats:
    """The next smaller power of two, which is added to x without rounding, but for a rare ulp."""
    return np.asarray(np.exp2(np.floor(np.log2(steps))))
