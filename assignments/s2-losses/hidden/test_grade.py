"""q1, 14 points: softmin weights, the accumulated grade, its gradient, rounding."""

import numpy as np
import pytest


def weights(marks, constants, temperature):
    logs = np.log(constants) - marks / temperature
    return np.exp(logs - np.logaddexp.reduce(logs))


def grade(marks, constants, temperature):
    return float(weights(marks, constants, temperature) @ marks)


def gradient(marks, constants, temperature):
    w = weights(marks, constants, temperature)
    return w - w * (marks - w @ marks) / temperature


def a_course(rng, count):
    """Marks, constants that do not sum to 1, and a temperature."""
    return rng.uniform(0, 10, count), rng.uniform(0.5, 3.0, count), float(rng.uniform(5, 30))


def a_cold_course(rng, least):
    """A very low temperature; two weakest marks that are nearly equal, and a 10."""
    low, gap = least + rng.uniform(0.1, 0.9), rng.uniform(0.005, 0.02)
    return np.array([low, 10.0, low + gap]), rng.uniform(0.2, 0.5, 3), 0.01


@pytest.mark.points(3)
@pytest.mark.hint("Who should weigh more, the weak or the strong, and what do the weights sum to?")
def test_weights(student, rng, check_close):
    """softmin_weights: for any number of components, constants and temperatures."""
    for count in (3, 2, 6, 3):
        course = a_course(rng, count)
        check_close(student.softmin_weights(*course), weights(*course), "weights")


@pytest.mark.points(2)
@pytest.mark.hint("Work out the grade of (4, 6, 8) with pen and paper. Is anything rounded yet?")
def test_accumulated_grade(student, rng, check_close):
    """accumulated_grade: the weighted mean of the marks, not rounded."""
    for count in (3, 2, 5, 3):
        course = a_course(rng, count)
        check_close(student.accumulated_grade(*course), grade(*course), "grade")


@pytest.mark.points(3)
@pytest.mark.hint("A mark stands in its own term and in every weight: which of the two is missing?")
def test_gradient(student, rng, check_gradient):
    """grade_gradient: agrees with finite differences of the grade, at low temperatures too."""
    for count, temperature in [(3, 20.0), (5, 8.0), (4, 1.5), (3, 20.0)]:
        marks, constants, _ = a_course(rng, count)
        actual = student.grade_gradient(marks, constants, temperature)
        check_gradient(
            actual, lambda m, c=constants, t=temperature: grade(m, c, t), marks, "gradient"
        )


@pytest.mark.points(2)
@pytest.mark.hint("What is exp(-1000) in float64, and what is the quotient of two such numbers?")
def test_low_temperature(student, rng, check_close):
    """Grade: weights, grade and gradient at a temperature of 0.01."""
    for least in (8.0, 0.0):
        course = a_cold_course(rng, least)
        check_close(student.softmin_weights(*course), weights(*course), "weights")
        check_close(student.accumulated_grade(*course), grade(*course), "grade")
        check_close(student.grade_gradient(*course), gradient(*course), "gradient")


@pytest.mark.points(2)
@pytest.mark.hint(
    "Where do 2.5, 3.5 and 2.49 go by agreement, and where does your function put them?"
)
def test_rounding(student, rng, check_close):
    """round_half_up: to the nearest whole number, halves up."""
    even = 2.0 * rng.integers(1, 4)
    for part, up in [(0.5, 1), (0.46, 0), (0.496, 0), (0.4996, 0), (0.49999, 0), (0.0, 0)]:
        for whole in (0.0, even, even + 1.0, 9.0):
            rounded = student.round_half_up(float(whole + part))
            check_close(rounded, whole + up, "rounded grade", dtype="any")
    above = float(even + rng.uniform(0.51, 0.99))
    check_close(student.round_half_up(above), even + 1.0, "rounded grade", dtype="any")


@pytest.mark.points(1)
@pytest.mark.hint("What does point 9 together with q1 say of 5.499999999999999?")
def test_hidden_halves(student, check_close):
    """round_half_up: what lies a rounding error below a half counts as the half."""
    for half in (0.5, 2.5, 4.5, 5.5, 9.5):
        for grade in (float(np.nextafter(half, 0.0)), half - 1e-12, half - 1e-10, half + 1e-12):
            rounded = student.round_half_up(grade)
            check_close(rounded, half + 0.5, "rounded grade", dtype="any")


@pytest.mark.points(1)
@pytest.mark.hint("Which of your statements writes into the marks, and what is their dtype?")
def test_arrays_of_the_caller(student, rng, check_close):
    """Grade: marks and constants stay as they are, and marks may be integers."""
    for marks in (rng.uniform(0, 10, 4), rng.permutation(10)[:4]):
        constants = rng.uniform(0.5, 3.0, 4)
        course = (marks.astype(float), constants, 20.0)
        marks_there, constants_there = student.put(marks), student.put(constants)
        there = (marks_there, constants_there, 20.0)
        check_close(student.softmin_weights(*there), weights(*course), "weights")
        check_close(student.accumulated_grade(*there), grade(*course), "grade")
        check_close(student.grade_gradient(*there), gradient(*course), "gradient")
        check_close(student.fetch(marks_there), marks, "the given marks afterwards")
        check_close(student.fetch(constants_there), constants, "the given constants afterwards")
