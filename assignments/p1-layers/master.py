# %% [raw]
# # ASSIGNMENT CONFIG
# init_cell: true
# export_cell: false
# generate: true
# tests:
#   files: true
#   ok_format: false

# %% [markdown]
# # Practical 1 · Layers, losses and back-propagation
#
# A neural network is a chain of small functions, and each of them has to answer two questions:
#
# - **forward**: here is my input, what is my output?
# - **backward**: here is how much the loss changes when my *output* changes; how much does it
#   change when my *input* and my *parameters* change?
#
# Whatever can answer both is a **layer**. The chain rule then does the rest: the answer that one
# layer gives in `backward` is the question that the layer before it is asked. You will write the
# layers of a small library in numpy, check each one on its own, chain them, and finally write out
# back-propagation by hand for a network with one hidden layer.
#
# | question | you write | points in the hidden suite |
# |---|---|---|
# | q1 | `Linear` | 28 |
# | q2 | `Sigmoid`, `Tanh` | 14 |
# | q3 | `ReLU` | 9 |
# | q4 | `softmax` | 8 |
# | q5 | `SoftmaxCrossEntropy` | 13 |
# | q6 | `MSE` | 7 |
# | q7 | `Sequential` | 10 |
# | q8 | one step of back-propagation for a two-layer network | 11 |
#
# Run the next cell, then have a look at the drawing below it.

# %%
import matplotlib.pyplot as plt

# %% tags=["module"]
import numpy as np


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


# %%
_, axes = plt.subplots(figsize=(11, 2.6))
boxes = ["x\n(N, D)", "Linear\nW, b", "Sigmoid", "Linear\nW, b", "loss", "a number"]
for i, text in enumerate(boxes):
    plain = i in (0, len(boxes) - 1)
    style = {"boxstyle": "round,pad=0.5", "fc": "white" if plain else "#dbe9f6", "ec": "0.4"}
    axes.text(2 * i, 0, text, ha="center", va="center", bbox=style)
    if i + 1 < len(boxes):
        axes.annotate("", (2 * i + 1.3, 0.22), (2 * i + 0.7, 0.22), arrowprops={"color": "C0"})
        axes.annotate("", (2 * i + 0.7, -0.22), (2 * i + 1.3, -0.22), arrowprops={"color": "C1"})
axes.text(5, 0.6, "forward: values", ha="center", color="C0")
axes.text(5, -1.15, "backward: gradients, each of the shape of its value", ha="center", color="C1")
for i in (1, 3):
    axes.text(2 * i, -0.7, "grad_W, grad_b", ha="center", color="C1")
axes.set(xlim=(-0.8, 10.8), ylim=(-1.3, 0.9))
axes.axis("off")
plt.show()

# %% [markdown]
# ## What is agreed on in this practical
#
# Lectures and libraries differ in details. Here, and in the tests, these hold:
#
# 1. **Objects are rows.** A batch `x` has the shape (N, D): N objects with D features, and a linear
#    layer is $y = xW + b$ with `W` of shape (D, K). (The lectures write columns, $h = Wx$, and
#    then $\nabla_W = \nabla_h x^\top$; transpose both sides to get from one to the other.)
# 2. `backward(grad_output)` gets the gradient of the loss by the layer's output and returns the
#    gradient of the loss by the layer's input. It belongs to the **latest** `forward`.
# 3. Gradients of parameters are **overwritten** by each `backward`, never added up. They are *not*
#    divided by N in a layer: the loss is a mean, so its gradient brings the 1/N along.
# 4. Nobody's arrays are changed: not the input, not `grad_output`, not the labels, and `backward`
#    leaves `W` and `b` as they are. Whatever a layer or a loss needs later it keeps as a **copy**
#    of its own (or as something computed from it): the caller may reuse the array `x` between
#    `forward` and `backward`.
# 5. Everything is `float64`, also when the input is a batch of integers.
# 6. No result is NaN or infinite while the input is finite, not even at ±1000.
# 7. The derivative of ReLU at 0 is 0.
# 8. Losses are means: over the batch for cross-entropy, over all elements for MSE. They return a
#    `float`.
#
# **What the hidden suite looks at.** Your functions on random data of all kinds of sizes (N ≠ D,
# D ≠ K, a batch of one); gradients against finite differences, under a *random* upstream gradient;
# a layer used twice in a row with batches of different sizes; extreme inputs; integer inputs;
# whether your arrays and the caller's arrays stay apart. What the public tests below check is a
# small sample of that. Private attributes, helper functions, additional classes and the way you
# compute are up to you; names, argument orders and shapes in the docstrings are not.

