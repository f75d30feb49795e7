"""q2 and q3, 22 points: the choice of the step, and the numerical gradient that uses it."""

import numpy as np
import pytest

from autograder.suite import callback, fail

CUBE_ROOT = 2.0 ** (-52 / 3)


@pytest.mark.points(4)
@pytest.mark.hint("Where is the derivative of E by h zero? Check your h against its neighbours.")
def test_best_steps(student, rng, check_close):
    """best_steps: the steps at which the two error bounds are smallest."""
    for _ in range(4):
        noise, second, third = 10.0 ** rng.uniform([-16, -3, -3], [-4, 3, 3])
        expected = (2.0 * np.sqrt(noise / second), np.cbrt(3.0 * noise / third))
        actual = student.best_steps(float(noise), float(second), float(third))
        check_close(actual, tuple(map(float, expected)), "best_steps", atol=0.0)


def curves_of_cubes(student, rng, sign):
    """The student's error curves for a sum of cubes, and the exact ones; errors of one sign."""
    x = rng.uniform(0.5, 2.0, (2, 2))
    # The worst entry is neither the first nor the last.
    c = sign * np.array([[0.1, 1.0], [rng.uniform(8.0, 9.0), 0.2]])
    h = np.array([0.05, 0.8, 0.2])
    cubes = callback(lambda x: float(np.sum(c * x**3)), x.shape)
    forward, central = student.error_curves(cubes, 3 * c * x**2, x, h)
    column = h[:, None, None]
    exact_forward = np.abs(c * (3 * x * column + column**2)).max(axis=(1, 2))
    exact_central = np.abs(c * column**2).max(axis=(1, 2))
    return forward, central, exact_forward, exact_central


@pytest.mark.points(2)
@pytest.mark.hint("Which entry's error is reported for a step, and with which sign?")
def test_forward_curve(student, rng, check_close):
    """error_curves: the errors of the forward difference come first, one for each step."""
    for sign in (1.0, -1.0):
        forward, _, exact, _ = curves_of_cubes(student, rng, sign)
        check_close(forward, exact, "errors of the forward difference")


@pytest.mark.points(2)
@pytest.mark.hint("Which entry's error is reported for a step, and with which sign?")
def test_central_curve(student, rng, check_close):
    """error_curves: the errors of the central difference come second, one for each step."""
    for sign in (1.0, -1.0):
        _, central, _, exact = curves_of_cubes(student, rng, sign)
        check_close(central, exact, "errors of the central difference")


@pytest.mark.points(3)
@pytest.mark.hint("What is the step at 0, at −100, and just below 1?")
def test_step_sizes(student, rng, check_close):
    """step_sizes: relative to |x| above 1, absolute below."""
    for shape in [(6,), (2, 4), (2, 1, 3)]:
        x = rng.choice([-1.0, 1.0], shape) * 10.0 ** rng.uniform(-9, 9, shape)
        x.flat[:4] = [0.0, 0.7, -250.0, 1e6]
        expected = CUBE_ROOT * np.maximum(1.0, np.abs(x))
        check_close(student.step_sizes(x), expected, "step_sizes", atol=0.0)
    number = student.step_sizes(np.array(-8.0))
    check_close(number, np.array(8 * CUBE_ROOT), "step_sizes of one number", atol=0.0)


@pytest.mark.points(2)
@pytest.mark.hint("Of which dtype is the result of max(1, |x|) when x is float32?")
def test_step_sizes_of_other_dtypes(student, rng, check_close):
    """step_sizes: float64 for integers and for float32 numbers, too."""
    x = rng.integers(-50, 50, (3, 4))
    expected = CUBE_ROOT * np.maximum(1, np.abs(x))
    check_close(student.step_sizes(x), expected, "step_sizes of integers", atol=0.0)
    x = (10.0 ** rng.uniform(-1, 4, (3, 4))).astype(np.float32)
    expected = CUBE_ROOT * np.maximum(1.0, np.abs(x.astype(float)))
    check_close(student.step_sizes(x), expected, "step_sizes of float32 numbers", atol=0.0)


def smooth_functions(rng):
    """Functions of a (2, 3) array with their gradients in closed form."""
    c = rng.uniform(-1, 1, (2, 3))
    return {
        "Σ c sin x": (lambda x: np.sum(c * np.sin(x)), lambda x: c * np.cos(x)),
        "ln Σ exp x": (
            lambda x: np.log(np.sum(np.exp(x))),
            lambda x: np.exp(x) / np.sum(np.exp(x)),
        ),
        "tanh Σ c x": (
            lambda x: np.tanh(np.sum(c * x)),
            lambda x: c * (1 - np.tanh(np.sum(c * x)) ** 2),
        ),
        "Π cosh(x / 3)": (
            lambda x: np.prod(np.cosh(x / 3)),
            lambda x: np.prod(np.cosh(x / 3)) * np.tanh(x / 3) / 3,
        ),
    }


@pytest.mark.points(4)
@pytest.mark.hint("Ten digits are to be had. How many does the picture give for your h?")
def test_accuracy(student, rng, check_close):
    """numerical_gradient: right to 1e-8 on smooth functions."""
    for name, (function, gradient) in smooth_functions(rng).items():
        x = rng.uniform(-1.5, 1.5, (2, 3))
        asked = callback(lambda x, f=function: float(f(x)), x.shape)
        actual = student.numerical_gradient(asked, x)
        check_close(actual, gradient(x), f"gradient of {name}", atol=1e-8)


@pytest.mark.points(2)
@pytest.mark.hint("How far apart are neighbouring float64 numbers near 10⁸?")
def test_large_entries(student, rng, check_close):
    """numerical_gradient: right to seven digits where x is huge."""
    for size in (1e8, 1e13):
        x = size * rng.uniform(1.0, 2.0, 6) * np.array([1, -1, 1, -1, 1, -1])
        squares = callback(lambda x, size=size: float(np.sum((x / size) ** 2)), x.shape)
        actual = student.numerical_gradient(squares, x)
        check_close(actual, 2 * x / size**2, f"gradient at x of about {size:g}", atol=0.0)


@pytest.mark.points(2)
@pytest.mark.hint("In which precision does the step get added to x?")
def test_other_dtypes(student, rng, check_close):
    """numerical_gradient: as exact for float32 numbers and integers."""
    for x in (
        rng.uniform(-1.5, 1.5, (3, 3)).astype(np.float32),
        rng.integers(-2, 3, (2, 4)),
        np.array(0.5, dtype=np.float32),
    ):
        exact = x.astype(float)
        function = callback(lambda x: float(np.sum(np.sin(x) * x)), x.shape)
        actual = student.numerical_gradient(function, x)
        expected = np.array(np.cos(exact) * exact + np.sin(exact))
        check_close(actual, expected, f"gradient at {x.dtype} numbers", atol=1e-8)


@pytest.mark.points(1)
@pytest.mark.hint("How many calls does each entry cost, and what is left behind in x?")
def test_calls_and_x(student, rng, check_close):
    """numerical_gradient: two calls for each entry, x unchanged."""
    x = np.append(rng.uniform(-1.5, 1.5, 14), 1e-20)
    asked = []

    def function(x):
        asked.append(x)
        return float(np.sum(np.sin(x)))

    there = student.put(x)
    actual = student.numerical_gradient(callback(function, x.shape), there)
    check_close(actual, np.cos(x), "gradient", atol=1e-8)
    check_close(student.fetch(there), x, "x afterwards", rtol=0.0, atol=0.0)
    if len(asked) > 32:
        fail(f"{len(asked)} calls of the function for an x of 15 entries")
