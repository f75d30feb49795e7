# %% [raw]
# # ASSIGNMENT CONFIG
# init_cell: true
# export_cell: false
# generate: true
# tests:
#   files: true
#   ok_format: false

# %% [markdown]
# # Practical 4 · Convolutional networks
#
# A fully connected layer sees an image as a list of numbers. Shuffle the pixels, the same way in
# all images, and it would learn just as well; so it makes no use of two things that you know about
# pictures: a pixel has most to do with its **neighbours**, and a stroke is a stroke **wherever** it
# lies. A convolutional layer is built on these two facts. Each of its neurons looks at a small
# window, and all neurons of one output channel share one set of weights.
#
# You will write the layers of a convolutional network in numpy, forward and backward, without a
# library's help. Then you will build LeNet-5 in torch, write its training loop, and train it on
# scanned digits.
#
# | question | you write | points in the hidden suite |
# |---|---|---|
# | q1 | `pad`, `crop`, `windows`, `overlap_add` | 12 |
# | q2 | `Conv2d` | 27 |
# | q3 | `MaxPool2d` | 14 |
# | q4 | `AvgPool2d`, `Flatten` | 12 |
# | q5 | `LeNet5`, `count_parameters` | 11 |
# | q6 | `make_optimizer`, `train_step`, `evaluate`, `predict` | 14 |
# | q7 | `train` | 10 |
#
# The second half needs torch; if you have not got it, `pip install torch scikit-learn` installs it.

# %%
import matplotlib.pyplot as plt

# %% tags=["module"]
import numpy as np
import torch
import torch.nn as nn

# %%
from sklearn.datasets import load_digits


# %%
def expect(actual, expected, what, remedy=""):
    """Compare a result with the right one; say the first thing that differs, and the remedy."""
    expected = np.asarray(expected)
    because = ": " + remedy if remedy else ""
    assert actual is not None, what + " is None. Is the `return` missing?"
    assert isinstance(actual, (np.ndarray, float)), (
        f"{what} is of type {type(actual).__name__}, expected a numpy array or a float{because}"
    )
    actual = np.asarray(actual)
    assert actual.shape == expected.shape, (
        f"{what} has shape {actual.shape}, expected {expected.shape}{because}"
    )
    assert actual.dtype == np.float64, f"{what} has dtype {actual.dtype}, expected float64{because}"
    wrong = np.argwhere(~np.isclose(actual, expected, rtol=1e-6, atol=1e-9))
    if len(wrong):
        index = tuple(map(int, wrong[0]))
        where = str(list(index)) if index else ""
        raise AssertionError(
            f"{what}{where} is {actual[index]:.6g}, expected {expected[index]:.6g}{because}"
        )


# %% [markdown]
# ## What is agreed on in this practical
#
# For the layers in numpy (q1 to q4):
#
# 1. **Images are (N, C, H, W)**: N images, C channels, H rows, W columns. All sizes come as pairs
#    *(vertical, horizontal)*: `kernel_size=(kh, kw)`, `stride=(sh, sw)`, `padding=(ph, pw)`.
# 2. `padding=(ph, pw)` puts ph rows above **and** below, pw columns left **and** right. A window
#    that would stick out of the padded image is left out, so that its last rows and columns may
#    stay unused: $H_{out} = \lfloor (H + 2 p_h - k_h) / s_h \rfloor + 1$, the same for W.
# 3. **"Convolution" is cross-correlation**: the kernel is *not* flipped. `Conv2d` pads with zeros.
# 4. `MaxPool2d` pads with −∞, so that padding never wins; among equal largest values of a window
#    the **first** wins, row by row. `AvgPool2d` pads with zeros and counts them: it always divides
#    by kh · kw. The padding of a pool is smaller than its kernel. The stride of a pool is its
#    kernel size unless another is given.
# 5. `backward(grad_output)` gets the gradient of the loss by the layer's output and returns the
#    gradient by its input. It belongs to the **latest** `forward`. Gradients of parameters
#    (`grad_W`, `grad_b`) are **overwritten** by each `backward`; nothing is divided by N.
# 6. Nobody's arrays are changed, and a layer keeps no array that is not its own: the caller may
#    reuse `x` between `forward` and `backward`. Results may be views.
# 7. Everything is `float64`, also when the images are integers.
#
# For the network in torch (q5 to q7):
#
# 8. Images are `float32` tensors (N, 1, 28, 28), labels `int64` tensors (N,). Networks return
#    **logits**: the softmax is a part of the loss, `nn.functional.cross_entropy`, which is a mean
#    over the batch.
# 9. A function that trains switches the model to train mode by itself, one that evaluates to eval
#    mode; neither relies on the mode that it finds. The mode afterwards is up to you.
# 10. Losses and accuracies are returned as Python `float`s, not as tensors.
#
# **What the hidden suite looks at.** The layers against a slow and simple reference, and their
# gradients against finite differences under a *random* upstream gradient: H ≠ W, kh ≠ kw,
# sh ≠ sw, ph ≠ pw, one of them zero, strides larger than the kernel, windows that overlap, rows
# left over; one image and one channel as well as many; integers; images of negative numbers only;
# a layer used several times; whether your arrays and the caller's stay apart. LeNet-5 against a
# reference with the weights that it happens to have. Two and three steps of the training loop,
# number by number. Finally the accuracy on digits that your code has never seen.
#
# Names, argument orders, shapes and the attributes in the docstrings are fixed; helpers, private
# attributes and the way you compute are up to you.

# %% [raw]
# # BEGIN QUESTION
# name: q1

# %% [markdown]
# ## q1 · Windows
#
# Convolution, maximum pooling and average pooling do the same thing first: they cut the image into
# windows. So cut them once and for all. On the left you see the windows of an image of 5 × 8 under
# a kernel of (3, 2) and a stride of (2, 3); on the right what `windows` makes of them: an array in
# which the last two axes are one window, and the two before say which. Laid out as the rows of a
# matrix it is known as *im2col*, and a convolution is then a product of matrices.

