"""Loops over the few entries of the kernel, not over the pixels: sums of shifted images."""

import numpy as np


def cross_correlate(image, kernel):
    kh, kw = np.shape(kernel)
    height, width = image.shape[0] - kh + 1, image.shape[1] - kw + 1
    total = np.zeros((height, width))
    for (a, b), weight in np.ndenumerate(kernel):
        total += float(weight) * image[a : a + height, b : b + width]
    return total


def convolve(image, kernel):
    kh, kw = kernel.shape
    height, width = image.shape[0] - kh + 1, image.shape[1] - kw + 1
    total = np.zeros((height, width))
    for a in range(kh):
        for b in range(kw):
            part = image[kh - 1 - a : kh - 1 - a + height, kw - 1 - b : kw - 1 - b + width]
            total += float(kernel[a, b]) * part
    return total


def output_size(size, window, stride=1, padding=0):
    return np.int64(1 + np.floor_divide(size + padding + padding - window, stride))


def zero_pad(image, padding):
    height, width = image.shape
    bar, post = np.zeros((padding, width + 2 * padding)), np.zeros((height, padding))
    return np.vstack([bar, np.hstack([post, image, post]), bar])


def filter_image(image, kernel, stride=1, padding=0):
    """Every place of the window, of which the stride keeps some."""
    return cross_correlate(zero_pad(image, padding), kernel)[::stride, ::stride]


def identity_kernel(size):
    kernel = np.zeros(size * size)
    kernel[kernel.size // 2] = 1
    return kernel.reshape(size, size)


def shift_kernel(size, down, right):
    return np.roll(identity_kernel(size), (-down, -right), axis=(0, 1))


def mean_kernel(size):
    kernel = np.ones((size, size))
    kernel /= kernel.sum()
    return kernel


def edge_kernel():
    return 4 * shift_kernel(3, 0, 0) - sum(
        shift_kernel(3, *step) for step in [(1, 0), (-1, 0), (0, 1), (0, -1)]
    )


def sharpen_kernel(amount=1.0):
    kernel = amount * edge_kernel()
    kernel[1, 1] += 1
    return kernel


def gaussian_kernel(size, sigma):
    rows, columns = np.mgrid[:size, :size] - (size - 1) / 2
    kernel = np.exp(-(np.hypot(rows, columns) ** 2) / 2 / sigma**2)
    return kernel / kernel.sum(axis=0).sum()


def pool(image, window, stride, start, combine):
    if stride is None:
        stride = window
    height, width = (output_size(side, window, stride) for side in image.shape)
    result = np.full((height, width), start)
    for a in range(window):
        for b in range(window):
            part = image[a::stride, b::stride][:height, :width]
            combine(result, part, out=result)
    return result


def max_pool(image, window, stride=None):
    return pool(image, window, stride, -np.inf, np.maximum)


def average_pool(image, window, stride=None):
    return pool(image, window, stride, 0.0, np.add) / window**2


def shift(image, down, right):
    height, width = image.shape
    moved = np.zeros(image.shape)
    if abs(down) < height and abs(right) < width:
        target = (
            slice(max(down, 0), height + min(down, 0)),
            slice(max(right, 0), width + min(right, 0)),
        )
        source = (
            slice(max(-down, 0), height - max(down, 0)),
            slice(max(-right, 0), width - max(right, 0)),
        )
        moved[target] = image[source]
    return moved


def equivariance_error(operation, image, down, right, step=1, margin=0):
    still = operation(image)
    difference = abs(shift(still, down, right) - operation(shift(image, step * down, step * right)))
    if margin:
        difference = difference[margin:-margin, margin:-margin]
    return np.max(difference)


def conv_layer(x, W, b, stride=1, padding=0):
    y = None
    for channel, kernels in zip(x, np.moveaxis(W, 1, 0), strict=True):
        part = np.array([filter_image(channel, kernel, stride, padding) for kernel in kernels])
        y = part if y is None else y + part
    return y + np.reshape(b, (-1, 1, 1))
