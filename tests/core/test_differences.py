"""Numerical derivatives: the plan, the estimate, its error bound, kinks and bad values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from autograder.core import differences, points
from autograder.core.differences import Derivative
from autograder.core.points import STEPS, Floats

FINITE = st.floats(-1e6, 1e6)


def differentiate(
    f, x: Floats, upstream=None, max_coordinates=500, step=STEPS[0], trusted=True
) -> Derivative:
    """Plan, evaluate and estimate with a local function."""
    plan = points.plan(x, np.random.default_rng(0), max_coordinates, step)
    with np.errstate(all="ignore"):
        base = np.asarray(f(x))
        outputs = np.empty((plan.evaluations - 1, *base.shape), base.dtype)
        for row, point in enumerate(plan.points()):
            outputs[row] = f(point)
    upstream = np.ones(base.shape) if upstream is None else upstream
    return differences.estimate(plan, base, outputs, upstream, trusted=trusted)


def relu(x):
    return np.maximum(x, 0.0)


@given(arrays(np.float64, array_shapes(max_dims=3, max_side=6), elements=FINITE))
def test_every_sparse_point_differs_from_the_base_in_its_own_coordinate_only(x):
    plan = points.plan(x, np.random.default_rng(0))
    moved = list(plan.points())
    assert len(moved) == 4 * x.size == plan.evaluations - 1
    for point, index, value in zip(moved, plan.indices, plan.values, strict=True):
        assert point.flat[index] == value != x.flat[index]
        point.flat[index] = x.flat[index]
        assert np.array_equal(point, x)


@given(arrays(np.float64, 5, elements=FINITE))
def test_steps_are_powers_of_two_that_the_points_realise(x):
    plan = points.plan(x, np.random.default_rng(0))
    assert (np.frexp(plan.steps)[0] == 0.5).all()
    moved = plan.values.reshape(-1, 4) - x[:, None]
    wanted = plan.steps[:, None] * points.OFFSETS
    assert np.allclose(moved, wanted, rtol=1e-9, atol=0)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 5))
def test_evaluations_are_at_most_four_per_entry_and_one(size, most, seed):
    rng = np.random.default_rng(seed)
    plan = points.plan(rng.standard_normal(size), rng, max_coordinates=most)
    assert plan.evaluations <= 4 * size + 1
    assert len(set(plan.coordinates)) == len(plan.coordinates) > 0
    assert len(plan.directions) in (0, points.DIRECTIONS)


def test_a_sample_takes_one_coordinate_of_each_stratum_and_random_directions():
    plan = points.plan(np.ones((60, 50)), np.random.default_rng(0))
    assert np.array_equal(plan.coordinates // 6, np.arange(500))
    assert plan.directions.shape == (3, 4, 60, 50)
    assert (plan.directions != 1.0).all()


def test_the_base_must_be_finite_float64():
    for bad in (np.ones(3, dtype=np.float32), np.array([1.0, np.nan])):
        with pytest.raises(ValueError, match="finite float64"):
            points.plan(bad, np.random.default_rng(0))


def test_outputs_and_upstream_of_another_shape_are_refused():
    plan = points.plan(np.ones(3), np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"expected \(12, 2\)"):
        differences.estimate(plan, np.ones(2), np.ones((12, 3)))
    with pytest.raises(ValueError, match="upstream"):
        differences.estimate(plan, np.ones(2), np.ones((12, 2)), np.ones(1))


@settings(deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([np.tanh, np.sin, np.exp, np.arctan, np.square]))
def test_the_error_bound_holds_and_is_tight_for_smooth_functions(seed, f):
    rng = np.random.default_rng(seed)
    x, W, u = (rng.standard_normal(shape) for shape in ((5, 4), (4, 3), (5, 3)))
    slope = {
        np.tanh: lambda z: 1 - np.tanh(z) ** 2,
        np.sin: np.cos,
        np.exp: np.exp,
        np.arctan: lambda z: 1 / (1 + z * z),
        np.square: lambda z: 2 * z,
    }[f]
    slopes = differentiate(lambda x: f(x @ W), x, u).slopes
    right = ((u * slope(x @ W)) @ W.T).ravel()
    assert (np.abs(slopes.values - right) <= slopes.errors).all()
    assert (slopes.errors < 1e-6 * np.abs(right).max()).all()
    assert not slopes.undecided.any()


@given(st.floats(-1.5, 1.5), st.floats(-3, 3), st.floats(-3, 3))
def test_a_kink_within_the_step_leaves_the_slope_of_the_side_that_the_point_is_on(where, a, b):
    """The bend lies at `where` steps from the point; a and b are the slopes below and above it."""
    kink = 1.0 + where * STEPS[0]
    f = lambda x: np.where(x < kink, a, b) * (x - kink) + np.sin(x)  # noqa: E731
    right = (a if kink > 1.0 else b) + np.cos(1.0)
    for step in STEPS:
        slopes = differentiate(f, np.ones(1), step=step).slopes
        assert abs(slopes.values[0] - right) <= slopes.errors[0] + slopes.spans[0]
    if abs(where) > 0.1:
        slopes = differentiate(f, np.ones(1), step=STEPS[1]).slopes
        assert not slopes.undecided[0] and not slopes.kinks[0]


def test_a_kink_at_the_point_spans_both_one_sided_slopes():
    slopes = differentiate(lambda x: relu(x) + x * x, np.zeros(3), step=STEPS[1]).slopes
    assert slopes.kinks.all() and not slopes.undecided.any()
    assert np.allclose(slopes.values - slopes.spans, 0.0, atol=5e-3)
    assert np.allclose(slopes.values + slopes.spans, 1.0, atol=5e-3)


def test_kinks_on_different_sides_in_different_outputs_are_told_apart():
    quarter = STEPS[0] / 4
    f = lambda w: relu(w * np.ones(2) + [quarter - 1, -quarter - 1])  # noqa: E731
    slopes = differentiate(f, np.ones(1), np.array([3.0, 5.0])).slopes
    assert slopes.kinks[0] and not slopes.undecided[0]
    assert abs(slopes.values[0] - 3.0) <= slopes.errors[0] < 1e-6


def test_kinks_on_both_sides_leave_the_slope_undecided():
    quarter = STEPS[0] / 4
    f = lambda x: relu(x - 1 - quarter) - 2 * relu(1 - quarter - x)  # noqa: E731
    assert differentiate(f, np.ones(1)).slopes.undecided[0]


def test_a_function_that_changes_from_call_to_call_is_undecided():
    rng = np.random.default_rng(0)
    slopes = differentiate(lambda x: x + 1e-7 * rng.standard_normal(x.shape), np.ones(20)).slopes
    assert slopes.undecided.all()


@settings(max_examples=30, deadline=None)
@given(st.integers(-12, -2), st.integers(0, 9))
def test_nothing_that_an_untrusted_function_does_widens_a_bound_that_counts(exponent, seed):
    """Noise, a huge constant, a kink where it was asked: the slope is undecided, or known well."""
    rng = np.random.default_rng(seed)
    x, W, size = rng.standard_normal((4, 3)), rng.standard_normal((3, 2)), 10.0**exponent
    for extra in (
        lambda moved: size * rng.uniform(-1, 1, (4, 2)),
        lambda moved: size * np.sin(1e9 * moved @ W),
        lambda moved: 1 / size,
        lambda moved: size * np.abs(moved - x).sum(),
    ):
        f = lambda moved, extra=extra: np.tanh(moved @ W) + extra(moved)  # noqa: E731
        slopes = differentiate(f, x, trusted=False).slopes
        typical = np.sqrt(np.mean(slopes.values**2))
        most = 1e-4 * np.abs(slopes.values) + 1e-5 * typical + 1e-8
        assert (slopes.undecided | (slopes.errors + slopes.spans <= most)).all()


def test_an_untrusted_function_has_no_choice_of_subgradients():
    for trusted in (True, False):
        slopes = differentiate(relu, np.array([0.0, 1.0, -1.0]), trusted=trusted).slopes
        assert slopes.undecided.tolist() == [not trusted, False, False]


def test_outputs_in_float32_are_undecided():
    x = np.linspace(0.5, 1.5, 30)
    assert differentiate(lambda x: np.tanh(x).astype(np.float32), x).slopes.undecided.all()


def test_saturation_and_constants_have_a_zero_slope_within_the_error():
    for f in (np.tanh, lambda x: 0 * x, lambda x: 0 * x + 7):
        slopes = differentiate(f, np.full(4, 30.0)).slopes
        assert (np.abs(slopes.values) <= slopes.errors).all()
        assert (slopes.errors < 1e-9).all() and not slopes.undecided.any()


def test_a_loss_that_has_cancelled_to_zero_hides_a_tiny_slope_within_the_error():
    f = lambda z: np.log(np.exp(z - 100).sum()) + 100 - z[0]  # noqa: E731
    slopes = differentiate(f, np.array([100.0, 50.0, 20.0])).slopes
    assert f(np.array([100.0, 50.0, 20.0])) == 0.0 and not slopes.undecided.any()
    assert (np.abs(slopes.values - [0.0, np.exp(-50), np.exp(-80)]) <= slopes.errors).all()


@pytest.mark.filterwarnings("error")
def test_values_that_are_not_finite_are_marked_without_a_warning():
    f = lambda x: np.where(x > 2, np.nan, np.where(x < -2, np.inf, x))  # noqa: E731
    slopes = differentiate(f, np.array([0.0, 3.0, -3.0, 1.0]), np.zeros(4)).slopes
    assert not slopes.finite.any()  # 0 · NaN: a poisoned output poisons every sum
    slopes = differentiate(lambda x: np.log(x), np.array([0.0])).slopes
    assert not slopes.finite[0]


def test_zero_size_and_zero_dimensions_are_fine():
    empty = differentiate(lambda x: x.sum(), np.empty((0, 3)))
    assert empty.slopes.values.shape == (0,)
    single = differentiate(lambda x: x**3, np.array(2.0))
    assert single.slopes.values == pytest.approx(12) and single.scalar


def test_random_directions_agree_with_the_gradient_that_they_sample():
    rng = np.random.default_rng(0)
    x, W = rng.standard_normal((20, 10)), rng.standard_normal((10, 4))
    u = rng.standard_normal((20, 4))
    found = differentiate(lambda x: np.tanh(x @ W), x, u, max_coordinates=50)
    right = ((u * (1 - np.tanh(x @ W) ** 2)) @ W.T).ravel()
    assert len(found.coordinates) == 50
    assert (np.abs(found.directions @ right - found.along.values) <= found.along.errors).all()


def test_other_upstreams_are_estimated_from_the_same_outputs():
    rng = np.random.default_rng(0)
    x, W = rng.standard_normal((3, 3)), rng.standard_normal((3, 3))
    u = rng.standard_normal((3, 3))
    others = differentiate(lambda x: x @ W, x, u).others
    first = np.vstack([u[0], np.zeros((2, 3))])
    for name, other in {
        "ones": np.ones((3, 3)),
        "squared": u * u,
        "first": first,
        "transposed": u.T,
    }.items():
        assert np.allclose(others[name], (other @ W.T).ravel(), atol=1e-9)
    assert np.allclose(others["diagonal"], (u * np.diag(W)).ravel(), atol=1e-9)