# %%
_, (left, right) = plt.subplots(1, 2, figsize=(11, 3.4), width_ratios=[8, 7])
for row in range(5):
    for column in range(8):
        box = plt.Rectangle((column, row), 1, 1, fc="white", ec="0.75")
        left.add_patch(box)
        left.text(column + 0.5, row + 0.5, 8 * row + column, ha="center", va="center", color="0.4")
for number, (row, column) in enumerate([(i, j) for i in (0, 2) for j in (0, 3, 6)]):
    color = f"C{number}"
    box = plt.Rectangle((column + 0.06, row + 0.06), 1.88, 2.88, fc="none", ec=color, lw=2.5)
    left.add_patch(box)
    for k in range(6):
        pixel = 8 * (row + k // 2) + column + k % 2
        box = plt.Rectangle((k + 1, number), 1, 1, fc=color, alpha=0.25, ec="0.4")
        right.add_patch(box)
        right.text(k + 1.5, number + 0.5, pixel, ha="center", va="center")
    right.text(0.8, number + 0.5, f"[{row // 2}, {column // 3}]", ha="right", va="center")
left.set(xlim=(-0.1, 8.1), ylim=(5.1, -0.1), aspect="equal", title="x, and its 2 × 3 windows")
right.set(xlim=(-0.6, 7.1), ylim=(6.1, -0.1), title="windows, each of 3 · 2 pixels in a row")
left.axis("off")
right.axis("off")
plt.show()

# %% [markdown]
# Row 2 lies in two windows, columns 2 and 5 in none. That is all there is to the way back: in
# `backward` each window brings a gradient for its own pixels, and a pixel collects the **sum** of
# what the windows bring that it lay in, 0 if there was none. `overlap_add` does that; it is the
# transpose of `windows`, as `crop` is of `pad`.
#
# `overlap_add` needs the shape of the image, because the windows do not tell how many rows were
# left over. You can loop over the windows, or, much faster, over the kh · kw places *inside* a
# window: the pixels at one place of all windows lie in the image at regular distances, and none
# twice.

# %% [raw]
# # BEGIN SOLUTION


# %%
def pad(x, padding, value=0.0):
    """x (N, C, H, W) -> float64 (N, C, H + 2 ph, W + 2 pw): x with `value` all around."""
    # BEGIN SOLUTION
    ph, pw = padding
    x = np.asarray(x, dtype=float)
    return np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=value)
    # END SOLUTION


def crop(x, padding):
    """x (N, C, H + 2 ph, W + 2 pw) -> (N, C, H, W): what `pad` put around it is gone."""
    # BEGIN SOLUTION
    ph, pw = padding
    *_, rows, columns = x.shape
    return x[:, :, ph : rows - ph, pw : columns - pw]
    # END SOLUTION


def windows(x, kernel_size, stride):
    """x (N, C, H, W) -> (N, C, H_out, W_out, kh, kw): the windows of each channel."""
    # BEGIN SOLUTION
    sh, sw = stride
    everywhere = np.lib.stride_tricks.sliding_window_view(x, kernel_size, axis=(2, 3))
    return everywhere[:, :, ::sh, ::sw]
    # END SOLUTION


def overlap_add(pieces, shape, stride):
    """pieces (N, C, H_out, W_out, kh, kw), one per window -> their sum, an image.

    shape: (N, C, H, W) of the image that the windows were cut from, and of the result.
    """
    # BEGIN SOLUTION
    image = np.zeros(shape)
    rows, columns, kh, kw = pieces.shape[2:]
    sh, sw = stride
    for i in range(kh):
        for j in range(kw):
            image[:, :, i : i + sh * rows : sh, j : j + sw * columns : sw] += pieces[..., i, j]
    return image
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_pad_and_crop(pad, crop, expect, np):
    x = np.array([[[[1, 2, 3], [4, 5, 6]]]])
    wide = [[[[9.0] * 5, [9.0, 1.0, 2.0, 3.0, 9.0], [9.0, 4.0, 5.0, 6.0, 9.0], [9.0] * 5]]]
    expect(pad(x, (1, 1), 9.0), wide, "pad", "ph rows above and below, pw columns on both sides")
    expect(pad(x, (0, 2)).sum(axis=(0, 1, 2)), [0, 0, 5, 7, 9, 0, 0], "column sums of pad (0, 2)")
    expect(crop(pad(x, (2, 1)), (2, 1)), x, "crop after pad", "they undo each other")
    expect(crop(pad(x, (1, 0)), (1, 0)), x, "crop after pad (1, 0)", "0:-0 is an empty slice")


# %%
def test_windows(windows, expect, np):
    x = np.arange(40.0).reshape(1, 1, 5, 8)
    cut = np.array(windows(x, (3, 2), (2, 3)))
    assert cut.shape == (1, 1, 2, 3, 3, 2), f"windows has shape {cut.shape}, see the drawing"
    expect(cut[0, 0, 0, 1], [[3.0, 4.0], [11.0, 12.0], [19.0, 20.0]], "window [0, 1]")
    expect(cut[0, 0, 1, 2], [[22.0, 23.0], [30.0, 31.0], [38.0, 39.0]], "window [1, 2]")


