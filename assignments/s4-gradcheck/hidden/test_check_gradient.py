"""q6, 14 points: the verdict on a claimed gradient."""

import numpy as np
import pytest

from autograder.suite import callback, fail

INF = float("inf")


@pytest.fixture
def expect_verdict(student, check_close):
    """Ask for a verdict on a claim and compare all of it; `error`: (at least, at most)."""

    def expect(function, claimed, x, passed, error, index, skipped, what, **options):
        asked = callback(lambda x: float(function(x)), np.shape(x))
        answer = student.check_gradient(asked, claimed, x, **options)
        actual = [answer[i] for i in range(4)]
        check_close(actual[0], passed, f"passed, for {what}")
        if np.isinf(error).all():
            check_close(actual[1], INF, f"error, for {what}")
        else:
            middle, width = np.mean(error), np.ptp(error) / 2
            check_close(actual[1], float(middle), f"error, for {what}", rtol=0.0, atol=width)
        if index is not Ellipsis:
            check_close(actual[2], index, f"index, for {what}")
        check_close(actual[3], skipped, f"skipped, for {what}")

    return expect


def smooth(rng, shape):
    """A smooth function in which neighbours interact, a point, and the gradient there."""
    c, x = rng.uniform(0.5, 1.5, shape), np.array(rng.uniform(-1.5, 1.5, shape))

    def function(x):
        return np.sum(c * np.sin(x)) / 2 + np.tanh(np.sum(x) / 4)

    return function, x, c * np.cos(x) / 2 + (1 - np.tanh(np.sum(x) / 4) ** 2) / 4


@pytest.mark.points(2)
@pytest.mark.hint("How large is the relative error of a right gradient, with ten digits to be had?")
def test_right_gradients(rng, expect_verdict):
    """check_gradient: right gradients pass, with a tiny error."""
    for shape in [(5,), (2, 3), (2, 1, 2), ()]:
        function, x, gradient = smooth(rng, shape)
        what = f"a right gradient of shape {shape}"
        expect_verdict(function, np.array(gradient), x, True, (0.0, 2e-6), ..., 0, what)
    function, x, gradient = smooth(rng, (4,))
    what = "a right gradient in float32"
    expect_verdict(function, gradient.astype(np.float32), x, True, (0.0, 2e-6), ..., 0, what)


@pytest.mark.points(2)
@pytest.mark.hint("Does each entry have a say, the last one and the middle one, too?")
def test_one_wrong_entry(rng, expect_verdict):
    """check_gradient: one wrong entry is found, wherever it is."""
    function, x, gradient = smooth(rng, (2, 3))
    for index in np.ndindex(2, 3):
        claimed = gradient.copy()
        claimed[index] += 0.01 if index[1] % 2 else -0.01
        what = "a gradient with one entry that is off by 0.01"
        expect_verdict(function, claimed, x, False, (1e-3, 10.0), ..., 0, what)


@pytest.mark.points(2)
@pytest.mark.hint("Which entry is worse: one off by 1 in 1000, or one off by 0.1 in 0.2?")
def test_error_and_index(rng, expect_verdict):
    """check_gradient: reports the largest relative error and the index where it is."""
    scale = np.array([[1.0, 3.0, 0.4], [2.0, 0.2, 5.0]])

    def function(x):
        return np.sum(scale * np.sin(x))

    x = rng.uniform(-0.3, 0.3, (2, 3))
    gradient = scale * np.cos(x)
    for index in [(1, 1), (0, 2), (1, 0)]:
        claimed = gradient * 1.05
        claimed[index] = gradient[index] / 2
        expect_verdict(function, claimed, x, False, (0.4999, 0.5001), index, 0, "a wrong gradient")


@pytest.mark.points(2)
@pytest.mark.hint("Which comparisons with NaN are true?")
def test_nan_never_passes(rng, expect_verdict):
    """check_gradient: NaN and infinite entries never pass, not even at a kink."""
    x = rng.uniform(0.5, 1.5, 3)
    x[2] = 0.0

    def function(x):
        return np.sum(np.abs(x))

    for bad in (np.nan, INF, -INF):
        for i in range(3):
            claimed = np.array([1.0, 1.0, 0.0])
            claimed[i] = bad
            skipped, what = int(i != 2), f"a gradient with {bad} in it"
            expect_verdict(function, claimed, x, False, (INF, INF), (i,), skipped, what)

    def broken(x):
        return np.sum(x**2) + (np.nan if x[1] > 1.0 else 0.0)

    what = "a function that is NaN on one side"
    one = np.array([0.5, 1.0, 0.5])
    expect_verdict(broken, 2 * one, one, False, (INF, INF), (1,), 0, what)


