"""Slopes of functions that can be called here: the step that decides, another base point."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.core.measurement import elsewhere, measure
from autograder.core.points import STEPS


def test_a_smooth_function_is_decided_by_the_first_step():
    found = measure(np.tanh, np.linspace(-2, 2, 9), np.ones(9), np.random.default_rng(0))
    assert found.derivative.decided and found.plan.step == STEPS[0]
    assert np.array_equal(found.outputs, np.stack([np.tanh(p) for p in found.plan.points()]))


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_kinks_on_both_sides_are_passed_by_with_a_smaller_step(below, above):
    low, high = 1 - below * STEPS[0], 1 + above * STEPS[0]
    f = lambda x: 2 * x + np.maximum(x - high, 0) - 3 * np.maximum(low - x, 0)  # noqa: E731
    slopes = measure(f, np.ones(1), 1.0, np.random.default_rng(0)).derivative.slopes
    assert not slopes.undecided[0] and abs(slopes.values[0] - 2) <= slopes.errors[0] < 2e-4


def test_no_step_decides_what_is_noisy():
    rng = np.random.default_rng(0)
    found = measure(lambda x: x + 1e-6 * rng.standard_normal(1), np.ones(1), 1.0, rng)
    assert not found.derivative.decided and found.plan.step == STEPS[-1]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), st.integers(0, 99))
def test_another_base_point_is_near_and_on_the_same_side_of_zero(numbers, seed):
    base = np.array(numbers)
    other = elsewhere(base, np.random.default_rng(seed))
    moving = np.abs(base) > 1e-300
    assert (np.abs(other - base) <= 0.1 * np.where(base == 0, 1, np.abs(base))).all()
    assert (np.sign(other) == np.sign(base))[moving].all() and (other != base)[base == 0].all()
