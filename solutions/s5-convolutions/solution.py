"""The definitions of the solution of s5-convolutions, made by `autograder build`."""

import numpy as np


def cross_correlate(image, kernel):
    """image (H, W), kernel (kh, kw) -> map (H - kh + 1, W - kw + 1): the kernel as it is."""
    image, kernel = np.asarray(image, dtype=float), np.asarray(kernel, dtype=float)
    rows, columns = kernel.shape
    result = np.zeros((image.shape[0] - rows + 1, image.shape[1] - columns + 1))
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = np.sum(image[i : i + rows, j : j + columns] * kernel)
    return result


def convolve(image, kernel):
    """image (H, W), kernel (kh, kw) -> map (H - kh + 1, W - kw + 1): the kernel turned by 180°."""
    return cross_correlate(image, np.asarray(kernel)[::-1, ::-1])


def output_size(size, window, stride=1, padding=0):
    """The number of places that a window has along a side of `size` pixels, an int."""
    return (size + 2 * padding - window) // stride + 1


def zero_pad(image, padding):
    """image (H, W) -> (H + 2 padding, W + 2 padding): zeros on each of the four sides."""
    height, width = image.shape
    padded = np.zeros((height + 2 * padding, width + 2 * padding))
    padded[padding : padding + height, padding : padding + width] = image
    return padded


def filter_image(image, kernel, stride=1, padding=0):
    """image (H, W), kernel (kh, kw) -> its cross-correlation with zero padding and a stride.

    The map has output_size(H, kh, stride, padding) rows, output_size(W, kw, …) columns.
    """
    padded = zero_pad(image, padding)
    kh, kw = kernel.shape
    height = output_size(image.shape[0], kh, stride, padding)
    width = output_size(image.shape[1], kw, stride, padding)
    filtered = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            top, left = stride * i, stride * j
            filtered[i, j] = np.sum(padded[top : top + kh, left : left + kw] * kernel)
    return filtered


def identity_kernel(size):
    """The kernel (size, size), size odd, that leaves an image as it is."""
    kernel = np.zeros((size, size))
    kernel[size // 2, size // 2] = 1.0
    return kernel


def shift_kernel(size, down, right):
    """The kernel (size, size), size odd, that moves a picture by `down` rows, `right` columns.

    Negative numbers move it up and to the left; neither is larger than (size - 1) / 2 in size.
    """
    taken = np.zeros((size, size))
    taken[size // 2 - down, size // 2 - right] = 1.0
    return taken


def mean_kernel(size):
    """The kernel (size, size), size odd, that takes the mean over its window."""
    return np.full((size, size), 1.0 / size**2)


def edge_kernel():
    """The kernel (3, 3) that subtracts from four times a pixel its four neighbours."""
    return np.array([[0.0, -1.0, 0.0], [-1.0, 4.0, -1.0], [0.0, -1.0, 0.0]])


def sharpen_kernel(amount=1.0):
    """The kernel (3, 3) that adds `amount` times the edges to a picture."""
    return identity_kernel(3) + amount * edge_kernel()


def gaussian_kernel(size, sigma):
    """The Gaussian kernel (size, size), size odd, with the standard deviation sigma; sums to 1."""
    u = np.arange(size) - size // 2
    weights = np.exp(-(u[:, None] ** 2 + u**2) / (2.0 * sigma**2))
    return weights / weights.sum()


def max_pool(image, window, stride=None):
    """image (H, W) -> the largest number of each window × window square.

    stride: an int; None stands for the window. The shape is given by output_size, padding 0.
    """
    if stride is None:
        stride = window
    height = (image.shape[0] - window) // stride + 1
    width = (image.shape[1] - window) // stride + 1
    largest = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            top, left = i * stride, j * stride
            largest[i, j] = image[top : top + window, left : left + window].max()
    return largest


def average_pool(image, window, stride=None):
    """image (H, W) -> the mean of each window × window square.

    stride: an int; None stands for the window. The shape is given by output_size, padding 0.
    """
    step = window if stride is None else stride
    height = (image.shape[0] - window) // step + 1
    width = (image.shape[1] - window) // step + 1
    means = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            means[i, j] = image[i * step : i * step + window, j * step : j * step + window].mean()
    return means


def shift(image, down, right):
    """image (H, W) -> (H, W), moved by `down` rows and `right` columns; zeros come in.

    Both may be negative, zero, or so large that nothing of the image is left.
    """
    height, width = image.shape
    moved = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            if 0 <= i - down < height and 0 <= j - right < width:
                moved[i, j] = image[i - down, j - right]
    return moved


def equivariance_error(operation, image, down, right, step=1, margin=0):
    """The largest |operation(shifted image) - shifted operation(image)|, a float.

    The image (H, W) is shifted by step · down and step · right, the map by down and right. Entries
    less than `margin` away from a border of the map are left out; some are always left.
    """
    of_shifted = operation(shift(image, step * down, step * right))
    shifted = shift(operation(image), down, right)
    difference = np.abs(of_shifted - shifted)
    rows, columns = difference.shape
    return float(difference[margin : rows - margin, margin : columns - margin].max())


def conv_layer(x, W, b, stride=1, padding=0):
    """x (C, H, W), W (K, C, kh, kw), b (K,) -> y (K, H', W'), by cross-correlation.

    Stride and zero padding as in filter_image, the same for all channels.
    """
    maps = []
    for kernels, bias in zip(W, b, strict=True):
        filtered = [
            filter_image(channel, kernel, stride, padding)
            for channel, kernel in zip(x, kernels, strict=True)
        ]
        maps.append(np.sum(filtered, axis=0) + bias)
    return np.stack(maps)
