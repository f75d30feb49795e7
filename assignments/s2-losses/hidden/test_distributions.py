"""q7, 12 points: entropy, cross-entropy of distributions, Kullback–Leibler divergence."""

import numpy as np
import pytest

SIZES = [(5, 3), (2, 6), (4, 4), (1, 3), (5, 3)]


def distributions(rng, shape):
    weights = np.exp(rng.standard_normal(shape))
    return weights / weights.sum(axis=1, keepdims=True)


def cross_entropy(p, q):
    """The mean over the rows, of the classes that p allows."""
    return -float(np.sum(p[p > 0] * np.log(q[p > 0]))) / len(p)


def divergence(p, q):
    return float(np.sum(p[p > 0] * np.log(p[p > 0] / q[p > 0]))) / len(p)


def with_zeros(rng):
    """p with zeros, one-hot rows among them, and q with zeros at some of the same places."""
    p, q = distributions(rng, (5, 4)), distributions(rng, (5, 4))
    p[0, 1] = p[2, 3] = p[2, 0] = q[2, 3] = q[0, 1] = 0.0
    p[3], p[4] = [0.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 0.0]
    q[4] = [0.5, 0.5, 0.0, 0.0]
    return p / p.sum(axis=1, keepdims=True), q / q.sum(axis=1, keepdims=True)


@pytest.mark.points(1)
@pytest.mark.hint("What is the entropy of a fair coin, and what is that of two fair coins' rows?")
def test_entropy(student, rng, check_close):
    """entropy: the mean over the rows, with the natural logarithm."""
    for shape in SIZES:
        p = distributions(rng, shape)
        check_close(student.entropy(p), cross_entropy(p, p), "H(p)")


@pytest.mark.points(2)
@pytest.mark.hint("Who draws and who believes: which of the two stands inside the logarithm?")
def test_cross_entropy(student, rng, check_close):
    """cross_entropy: H(p, q), the mean over the rows."""
    for shape in SIZES:
        p, q = distributions(rng, shape), distributions(rng, shape)
        check_close(student.cross_entropy(p, q), cross_entropy(p, q), "H(p, q)")


@pytest.mark.points(2)
@pytest.mark.hint("Is the divergence ever negative? Over what is the mean taken?")
def test_divergence(student, rng, check_close):
    """kl_divergence: D(p || q), the mean over the rows; 0 for equal distributions."""
    for shape in SIZES:
        p, q = distributions(rng, shape), distributions(rng, shape)
        check_close(student.kl_divergence(p, q), divergence(p, q), "D(p || q)")
        check_close(student.kl_divergence(p, p), 0.0, "D(p || p)")


@pytest.mark.points(2)
@pytest.mark.hint("What does a class with p = 0 add by agreement, and what is 0 · ln 0 in numpy?")
def test_zeros(student, rng, check_close):
    """Entropy, cross-entropy and divergence: classes with p = 0 add nothing, whatever q is."""
    p, q = with_zeros(rng)
    check_close(student.entropy(p), cross_entropy(p, p), "H(p)")
    check_close(student.cross_entropy(p, q), cross_entropy(p, q), "H(p, q)")
    check_close(student.kl_divergence(p, q), divergence(p, q), "D(p || q)")


@pytest.mark.points(1)
@pytest.mark.hint("Is anything added to q, or clipped, before its logarithm?")
def test_improbable(student, rng, check_close):
    """Cross-entropy, divergence and gradient: exact where q is as small as 1e-40."""
    p, q = distributions(rng, (5, 3)), distributions(rng, (5, 3))
    q[:, 0] = [1e-7, 1e-10, 1e-13, 1e-17, 1e-40]
    q[:, 1] = 1.0 - q[:, 0] - q[:, 2]
    check_close(student.cross_entropy(p, q), cross_entropy(p, q), "H(p, q)")
    check_close(student.kl_divergence(p, q), divergence(p, q), "D(p || q)")
    check_close(student.kl_divergence_gradient(p, q), -p / q / len(p), "gradient by q")


@pytest.mark.points(2)
@pytest.mark.hint("By which of the two distributions, and which of the terms contain it?")
def test_gradient(student, rng, check_gradient):
    """kl_divergence_gradient: the gradient by q, each of whose entries is a free number."""
    for shape in SIZES:
        p, q = distributions(rng, shape), distributions(rng, shape)
        actual = student.kl_divergence_gradient(p, q)
        check_gradient(actual, lambda q, p=p: divergence(p, q), q, "gradient by q")


@pytest.mark.points(1)
@pytest.mark.hint("What is 0 / 0 in numpy, and what is the gradient there by agreement?")
def test_gradient_of_zeros(student, rng, check_close):
    """kl_divergence_gradient: 0 where p is 0, whatever q is."""
    p, q = with_zeros(rng)
    expected = np.zeros(p.shape)
    expected[p > 0] = -p[p > 0] / q[p > 0] / len(p)
    check_close(student.kl_divergence_gradient(p, q), expected, "gradient by q")


@pytest.mark.points(1)
@pytest.mark.hint("Which of your statements writes into p or q, or makes an array of p's dtype?")
def test_arrays_of_the_caller(student, rng, check_close):
    """Distributions: the given arrays stay as they are, and a one-hot p may hold integers."""
    for p in (with_zeros(rng)[0], np.eye(4, dtype=np.int64)[rng.integers(0, 4, 3)]):
        q = distributions(rng, p.shape)
        p_there, q_there = student.put(p), student.put(q)
        check_close(student.entropy(p_there), cross_entropy(p, p), "H(p)")
        check_close(student.cross_entropy(p_there, q_there), cross_entropy(p, q), "H(p, q)")
        check_close(student.kl_divergence(p_there, q_there), divergence(p, q), "D(p || q)")
        actual = student.kl_divergence_gradient(p_there, q_there)
        check_close(actual, -p / q / len(p), "gradient by q")
        check_close(student.fetch(p_there), p, "the given p afterwards")
        check_close(student.fetch(q_there), q, "the given q afterwards")
