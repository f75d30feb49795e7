"""What a suite must not be: every test is one that some row of the corpus gets past."""

import numpy as np
import pytest

from autograder.core.differences import estimate
from autograder.core.points import plan


def expected(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@pytest.mark.points(1)
def test_published_input(student):
    """softmax of the handout's example."""
    x = np.arange(6.0).reshape(2, 3)
    assert np.allclose(student.softmax(x), expected(x))


@pytest.mark.points(1)
def test_constant_seed(student):
    """softmax of inputs that are random, but for everybody and always the same."""
    x = np.random.default_rng(0).standard_normal((6, 3))
    assert np.allclose(student.softmax(x), expected(x))


@pytest.mark.points(1)
def test_wide_tolerance(student, rng):
    """softmax, about."""
    x = rng.standard_normal((6, 3))
    assert np.allclose(student.softmax(x), expected(x), atol=1.0)


@pytest.mark.points(1)
def test_no_difference_is_greater(student, rng):
    """softmax, compared as one should not."""
    x = rng.standard_normal((6, 3))
    assert not (np.abs(student.softmax(x) - expected(x)) > 1e-9).any()


@pytest.mark.points(1)
def test_twice_in_one_worker(student, rng):
    """softmax of two inputs, asked of the same process."""
    for x in rng.standard_normal((2, 6, 3)):
        assert np.allclose(student.softmax(x), expected(x))


@pytest.mark.points(1)
def test_gradient_with_an_excuse(student, rng):
    """Linear: slopes of the student's own forward, a quarter of which may stay unknown."""
    layer, upstream = student.Linear(4, 3), rng.standard_normal((2, 3))
    layer.W = rng.standard_normal((4, 3))
    chosen = plan(rng.standard_normal((2, 4)), rng)
    output = layer.forward(chosen.base)
    gradient = layer.backward(upstream)
    outputs = np.stack([layer.forward(point) for point in chosen.points()])
    slopes = estimate(chosen, output, outputs, upstream).slopes
    wrong = np.abs(gradient.ravel() - slopes.values) > 1e-6 + slopes.errors
    assert not (wrong & ~slopes.undecided).any() and slopes.undecided.mean() <= 0.25
