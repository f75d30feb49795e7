"""q3 and q4, 26 points: maximum and average pooling, and flattening."""

import numpy as np
import pytest

WIDE = [
    # x (N, C, H, W), kernel, stride, padding
    ((2, 3, 6, 7), (3, 2), (1, 1), (0, 0)),
    ((1, 2, 7, 5), (2, 3), (1, 2), (1, 0)),
    ((2, 1, 5, 9), (3, 4), (2, 3), (2, 1)),
    ((3, 2, 8, 7), (2, 1), (3, 2), (0, 0)),
]
"""Windows that overlap, touch or leave gaps, with and without rows and columns left over."""


def windows(x, kernel, stride, padding, value):
    """The places of a window as one more axis: (kh · kw, N, C, H_out, W_out)."""
    (kh, kw), (sh, sw), (ph, pw) = kernel, stride or kernel, padding
    x = np.pad(x.astype(float), [(0, 0), (0, 0), (ph, ph), (pw, pw)], constant_values=value)
    rows, columns = (x.shape[2] - kh) // sh + 1, (x.shape[3] - kw) // sw + 1
    parts = [x[:, :, i:, j:][:, :, ::sh, ::sw] for i in range(kh) for j in range(kw)]
    return np.stack([part[:, :, :rows, :columns] for part in parts])


def max_pool(x, kernel, stride=None, padding=(0, 0)):
    return windows(x, kernel, stride, padding, -np.inf).max(axis=0)


def avg_pool(x, kernel, stride=None, padding=(0, 0)):
    return windows(x, kernel, stride, padding, 0.0).sum(axis=0) / (kernel[0] * kernel[1])


def gradient(x, upstream, kernel, stride, padding, value, share):
    """Window by window; `share(window)` is the derivative of a window's result by its pixels."""
    (kh, kw), (sh, sw), (ph, pw) = kernel, stride or kernel, padding
    x = np.pad(x.astype(float), [(0, 0), (0, 0), (ph, ph), (pw, pw)], constant_values=value)
    grad = np.zeros(x.shape)
    for n, c, h, w in np.ndindex(upstream.shape):
        place = np.s_[n, c, h * sh : h * sh + kh, w * sw : w * sw + kw]
        grad[place] += upstream[n, c, h, w] * share(x[place])
    return grad[:, :, ph : x.shape[2] - ph, pw : x.shape[3] - pw]


def max_gradient(x, upstream, kernel, stride=None, padding=(0, 0)):
    def share(window):
        winner = np.argwhere(window == window.max())[0]
        return (np.indices(window.shape) == winner[:, None, None]).all(axis=0)

    return gradient(x, upstream, kernel, stride, padding, -np.inf, share)


def avg_gradient(x, upstream, kernel, stride=None, padding=(0, 0)):
    return gradient(x, upstream, kernel, stride, padding, 0.0, lambda part: 1.0 / part.size)


def check_reuse(student, kind, forward, backward, rng, check_close):
    """Two layers of a kind in turn, two batches each, with arrays that the caller wants back."""
    layers = [kind((2, 2)), kind((2, 2))]
    for shapes in [[(2, 2, 4, 5), (1, 3, 5, 4)], [(1, 1, 6, 4), (2, 2, 4, 5)]]:
        given = []
        for layer, shape in zip(layers, shapes, strict=True):
            x = rng.standard_normal(shape)
            there, upstream = student.put(x), rng.standard_normal(forward(x, (2, 2)).shape)
            layer.forward(there)
            check_close(student.fetch(there), x, "x after forward")
            there.fill(0.25)
            given.append((layer, x, upstream))
        for layer, x, upstream in given:
            there = student.put(upstream)
            check_close(layer.backward(there), backward(x, upstream, (2, 2)), "gradient by x")
            check_close(student.fetch(there), upstream, "grad_output after backward")


def check_wide(kind, forward, backward, rng, check_close):
    """The gradients of the student's layers in all cases of WIDE."""
    for shape, *options in WIDE:
        x, layer = rng.standard_normal(shape), kind(*options)
        upstream = rng.standard_normal(forward(x, *options).shape)
        layer.forward(x)
        check_close(layer.backward(upstream), backward(x, upstream, *options), "gradient by x")


