"""q1, 12 points: padding and cropping, cutting an image into windows and adding them up again."""

import numpy as np
import pytest

CASES = [
    # x (N, C, H, W), kernel, stride
    ((2, 3, 5, 7), (2, 3), (1, 1)),
    ((1, 2, 8, 6), (3, 2), (2, 1)),
    ((3, 1, 7, 9), (2, 4), (3, 2)),
    ((2, 2, 9, 8), (1, 2), (2, 3)),
    ((1, 1, 4, 5), (4, 5), (1, 1)),
]


def places(shape, kernel, stride):
    """For each window its index (h, w) and the place of its first pixel."""
    starts = [
        range(0, size - k + 1, s) for size, k, s in zip(shape[2:], kernel, stride, strict=True)
    ]
    return [
        (h, w, top, left) for h, top in enumerate(starts[0]) for w, left in enumerate(starts[1])
    ]


def cut(x, kernel, stride):
    """The windows of x, one after the other."""
    (kh, kw), where = kernel, places(x.shape, kernel, stride)
    result = np.empty((*x.shape[:2], where[-1][0] + 1, where[-1][1] + 1, kh, kw))
    for h, w, top, left in where:
        result[:, :, h, w] = x[:, :, top : top + kh, left : left + kw]
    return result


@pytest.mark.points(2)
@pytest.mark.hint("On which sides, with which value, and of which dtype is the result?")
def test_pad(student, rng, check_close):
    """pad: rows above and below, columns left and right, any value, also around integers."""
    for (ph, pw), value in [((1, 2), 3.5), ((2, 0), -np.inf), ((0, 1), -1.0), ((0, 0), 2.0)]:
        x = rng.standard_normal((2, 3, 4, 5))
        expected = np.full((2, 3, 4 + 2 * ph, 5 + 2 * pw), value)
        expected[:, :, ph : ph + 4, pw : pw + 5] = x
        check_close(student.pad(x, (ph, pw), value), expected, "pad")
    integers = rng.integers(1, 9, (1, 2, 3, 2))
    expected = np.zeros((1, 2, 5, 4))
    expected[:, :, 1:4, 1:3] = integers
    check_close(student.pad(integers, (1, 1)), expected, "pad of integers, with its default value")


@pytest.mark.points(2)
@pytest.mark.hint("What is x[0:-0], and on how many sides was something added?")
def test_crop(student, rng, check_close):
    """crop: takes the padding off again, also where it is zero on one axis or on both."""
    for ph, pw in [(1, 2), (2, 0), (0, 1), (0, 0)]:
        x = rng.standard_normal((2, 3, 7, 6))
        check_close(student.crop(x, (ph, pw)), x[:, :, ph : 7 - ph, pw : 6 - pw], "crop")


@pytest.mark.points(3)
@pytest.mark.hint("Where does window [h, w] begin, and what becomes of the last rows and columns?")
def test_windows(student, rng, check_close):
    """windows: each window of each channel, for all kinds of kernels and strides."""
    for shape, kernel, stride in CASES:
        x = rng.standard_normal(shape)
        check_close(student.windows(x, kernel, stride), cut(x, kernel, stride), "windows")


@pytest.mark.points(4)
@pytest.mark.hint("In how many windows does a pixel lie: always in one?")
def test_overlap_add(student, rng, check_close):
    """overlap_add: each pixel gets the sum over the windows that it lies in."""
    for shape, kernel, stride in CASES:
        pieces = cut(rng.standard_normal(shape), kernel, stride)
        pieces += rng.standard_normal(pieces.shape)
        expected = np.zeros(shape)
        for h, w, top, left in places(shape, kernel, stride):
            expected[:, :, top : top + kernel[0], left : left + kernel[1]] += pieces[:, :, h, w]
        check_close(student.overlap_add(pieces, shape, stride), expected, "overlap_add")


@pytest.mark.points(1)
@pytest.mark.hint("Which of your statements writes into an array that came from the caller?")
def test_arrays_of_the_caller(student, rng, check_close):
    """The four functions leave the caller's arrays as they are."""
    x = rng.standard_normal((2, 1, 5, 4))
    there = student.put(x)
    check_close(student.crop(student.pad(there, (2, 1)), (2, 1)), x, "crop after pad")
    expected = cut(x, (2, 2), (1, 1))
    check_close(student.windows(there, (2, 2), (1, 1)), expected, "windows")
    check_close(student.fetch(there), x, "x afterwards")
    pieces = student.put(expected)
    expected_sum = x * np.outer([1.0, 2.0, 2.0, 2.0, 1.0], [1.0, 2.0, 2.0, 1.0])
    check_close(student.overlap_add(pieces, x.shape, (1, 1)), expected_sum, "overlap_add")
    check_close(student.fetch(pieces), expected, "pieces afterwards")
