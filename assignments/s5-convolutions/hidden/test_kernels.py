"""q4, 18 points: identity, shift, mean, edge, sharpen and Gaussian kernels."""

import numpy as np
import pytest

from autograder.suite import finite

EDGE = np.array([[0.0, -1.0, 0.0], [-1.0, 4.0, -1.0], [0.0, -1.0, 0.0]])


def one_at(size, row, column):
    kernel = np.zeros((size, size))
    kernel[row, column] = 1.0
    return kernel


def gaussian(size, sigma):
    """The outer product of two one-dimensional Gaussians."""
    distance = np.arange(size) - (size - 1) / 2
    profile = np.exp(-0.5 * (distance / sigma) ** 2)
    return np.outer(profile, profile) / profile.sum() ** 2


@pytest.mark.points(2)
@pytest.mark.hint("Which entry of a 5 × 5 kernel is the centre, when the first index is 0?")
def test_identity(student, check_close):
    """identity_kernel: a 1 in the centre, for any odd size."""
    for size in (1, 3, 5, 9):
        expected = one_at(size, (size - 1) // 2, (size - 1) // 2)
        check_close(student.identity_kernel(size), expected, f"identity_kernel({size})")


@pytest.mark.points(2)
@pytest.mark.hint("How many entries has the kernel, and what should they sum to?")
def test_mean(student, check_close):
    """mean_kernel: equal entries that sum to 1, for any odd size."""
    for size in (1, 3, 5, 7):
        expected = np.ones((size, size)) / (size * size)
        check_close(student.mean_kernel(size), expected, f"mean_kernel({size})")


@pytest.mark.points(4)
@pytest.mark.hint("For the picture to move to the right, which neighbour must each pixel take?")
def test_shift(student, check_close):
    """shift_kernel: a 1 at the neighbour that each pixel takes, in all directions."""
    for size, steps in [(3, (-1, 0, 1)), (5, (-2, 1)), (7, (3, -1))]:
        centre = (size - 1) // 2
        for down in steps:
            for right in steps:
                check_close(
                    student.shift_kernel(size, down, right),
                    one_at(size, centre - down, centre - right),
                    f"shift_kernel({size}, {down}, {right})",
                )


@pytest.mark.points(2)
@pytest.mark.hint("What does an even area become under this kernel, and what should it become?")
def test_edge(student, check_close):
    """edge_kernel: four times the pixel minus its four neighbours."""
    check_close(student.edge_kernel(), EDGE, "edge_kernel()")
    check_close(student.edge_kernel(), EDGE, "edge_kernel(), called a second time")


@pytest.mark.points(3)
@pytest.mark.hint("Sharpening adds edges to what? What is left with amount 0?")
def test_sharpen(student, rng, check_close):
    """sharpen_kernel: the identity plus `amount` times the edges; `amount` is 1 unless given."""
    identity = one_at(3, 1, 1)
    check_close(student.sharpen_kernel(), identity + EDGE, "sharpen_kernel()")
    for amount in (0, 2, float(rng.uniform(0.1, 0.9)), float(rng.uniform(1.5, 3.0))):
        check_close(student.sharpen_kernel(amount), identity + amount * EDGE, "sharpen_kernel")
    check_close(student.edge_kernel(), EDGE, "edge_kernel() after sharpen_kernel")
    check_close(student.sharpen_kernel(), identity + EDGE, "sharpen_kernel() once more")


@pytest.mark.points(3)
@pytest.mark.hint(
    "How far is a corner from the centre, and where do σ and 2 stand in the exponent?"
)
def test_gaussian(student, rng, check_close):
    """gaussian_kernel: the ratios between the entries follow the formula, for any σ."""
    for size in (1, 3, 5, 9):
        for sigma in (1.0, float(rng.uniform(0.6, 0.9)), float(rng.uniform(1.5, 3.0))):
            kernel = finite(student.gaussian_kernel(size, sigma), (size, size), "the kernel")
            check_close(kernel / np.sum(kernel), gaussian(size, sigma), "the kernel / its sum")


@pytest.mark.points(2)
@pytest.mark.hint("By which number do you divide: the formula's for the plane, or your own sum?")
def test_gaussian_sums_to_one(student, rng, check_close):
    """gaussian_kernel: the entries sum to 1, however much of the bell the window cuts off."""
    for size, sigma in [(5, 1.0), (3, 2), (7, float(rng.uniform(2.0, 4.0))), (9, 0.5)]:
        kernel = student.gaussian_kernel(size, sigma)
        check_close(kernel, gaussian(size, sigma), f"gaussian_kernel of size {size}")
        check_close(float(kernel.sum()), 1.0, "the sum of the kernel")
