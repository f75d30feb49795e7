"""The drawings show what the numbers say."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.core.results import Heatmap
from autograder.reports.drawings import LARGEST_GRID, heat_grid, histogram


def _heatmap(rows: int, columns: int, errors: list[float]) -> Heatmap:
    return Heatmap(tensor="grad_W", rows=rows, columns=columns, errors=tuple(errors))


@given(st.lists(st.floats(0, 1)))
def test_every_score_is_in_one_bar_that_fits_the_drawing(shares: list[float]) -> None:
    bars = histogram(shares, width=300, height=100)
    assert sum(bar.count for bar in bars) == len(shares)
    assert all(bar.x >= 0 and bar.x + bar.width <= 300 for bar in bars)
    assert all(math.isclose(bar.y + bar.height, 100, abs_tol=0.02) for bar in bars)


@pytest.mark.parametrize(("share", "low"), [(0, 0), (0.499, 40), (0.5, 50), (0.9, 90), (1, 90)])
def test_full_marks_are_in_the_last_bar_and_a_bar_begins_at_its_lower_end(
    share: float, low: int
) -> None:
    assert [bar.low for bar in histogram([share], 300, 100) if bar.count] == [low]


def test_a_small_tensor_has_one_square_per_entry() -> None:
    grid = heat_grid(_heatmap(2, 3, [0, 0, 0.25, 0, 1, 0]))
    assert (grid.rows, grid.columns, grid.block) == (2, 3, 1)
    assert {(c.y, c.x): c.error for c in grid.cells if c.error} == {(0, 2): 0.25, (1, 1): 1}


@given(st.integers(1, 70), st.integers(1, 70), st.data())
def test_one_wrong_entry_of_a_large_tensor_stays_visible(rows: int, columns: int, data) -> None:
    row, column = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    errors = [0.0] * (rows * columns)
    errors[row * columns + column] = 0.75
    grid = heat_grid(_heatmap(rows, columns, errors))
    assert len(grid.cells) == grid.rows * grid.columns <= LARGEST_GRID**2
    wrong = [(cell.y, cell.x) for cell in grid.cells if cell.error]
    assert wrong == [(row // grid.block, column // grid.block)]


@pytest.mark.parametrize("error", [math.nan, math.inf, -math.inf, 7.0])
def test_an_error_that_is_no_share_is_drawn_as_wholly_wrong(error: float) -> None:
    assert [cell.error for cell in heat_grid(_heatmap(1, 1, [error])).cells] == [1.0]


def test_an_empty_tensor_has_an_empty_grid() -> None:
    assert heat_grid(_heatmap(0, 3, [])).cells == ()
