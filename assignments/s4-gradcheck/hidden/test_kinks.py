"""q5, 10 points: entries at which the one-sided slopes differ."""

import numpy as np
import pytest

from autograder.suite import callback

CUBE_ROOT = 2.0 ** (-52 / 3)


@pytest.mark.points(3)
@pytest.mark.hint("Which two slopes does a kink tell apart, and which entry do they belong to?")
def test_kinks_at_an_entry(student, rng, check_close):
    """kinks: found in exactly the entries where they are, whatever the two slopes."""
    x = rng.uniform(0.5, 2.0, (3, 3)) * rng.choice([-1.0, 1.0], (3, 3))
    where = np.zeros((3, 3), dtype=bool)
    where.flat[rng.choice(9, 4, replace=False)] = True
    x[where] = 0.0
    for left, right in [(-1.0, 1.0), (0.0, 1.0), (1.0, 0.0), (2.0, -0.5), (-3.0, -3.05)]:
        bent = callback(
            lambda x, left=left, right=right: float(np.sum(np.where(x > 0, right * x, left * x))),
            x.shape,
        )
        actual = student.kinks(bent, x)
        check_close(actual, where, f"kinks with the slopes {left} and {right}")


@pytest.mark.points(2)
@pytest.mark.hint("How far does your measurement reach to each side of x?")
def test_kinks_within_the_step(student, rng, check_close):
    """kinks: found when they lie within the step, not when they lie beyond it."""
    place = np.array([0.0, 0.5, -300.0, 4e4])
    h = CUBE_ROOT * np.maximum(1.0, np.abs(place))
    for distance, found in [(0.4, True), (-0.4, True), (3.0, False), (-3.0, False)]:
        bent = callback(lambda x: float(np.sum(np.abs(x - place))), place.shape)
        actual = student.kinks(bent, place + distance * h)
        check_close(actual, np.full(4, found), f"kinks at {distance:+} steps from x")


@pytest.mark.points(2)
@pytest.mark.hint("By how much do the one-sided slopes of a smooth, steep, bent function differ?")
def test_smooth_functions(student, rng, check_close):
    """kinks: none where the function is smooth, however steep."""
    x = rng.uniform(-3.0, 3.0, (2, 4))
    x[0] = [0.0, 3.0, -3.0, 1.0]
    none = np.zeros((2, 4), dtype=bool)
    for name, function in {
        "Σ sin 3x": lambda x: np.sum(np.sin(3 * x)),
        "Σ x²": lambda x: np.sum(x**2),
        "500 Σ x³": lambda x: 500 * np.sum(x**3),
        "−500 Σ x³": lambda x: -500 * np.sum(x**3),
        "Σ |x|³": lambda x: np.sum(np.abs(x) ** 3),
        "a constant": lambda x: 5.0,
    }.items():
        smooth = callback(lambda x, f=function: float(f(x)), x.shape)
        actual = student.kinks(smooth, x)
        check_close(actual, none, f"kinks of {name}")


@pytest.mark.points(2)
@pytest.mark.hint("Which entries change the value when they move alone, and to which side?")
def test_kinks_of_several_entries(student, rng, check_close):
    """kinks: also where entries meet each other; integers and single numbers, too."""
    x = rng.integers(1, 5, 6)
    x[[1, 4]] = 9
    expected = np.isin(np.arange(6), [1, 4])
    maximum = callback(lambda x: float(np.max(x) + np.sum(np.square(x))), x.shape)
    actual = student.kinks(maximum, x)
    check_close(actual, expected, "kinks of a maximum")
    number = np.array(2.5, dtype=np.float32)
    actual = student.kinks(callback(lambda x: float(np.abs(x - 2.5)), ()), number)
    check_close(actual, np.array(True), "the kink of one number")


@pytest.mark.points(1)
@pytest.mark.hint("Is an entry excused when its slope cannot be measured at all?")
def test_no_excuse_for_nan(student, rng, check_close):
    """kinks: not where a slope is NaN; x stays as it is."""
    x = np.array([0.0, 1.0, 2.0, 1e-20])

    def function(x):
        broken = np.where(x[1] > 1.0, np.nan, x[1]) + np.where(x[2] < 2.0, np.nan, x[2])
        return float(np.abs(x[0]) + x[3] + broken)

    there = student.put(x)
    expected = np.array([True, False, False, False])
    check_close(student.kinks(callback(function, (4,)), there), expected, "kinks beside NaN")
    check_close(student.fetch(there), x, "x afterwards", rtol=0.0, atol=0.0)