# %%
def test_overlap_add(overlap_add, expect, np):
    image = overlap_add(np.ones((1, 1, 2, 3, 3, 2)), (1, 1, 5, 8), (2, 3))
    counts = np.outer([1.0, 1.0, 2.0, 1.0, 1.0], [1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0])
    expect(image, counts[None, None], "overlap_add", "windows that overlap add up: += and not =")
    image = overlap_add(np.arange(8.0).reshape(1, 1, 2, 1, 2, 2), (1, 1, 5, 3), (2, 2))
    rows = [[0.0, 1.0, 0.0], [2.0, 3.0, 0.0], [4.0, 5.0, 0.0], [6.0, 7.0, 0.0], [0.0, 0.0, 0.0]]
    expect(image, [[rows]], "overlap_add with rows left over", "a pixel of no window is 0")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q2

# %% [markdown]
# ## q2 · The convolutional layer
#
# Lay a kernel over a window, multiply what lies on top of each other, and add up. Over all C input
# channels, for each of the K output channels, with its own kernel and bias:
# $$y_{nkhw} = b_k + \sum_{c,i,j} W_{kcij}\, X_{nchwij}, \qquad
#   X = \texttt{windows}(\texttt{pad}(x)), \qquad
#   X_{nchwij} = x^{pad}_{n,\,c,\,s_h h + i,\,s_w w + j} .$$
#
# Mathematicians call this a cross-correlation, and use the word convolution when the kernel is
# turned by 180° first. Networks learn their kernels, so nobody minds. The lecture's example, too,
# is what we compute here: the patch [221 198 149; 205 147 173; 149 170 222] under the kernel
# [−1 0 1; −2 0 2; −1 0 1] gives **−63**, where a true convolution would give +63.
#
# Since y is linear in W, in b and in X, you can read the gradients off the formula: with
# $G = \partial L / \partial y$, of the shape of y,
# $$\frac{\partial L}{\partial W_{kcij}} = \sum_{n,h,w} G_{nkhw} X_{nchwij}, \qquad
#   \frac{\partial L}{\partial b_k} = \sum_{n,h,w} G_{nkhw}, \qquad
#   \frac{\partial L}{\partial X_{nchwij}} = \sum_k G_{nkhw} W_{kcij} .$$
# A shared weight collects what it did in every window of every image. From ∂L/∂X it is two steps
# back to ∂L/∂x: you wrote both in q1. All three sums are one `np.einsum` each, letter by letter as
# above.
#
# **Initial weights.** An output sums up `C · kh · kw` inputs (the *fan-in*), so `W` is drawn from
# the normal distribution with mean 0 and **variance** 1 / fan-in, i.e. standard deviation
# 1 / √fan-in; `b` starts with zeros. `rng` is None, an integer seed or a numpy `Generator`;
# `np.random.default_rng(rng)` takes them all. Equal seeds give equal weights.

# %% [raw]
# # BEGIN SOLUTION