# %% [raw]
# # BEGIN QUESTION
# name: q1

# %% [markdown]
# ## q1 · The linear layer
#
# A linear layer mixes features: each of its K outputs is a weighted sum of the D inputs plus a
# bias. Forward, for a batch: $$y = xW + b, \qquad y_{nk} = \sum_d x_{nd} W_{dk} + b_k .$$
#
# Backward gets $G = \partial L / \partial y$ of shape (N, K). Each entry of $W$ touches the loss
# through all N objects, each entry of $b$ too, each entry of $x$ through the K outputs of its row:
# $$\frac{\partial L}{\partial W} = x^\top G, \qquad
#   \frac{\partial L}{\partial b} = \sum_n G_n, \qquad
#   \frac{\partial L}{\partial x} = G W^\top .$$
# You need not learn these by heart: only one arrangement of the factors has the right shape.
#
# **Initial weights.** Zeros would make all K outputs equal for ever. Entries of $W$ are drawn from
# the normal distribution with mean 0 and *variance* $1/D$, that is, *standard deviation*
# $1/\sqrt D$, so that an output varies about as much as an input does; $b$ starts with zeros.
# `rng` may be `None`, an integer seed or a numpy `Generator`; `np.random.default_rng(rng)` turns
# any of them into a generator. Equal seeds give equal weights; the global state of `np.random` is
# left alone.

# %% [raw]
# # BEGIN SOLUTION


# %%
class Linear:
    """A fully connected layer, y = x W + b.

    Attributes: W (D, K) and b (K,); after `backward` also grad_W (D, K) and grad_b (K,).
    """

    def __init__(self, d_in, d_out, rng=None):
        """Draw W (d_in, d_out) from N(0, 1/d_in) and set b (d_out,) to zeros.

        rng: None, an integer seed or a numpy Generator.
        """
        # BEGIN SOLUTION
        rng = np.random.default_rng(rng)
        self.W = rng.normal(0.0, 1.0 / np.sqrt(d_in), size=(d_in, d_out))
        self.b = np.zeros(d_out)
        # END SOLUTION

    def forward(self, x):
        """x (N, D) -> y (N, K)."""
        # BEGIN SOLUTION
        self._x = np.array(x, dtype=float)
        return self._x @ self.W + self.b
        # END SOLUTION

    def backward(self, grad_output):
        """grad_output (N, K) -> gradient by x (N, D); sets grad_W (D, K) and grad_b (K,)."""
        # BEGIN SOLUTION
        self.grad_W = self._x.T @ grad_output
        self.grad_b = grad_output.sum(axis=0)
        return grad_output @ self.W.T
        # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_initial_weights(Linear, expect, np):
    layer = Linear(400, 50, 1)
    expect(layer.b, np.zeros(50), "b", "one bias per output, zeros at first")
    assert layer.W.shape == (400, 50), f"W has shape {layer.W.shape}, expected (d_in, d_out)"
    spread = layer.W.std() * np.sqrt(400)
    assert 0.95 < spread < 1.05, (
        f"the standard deviation of W is {spread:.3f} / sqrt(d_in), expected 1 / sqrt(d_in)"
    )
    assert np.array_equal(layer.W, Linear(400, 50, 1).W), "equal seeds must give equal weights"


