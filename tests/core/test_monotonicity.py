"""When a better mark can lower the softmin grade."""

from math import exp

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autograder.core.monotonicity import is_monotone, smallest_safe_temperature, steepest_drop
from autograder.core.softmin import weighted_mean

constants = st.lists(st.floats(0.02, 1), min_size=2, max_size=5).map(
    lambda values: {f"c{i}": value for i, value in enumerate(values)}
)
scales = st.sampled_from([1.0, 5.0, 10.0, 100.0])


def test_the_course_with_temperature_20_is_monotone() -> None:
    assert is_monotone({"seminars": 0.2, "practicals": 0.3, "project": 0.5}, 20, 10)


def test_the_smallest_safe_temperature_of_the_course_solves_the_equation() -> None:
    """(u − 1)·e^u = 0.2 / 0.8 for u = 10 / T."""
    T = smallest_safe_temperature({"seminars": 0.2, "practicals": 0.3, "project": 0.5}, 10)
    assert round(T, 3) == 9.221
    assert abs((10 / T - 1) * exp(10 / T) - 0.25) < 1e-12


def test_a_single_component_is_monotone_at_any_temperature() -> None:
    assert is_monotone({"only": 1.0}, 1e-9, 10)
    assert smallest_safe_temperature({"only": 1.0}, 10) == 0
    assert steepest_drop({"only": 1.0}, 1e-9, 10) is None


@given(constants, scales)
def test_the_smallest_safe_temperature_is_the_border(c: dict[str, float], scale: float) -> None:
    T = smallest_safe_temperature(c, scale)
    assert is_monotone(c, T * (1 + 1e-9), scale)
    assert not is_monotone(c, T * (1 - 1e-9), scale)


@given(constants, scales)
def test_a_temperature_of_the_whole_scale_is_always_safe(c: dict[str, float], scale: float) -> None:
    assert is_monotone(c, scale, scale)


@given(constants, scales, st.floats(0.05, 0.98))
def test_a_refused_temperature_comes_with_a_true_counterexample(
    c: dict[str, float], scale: float, fraction: float
) -> None:
    T = fraction * smallest_safe_temperature(c, scale)
    drop = steepest_drop(c, T, scale)
    assert drop is not None
    assert 0 < drop.before < drop.after == scale
    worse, better = dict.fromkeys(c, 0.0), dict.fromkeys(c, 0.0)
    worse[drop.component], better[drop.component] = drop.before, drop.after
    assert weighted_mean(worse, c, T) == drop.grade_before
    assert weighted_mean(better, c, T) == drop.grade_after
    assert drop.grade_after < drop.grade_before


@settings(max_examples=300)
@given(constants, st.floats(0.3, 1.3), st.data())
def test_wherever_the_slope_is_negative_the_temperature_is_refused(
    c: dict[str, float], fraction: float, data: st.DataObject
) -> None:
    """The slope of the grade in O_i has the sign of 1 − (O_i − G)/T, anywhere in the cube."""
    T, scale = fraction * smallest_safe_temperature(c, 10), 10
    corners = st.sampled_from([0.0, 10.0]) | st.floats(0, 10)
    marks = {name: data.draw(corners) for name in c}
    G = weighted_mean(marks, c, T)
    assume(any(mark - G > T * (1 + 1e-9) for mark in marks.values()))
    assert not is_monotone(c, T, scale)
