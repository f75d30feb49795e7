"""No loops: views of sliding windows, einsum and tensordot; results may be views as well."""

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view


def windows_of(image, shape, stride=1):
    image = np.asarray(image).astype(np.float64)
    return sliding_window_view(image, shape)[::stride, ::stride]


def cross_correlate(image, kernel):
    kernel = np.asarray(kernel, float)
    return np.einsum("ijab,ab", windows_of(image, kernel.shape), kernel)


def convolve(image, kernel):
    return cross_correlate(image, np.flip(kernel))


def output_size(size, window, stride=1, padding=0):
    return int(np.floor((size - window + 2 * padding) / stride + 1))


def zero_pad(image, padding):
    return np.pad(image.astype(float), padding, mode="constant", constant_values=0)


def filter_image(image, kernel, stride=1, padding=0):
    windows = windows_of(zero_pad(image, padding), kernel.shape, stride)
    return np.tensordot(windows, kernel.astype(float), axes=((2, 3), (0, 1)))


def identity_kernel(size):
    middle = np.eye(1, size, size // 2)
    return middle.T @ middle


def shift_kernel(size, down, right):
    return np.eye(1, size, size // 2 - down).T @ np.eye(1, size, size // 2 - right)


def mean_kernel(size):
    return np.broadcast_to(np.float64(1) / (size * size), (size, size))


def edge_kernel():
    ring = np.zeros(9)
    ring[1::2] = -1
    ring[4] = 4
    return ring.reshape(3, 3)


def sharpen_kernel(amount=1.0):
    return np.multiply(amount, edge_kernel()) + np.pad([[1.0]], 1)


def gaussian_kernel(size, sigma):
    half = (size - 1) / 2
    row = np.exp(-(np.linspace(-half, half, size) ** 2) / (2 * sigma**2))
    row /= row.sum()
    return row[:, np.newaxis] * row


def pooling_windows(image, window, stride):
    """Windows by byte strides, the dtype of the image."""
    stride = window if stride is None else stride
    image = np.ascontiguousarray(image, dtype=float)
    height, width = (1 + (side - window) // stride for side in image.shape)
    down, right = image.strides
    return as_strided(
        image,
        (height, width, window, window),
        (down * stride, right * stride, down, right),
        writeable=False,
    )


def max_pool(image, window, stride=None):
    return np.amax(pooling_windows(image, window, stride), axis=(-1, -2))


def average_pool(image, window, stride=None):
    return np.average(pooling_windows(image, window, stride), axis=(-1, -2))


def shift(image, down, right):
    height, width = image.shape
    room = max(height, width, abs(down), abs(right))
    wide = zero_pad(image, room)
    return wide[room - down :, room - right :][:height, :width]


def equivariance_error(operation, image, down, right, step=1, margin=0):
    moved = operation(shift(image, down * step, right * step))
    differences = moved - shift(operation(image), down, right)
    inner = tuple(slice(margin, side - margin) for side in differences.shape)
    return np.linalg.norm(differences[inner].ravel(), np.inf)


def conv_layer(x, W, b, stride=1, padding=0):
    kernel = W.shape[2:]
    sides = ((0, 0), (padding, padding), (padding, padding))
    windows = sliding_window_view(np.pad(x.astype(float), sides), kernel, axis=(1, 2))
    windows = windows[:, ::stride, ::stride]
    y = np.tensordot(windows, W, axes=((0, 3, 4), (1, 2, 3)))
    return (y + b).transpose(2, 0, 1)