@pytest.mark.points(2)
@pytest.mark.hint("How far apart are two windows if nobody says, and what is left over?")
def test_max_forward(student, rng, check_close):
    """MaxPool2d: windows side by side, each channel on its own."""
    for shape, kernel in [((2, 3, 4, 6), (2, 2)), ((1, 2, 7, 7), (2, 3)), ((3, 1, 5, 8), (3, 2))]:
        x = rng.standard_normal(shape)
        check_close(student.MaxPool2d(kernel).forward(x), max_pool(x, kernel), "y")


@pytest.mark.points(2)
@pytest.mark.hint("Which axis does each number of the pairs belong to?")
def test_max_stride_and_padding(student, rng, check_close):
    """MaxPool2d: strides and paddings of all kinds."""
    for shape, kernel, stride, padding in WIDE:
        x = rng.standard_normal(shape)
        layer = student.MaxPool2d(kernel, stride=stride, padding=padding)
        check_close(layer.forward(x), max_pool(x, kernel, stride, padding), "y")


@pytest.mark.points(2)
@pytest.mark.hint("Which number is smaller than all others, and where does yours come from?")
def test_max_of_negative_numbers(student, rng, check_close):
    """MaxPool2d: images of negative numbers only, large ones and integers too."""
    for scale, padding in [(1.0, (0, 0)), (1.0, (1, 1)), (1e12, (1, 0))]:
        x = -scale * rng.uniform(0.5, 2.0, (2, 2, 5, 6))
        layer = student.MaxPool2d((2, 3), (2, 2), padding)
        check_close(layer.forward(x), max_pool(x, (2, 3), (2, 2), padding), "y")
    integers = -rng.integers(1, 100, (1, 2, 4, 3))
    layer = student.MaxPool2d((2, 2), (1, 1), (1, 1))
    expected = max_pool(integers, (2, 2), (1, 1), (1, 1))
    check_close(layer.forward(integers), expected, "y of integers")


@pytest.mark.points(2)
@pytest.mark.hint("Which pixels of a window have any influence on its maximum?")
def test_max_gradient(student, rng, check_gradients):
    """MaxPool2d: the gradient goes to the largest pixel of each window."""
    for shape, kernel in [((2, 3, 4, 4), (2, 2)), ((1, 2, 5, 7), (2, 3))]:

        def reference(x, kernel=kernel):
            return max_pool(x, kernel)

        check_gradients(student.MaxPool2d(kernel), rng.standard_normal(shape), reference=reference)


@pytest.mark.points(3)
@pytest.mark.hint("May a pixel be the largest of two windows, and what does it get then?")
def test_max_gradient_with_stride_and_padding(student, rng, check_close):
    """MaxPool2d: the gradient with windows that overlap, gaps and padding."""
    check_wide(student.MaxPool2d, max_pool, max_gradient, rng, check_close)


@pytest.mark.points(2)
@pytest.mark.hint("How many winners has a window of equal numbers, and which?")
def test_max_ties(student, rng, check_close):
    """MaxPool2d: of several largest pixels only the first, row by row, gets the gradient."""
    for padding in [(0, 0), (1, 2)]:
        x = rng.integers(0, 2, (3, 2, 6, 9)).astype(float)
        x[0, 0] = -1.0
        layer = student.MaxPool2d((2, 3), padding=padding)
        upstream = rng.standard_normal(max_pool(x, (2, 3), None, padding).shape)
        layer.forward(x)
        expected = max_gradient(x, upstream, (2, 3), None, padding)
        check_close(layer.backward(upstream), expected, "gradient by x")


@pytest.mark.points(1)
@pytest.mark.hint("What does the layer remember from forward, and does it share it with anybody?")
def test_max_reused(student, rng, check_close):
    """MaxPool2d: own memory, of the latest batch; the caller's arrays stay."""
    check_reuse(student, student.MaxPool2d, max_pool, max_gradient, rng, check_close)


