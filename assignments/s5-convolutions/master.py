# %% [raw]
# # ASSIGNMENT CONFIG
# init_cell: true
# export_cell: false
# generate: true
# tests:
#   files: true
#   ok_format: false

# %% [markdown]
# # Seminar 5 · Convolutions, kernels and pooling
#
# A pixel has most to do with the pixels next to it, and a cat is a cat in the left half of a photo
# as well as in the right half. A fully connected layer knows neither: it ties every pixel to every
# neuron and has to learn the cat anew for each place. A convolutional layer is built on both facts:
#
# - **local**: each neuron looks at a small window of the image;
# - **shared weights**: all windows are looked at with the same few numbers, the **kernel**.
#
# In a network the kernels are learned. Today you choose them yourself, slide them over a photo by
# hand, and see what each does: nothing, shift, blur, find edges, sharpen. Then you make maps
# smaller by pooling, measure what happens when the image is shifted, and end with a layer of
# several channels, the one that the fourth practical will train.
#
# | question | you write | points in the hidden suite |
# |---|---|---|
# | q1 | `cross_correlate` | 15 |
# | q2 | `convolve` | 9 |
# | q3 | `output_size`, `zero_pad`, `filter_image` | 21 |
# | q4 | six kernels | 18 |
# | q5 | `max_pool`, `average_pool` | 18 |
# | q6 | `shift`, `equivariance_error` | 10 |
# | q7 | `conv_layer` | 9 |
#
# Run the next cells, then have a look at the drawing.

# %%
import matplotlib.pyplot as plt

# %% tags=["module"]
import numpy as np

# %%
from sklearn.datasets import load_sample_image


