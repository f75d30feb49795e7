"""q7, 9 points: a convolutional layer of several channels, forward."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view


def layer(x, W, b, stride=1, padding=0):
    padded = np.pad(np.asarray(x, float), [(0, 0), (padding, padding), (padding, padding)])
    windows = sliding_window_view(padded, np.shape(W)[2:], axis=(1, 2))[:, ::stride, ::stride]
    return np.einsum("cijab,kcab->kij", windows, W) + np.asarray(b, float)[:, None, None]


def a_layer(rng, x_shape, maps, kernel_shape):
    x, W = rng.standard_normal(x_shape), rng.standard_normal((maps, x_shape[0], *kernel_shape))
    return x, W, rng.standard_normal(maps)


@pytest.mark.points(3)
@pytest.mark.hint("Which sums stand in the formula, and which index belongs to which axis of W?")
def test_channels(student, rng, check_close):
    """conv_layer: each map adds up all channels, each under a kernel of its own."""
    for x_shape, maps, kernel_shape in [((3, 5, 7), 2, (3, 3)), ((2, 6, 4), 4, (2, 3))]:
        x, W, _ = a_layer(rng, x_shape, maps, kernel_shape)
        check_close(student.conv_layer(x, W, np.zeros(maps)), layer(x, W, np.zeros(maps)), "y")


@pytest.mark.points(2)
@pytest.mark.hint("How many biases has the layer, and how often is each added to an entry?")
def test_bias(student, rng, check_close):
    """conv_layer: one bias for each map, added once to each of its entries."""
    # As many maps as columns, then as many as rows: a bias along the wrong axis would fit.
    for x_shape, maps in [((3, 6, 5), 3), ((2, 4, 7), 2), ((3, 5, 5), 3)]:
        x, W, b = a_layer(rng, x_shape, maps, (3, 3))
        check_close(student.conv_layer(x, W, b), layer(x, W, b), "y")


@pytest.mark.points(2)
@pytest.mark.hint("Which arguments have to be handed on to the filter of each channel?")
def test_stride_and_padding(student, rng, check_close):
    """conv_layer: stride and padding."""
    for stride, padding in [(2, 0), (1, 2), (2, 1), (3, 1)]:
        x, W, b = a_layer(rng, (2, 8, 7), 3, (3, 2))
        expected = layer(x, W, b, stride, padding)
        check_close(student.conv_layer(x, W, b, stride, padding), expected, "y")
    named = student.conv_layer(x, W, b, padding=1, stride=2)
    check_close(named, layer(x, W, b, 2, 1), "y with stride=2, padding=1")


@pytest.mark.points(1)
@pytest.mark.hint("Does an axis of length 1 survive in your result?")
def test_single_channels_and_maps(student, rng, check_close):
    """conv_layer: one channel, one map, one window, kernels of one pixel."""
    cases = [((1, 5, 4), 3, (2, 2)), ((3, 4, 5), 1, (3, 3)), ((4, 3, 5), 2, (1, 1))]
    for x_shape, maps, kernel_shape in [*cases, ((2, 3, 4), 2, (3, 4)), ((1, 1, 1), 1, (1, 1))]:
        x, W, b = a_layer(rng, x_shape, maps, kernel_shape)
        check_close(student.conv_layer(x, W, b), layer(x, W, b), "y")


@pytest.mark.points(1)
@pytest.mark.hint("Which statement writes into the caller's arrays, or keeps their dtype?")
def test_arrays_of_the_caller(student, rng, check_close):
    """conv_layer: leaves x, W and b as they were, and takes integers."""
    arrays = a_layer(rng, (2, 4, 5), 3, (2, 2))
    there = [student.put(array) for array in arrays]
    for _ in range(2):
        check_close(student.conv_layer(*there, 1, 1), layer(*arrays, 1, 1), "y")
        for remote, array, name in zip(there, arrays, "xWb", strict=True):
            check_close(student.fetch(remote), array, f"{name} afterwards")
    photo = rng.integers(200, 256, (3, 4, 5)).astype(np.uint8)
    W = rng.integers(-9, 10, (2, 3, 3, 3))
    for padding in (0, 1):
        actual = student.conv_layer(photo, W, np.array([1, -2]), 1, padding)
        check_close(actual, layer(photo, W, [1, -2], 1, padding), "y of integers")
