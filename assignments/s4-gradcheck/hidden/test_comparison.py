"""q4 and q8, 21 points: the relative error, the common factor, and what the line-up came to."""

import numpy as np
import pytest

from autograder.suite import fail, integers

INF = float("inf")


def relative_error(a, b, floor=1e-3):
    return np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), floor)


@pytest.mark.points(3)
@pytest.mark.hint("Exchange a and b: should the error change? Is it one number, or one per entry?")
def test_values(student, rng, check_close):
    """relative_error: |a − b| / max(|a|, |b|), entry by entry."""
    for shape in [(7,), (3, 4), (2, 1, 3)]:
        a = rng.choice([-1.0, 1.0], shape) * 10.0 ** rng.uniform(-2, 4, shape)
        b = a * rng.uniform(-3.0, 3.0, shape)
        a.flat[:5], b.flat[:5] = [-3.0, 2.0, 5.0, -4.0, -1.0], [-2.0, 5.0, 2.0, 4.0, -7.0]
        actual = student.relative_error(a, b)
        check_close(actual, relative_error(a, b), "relative_error", atol=0.0)


@pytest.mark.points(2)
@pytest.mark.hint("What should noise of 1e-12 against an exact 0 count?")
def test_floor(student, rng, check_close):
    """relative_error: the denominator is at least the floor, 1e-3 unless said otherwise."""
    a = rng.uniform(-1.0, 1.0, 12) * 10.0 ** np.repeat([-12.0, -7.0, -4.0, 0.0], 3)
    b = a + rng.uniform(0.1, 1.0, 12) * 10.0 ** np.repeat([-12.0, -6.0, -5.0, -3.0], 3)
    b[0] = 0.0
    check_close(student.relative_error(a, b), relative_error(a, b), "relative_error", atol=0.0)
    for floor in (0.0, 1e-6, 10.0):
        expected = relative_error(a, b, floor)
        actual = student.relative_error(a, b, floor)
        check_close(actual, expected, f"relative_error with floor {floor:g}", atol=0.0)


@pytest.mark.points(1)
@pytest.mark.hint(
    "By which factor do 1e-6 and 2e-6 differ, and what becomes of it in your formula?"
)
def test_small_gradients(student, rng, check_close):
    """relative_error: a factor of 2 shows in an entry of 1e-6, also beside large entries."""
    numerical = np.append(1e4 * rng.standard_normal(50), 2e-6)
    claimed = numerical.copy()
    claimed[-1] = 1e-6
    expected = np.append(np.zeros(50), 1e-3)
    check_close(student.relative_error(claimed, numerical), expected, "relative_error")


@pytest.mark.points(2)
@pytest.mark.hint("What is 0 / 0, and is it larger than any tolerance?")
def test_zeros(student, rng, check_close):
    """relative_error: 0 where both are 0, with any floor."""
    a = np.append(np.zeros(4), rng.uniform(1.0, 2.0, 3))
    b = np.append(np.zeros(3), rng.uniform(1.0, 2.0, 4))
    for floor in (0.0, 1e-3):
        expected = np.append(np.zeros(3), relative_error(a[3:], b[3:], floor))
        actual = student.relative_error(a, b, floor)
        check_close(actual, expected, f"relative_error with zeros and floor {floor:g}")


@pytest.mark.points(3)
@pytest.mark.hint("On which side of `error > tolerance` does NaN end up?")
def test_not_finite(student, rng, check_close):
    """relative_error: infinite where either number is NaN or infinite."""
    x, nan = float(rng.uniform(1.0, 2.0)), float("nan")
    pairs = [(nan, x), (x, nan), (nan, nan), (nan, 0), (0, nan), (INF, x), (x, INF)]
    pairs += [(INF, INF), (-INF, -INF), (INF, -INF), (nan, INF), (-INF, 0)]
    a, b = np.array([*pairs, (x, x), (x, -x)], dtype=float).T
    expected = np.append(np.full(len(pairs), INF), [0.0, 2.0])
    for floor in (1e-3, 0.0):
        actual = student.relative_error(a, b, floor)
        check_close(actual, expected, "relative_error with NaN and infinities")


