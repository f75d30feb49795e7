"""q2, 27 points: the convolutional layer and its three gradients."""

import numpy as np
import pytest

from autograder.suite import distinct, fail, finite

WIDE = [
    # x (N, C, H, W), K, kernel, stride, padding
    ((2, 3, 6, 7), 4, (3, 2), (1, 1), (1, 0)),
    ((1, 2, 7, 6), 3, (2, 3), (2, 1), (0, 2)),
    ((3, 1, 6, 9), 2, (3, 4), (1, 3), (2, 1)),
    ((2, 2, 8, 7), 1, (2, 1), (3, 2), (0, 0)),
]
"""Strides and padding of all kinds, with and without rows and columns left over."""


def convolve(x, W, b, stride=(1, 1), padding=(0, 0)):
    """The forward pass, place by place inside the kernel."""
    (sh, sw), (ph, pw), (kh, kw) = stride, padding, W.shape[2:]
    x = np.pad(x.astype(float), [(0, 0), (0, 0), (ph, ph), (pw, pw)])
    rows, columns = (x.shape[2] - kh) // sh + 1, (x.shape[3] - kw) // sw + 1
    y = np.zeros((len(x), len(W), rows, columns)) + b[:, None, None]
    for i in range(kh):
        for j in range(kw):
            part = x[:, :, i:, j:][:, :, ::sh, ::sw][:, :, :rows, :columns]
            y += np.einsum("nchw,kc->nkhw", part, W[:, :, i, j])
    return y


def a_layer(student, rng, channels, count, kernel, **options):
    """A student's layer with random W and b, and those two."""
    layer = student.Conv2d(channels, count, kernel, **options)
    W, b = rng.standard_normal((count, channels, *kernel)), rng.standard_normal(count)
    layer.W = W
    layer.b = b
    return layer, W, b


def gradients(x, W, grad_output, stride=(1, 1), padding=(0, 0)):
    """By x, W and b, window by window."""
    (sh, sw), (ph, pw), (kh, kw) = stride, padding, W.shape[2:]
    x = np.pad(x.astype(float), [(0, 0), (0, 0), (ph, ph), (pw, pw)])
    by_x, by_W = np.zeros(x.shape), np.zeros(W.shape)
    for h, w in np.ndindex(grad_output.shape[2:]):
        place, g = np.s_[:, :, h * sh : h * sh + kh, w * sw : w * sw + kw], grad_output[:, :, h, w]
        by_W += np.einsum("nk,ncij->kcij", g, x[place])
        by_x[place] += np.einsum("nk,kcij->ncij", g, W)
    rows, columns = x.shape[2] - ph, x.shape[3] - pw
    return by_x[:, :, ph:rows, pw:columns], by_W, grad_output.sum(axis=(0, 2, 3))


def there_and_back(layer, rng, x, W, b, stride=(1, 1), padding=(0, 0)):
    """The gradient by x from a forward and a backward of the student's, and all the right ones."""
    grad_output = rng.standard_normal(convolve(x, W, b, stride, padding).shape)
    layer.forward(x)
    return layer.backward(grad_output), gradients(x, W, grad_output, stride, padding)


@pytest.mark.points(2)
@pytest.mark.hint("Work out the example of the handout by hand: is anything turned around?")
def test_one_channel(student, rng, check_close):
    """Conv2d: one kernel over one channel."""
    for kernel, shape in [((3, 3), (1, 1, 5, 6)), ((2, 4), (1, 1, 4, 7))]:
        layer, W, b = a_layer(student, rng, 1, 1, kernel)
        x = rng.standard_normal(shape)
        check_close(layer.forward(x), convolve(x, W, b), "y")


@pytest.mark.points(3)
@pytest.mark.hint("Which indices does the formula sum over, and to what is b_k added?")
def test_channels_and_images(student, rng, check_close):
    """Conv2d: several images, several channels in and out, a bias for each one out."""
    for shape, count in [((2, 3, 5, 6), 4), ((4, 2, 6, 4), 3), ((3, 3, 5, 5), 3)]:
        layer, W, b = a_layer(student, rng, shape[1], count, (3, 2))
        x = rng.standard_normal(shape)
        check_close(layer.forward(x), convolve(x, W, b), "y")


