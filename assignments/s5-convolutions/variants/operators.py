"""Every operation is one linear operator: a matrix times the pixels of the image in a row.

Pooling sorts; results in Fortran order; shifts are filters; arguments are checked first.
"""

from itertools import product

import numpy as np


def pixels(image):
    image = np.asarray(image)
    if image.ndim != 2:
        raise ValueError(f"an image has two axes, not {image.ndim}")
    return image.astype("f8", order="F")


def starts(size, window, stride=1, padding=0):
    """First pixels of the windows along one side, in the coordinates of the image."""
    last = size + padding - window
    return [*range(-padding, last + 1, stride)]


def output_size(size, window, stride=1, padding=0):
    return divmod(size + 2 * padding - window, stride)[0] + 1


def operator_of(shape, kernel, stride, padding):
    """A matrix (places of the window, pixels of the image)."""
    tops, lefts = (
        starts(side, window, stride, padding)
        for side, window in zip(shape, kernel.shape, strict=True)
    )
    matrix = np.zeros((len(tops), len(lefts), *shape))
    for (i, top), (j, left) in product(enumerate(tops), enumerate(lefts)):
        for (a, b), weight in np.ndenumerate(kernel):
            if 0 <= top + a < shape[0] and 0 <= left + b < shape[1]:
                matrix[i, j, top + a, left + b] = weight
    return matrix.reshape(len(tops) * len(lefts), -1), (len(tops), len(lefts))


def filter_image(image, kernel, stride=1, padding=0):
    image, kernel = pixels(image), pixels(kernel)
    matrix, shape = operator_of(image.shape, kernel, stride, padding)
    return np.asfortranarray((matrix @ image.reshape(-1)).reshape(shape))


def cross_correlate(image, kernel):
    return filter_image(image=image, kernel=kernel)


def convolve(image, kernel):
    backwards = pixels(kernel).reshape(-1)[::-1]
    return cross_correlate(image, backwards.reshape(np.shape(kernel)))


def zero_pad(image, padding):
    return filter_image(image, [[1.0]], padding=padding)


def shift_kernel(size, down, right):
    kernel = np.zeros((size, size), order="F")
    kernel.T[size // 2 - right, size // 2 - down] = True
    return kernel


def identity_kernel(size):
    return shift_kernel(size, down=0, right=0)


def mean_kernel(size):
    return np.reciprocal(np.full((size, size), float(size * size)))


def edge_kernel():
    distance = np.abs(np.indices((3, 3)) - 1).sum(axis=0)
    return np.select([distance == 0, distance == 1], [4.0, -1.0], 0.0)


def sharpen_kernel(amount=1.0):
    kernel = identity_kernel(3) * (1 + 4 * amount)
    kernel[::2, 1] = kernel[1, ::2] = -amount
    return kernel


def gaussian_kernel(size, sigma):
    row = np.array([np.exp(-0.5 * (u / sigma) ** 2) for u in range(-(size // 2), size // 2 + 1)])
    kernel = np.kron(row, row).reshape(size, size)
    return kernel / np.linalg.norm(kernel.ravel(), 1)


def max_pool(image, window, stride=None):
    image, stride = pixels(image), window if stride is None else stride
    tops, lefts = (starts(side, window, stride) for side in image.shape)
    rows = [[sorted(image[t : t + window, s : s + window].flat)[-1] for s in lefts] for t in tops]
    return np.array(rows)


def average_pool(image, window, stride=None):
    everywhere = filter_image(image, mean_kernel(window))
    return everywhere[:: stride or window, :: stride or window]


def shift(image, down, right):
    size = 2 * max(abs(down), abs(right)) + 1
    return filter_image(image, shift_kernel(size, down, right), padding=size // 2)


def equivariance_error(operation, image, down, right, step=1, margin=0):
    ways = [
        operation(shift(image, *(step * np.array([down, right])))),
        shift(operation(image), down, right),
    ]
    error = 0.0
    for (i, j), value in np.ndenumerate(np.subtract(*ways)):
        if min(i, j, len(ways[0]) - 1 - i, len(ways[0].T) - 1 - j) >= margin:
            error = max(error, abs(value))
    return error


def conv_layer(x, W, b, stride=1, padding=0):
    """All channels side by side in one row of pixels."""
    flat = np.concatenate([pixels(channel).reshape(-1) for channel in x])
    y = []
    for kernels, bias in zip(W, b, strict=True):
        blocks = [operator_of(x.shape[1:], kernel, stride, padding) for kernel in kernels]
        y.append((np.hstack([matrix for matrix, _ in blocks]) @ flat + bias).reshape(blocks[0][1]))
    return np.array(y)
