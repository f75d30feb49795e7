"""q1, 21 points: + − × ÷ and powers, operands of equal shape, each operation on its own."""

import numpy as np
import pytest

SHAPES = [(), (4,), (3, 2)]


def away_from_zero(rng, shape):
    """Random numbers of both signs, none of them within 0.5 of zero."""
    return rng.choice([-1.0, 1.0], shape) * rng.uniform(0.5, 2.0, shape)


def pairs(rng):
    """Two arrays of equal shape, for each of several shapes."""
    return [(away_from_zero(rng, shape), away_from_zero(rng, shape)) for shape in SHAPES]


@pytest.mark.points(2)
@pytest.mark.hint("How much does a sum change when one of its terms grows by a little?")
def test_addition(check_operation, rng):
    """a + b: value and gradients."""
    for a, b in pairs(rng):
        check_operation("a + b", lambda a, b: a + b, np.add, lambda g, a, b: [g, g], a, b)


@pytest.mark.points(2)
@pytest.mark.hint("Which way does a difference go when its second term grows?")
def test_subtraction(check_operation, rng):
    """a - b: value and gradients."""
    for a, b in pairs(rng):
        check_operation("a - b", lambda a, b: a - b, np.subtract, lambda g, a, b: [g, -g], a, b)


@pytest.mark.points(3)
@pytest.mark.hint(
    "The derivative of a product by one factor is … what, times the upstream gradient?"
)
def test_multiplication(check_operation, rng):
    """a * b: value and gradients."""
    for a, b in pairs(rng):
        check_operation(
            "a * b", lambda a, b: a * b, np.multiply, lambda g, a, b: [g * b, g * a], a, b
        )


@pytest.mark.points(3)
@pytest.mark.hint("Differentiate a · b⁻¹ by b: which power of b, and which sign?")
def test_division(check_operation, rng):
    """a / b: value and gradients."""
    for a, b in pairs(rng):
        check_operation(
            "a / b",
            lambda a, b: a / b,
            np.divide,
            lambda g, a, b: [g / b, -g * a / np.square(b)],
            a,
            b,
        )


@pytest.mark.points(1)
@pytest.mark.hint("What is the derivative of −a?")
def test_negation(check_operation, rng):
    """-a: value and gradient."""
    for a, _ in pairs(rng):
        check_operation("-a", lambda a: -a, np.negative, lambda g, a: [-g], a)


@pytest.mark.points(3)
@pytest.mark.hint("Which exponent, and which factor, does the derivative of aⁿ have?")
def test_powers(check_operation, rng):
    """a ** n: value and gradient for whole, negative and broken exponents."""
    a = away_from_zero(rng, (4,))
    for n, base in [(2, a), (2, a[0]), (3, a), (1, a), (-1, a), (2.5, abs(a)), (-0.5, abs(a))]:
        check_operation(
            f"a ** {n}",
            lambda a, n=n: a**n,
            lambda a, n=n: np.power(a, float(n)),
            lambda g, a, n=n: [g * n * np.power(a, float(n - 1))],
            base,
        )


@pytest.mark.points(3)
@pytest.mark.hint("In 2 − a and 2 / a, which of the two comes first in your function?")
def test_plain_numbers(check_operation, rng):
    """A plain number on either side of + - * / is a constant."""
    a, k = away_from_zero(rng, (3,)), float(rng.uniform(1.5, 3.0))
    check_operation("a + 2", lambda a: a + k, lambda a: np.add(a, k), lambda g, a: [g], a)
    check_operation("2 + a", lambda a: k + a, lambda a: np.add(k, a), lambda g, a: [g], a)
    check_operation("a - 2", lambda a: a - k, lambda a: np.subtract(a, k), lambda g, a: [g], a)
    check_operation("2 - a", lambda a: k - a, lambda a: np.subtract(k, a), lambda g, a: [-g], a)
    check_operation("a * 2", lambda a: a * k, lambda a: np.multiply(a, k), lambda g, a: [k * g], a)
    check_operation("2 * a", lambda a: k * a, lambda a: np.multiply(k, a), lambda g, a: [k * g], a)
    check_operation("a / 2", lambda a: a / k, lambda a: np.divide(a, k), lambda g, a: [g / k], a)
    check_operation(
        "2 / a",
        lambda a: k / a,
        lambda a: np.divide(k, a),
        lambda g, a: [-k * g / np.square(a)],
        a,
    )


@pytest.mark.points(2)
@pytest.mark.hint("Who does the work when a numpy array stands on the left of a node?")
def test_numpy_arrays(check_operation, rng):
    """A numpy array on either side of + - * / is a constant."""
    a, k = away_from_zero(rng, (3, 2)), away_from_zero(rng, (3, 2))
    check_operation("a + array", lambda a: a + k, lambda a: np.add(a, k), lambda g, a: [g], a)
    check_operation("array + a", lambda a: k + a, lambda a: np.add(k, a), lambda g, a: [g], a)
    check_operation("a - array", lambda a: a - k, lambda a: np.subtract(a, k), lambda g, a: [g], a)
    check_operation("array - a", lambda a: k - a, lambda a: np.subtract(k, a), lambda g, a: [-g], a)
    check_operation(
        "array * a", lambda a: k * a, lambda a: np.multiply(k, a), lambda g, a: [k * g], a
    )
    check_operation(
        "array / a",
        lambda a: k / a,
        lambda a: np.divide(k, a),
        lambda g, a: [-k * g / np.square(a)],
        a,
    )


@pytest.mark.points(2)
@pytest.mark.hint("Which dtype do data and grad get when all that you are given are integers?")
def test_integers(student, rng, check_close):
    """Nodes of integers compute in float64, their gradients too."""
    a, b = rng.integers(1, 9, (3, 2)), rng.integers(2, 9, (3, 2))
    x, y = student.Node(a), student.Node(b)
    check_close(x.data, a.astype(float), "data of integers")
    q = x / y
    check_close(q.data, a / b, "a quotient of integers")
    upstream = rng.integers(1, 9, (3, 2))
    q.backward(upstream)
    check_close(q.grad, upstream.astype(float), "the root's own gradient, given as integers")
    check_close(x.grad, upstream / b, "gradient by the dividend")
    check_close(y.grad, -upstream * a / b**2, "gradient by the divisor")
    k = int(rng.integers(2, 9))
    n = student.Node(k)
    p = n**-1
    check_close(p.data, 1.0 / k, "an integer to the power of −1")
    p.backward()
    check_close(n.grad, -1.0 / k**2, "gradient of an integer to the power of −1")