# %%
class Conv2d:
    """A convolutional layer (cross-correlation, padded with zeros).

    Attributes: W (K, C, kh, kw) and b (K,); after `backward` also grad_W and grad_b.
    """

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=(1, 1), padding=(0, 0), rng=None
    ):
        """C, K, (kh, kw), (sh, sw), (ph, pw); draw W from N(0, 1 / fan-in), b is zero."""
        # BEGIN SOLUTION
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        kh, kw = kernel_size
        spread = 1.0 / np.sqrt(in_channels * kh * kw)
        size = (out_channels, in_channels, kh, kw)
        self.W = np.random.default_rng(rng).normal(0.0, spread, size)
        self.b = np.zeros(out_channels)
        # END SOLUTION

    def forward(self, x):
        """x (N, C, H, W) -> y (N, K, H_out, W_out)."""
        # BEGIN SOLUTION
        padded = pad(x, self.padding)
        self._shape = padded.shape
        self._windows = windows(padded, self.kernel_size, self.stride)
        return np.einsum("nchwij,kcij->nkhw", self._windows, self.W) + self.b[:, None, None]
        # END SOLUTION

    def backward(self, grad_output):
        """grad_output (N, K, H_out, W_out) -> gradient by x (N, C, H, W); sets grad_W, grad_b."""
        # BEGIN SOLUTION
        self.grad_W = np.einsum("nkhw,nchwij->kcij", grad_output, self._windows)
        self.grad_b = np.einsum("nkhw->k", grad_output)
        pieces = np.einsum("nkhw,kcij->nchwij", grad_output, self.W)
        return crop(overlap_add(pieces, self._shape, self.stride), self.padding)
        # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_the_example_of_the_lecture(Conv2d, expect, np):
    layer = Conv2d(1, 1, (3, 3))
    layer.W = np.array([[[[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]]])
    patch = np.array([[[[221, 198, 149], [205, 147, 173], [149, 170, 222]]]])
    expect(layer.forward(patch), [[[[-63.0]]]], "y", "the kernel is not flipped")


# %%
def test_initial_weights(Conv2d, expect, np):
    layer = Conv2d(20, 30, (5, 3), rng=1)
    expect(layer.b, np.zeros(30), "b", "one bias per output channel, zeros at first")
    assert layer.W.shape == (30, 20, 5, 3), f"W has shape {layer.W.shape}, expected (K, C, kh, kw)"
    spread = layer.W.std() * np.sqrt(300)
    assert 0.95 < spread < 1.05, (
        f"the standard deviation of W is {spread:.3f} / sqrt(fan-in), expected 1 / sqrt(fan-in)"
    )
    same = Conv2d(20, 30, (5, 3), rng=1)
    assert np.array_equal(layer.W, same.W), "equal seeds must give equal weights"


# %%
def test_forward_as_in_torch(Conv2d, expect, np, torch, nn):
    rng = np.random.default_rng(0)
    for stride, padding in [((1, 1), (0, 0)), ((2, 1), (1, 2)), ((2, 3), (0, 1))]:
        layer = Conv2d(3, 4, (3, 2), stride, padding)
        layer.W, layer.b = rng.standard_normal((4, 3, 3, 2)), rng.standard_normal(4)
        x = rng.standard_normal((2, 3, 6, 8))
        y = nn.functional.conv2d(
            *map(torch.tensor, (x, layer.W, layer.b)), stride=stride, padding=padding
        )
        expect(layer.forward(x), y.numpy(), f"y with stride {stride} and padding {padding}")


# %%
def test_gradients_as_in_torch(Conv2d, expect, np, torch, nn):
    rng = np.random.default_rng(0)
    for stride, padding in [((1, 1), (0, 0)), ((2, 1), (1, 2)), ((2, 3), (0, 1))]:
        layer = Conv2d(3, 4, (3, 2), stride, padding)
        arrays = [rng.standard_normal(shape) for shape in [(2, 3, 6, 8), (4, 3, 3, 2), 4]]
        layer.W, layer.b = arrays[1:]
        tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
        y = nn.functional.conv2d(*tensors, stride=stride, padding=padding)
        grad_output = rng.standard_normal(y.shape)
        y.backward(torch.tensor(grad_output))
        layer.forward(arrays[0])
        grad_x = layer.backward(grad_output)
        name = f" with stride {stride} and padding {padding}"
        by_x, by_W, by_b = (tensor.grad.numpy() for tensor in tensors)
        expect(layer.grad_b, by_b, "grad_b" + name, "b_k was added to every pixel of every image")
        expect(layer.grad_W, by_W, "grad_W" + name, "sum over images and over places")
        expect(grad_x, by_x, "the gradient by x" + name, "windows overlap: add up, then crop")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q3

# %% [markdown]
# ## q3 · Maximum pooling
#
# Once it is known *that* there is a stroke, it matters little *where exactly*. Pooling keeps one
# number per window, and the next layer sees a smaller image. Each channel is pooled on its own.
# $$y_{nchw} = \max_{i,j} X_{nchwij}$$
#
# Backward is a question of who won. Only the largest pixel of a window has an influence on y, so it
# gets the whole gradient of that window, and all others nothing. Among equals the first wins, which
# is just what `argmax` says of a window that is laid out in a row. A pixel may win in several
# windows, when they overlap.

# %% [raw]
# # BEGIN SOLUTION


# %%
class MaxPool2d:
    """The largest value of each window of each channel; pads with -inf."""

    def __init__(self, kernel_size, stride=None, padding=(0, 0)):
        """(kh, kw), (sh, sw) or None for the kernel size, (ph, pw)."""
        # BEGIN SOLUTION
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = stride or kernel_size
        # END SOLUTION

    def forward(self, x):
        """x (N, C, H, W) -> y (N, C, H_out, W_out)."""
        # BEGIN SOLUTION
        padded = pad(x, self.padding, -np.inf)
        self._shape = padded.shape
        cut = windows(padded, self.kernel_size, self.stride)
        rows = cut.reshape(*cut.shape[:4], -1)
        self._winners = rows.argmax(axis=-1)
        return rows.max(axis=-1)
        # END SOLUTION

    def backward(self, grad_output):
        """grad_output (N, C, H_out, W_out) -> gradient by x (N, C, H, W)."""
        # BEGIN SOLUTION
        kh, kw = self.kernel_size
        won = np.eye(kh * kw)[self._winners].reshape(*grad_output.shape, kh, kw)
        pieces = won * grad_output[..., None, None]
        return crop(overlap_add(pieces, self._shape, self.stride), self.padding)
        # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_max_pool(MaxPool2d, expect, np):
    layer = MaxPool2d((2, 2))
    x = -np.array([[[[5.0, 1.0, 2.0, 8.0, 0.0], [3.0, 4.0, 2.0, 6.0, 0.0], [0.0] * 5]]])
    expect(layer.forward(x), [[[[-1.0, -2.0]]]], "y", "the stride is (2, 2) if none is given")
    grad_x = [[[[0.0, 7.0, 9.0, 0.0, 0.0], [0.0] * 5, [0.0] * 5]]]
    actual = layer.backward(np.array([[[[7.0, 9.0]]]]))
    expect(actual, grad_x, "the gradient by x", "to the winner; the first one if two are equal")


# %%
def test_padded_and_overlapping(MaxPool2d, expect, np):
    layer = MaxPool2d((1, 3), stride=(1, 1), padding=(0, 1))
    y = layer.forward(np.array([[[[-4.0, -1.0, -3.0, -2.0]]]]))
    expect(y, [[[[-1.0, -1.0, -1.0, -2.0]]]], "y of negative numbers", "pad with -inf, not with 0")
    grad_x = layer.backward(np.array([[[[1.0, 2.0, 4.0, 8.0]]]]))
    expect(grad_x, [[[[0.0, 7.0, 0.0, 8.0]]]], "the gradient by x", "who wins twice gets both")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q4

# %% [markdown]
# ## q4 · Average pooling, and the way out of the image
#
# The older kind of pooling takes the mean of each window. Every pixel has the same influence,
# 1 / (kh · kw), and gets that share of the gradient. Zeros from the padding count like any others:
# a window half in the padding still divides by kh · kw.
#
# `Flatten` stands between the last image and the first fully connected layer: the numbers of an
# image in one row, channel by channel, and each channel row by row.

# %% [raw]
# # BEGIN SOLUTION


# %%
class AvgPool2d:
    """The mean of each window of each channel; pads with zeros, which count."""

    def __init__(self, kernel_size, stride=None, padding=(0, 0)):
        """(kh, kw), (sh, sw) or None for the kernel size, (ph, pw)."""
        # BEGIN SOLUTION
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = stride or kernel_size
        # END SOLUTION

    def forward(self, x):
        """x (N, C, H, W) -> y (N, C, H_out, W_out)."""
        # BEGIN SOLUTION
        padded = pad(x, self.padding)
        self._shape = padded.shape
        return windows(padded, self.kernel_size, self.stride).mean(axis=(-2, -1))
        # END SOLUTION

    def backward(self, grad_output):
        """grad_output (N, C, H_out, W_out) -> gradient by x (N, C, H, W)."""
        # BEGIN SOLUTION
        kh, kw = self.kernel_size
        pieces = grad_output[..., None, None] * np.full((kh, kw), 1.0 / (kh * kw))
        return crop(overlap_add(pieces, self._shape, self.stride), self.padding)
        # END SOLUTION


class Flatten:
    """(N, C, H, W) -> (N, C · H · W)."""

    def forward(self, x):
        """x (N, C, H, W) -> y (N, C · H · W)."""
        # BEGIN SOLUTION
        self._shape = x.shape
        return np.asarray(x, dtype=float).reshape(len(x), -1)
        # END SOLUTION

    def backward(self, grad_output):
        """grad_output (N, C · H · W) -> gradient by x (N, C, H, W)."""
        # BEGIN SOLUTION
        return grad_output.reshape(self._shape)
        # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_average_pool(AvgPool2d, expect, np):
    layer = AvgPool2d((2, 2))
    x = np.array([[[[1, 2, 3, 4, 9], [5, 6, 7, 8, 9], [9, 9, 9, 9, 9]]]])
    expect(layer.forward(x), [[[[3.5, 5.5]]]], "y", "the stride is (2, 2) if none is given")
    grad_x = layer.backward(np.array([[[[4.0, -8.0]]]]))
    row = [1.0, 1.0, -2.0, -2.0, 0.0]
    expect(grad_x, [[[row, row, [0.0] * 5]]], "the gradient by x", "a share of 1 / (kh · kw) each")


# %%
def test_average_with_padding(AvgPool2d, expect, np):
    layer = AvgPool2d((1, 3), stride=(1, 1), padding=(0, 1))
    y = layer.forward(np.array([[[[3.0, 6.0, 9.0, 12.0]]]]))
    expect(y, [[[[3.0, 6.0, 9.0, 7.0]]]], "y", "zeros of the padding count")
    grad_x = layer.backward(np.array([[[[3.0, 6.0, 9.0, 12.0]]]]))
    expect(grad_x, [[[[3.0, 6.0, 9.0, 7.0]]]], "the gradient by x", "windows overlap: add up")


# %%
def test_flatten(Flatten, expect, np):
    layer = Flatten()
    x = np.arange(24.0).reshape(2, 3, 2, 2)
    expect(layer.forward(x), np.arange(24.0).reshape(2, 12), "y", "channel by channel")
    expect(layer.backward(-np.arange(24.0).reshape(2, 12)), -x, "the gradient by x")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **Your layers at work.** Five kernels that people have designed, applied to a scanned digit by
# *one* `Conv2d` with five output channels; below, what a maximum pool with an overlapping window
# makes of each. A network finds kernels like these by itself.

# %%
kernels = {
    "blur": np.full((3, 3), 1 / 9),
    "edges (centre 4)": np.array([[0.0, -1.0, 0.0], [-1.0, 4.0, -1.0], [0.0, -1.0, 0.0]]),
    "sharpen (centre 5)": np.array([[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]]),
    "from dark to light": np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]),
    "the same, downwards": np.array([[-1.0, -2.0, -1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 1.0]]),
}


