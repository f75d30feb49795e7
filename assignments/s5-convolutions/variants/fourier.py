"""Filters by the Fourier transform, means by cumulative sums, maxima row by row then column."""

import functools
import operator

import numpy as np


def full_convolution(image, kernel):
    """All places where the two overlap, by multiplication of the spectra."""
    shape = [n + k - 1 for n, k in zip(image.shape, kernel.shape, strict=True)]
    spectrum = np.fft.rfft2(image, shape) * np.fft.rfft2(kernel, shape)
    return np.fft.irfft2(spectrum, shape)


def convolve(image, kernel):
    kh, kw = kernel.shape
    full = full_convolution(np.float64(image), np.float64(kernel))
    return full[kh - 1 : image.shape[0], kw - 1 : image.shape[1]]


def cross_correlate(image, kernel):
    return convolve(image, np.rot90(kernel, k=2))


output_size = lambda size, window, stride=1, padding=0: len(  # noqa: E731
    range(window, size + 2 * padding + 1, stride)
)


def zero_pad(image, padding):
    matrix = functools.partial(np.eye, k=-padding)
    tall = matrix(image.shape[0] + 2 * padding, image.shape[0]) @ image
    return tall @ matrix(image.shape[1] + 2 * padding, image.shape[1]).T


def filter_image(image, kernel, stride=1, padding=0):
    padded = zero_pad(image, padding)
    everywhere = cross_correlate(padded, kernel)
    rows = np.arange(0, everywhere.shape[0], stride)
    columns = np.arange(0, everywhere.shape[1], stride)
    return everywhere[np.ix_(rows, columns)]


def identity_kernel(size):
    return zero_pad(np.array([[1.0]]), size // 2)


def shift_kernel(size, down, right):
    return shift(identity_kernel(size), -down, -right)


def mean_kernel(size):
    return np.outer(*[np.repeat(1 / size, size)] * 2)


def edge_kernel():
    second = np.array([[-1.0, 2.0, -1.0]])
    return np.pad(second, [(1, 1), (0, 0)]) + np.pad(second.T, [(0, 0), (1, 1)])


def sharpen_kernel(amount=1.0):
    return functools.reduce(operator.add, [identity_kernel(3), edge_kernel() * amount])


def gaussian_kernel(size, sigma):
    squares = (np.indices((size, size)) - size // 2) ** 2
    logarithm = -squares.sum(axis=0) / (2 * np.square(sigma))
    logarithm -= np.logaddexp.reduce(logarithm.ravel())
    return np.exp(logarithm)


def max_pool(image, window, stride=None):
    if stride is None:
        return max_pool(image, window, window)

    def along_rows(array):
        starts = range(0, len(array) - window + 1, stride)
        return np.array([array[start : start + window].max(axis=0) for start in starts])

    return along_rows(along_rows(image).T).T.astype(np.float64)


def average_pool(image, window, stride=None):
    stride = window if stride is None else stride
    sums = np.zeros([side + 1 for side in image.shape])
    sums[1:, 1:] = np.cumsum(np.cumsum(image, axis=0, dtype=float), axis=1)
    boxes = sums[window:, window:] - sums[:-window, window:]
    boxes += sums[:-window, :-window] - sums[window:, :-window]
    return boxes[::stride, ::stride] / (window * window)


def shift(image, down, right):
    moved = {}
    for (i, j), value in np.ndenumerate(image):
        moved[i + down, j + right] = value
    result = np.zeros_like(image, dtype="float64")
    for place in np.ndindex(image.shape):
        result[place] = moved.get(place, 0)
    return result


def equivariance_error(operation, image, down, right, step=1, margin=0):
    def there(picture, factor):
        return shift(picture, factor * down, factor * right)

    difference = operation(there(image, step)) - there(operation(image), 1)
    height, width = difference.shape
    inner = difference[margin : height - margin, margin : width - margin]
    return max(inner.max(), -inner.min())


def conv_layer(x, W, b, stride=1, padding=0):
    def entry(k):
        pairs = zip(x, W[k], strict=True)
        filtered = (filter_image(channel, kernel, stride, padding) for channel, kernel in pairs)
        return functools.reduce(np.add, filtered, b[k])

    return np.stack([entry(k) for k in range(W.shape[0])], axis=0)
