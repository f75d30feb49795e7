"""q3, 13 points: dropout."""

import numpy as np
import pytest

from autograder.suite import distinct, fail, finite


def a_layer(student, rng, p):
    return student.Dropout(p, int(rng.integers(1, 2**31)))


def nonzero(rng, shape):
    x = rng.standard_normal(shape)
    return x + 0.5 * np.sign(x)


@pytest.mark.points(2)
@pytest.mark.hint("p is the probability of what? Count the zeros in a large batch.")
def test_share(student, rng, check_close):
    """Dropout: a share of p is dropped, every value by a die of its own."""
    for p, shape in [(0.3, (400, 500)), (0.8, (500, 400))]:
        zero = finite(a_layer(student, rng, p).forward(np.ones(shape)), shape, "y") == 0
        # Nine standard deviations everywhere: nobody gets here by bad luck.
        for share, count in [
            (zero.mean(), zero.size),
            (zero.mean(axis=0), shape[0]),
            (zero.mean(axis=1), shape[1]),
        ]:
            if np.any(np.abs(share - p) > 9 * np.sqrt(p * (1 - p) / count)):
                worst = np.ravel(share)[np.argmax(np.abs(share - p))]
                where = "the values" if count == zero.size else "a row or column"
                fail(f"{worst:.3f} of {where} are dropped, expected about p = {p}")
        for axis in (0, 1):
            spread = zero.mean(axis=axis).var() * shape[axis] / (p * (1 - p))
            if not 0.5 < spread < 1.7:
                fail("the values are not dropped independently of each other")


@pytest.mark.points(2)
@pytest.mark.hint("What has the mean of y to be, when a share p of the values is gone?")
def test_values(student, rng, check_close):
    """Dropout: what is kept is divided by 1 − p, for input of any shape."""
    for p, shape in [(0.3, (6, 50)), (0.75, (300,)), (0.5, (3, 4, 5, 6)), (0.2, (1, 200))]:
        x = nonzero(rng, shape)
        there = student.put(x)
        y = a_layer(student, rng, p).forward(there)
        zero = finite(y, shape, "y") == 0
        check_close(y, np.where(zero, 0.0, x / (1 - p)), "y")
        if zero.all() or not zero.any():
            fail("either all values are dropped or none")
        check_close(student.fetch(there), x, "x after forward")
    x = rng.integers(1, 9, (8, 30))
    y = a_layer(student, rng, 0.5).forward(x)
    check_close(y, np.where(finite(y, x.shape, "y") == 0, 0.0, 2.0 * x), "y of integers")


@pytest.mark.points(2)
@pytest.mark.hint("Which values of x have influenced y, and with which factor?")
def test_backward(student, rng, check_close):
    """Dropout: backward passes through what forward let through, with the same factor."""
    for p, shape in [(0.3, (6, 50)), (0.75, (400,))]:
        layer = a_layer(student, rng, p)
        kept = finite(layer.forward(nonzero(rng, shape)), shape, "y") != 0
        grad_output = rng.standard_normal(shape)
        there = student.put(grad_output)
        if kept.all() or not kept.any():
            fail("either all values are dropped or none")
        expected = kept * grad_output / (1 - p)
        check_close(layer.backward(there), expected, "gradient by x")
        check_close(layer.backward(grad_output), expected, "gradient by x, asked twice")
        check_close(student.fetch(there), grad_output, "grad_output after backward")


@pytest.mark.points(2)
@pytest.mark.hint("When does the layer roll its dice, and how often?")
def test_new_masks(student, rng, check_close):
    """Dropout: each forward rolls new dice, and backward belongs to the latest one."""
    layer, masks = a_layer(student, rng, 0.4), []
    for shape in [(5, 40), (5, 40), (3, 40), (5, 40)]:
        kept = finite(layer.forward(nonzero(rng, shape)), shape, "y") != 0
        grad_output = rng.standard_normal(shape)
        check_close(layer.backward(grad_output), kept * grad_output / 0.6, "gradient by x")
        masks.append(kept[:3])
    if not distinct(masks, (3, 40), "y"):
        fail("two forward passes have dropped exactly the same values")


@pytest.mark.points(2)
@pytest.mark.hint("What does a network do with its dropout layers once it is trained?")
def test_evaluation(student, rng, check_close):
    """Dropout: in evaluation x and the gradient pass as they are; back in training it drops."""
    layer = a_layer(student, rng, 0.6)
    for training in (True, False, True, False):
        layer.training = training
        x, grad_output = nonzero(rng, (6, 40)), rng.standard_normal((6, 40))
        y = layer.forward(x)
        dropped = training & (finite(y, x.shape, "y") == 0)
        factor = np.where(dropped, 0.0, 2.5 if training else 1.0)
        check_close(y, x * factor, "y in training" if training else "y in evaluation")
        check_close(layer.backward(grad_output), grad_output * factor, "gradient by x")
        if training and not dropped.any():
            fail("back in training mode nothing is dropped")


@pytest.mark.points(1)
@pytest.mark.hint("What is 0 · ∞, and what is 0 / 0?")
def test_extreme_probabilities(student, rng, check_close):
    """Dropout: p = 0 keeps everything and p = 1 drops everything."""
    x, grad_output = rng.standard_normal((5, 4)), rng.standard_normal((5, 4))
    for p, kept in [(0.0, 1.0), (1.0, 0.0)]:
        layer = a_layer(student, rng, p)
        check_close(layer.forward(x), kept * x, f"y for p = {p}")
        check_close(layer.backward(grad_output), kept * grad_output, f"gradient by x for p = {p}")


@pytest.mark.points(2)
@pytest.mark.hint("Where do the random numbers come from, and who else draws from there?")
def test_generators(student, rng, check_close):
    """Dropout: equal seeds give equal masks whatever other layers do; other seeds give others."""
    seed, x = int(rng.integers(1, 2**31)), np.ones((4, 60))
    alone, between, other = (student.Dropout(0.5, s) for s in (seed, seed, seed + 1))
    for y in [finite(alone.forward(x), x.shape, "y") for _ in range(3)]:
        check_close(between.forward(x), y, "y of a layer with the same seed")
        if not distinct([y, other.forward(x)], x.shape, "y"):
            fail("layers with different seeds drop the same values")
    if not distinct([student.Dropout(0.5).forward(x) for _ in range(2)], x.shape, "y"):
        fail("two layers without a seed drop the same values")
