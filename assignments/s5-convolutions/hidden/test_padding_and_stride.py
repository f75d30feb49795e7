"""q3, 21 points: the size of a map, zero padding, and a filter with padding and stride."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view


def places(size, window, stride, padding):
    """The number of places, by counting them."""
    return len(range(0, size + 2 * padding - window + 1, stride))


def filtered(image, kernel, stride=1, padding=0):
    padded = np.pad(np.asarray(image, dtype=float), padding)
    windows = sliding_window_view(padded, np.shape(kernel))[::stride, ::stride]
    return np.einsum("ijab,ab->ij", windows, np.asarray(kernel, dtype=float))


def check_cases(student, rng, check_close, cases):
    """Cases of (shape of the image, shape of the kernel, stride, padding)."""
    for image_shape, kernel_shape, stride, padding in cases:
        image, kernel = rng.standard_normal(image_shape), rng.standard_normal(kernel_shape)
        check_close(
            student.filter_image(image, kernel, stride, padding),
            filtered(image, kernel, stride, padding),
            f"the map with stride {stride}, padding {padding}",
        )


@pytest.mark.points(2)
@pytest.mark.hint("Draw 7 pixels and a window of 3: where does it start with stride 1, 2, 3, 5?")
def test_output_size(student, check_close):
    """output_size: counts whole jumps, whether or not they come out even."""
    for size in (5, 6, 7, 12):
        for window in (1, 2, 3, 5):
            for stride in (1, 2, 3, 5):
                check_close(
                    student.output_size(size, window, stride),
                    places(size, window, stride, 0),
                    f"output_size({size}, {window}, {stride})",
                )


@pytest.mark.points(2)
@pytest.mark.hint("On how many sides of a row is padding added?")
def test_output_size_with_padding(student, check_close):
    """output_size: padding counts on both sides; stride 1 and no padding unless given."""
    for size, window, stride, padding in [(28, 5, 1, 2), (7, 3, 2, 1), (8, 3, 3, 1), (2, 5, 2, 3)]:
        check_close(
            student.output_size(size, window, stride, padding),
            places(size, window, stride, padding),
            f"output_size({size}, {window}, {stride}, {padding})",
        )
    check_close(student.output_size(9, 4), 6, "output_size(9, 4)")
    check_close(student.output_size(9, 4, padding=1), 8, "output_size(9, 4, padding=1)")


@pytest.mark.points(3)
@pytest.mark.hint("Where in the larger array does the image lie, and what is around it?")
def test_zero_pad(student, rng, check_close):
    """zero_pad: the image in the middle, zeros on each of the four sides."""
    for shape, padding in [((3, 5), 1), ((4, 2), 3), ((1, 1), 2)]:
        image = rng.standard_normal(shape)
        check_close(student.zero_pad(image, padding), np.pad(image, padding), "the padded image")


@pytest.mark.points(2)
@pytest.mark.hint("What does the slice [p:-p] give for p = 0? Which dtype does the new array have?")
def test_zero_pad_of_nothing_and_of_integers(student, rng, check_close):
    """zero_pad: padding 0 adds nothing; images of bytes become float64; the image stays."""
    image = rng.standard_normal((4, 3))
    there = student.put(image)
    check_close(student.zero_pad(there, 0), image, "an image padded by 0")
    check_close(student.zero_pad(there, 1), np.pad(image, 1), "the padded image")
    check_close(student.fetch(there), image, "the image afterwards")
    photo = rng.integers(1, 256, (2, 3)).astype(np.uint8)
    for padding in (0, 2):
        expected = np.pad(photo.astype(float), padding)
        check_close(student.zero_pad(photo, padding), expected, "the padded image of bytes")


@pytest.mark.points(2)
@pytest.mark.hint("Without padding and with stride 1, which function of q1 is this?")
def test_plain_filter(student, rng, check_close):
    """filter_image: without padding and stride it is the cross-correlation of q1."""
    check_cases(student, rng, check_close, [((5, 7), (3, 2), 1, 0), ((6, 4), (3, 3), 1, 0)])
    image, kernel = rng.standard_normal((4, 6)), rng.standard_normal((2, 3))
    check_close(student.filter_image(image, kernel), filtered(image, kernel), "the map")


@pytest.mark.points(2)
@pytest.mark.hint("Where does window [i, j] begin, and does the stride act in both directions?")
def test_stride(student, rng, check_close):
    """filter_image: a stride in both directions, rows and columns left over dropped."""
    cases = [((7, 9), (3, 3), 2, 0), ((8, 6), (3, 2), 2, 0), ((10, 12), (3, 3), 3, 0)]
    check_cases(student, rng, check_close, cases)


@pytest.mark.points(1)
@pytest.mark.hint("A window may jump further than it is wide. Do your slices mind?")
def test_stride_larger_than_the_kernel(student, rng, check_close):
    """filter_image: strides that leave gaps, or that leave room for one window only."""
    cases = [((9, 8), (2, 1), 4, 0), ((5, 6), (1, 1), 3, 0), ((4, 5), (3, 3), 7, 0)]
    check_cases(student, rng, check_close, cases)


@pytest.mark.points(2)
@pytest.mark.hint("What does a window see that hangs over the border, on each of the four sides?")
def test_padding(student, rng, check_close):
    """filter_image: zero padding on all sides, also wider than half the kernel."""
    cases = [((5, 7), (3, 3), 1, 1), ((6, 4), (5, 5), 1, 2), ((4, 5), (2, 3), 1, 3)]
    check_cases(student, rng, check_close, cases)


@pytest.mark.points(3)
@pytest.mark.hint("Is the size of the map computed from the padded image, and rounded how?")
def test_stride_and_padding(student, rng, check_close):
    """filter_image: stride and padding together, for kernels and images of all shapes."""
    cases = [((7, 10), (3, 3), 2, 1), ((8, 5), (2, 4), 3, 2), ((6, 9), (5, 3), 2, 2)]
    check_cases(student, rng, check_close, [*cases, ((2, 3), (4, 5), 2, 1)])
    image, kernel = rng.standard_normal((6, 7)), rng.standard_normal((3, 3))
    named = student.filter_image(image, kernel, padding=1, stride=2)
    check_close(named, filtered(image, kernel, 2, 1), "the map with stride=2, padding=1")


@pytest.mark.points(2)
@pytest.mark.hint("Which statement writes into the caller's arrays, or keeps their dtype?")
def test_filter_and_the_arrays_of_the_caller(student, rng, check_close):
    """filter_image: leaves image and kernel as they were, and takes integers."""
    image, kernel = rng.standard_normal((5, 4)), rng.standard_normal((3, 2))
    image_there, kernel_there = student.put(image), student.put(kernel)
    for padding in (0, 1):
        check_close(
            student.filter_image(image_there, kernel_there, 1, padding),
            filtered(image, kernel, 1, padding),
            "the map",
        )
        check_close(student.fetch(image_there), image, "the image afterwards")
        check_close(student.fetch(kernel_there), kernel, "the kernel afterwards")
    photo = rng.integers(200, 256, (4, 5)).astype(np.uint8)
    for dtype in (np.uint8, np.int8, np.int64):
        weights = rng.integers(20, 100, (3, 3)).astype(dtype)
        for padding in (0, 1):
            check_close(
                student.filter_image(photo, weights, 1, padding),
                filtered(photo, weights, 1, padding),
                "the map of integers",
            )
