"""Seminar 5 as linear algebra: gather the windows by index, then one product of matrices."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np


@dataclass(frozen=True)
class Window:
    """Where a window of (kh, kw) lies in an image of (H, W)."""

    H: int
    W: int
    kh: int
    kw: int
    stride: int = 1

    @property
    def tops(self):
        return np.arange(0, self.H - self.kh + 1, self.stride)

    @property
    def lefts(self):
        return np.arange(0, self.W - self.kw + 1, self.stride)

    @property
    def shape(self):
        return len(self.tops), len(self.lefts)

    def gather(self, image):
        """(number of places, kh * kw): one window in each row."""
        rows = self.tops[:, None, None, None] + np.arange(self.kh)[:, None]
        columns = self.lefts[None, :, None, None] + np.arange(self.kw)
        return image[rows, columns].reshape(-1, self.kh * self.kw)


def cross_correlate(image, kernel):
    image = np.asarray(image, dtype=np.float64)
    kernel = np.asarray(kernel, dtype=np.float64)
    window = Window(*image.shape, *kernel.shape)
    return (window.gather(image) @ kernel.ravel()).reshape(window.shape)


def convolve(image, kernel):
    """Turned by 180°: read backwards, all the numbers in one row."""
    return cross_correlate(image, np.ravel(kernel)[::-1].reshape(np.shape(kernel)))


def output_size(size, window, stride=1, padding=0):
    return len(range(0, size + 2 * padding - window + 1, stride))


def zero_pad(image, padding):
    H, W = np.shape(image)
    rows, columns = np.eye(H + 2 * padding, H, k=-padding), np.eye(W, W + 2 * padding, k=padding)
    return rows @ np.asarray(image, dtype=float) @ columns


def filter_image(image, kernel, stride=1, padding=0):
    """The whole map first, then every stride-th of its entries."""
    return np.array(cross_correlate(zero_pad(image, padding), kernel)[::stride, ::stride])


def _kernel(numbers):
    """A dict {(u, v) from the centre: number} and its size -> the kernel."""

    def build(size):
        half = Fraction(size - 1, 2)
        kernel = np.zeros((size, size))
        for (u, v), number in numbers.items():
            kernel[int(half + u), int(half + v)] += number
        return kernel

    return build


def identity_kernel(size):
    return _kernel({(0, 0): 1.0})(size)


def shift_kernel(size, down, right):
    return _kernel({(-down, -right): 1.0})(size)


def mean_kernel(size):
    return np.outer(*[np.repeat(1.0 / size, size)] * 2)


_SIDES = ((-1, 0), (1, 0), (0, -1), (0, 1))


def edge_kernel():
    return sharpen_kernel() - identity_kernel(3)


def sharpen_kernel(amount=1.0):
    return _kernel({(0, 0): 1.0 + 4.0 * amount, **dict.fromkeys(_SIDES, -amount)})(3)


def gaussian_kernel(size, sigma):
    """As a softmax of the exponents: the sum is 1 by itself."""
    u = np.arange(size) - (size - 1) / 2
    exponents = -(u[:, None] ** 2 + u**2) / (2 * sigma**2)
    kernel = np.exp(exponents - exponents.max())
    kernel *= 1 / kernel.sum()
    return kernel


def max_pool(image, window, stride=None):
    """First along the rows, then along the columns."""
    image = np.asarray(image, dtype=float)
    stride = stride or window
    for axis in (0, 1):
        image = np.moveaxis(image, axis, 0)
        places = output_size(len(image), window, stride)
        image = np.array(
            [image[i * stride : i * stride + window].max(axis=0) for i in range(places)]
        )
        image = np.moveaxis(image, 0, axis)
    return image


def average_pool(image, window, stride=None):
    """By the table of sums over all rectangles that begin in the corner."""
    image = np.asarray(image, dtype=float)
    stride = stride or window
    table = np.zeros((image.shape[0] + 1, image.shape[1] + 1))
    table[1:, 1:] = image.cumsum(axis=0).cumsum(axis=1)
    place = Window(*image.shape, window, window, stride)
    i, j = np.ix_(place.tops, place.lefts)
    sums = table[i + window, j + window] - table[i, j + window] - table[i + window, j] + table[i, j]
    return sums / window**2


def _overlap(size, by):
    """The slices (to, from) of a side of `size` that is moved `by` places."""
    first, last = max(by, 0), min(size + by, size)
    if first >= last:
        return slice(0, 0), slice(0, 0)
    return slice(first, last), slice(first - by, last - by)


def shift(image, down, right):
    (to_rows, rows), (to_columns, columns) = map(_overlap, np.shape(image), (down, right))
    moved = np.zeros(np.shape(image))
    moved[to_rows, to_columns] = image[rows, columns]
    return moved


def equivariance_error(operation, image, down, right, step=1, margin=0):
    image = np.array(image, dtype=float)
    maps = [
        operation(shift(image, step * down, step * right)),
        shift(operation(image), down, right),
    ]
    difference = np.subtract(*maps, dtype=float)
    i, j = np.indices(difference.shape)
    H, W = difference.shape
    distance = np.minimum(np.minimum(i, H - 1 - i), np.minimum(j, W - 1 - j))  # to the border
    return float(np.max(np.abs(difference[distance >= margin])))


def conv_layer(x, W, b, stride=1, padding=0):
    """All stacks of kernels as one matrix (K, C kh kw)."""
    K, _C, kh, kw = np.shape(W)
    padded = [zero_pad(channel, padding) for channel in x]
    window = Window(*padded[0].shape, kh, kw, stride)
    columns = np.hstack([window.gather(channel) for channel in padded])
    y = np.asarray(W, dtype=float).reshape(K, -1) @ columns.T + np.reshape(b, (K, 1))
    return y.reshape(K, *window.shape)