def enlarge(images):
    """Digits (N, 8, 8) -> (N, 28, 28): interpolated to 24 by 24, with a margin of 2."""
    places = np.linspace(0, 7, 24)[:, None]
    weights = np.maximum(0.0, 1.0 - np.abs(places - np.arange(8)))
    return np.pad(weights @ images @ weights.T, ((0, 0), (2, 2), (2, 2)))


digits = load_digits()
digit_images, digit_labels = enlarge(digits.images / 16), digits.target
designed = Conv2d(1, 5, (3, 3), padding=(1, 1))
designed.W = np.stack(list(kernels.values()))[:, None]
maps = designed.forward(digit_images[None, 12:13])
pooled = MaxPool2d((3, 3), stride=(2, 2), padding=(1, 1)).forward(maps)
_, panels = plt.subplots(2, 6, figsize=(12, 4.2))
panels[0, 0].imshow(digit_images[12], cmap="gray")
panels[0, 0].set(title="x", xlabel="28 × 28")
for k, name in enumerate(kernels):
    panels[0, k + 1].imshow(maps[0, k], cmap="gray")
    panels[0, k + 1].set(title=name)
    panels[1, k + 1].imshow(pooled[0, k], cmap="gray")
    panels[1, k + 1].set(xlabel="14 × 14")
for panel in panels.flat:
    panel.set(xticks=[], yticks=[])
panels[1, 0].axis("off")
plt.tight_layout()
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q5

# %% [markdown]
# ## q5 · LeNet-5
#
# Convolve, bend, pool; once more, with more channels on a smaller image; then three fully connected
# layers. This pattern read the amounts on American cheques in the 1990s and is still the first
# thing to try. (LeNet-5 itself is of 1998, by LeCun, Bottou, Bengio and Haffner; the paper of 1989
# that the lecture names describes its forerunner.)

# %%
stages = [
    ("input", "1×28×28", 28, 1),
    ("conv1 5×5\npad 2, ReLU", "6×28×28", 28, 6),
    ("max 2×2", "6×14×14", 14, 6),
    ("conv2 5×5\nReLU", "16×10×10", 10, 16),
    ("max 2×2", "16×5×5", 5, 16),
]
_, axes = plt.subplots(figsize=(12, 3.3))
place = 0.0
for name, shape, size, channels in stages:
    for sheet in range(min(channels, 8)):
        corner = (place + 1.2 * sheet, -size / 2 - 1.2 * sheet)
        axes.add_patch(plt.Rectangle(corner, size, size, fc="#dbe9f6", ec="0.4", lw=0.8))
    width = size + 1.2 * min(channels, 8)
    axes.text(place + width / 2, 18, name, ha="center", va="bottom")
    axes.text(place + width / 2, -27, shape, ha="center", va="top")
    place += width + 9
