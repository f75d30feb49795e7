"""Verdicts on analytic gradients: order of problems, tolerance, kinks, words, heat map."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.core import differences, gradients, points
from autograder.core.differences import Derivative

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "gradient_checker.py"


def differentiate(f, x, upstream=1.0, max_coordinates=500, trusted=True) -> Derivative:
    plan = points.plan(x, np.random.default_rng(0), max_coordinates)
    outputs = np.stack([f(point) for point in plan.points()])
    return differences.estimate(plan, np.asarray(f(x)), outputs, upstream, trusted=trusted)


@pytest.fixture
def linear():
    """x, upstream and the derivative of y = xW + b with respect to W; N = 8."""
    rng = np.random.default_rng(1)
    x, W, u = (rng.standard_normal(shape) for shape in ((8, 4), (4, 3), (8, 3)))
    return x, u, differentiate(lambda W: x @ W, W, u)


def test_the_right_gradient_passes(linear):
    x, u, derivative = linear
    verdict = gradients.judge("grad_W", x.T @ u, derivative)
    assert verdict.passed and not verdict.message
    assert (verdict.checked, verdict.wrong, verdict.undecided) == (12, 0, 0)


def test_problems_come_in_the_order_type_shape_dtype_finite_values(linear):
    x, u, derivative = linear
    bad = np.full((3, 4), np.nan, dtype=np.float32)
    attempts = [None, bad, bad.T, bad.T.astype(float), np.ones((4, 3)), x.T @ u]
    problems = [gradients.judge("grad_W", attempt, derivative).problem for attempt in attempts]
    assert problems == ["type", "shape", "dtype", "finite", "values", ""]


def test_a_subclass_of_ndarray_is_no_array(linear):
    x, u, derivative = linear

    class Liar(np.ndarray):
        def __array_function__(self, *args, **kwargs):
            raise AssertionError("a student's method was called")

        __array_ufunc__ = __array_function__

    verdict = gradients.judge("grad_W", (x.T @ u).view(Liar), derivative)
    assert verdict.problem == "type"


def test_a_message_names_index_values_ratio_and_bug(linear):
    x, u, derivative = linear
    verdict = gradients.judge("grad_W", x.T @ u / 8, derivative, sizes={"N": 8})
    first, second = verdict.message.splitlines()
    assert first.startswith(f"grad_W[{verdict.index[0]}, {verdict.index[1]}]  yours ")
    assert "ratio 1/8 = 1/N" in first and "wrong in 12 of 12" in first and " ± " in first
    assert second == f"Looks like: {verdict.diagnosis}" and "averaged over the batch" in second
    assert verdict.ratio == pytest.approx(1 / 8)
    assert verdict.numerical == pytest.approx((x.T @ u)[verdict.index])
    assert abs(verdict.numerical - (x.T @ u)[verdict.index]) <= verdict.error


def test_a_wrong_shape_is_named_transposed(linear):
    x, u, derivative = linear
    verdict = gradients.judge("grad_W", u.T @ x, derivative)
    assert verdict.message == "grad_W has shape (3, 4), expected (4, 3): transposed"


@given(st.integers(0, 11), st.sampled_from([-1e-4, 1e-4, 0.5]))
def test_a_single_wrong_entry_is_found_and_told_apart_in_the_message(place, error):
    rng = np.random.default_rng(2)
    x, W, u = (rng.standard_normal(shape) for shape in ((8, 4), (4, 3), (8, 3)))
    wrong = x.T @ u
    wrong.flat[place] *= 1 + error
    verdict = gradients.judge("grad_W", wrong, differentiate(lambda W: x @ W, W, u))
    assert verdict.index == divmod(place, 3) and verdict.wrong == 1
    yours, numerical, further = verdict.message.split("yours ")[1].split("   ")[:3]
    alike = yours == numerical.removeprefix("numerical ").split(" ±")[0]
    assert alike == further.startswith("off by ")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("huge", [1e300, 1.7e308, -1.7e308, 5e-324])
def test_an_extreme_value_neither_widens_the_tolerance_nor_breaks_the_judge(linear, huge):
    x, u, derivative = linear
    wrong = x.T @ u
    wrong[0, 0] = huge
    assert gradients.judge("grad_W", wrong, derivative).index == (0, 0)
    everywhere = gradients.judge("grad_W", np.full((4, 3), huge), derivative)
    assert everywhere.wrong == 12 and max(everywhere.heatmap.errors) == 1.0


def test_any_subgradient_passes_at_a_kink_and_nothing_else():
    derivative = differentiate(lambda x: np.maximum(x, 0.0), np.zeros(5), np.full(5, 2.0))
    for share, passed in ((0.0, True), (0.5, True), (1.0, True), (-0.5, False), (1.5, False)):
        verdict = gradients.judge("grad_x", np.full(5, 2 * share), derivative)
        assert verdict.passed == passed and verdict.kinks == 5


def test_a_noisy_forward_proves_nothing():
    rng = np.random.default_rng(0)
    noisy = lambda x: x + 1e-6 * rng.standard_normal(x.shape)  # noqa: E731
    derivative = differentiate(noisy, np.ones(9), np.ones(9))
    verdict = gradients.judge("grad_x", np.ones(9), derivative)
    assert verdict.problem == "undecided" and verdict.undecided == 9 and not verdict.passed


def test_no_share_of_undecided_entries_is_excused():
    rng = np.random.default_rng(0)
    noisy = lambda x: x + 1e-3 * (x[0] != 1.0) * rng.standard_normal(x.shape)  # noqa: E731
    derivative = differentiate(noisy, np.ones(50), np.ones(50))
    verdict = gradients.judge("grad_x", np.ones(50), derivative)
    assert verdict.problem == "undecided" and verdict.undecided == 1
    assert "near 1 of 50 entries" in verdict.message


def test_undecided_directions_are_not_excused_either():
    """A wave that the sample of entries hardly meets, and the directions do."""
    rng = np.random.default_rng(0)
    hidden = lambda x: x + 1e-5 * np.sin(1e9 * x[-1])  # noqa: E731
    derivative = differentiate(hidden, rng.standard_normal(90), np.ones(90), max_coordinates=10)
    wrong = np.ones(90)
    wrong[np.setdiff1d(np.arange(90), derivative.coordinates)] = 2.0
    assert derivative.along.undecided.any()
    assert not gradients.judge("grad_x", wrong, derivative).passed


@settings(max_examples=50, deadline=None)
@given(st.integers(-12, -2), st.integers(0, 2), st.sampled_from([1.001, 1.5, -1.0]), st.booleans())
def test_noise_of_any_size_hides_no_wrong_column(exponent, column, factor, everywhere):
    """The noise is the same for the same input, so that no second call gives it away."""
    rng = np.random.default_rng(2)
    x, W, u = (rng.standard_normal(shape) for shape in ((4, 3), (3, 2), (4, 2)))

    def noisy(moved):
        y = np.tanh(moved @ W)
        wave = 10.0**exponent * np.sin(1e9 * (moved if everywhere else moved[:, column]).sum())
        return y + wave

    right = (u * (1 - np.tanh(x @ W) ** 2)) @ W.T
    right[:, column] *= factor
    derivative = differentiate(noisy, x, u, trusted=False)
    assert not gradients.judge("grad_x", right, derivative).passed


def test_nan_near_the_point_is_the_forward_s_problem():
    bad = lambda x: np.where(x > 1.0, np.nan, x)  # noqa: E731
    derivative = differentiate(bad, np.ones(3), np.ones(3))
    verdict = gradients.judge("grad_x", np.ones(3), derivative)
    assert verdict.problem == "forward" and "NaN or infinity" in verdict.message


def test_a_loss_of_a_scalar_accepts_a_python_float():
    derivative = differentiate(lambda x: x**2, np.array(3.0))
    assert gradients.judge("grad", 6.0, derivative).passed
    assert gradients.judge("grad", 5.0, derivative).message.startswith(
        "grad  yours 5   numerical 6"
    )


def test_a_wrong_entry_outside_the_sample_shows_along_the_directions():
    rng = np.random.default_rng(0)
    x, u = rng.standard_normal((2, 40, 30))
    derivative = differentiate(np.tanh, x, u)
    right = u * (1 - np.tanh(x) ** 2)
    assert gradients.judge("grad_x", right, derivative).passed
    unseen = np.setdiff1d(np.arange(x.size), derivative.coordinates)
    wrong = right.copy()
    wrong.flat[unseen[np.argmax(np.abs(right.flat[unseen]))]] *= 1.001
    verdict = gradients.judge("grad_x", wrong, derivative)
    assert verdict.problem == "values" and verdict.index is None
    assert "others are wrong" in verdict.message


def test_the_heat_map_shows_where_the_gradient_is_wrong(linear):
    x, u, derivative = linear
    wrong = x.T @ u
    wrong[2, 1] = 0.0
    wrong[3, 0] *= 1.25
    found = gradients.judge("grad_W", wrong, derivative).heatmap
    assert (found.tensor, found.rows, found.columns) == ("grad_W", 4, 3)
    expected = np.zeros((4, 3))
    expected[2, 1], expected[3, 0] = 1.0, 0.25
    assert np.allclose(np.reshape(found.errors, (4, 3)), expected)


@settings(deadline=None)
@given(st.lists(st.integers(1, 70), min_size=0, max_size=3), st.integers(0, 10**6))
def test_a_heat_map_of_any_shape_fits_32_by_32_and_keeps_a_single_error(shape, place):
    size = int(np.prod(shape, dtype=int))
    slopes = differences.Slopes(
        values=np.ones(size),
        errors=np.zeros(size),
        spans=np.zeros(size),
        kinks=np.zeros(size, bool),
        undecided=np.zeros(size, bool),
        finite=np.ones(size, bool),
    )
    derivative = Derivative(
        shape=tuple(shape),
        coordinates=np.arange(size),
        slopes=slopes,
        directions=np.empty((0, size)),
        along=slopes,
        others={},
        scalar=False,
    )
    gradient = np.ones(shape)
    gradient.flat[place % size] = 1.5
    wrong = gradient.ravel() != 1.0
    found = gradients.error_map("t", gradient, derivative, wrong)
    assert found.rows <= 32 and found.columns <= 32
    assert len(found.errors) == found.rows * found.columns
    assert sorted(found.errors)[-1] == 0.5 and sum(found.errors) == 0.5


@pytest.mark.slow
def test_the_checker_s_claims_hold_on_random_cases(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARK.parent))
    arguments = ["--cases", "126", "--attacks", "22", "--layers", "10", "--seed", "1"]
    assert runpy.run_path(str(BENCHMARK))["main"](arguments) == 0