# %%
def test_forward(Linear, expect, np):
    layer = Linear(3, 2)
    layer.W = np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 0.5]])
    layer.b = np.array([10.0, 20.0])
    x = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, -1.0], [2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    y = np.array([[20.0, 21.5], [7.0, 18.5], [12.0, 24.0], [10.0, 20.0]])
    expect(layer.forward(x), y, "y", "x is (N, D) and W is (D, K), so y = x W + b")


# %%
def test_gradients_of_the_parameters(Linear, expect, np):
    layer = Linear(4, 3)
    x = np.array([[1.0, 0.0, 2.0, -1.0], [0.5, 3.0, 0.0, 1.0]])
    grad_output = np.array([[1.0, 0.0, -2.0], [2.0, 1.0, 0.0]])
    layer.forward(x)
    layer.backward(grad_output)
    grad_W = [[2.0, 0.5, -2.0], [6.0, 3.0, 0.0], [2.0, 0.0, -4.0], [1.0, 1.0, 2.0]]
    expect(
        layer.grad_W,
        grad_W,
        "grad_W",
        "x is (N, D) and W is (D, K), so grad_W = xᵀ · grad_output, summed over the batch",
    )
    expect(
        layer.grad_b,
        [3.0, 1.0, -2.0],
        "grad_b",
        "forward added b to each of the N rows, so grad_b is the sum over the rows",
    )


# %%
def test_gradient_of_the_input(Linear, expect, np):
    layer = Linear(3, 2)
    layer.W = np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 0.5]])
    layer.forward(np.ones((2, 3)))
    grad_x = layer.backward(np.array([[1.0, 1.0], [2.0, -1.0]]))
    expect(
        grad_x,
        [[3.0, -1.0, 3.5], [0.0, 1.0, 5.5]],
        "the gradient by x",
        "grad_output is (N, K) and W is (D, K), so it is grad_output · Wᵀ",
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q2

# %% [markdown]
# ## q2 · Sigmoid and tanh
#
# A chain of linear layers is one linear layer, so something bent has to stand between them. The
# sigmoid squeezes any number into (0, 1), the hyperbolic tangent into (−1, 1):
# $$\sigma(z) = \frac{1}{1 + e^{-z}}, \qquad \sigma' = \sigma (1 - \sigma), \qquad
#   \tanh z = 2\sigma(2z) - 1, \qquad \tanh' = 1 - \tanh^2 .$$
#
# Both derivatives are made of the *output*, which the layer therefore remembers. An elementwise
# layer has no parameters, and its backward is one product: `grad_output` times the derivative,
# element by element.
#
# **Numbers.** $e^{1000}$ is infinite in float64, and ∞/∞ is NaN. In σ you may divide numerator and
# denominator by whatever is large, so that only $e^{-|z|}$ is ever computed.

# %% [raw]
# # BEGIN SOLUTION


# %%
def sigmoid(z):
    """Elementwise 1 / (1 + exp(-z)) of an array of any shape, for any finite z."""
    # BEGIN SOLUTION
    z = np.asarray(z, dtype=float)
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1.0 + small)
    # END SOLUTION


class Sigmoid:
    """The layer y = σ(x), elementwise."""

    def forward(self, x):
        """x of any shape -> y of the same shape."""
        # BEGIN SOLUTION
        self._y = sigmoid(x)
        return self._y
        # END SOLUTION

    def backward(self, grad_output):
        """grad_output -> gradient by x, both of the shape of x."""
        # BEGIN SOLUTION
        return grad_output * self._y * (1.0 - self._y)
        # END SOLUTION


class Tanh:
    """The layer y = tanh(x), elementwise."""

    def forward(self, x):
        """x of any shape -> y of the same shape."""
        # BEGIN SOLUTION
        self._y = np.tanh(x)
        return self._y
        # END SOLUTION

    def backward(self, grad_output):
        """grad_output -> gradient by x, both of the shape of x."""
        # BEGIN SOLUTION
        return grad_output * (1.0 - self._y**2)
        # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_sigmoid(Sigmoid, expect, np):
    layer = Sigmoid()
    y = layer.forward(np.array([[0.0, np.log(3.0)], [-np.log(3.0), -1000.0]]))
    expect(y, [[0.5, 0.75], [0.25, 0.0]], "sigmoid", "1 / (1 + exp(-x)), also at x = -1000")
    grad_x = layer.backward(np.array([[4.0, -1.0], [2.0, 1.0]]))
    expect(
        grad_x,
        [[1.0, -0.1875], [0.375, 0.0]],
        "the gradient by x of the sigmoid",
        "grad_output · y · (1 - y), where y is the output",
    )


