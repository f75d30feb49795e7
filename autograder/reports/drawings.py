"""The geometry of the drawings: pure layout, in the units of an SVG's own view box."""

import math
from collections.abc import Iterable

from msgspec import Struct

from autograder.core.results import Heatmap

BINS = 10
LARGEST_GRID = 32


class Bar(Struct, frozen=True, kw_only=True):
    """One bar of the histogram: scores in [low, high) per cent, the last one with 100."""

    low: int
    high: int
    count: int
    x: float
    y: float
    width: float
    height: float


class Cell(Struct, frozen=True, kw_only=True):
    """One square of a heat map; its error is in [0, 1]."""

    x: int
    y: int
    error: float


class Grid(Struct, frozen=True, kw_only=True):
    """A heat map laid out in squares of side 1; `block` entries of the tensor share a square."""

    rows: int
    columns: int
    block: int
    cells: tuple[Cell, ...]


def histogram(shares: Iterable[float], width: float, height: float) -> tuple[Bar, ...]:
    """Ten bars of scores in [0, 1]; the tallest fills `height`, y runs downwards from 0."""
    counts = [0] * BINS
    for share in shares:
        counts[min(max(int(share * BINS), 0), BINS - 1)] += 1
    step, tallest = width / BINS, max(*counts, 1)
    return tuple(
        Bar(
            low=index * 100 // BINS,
            high=(index + 1) * 100 // BINS,
            count=count,
            x=round(step * (index + 0.08), 2),
            y=round(height * (1 - count / tallest), 2),
            width=round(step * 0.84, 2),
            height=round(height * count / tallest, 2),
        )
        for index, count in enumerate(counts)
    )


def heat_grid(heatmap: Heatmap) -> Grid:
    """Lay out a heat map; of a large tensor each square shows the worst entry of a block.

    An error that is no number in [0, 1] is drawn as 1.
    """
    rows, columns = heatmap.rows, heatmap.columns
    errors = [error if 0 <= error <= 1 else 1.0 for error in heatmap.errors]
    block = max(1, math.ceil(max(rows, columns) / LARGEST_GRID))
    pooled: dict[tuple[int, int], float] = {}
    for index, error in enumerate(errors):
        row, column = divmod(index, columns)
        place = row // block, column // block
        pooled[place] = max(error, pooled.get(place, 0.0))
    return Grid(
        rows=math.ceil(rows / block),
        columns=math.ceil(columns / block),
        block=block,
        cells=tuple(
            Cell(x=column, y=row, error=round(error, 3)) for (row, column), error in pooled.items()
        ),
    )
