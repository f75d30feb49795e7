"""q1 and q2, 16 points: L1 and L2 penalties, their priors, and the soft threshold."""

import numpy as np
import pytest

from autograder.suite import fail, finite


def soft(v, t):
    """The soft threshold by cases: another formula than the handout's."""
    return np.where(v > t, v - t, np.where(v < -t, v + t, 0.0))


@pytest.mark.points(2)
@pytest.mark.hint("Is it the norm or its square, and what is the derivative of w²?")
def test_l2(student, rng, check_close, check_gradient):
    """L2: the value is λ Σ w², and the gradient is its gradient."""
    for shape in [(4, 3), (7,), (1, 1)]:
        w, strength = rng.standard_normal(shape), float(rng.uniform(0.1, 3.0))
        value, gradient = student.l2_penalty(w, strength)
        check_close(value, strength * float(np.sum(w * w)), "the penalty")
        check_gradient(gradient, lambda w, s=strength: s * float(np.sum(w * w)), w, "its gradient")


@pytest.mark.points(2)
@pytest.mark.hint("With which force does |w| pull at a weight of 3, and with which at −0.1?")
def test_l1(student, rng, check_close):
    """L1: the value is λ Σ |w|, and the gradient is λ with the sign of the weight."""
    for shape in [(4, 3), (7,), (1, 1)]:
        w, strength = rng.standard_normal(shape), float(rng.uniform(0.1, 3.0))
        value, gradient = student.l1_penalty(w, strength)
        check_close(value, strength * float(np.sum(np.where(w > 0, w, -w))), "the penalty")
        check_close(gradient, np.where(w > 0, strength, -strength), "its gradient")


@pytest.mark.points(2)
@pytest.mark.hint("What has been agreed on for a weight that is 0, and which dtype have integers?")
def test_zeros_and_integers(student, rng, check_close):
    """L1 and L2: zeros have the gradient 0; integers are numbers; w stays as it is."""
    w = rng.integers(-4, 5, (5, 4))
    w[2] = 0
    for penalty, gradient in [("l1_penalty", np.sign(w)), ("l2_penalty", 2 * w)]:
        there = student.put(w)
        answer = getattr(student, penalty)(there, 0.3)
        check_close(answer[1], 0.3 * gradient, f"the gradient of {penalty}")
        check_close(student.fetch(there), w, f"w after {penalty}")
        floats = student.put(w + 0.5)
        getattr(student, penalty)(floats, 0.3)
        check_close(student.fetch(floats), w + 0.5, f"w after {penalty}")


@pytest.mark.points(3)
@pytest.mark.hint("Take −ln of the density by hand. Which power of w stands there, which factor?")
def test_priors(student, rng, check_close):
    """Priors: which penalty, and how strong a one, each prior amounts to."""
    for _ in range(3):
        scale = float(rng.uniform(0.2, 3.0))
        for prior, right in [("normal", ("L2", 0.5 / scale**2)), ("laplace", ("L1", 1.0 / scale))]:
            name, strength = student.penalty_of_prior(prior, scale)
            check_close(name, right[0], f"the penalty of the {prior} prior")
            check_close(strength, right[1], f"the strength for the {prior} prior")


@pytest.mark.points(3)
@pytest.mark.hint("Try v = −2, −0.1, 0.1 and 2 with t = 0.5: where does each have to end?")
def test_soft_threshold(student, rng, check_close):
    """soft_threshold: everything moves by t towards 0 and stops there."""
    for shape, t in [((6, 4), 0.7), ((9,), 1.5), ((3, 2, 4), 0.0)]:
        v = 2.0 * rng.standard_normal(shape)
        v.flat[:4] = [0.1, -0.1, 3.0, -3.0]
        there = student.put(v)
        answer = student.soft_threshold(there, t)
        check_close(answer, soft(v, t), "soft_threshold")
        if np.any(np.asarray(answer)[np.abs(v) < t] != 0):
            fail("a value that would cross 0 is nearly 0, but not 0 exactly")
        check_close(student.fetch(there), v, "v after soft_threshold")
    integers = rng.integers(-5, 6, (4, 3))
    check_close(student.soft_threshold(integers, 0.5), soft(integers, 0.5), "of integers")


@pytest.mark.points(2)
@pytest.mark.hint("Which gradient moves w first, and how does the threshold depend on the step?")
def test_proximal_step(student, rng, check_close):
    """proximal_step: a gradient step, then a soft threshold of lr · λ; w stays as it is."""
    for lr, strength in [(0.2, 3.0), (0.5, 0.8)]:
        w, gradient = rng.standard_normal((5, 4)), rng.standard_normal((5, 4))
        w_there, gradient_there = student.put(w), student.put(gradient)
        answer = student.proximal_step(w_there, gradient_there, lr, strength)
        check_close(answer, soft(w - lr * gradient, lr * strength), "the new w")
        check_close(student.fetch(w_there), w, "the given w after the step")
        check_close(student.fetch(gradient_there), gradient, "the gradient after the step")


@pytest.mark.points(2)
@pytest.mark.hint("Follow one useless weight over two steps: does it come to rest?")
def test_sparse_regression(student, rng, check_close):
    """proximal_step: many steps reach the exact answer of an L1 problem, zeros included."""
    # With orthonormal columns the minimum of |Xw − y|² / 2 + λ|w|₁ is the soft threshold of Xᵀy.
    X = np.linalg.qr(rng.standard_normal((12, 6)))[0]
    answer = np.array([2.0, -1.5, 0.2, -0.1, 0.3, 1.0])
    y, w = X @ answer, rng.standard_normal(6)
    for _ in range(60):
        w = finite(student.proximal_step(w, X.T @ (X @ w - y), 0.5, 0.5), (6,), "w")
    check_close(w, soft(answer, 0.5), "w after 60 steps")
    if np.any(w[[2, 3, 4]] != 0):
        fail("weights that do not matter are small, but not exactly 0")