@pytest.mark.points(3)
@pytest.mark.hint("Which axis does each number of the pairs belong to?")
def test_stride_and_padding(student, rng, check_close):
    """Conv2d: strides and paddings of all kinds, with rows and columns left over."""
    for shape, count, kernel, stride, padding in WIDE:
        layer, W, b = a_layer(student, rng, shape[1], count, kernel, stride=stride, padding=padding)
        x = rng.standard_normal(shape)
        check_close(layer.forward(x), convolve(x, W, b, stride, padding), "y")


@pytest.mark.points(1)
@pytest.mark.hint("Which operation takes over the dtype of its input?")
def test_integers(student, rng, check_close):
    """Conv2d: an image of integers is an image like any other."""
    layer, W, b = a_layer(student, rng, 2, 3, (2, 2), padding=(1, 1))
    x, grad_output = rng.integers(-9, 10, (1, 2, 3, 4)), rng.standard_normal((1, 3, 4, 5))
    check_close(layer.forward(x), convolve(x, W, b, padding=(1, 1)), "y of integers")
    by_x, by_W, _ = gradients(x, W, grad_output, padding=(1, 1))
    check_close(layer.backward(grad_output), by_x, "gradient by x, for integers")
    check_close(layer.grad_W, by_W, "grad_W, for integers")


@pytest.mark.points(3)
@pytest.mark.hint("How many inputs does one output add up, and which number does rng ask for?")
def test_initial_weights(student, rng, check_close):
    """Conv2d: W starts with independent draws from N(0, 1 / fan-in), b with zeros."""
    for channels, count, kernel in [(40, 60, (3, 5)), (30, 90, (4, 2))]:
        layer = student.Conv2d(channels, count, kernel)
        W = finite(layer.W, (count, channels, *kernel), "W")
        x = rng.standard_normal((1, channels, *kernel))
        fan_in = channels * kernel[0] * kernel[1]
        expected = np.tensordot(x, W, axes=([1, 2, 3], [1, 2, 3]))[..., None, None]
        check_close(layer.forward(x), expected, "y with the initial weights (b is zero)")
        z = W * np.sqrt(fan_in)
        # Over 21,600 draws: each bound is more than seven standard errors wide.
        if abs(z.mean()) > 0.05:
            fail(f"the mean of W is {z.mean():.3f} / sqrt(fan-in), expected about 0")
        if not 0.96 < z.std() < 1.04:
            fail(
                f"the standard deviation of W is {z.std():.3f} / sqrt(fan-in), expected about 1"
                f" / sqrt(fan-in), with C = {channels} and a kernel of {kernel}"
            )
        if not 2.7 < np.mean(z**4) / z.var() ** 2 < 3.3:
            fail("the entries of W do not look like draws from a normal distribution")
        if len(np.unique(z)) < 0.99 * z.size:
            fail("the entries of W are not drawn independently of each other")


@pytest.mark.points(2)
@pytest.mark.hint("Where does the randomness of a layer come from?")
def test_seeds(student, rng, check_close):
    """Conv2d: equal seeds give equal weights, other seeds or no seed give others."""
    x, seed = rng.standard_normal((1, 2, 3, 4)), int(rng.integers(1, 1000))

    def output(*seeds):
        layer = student.Conv2d(2, 3, (3, 2), (1, 1), (0, 0), *seeds)
        y = layer.forward(x)
        expected = convolve(x, finite(layer.W, (3, 2, 3, 2), "W"), np.zeros(3))
        check_close(y, expected, "y with the initial weights")
        return y

    y = output(seed)
    check_close(output(seed), y, "y of a second layer with the same seed")
    if not distinct([y, output(seed + 1), output(), output()], (1, 3, 1, 3), "y"):
        fail("two layers with different seeds, or with none, have the same weights")


@pytest.mark.points(2)
@pytest.mark.hint("How many windows does one pixel lie in, and what does each of them bring?")
def test_gradient_of_the_input(student, rng, check_gradients):
    """Conv2d: backward returns the gradient by x (stride 1, no padding)."""
    layer, W, b = a_layer(student, rng, 2, 3, (3, 2))
    x = rng.standard_normal((2, 2, 5, 4))
    check_gradients(layer, x, reference=lambda x, W=W, b=b: convolve(x, W, b))


