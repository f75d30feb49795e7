"""Questions that are asked twice: their order, and what counts as two answers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.core.points import plan
from autograder.core.repetition import REPEATED, order, two_answers


def asked(f, chosen):
    """The outputs at the points of an order, directions included."""
    base = chosen.plan.base
    points = []
    for index, value in zip(chosen.indices, chosen.values, strict=True):
        point = base.copy()
        point.flat[index] = value
        points.append(point)
    return np.stack([f(point) for point in [*points, *chosen.plan.dense]])


@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 99))
def test_each_point_is_asked_some_twice_and_the_base_first_last_and_between(size, most, seed):
    rng = np.random.default_rng(seed)
    found = order(plan(rng.standard_normal(size), rng, most), rng)
    points = len(found.plan.indices)
    assert set(found.numbers) == {-1, *range(points)}
    assert (found.numbers == -1).sum() == REPEATED and len(found.numbers) == points + 2 * REPEATED
    assert found.numbers[0] == found.numbers[-1] == -1


@given(st.integers(0, 30), st.integers(0, 99))
def test_outputs_come_back_in_the_order_of_the_plan(size, seed):
    rng = np.random.default_rng(seed)
    found = order(plan(rng.standard_normal(size), rng, 10), rng)
    outputs = asked(np.tanh, found) if size else np.empty((0, 0))
    expected = [np.tanh(point) for point in found.plan.points()]
    assert np.array_equal(found.sorted(outputs), np.reshape(expected, (len(expected), size)))
    assert found.repeated(np.tanh(found.plan.base), outputs, "forward") is None


def test_a_function_that_changes_on_the_way_is_told():
    rng = np.random.default_rng(0)
    found = order(plan(rng.standard_normal(5), rng), rng)
    outputs = asked(np.tanh, found)
    for late in (0, len(outputs) // 2, len(outputs) - 1):
        changed = outputs.copy()
        changed[late:, 3] += 1e-12
        assert found.repeated(np.tanh(found.plan.base), changed, "forward") is not None


@given(st.floats(-1e300, 1e300), st.integers(-3, 3))
def test_a_few_roundings_are_one_answer(value, ulps):
    first = np.array([value, 1e-3 * value])
    second = first + ulps * np.spacing(np.abs(first))
    assert two_answers(first, second, "y") is None


def test_two_answers_are_told_with_place_and_both_values():
    first = np.array([[1.0, np.nan], [np.inf, 2.0]])
    assert two_answers(first, first.copy(), "forward") is None
    found = two_answers(first, first + np.array([[0, 0], [0, 1e-12]]), "forward")
    assert found.message == (
        "forward gives two answers for one input at [1, 1]: first 2, then 2   off by 1e−12"
    )
    assert two_answers(np.array(1.0), np.array(np.nan), "loss").message.startswith("loss gives two")