for name, size in [("flatten", 400), ("fc1\nReLU", 120), ("fc2\nReLU", 84), ("fc3\nlogits", 10)]:
    height = 2.2 * size**0.5
    axes.add_patch(plt.Rectangle((place, -height / 2), 3, height, fc="#fde3cf", ec="0.4"))
    axes.text(place + 1.5, max(height / 2, 18) + 1, name, ha="center", va="bottom")
    axes.text(place + 1.5, -27, size, ha="center", va="top")
    place += 14
axes.set(xlim=(-2, place), ylim=(-32, 31), aspect="equal")
axes.axis("off")
plt.show()

# %% [markdown]
# Padding 2 lets a 5 × 5 kernel keep the 28 × 28 of `conv1`; `conv2` has none, so 14 becomes 10.
# After the second pool 16 · 5 · 5 = **400** numbers are left. The weights, kernels and biases
# together:
#
# | `conv1` | `conv2` | `fc1` | `fc2` | `fc3` | all |
# |---|---|---|---|---|---|
# | 6·(1·25 + 1) | 16·(6·25 + 1) | 120·(400 + 1) | 84·(120 + 1) | 10·(84 + 1) | |
# | 156 | 2,416 | 48,120 | 10,164 | 850 | **61,706** |
#
# The convolutions do most of the work with 4 % of the weights: that is what sharing is good for.
#
# ReLU follows `conv1`, `conv2`, `fc1` and `fc2`; the pools take the maximum, without overlap. (In
# 1998 it was a tanh and a trained average.) What `fc3` gives are the logits: no ReLU, no softmax.
# Right **before `fc3`** stands a dropout layer: in train mode it sets each of the 84 numbers to
# zero with probability `dropout` and scales up the rest, in eval mode it does nothing. By default
# its probability is 0.
#
# The tests find the five layers under the names in the drawing. Parameters of a module are found by
# torch in *attributes* that are modules; layers that hide in an ordinary list are never trained.

# %% [raw]
# # BEGIN SOLUTION


# %%
class LeNet5(nn.Module):
    """LeNet-5 for 28 × 28 images, with ReLU and maximum pooling.

    Attributes: conv1, conv2 (nn.Conv2d), fc1, fc2, fc3 (nn.Linear).
    """

    def __init__(self, dropout=0.0):
        """dropout: the probability of zeroing an input of fc3, in train mode."""
        # BEGIN SOLUTION
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)
        self.dropout = nn.Dropout(dropout)
        # END SOLUTION

    def forward(self, images):
        """images (N, 1, 28, 28) -> logits (N, 10)."""
        # BEGIN SOLUTION
        x = nn.functional.max_pool2d(self.conv1(images).relu(), 2)
        x = nn.functional.max_pool2d(self.conv2(x).relu(), 2).flatten(1)
        x = self.fc2(self.fc1(x).relu()).relu()
        return self.fc3(self.dropout(x))
        # END SOLUTION


def count_parameters(model):
    """How many numbers an nn.Module learns, an int: the entries of all its parameters."""
    # BEGIN SOLUTION
    return sum(parameter.numel() for parameter in model.parameters())
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_parameters(LeNet5, count_parameters, nn):
    count = count_parameters(nn.Linear(3, 5))
    assert count == 20, f"count_parameters gives {count} for nn.Linear(3, 5), expected 15 + 5"
    for name, size in [("conv1", 156), ("conv2", 2416), ("fc1", 48120), ("fc2", 10164)]:
        count = count_parameters(getattr(LeNet5(), name))
        assert count == size, f"{name} has {count} parameters, expected {size}"
    count = count_parameters(LeNet5())
    assert count == 61706, f"LeNet-5 has {count} parameters, expected 61706"


# %%
def test_forward(LeNet5, expect, np, torch):
    torch.manual_seed(0)
    model = LeNet5().double()
    ramp = torch.linspace(-1, 1, 28, dtype=torch.float64)
    images = torch.stack([ramp[:, None] * ramp, ramp[:, None] - ramp])[:, None]
    with torch.no_grad():
        for layer in (model.conv1, model.conv2, model.fc1, model.fc2, model.fc3):
            for parameter in (layer.weight, layer.bias):
                steps = torch.arange(parameter.numel(), dtype=torch.float64)
                parameter.copy_(torch.sin(steps.reshape(parameter.shape)) / 3)
        logits = model(images)
    assert logits.shape == (2, 10), f"the logits have shape {tuple(logits.shape)}, expected (2, 10)"
    remedy = "compare with the drawing: where are the ReLUs, the pools, and is there a softmax?"
    some = [[3.257478517, -3.224448403, 0.224933702], [3.155133672, -3.154466892, 0.081366112]]
    expect(logits[:, [0, 4, 9]].numpy(), some, "logits 0, 4 and 9 of two images", remedy)


# %%
def test_dropout(LeNet5, expect, np, torch):
    model, images = LeNet5(dropout=1.0), torch.rand(2, 1, 28, 28)
    with torch.no_grad():
        quiet = model.eval()(images).double().numpy()
        noisy = model.train()(images).double().numpy()
        bias = model.fc3.bias.double().numpy()
    expect(noisy, np.stack([bias, bias]), "logits with dropout=1.0 in train mode", "only b is left")
    assert not np.allclose(quiet, bias), "in eval mode nothing must be dropped"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q6