@pytest.mark.points(2)
@pytest.mark.hint("What does numpy make of a (3,) array minus a (3, 1) array?")
def test_shapes(student, rng, check_close):
    """relative_error: raises ValueError for arrays of different shapes."""
    a, b = rng.uniform(1.0, 2.0, (2, 3, 3))
    check_close(student.relative_error(a, b), relative_error(a, b), "relative_error")
    for one, other in [
        ((3,), (3, 1)),
        ((4,), (1, 4)),
        ((2, 3), (3, 2)),
        ((), (3,)),
        ((2, 2), (4,)),
        ((1, 3), (2, 3)),
    ]:
        with student.raises("ValueError"):
            student.relative_error(np.ones(one), np.ones(other))


@pytest.mark.points(2)
@pytest.mark.hint("Which of the two arrays is in the denominator?")
def test_common_factor(student, rng, check_close):
    """common_factor: the factor of a claimed gradient that is a multiple of the numerical one."""
    for shape in [(6,), (3, 4), (2, 2, 2)]:
        numerical = rng.uniform(0.5, 2.0, shape) * rng.choice([-1.0, 1.0], shape)
        numerical.flat[0], numerical.flat[1] = 0.0, 1e-5
        for factor in (-1.0, 2.0, 0.125, 0.0, 1.0):
            claimed = factor * numerical
            noisy = numerical + 1e-9 * rng.uniform(-1.0, 1.0, shape)
            check_close(
                student.common_factor(claimed, noisy), factor, "common_factor", rtol=1e-6, atol=1e-7
            )
        negative = -rng.uniform(0.5, 2.0, shape)
        check_close(student.common_factor(-2.0 * negative, negative), -2.0, "common_factor")


@pytest.mark.points(2)
@pytest.mark.hint("How many entries have to agree on a factor, and what does NaN agree with?")
def test_no_common_factor(student, rng, check_close):
    """common_factor: None where there is none."""
    numerical = rng.uniform(0.5, 2.0, (3, 3)) * rng.choice([-1.0, 1.0], (3, 3))
    check_close(student.common_factor(3 * numerical, numerical), 3.0, "common_factor")
    claims = {"a transposed gradient": numerical.T, "an absolute value": np.abs(numerical)}
    numerical[0, :2] = [1.5, -1.5]
    numerical[1:, 0] = [0.7, 0.0]
    for index in [(0, 0), (1, 2), (2, 2)]:
        for name, value in [("one entry that is off", 0.01), ("NaN", np.nan)]:
            claim = 2 * numerical
            claim[index] += value
            claims[f"{name}, {index}"] = claim
    for name, claim in claims.items():
        actual = student.common_factor(claim, numerical)
        check_close(actual, None, f"common_factor of {name.split(',')[0]}")
    actual = student.common_factor(numerical, np.zeros((3, 3)))
    check_close(actual, None, "common_factor with a numerical gradient of zeros")


def check_findings(student, exhibits, guilty):
    """Compare the verdicts on a range of exhibits."""
    answer = integers(student.findings(), (range(1000),), "what findings returns")
    if {int(number) for number in answer if number in exhibits} != guilty:
        fail(
            f"at least one verdict on the exhibits {exhibits[0]} to {exhibits[-1]} is wrong:"
            " a guilty one goes free, or an innocent one is accused"
        )


@pytest.mark.points(2)
@pytest.mark.hint("What does your check_layer say of each of these layers, kinks left out?")
def test_first_half_of_the_line_up(student):
    """findings: the verdicts on exhibits 1 to 7 are right."""
    check_findings(student, range(1, 8), {3, 5, 6, 7})


@pytest.mark.points(2)
@pytest.mark.hint("What does your check_layer say of each of these layers, kinks left out?")
def test_second_half_of_the_line_up(student):
    """findings: the verdicts on exhibits 8 to 15 are right."""
    check_findings(student, range(8, 16), {9, 12})