# %%
def test_tanh(Tanh, expect, np):
    layer = Tanh()
    y = layer.forward(np.array([[0.0, np.log(2.0), -np.log(3.0), 1000.0]]))
    expect(y, [[0.0, 0.6, -0.8, 1.0]], "tanh", "(exp(x) - exp(-x)) / (exp(x) + exp(-x)), at any x")
    grad_x = layer.backward(np.array([[3.0, 1.0, -2.0, 5.0]]))
    expect(
        grad_x,
        [[3.0, 0.64, -0.72, 0.0]],
        "the gradient by x of tanh",
        "grad_output · (1 - y²), where y is the output",
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q3

# %% [markdown]
# ## q3 · ReLU
#
# The rectified linear unit lets positive numbers through and stops the rest:
# $$\mathrm{ReLU}(x) = \max(0, x), \qquad
#   \mathrm{ReLU}'(x) = \begin{cases} 1, & x > 0 \\ 0, & x \le 0 \end{cases}$$
#
# Where σ and tanh flatten out and their gradients die away, ReLU passes the gradient on whole, or
# not at all. Which of the two is decided by the sign of the *input* of the latest forward, not by
# the sign of the gradient that comes back. ReLU also gives 0 at −∞ (where `x * (x > 0)` is NaN).

# %% [raw]
# # BEGIN SOLUTION


# %%
class ReLU:
    """The layer y = max(0, x), elementwise; its derivative at 0 is 0."""

    def forward(self, x):
        """x of any shape -> y of the same shape."""
        # BEGIN SOLUTION
        x = np.asarray(x, dtype=float)
        self._positive = x > 0
        return np.maximum(x, 0.0)
        # END SOLUTION

    def backward(self, grad_output):
        """grad_output -> gradient by x, both of the shape of x."""
        # BEGIN SOLUTION
        return grad_output * self._positive
        # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_relu(ReLU, expect, np):
    layer = ReLU()
    x = np.array([[-2.0, 0.0, 3.0], [0.5, -0.5, 1.0]])
    expect(layer.forward(x), [[0.0, 0.0, 3.0], [0.5, 0.0, 1.0]], "ReLU", "max(0, x)")
    assert x[0, 0] == -2.0, "forward has changed its input: compute a new array"
    grad_x = layer.backward(np.array([[1.0, 2.0, -3.0], [4.0, 5.0, 6.0]]))
    expect(
        grad_x,
        [[0.0, 0.0, -3.0], [4.0, 0.0, 6.0]],
        "the gradient by x of ReLU",
        "grad_output where x > 0, and 0 elsewhere, also where x = 0",
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# Your three activations (solid) and their derivatives (dashed), drawn with your own code. Look at
# how little of the sigmoid's gradient is left: 1/4 at most, so a chain of sigmoids fades quickly.

# %%
points = np.linspace(-5, 5, 201)[:, None]
_, panels = plt.subplots(1, 3, figsize=(11, 2.6), sharex=True)
for panel, layer in zip(panels, [Sigmoid(), Tanh(), ReLU()], strict=True):
    panel.plot(points, layer.forward(points), "C0")
    panel.plot(points, layer.backward(np.ones_like(points)), "C1--")
    panel.set(title=type(layer).__name__, ylim=(-1.2, 2.2))
    panel.grid(alpha=0.3)
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q4

# %% [markdown]
# ## q4 · Softmax
#
# A classifier ends in C real numbers per object, the *logits*. Softmax turns each row of them into
# probabilities: $$p_{nc} = \frac{e^{z_{nc}}}{\sum_s e^{z_{ns}}} .$$
#
# Adding one number to a whole row changes nothing (it cancels), and that is the way out of
# overflow: subtract the row's own maximum first. One maximum for the whole batch is not enough:
# a row far below it would become 0/0.

# %% [raw]
# # BEGIN SOLUTION


# %%
def softmax(z):
    """Logits z (N, C) -> probabilities (N, C); each row sums to 1."""
    # BEGIN SOLUTION
    z = np.asarray(z, dtype=float)
    weights = np.exp(z - z.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_softmax(softmax, expect, np):
    z = np.log(np.array([[1.0, 2.0, 5.0], [3.0, 3.0, 2.0]]))
    p = np.array([[0.125, 0.25, 0.625], [0.375, 0.375, 0.25]])
    expect(softmax(z), p, "softmax", "each row is divided by its own sum: axis=1, keepdims=True")
    expect(softmax(z + 1000.0), p, "softmax of large logits", "subtract each row's maximum first")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q5

# %% [markdown]
# ## q5 · Cross-entropy of the softmax
#
# The loss of one object is minus the logarithm of the probability that the network gave to its
# true class $y_n$; the loss of the batch is the mean. It measures how much the prediction *differs*
# from the truth: 0 for a sure and right answer, ln C for a shrug, without bound for a sure and
# wrong one.
# $$L = -\frac1N \sum_n \ln p_{n y_n}
#     = \frac1N \sum_n \Bigl( \ln \sum_s e^{z_{ns}} - z_{n y_n} \Bigr), \qquad
#   \frac{\partial L}{\partial z_{nc}} = \frac{p_{nc} - [c = y_n]}{N} .$$
#
# The right-hand form of L needs no probabilities: with a sure and wrong network $p_{n y_n}$ is 0 in
# float64 and its logarithm −∞, while the logits still know that the loss is, say, 1000. Adding a
# small number inside the logarithm hides the infinity and spoils the value; do not.
#
# A loss is the end of the chain: its `backward` takes no argument.

# %% [raw]
# # BEGIN SOLUTION


# %%
class SoftmaxCrossEntropy:
    """Mean cross-entropy between softmax(logits) and the true classes."""

    def forward(self, logits, labels):
        """logits (N, C), labels (N,) of integers 0 … C - 1 -> the loss, a float."""
        # BEGIN SOLUTION
        logits = np.asarray(logits, dtype=float)
        shifted = logits - logits.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self._p = np.exp(log_p)
        self._labels = np.array(labels)
        return float(-log_p[np.arange(len(log_p)), self._labels].mean())
        # END SOLUTION

    def backward(self):
        """The gradient of the loss by the logits (N, C)."""
        # BEGIN SOLUTION
        grad = self._p.copy()
        grad[np.arange(len(grad)), self._labels] -= 1.0
        return grad / len(grad)
        # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_cross_entropy(SoftmaxCrossEntropy, expect, np):
    loss = SoftmaxCrossEntropy()
    logits = np.log(np.array([[1.0, 2.0, 5.0], [3.0, 3.0, 2.0]]))
    value = loss.forward(logits, np.array([2, 0]))
    expect(value, -np.log(0.625 * 0.375) / 2, "the loss", "the mean over the batch of -ln p[true]")
    expect(
        loss.backward(),
        [[0.0625, 0.125, -0.1875], [-0.3125, 0.1875, 0.125]],
        "the gradient by the logits",
        "(p - one-hot) / N",
    )


# %%
def test_confident_and_wrong(SoftmaxCrossEntropy, expect, np):
    value = SoftmaxCrossEntropy().forward(np.array([[1000.0, 0.0]]), np.array([1]))
    expect(value, 1000.0, "the loss of a confident wrong answer", "take ln Σ exp(z) - z[true]")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q6

# %% [markdown]
# ## q6 · Mean squared error
#
# For numbers rather than classes: the mean of the squared differences over **all** elements, of
# which there may be N × K, or simply N:
# $$L = \frac{1}{M} \sum_{i=1}^{M} (a_i - y_i)^2, \qquad
#   \frac{\partial L}{\partial a_i} = \frac{2 (a_i - y_i)}{M}, \qquad M = \text{their number.}$$
#
# Some lectures call $\frac12 \sum_m (a_m - y_m)^2$ a mean square, too. It is half a *sum*; you will
# meet it in q8, under its own name. Here there is no half.

# %% [raw]
# # BEGIN SOLUTION


# %%
class MSE:
    """Mean squared error over all elements."""

    def forward(self, prediction, target):
        """prediction and target of one and the same shape, any -> the loss, a float."""
        # BEGIN SOLUTION
        self._difference = np.asarray(prediction, dtype=float) - target
        return float(np.mean(self._difference**2))
        # END SOLUTION

    def backward(self):
        """The gradient of the loss by the prediction, of the same shape."""
        # BEGIN SOLUTION
        return 2.0 * self._difference / self._difference.size
        # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_mean_squared_error(MSE, expect, np):
    loss = MSE()
    prediction = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 4.0]])
    target = np.array([[1.0, 0.0, 2.0], [3.0, -1.0, 0.0]])
    expect(loss.forward(prediction, target), 5.0, "the loss", "the mean over all N·K elements")
    grad = np.array([[0.0, 2.0, 1.0], [-3.0, 0.0, 4.0]]) / 3
    expect(loss.backward(), grad, "the gradient by the prediction", "2 · difference / (N·K)")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q7

