"""q1 and q2, 24 points: cross-correlation and true convolution without padding or stride."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

PATCH = np.array([[221, 198, 149], [205, 147, 173], [149, 170, 222]])
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def correlation(image, kernel):
    windows = sliding_window_view(np.asarray(image, dtype=float), np.shape(kernel))
    return np.einsum("ijab,ab->ij", windows, np.asarray(kernel, dtype=float))


def convolution(image, kernel):
    return correlation(image, np.rot90(kernel, 2))


def check_shapes(function, reference, rng, check_close, shapes):
    for image_shape, kernel_shape in shapes:
        image, kernel = rng.standard_normal(image_shape), rng.standard_normal(kernel_shape)
        check_close(function(image, kernel), reference(image, kernel), "the map")


def check_bytes(function, reference, rng, check_close):
    """Bytes and other integers, whose products and sums leave the range of a byte."""
    image = rng.integers(200, 256, (4, 5)).astype(np.uint8)
    for dtype in (np.uint8, np.int8, np.int64):
        kernel = rng.integers(20, 100, (2, 3)).astype(dtype)
        check_close(function(image, kernel), reference(image, kernel), "the map of integers")
    kernel = rng.standard_normal((3, 2))
    check_close(function(image, kernel), reference(image, kernel), "the map of integers")


def check_untouched(student, function, reference, rng, check_close):
    image, kernel = rng.standard_normal((5, 4)), rng.standard_normal((3, 2))
    image_there, kernel_there = student.put(image), student.put(kernel)
    for _ in range(2):
        check_close(function(image_there, kernel_there), reference(image, kernel), "the map")
        check_close(student.fetch(image_there), image, "the image afterwards")
        check_close(student.fetch(kernel_there), kernel, "the kernel afterwards")


@pytest.mark.points(2)
@pytest.mark.hint("Write out the nine products of the drawing. Which kernel entry meets 221?")
def test_one_window(student, rng, check_close):
    """cross_correlate: one window gives one number, −63 for the patch of the lecture."""
    check_close(student.cross_correlate(PATCH, SOBEL), np.array([[-63.0]]), "the map")
    for shape in [(3, 3), (2, 4), (1, 1)]:
        image, kernel = rng.standard_normal(shape), rng.standard_normal(shape)
        check_close(
            student.cross_correlate(image, kernel), np.array([[(image * kernel).sum()]]), "the map"
        )


@pytest.mark.points(4)
@pytest.mark.hint("In which order do the shapes of image, kernel and map name rows and columns?")
def test_rectangles(student, rng, check_close):
    """cross_correlate: images and kernels that are no squares."""
    shapes = [((5, 8), (3, 3)), ((9, 4), (2, 3)), ((6, 7), (4, 2)), ((7, 7), (3, 3))]
    check_shapes(student.cross_correlate, correlation, rng, check_close, shapes)


@pytest.mark.points(3)
@pytest.mark.hint("How many places has a window of 1 along n pixels, and how many one of n?")
def test_extreme_kernels(student, rng, check_close):
    """cross_correlate: kernels of one pixel, one row, one column, and as large as the image."""
    shapes = [((4, 6), (1, 1)), ((4, 6), (1, 6)), ((4, 6), (4, 1)), ((5, 3), (5, 2))]
    check_shapes(student.cross_correlate, correlation, rng, check_close, shapes)


@pytest.mark.points(2)
@pytest.mark.hint("With which corner of the window does the top left entry of the kernel meet?")
def test_single_bright_pixel(student, rng, check_close):
    """cross_correlate: a single bright pixel gives the kernel turned by 180°."""
    for kernel_shape in [(3, 3), (2, 3)]:
        rows, columns = kernel_shape
        image, kernel = np.zeros((2 * rows + 1, 2 * columns + 2)), rng.standard_normal(kernel_shape)
        image[rows, columns] = 1.0
        expected = np.zeros((rows + 2, columns + 3))
        expected[1 : rows + 1, 1 : columns + 1] = kernel[::-1, ::-1]
        check_close(student.cross_correlate(image, kernel), expected, "the map")


@pytest.mark.points(2)
@pytest.mark.hint("What is 200 + 100 in uint8, and what is the dtype of your map?")
def test_integers(student, rng, check_close):
    """cross_correlate: images and kernels of bytes and other integers."""
    check_bytes(student.cross_correlate, correlation, rng, check_close)


@pytest.mark.points(2)
@pytest.mark.hint("Which of your statements writes into an array that came from the caller?")
def test_arrays_of_the_caller(student, rng, check_close):
    """cross_correlate: leaves image and kernel as they were."""
    check_untouched(student, student.cross_correlate, correlation, rng, check_close)


@pytest.mark.points(2)
@pytest.mark.hint(
    "The lecture's −63 is cross-correlation. What does the turn of the kernel change?"
)
def test_convolution_of_one_window(student, rng, check_close):
    """convolve: one window gives one number, +63 for the patch of the lecture."""
    check_close(student.convolve(PATCH, SOBEL), np.array([[63.0]]), "the map")
    image, kernel = rng.standard_normal((2, 3)), rng.standard_normal((2, 3))
    check_close(student.convolve(image, kernel), convolution(image, kernel), "the map")


@pytest.mark.points(3)
@pytest.mark.hint("A turn by 180° changes two pairs of sides. Does it change the kernel's shape?")
def test_convolution_of_rectangles(student, rng, check_close):
    """convolve: images and kernels of many shapes, also of one row or column."""
    shapes = [((5, 8), (3, 3)), ((9, 4), (2, 3)), ((4, 6), (1, 4)), ((6, 4), (3, 1))]
    check_shapes(student.convolve, convolution, rng, check_close, shapes)


@pytest.mark.points(2)
@pytest.mark.hint("Which kernel has the effect of filtering with g and then with h?")
def test_two_convolutions(student, rng, check_close):
    """convolve: two filters in a row are one filter with the convolution of their kernels."""
    image, first, second = (rng.standard_normal(shape) for shape in [(8, 9), (2, 3), (3, 2)])
    wide = np.pad(first, [(2, 2), (1, 1)])
    both = student.convolve(wide, second)
    check_close(both, convolution(wide, second), "the convolution of two kernels")
    expected = convolution(convolution(image, first), second)
    check_close(student.convolve(image, both), expected, "the image under both kernels")


@pytest.mark.points(2)
@pytest.mark.hint("Does turning the kernel give a new array, or does it write into the given one?")
def test_convolution_and_the_arrays_of_the_caller(student, rng, check_close):
    """convolve: leaves image and kernel as they were, and takes integers."""
    check_untouched(student, student.convolve, convolution, rng, check_close)
    check_bytes(student.convolve, convolution, rng, check_close)
