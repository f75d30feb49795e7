"""q1, 20 points: Heaviside, sign, sigmoid, tanh and ReLU."""

import numpy as np
import pytest

# Tells float64 from float32, however near to each other the two are.
TIGHT = {"rtol": 1e-10, "atol": 1e-11}
SHAPES = [(7,), (4, 3), (1, 5), (2, 3, 4)]


def logistic(z):
    """σ by way of tanh: another formula than the handout's."""
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def away_from_zero(rng, shape):
    """Random normal numbers, none of them within 0.1 of zero."""
    z = rng.standard_normal(shape)
    return z + 0.1 * np.sign(z)


@pytest.mark.points(2)
@pytest.mark.hint("Which two values does Heaviside have, and which dtype has your result?")
def test_heaviside(student, rng, check_close):
    """heaviside: 1.0 for positive numbers, 0.0 for negative ones, in arrays of any shape."""
    for shape in SHAPES:
        z = away_from_zero(rng, shape)
        check_close(student.heaviside(z), 1.0 * (z > 0), "heaviside")
    z = np.array([-np.inf, -1000.0, -1e-12, 1e-12, 0.25, 1000.0, np.inf])
    check_close(student.heaviside(z), 1.0 * (z > 0), "heaviside of extremes")


@pytest.mark.points(1)
@pytest.mark.hint("What has been agreed on for Heaviside(0)?")
def test_heaviside_at_zero(student, rng, check_close):
    """heaviside: 1.0 exactly at the jump."""
    z = away_from_zero(rng, (4, 5))
    z[:, 2] = [0.0, -0.0, 0.0, 0.0]
    check_close(student.heaviside(z), 1.0 * (z >= 0), "heaviside")


@pytest.mark.points(2)
@pytest.mark.hint("Which two values does sign have, and which dtype has your result?")
def test_sign(student, rng, check_close):
    """sign: +1.0 for positive numbers, -1.0 for negative ones, in arrays of any shape."""
    for shape in SHAPES:
        z = away_from_zero(rng, shape)
        check_close(student.sign(z), np.sign(z), "sign")
    z = np.array([-np.inf, -1000.0, -1e-12, 1e-12, 0.25, 1000.0, np.inf])
    check_close(student.sign(z), np.sign(z), "sign of extremes")


@pytest.mark.points(1)
@pytest.mark.hint("A class is -1 or +1. Which one has been agreed on for 0?")
def test_sign_at_zero(student, rng, check_close):
    """sign: +1.0 exactly at the jump."""
    z = away_from_zero(rng, (4, 5))
    z[1, :] = [0.0, 0.0, -0.0, 0.0, 0.0]
    check_close(student.sign(z), np.where(z >= 0, 1.0, -1.0), "sign")


@pytest.mark.points(3)
@pytest.mark.hint("Compare your function with the formula at z = ln 3 and z = -ln 3.")
def test_sigmoid(student, rng, check_close):
    """sigmoid: agrees with the formula, in arrays of any shape."""
    for shape in SHAPES:
        z = 3.0 * rng.standard_normal(shape)
        check_close(student.sigmoid(z), logistic(z), "sigmoid", **TIGHT)
    z = rng.uniform(8.0, 17.0, (2, 4)) * [[-1.0], [1.0]]
    check_close(student.sigmoid(z), logistic(z), "sigmoid far from 0")


@pytest.mark.points(2)
@pytest.mark.hint("Which intermediate result of yours overflows, and on which side?")
def test_sigmoid_of_extremes(student, rng, check_close):
    """sigmoid: finite and right at ±1000 and at ±∞."""
    z = np.concatenate([rng.uniform(-3, 3, 4), [-1000.0, 1000.0, -710.0, 710.0, -np.inf, np.inf]])
    check_close(student.sigmoid(z), logistic(z), "sigmoid of large numbers")


@pytest.mark.points(2)
@pytest.mark.hint("Where do the two factors 2 of the formula stand?")
def test_tanh(student, rng, check_close):
    """tanh: the hyperbolic tangent, in arrays of any shape."""
    for shape in SHAPES:
        z = 2.0 * rng.standard_normal(shape)
        check_close(student.tanh(z), np.tanh(z), "tanh", **TIGHT)


@pytest.mark.points(2)
@pytest.mark.hint("Which intermediate result of yours overflows, and can it be avoided?")
def test_tanh_of_extremes(student, rng, check_close):
    """tanh: finite and right at ±1000 and at ±∞."""
    z = np.concatenate([rng.uniform(-2, 2, 4), [-1000.0, 1000.0, -400.0, 400.0, -np.inf, np.inf]])
    check_close(student.tanh(z), np.tanh(z), "tanh of large numbers")


@pytest.mark.points(2)
@pytest.mark.hint("Try your formula by hand on -2, 0 and 3.")
def test_relu(student, rng, check_close):
    """relu: keeps positive numbers and turns all others into 0, in arrays of any shape."""
    for shape in SHAPES:
        z = 2.0 * away_from_zero(rng, shape)
        z.flat[0], z.flat[1] = 0.0, -1.5
        check_close(student.relu(z), np.where(z > 0, z, 0.0), "relu")


@pytest.mark.points(1)
@pytest.mark.hint("What is ∞ · 0, and does your formula compute it?")
def test_relu_of_extremes(student, rng, check_close):
    """relu: right at ±1000 and at ±∞."""
    z = np.concatenate([rng.uniform(1, 3, 2), [-1000.0, 1000.0, -np.inf, np.inf, -1.0]])
    check_close(student.relu(z), np.where(z > 0, z, 0.0), "relu of large numbers")


@pytest.mark.points(1)
@pytest.mark.hint("Which dtype does your result have when z holds integers?")
def test_integers(student, rng, check_close):
    """Activations: integers give floats, and nothing is cut off."""
    z = rng.permutation(np.arange(-6, 6)).reshape(3, 4)
    expected = {
        "heaviside": 1.0 * (z >= 0),
        "sign": np.where(z >= 0, 1.0, -1.0),
        "sigmoid": logistic(1.0 * z),
        "tanh": np.tanh(1.0 * z),
        "relu": np.where(z > 0, 1.0 * z, 0.0),
    }
    for name, values in expected.items():
        check_close(getattr(student, name)(z), values, f"{name} of integers")


@pytest.mark.points(1)
@pytest.mark.hint("Which of your statements writes into the array that was given?")
def test_arrays_of_the_caller(student, rng, check_close):
    """Activations: leave the array of the caller as it is."""
    z = away_from_zero(rng, (4, 5))
    expected = {
        "heaviside": 1.0 * (z > 0),
        "sign": np.sign(z),
        "sigmoid": logistic(z),
        "tanh": np.tanh(z),
        "relu": np.where(z > 0, z, 0.0),
    }
    for name, values in expected.items():
        there = student.put(z)
        check_close(getattr(student, name)(there), values, name)
        check_close(student.fetch(there), z, f"z after {name}")