# %% [markdown]
# ## q6 · The training loop
#
# torch computes gradients; *you* say when. One step on a batch is: forget the old gradients (torch
# **adds** new ones to them), compute the loss, go backward, let the optimizer step. Each of these
# in the wrong order gives a program that runs and does not learn, or learns a little less than it
# could, which is worse, as nobody notices.
#
# - `make_optimizer` returns torch's gradient descent with momentum for all the parameters of the
#   model: $v \leftarrow \rho v + g$, $w \leftarrow w - \mathrm{lr} \cdot v$.
# - `train_step` takes one step and returns the loss of the batch *before* it.
# - `evaluate` goes through batches, the last of which is often smaller, and returns mean loss and
#   accuracy over all **objects**. The mean of the batches' means is something else. It changes
#   nothing in the model, and needs no gradients: `torch.no_grad()` spares the memory for them.
# - `predict` returns the most probable class of each object.
#
# `model` may be any `nn.Module` that turns a batch of inputs, whatever their shape, into logits.
# Everything given to these functions lies on the model's device already, except that the inputs of
# `predict` always lie on the CPU: move them to the device of the model's parameters. (On the CPU
# that is no move at all.)

# %% [raw]
# # BEGIN SOLUTION


# %%
def make_optimizer(model, lr, momentum):
    """Stochastic gradient descent with momentum (a torch optimizer) for the model's parameters."""
    # BEGIN SOLUTION
    return torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)
    # END SOLUTION


def train_step(model, optimizer, inputs, labels):
    """One step in train mode; returns the cross-entropy before the step, a Python float."""
    # BEGIN SOLUTION
    model.train()
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(inputs), labels)
    loss.backward()
    optimizer.step()
    return loss.item()
    # END SOLUTION


def evaluate(model, batches):
    """Mean cross-entropy and accuracy over all objects, in eval mode.

    batches: a list of pairs (inputs, labels) -> the tuple (loss, accuracy) of Python floats.
    """
    # BEGIN SOLUTION
    model.eval()
    with torch.no_grad():
        logits = torch.cat([model(inputs) for inputs, _ in batches])
    labels = torch.cat([labels for _, labels in batches])
    accuracy = (logits.argmax(dim=1) == labels).double().mean()
    return nn.functional.cross_entropy(logits, labels).item(), accuracy.item()
    # END SOLUTION


def predict(model, inputs):
    """The most probable class of each input, in eval mode: an int64 tensor (N,)."""
    # BEGIN SOLUTION
    model.eval()
    device = next(model.parameters()).device
    with torch.no_grad():
        return model(inputs.to(device)).argmax(dim=1).cpu()
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_two_steps(make_optimizer, train_step, expect, np, torch, nn):
    model = nn.Linear(2, 2, bias=False)
    model.weight.data.zero_()
    optimizer = make_optimizer(model, 1.0, 0.5)
    inputs, labels = torch.tensor([[2.0, 0.0], [0.0, 4.0]]), torch.tensor([0, 0])
    loss = train_step(model, optimizer, inputs[:1], labels[:1])
    expect(loss, np.float32(np.log(2)), "the loss of the first step", "before the step, a float")
    weight = [[1.0, 0.0], [-1.0, 0.0]]
    expect(model.weight.detach().double().numpy(), weight, "the weights after one step")
    loss = train_step(model, optimizer, inputs[1:], labels[1:])
    expect(loss, np.float32(np.log(2)), "the loss of the second step")
    weight = [[1.5, 2.0], [-1.5, -2.0]]
    remedy = "zero_grad, backward, step, in this order; and half of the first step goes on"
    expect(model.weight.detach().double().numpy(), weight, "the weights after two steps", remedy)


# %%
def test_evaluate_and_predict(evaluate, predict, expect, np, torch, nn):
    model = nn.Linear(2, 2, bias=False)
    model.weight.data.copy_(torch.eye(2) * np.log(3.0))
    inputs = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [1.0, 0.0]])
    batches = [(inputs[:3], torch.tensor([0, 1, 0])), (inputs[3:], torch.tensor([1]))]
    loss, accuracy = evaluate(model, batches)
    mean = (2 * np.log(4 / 3) + np.log(2) + np.log(4)) / 4
    expect(loss, np.float64(np.float32(mean)), "the loss", "the mean over all 4 objects")
    expect(accuracy, 0.75, "the accuracy", "3 of all 4 objects are right")
    classes = predict(model, inputs[[1, 0, 3]])
    assert classes.tolist() == [1, 0, 0], f"predict gives {classes.tolist()}, expected [1, 0, 0]"


# %%
def test_modes(make_optimizer, train_step, evaluate, predict, torch, nn):
    class Spy(nn.Linear):
        def forward(self, inputs):
            seen.append(self.training)
            return super().forward(inputs)

    seen, model = [], Spy(3, 2)
    inputs, labels = torch.ones(4, 3), torch.tensor([0, 1, 1, 0])
    evaluate(model, [(inputs, labels)])
    train_step(model, make_optimizer(model, 0.1, 0.9), inputs, labels)
    predict(model, inputs)
    remedy = "switch by model.train() and model.eval() before the model is used"
    assert seen == [False, True, False], "evaluate, train_step, predict use a wrong mode: " + remedy


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **A loop that cannot learn one batch by heart learns nothing.** Before you train for minutes, take
# 32 images and step on them again and again: the loss has to fall to nearly nothing. If it does
# not, there is a bug, and no amount of data will help.

# %%
order = np.random.default_rng(0).permutation(len(digit_labels))
tensors = (
    torch.tensor(digit_images[order, None], dtype=torch.float32),
    torch.tensor(digit_labels[order]),
)
(train_images, test_images), (train_labels, test_labels) = (
    tensor.split([1297, 500]) for tensor in tensors
)
torch.manual_seed(0)
network = LeNet5()
optimizer = make_optimizer(network, 0.01, 0.9)
losses = [train_step(network, optimizer, train_images[:32], train_labels[:32]) for _ in range(150)]
plt.figure(figsize=(7, 2.8))
plt.semilogy(losses)
plt.axhline(np.log(10), color="0.6", ls="--")
plt.text(149, np.log(10) * 0.5, "ln 10: a guess", ha="right", color="0.4")
plt.xlabel("step")
plt.ylabel("cross-entropy")
plt.show()
print("loss and accuracy on 500 other digits:", evaluate(network, [(test_images, test_labels)]))