# %% [markdown]
# ## q7 · Sequential: the chain
#
# Forward runs through the layers from first to last, each one fed with what the layer before it
# gave. Backward runs from last to first: the loss hands its gradient to the *last* layer, and each
# layer hands on what it returned.
#
# `parameters()` is what an optimizer wants to see: a list of pairs (parameter, gradient), layer by
# layer in the order of the chain, `W` before `b`; layers without parameters add nothing. It is
# called after a `backward`. The pairs hold the layers' own arrays, not copies, so that
# `parameter -= step * gradient` trains the network.

# %% [raw]
# # BEGIN SOLUTION


# %%
class Sequential:
    """A chain of layers. Attribute: layers, the list of the given layer objects themselves."""

    def __init__(self, layers):
        """layers: the layer objects, first to last."""
        # BEGIN SOLUTION
        self.layers = list(layers)
        # END SOLUTION

    def forward(self, x):
        """The input of the first layer -> the output of the last."""
        # BEGIN SOLUTION
        for layer in self.layers:
            x = layer.forward(x)
        return x
        # END SOLUTION

    def backward(self, grad_output):
        """The gradient by the output of the last layer -> the gradient by the first one's input."""
        # BEGIN SOLUTION
        for layer in reversed(self.layers):
            grad_output = layer.backward(grad_output)
        return grad_output
        # END SOLUTION

    def parameters(self):
        """A list of (parameter, gradient): W then b of each linear layer, in order."""
        # BEGIN SOLUTION
        pairs = []
        for layer in self.layers:
            if isinstance(layer, Linear):
                pairs += [(layer.W, layer.grad_W), (layer.b, layer.grad_b)]
        return pairs
        # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_chain(Sequential, Linear, ReLU, expect, np):
    first, last = Linear(2, 3), Linear(3, 1)
    first.W = np.array([[1.0, -1.0, 0.0], [0.0, 2.0, 1.0]])
    last.W = np.array([[1.0], [2.0], [3.0]])
    network = Sequential([first, ReLU(), last])
    y = network.forward(np.array([[1.0, 1.0], [2.0, -1.0]]))
    expect(y, [[6.0], [2.0]], "the output", "feed each layer with what the one before it gave")
    grad_x = network.backward(np.array([[1.0], [-1.0]]))
    expect(
        grad_x,
        [[-1.0, 7.0], [-1.0, 0.0]],
        "the gradient by the input",
        "go through the layers from last to first",
    )