def expect(actual, expected, what, remedy=""):
    """Compare a result with the right one; say the first thing that differs, and the remedy."""
    expected = np.asarray(expected, dtype=float)
    because = ": " + remedy if remedy else ""
    assert actual is not None, what + " is None. Is the `return` missing?"
    assert isinstance(actual, (np.ndarray, float, np.floating)), (
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


# %%
patch = np.array([[221, 198, 149], [205, 147, 173], [149, 170, 222]])
sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def draw_numbers(panel, numbers, title, highlight=()):
    """A table of numbers as squares; the entries whose (row, column) are listed are coloured."""
    for i, row in enumerate(numbers):
        for j, number in enumerate(row):
            colour = "#ffe3b3" if (i, j) in highlight else "white"
            panel.add_patch(plt.Rectangle((j, i), 1, 1, fc=colour, ec="0.4"))
            panel.text(j + 0.5, i + 0.5, str(number).replace("-", "−"), ha="center", va="center")
    panel.set(xlim=(-0.1, len(numbers[0]) + 0.1), ylim=(len(numbers) + 0.1, -0.1), aspect="equal")
    panel.set_title(title, fontsize=11)
    panel.axis("off")


_, panels = plt.subplots(1, 3, figsize=(11, 3.4), width_ratios=[6, 3, 4])
scene = [[198, 203, 180, 152, 149, 160], [210, 221, 198, 149, 151, 158]]
scene += [[214, 205, 147, 173, 166, 170], [190, 149, 170, 222, 219, 201]]
scene += [[185, 151, 168, 215, 220, 224]]
window = [(i, j) for i in (1, 2, 3) for j in (1, 2, 3)]
draw_numbers(panels[0], scene, "image, 5 × 6: the window at [1, 1]", window)
draw_numbers(
    panels[1], sobel.tolist(), "kernel, 3 × 3", [(i, j) for i in range(3) for j in range(3)]
)
answer = [["" for _ in range(4)] for _ in range(3)]
answer[1][1] = "-63"
draw_numbers(panels[2], answer, "map, 3 × 4: its entry [1, 1]", [(1, 1)])
plt.show()

# %% [markdown]
# The kernel is laid on a window of the image, numbers that lie on each other are multiplied, and
# the nine products are added up: that is **one** entry of the result, which is called a *map*.
# Then the window moves on by one pixel. In the window shown,
# $$221\cdot(-1) + 149\cdot 1 + 205\cdot(-2) + 173\cdot 2 + 149\cdot(-1) + 222\cdot 1 = -63 .$$
#
# ## What is agreed on in this seminar
#
# Lectures and libraries differ in details. Here, and in the tests, these hold:
#
# 1. **An image is an array of shape (H, W)**, one channel. The first index is the row and grows
#    *down*, the second is the column and grows to the *right*.
# 2. **Cross-correlation** lays the kernel on the image as it is written. **Convolution** in the
#    sense of mathematics turns it by 180° first. The convolutional *layers* of networks, and
#    everything here except `convolve`, are cross-correlation.
# 3. Images and kernels may be rectangles, kernels also of even size. Entry [0, 0] of a result
#    belongs to the window in the top left corner. Only windows that lie *wholly* in the image, with
#    its padding if it has one, count; rows and columns that are left over are dropped.
# 4. **Padding** p puts p rows or columns of *zeros* on each of the four sides.
# 5. **Stride** s moves the window by s rows and by s columns. The stride of a pooling is its window
#    unless another one is given.
# 6. `size`, `window`, `stride` and `padding` are single integers, the same for both directions.
#    A window is never larger than the image with its padding.
# 7. **All maps, images and kernels that you return are float64**, whatever comes in. Photos are
#    files of `uint8`, in which 200 + 100 = 44 and 1 − 2 = 255: convert first, then compute.
# 8. Nobody's arrays are changed, neither images nor kernels nor weights.
#
# **What the hidden suite looks at.** Your functions on random images of all kinds of shapes
# (H ≠ W, kernels with kh ≠ kw, of even size, of one pixel, as large as the image); strides that do
# not divide evenly; poolings whose windows overlap, leave gaps or hold negative numbers only;
# images of integers; shifts in all four directions; whether the caller's arrays stay as they were.
# What the public tests below check is a small sample of that. Loops are fine, the images are small.
# Helper functions and the way you compute are up to you; names and order of the arguments, and the
# shapes in the docstrings, are not.

# %% [raw]
# # BEGIN QUESTION
# name: q1

# %% [markdown]
# ## q1 · The sliding window
#
# For an image $x$ of shape (H, W) and a kernel $k$ of shape $(k_h, k_w)$:
# $$y_{ij} = \sum_{a=0}^{k_h-1} \sum_{b=0}^{k_w-1} x_{i+a,\,j+b}\, k_{ab}, \qquad
#   0 \le i \le H - k_h, \quad 0 \le j \le W - k_w .$$
#
# The window at [i, j] is `image[i : i + kh, j : j + kw]`. How many positions has it? A window of 3
# fits into a row of 6 in four places, so a map is *smaller* than its image:
# $(H - k_h + 1) \times (W - k_w + 1)$.

# %% [raw]
# # BEGIN SOLUTION


# %%
def cross_correlate(image, kernel):
    """image (H, W), kernel (kh, kw) -> map (H - kh + 1, W - kw + 1): the kernel as it is."""
    # BEGIN SOLUTION
    image, kernel = np.asarray(image, dtype=float), np.asarray(kernel, dtype=float)
    rows, columns = kernel.shape
    result = np.zeros((image.shape[0] - rows + 1, image.shape[1] - columns + 1))
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = np.sum(image[i : i + rows, j : j + columns] * kernel)
    return result
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_worked_number(cross_correlate, patch, sobel, expect):
    y = cross_correlate(patch, sobel)
    remedy = "multiply the window by the kernel, number by number, and add the nine products"
    flipped = getattr(y, "shape", None) == (1, 1) and y[0, 0] == 63.0
    expect(y, [[-63.0]], "the map", "you have turned the kernel; that is q2" if flipped else remedy)


# %%
def test_map(cross_correlate, expect, np):
    image = np.array([[1.0, 2.0, 0.0, 3.0], [0.0, 1.0, 4.0, 1.0], [2.0, 0.0, 1.0, 5.0]])
    kernel = np.array([[1.0, -1.0, 2.0], [0.0, 3.0, 1.0]])
    expect(
        cross_correlate(image, kernel),
        [[6.0, 21.0], [8.0, 7.0]],
        "the map",
        "image (3, 4), kernel (2, 3): y[i, j] is the sum of image[i:i+2, j:j+3] * kernel",
    )


# %%
def test_photo_of_bytes(cross_correlate, expect, np):
    image = np.array([[200, 100, 250]], dtype=np.uint8)
    kernel = np.array([[2, 1]], dtype=np.uint8)
    remedy = "bytes overflow: make float64 arrays of image and kernel first"
    expect(cross_correlate(image, kernel), [[500.0, 450.0]], "the map of bytes", remedy)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# Your first filter, on a photo. The kernel of the worked number is called a *Sobel* kernel; it
# subtracts what lies left of a pixel from what lies right of it. Dark to bright gives a large
# number (white below), bright to dark a negative one (black), and an even sky gives 0 (grey).

# %%
colours = load_sample_image("china.jpg")[20:350:3, 60:360:3]
photo = colours.mean(axis=2)


def show(panel, image, title, largest=None):
    """An image in grey; with `largest`, numbers from -largest (black) to largest (white)."""
    limits = (0, 255) if largest is None else (-largest, largest)
    panel.imshow(image, cmap="gray", vmin=limits[0], vmax=limits[1])
    panel.set_title(title, fontsize=11)
    panel.axis("off")


_, panels = plt.subplots(1, 3, figsize=(11, 4))
show(panels[0], photo, f"photo {photo.shape}")
for panel, kernel, name in [(panels[1], sobel, "Sobel"), (panels[2], sobel.T, "Sobel, transposed")]:
    edges = cross_correlate(photo, kernel)
    show(panel, edges, f"{name} {edges.shape}", 400)
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q2

# %% [markdown]
# ## q2 · True convolution
#
# Mathematicians mean another thing by convolution: the kernel is turned by 180° (top and bottom
# change places, *and* left and right do) before it slides over the image:
# $$(x * k)_{ij} = \sum_{a,\,b} x_{i+a,\,j+b}\; k_{k_h-1-a,\; k_w-1-b} .$$
#
# Why turn it? An image with a single bright pixel then gives back the kernel the right way up, and
# the operation (with enough zeros around) becomes commutative and associative: two filters in a row
# are one filter whose kernel is the convolution of the two. A network that *learns* its kernel can
# learn the turned one just as well, which is why layers save themselves the turn.
#
# **If you read the lectures:** what they call convolution is cross-correlation. Their example, the
# patch above under the Sobel kernel, gives −63 without the turn; true convolution gives **+63**.

# %% [raw]
# # BEGIN SOLUTION


# %%
def convolve(image, kernel):
    """image (H, W), kernel (kh, kw) -> map (H - kh + 1, W - kw + 1): the kernel turned by 180°."""
    # BEGIN SOLUTION
    return cross_correlate(image, np.asarray(kernel)[::-1, ::-1])
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_worked_number_turned(convolve, patch, sobel, expect):
    expect(convolve(patch, sobel), [[63.0]], "the convolution", "turn the kernel by 180° first")


# %%
def test_single_bright_pixel(convolve, expect, np):
    image = np.zeros((3, 5))
    image[1, 2] = 1.0
    kernel = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    expect(
        convolve(image, kernel),
        kernel,
        "the convolution of a single bright pixel",
        "it is the kernel itself; turning means both axes, not one of them and not a transpose",
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q3

# %% [markdown]
# ## q3 · Padding and stride
#
# **Padding.** Every filter eats a border, and pixels in a corner are seen by one window only. With
# p rows and columns of zeros around the image the border comes back: a 3 × 3 kernel with p = 1, or
# a 5 × 5 kernel with p = 2, gives a map of the size of the image.
#
# **Stride.** Neighbouring windows see nearly the same. With the stride s the window jumps by s
# pixels and the map becomes s times smaller in both directions: entry [i, j] belongs to the window
# whose top left corner is at row $s\,i$ and column $s\,j$ *of the padded image*.
#
# **How large is the map?** Along a side of n pixels, a window of k pixels has room to move by
# $n + 2p - k$. It makes as many whole jumps of s as fit into that, and it had a place before the
# first jump:
# $$\text{output size} = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1 .$$

# %%
_, panel = plt.subplots(figsize=(11, 2.3))
for column in range(10):
    inside = 1 <= column <= 8
    panel.add_patch(plt.Rectangle((column, 0), 1, 1, fc="white" if inside else "0.85", ec="0.4"))
    panel.text(column + 0.5, 0.5, f"x{column - 1}" if inside else "0", ha="center", va="center")
for place, start in enumerate([0, 3, 6]):
    panel.plot([start + 0.1, start + 2.9], [-0.25, -0.25], lw=5, color=f"C{place}")
    panel.text(start + 1.5, -0.75, f"window {place}", ha="center", color=f"C{place}")
panel.text(9.5, -0.75, "left over", ha="center", color="0.4")
panel.text(10.6, 0.35, "n = 8, p = 1, k = 3, s = 3:\n⌊(8 + 2 − 3) / 3⌋ + 1 = 3 windows")
panel.set(xlim=(-0.2, 15.5), ylim=(-1.1, 1.2), aspect="equal")
panel.axis("off")
plt.show()

# %% [raw]
# # BEGIN SOLUTION


# %%
def output_size(size, window, stride=1, padding=0):
    """The number of places that a window has along a side of `size` pixels, an int."""
    # BEGIN SOLUTION
    return (size + 2 * padding - window) // stride + 1
    # END SOLUTION


def zero_pad(image, padding):
    """image (H, W) -> (H + 2 padding, W + 2 padding): zeros on each of the four sides."""
    # BEGIN SOLUTION
    height, width = image.shape
    padded = np.zeros((height + 2 * padding, width + 2 * padding))
    padded[padding : padding + height, padding : padding + width] = image
    return padded
    # END SOLUTION


def filter_image(image, kernel, stride=1, padding=0):
    """image (H, W), kernel (kh, kw) -> its cross-correlation with zero padding and a stride.

    The map has output_size(H, kh, stride, padding) rows, output_size(W, kw, …) columns.
    """
    # BEGIN SOLUTION
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
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_output_size(output_size):
    cases = [((8, 3, 3, 1), 3), ((6, 3), 4), ((28, 5, 1, 2), 28), ((28, 2, 2), 14), ((5, 5), 1)]
    for arguments, wanted in cases:
        places = output_size(*arguments)
        called = f"output_size{arguments}"
        assert places is not None, called + " is None. Is the `return` missing?"
        assert places == wanted, (
            f"{called} is {places}, expected {wanted}: only whole jumps count, and both sides are"
            " padded"
        )
        assert not isinstance(places, float), f"{called} is {places}: a number of places is an int"


# %%
def test_zero_pad(zero_pad, expect, np):
    padded = zero_pad(np.array([[1, 2, 3]], dtype=np.uint8), 1)
    expect(
        padded,
        [[0, 0, 0, 0, 0], [0, 1, 2, 3, 0], [0, 0, 0, 0, 0]],
        "the padded image",
        "one row or column of zeros on each of the four sides, all of it float64",
    )
    expect(
        zero_pad(np.array([[1.0, 2.0]]), 0), [[1, 2]], "an image padded by 0", "nothing is added"
    )


# %%
def test_stride(filter_image, expect, np):
    image = np.arange(24.0).reshape(4, 6)
    expect(
        filter_image(image, np.array([[1.0, 0.0], [0.0, 10.0]]), 2),
        [[70.0, 92.0, 114.0], [202.0, 224.0, 246.0]],
        "the map with stride 2",
        "the window of the entry [i, j] begins at row 2 i and at column 2 j",
    )


# %%
def test_stride_and_padding(filter_image, expect, np):
    image, kernel = np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]), np.ones((3, 3))
    expect(
        filter_image(image, kernel, 1, 1),
        [[14.0, 24.0, 30.0, 22.0], [14.0, 24.0, 30.0, 22.0]],
        "the map with padding 1",
        "pad first, then slide over the padded image; the size of the image stays",
    )
    expect(
        filter_image(image, kernel, stride=3, padding=1),
        [[14.0, 22.0]],
        "the map with stride 3 and padding 1",
        "output_size says 1 × 2; the second window begins at column 3 of the padded image",
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q4

# %% [markdown]
# ## q4 · Six kernels
#
# Each kernel is a square of odd size, so that it has a centre; read it as a *recipe for one pixel,
# made of its neighbours*. With a padding of half its size, $(\text{size} - 1)/2$, the map lies
# exactly on the image. All are meant for cross-correlation (`filter_image`).
#
# - **Identity**: take the pixel itself. A 1 in the centre, zeros around it.
# - **Shift**: take one of the neighbours. To move the picture *down* by 1, each pixel of the result
#   has to take the one *above* it. The kernel of the lecture,
#   $\begin{bmatrix}0&0&0\\0&0&1\\0&0&0\end{bmatrix}$, takes the right neighbour: the picture moves
#   **left**. (Under true convolution it would move right; one more place where the lectures mean
#   cross-correlation.)
# - **Mean**: take all neighbours alike, each with the weight $1/\text{size}^2$. The picture blurs.
# - **Edge**: four times the pixel minus its four neighbours. An even area gives 0.
# - **Sharpen**: the pixel plus `amount` times its edges. With `amount` 1:
# $$\text{edge} = \begin{bmatrix}0&-1&0\\-1&4&-1\\0&-1&0\end{bmatrix}, \qquad
#   \text{sharpen} = \text{identity} + \text{amount} \cdot \text{edge}
#   = \begin{bmatrix}0&-1&0\\-1&5&-1\\0&-1&0\end{bmatrix} \text{ for amount} = 1 .$$
# - **Gaussian**: near neighbours count more than far ones. With $u$ and $v$ counted from the
#   centre, $u, v = -\frac{\text{size}-1}{2}, \dots, \frac{\text{size}-1}{2}$:
# $$g_{uv} = \frac1Z \exp\Bigl(-\frac{u^2 + v^2}{2\sigma^2}\Bigr), \qquad
#   Z \text{ such that } \sum_{u,v} g_{uv} = 1 .$$
#
# **Sums.** A kernel that sums to 1 keeps the brightness of an even area, one that sums to 0 turns
# it into black. The lecture divides the Gaussian by $2\pi\sigma^2$. That makes the *integral* over
# the whole plane 1, but its 5 × 5 table for σ = 1 sums to 0.982, and for σ = 2 it would sum to
# 0.63: each filtering darkens the picture. So divide by the sum of the entries that you have.

# %% [raw]
# # BEGIN SOLUTION


# %%
def identity_kernel(size):
    """The kernel (size, size), size odd, that leaves an image as it is."""
    # BEGIN SOLUTION
    kernel = np.zeros((size, size))
    kernel[size // 2, size // 2] = 1.0
    return kernel
    # END SOLUTION


def shift_kernel(size, down, right):
    """The kernel (size, size), size odd, that moves a picture by `down` rows, `right` columns.

    Negative numbers move it up and to the left; neither is larger than (size - 1) / 2 in size.
    """
    # BEGIN SOLUTION
    taken = np.zeros((size, size))
    taken[size // 2 - down, size // 2 - right] = 1.0
    return taken
    # END SOLUTION


def mean_kernel(size):
    """The kernel (size, size), size odd, that takes the mean over its window."""
    # BEGIN SOLUTION
    return np.full((size, size), 1.0 / size**2)
    # END SOLUTION


def edge_kernel():
    """The kernel (3, 3) that subtracts from four times a pixel its four neighbours."""
    # BEGIN SOLUTION
    return np.array([[0.0, -1.0, 0.0], [-1.0, 4.0, -1.0], [0.0, -1.0, 0.0]])
    # END SOLUTION


def sharpen_kernel(amount=1.0):
    """The kernel (3, 3) that adds `amount` times the edges to a picture."""
    # BEGIN SOLUTION
    return identity_kernel(3) + amount * edge_kernel()
    # END SOLUTION


def gaussian_kernel(size, sigma):
    """The Gaussian kernel (size, size), size odd, with the standard deviation sigma; sums to 1."""
    # BEGIN SOLUTION
    u = np.arange(size) - size // 2
    weights = np.exp(-(u[:, None] ** 2 + u**2) / (2.0 * sigma**2))
    return weights / weights.sum()
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_identity_and_mean(identity_kernel, mean_kernel, expect):
    identity = [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    expect(identity_kernel(3), identity, "identity_kernel(3)", "take the pixel itself: the centre")
    ninth = 1 / 9
    expect(mean_kernel(3), [[ninth] * 3] * 3, "mean_kernel(3)", "9 neighbours alike, sum 1")


# %%
def test_shift_kernel(shift_kernel, expect):
    left = [[0, 0, 0], [0, 0, 1], [0, 0, 0]]
    expect(
        shift_kernel(3, 0, -1),
        left,
        "shift_kernel(3, 0, -1)",
        "to move the picture left, each pixel takes its right neighbour",
    )
    down = [[0, 1, 0], [0, 0, 0], [0, 0, 0]]
    expect(
        shift_kernel(3, 1, 0),
        down,
        "shift_kernel(3, 1, 0)",
        "to move the picture down, each pixel takes the one above it",
    )


# %%
def test_edge_and_sharpen(edge_kernel, sharpen_kernel, expect):
    expect(edge_kernel(), [[0, -1, 0], [-1, 4, -1], [0, -1, 0]], "edge_kernel()", "sum 0")
    sharpen = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
    expect(sharpen_kernel(), sharpen, "sharpen_kernel()", "identity + edge, sum 1")
    expect(
        sharpen_kernel(0.5),
        [[0, -0.5, 0], [-0.5, 3, -0.5], [0, -0.5, 0]],
        "sharpen_kernel(0.5)",
        "identity + amount · edge, sum 1",
    )


# %%
def test_gaussian(gaussian_kernel, expect, np):
    kernel = gaussian_kernel(5, 1.0)
    assert kernel is not None, "gaussian_kernel(5, 1.0) is None. Is the `return` missing?"
    total = float(np.sum(kernel))
    assert abs(total - 1) < 1e-9, f"gaussian_kernel(5, 1.0) sums to {total:.4f}: divide by that sum"
    # σ such that a neighbour counts half as much as the centre, and a diagonal one a quarter.
    sigma = 1 / np.sqrt(2 * np.log(2))
    expect(
        gaussian_kernel(3, sigma),
        np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16,
        "gaussian_kernel(3, 0.849)",
        "exp(-(u² + v²) / (2 σ²)) with u and v from -1 to 1, divided by the sum",
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# The photo under each of them. Look for: the black margin that the shift brings in (zeros came in
# from the padding), the dark frame of the blurred pictures (part of each window near the border
# lies on zeros), and what sharpening does to the balustrades.

# %%
_, panels = plt.subplots(2, 3, figsize=(11, 8))
gallery = [
    ("identity", identity_kernel(3), None),
    ("shift by 7 down, 7 to the left", shift_kernel(15, 7, -7), None),
    ("mean, 7 × 7", mean_kernel(7), None),
    ("Gaussian, 9 × 9, σ = 2", gaussian_kernel(9, 2.0), None),
    ("edge (grey is 0)", edge_kernel(), 150),
    ("sharpen", sharpen_kernel(), None),
]
for panel, (name, kernel, largest) in zip(panels.flat, gallery, strict=True):
    show(panel, filter_image(photo, kernel, padding=len(kernel) // 2), name, largest)
plt.tight_layout()
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q5

# %% [markdown]
# ## q5 · Pooling
#
# That there is an eye in the picture matters more than the pixel it sits on. Pooling makes a map
# smaller and keeps of each window a single number: its **largest** ("is the feature anywhere
# here?") or its **mean**. There is nothing to learn in it.
#
# Window and stride work as in q3, without padding. Usually the stride is the window (`stride=None`
# means that), and the windows tile the map; with a smaller stride they overlap, with a larger one
# there are gaps. What is left over at the bottom and on the right is dropped. The largest of a
# window of negative numbers is negative.

# %% [raw]
# # BEGIN SOLUTION


# %%
def max_pool(image, window, stride=None):
    """image (H, W) -> the largest number of each window × window square.

    stride: an int; None stands for the window. The shape is given by output_size, padding 0.
    """
    # BEGIN SOLUTION
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
    # END SOLUTION


def average_pool(image, window, stride=None):
    """image (H, W) -> the mean of each window × window square.

    stride: an int; None stands for the window. The shape is given by output_size, padding 0.
    """
    # BEGIN SOLUTION
    step = window if stride is None else stride
    height = (image.shape[0] - window) // step + 1
    width = (image.shape[1] - window) // step + 1
    means = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            means[i, j] = image[i * step : i * step + window, j * step : j * step + window].mean()
    return means
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_max_pool(max_pool, expect, np):
    image = np.array([[1.0, 5.0, -2.0, -3.0, 9.0], [2.0, 3.0, -5.0, -4.0, 9.0]])
    expect(
        max_pool(image, 2),
        [[5.0, -2.0]],
        "max_pool with window 2",
        "stride 2 by default, the fifth column is left over, and -2 is the largest of the second",
    )
    expect(
        max_pool(image, 2, 1),
        [[5.0, 5.0, -2.0, 9.0]],
        "max_pool with window 2 and stride 1",
        "windows overlap",
    )


# %%
def test_average_pool(average_pool, expect, np):
    image = np.arange(15).reshape(3, 5) ** 2
    expect(
        average_pool(image, 2),
        [[15.5, 31.5]],
        "average_pool with window 2",
        "stride 2 by default; the last row and the last column are left over",
    )
    expect(
        average_pool(image, 1, 2),
        [[0.0, 4.0, 16.0], [100.0, 144.0, 196.0]],
        "average_pool with window 1 and stride 2",
        "there are gaps between the windows",
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# A photo pooled by 4. The mean gives a small photo; the maximum keeps what is bright. On a map of
# features the maximum is the better summary: the mean of a thin edge and its dark surroundings is
# next to nothing, while the maximum reports that there *is* an edge. (The bright columns on the
# left and on the right are edges, too: between the sky and the zeros of the padding.)

# %%
edges = np.abs(filter_image(photo, sobel, padding=1))
_, panels = plt.subplots(2, 3, figsize=(11, 7.5))
for row, image, name, largest in [(0, photo, "photo", 255), (1, edges, "edges", 600)]:
    pooled = [image, average_pool(image, 4), max_pool(image, 4)]
    titles = [name, f"mean of 4 × 4 of the {name}", f"maximum of 4 × 4 of the {name}"]
    for panel, one, title in zip(panels[row], pooled, titles, strict=True):
        panel.imshow(one, cmap="gray", vmin=0, vmax=largest)
        panel.set_title(f"{title}\n{one.shape}", fontsize=11)
        panel.set(xticks=[], yticks=[])
plt.tight_layout()
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q6

# %% [markdown]
# ## q6 · Equivariance to shifts
#
# If the cat moves by 5 pixels, its map should move by 5 pixels and not change otherwise. An
# operation $f$ with that property is **equivariant** to shifts: with $S$ for "shift",
# $$f(S x) = S f(x) .$$
# (**Invariant** would be $f(Sx) = f(x)$: the result does not change at all. One lecture says
# invariance where a convolution has equivariance; some invariance comes in later, by pooling.)
#
# Do your operations have it? Do not believe it, measure it. `equivariance_error` goes both ways
# round, shift then operate and operate then shift, and returns the largest absolute difference
# between the two maps:
#
# - `shift(image, down, right)` moves an image within its frame: what leaves it is lost, **zeros**
#   come in from the other side. Negative numbers move up and to the left.
# - `operation` is a function of one argument, from an image to a map of any shape.
# - `step` is the number of pixels of the *image* that make one pixel of the *map*: 1 for a plain
#   filter, s for one with the stride s. The image is shifted by `step * down` and `step * right`,
#   the map by `down` and `right`.
# - `margin`: only entries that are at least so many rows and columns away from every border of the
#   map are compared. `margin=0` compares the whole maps, `margin=1` all but the outermost ring.

# %% [raw]
# # BEGIN SOLUTION


# %%
def shift(image, down, right):
    """image (H, W) -> (H, W), moved by `down` rows and `right` columns; zeros come in.

    Both may be negative, zero, or so large that nothing of the image is left.
    """
    # BEGIN SOLUTION
    height, width = image.shape
    moved = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            if 0 <= i - down < height and 0 <= j - right < width:
                moved[i, j] = image[i - down, j - right]
    return moved
    # END SOLUTION


def equivariance_error(operation, image, down, right, step=1, margin=0):
    """The largest |operation(shifted image) - shifted operation(image)|, a float.

    The image (H, W) is shifted by step · down and step · right, the map by down and right. Entries
    less than `margin` away from a border of the map are left out; some are always left.
    """
    # BEGIN SOLUTION
    of_shifted = operation(shift(image, step * down, step * right))
    shifted = shift(operation(image), down, right)
    difference = np.abs(of_shifted - shifted)
    rows, columns = difference.shape
    return float(difference[margin : rows - margin, margin : columns - margin].max())
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_shift(shift, expect, np):
    image = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    down = [[0.0, 0.0, 0.0], [1.0, 2.0, 3.0]]
    expect(shift(image, 1, 0), down, "shift(image, 1, 0)", "one row down, zeros come in above")
    left = [[3.0, 0.0, 0.0], [6.0, 0.0, 0.0]]
    expect(
        shift(image, 0, -2),
        left,
        "shift(image, 0, -2)",
        "two columns to the left; zeros come in, not what has left on the other side",
    )
    gone = np.zeros((2, 3))
    expect(shift(image, 0, 5), gone, "shift(image, 0, 5)", "nothing of the image is left")


# %%
def test_equivariance_error(equivariance_error, expect, np):
    image = np.array([[1.0, 2.0, 4.0], [3.0, 5.0, 1.0], [2.0, 0.0, 1.0]])

    def doubled(image):
        return 2.0 * image

    def distant(image):
        return -image * np.arange(3.0)

    def every_second(image):
        return image[::2, ::2]

    error = equivariance_error
    expect(error(doubled, image, 1, -1), 0.0, "the error of x -> 2 x", "it is equivariant")
    expect(
        error(distant, image, 0, 1),
        5.0,
        "the error of x[i, j] -> -j x[i, j]",
        "the largest |f(S x) - S f(x)|, here |-10 + 5| at the entry [1, 2]",
    )
    expect(
        error(distant, image, 0, 1, margin=1),
        3.0,
        "the same with margin 1",
        "only the middle one of the 3 × 3 entries counts: |-3 - 0|",
    )
    expect(
        error(every_second, image, 1, 0, step=2),
        0.0,
        "the error of taking every second pixel, step 2",
        "shift the image by step · down = 2 rows, the map by 1",
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **Where it holds and where it breaks.** First the two ways round for a shift of the photo by 8
# pixels to the right. Zeros came in on the left, a part of the photo left the frame on the right: a
# filter disagrees where it sees either, and nowhere else. With a margin as wide as the shift the
# error is 0. Pooling by 4 agrees as well, as long as the shift is a multiple of 4. Weights that
# differ from pixel to pixel, as in a fully connected layer, agree nowhere.


# %%
def soften(image):
    """The Gaussian filter with a map of the size of the image."""
    return filter_image(image, gaussian_kernel(5, 1.0), padding=2)


def pool(image):
    """The maximum of each 4 × 4 square."""
    return max_pool(image, 4)


unshared = np.random.default_rng(0).uniform(0.0, 1.0, photo.shape)


def weigh(image):
    """A weight of its own for each pixel."""
    return unshared * image


_, panels = plt.subplots(1, 3, figsize=(11, 4.3))
rows = [("Gaussian", soften, 1), ("maximum of 4 × 4", pool, 4), ("unshared weights", weigh, 1)]
for panel, (name, operation, step) in zip(panels, rows, strict=True):
    right = 8 // step
    whole = equivariance_error(operation, photo, 0, right, step=step)
    inner = equivariance_error(operation, photo, 0, right, step=step, margin=right)
    difference = operation(shift(photo, 0, 8)) - shift(operation(photo), 0, right)
    panel.imshow(np.abs(difference), cmap="magma", vmin=0, vmax=80)
    panel.set_title(f"{name}\nwhole map {whole:.1f}, inside {inner:.1f}", fontsize=11)
    panel.axis("off")
plt.show()

# %% [markdown]
# And a shift that is *no* multiple of the stride? Then no shift of the map fits. Below, for each
# shift of the photo, the smallest mean difference that any shift of the map leaves, away from the
# border. A map with a stride is equivariant only to shifts by whole strides; blurring first makes
# the teeth of the saw shorter.


# %%
def best_difference(operation, stride, pixels):
    """The mean |difference| of the two maps for the best shift of the map."""
    moved, still = operation(shift(photo, 0, pixels)), operation(photo)
    differences = [moved - shift(still, 0, right) for right in range(pixels // stride + 2)]
    margin = 12 // stride + 1
    return min(np.abs(d[margin:-margin, margin:-margin]).mean() for d in differences)


curves = [
    ("Gaussian, stride 1", soften, 1),
    ("maximum of 4 × 4", pool, 4),
    ("Gaussian, then maximum of 4 × 4", lambda image: pool(soften(image)), 4),
]
plt.figure(figsize=(7, 2.8))
for name, operation, stride in curves:
    plt.plot([best_difference(operation, stride, d) for d in range(13)], "o-", label=name)
plt.xlabel("shift of the photo, pixels")
plt.ylabel("best mean difference")
plt.xticks(range(0, 13, 2))
plt.ylim(-1.5, None)
plt.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), fontsize=9)
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q7

# %% [markdown]
# ## q7 · Several channels: a convolutional layer
#
# A colour photo has three channels, and a layer inside a network has dozens: one map per feature.
# So a layer takes C channels and makes K maps of them. Each of the K maps has a *stack* of C
# kernels, one for each channel; the C filtered channels are **added up**, and one bias is added to
# every entry of the map:
# $$y_{k} = b_k + \sum_{c=0}^{C-1} \text{filter}(x_c,\, W_{kc}), \qquad
#   x: (C, H, W), \quad W: (K, C, k_h, k_w), \quad b: (K,), \quad y: (K, H', W') .$$
#
# **What sharing saves.** A layer from a 28 × 28 image to six maps of 24 × 24 with kernels of 5 × 5
# has $6 \cdot 1 \cdot 25 + 6 = 156$ parameters. A fully connected layer between the same arrays has
# $784 \cdot 3456 + 3456 = 2\,712\,960$. Alternating such layers with pooling gave LeNet-5, in 1998
# (the paper of 1989 under that heading in a lecture is about its ancestor). You will write its
# backward pass in practical 4; forward, it is this:

# %% [raw]
# # BEGIN SOLUTION


# %%
def conv_layer(x, W, b, stride=1, padding=0):
    """x (C, H, W), W (K, C, kh, kw), b (K,) -> y (K, H', W'), by cross-correlation.

    Stride and zero padding as in filter_image, the same for all channels.
    """
    # BEGIN SOLUTION
    maps = []
    for kernels, bias in zip(W, b, strict=True):
        filtered = [
            filter_image(channel, kernel, stride, padding)
            for channel, kernel in zip(x, kernels, strict=True)
        ]
        maps.append(np.sum(filtered, axis=0) + bias)
    return np.stack(maps)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_conv_layer(conv_layer, expect, np):
    x = np.array([[[1.0, 2.0, 3.0]], [[10.0, 20.0, 30.0]]])
    W = np.array([[[[1.0, 1.0]], [[0.0, 1.0]]], [[[2.0, 0.0]], [[0.0, 0.0]]], [[[0.0, 0.0]]] * 2])
    y = conv_layer(x, W, np.array([-30.5, 0.0, 7.0]))
    expect(
        y,
        [[[-7.5, 4.5]], [[2.0, 4.0]], [[7.0, 7.0]]],
        "y",
        "x is (2, 1, 3), W is (3, 2, 1, 2): add up the two filtered channels, then the bias, once",
    )


# %%
def test_conv_layer_with_stride_and_padding(conv_layer, expect, np):
    y = conv_layer(np.ones((2, 4, 5)), np.ones((1, 2, 3, 3)), np.zeros(1), stride=2, padding=1)
    expect(
        y,
        [[[8.0, 12.0, 8.0], [12.0, 18.0, 12.0]]],
        "y with stride 2 and padding 1",
        "hand stride and padding on to the filter of each channel",
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# Three maps of the photo in colour: edges in any channel, red minus blue (1 × 1 kernels in the
# centre: a layer may mix channels without looking around), and edges between the two. In a network
# the kernels come from training; in the first layer they often end up like these.

# %%
x = colours.transpose(2, 0, 1) / 255.0
identity, edge = identity_kernel(3), edge_kernel()
W = np.array(
    [
        [edge, edge, edge],
        [identity, 0 * identity, -identity],
        [sobel, 0 * sobel, -sobel],
    ]
)
maps = conv_layer(x, W, np.zeros(3), padding=1)
_, panels = plt.subplots(1, 4, figsize=(11, 3.3))
panels[0].imshow(colours)
panels[0].set_title(f"x {x.shape}", fontsize=11)
panels[0].axis("off")
names = ["edges of all three", "red − blue", "Sobel of red − blue"]
for panel, one, name, largest in zip(panels[1:], maps, names, [1.5, 0.4, 0.8], strict=True):
    show(panel, one, name, largest)
plt.tight_layout()
plt.show()

# %% [markdown]
# ## How to submit
#
# 1. *Kernel → Restart and run all*: every `grader.check` above should say that it passed. Questions
#    left blank cost their own points only, and those of the questions that use them.
# 2. Save, and hand in this one file, `s5-convolutions.ipynb`, where your course collects homework.
#
# Taken from your notebook are the functions asked for and whatever they use; prints and plots are
# left out. Only numpy is installed where they run.
