"""q1 and q2, 20 points: gradient descent, and gradient descent with noise on the gradient."""

from statistics import NormalDist

import numpy as np
import pytest

from autograder.suite import callback, distinct, fail, finite


def walk(gradient, start, lr, steps):
    """The path of gradient descent, an array (steps + 1, D)."""
    path = np.empty((steps + 1, len(start)))
    path[0] = start
    for t in range(steps):
        path[t + 1] = path[t] - lr * gradient(path[t])
    return path


def noise_of(student, rng, lr, sigma):
    """The ξ / σ, shape (30, 800), of 30 noisy steps in a bowl, worked out from the path."""
    curvatures, start = rng.uniform(0.1, 2.0, 800), rng.standard_normal(800)
    seed = int(rng.integers(1000))
    slope = callback(lambda x: curvatures * x, (800,))
    answer = student.noisy_descent(slope, start, lr, 30, sigma, seed)
    path = finite(answer, (31, 800), "path of 30 steps in 800 dimensions")
    return ((path[:-1] - path[1:]) / lr - curvatures * path[:-1]) / sigma


@pytest.mark.points(3)
@pytest.mark.hint("Take two steps on x² by hand. Where is the gradient taken, and where do you go?")
def test_path(student, rng, check_close):
    """gradient_descent: each step goes against the gradient at the latest point."""
    for d, lr in [(3, 0.1), (5, 0.03)]:
        A, start = rng.standard_normal((d, d)), rng.standard_normal(d)
        A = A @ A.T
        slope = callback(lambda x, A=A: A @ x, (d,))
        path = student.gradient_descent(slope, start, lr, 5)
        check_close(path, walk(slope, start, lr, 5), "path")


@pytest.mark.points(2)
@pytest.mark.hint("Does your function assume anything about the gradient, or about D?")
def test_other_landscapes(student, rng, check_close):
    """gradient_descent: works for any gradient in any number of dimensions."""
    for d in (1, 2, 7):
        start = 3.0 * rng.standard_normal(d)
        path = student.gradient_descent(callback(np.cos, (d,)), start, 0.6, 4)
        check_close(path, walk(np.cos, start, 0.6, 4), "path")


@pytest.mark.points(2)
@pytest.mark.hint("Which points belong to the path of no step at all, and of which dtype are they?")
def test_no_steps_and_integers(student, rng, check_close):
    """gradient_descent: right for integers, no step at all, and a gradient of zero."""
    start, slope = rng.integers(-5, 6, 3), callback(lambda x: 0.5 * x + 1.0, (3,))
    for steps in (0, 1, 3):
        path = student.gradient_descent(slope, start, 0.3, steps)
        check_close(path, walk(slope, start, 0.3, steps), f"path of {steps} steps")
    resting = student.gradient_descent(callback(lambda x: 0.0 * x, (3,)), start, 0.3, 4)
    check_close(resting, np.tile(start, (5, 1)).astype(float), "path of 4 steps with gradient 0")


@pytest.mark.points(2)
@pytest.mark.hint("Which array does your first step write into?")
def test_start_stays(student, rng, check_close):
    """gradient_descent: leaves the caller's start as it is."""
    start = rng.standard_normal(4)
    there, slope = student.put(start), callback(lambda x: x**3, (4,))
    path = student.gradient_descent(slope, there, 0.1, 3)
    check_close(path, walk(slope, start, 0.1, 3), "path")
    check_close(student.fetch(there), start, "start afterwards")


@pytest.mark.points(2)
@pytest.mark.hint("With σ = 0 the formula of q2 is that of q1. Is yours?")
def test_without_noise(student, rng, check_close):
    """noisy_descent: with σ = 0 it is gradient descent, and stays on the ridge of a saddle."""
    A, start = rng.standard_normal((3, 3)), rng.integers(-4, 5, 3)
    slope = callback(lambda x: A @ x, (3,))
    path = student.noisy_descent(slope, start, 0.2, 5, 0.0)
    check_close(path, walk(slope, start, 0.2, 5), "path with sigma = 0")
    ridge = np.array([rng.uniform(1.0, 2.0), 0.0])

    def monkey(x):
        return np.array([3 * x[0] ** 2 - 3 * x[1] ** 2, -6 * x[0] * x[1]])

    path = student.noisy_descent(callback(monkey, (2,)), ridge, 0.05, 20, 0.0, 3)
    check_close(path, walk(monkey, ridge, 0.05, 20), "path along the ridge with sigma = 0")