# %%
def test_parameters(Sequential, Linear, Tanh, np):
    first, last = Linear(2, 3), Linear(3, 1)
    network = Sequential([first, Tanh(), last])
    network.forward(np.ones((4, 2)))
    network.backward(np.ones((4, 1)))
    pairs = network.parameters()
    assert len(pairs) == 4, f"{len(pairs)} pairs, expected 4: W and b of each of the two layers"
    names = ["W of the first layer", "b of the first", "W of the last layer", "b of the last"]
    wanted = [first.W, first.b, last.W, last.b]
    for (parameter, gradient), own, name in zip(pairs, wanted, names, strict=True):
        assert parameter.shape == own.shape, "expected " + name + ": the order is W, b, W, b"
        assert np.shares_memory(parameter, own), name + " is a copy, not the layer's own array"
        assert gradient.shape == own.shape, "the gradient of " + name + " has the wrong shape"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **Everything together.** Three arms of a spiral, a chain of your layers, your loss, and plain
# gradient descent: each parameter takes a step *against* its gradient. The picture shows which
# class the network would choose where. It takes a few seconds; if your gradients are right, the
# accuracy ends above 0.95.

# %%
generator = np.random.default_rng(0)
turn = np.tile(np.linspace(0.5, 4.0, 80), 3)
spiral_labels = np.repeat(np.arange(3), 80)
angle = turn + spiral_labels * 2 * np.pi / 3 + generator.normal(0, 0.12, turn.size)
spiral = np.stack([turn * np.cos(angle), turn * np.sin(angle)], axis=1) / 2

network = Sequential([Linear(2, 32, 1), Tanh(), Linear(32, 32, 2), ReLU(), Linear(32, 3, 3)])
criterion = SoftmaxCrossEntropy()
history = []
for _ in range(1500):
    history.append(criterion.forward(network.forward(spiral), spiral_labels))
    network.backward(criterion.backward())
    for parameter, gradient in network.parameters():
        parameter -= 0.3 * gradient