@pytest.mark.points(1)
@pytest.mark.hint("Which shapes does numpy stretch without a word?")
def test_shapes(rng, expect_verdict):
    """check_gradient: a gradient of another shape does not pass, and nothing is raised."""
    function, x, gradient = smooth(rng, (2, 3))
    for shape in [(3, 2), (6,), (1, 2, 3)]:
        claimed = gradient.reshape(shape)
        what = f"a gradient of shape {shape} for an x of shape (2, 3)"
        expect_verdict(function, claimed, x, False, (INF, INF), None, 0, what)
    one = np.full((1, 3), 2.0)
    what = "a gradient of shape (3,) for an x of shape (1, 3)"
    expect_verdict(lambda x: np.sum(x**2), np.full(3, 4.0), one, False, (INF, INF), None, 0, what)


@pytest.mark.points(2)
@pytest.mark.hint("What may a kink excuse: its own entry, or the others as well?")
def test_kinks_are_left_out(rng, expect_verdict):
    """check_gradient: kinks are left out and counted, the other entries are not excused."""
    x = rng.uniform(0.5, 1.5, (2, 3)) * rng.choice([-1.0, 1.0], (2, 3))
    x[0, 1] = x[1, 2] = 0.0

    def function(x):
        return np.sum(np.maximum(x, 0.0)) + np.sum(x)

    gradient = 1.0 + (x > 0)
    gradient[1, 2] = -7.0
    what = "a right gradient with two kinks"
    expect_verdict(function, gradient, x, True, (0.0, 2e-6), ..., 2, what)
    for index in [(0, 0), (1, 1)]:
        claimed = gradient.copy()
        claimed[index] *= 1.25
        what = "a wrong entry beside two kinks"
        expect_verdict(function, claimed, x, False, (0.1999, 0.2001), index, 2, what)


@pytest.mark.points(1)
@pytest.mark.hint("If nothing was compared, what has been shown?")
def test_nothing_to_compare(rng, expect_verdict):
    """check_gradient: does not pass when all entries are kinks."""
    zeros = np.zeros((2, 2))
    what = "a function with kinks in all four entries"
    expect_verdict(lambda x: np.sum(np.abs(x)), zeros, zeros, False, (INF, INF), None, 4, what)


@pytest.mark.points(1)
@pytest.mark.hint("What are 1e-6 and 2e-6 compared with, and who sets the tolerance?")
def test_tolerance(rng, expect_verdict):
    """check_gradient: the tolerance decides, and small gradients are held to it, too."""
    x = rng.uniform(1.0, 2.0, 5)

    def function(x):
        return np.sum(x**2) / 10

    claimed = x / 5
    claimed[3] *= 1.0 + 4e-6
    expect_verdict(function, claimed, x, True, (3e-6, 5e-6), (3,), 0, "an error of 4e-6")
    claimed[3] *= 1.0 + 2e-5
    expect_verdict(function, claimed, x, False, (2e-5, 3e-5), (3,), 0, "an error of 2.4e-5")
    what = "an error of 2.4e-5, tolerance 1e-4"
    expect_verdict(function, claimed, x, True, (2e-5, 3e-5), (3,), 0, what, tolerance=1e-4)
    claimed = 2e-6 * x
    claimed[1] /= 2
    what = "a gradient of about 1e-6 with a factor of 2 in one entry"
    expect_verdict(lambda x: 1e-6 * np.sum(x**2), claimed, x, False, (5e-4, 3e-3), (1,), 0, what)


@pytest.mark.points(1)
@pytest.mark.hint("How often is the function called, and what is left behind in the arrays?")
def test_calls_and_arrays(student, rng, check_close):
    """check_gradient: calls the function at most ten times for each entry, changes no array."""
    function, x, gradient = smooth(rng, (4, 5))
    x[0, 0] = 1e-20
    gradient[0, 0] = np.nan
    asked = []

    def counted(x):
        asked.append(np.array(x))
        return float(function(x))

    x_there, claimed_there = student.put(x), student.put(gradient)
    answer = student.check_gradient(callback(counted, x.shape), claimed_there, x_there)
    check_close(answer[0], False, "passed, for a gradient with NaN in it")
    check_close(answer[1], INF, "error, for a gradient with NaN in it")
    check_close(student.fetch(x_there), x, "x afterwards", rtol=0.0, atol=0.0)
    left = student.fetch(claimed_there)
    check_close(left, gradient, "claimed afterwards", rtol=0.0, atol=0.0, equal_nan=True)
    if any(np.count_nonzero(np.abs(point - x) > 1e-12) > 1 for point in asked):
        fail("the function was called at a point that differs from x in more than one entry")
    if len(asked) > 202:
        fail(f"{len(asked)} calls of the function for an x of 20 entries")