@pytest.mark.points(3)
@pytest.mark.hint("Where the gradient is 0, how long is a step: σ, λσ, or something else?")
def test_distribution_of_the_noise(student, rng):
    """noisy_descent: the noise added to the gradient is normal with standard deviation σ."""
    for lr, sigma in [(0.05, 0.3), (0.4, 2.0)]:
        z = np.sort(noise_of(student, rng, lr, sigma), axis=None)
        n = z.size
        # Right code fails each of the three with a probability below 1e-9: a tail of the normal
        # distribution, Laurent and Massart's of χ², Dvoretzky, Kiefer and Wolfowitz's of any other.
        if not abs(z.mean()) < 7 / np.sqrt(n):
            fail(f"the mean of the noise is {z.mean():.3f}·σ, expected about 0")
        if not abs(np.mean(z**2) - 1) < 0.07:
            fail(f"the standard deviation of the noise is {z.std():.3f}·σ, expected about 1·σ")
        cdf = np.array(list(map(NormalDist().cdf, z)))
        if not np.abs(cdf - (np.arange(n) + 0.5) / n).max() < np.sqrt(12 / n):
            fail("the noise is not normally distributed")


@pytest.mark.points(2)
@pytest.mark.hint("How many random numbers does a path of 30 steps in 800 dimensions need?")
def test_fresh_noise(student, rng):
    """noisy_descent: each step and each coordinate has a noise of its own."""
    z = noise_of(student, rng, 0.1, 0.5)
    within = z.var(axis=1)
    if not (within.min() > 0.6 and within.max() < 1.5):
        fail("within a step, the noise does not vary over the coordinates as it should")
    between = np.corrcoef(z) - np.eye(len(z))
    if not np.abs(between).max() < 0.35:
        fail("the noise of one step resembles that of another")


@pytest.mark.points(2)
@pytest.mark.hint("Where does the randomness come from, and who else uses that source?")
def test_seeds_of_the_noise(student, rng, check_close):
    """noisy_descent: equal seeds give equal paths, other seeds or no seed give others."""
    start, seed = rng.standard_normal(3), int(rng.integers(1, 1000))
    seeds, slope = [[seed], [seed], [seed + 1], [None], [], []], callback(np.sin, (3,))
    paths = [
        finite(student.noisy_descent(slope, start, 0.1, 4, 0.5, *one), (5, 3), "path")
        for one in seeds
    ]
    check_close(paths[0][0], start, "first point of the path")
    if not np.array_equal(paths[0], paths[1]):
        fail("two runs with the same seed have different noise")
    if not distinct(paths[1:], (5, 3), "path"):
        fail("two runs with different seeds, or with none, have the same noise")


@pytest.mark.points(2)
@pytest.mark.hint("Is there noise in every coordinate and step, and is the start a copy?")
def test_out_of_a_saddle(student, rng, check_close):
    """noisy_descent: a little noise leads off the ridge of x₁² − x₂²; the start stays."""
    start = np.array([1.0, 0.0])
    there = student.put(start)
    seed = int(rng.integers(1000))
    slope = np.array([2.0, -2.0])
    # x₂ grows by 1.5 per step: to about 1e17, and below 1 once in 1e17 runs.
    answer = student.noisy_descent(
        callback(lambda x: slope * x, (2,)), there, 0.25, 110, 0.01, seed
    )
    check_close(student.fetch(there), start, "start afterwards")
    path = finite(answer, (111, 2), "path")
    check_close(path[0], start, "first point of the path")
    if not abs(path[-1][1]) > 1.0:
        fail("after 110 noisy steps the path is still near the saddle")
    if not abs(path[-1][0]) < 0.1:
        fail("across the saddle, where f rises, the path is not near the bottom")
