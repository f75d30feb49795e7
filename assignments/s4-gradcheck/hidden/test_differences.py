"""q1, 20 points: forward and central differences with a given step."""

import numpy as np
import pytest

from autograder.suite import callback, fail


def cubes(c):
    """f(x) = Σ c x³, of which both differences are known exactly."""
    return callback(lambda x: float(np.sum(c * x.astype(float) ** 3)), np.shape(c))


def forward_of_cubes(c, x, h):
    return c * (3 * x**2 + 3 * x * h + h**2)


def central_of_cubes(c, x, h):
    return c * (3 * x**2 + h**2)


@pytest.mark.points(3)
@pytest.mark.hint("Between which two points does the forward difference draw its line?")
def test_forward(student, rng, check_close):
    """forward_difference: exact for cubes, with steps of any size and of either sign."""
    for h in (0.3, 0.01, -0.2):
        x, c = rng.standard_normal((2, 5))
        actual = student.forward_difference(cubes(c), x, h)
        check_close(actual, forward_of_cubes(c, x, h), f"forward difference of cubes, h = {h}")


@pytest.mark.points(4)
@pytest.mark.hint("How far apart are the two points of the central difference?")
def test_central(student, rng, check_close):
    """central_difference: exact for cubes, with steps of any size."""
    for h in (0.3, 0.01, 2.0):
        x, c = rng.standard_normal((2, 5))
        actual = student.central_difference(cubes(c), x, h)
        check_close(actual, central_of_cubes(c, x, h), f"central difference of cubes, h = {h}")


@pytest.mark.points(3)
@pytest.mark.hint("When it is the turn of the next entry, where do all the others stand?")
def test_one_entry_at_a_time(student, rng, check_close):
    """Both differences: partial derivatives of a function in which all entries interact."""
    A, x = rng.standard_normal((6, 6)), rng.standard_normal((2, 3))

    def form(x):
        return float(np.ravel(x) @ A @ np.ravel(x))

    asked = callback(form, (2, 3))
    gradient = ((A + A.T) @ x.ravel()).reshape(2, 3)
    check_close(student.central_difference(asked, x, 0.5), gradient, "central difference")
    forward = gradient + 0.5 * np.diag(A).reshape(2, 3)
    check_close(student.forward_difference(asked, x, 0.5), forward, "forward difference")


@pytest.mark.points(2)
@pytest.mark.hint("Does your loop know how many dimensions x has?")
def test_shapes(student, rng, check_close):
    """Both differences: x of any shape, a single number included."""
    for shape in [(), (1,), (4, 1), (2, 3, 2)]:
        x, c = np.array(rng.standard_normal(shape)), np.array(rng.standard_normal(shape))
        actual = student.forward_difference(cubes(c), x, 0.1)
        check_close(actual, np.array(forward_of_cubes(c, x, 0.1)), f"forward, x of shape {shape}")
        actual = student.central_difference(cubes(c), x, 0.1)
        check_close(actual, np.array(central_of_cubes(c, x, 0.1)), f"central, x of shape {shape}")


@pytest.mark.points(2)
@pytest.mark.hint("Which of the steps belongs to the entry at hand?")
def test_a_step_for_each_entry(student, rng, check_close):
    """Both differences: h may be an array of steps of the shape of x."""
    x, c = rng.standard_normal((2, 2, 3))
    h = rng.uniform(0.1, 0.6, (2, 3))
    actual = student.forward_difference(cubes(c), x, h)
    check_close(actual, forward_of_cubes(c, x, h), "forward difference with an array of steps")
    actual = student.central_difference(cubes(c), x, h)
    check_close(actual, central_of_cubes(c, x, h), "central difference with an array of steps")


@pytest.mark.points(3)
@pytest.mark.hint("What happens to 0.1 when it is added to an entry of an integer array?")
def test_integers_and_float32(student, rng, check_close):
    """Both differences: integers and float32 numbers become float64 before the first step."""
    asked = []

    def of_cubes(x):
        asked.append(np.array(x))
        return float(np.sum(x.astype(float) ** 3))

    function = callback(of_cubes, (2, 3))
    x = rng.integers(-4, 5, (2, 3))
    expected = forward_of_cubes(1.0, x, 0.1)
    check_close(student.forward_difference(function, x, 0.1), expected, "forward, integers")
    expected = central_of_cubes(1.0, x, 0.1)
    check_close(student.central_difference(function, x, 0.1), expected, "central, integers")
    x = rng.uniform(0.5, 2.0, (2, 3)).astype(np.float32)
    exact = x.astype(float)
    expected = forward_of_cubes(1.0, exact, 1e-5)
    actual = student.forward_difference(function, x, 1e-5)
    check_close(actual, expected, "forward, float32", atol=1e-8)
    expected = central_of_cubes(1.0, exact, 1e-5)
    actual = student.central_difference(function, x, 1e-5)
    check_close(actual, expected, "central, float32", atol=1e-8)
    if any(point.dtype != np.float64 for point in asked):
        fail("the function was called with something else than a float64 array of the shape of x")


@pytest.mark.points(2)
@pytest.mark.hint("x + h − h is not always x. What leads back to the very same bits?")
def test_x_stays(student, rng, check_close):
    """Both differences: the caller's x is afterwards what it was, to the last bit."""
    x = np.append(rng.standard_normal(4), [1e-20, -3e-13])
    for difference, expected in [
        (student.forward_difference, 2 * x + 0.1),
        (student.central_difference, 2 * x),
    ]:
        there = student.put(x)
        squares = callback(lambda x: float(np.sum(np.square(x))), x.shape)
        actual = difference(squares, there, 0.1)
        check_close(actual, expected, "the difference")
        check_close(student.fetch(there), x, "x afterwards", rtol=0.0, atol=0.0)


@pytest.mark.points(1)
@pytest.mark.hint("Which value of the function does not depend on the entry at hand?")
def test_calls(student, rng, check_close):
    """Both differences: no more calls than agreed, each with one entry of x changed at most."""
    x, c = rng.standard_normal((2, 20))
    asked = []

    def function(x):
        asked.append(x)
        return cubes(c)(x)

    for difference, expected, most in [
        (student.forward_difference, forward_of_cubes(c, x, 0.1), 23),
        (student.central_difference, central_of_cubes(c, x, 0.1), 42),
    ]:
        asked.clear()
        actual = difference(callback(function, x.shape), x, 0.1)
        check_close(actual, expected, "the difference")
        if len(asked) > most:
            fail(f"{len(asked)} calls of the function for an x of 20 entries")
        if max(np.sum(point != x) for point in asked) > 1:
            fail("the function was asked at a point that differs from x in two entries or more")
