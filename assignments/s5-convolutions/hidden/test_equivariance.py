"""q6, 10 points: shifting an image, and measuring equivariance to shifts."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from autograder.suite import callback


def shifted(image, down, right):
    """The frame's own part of the image laid on a sheet of zeros that is large enough."""
    height, width = image.shape
    up, left = max(abs(down), height), max(abs(right), width)
    sheet = np.pad(np.asarray(image, dtype=float), [(up, up), (left, left)])
    return sheet[up - down : up - down + height, left - right : left - right + width]


def error(operation, image, down, right, step=1, margin=0):
    first = operation(shifted(image, step * down, step * right))
    second = shifted(operation(image), down, right)
    rows, columns = first.shape
    return float(
        np.abs(first - second)[margin : rows - margin, margin : columns - margin].max(initial=0.0)
    )


def blurred(image):
    """A mean of 3 × 3 with zero padding: equivariant away from the border."""
    return sliding_window_view(np.pad(np.asarray(image, float), 1), (3, 3)).mean(axis=(2, 3))


def corner_sums(image):
    """Sums of 2 × 3 windows, without padding: the map is smaller than the image."""
    return sliding_window_view(np.asarray(image, float), (2, 3)).sum(axis=(2, 3))


def uneven(image):
    """Weights that differ from pixel to pixel: not equivariant anywhere."""
    rows, columns = np.indices(np.shape(image))
    return np.asarray(image, float) * (1.0 + rows + 0.37 * columns)


def chequered(image):
    """Signs that alternate: after a shift by one pixel every entry has the opposite sign."""
    rows, columns = np.indices(np.shape(image))
    return np.asarray(image, float) * (-1.0) ** (rows + columns)


def every(step):
    """Keeps one pixel of step × step: equivariant to shifts by multiples of the step."""
    return lambda image: np.asarray(image, float)[::step, ::step] ** 2


def uneven_every(step):
    return lambda image: uneven(np.asarray(image, float)[::step, ::step])


DIRECTIONS = [(1, 0), (0, 1), (-2, 0), (0, -2), (1, 2), (-1, -1), (2, -3), (-3, 1)]


@pytest.mark.points(3)
@pytest.mark.hint("Where does the pixel [0, 0] go for down = 1? And the one on the far side?")
def test_shift(student, rng, check_close):
    """shift: moves an image in all directions within its frame; zeros come in."""
    image = rng.standard_normal((5, 7))
    for down, right in [*DIRECTIONS, (0, 0)]:
        moved = student.shift(image, down, right)
        check_close(moved, shifted(image, down, right), f"shift by {down} and {right}")


@pytest.mark.points(1)
@pytest.mark.hint("What do your slices select when the shift is larger than the image?")
def test_shift_out_of_the_frame(student, rng, check_close):
    """shift: far shifts leave zeros only, integers become float64, the image stays."""
    image = rng.integers(1, 256, (3, 4)).astype(np.uint8)
    there = student.put(image)
    far = [(3, 0), (-3, 0), (0, 4), (0, -4), (4, 1), (-5, 2), (1, 9), (2, -9), (7, 7), (-8, -8)]
    for down, right in [(1, -2), (2, 3), (-2, -3), (0, 0), *far]:
        moved = student.shift(there, down, right)
        check_close(moved, shifted(image, down, right), f"shift by {down} and {right}")
        check_close(student.fetch(there), image, "the image afterwards")


@pytest.mark.points(2)
@pytest.mark.hint(
    "Which two maps are compared, and how do you make one number of their difference?"
)
def test_error(student, rng, check_close):
    """equivariance_error: the largest absolute difference over the whole map."""
    image = rng.standard_normal((6, 8))
    for down, right in DIRECTIONS:
        for operation in (blurred, corner_sums, chequered, uneven, lambda image: -uneven(image)):
            asked = callback(operation, image.shape)
            actual = student.equivariance_error(asked, image, down, right)
            check_close(actual, error(operation, image, down, right), "the error")


@pytest.mark.points(2)
@pytest.mark.hint("Which entries are left with margin 1, which with margin 0, and on which sides?")
def test_error_with_margin(student, rng, check_close):
    """equivariance_error: the margin leaves out the border of the map, on all four sides."""
    image = rng.standard_normal((9, 8))
    for down, right, margin in [(1, 0, 1), (-1, 1, 1), (2, -1, 2), (0, 2, 1), (1, 1, 0)]:
        for operation in (blurred, corner_sums, uneven):
            asked = callback(operation, image.shape)
            actual = student.equivariance_error(asked, image, down, right, margin=margin)
            check_close(actual, error(operation, image, down, right, 1, margin), "the error")


@pytest.mark.points(2)
@pytest.mark.hint(
    "One pixel of the map is `step` pixels of the image. Which of the two moves more?"
)
def test_error_with_step(student, rng, check_close):
    """equivariance_error: with a step the image moves `step` times as far as the map."""
    image = rng.standard_normal((12, 14))
    for step, down, right in [(2, 1, 0), (2, -1, 2), (3, 1, -1)]:
        for operation in (every(step), uneven_every(step)):
            for margin in (0, 1):
                asked = callback(operation, image.shape)
                actual = student.equivariance_error(asked, image, down, right, step, margin)
                check_close(actual, error(operation, image, down, right, step, margin), "the error")