@pytest.mark.points(2)
@pytest.mark.hint("How many numbers are there in a window, and how far apart are two windows?")
def test_average_forward(student, rng, check_close):
    """AvgPool2d: the mean of windows side by side, of integers too."""
    for shape, kernel in [((2, 3, 4, 6), (2, 2)), ((1, 2, 7, 7), (2, 3)), ((3, 1, 5, 8), (3, 2))]:
        x = rng.standard_normal(shape)
        check_close(student.AvgPool2d(kernel).forward(x), avg_pool(x, kernel), "y")
    integers = rng.integers(-9, 10, (1, 2, 4, 4))
    check_close(student.AvgPool2d((2, 2)).forward(integers), avg_pool(integers, (2, 2)), "y")


@pytest.mark.points(2)
@pytest.mark.hint("By what is a window divided that lies half in the padding?")
def test_average_stride_and_padding(student, rng, check_close):
    """AvgPool2d: strides and paddings of all kinds; zeros of the padding count."""
    for shape, kernel, stride, padding in WIDE:
        x = 1.0 + rng.standard_normal(shape)
        layer = student.AvgPool2d(kernel, stride=stride, padding=padding)
        check_close(layer.forward(x), avg_pool(x, kernel, stride, padding), "y")


@pytest.mark.points(2)
@pytest.mark.hint("What does the mean change by if one pixel grows by 1?")
def test_average_gradient(student, rng, check_gradients):
    """AvgPool2d: each pixel of a window gets its share of the gradient."""
    for shape, kernel in [((2, 3, 4, 4), (2, 2)), ((1, 2, 5, 7), (2, 3))]:

        def reference(x, kernel=kernel):
            return avg_pool(x, kernel)

        check_gradients(student.AvgPool2d(kernel), rng.standard_normal(shape), reference=reference)


@pytest.mark.points(2)
@pytest.mark.hint("In how many windows does a pixel lie, and which pixels belong to nobody?")
def test_average_gradient_with_stride_and_padding(student, rng, check_close):
    """AvgPool2d: the gradient with windows that overlap, gaps and padding."""
    check_wide(student.AvgPool2d, avg_pool, avg_gradient, rng, check_close)


@pytest.mark.points(1)
@pytest.mark.hint("What does the layer remember from forward, and does it share it with anybody?")
def test_average_reused(student, rng, check_close):
    """AvgPool2d: own memory, of the latest batch; the caller's arrays stay."""
    check_reuse(student, student.AvgPool2d, avg_pool, avg_gradient, rng, check_close)


@pytest.mark.points(2)
@pytest.mark.hint("In which order do the pixels of an image lie in memory?")
def test_flatten(student, rng, check_close):
    """Flatten: a row per image, channel by channel, of integers too."""
    for shape in [(2, 3, 4, 5), (1, 2, 3, 1), (4, 1, 2, 3)]:
        x = rng.standard_normal(shape)
        check_close(student.Flatten().forward(x), np.stack([i.ravel() for i in x]), "y")
    integers = rng.integers(-9, 10, (2, 2, 3, 2))
    check_close(student.Flatten().forward(integers), 1.0 * integers.reshape(2, 12), "y of integers")


@pytest.mark.points(1)
@pytest.mark.hint("Which shape did the latest image have?")
def test_flatten_backward(student, rng, check_close):
    """Flatten: backward gives the gradient the shape of the latest batch, time after time."""
    first, second = student.Flatten(), student.Flatten()
    for shape, other in [((2, 3, 4, 5), (3, 2, 2, 1)), ((1, 2, 3, 4), (2, 2, 2, 2))]:
        gradients = {}
        for layer, size in [(first, shape), (second, other)]:
            x = rng.standard_normal(size)
            check_close(layer.forward(x), x.reshape(size[0], -1), "y")
            gradients[layer] = rng.standard_normal(size)
        for layer, gradient in gradients.items():
            flat = gradient.reshape(len(gradient), -1)
            check_close(layer.backward(flat), gradient, "gradient by x")
