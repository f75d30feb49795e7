"""q5, 18 points: pooling by the maximum and by the mean."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view


def windows(image, window, stride):
    return sliding_window_view(np.asarray(image, dtype=float), (window, window))[::stride, ::stride]


def maxima(image, window, stride):
    return windows(image, window, stride).max(axis=(2, 3))


def means(image, window, stride):
    return windows(image, window, stride).sum(axis=(2, 3)) / window**2


def check_cases(pool, reference, rng, check_close, cases):
    """Cases of (shape of the image, window, stride); the stride None is the window."""
    for shape, window, stride in cases:
        image = rng.standard_normal(shape)
        expected = reference(image, window, stride or window)
        what = f"a {shape[0]} × {shape[1]} image pooled with window {window}, stride {stride}"
        check_close(pool(image, window, stride), expected, what)


def check_arrays(student, pool, reference, rng, check_close):
    image = rng.standard_normal((5, 4))
    there = student.put(image)
    for window in (1, 2, 3):
        check_close(pool(there, window), reference(image, window, window), "the pooled image")
        check_close(student.fetch(there), image, "the image afterwards")
    for dtype in (np.uint8, np.int64):
        photo = rng.integers(200, 256, (4, 7)).astype(dtype)
        check_close(pool(photo, 3, 2), reference(photo, 3, 2), "the pooled image of integers")


@pytest.mark.points(2)
@pytest.mark.hint("How far does the window jump when nobody says how far?")
def test_max_pool(student, rng, check_close):
    """max_pool: windows that tile the image; the stride is the window unless given."""
    cases = [((4, 6), 2, None), ((9, 6), 3, None), ((3, 5), 1, None), ((4, 4), 4, None)]
    check_cases(student.max_pool, maxima, rng, check_close, cases)
    image = rng.standard_normal((6, 4))
    check_close(student.max_pool(image, 2), maxima(image, 2, 2), "max_pool without a stride")


@pytest.mark.points(3)
@pytest.mark.hint("Where does window [i, j] begin, and where does it end?")
def test_max_pool_with_stride(student, rng, check_close):
    """max_pool: windows that overlap or leave gaps."""
    cases = [((5, 7), 3, 2), ((7, 5), 3, 1), ((6, 8), 2, 3), ((8, 9), 4, 2), ((5, 6), 1, 2)]
    check_cases(student.max_pool, maxima, rng, check_close, cases)
    image = rng.standard_normal((7, 9))
    check_close(student.max_pool(image, 3, stride=2), maxima(image, 3, 2), "max_pool, stride=2")


@pytest.mark.points(2)
@pytest.mark.hint("Does a window that is not wholly in the image count? May a row be left out?")
def test_max_pool_leftovers(student, rng, check_close):
    """max_pool: rows and columns that are left over are dropped at the bottom and on the right."""
    cases = [((5, 7), 2, None), ((8, 4), 3, None), ((6, 8), 3, 2), ((5, 5), 4, 3), ((3, 4), 3, 5)]
    check_cases(student.max_pool, maxima, rng, check_close, cases)


@pytest.mark.points(3)
@pytest.mark.hint("With which number does your search for the maximum begin?")
def test_max_pool_of_negative_numbers(student, rng, check_close):
    """max_pool: windows that hold negative numbers only, small ones and huge ones."""
    for scale in (1.0, 1e30):
        image = -scale * rng.uniform(0.5, 2.0, (5, 7))
        for window, stride in [(2, 2), (3, 2), (3, 1)]:
            check_close(
                student.max_pool(image, window, stride),
                maxima(image, window, stride),
                "the pooled negative image",
            )
    # One window is brighter than 0, its neighbours are not.
    image[:2, :2] = rng.uniform(1.0, 2.0, (2, 2))
    check_close(student.max_pool(image, 2), maxima(image, 2, 2), "the pooled image")


@pytest.mark.points(1)
@pytest.mark.hint("Which dtype does your map have, and which array do you write into?")
def test_max_pool_and_the_arrays_of_the_caller(student, rng, check_close):
    """max_pool: leaves the image as it was and makes float64 of integers."""
    check_arrays(student, student.max_pool, maxima, rng, check_close)


@pytest.mark.points(2)
@pytest.mark.hint("How many numbers does one window hold?")
def test_average_pool(student, rng, check_close):
    """average_pool: windows that tile the image; the stride is the window unless given."""
    cases = [((4, 6), 2, None), ((9, 6), 3, None), ((3, 5), 1, None), ((4, 4), 4, None)]
    check_cases(student.average_pool, means, rng, check_close, cases)
    image = rng.standard_normal((6, 4))
    check_close(student.average_pool(image, 2), means(image, 2, 2), "average_pool without a stride")


@pytest.mark.points(2)
@pytest.mark.hint("Do you divide by the number of entries of the window, or by something else?")
def test_average_pool_with_stride(student, rng, check_close):
    """average_pool: windows that overlap or leave gaps."""
    cases = [((5, 7), 3, 2), ((7, 5), 3, 1), ((6, 8), 2, 3), ((8, 9), 4, 2), ((5, 6), 1, 2)]
    check_cases(student.average_pool, means, rng, check_close, cases)
    image = rng.standard_normal((7, 9))
    check_close(student.average_pool(image, 3, stride=2), means(image, 3, 2), "with stride=2")


@pytest.mark.points(2)
@pytest.mark.hint("Does a window that is not wholly in the image count? May a row be left out?")
def test_average_pool_leftovers(student, rng, check_close):
    """average_pool: rows and columns left over are dropped at the bottom and on the right."""
    cases = [((5, 7), 2, None), ((8, 4), 3, None), ((6, 8), 3, 2), ((5, 5), 4, 3), ((3, 4), 3, 5)]
    check_cases(student.average_pool, means, rng, check_close, cases)


@pytest.mark.points(1)
@pytest.mark.hint("Which dtype does your map have, and which array do you write into?")
def test_average_pool_and_the_arrays_of_the_caller(student, rng, check_close):
    """average_pool: leaves the image as it was and makes float64 of integers."""
    check_arrays(student, student.average_pool, means, rng, check_close)