# %% [raw]
# # BEGIN QUESTION
# name: q7

# %% [markdown]
# ## q7 · Training to 97 %
#
# Write `train`: it makes a LeNet-5, trains it and returns it. How is up to you; these are the
# terms.
#
# - **Goal**: at least **0.97** right on 450 digits that the network has never seen and that carry a
#   little noise. Undecided results (the goal lies within the 95 % bounds of the accuracy) are
#   settled by training again, up to three times, with other seeds. Aim at 0.985 to be safe.
# - **Data**: about 1,300 labelled digits, `enlarge`d from 8 × 8 as above, with values from 0 to 1.
#   Where the course has MNIST, 4,000 of its images instead, and the goal is **0.975** of 3,000.
#   They may come in any order, even **sorted by class**, so shuffle: a new random order in each
#   epoch. Take the order of images and labels from one permutation.
# - **Budget** for one training: on the CPU **60 s on one core**, time for some 2,000 optimizer steps;
#   on a GPU 30 s. The clock ends it, nobody counts steps. About 1,000 of them on batches of 32 do
#   it, which take about 10 s on one core.
# - **Seed**: equal seeds give, on the CPU, exactly equal networks, other seeds other ones.
#   `torch.manual_seed(seed)` comes first, before the network draws its initial weights.
# - **Device**: images and labels come on the CPU, `device` is "cpu" or "cuda"; the network returned
#   lies on `device`.
#
# Any optimizer will do, your own momentum or `torch.optim.Adam` (0.002 is a good step for it). A
# plain loop gets to about 0.98. Two things make it safe:
#
# - **Shift the images.** A digit that is moved by a pixel is the same digit, so move each batch by
#   −1, 0 or 1 pixels in either direction, at random (`torch.roll(images, (down, right), (2, 3))`;
#   the margin of the images is wide enough). The network never sees quite the same images twice.
# - **End with small steps.** With constant steps the last batches decide how good the network is.
#   Let the step fall to zero, for instance with `torch.optim.lr_scheduler.CosineAnnealingLR`, whose
#   `step()` is called once per epoch.

# %% [raw]
# # BEGIN SOLUTION


# %%
def train(images, labels, seed, device="cpu"):
    """images (N, 1, 28, 28), labels (N,), both on the CPU -> a trained LeNet5 on the device."""
    # BEGIN SOLUTION
    torch.manual_seed(seed)
    epochs = 25
    model = LeNet5().to(device)
    images, labels = images.to(device), labels.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(32):
            shift = torch.randint(-1, 2, (2,)).tolist()
            train_step(model, optimizer, images[batch].roll(shift, (2, 3)), labels[batch])
        schedule.step()
    return model
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_training_on_few_digits(train, predict, train_images, train_labels, torch):
    images, place = train_images[:300], train_labels[:300].argsort()
    model = train(images[place], train_labels[:300][place], 1, "cpu")
    right = (predict(model, train_images[300:]) == train_labels[300:]).double().mean()
    assert right > 0.7, (
        f"after training on 300 digits, sorted by class, {right:.3f} of the others are right, "
        "expected more than 0.7: are the images shuffled, together with their labels?"
    )
    again = train(images[place], train_labels[:300][place], 1, "cpu")
    same = all(map(torch.equal, model.parameters(), again.parameters()))
    assert same, "two trainings with the same seed differ: torch.manual_seed(seed) comes first"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **The real thing.** A training on 1,297 digits and a look inside: the six kernels of the first
# layer, what they make of one digit (compare with the kernels that people designed), and what the
# network got wrong. You would not be sure about all of these yourself.

# %%
network = train(train_images, train_labels, 0, "cpu")
noisy = test_images + 0.05 * torch.randn(test_images.shape)
classes = predict(network, noisy)
print(f"accuracy on 500 other digits: {(classes == test_labels).double().mean():.3f}")
with torch.no_grad():
    one = test_images[test_labels == 3][:1]
    maps = network.conv1(one)[0]
_, panels = plt.subplots(3, 7, figsize=(11, 5))
panels[0, 0].axis("off")
panels[1, 0].imshow(one[0, 0], cmap="gray")
panels[1, 0].set(title="x")
for k in range(6):
    panels[0, k + 1].imshow(network.conv1.weight[k, 0].detach(), cmap="gray")
    panels[0, k + 1].set(title=f"kernel {k}")
    panels[1, k + 1].imshow(maps[k], cmap="gray")
    panels[1, k + 1].set(title=f"channel {k}")
wrong = (classes != test_labels).nonzero().flatten().tolist()
for k, panel in enumerate(panels[2]):
    if k < len(wrong):
        panel.imshow(noisy[wrong[k], 0], cmap="gray")
        panel.set(title=f"{test_labels[wrong[k]]} read as {classes[wrong[k]]}")
    else:
        panel.axis("off")
for panel in panels.flat:
    panel.set(xticks=[], yticks=[])
plt.tight_layout()
plt.show()

# %% [markdown]
# ## How to submit
#
# 1. *Kernel → Restart and run all*: every `grader.check` above should say that it passed. Questions
#    left blank cost their own points only.
# 2. Save, and hand in this one file, `p4-cnn.ipynb`, where your course collects homework.
#
# Taken from your notebook are the classes and functions asked for and whatever they use; prints,
# plots and training outside of functions are left out. Only numpy and torch are installed where
# they run.