accuracy = np.mean(network.forward(spiral).argmax(axis=1) == spiral_labels)
grid = np.stack(np.meshgrid(np.linspace(-2.3, 2.3, 150), np.linspace(-2.3, 2.3, 150)), axis=-1)
regions = network.forward(grid.reshape(-1, 2)).argmax(axis=1).reshape(150, 150)
_, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
left.semilogy(history)
left.set(xlabel="step", ylabel="cross-entropy", title="loss")
right.contourf(grid[..., 0], grid[..., 1], regions, levels=[-0.5, 0.5, 1.5, 2.5], alpha=0.3)
right.scatter(*spiral.T, c=spiral_labels, s=12)
right.set(title=f"accuracy {accuracy:.3f}", aspect="equal")
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q8

# %% [markdown]
# ## q8 · Back-propagation by hand, one object at a time
#
# Before there were libraries of layers, the algorithm was written out for one network: n inputs, H
# hidden neurons, M outputs, a sigmoid in every neuron, trained on one object after another. Do it
# once; it is the same chain rule, with the sums in plain view.
#
# **Biases are extra rows.** An additional input $x^0 = 1$ and an additional hidden value $u^0 = 1$
# carry them: `W1` has the shape (n + 1, H), `W2` has the shape (H + 1, M), and **row 0** of each is
# the bias. For one object x of shape (n,) with the answer y of shape (M,):
# $$u^h = \sigma\Bigl(\sum_{j=0}^{n} W^{(1)}_{jh} x^j\Bigr), \qquad
#   a^m = \sigma\Bigl(\sum_{h=0}^{H} W^{(2)}_{hm} u^h\Bigr), \qquad
#   \mathcal{L} = \frac12 \sum_{m=1}^{M} (a^m - y^m)^2 .$$
#
# The errors travel back through the same weights, each multiplied by the derivative of the neuron
# that it passes (one of the lectures drops the factor $\sigma'$; it belongs there):
# $$\varepsilon^m = a^m - y^m, \qquad
#   \varepsilon^h = \sum_{m=1}^{M} \varepsilon^m\, \sigma'_m\, W^{(2)}_{hm}
#   \quad (h = 1, \dots, H), \qquad \sigma'_m = a^m (1 - a^m),\; \sigma'_h = u^h (1 - u^h) .$$
#
# Then one step against the gradient, with **all** gradients taken at the **old** weights:
# $$W^{(2)}_{hm} \leftarrow W^{(2)}_{hm} - \alpha\, \varepsilon^m \sigma'_m u^h, \qquad
#   W^{(1)}_{jh} \leftarrow W^{(1)}_{jh} - \alpha\, \varepsilon^h \sigma'_h x^j .$$
#
# **Running risk.** Evaluating the risk on all objects after every step would cost more than the
# training. A running mean of the losses seen on the way does nearly as well:
# $$Q \leftarrow (1 - \eta)\, Q + \eta\, \mathcal{L},$$
# where $\mathcal{L}$ is the loss *before* the step and $0 < \eta < 1$ says how fast the past is
# forgotten. To continue as a mean Q has to begin as one: the initial Q is the **mean** of
# $\mathcal{L}$ over the objects, not their sum.

# %% [raw]
# # BEGIN SOLUTION


# %%
def two_layer_forward(x, W1, W2):
    """One object x (n,), W1 (n + 1, H), W2 (H + 1, M) -> the tuple (u, a) of shapes (H,), (M,).

    u is returned without the extra u⁰ = 1.
    """
    # BEGIN SOLUTION
    u = sigmoid(np.concatenate([[1.0], x]) @ W1)
    a = sigmoid(np.concatenate([[1.0], u]) @ W2)
    return u, a
    # END SOLUTION


def mean_risk(X, Y, W1, W2):
    """Objects X (N, n), answers Y (N, M) -> the mean over the objects of ½ Σ (a - y)², a float."""
    # BEGIN SOLUTION
    losses = []
    for x, y in zip(X, Y, strict=True):
        _, a = two_layer_forward(x, W1, W2)
        losses.append(0.5 * np.sum((a - y) ** 2))
    return float(np.mean(losses))
    # END SOLUTION


