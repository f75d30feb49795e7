"""Four nested loops of plain Python, numbers one by one; no numpy beyond arrays of zeros."""

import math

import numpy as np


def zeros(rows, columns):
    return np.zeros((rows, columns))


def pixel(image, row, column):
    """The pixel, or 0 outside the frame."""
    if 0 <= row < len(image) and 0 <= column < len(image[0]):
        return float(image[row][column])
    return 0.0


def output_size(size, window, stride=1, padding=0):
    count = 0
    start = -padding
    while start + window <= size + padding:
        count += 1
        start += stride
    return count


def zero_pad(image, padding):
    result = zeros(len(image) + 2 * padding, len(image[0]) + 2 * padding)
    for i in range(len(result)):
        for j in range(len(result[0])):
            result[i][j] = pixel(image, i - padding, j - padding)
    return result


def filter_image(image, kernel, stride=1, padding=0):
    kh, kw = len(kernel), len(kernel[0])
    result = zeros(
        output_size(len(image), kh, stride, padding),
        output_size(len(image[0]), kw, stride, padding),
    )
    for i in range(len(result)):
        for j in range(len(result[0])):
            total = 0.0
            for a in range(kh):
                for b in range(kw):
                    row, column = i * stride + a - padding, j * stride + b - padding
                    total += pixel(image, row, column) * float(kernel[a][b])
            result[i][j] = total
    return result


def cross_correlate(image, kernel):
    return filter_image(image, kernel)


def convolve(image, kernel):
    turned = [list(reversed(row)) for row in reversed(list(kernel))]
    return filter_image(image, turned)


def identity_kernel(size):
    return shift_kernel(size, 0, 0)


def shift_kernel(size, down, right):
    result = zeros(size, size)
    middle = (size - 1) // 2
    for a in range(size):
        for b in range(size):
            if a == middle - down and b == middle - right:
                result[a][b] = 1
    return result


def mean_kernel(size):
    result = zeros(size, size)
    for a in range(size):
        for b in range(size):
            result[a][b] = 1 / (size * size)
    return result


def edge_kernel():
    return sharpen_kernel(1) - identity_kernel(3)


def sharpen_kernel(amount=1.0):
    return np.array(
        [[0, -amount, 0], [-amount, 1 + 4 * amount, -amount], [0, -amount, 0]], dtype=float
    )


def gaussian_kernel(size, sigma):
    middle = size // 2
    result = zeros(size, size)
    for a in range(size):
        for b in range(size):
            squared = (a - middle) ** 2 + (b - middle) ** 2
            result[a][b] = math.exp(-squared / (2 * sigma * sigma))
    total = sum(sum(row) for row in result)
    for a in range(size):
        for b in range(size):
            result[a][b] /= total
    return result


def max_pool(image, window, stride=None):
    stride = stride or window
    result = zeros(
        output_size(len(image), window, stride), output_size(len(image[0]), window, stride)
    )
    for i in range(len(result)):
        for j in range(len(result[0])):
            best = float(image[i * stride][j * stride])
            for a in range(window):
                for b in range(window):
                    value = float(image[i * stride + a][j * stride + b])
                    if value > best:
                        best = value
            result[i][j] = best
    return result


def average_pool(image, window, stride=None):
    return filter_image(image, mean_kernel(window), stride or window)


def shift(image, down, right):
    result = zeros(len(image), len(image[0]))
    for i in range(len(image)):
        for j in range(len(image[0])):
            row, column = i + down, j + right
            if 0 <= row < len(image) and 0 <= column < len(image[0]):
                result[row][column] = image[i][j]
    return result


def equivariance_error(operation, image, down, right, step=1, margin=0):
    first = operation(shift(image, step * down, step * right))
    second = shift(operation(image), down, right)
    largest = 0.0
    for i in range(margin, len(first) - margin):
        for j in range(margin, len(first[0]) - margin):
            largest = max(largest, abs(float(first[i][j]) - float(second[i][j])))
    return largest


def conv_layer(x, W, b, stride=1, padding=0):
    y = []
    for k in range(len(W)):
        total = filter_image(x[0], W[k][0], stride, padding)
        for c in range(1, len(x)):
            total += filter_image(x[c], W[k][c], stride, padding)
        y.append(total + b[k])
    return np.array(y)
