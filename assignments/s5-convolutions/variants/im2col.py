"""Windows become the rows of a matrix, filtering and pooling become products and reductions of it.

Classes and helper functions of its own, in-place work on private copies.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Geometry:
    """Where the windows of an image lie."""

    height: int
    width: int
    kh: int
    kw: int
    stride: int = 1

    @property
    def rows(self):
        return (self.height - self.kh) // self.stride + 1

    @property
    def columns(self):
        return (self.width - self.kw) // self.stride + 1

    def matrix(self, image):
        """One row of kh · kw pixels for each window."""
        top, left = np.divmod(np.arange(self.rows * self.columns), self.columns)
        a, b = np.divmod(np.arange(self.kh * self.kw), self.kw)
        down = self.stride * top[:, None] + a
        right = self.stride * left[:, None] + b
        return np.asarray(image, dtype=np.float64)[down, right]

    def folded(self, values):
        return values.reshape(self.rows, self.columns)


def zero_pad(image, padding):
    larger = np.zeros([side + 2 * padding for side in image.shape], dtype=float)
    inner = tuple(slice(padding, padding + side) for side in image.shape)
    larger[inner] += image
    return larger


def output_size(size, window, stride=1, padding=0):
    return Geometry(size + 2 * padding, 1, window, 1, stride).rows


def filter_image(image, kernel, stride=1, padding=0):
    padded = zero_pad(image, padding)
    geometry = Geometry(*padded.shape, *kernel.shape, stride)
    return geometry.folded(geometry.matrix(padded) @ kernel.ravel().astype(float))


def cross_correlate(image, kernel):
    return filter_image(image, kernel)


def convolve(image, kernel):
    geometry = Geometry(*image.shape, *kernel.shape)
    return geometry.folded(geometry.matrix(image)[:, ::-1] @ kernel.ravel().astype(float))


def one_at(size, row, column):
    kernel = np.zeros((size, size))
    np.put(kernel, row * size + column, 1.0)
    return kernel


def identity_kernel(size):
    return one_at(size, size // 2, size // 2)


def shift_kernel(size, down, right):
    return one_at(size, (size - 1 - 2 * down) // 2, (size - 1 - 2 * right) // 2)


def mean_kernel(size):
    return np.ones((size, size)) * size**-2.0


def edge_kernel():
    return -np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]).astype("float64") + 0.0


def sharpen_kernel(amount=1.0):
    kernel = edge_kernel()
    kernel *= amount
    kernel += identity_kernel(3)
    return kernel


def gaussian_kernel(size, sigma):
    u, v = np.meshgrid(
        np.arange(-(size // 2), size // 2 + 1), np.arange(-(size // 2), size // 2 + 1)
    )
    kernel = np.exp(-(u**2 + v**2) / (2 * sigma**2)) / (2 * np.pi * sigma**2)
    kernel /= kernel.sum()
    return kernel


class Pooling:
    def __init__(self, reduce):
        self.reduce = reduce

    def __call__(self, image, window, stride=None):
        geometry = Geometry(*image.shape, window, window, window if stride is None else stride)
        return geometry.folded(self.reduce(geometry.matrix(image), axis=1))


max_pool = Pooling(np.max)
average_pool = Pooling(np.mean)


def shift(image, down, right):
    """A matrix on the left moves rows, a matrix on the right moves columns."""
    height, width = image.shape
    return np.eye(height, k=-down) @ image @ np.eye(width, k=right)


def equivariance_error(operation, image, down, right, step=1, margin=0):
    difference = operation(shift(image, step * down, step * right))
    difference -= shift(operation(image), down, right)
    np.abs(difference, out=difference)
    keep = np.zeros(difference.shape, dtype=bool)
    keep[margin : len(keep) - margin, margin : keep.shape[1] - margin] = True
    return difference[keep].max()


def conv_layer(x, W, b, stride=1, padding=0):
    padded = [zero_pad(channel, padding) for channel in x]
    geometry = Geometry(*padded[0].shape, *W.shape[2:], stride)
    columns = np.hstack([geometry.matrix(channel) for channel in padded])
    y = W.reshape(len(W), -1) @ columns.T
    y += np.asarray(b)[:, None]
    return y.reshape(len(W), geometry.rows, geometry.columns)