def backpropagation_step(x, y, W1, W2, Q, alpha, eta):
    """One step on the object x (n,) with the answer y (M,).

    Q: the running risk so far, alpha: the step, eta: the rate of forgetting.
    Returns the tuple (new W1, new W2, new Q); the given arrays stay as they are.
    """
    # BEGIN SOLUTION
    u, a = two_layer_forward(x, W1, W2)
    error = a - y
    delta = error * a * (1.0 - a)
    hidden_error = W2[1:] @ delta
    hidden_delta = hidden_error * u * (1.0 - u)
    new_W2 = W2 - alpha * np.outer(np.concatenate([[1.0], u]), delta)
    new_W1 = W1 - alpha * np.outer(np.concatenate([[1.0], x]), hidden_delta)
    loss = 0.5 * np.sum(error**2)
    return new_W1, new_W2, float((1.0 - eta) * Q + eta * loss)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_forward_of_two_layers(two_layer_forward, expect, np):
    W1 = np.log(np.array([[1.0, 2.0, 3.0], [3.0, 1.0, 1.0]]))
    W2 = np.zeros((4, 2))
    W2[:, 1] = [0.0, 2.0, 2.0, -4.0]
    u, a = two_layer_forward(np.array([1.0]), W1, W2)
    expect(u, [3 / 4, 2 / 3, 3 / 4], "u", "row 0 of W1 is the bias: σ of [1, x] · W1")
    expect(a, [1 / 2, 0.4584295167832], "a", "row 0 of W2 is the bias: σ of [1, u] · W2")


# %%
def test_mean_risk(mean_risk, expect, np):
    X, Y = np.zeros((4, 3)), np.array([[1.0, 0.5], [0.0, 0.5], [1.0, 1.0], [0.5, 0.5]])
    risk = mean_risk(X, Y, np.zeros((4, 5)), np.zeros((6, 2)))
    expect(risk, 0.125, "the risk", "half a sum of squares per object, then the mean over objects")


# %%
def test_one_step(backpropagation_step, expect, np):
    W1, W2 = np.zeros((3, 2)), np.array([[0.0], [1.0], [-1.0]])
    x, y = np.array([2.0, -1.0]), np.array([1.0])
    new_W1, new_W2, Q = backpropagation_step(x, y, W1, W2, 1.0, 8.0, 0.5)
    expect(
        new_W2,
        [[1.0], [1.5], [-0.5]],
        "new W2",
        "W2 - α · ε · a (1 - a) · [1, u]: a step against the gradient",
    )
    expect(
        new_W1,
        [[0.25, -0.25], [0.5, -0.5], [-0.25, 0.25]],
        "new W1",
        "the hidden error uses a (1 - a) and the old W2 without its bias row",
    )
    expect(Q, 0.5625, "Q", "(1 - η) · Q + η · ½ Σ (a - y)², with a from before the step")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **Exclusive or**, which no single neuron can compute. Your network learns it, object by object;
# the running risk follows the true one closely at a tiny part of its price.

# %%
generator = np.random.default_rng(3)
X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = np.array([[0.0], [1.0], [1.0], [0.0]])
W1, W2 = generator.normal(size=(3, 4)), generator.normal(size=(5, 1))
Q = mean_risk(X, Y, W1, W2)
running, true = [], []
for step in range(8000):
    i = generator.integers(4)
    W1, W2, Q = backpropagation_step(X[i], Y[i], W1, W2, Q, 2.0, 0.02)
    if step % 20 == 0:
        running.append(Q)
        true.append(mean_risk(X, Y, W1, W2))
plt.figure(figsize=(7, 2.8))
plt.semilogy(np.arange(0, 8000, 20), running, label="running risk Q")
plt.semilogy(np.arange(0, 8000, 20), true, label="risk over all objects")
plt.xlabel("step")
plt.legend()
plt.show()
for x in X:
    print(x, two_layer_forward(x, W1, W2)[1].round(3))

# %% [markdown]
# ## How to submit
#
# 1. *Kernel → Restart and run all*: every `grader.check` above should say that it passed. Questions
#    left blank cost their own points only.
# 2. Save, and hand in this one file, `p1-layers.ipynb`, where your course collects homework.
#
# Taken from your notebook are the classes and functions asked for and whatever they use; prints,
# plots and training loops are left out. Only numpy is installed where they run.