@pytest.mark.points(3)
@pytest.mark.hint("Which shape has the image that the windows were cut from?")
def test_gradient_of_the_input_with_stride_and_padding(student, rng, check_close):
    """Conv2d: the gradient by x with strides, padding, and rows and columns left over."""
    for shape, count, kernel, stride, padding in WIDE:
        layer, W, b = a_layer(student, rng, shape[1], count, kernel, stride=stride, padding=padding)
        x = rng.standard_normal(shape)
        grad_x, (by_x, _, _) = there_and_back(layer, rng, x, W, b, stride, padding)
        check_close(grad_x, by_x, "gradient by x")


@pytest.mark.points(3)
@pytest.mark.hint("Over which images and which places is a weight shared?")
def test_gradient_of_the_weights(student, rng, check_close):
    """Conv2d: grad_W is the gradient by W, for all kinds of strides and padding."""
    for shape, count, kernel, stride, padding in WIDE:
        layer, W, b = a_layer(student, rng, shape[1], count, kernel, stride=stride, padding=padding)
        x = rng.standard_normal(shape)
        _, (_, by_W, _) = there_and_back(layer, rng, x, W, b, stride, padding)
        check_close(layer.grad_W, by_W, "grad_W")


@pytest.mark.points(2)
@pytest.mark.hint("Which axes did the forward pass broadcast b over?")
def test_gradient_of_the_bias(student, rng, check_close):
    """Conv2d: grad_b is the gradient by b."""
    for shape, count in [((4, 2, 3, 5), 3), ((1, 1, 4, 4), 2)]:
        layer, W, b = a_layer(student, rng, shape[1], count, (2, 2))
        _, (_, _, by_b) = there_and_back(layer, rng, rng.standard_normal(shape), W, b)
        check_close(layer.grad_b, by_b, "grad_b")


@pytest.mark.points(2)
@pytest.mark.hint("Which batch does backward belong to, and are gradients added to anything?")
def test_second_use(student, rng, check_close):
    """Conv2d: two layers in turn, twice; gradients are overwritten, W and b stay."""
    options = {"stride": (2, 1), "padding": (1, 1)}
    layers = [a_layer(student, rng, 2, 3, (2, 3), **options) for _ in range(2)]
    for shapes in [[(3, 2, 5, 4), (1, 2, 4, 6)], [(1, 2, 4, 6), (3, 2, 5, 4)]]:
        given = []
        for (layer, W, b), shape in zip(layers, shapes, strict=True):
            x = rng.standard_normal(shape)
            given.append((x, rng.standard_normal(convolve(x, W, b, **options).shape)))
            layer.forward(x)
        for (layer, W, b), (x, grad_output) in zip(layers, given, strict=True):
            by_x, by_W, by_b = gradients(x, W, grad_output, **options)
            check_close(layer.backward(grad_output), by_x, "gradient by x")
            check_close(layer.grad_W, by_W, "grad_W")
            check_close(layer.grad_b, by_b, "grad_b")
            check_close(layer.W, W, "W after backward")
            check_close(layer.b, b, "b after backward")


@pytest.mark.points(1)
@pytest.mark.hint("Whose array does your layer remember, and what if its owner changes it?")
def test_arrays_of_the_caller(student, rng, check_close):
    """Conv2d: the caller's arrays stay unchanged and may be reused before backward."""
    for padding in [(0, 0), (1, 2)]:
        layer, W, b = a_layer(student, rng, 2, 3, (2, 3), padding=padding)
        x = rng.standard_normal((2, 2, 4, 5))
        grad_output = rng.standard_normal(convolve(x, W, b, padding=padding).shape)
        x_there, grad_there = student.put(x), student.put(grad_output)
        layer.forward(x_there)
        check_close(student.fetch(x_there), x, "x after forward")
        x_there.fill(0.5)
        by_x, by_W, _ = gradients(x, W, grad_output, padding=padding)
        check_close(layer.backward(grad_there), by_x, "gradient by x")
        check_close(student.fetch(grad_there), grad_output, "grad_output after backward")
        check_close(layer.grad_W, by_W, "grad_W, with x changed after forward")
