# %% [raw]
# # ASSIGNMENT CONFIG
# init_cell: true
# export_cell: false
# generate: true
# tests:
#   files: true
#   ok_format: false

# %% [markdown]
# # Seminar 1 · Neurons
#
# An artificial neuron does two things: it adds up its inputs, each multiplied by a **weight** that
# says how much this input matters, and it sends the sum through an **activation**, which decides
# what to say about it:
# $$a = \varphi(s), \qquad s = \sum_i w_i x_i + b .$$
# That is all. In this seminar you will see how far one neuron gets (AND, OR, a straight line
# through a cloud of points), where it stops (XOR), why a second layer removes that border, and how
# a neuron finds its weights by itself: first by correcting its mistakes, then by going downhill.
#
# | question | you write | points in the hidden suite |
# |---|---|---|
# | q1 | the activations: Heaviside, sign, sigmoid, tanh, ReLU | 20 |
# | q2 | the neuron of McCulloch and Pitts | 8 |
# | q3 | AND and OR | 8 |
# | q4 | XOR, by an additional feature and by a second layer | 14 |
# | q5 | any Boolean function | 12 |
# | q6 | Hebb's rule | 12 |
# | q7 | the linear neuron and the delta rule | 12 |
# | q8 | training: full batch, online, mini-batches | 14 |
#
# Run the next cells, then have a look at the drawing.

# %%
import matplotlib.pyplot as plt

# %% tags=["module"]
import numpy as np


# %%
def expect(actual, expected, what, remedy=""):
    """Compare a result with the right one; say the first thing that differs, and the remedy."""
    expected = np.asarray(expected, dtype=float)
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


def expect_items(value, names, function):
    """Check that a function returned a tuple with one item for each of the names."""
    assert value is not None, f"{function} returned None. Is the `return` missing?"
    assert isinstance(value, (tuple, list)) and len(value) == len(names), (
        f"{function} should return the tuple ({', '.join(names)})"
    )


def expect_answers(answers, wanted, X, what, remedy=""):
    """Compare answers of 0 and 1 for the inputs X; name the first input with a wrong one."""
    for x, answer, right in zip(X, answers, wanted, strict=True):
        assert answer == right, (
            f"{what} answers {answer:g} to the input {x.astype(int).tolist()}, expected {right:g}"
            + (": " + remedy if remedy else "")
        )


# %%
figure, axes = plt.subplots(figsize=(9, 2.9))
for i, y in enumerate((2.0, 1.0, 0.0)):
    axes.text(
        0, y, f"$x_{i + 1}$", ha="center", va="center", bbox={"boxstyle": "circle", "fc": "w"}
    )
    axes.annotate("", (3.1, 1 + 0.25 * (y - 1)), (0.35, y), arrowprops={"arrowstyle": "->"})
    axes.text(1.5, 1.17 + 0.65 * (y - 1), f"$w_{i + 1}$", ha="center", color="C0")
style = {"boxstyle": "round,pad=0.6", "fc": "#dbe9f6", "ec": "0.4"}
axes.text(4.1, 1, r"$s=\sum_i w_i x_i + b$", ha="center", va="center", bbox=style)
axes.text(6.9, 1, r"$\varphi(s)$", ha="center", va="center", bbox=style)
axes.text(8.7, 1, "$a$", ha="center", va="center", bbox={"boxstyle": "circle", "fc": "w"})
axes.annotate("", (4.1, 1.42), (4.1, 2.1), arrowprops={"arrowstyle": "->", "color": "C0"})
axes.text(4.1, 2.25, "bias $b$", ha="center", color="C0")
for start, end in ((5.2, 6.3), (7.45, 8.35)):
    axes.annotate("", (end, 1), (start, 1), arrowprops={"arrowstyle": "->"})
axes.text(4.1, 0.2, "the sum", ha="center", color="0.4")
axes.text(6.9, 0.2, "the activation", ha="center", color="0.4")
axes.set(xlim=(-0.6, 9.3), ylim=(-0.5, 2.6))
axes.axis("off")
plt.show()

# %% [markdown]
# ## What is agreed on in this seminar
#
# Lectures and libraries differ in details. Here, and in the tests, these hold:
#
# 1. **Objects are rows.** `X` has the shape (N, D): N objects with D features. One neuron has the
#    weights `w` of shape (D,) and a bias `b`, a number; a layer of H neurons has `W` of shape
#    (D, H), one *column* for each neuron, and `b` of shape (H,). N may be 1.
# 2. **The bias is added:** $s = w \cdot x + b$. One of the lectures subtracts a threshold,
#    $w \cdot x - w_0$; that is the same neuron with $b = -w_0$.
# 3. **At the jump:** Heaviside(0) = 1 and sign(0) = +1. (The lecture leaves Heaviside open at 0.)
# 4. The signals of logic are the numbers 0 (false) and 1 (true).
# 5. Results are `float64`, zeros and ones too, also where `X` or `y` holds integers. Weights and
#    biases that are handed to you are already `float64`. A single number may be a Python `float`
#    or a numpy one.
# 6. Activations take arrays of any shape, with any numbers in them, ±1000 and ±∞ too; the result
#    has the same shape and is never NaN.
# 7. **Nobody's arrays are changed.** A learning step returns *new* weights; the given ones keep
#    their values.
# 8. The **risk** is a *mean* over the objects, $\frac1N \sum_n \frac12 (a_n - y_n)^2$. (See q7: the
#    lecture's "mean squared error" is half a *sum*.)
# 9. Functions that return several things return a tuple, in the order of the docstring.
#
# **What the hidden suite looks at.** Your functions on random data of all kinds of sizes (N ≠ D, a
# batch of one, integers); extreme inputs and zero; gates with 2, 3, 4 … inputs on *all* of their
# inputs; many truth tables, the constant ones among them; single learning steps and a few epochs
# with given weights, compared number by number; the order of the objects when they are shuffled;
# whether your arrays and the caller's arrays stay apart. What the public tests check is a small
# sample of that. Where weights are asked for, any weights that do the job are right. How you
# compute is up to you, and you may add helper functions; names, argument orders and shapes in the
# docstrings are fixed.

# %% [raw]
# # BEGIN QUESTION
# name: q1

# %% [markdown]
# ## q1 · Activations
#
# The first neurons could only fire or be silent. Their activation is a step, with the two values
# 0, 1 (Heaviside) or −1, +1 (sign). A step says *which side*, but not *how far*, and it has no
# slope from which one could learn. So smooth steps replaced it, and then a bent line:
# $$\theta(z) = \begin{cases} 0, & z < 0 \\ 1, & z \ge 0 \end{cases} \qquad
#   \operatorname{sign}(z) = \begin{cases} -1, & z < 0 \\ +1, & z \ge 0 \end{cases}$$
# $$\sigma(z) = \frac{1}{1 + e^{-z}} \qquad
#   \tanh z = 2\sigma(2z) - 1 \qquad
#   \operatorname{ReLU}(z) = \max(0, z)$$
#
# The hyperbolic tangent is a sigmoid, stretched to (−1, 1) and twice as steep.
#
# **Numbers.** $e^{1000}$ is infinite in float64, and ∞/∞ is NaN. The lecture's other formula for
# tanh, $(e^{2z} - 1)/(e^{2z} + 1)$, breaks at z = 400 for that reason, and so does
# $e^z/(1 + e^z)$ for σ. You may divide the numerator and the denominator of σ by whatever is large,
# so that only $e^{-|z|}$ is ever computed. In ReLU beware of $-\infty \cdot 0$, which is NaN.
#
# `np.asarray(z, dtype=float)` turns integers into floats, and leaves floats alone.

# %% [raw]
# # BEGIN SOLUTION


# %%
def heaviside(z):
    """An array of any shape -> 1.0 where z >= 0, otherwise 0.0."""
    # BEGIN SOLUTION
    return np.where(np.asarray(z) >= 0, 1.0, 0.0)
    # END SOLUTION


def sign(z):
    """An array of any shape -> +1.0 where z >= 0, otherwise -1.0."""
    # BEGIN SOLUTION
    return np.where(np.asarray(z) >= 0, 1.0, -1.0)
    # END SOLUTION


def sigmoid(z):
    """An array of any shape -> 1 / (1 + exp(-z)) of each element."""
    # BEGIN SOLUTION
    z = np.asarray(z, dtype=float)
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1.0 + small)
    # END SOLUTION


def tanh(z):
    """An array of any shape -> the hyperbolic tangent of each element, by way of sigmoid."""
    # BEGIN SOLUTION
    return 2.0 * sigmoid(2.0 * np.asarray(z, dtype=float)) - 1.0
    # END SOLUTION


def relu(z):
    """An array of any shape -> z where it is positive, otherwise 0.0."""
    # BEGIN SOLUTION
    return np.maximum(np.asarray(z, dtype=float), 0.0)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_steps(heaviside, sign, expect, np):
    z = np.array([[-2.0, -1e-9, 0.0], [1e-9, 3.0, -np.inf]])
    expect(heaviside(z), [[0, 0, 1], [1, 1, 0]], "heaviside", "1 from 0 on, 0 before")
    expect(sign(z), [[-1, -1, 1], [1, 1, -1]], "sign", "sign(0) = +1: a class has to be chosen")
    expect(heaviside(np.array([-1, 0, 2])), [0, 1, 1], "heaviside of integers")


# %%
def test_sigmoid(sigmoid, expect, np):
    z = np.array([[0.0, np.log(3.0)], [-np.log(3.0), -np.log(9.0)]])
    expect(sigmoid(z), [[0.5, 0.75], [0.25, 0.1]], "sigmoid", "1 / (1 + exp(-z))")
    extremes = np.array([-1000.0, 1000.0, -np.inf, np.inf])
    expect(sigmoid(extremes), [0, 1, 0, 1], "sigmoid of ±1000 and ±∞", "compute only exp(-|z|)")


# %%
def test_tanh(tanh, expect, np):
    z = np.array([0.0, np.log(2.0), -np.log(3.0), -1000.0, 1000.0])
    expect(tanh(z), [0.0, 0.6, -0.8, -1.0, 1.0], "tanh", "2σ(2z) - 1, with the 2 inside")


# %%
def test_relu(relu, expect, np):
    z = np.array([[-2.0, 0.0], [0.5, 1000.0], [-np.inf, np.inf]])
    expect(relu(z), [[0, 0], [0.5, 1000], [0, np.inf]], "relu", "negative numbers become 0")
    assert z[0, 0] == -2.0, "relu has changed the array that it was given"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# Your five activations, drawn with your own code.

# %%
z = np.linspace(-4, 4, 801)
_, panels = plt.subplots(1, 3, figsize=(11, 2.8), sharex=True)
for panel, (step, smooth) in zip(panels, [(heaviside, sigmoid), (sign, tanh)], strict=False):
    panel.plot(z, step(z), "0.6", label=step.__name__)
    panel.plot(z, smooth(z), "C0", label=smooth.__name__)
panels[2].plot(z, relu(z), "C0", label="relu")
for panel in panels:
    panel.set(xlabel="z")
    panel.grid(alpha=0.3)
    panel.legend(loc="upper left" if panel is panels[2] else "lower right")
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q2

# %% [markdown]
# ## q2 · The neuron of McCulloch and Pitts
#
# In 1943 McCulloch and Pitts described a nerve cell as a sum and a threshold: the cell fires when
# the weighted sum of its inputs gets over the threshold, that is, when $w \cdot x + b \ge 0$. Later
# neurons differ from it by the activation only, so yours takes the activation as an argument:
# $$a_n = \varphi\Bigl(\sum_d x_{nd} w_d + b\Bigr).$$
#
# **In the plane** the border $w \cdot x + b = 0$ is a straight line; $w$ stands at right angles to
# it and points to the side where the neuron fires, and $b$ moves the line.

# %% [raw]
# # BEGIN SOLUTION


# %%
def neuron(X, w, b, activation=heaviside):
    """X (N, D), w (D,), b a number -> the answers (N,) of one neuron.

    activation: a function from an array to an array of the same shape.
    """
    # BEGIN SOLUTION
    return activation(np.asarray(X, dtype=float) @ w + b)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_sum(neuron, expect, np):
    X = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 4.0]])
    w = np.array([2.0, 0.5, -1.0])
    sums = neuron(X, w, 10.0, lambda s: 1.0 * s)
    expect(sums, [10.0, 5.5], "the sum of a neuron", "w · x + b, and the bias is added")


# %%
def test_threshold(neuron, expect, np):
    X = np.array([[1.0, 1.0], [2.0, 1.0], [0.0, 3.0], [3.0, 0.0]])
    answers = neuron(X, np.array([1.0, -1.0]), -0.5)
    expect(answers, [0, 1, 0, 1], "the answer", "without another wish the activation is heaviside")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q3

# %% [markdown]
# ## q3 · AND and OR
#
# Inputs that are 0 or 1 can be *counted*: with all weights 1 the sum of a neuron is the number of
# ones, plus the bias. OR asks whether there is at least one, AND whether all are there. For two
# inputs:
# $$x_1 \wedge x_2 = \bigl[x_1 + x_2 - \tfrac32 > 0\bigr], \qquad
#   x_1 \vee x_2 = \bigl[x_1 + x_2 - \tfrac12 > 0\bigr].$$
# The halves keep the threshold away from every sum that can occur, so that nothing depends on what
# happens exactly at 0. Write both for any number n ≥ 1 of inputs. Which bias does AND need for n?

# %% [raw]
# # BEGIN SOLUTION


# %%
def and_neuron(n):
    """The tuple (w, b), w (n,), of a neuron that fires when all of its n inputs are 1."""
    # BEGIN SOLUTION
    return np.ones(n), 0.5 - n
    # END SOLUTION


def or_neuron(n):
    """The tuple (w, b), w (n,), of a neuron that fires when at least one of n inputs is 1."""
    # BEGIN SOLUTION
    return np.ones(n), -0.5
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_and(and_neuron, expect_items, expect_answers, np):
    for n in (2, 3):
        X = np.stack(np.meshgrid(*[[0.0, 1.0]] * n, indexing="ij"), axis=-1).reshape(-1, n)
        answer = and_neuron(n)
        expect_items(answer, ["w", "b"], "and_neuron")
        w, b = answer
        assert np.shape(w) == (n,), f"w of and_neuron({n}) has shape {np.shape(w)}, expected ({n},)"
        remedy = "the sum X w + b should be positive only when all inputs are 1"
        expect_answers(X @ w + b >= 0, X.all(axis=1), X, f"AND of {n} inputs", remedy)


# %%
def test_or(or_neuron, expect_items, expect_answers, np):
    for n in (2, 3):
        X = np.stack(np.meshgrid(*[[0.0, 1.0]] * n, indexing="ij"), axis=-1).reshape(-1, n)
        answer = or_neuron(n)
        expect_items(answer, ["w", "b"], "or_neuron")
        w, b = answer
        assert np.shape(w) == (n,), f"w of or_neuron({n}) has shape {np.shape(w)}, expected ({n},)"
        remedy = "the sum X w + b should be negative only when all inputs are 0"
        expect_answers(X @ w + b >= 0, X.any(axis=1), X, f"OR of {n} inputs", remedy)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q4

# %% [markdown]
# ## q4 · XOR, which no single neuron can do
#
# Exclusive or, $x_1 \oplus x_2 = [x_1 \ne x_2]$, is 1 in two opposite corners of the square and 0
# in the two others. No straight line has the ones on one side and the zeros on the other, hence no
# weights exist. There are two ways out.
#
# **An additional feature.** Give the neuron the product $x_1 x_2$ as a third input:
# $$x_1 \oplus x_2 = \bigl[x_1 + x_2 - 2 x_1 x_2 - \tfrac12 > 0\bigr].$$
# (A lecture prints $+2x_1x_2$. Try $x_1 = x_2 = 1$: the sum becomes $3\tfrac12$, and the formula is
# an OR. The product has to take away *both* ones that it finds.)
#
# **A second layer.** Let two neurons look at the input, and a third one look at their answers:
# $$x_1 \oplus x_2 = \bigl[(x_1 \vee x_2) - (x_1 \wedge x_2) - \tfrac12 > 0\bigr].$$
# In matrices: the hidden layer is $h = \theta(X W_1 + b_1)$ with one column of $W_1$ and one entry
# of $b_1$ for each hidden neuron, and the answer is $a = \theta(h\, w_2 + b_2)$. Somebody who knows
# a good feature writes it down; the hidden layer is the way to *build* the features.

# %% [raw]
# # BEGIN SOLUTION


# %%
def add_product(X):
    """X (N, 2) -> (N, 3): the columns x1, x2 and x1 · x2."""
    # BEGIN SOLUTION
    X = np.asarray(X, dtype=float)
    return np.column_stack([X, X[:, 0] * X[:, 1]])
    # END SOLUTION


def xor_neuron():
    """The tuple (w, b), w (3,), of a neuron that answers XOR when it is fed with add_product."""
    # BEGIN SOLUTION
    return np.array([1.0, 1.0, -2.0]), -0.5
    # END SOLUTION


def two_layer(X, W1, b1, w2, b2):
    """X (N, D), W1 (D, H), b1 (H,), w2 (H,), b2 a number -> the answers (N,), zeros and ones.

    Every neuron, hidden or not, has the Heaviside activation.
    """
    # BEGIN SOLUTION
    hidden = heaviside(np.asarray(X, dtype=float) @ W1 + b1)
    return heaviside(hidden @ w2 + b2)
    # END SOLUTION


def xor_network():
    """The tuple (W1, b1, w2, b2) for which two_layer answers XOR to X (N, 2); H is up to you."""
    # BEGIN SOLUTION
    W1 = np.ones((2, 2))
    b1 = np.array([-0.5, -1.5])
    w2 = np.array([1.0, -1.0])
    return W1, b1, w2, -0.5
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_product(add_product, expect, np):
    X = np.array([[2.0, 3.0], [1.0, 1.0], [0.0, 5.0]])
    wanted = [[2.0, 3.0, 6.0], [1.0, 1.0, 1.0], [0.0, 5.0, 0.0]]
    expect(add_product(X), wanted, "add_product", "the columns x1, x2, x1 · x2")


# %%
def test_xor_neuron(xor_neuron, expect_items, expect_answers, np):
    answer = xor_neuron()
    expect_items(answer, ["w", "b"], "xor_neuron")
    w, b = answer
    assert np.shape(w) == (3,), f"w has shape {np.shape(w)}, expected (3,): x1, x2 and x1 · x2"
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    sums = np.column_stack([X, X[:, 0] * X[:, 1]]) @ w + b
    remedy = "work out the four sums by hand; how much must x1 · x2 take away?"
    expect_answers(sums >= 0, [0, 1, 1, 0], X, "the neuron", remedy)


# %%
def test_two_layers(two_layer, expect, np):
    X = np.array([[3.0, 0.0], [1.0, 1.0], [0.0, 2.0], [2.0, -2.0]])
    W1 = np.array([[0.0, -2.0, 2.0], [-1.0, 1.0, -2.0]])
    b1, w2 = np.array([-2.5, -1.5, -1.5]), np.array([2.0, 2.0, 2.0])
    answers = two_layer(X, W1, b1, w2, -1.5)
    expect(answers, [1, 0, 1, 1], "two_layer", "heaviside(X W1 + b1), then the same with w2 and b2")


# %%
def test_xor_network(xor_network, expect_items, expect_answers, np):
    network = xor_network()
    expect_items(network, ["W1", "b1", "w2", "b2"], "xor_network")
    W1, b1, w2, b2 = network
    assert np.shape(W1) == (2, *np.shape(b1)) and np.shape(w2) == np.shape(b1), (
        "W1 should have shape (2, H), b1 and w2 the shape (H,)"
    )
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    sums = 1.0 * (X @ W1 + b1 >= 0) @ w2 + b2
    remedy = "look at the answers of the hidden neurons one by one"
    expect_answers(sums >= 0, [0, 1, 1, 0], X, "the network", remedy)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# What your neurons say about the whole square: blue where they fire. A single neuron cuts with a
# straight line; the product turns the line into a cross; two hidden neurons cut out a strip. The
# last picture is an AND of five neurons: two layers can carve any convex polygon.

# %%
side = np.linspace(-0.6, 1.6, 221)
plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
turn = 2 * np.pi * np.arange(5) / 5 + 0.3
pentagon = (-np.stack([np.cos(turn), np.sin(turn)]), 0.7 + 0.5 * (np.cos(turn) + np.sin(turn)))
pictures = [
    ("AND", neuron(plane, *and_neuron(2)), [0, 0, 0, 1]),
    ("OR", neuron(plane, *or_neuron(2)), [0, 1, 1, 1]),
    ("XOR by the product", neuron(add_product(plane), *xor_neuron()), [0, 1, 1, 0]),
    ("XOR by two layers", two_layer(plane, *xor_network()), [0, 1, 1, 0]),
    ("AND of five neurons", two_layer(plane, *pentagon, *and_neuron(5)), None),
]
_, panels = plt.subplots(1, 5, figsize=(13, 2.9), sharey=True)
for panel, (title, answers, labels) in zip(panels, pictures, strict=True):
    panel.contourf(side, side, answers.reshape(221, 221), levels=[-0.5, 0.5, 1.5],
                   colors=["#f7f3ea", "#a9cbe8"])  # fmt: skip
    if labels:
        panel.scatter(*corners.T, c=labels, cmap="coolwarm_r", edgecolors="k", s=60, zorder=2)
    panel.set(title=title, aspect="equal", xlabel="$x_1$", xticks=[0, 1], yticks=[0, 1])
panels[0].set(ylabel="$x_2$")
plt.tight_layout()
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q5

# %% [markdown]
# ## q5 · Any Boolean function
#
# Two layers of threshold neurons are enough for **every** function of n bits. The proof is a
# construction, and you can program it. A function is given by its truth table: inputs `X` with all
# $2^n$ rows, in *any* order, and the answers `y`. Take the rows r with the answer 1, and
#
# 1. for each of them make one hidden neuron that fires at x = r and at no other input;
# 2. let the output neuron be the OR of the hidden ones.
#
# For step 1 a neuron has to count *agreements*. Give it the weight +1 where r has a 1, and −1
# where r has a 0: then $w \cdot x$ is largest at x = r, where it is the number of ones in r, and
# every bit that differs lowers it by 1. Put the threshold half a step below the largest value:
# $$w_i = 2 r_i - 1, \qquad b = \tfrac12 - \sum_i r_i .$$
#
# | r | w | b | sum at x = 101 | at 100 | at 111 | at 010 |
# |---|---|---|---|---|---|---|
# | 101 | +1, −1, +1 | −3/2 | **+1/2** | −1/2 | −1/2 | −5/2 |
#
# The constant functions are Boolean functions, too: one of them needs no hidden neuron at all
# (numpy multiplies arrays of the shapes (N, 0) and (0,) without complaint), and two_layer should
# answer 0 everywhere all the same. Any other construction is as welcome, if its answers are right.
#
# Note the price: up to $2^n$ hidden neurons. That two layers *can* do something does not say that
# they do it cheaply, which is one reason for deeper networks. (A relative of this statement for
# real numbers: a hidden layer of sigmoids and a linear output come as close as one likes to every
# *continuous* function on a *closed and bounded* set; where a lecture says "any function", think of
# these conditions.)

# %% [raw]
# # BEGIN SOLUTION


# %%
def boolean_network(X, y):
    """The tuple (W1, b1, w2, b2) of a two-layer network with the truth table X, y.

    X (2**n, n): every input of zeros and ones, once each, in any order; y (2**n,): the answers,
    zeros and ones. two_layer(X, W1, b1, w2, b2) should be y.
    """
    # BEGIN SOLUTION
    true_rows = np.asarray(X, dtype=float)[np.asarray(y) == 1]
    W1 = 2.0 * true_rows.T - 1.0
    b1 = 0.5 - true_rows.sum(axis=1)
    return W1, b1, np.ones(len(true_rows)), -0.5
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_truth_tables(boolean_network, expect_items, expect_answers, np):
    tables = {
        "implication": [[0, 0, 1], [0, 1, 1], [1, 0, 0], [1, 1, 1]],
        "exactly one of two": [[1, 0, 1], [1, 1, 0], [0, 0, 0], [0, 1, 1]],
        "negation": [[0, 1], [1, 0]],
        "exactly two of three": [
            [0, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 1, 1, 1],
            [1, 0, 0, 0], [1, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 0],
        ],
        "always false": [[0, 0, 0], [0, 1, 0], [1, 0, 0], [1, 1, 0]],
        "always true": [[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]],
    }  # fmt: skip
    for name, table in tables.items():
        X, y = np.array(table, dtype=float)[:, :-1], np.array(table, dtype=float)[:, -1]
        network = boolean_network(X, y)
        expect_items(network, ["W1", "b1", "w2", "b2"], "boolean_network")
        W1, b1, w2, b2 = network
        assert np.shape(W1) == (X.shape[1], *np.shape(b1)) and np.shape(w2) == np.shape(b1), (
            f'"{name}": W1 should have shape (n, H), b1 and w2 the shape (H,); they have '
            f"{np.shape(W1)}, {np.shape(b1)} and {np.shape(w2)}"
        )
        sums = 1.0 * (X @ W1 + b1 >= 0) @ w2 + b2
        remedy = "which hidden neurons fire there, and which should?"
        expect_answers(sums >= 0, y, X, f'the network for "{name}"', remedy)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q6

# %% [markdown]
# ## q6 · Hebb's rule: learn from mistakes
#
# So far *you* chose the weights. Hebb proposed in 1949 that connections between nerve cells grow
# stronger when the cells are active together. The rule that the lecture derives from it, for
# signals of 0 and 1 and a neuron $a = \theta(w \cdot x + b)$ that should have answered y:
#
# - the answer is right: change nothing;
# - the neuron was silent and should have fired: **increase** the weights of inputs that were 1;
# - the neuron fired and should have been silent: **decrease** the weights of inputs that were 1.
#
# By how much? By the learning rate `lr`. The bias is the weight of an input that is always 1, so it
# is increased and decreased along with the others. All three lines are one formula:
# $$w \leftarrow w + \text{lr} \cdot (y - a)\, x, \qquad b \leftarrow b + \text{lr} \cdot (y - a).$$
# (Elsewhere you will find this one as the *perceptron rule*, and under Hebb's name the version
# without a teacher, $w \leftarrow w + \text{lr} \cdot a\,x$, which never looks at y.)
#
# `hebb_train` shows the objects one after another, first to last, and takes each step at once, so
# that the next object meets the new weights; that is one **epoch**. It counts the wrong answers of
# each epoch, as they happen.

# %% [raw]
# # BEGIN SOLUTION


# %%
def hebb_step(x, y, w, b, lr):
    """One object x (n,) of zeros and ones, its right answer y (0 or 1) -> the tuple (w, b), new.

    w (n,), b: the weights and the bias so far; the given w keeps its values.
    """
    # BEGIN SOLUTION
    error = y - heaviside(np.dot(w, x) + b)
    return w + lr * error * x, b + lr * float(error)
    # END SOLUTION


def hebb_train(X, y, w, b, lr, epochs):
    """Show X (N, n) with the answers y (N,) in order, `epochs` times, from the given w and b.

    Returns the tuple (w, b, mistakes): the last weights and bias, and a list of `epochs` numbers,
    the wrong answers given in each epoch.
    """
    # BEGIN SOLUTION
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for x, answer in zip(X, y, strict=True):
            wrong += int(heaviside(np.dot(w, x) + b) != answer)
            w, b = hebb_step(x, answer, w, b, lr)
        mistakes.append(wrong)
    return w, b, mistakes
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_step(hebb_step, expect_items, expect, np):
    cases = [
        ("silent, should fire", 1, -2.0, [1.0, -0.5, 1.0], -1.5),
        ("fires, should be silent", 0, -0.25, [0.0, -0.5, 0.0], -0.75),
        ("silent, as it should be", 0, -2.0, [0.5, -0.5, 0.5], -2.0),
        ("fires, as it should", 1, -0.25, [0.5, -0.5, 0.5], -0.25),
    ]
    x, w = np.array([1.0, 0.0, 1.0]), np.array([0.5, -0.5, 0.5])
    for name, y, b, new_w, new_b in cases:
        answer = hebb_step(x, y, w, b, 0.5)
        expect_items(answer, ["w", "b"], "hebb_step")
        expect(answer[0], new_w, f"w ({name})", "only weights of inputs that are 1 change, by lr")
        expect(answer[1], new_b, f"b ({name})", "the bias is the weight of an input that is 1")
        assert w.tolist() == [0.5, -0.5, 0.5], "hebb_step has changed the w that it was given"


# %%
def test_training(hebb_train, expect_items, expect, np):
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = np.array([0.0, 0.0, 0.0, 1.0])
    answer = hebb_train(X, y, np.zeros(2), 0.5, 1.0, 6)
    expect_items(answer, ["w", "b", "mistakes"], "hebb_train")
    assert len(answer[2]) == 6, f"mistakes has {len(answer[2])} items, expected one for each epoch"
    assert list(answer[2]) == [2, 3, 3, 2, 1, 0], (
        f"the mistakes are {list(answer[2])}, expected [2, 3, 3, 2, 1, 0]: each answer is given "
        "with the weights of that moment, and each step is taken at once"
    )
    expect(answer[0], [2.0, 1.0], "w after learning AND")
    expect(answer[1], -2.5, "b after learning AND")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# The rule finds AND and OR, as it finds everything that a straight line can separate. On XOR it
# stumbles for ever: each correction undoes another one. On the right, the border of AND after each
# epoch, from pale to dark.

# %%
tables = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}
_, (left, right) = plt.subplots(1, 2, figsize=(11, 3.2), width_ratios=[1.7, 1])
for (name, labels), marker in zip(tables.items(), "os^", strict=True):
    mistakes = hebb_train(corners, np.array(labels), np.array([-0.6, 0.4]), 0.3, 0.25, 16)[2]
    left.plot(np.arange(1, 17), mistakes, marker=marker, label=name)
left.set(xlabel="epoch", ylabel="mistakes of 4", yticks=range(5))
left.legend()
for epochs in range(9):
    w, b, _ = hebb_train(corners, np.array(tables["AND"]), np.array([-0.6, 0.4]), 0.3, 0.25, epochs)
    sums = (plane @ w + b).reshape(221, 221)
    right.contour(side, side, sums, levels=[0], colors=[plt.cm.Blues(0.2 + 0.1 * epochs)])
right.scatter(*corners.T, c=tables["AND"], cmap="coolwarm_r", edgecolors="k", s=60, zorder=3)
right.set(title="the border of AND", aspect="equal", xticks=[0, 1], yticks=[0, 1])
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q7

# %% [markdown]
# ## q7 · The linear neuron and the delta rule
#
# A neuron that may answer with any number needs no step at all: the **linear neuron** says
# $a_n = w \cdot x_n + b$. Now a mistake has a *size*, so one can ask in which direction it shrinks.
# The **risk** of the weights is the mean over the objects of half the squared error,
# $$Q(w, b) = \frac1N \sum_{n=1}^{N} \frac12 (a_n - y_n)^2, \qquad
#   \frac{\partial Q}{\partial w_i} = \frac1N \sum_{n=1}^{N} (a_n - y_n)\, x_{ni}, \qquad
#   \frac{\partial Q}{\partial b} = \frac1N \sum_{n=1}^{N} (a_n - y_n).$$
# The ½ is there to be cancelled by the 2 of the derivative. The gradient points uphill, so the
# **delta rule** goes *against* it, with w and b moved **together**, both by the gradient at the
# old weights:
# $$w \leftarrow w - \text{lr} \cdot \frac{\partial Q}{\partial w}, \qquad
#   b \leftarrow b - \text{lr} \cdot \frac{\partial Q}{\partial b} .$$
#
# The lecture writes $\varepsilon = \frac12 \sum_j (a_j - y_j)^2$, calls it the mean squared error,
# and steps by the *sum* of the $(a_j - y_j)\, x_j$. Half a sum is not a mean: with twice as many
# objects the step would be twice as long, and `lr` would have to be chosen anew for every size of
# batch. With the mean, one `lr` does for one object, for a few, and for all. (And the mean squared
# error proper has no ½: it is 2Q.)
#
# Compare with Hebb's rule: $b - \text{lr}\,(a - y)$ is the same as $b + \text{lr}\,(y - a)$. Only
# the step in the neuron has gone.

# %% [raw]
# # BEGIN SOLUTION


# %%
def linear_neuron(X, w, b):
    """X (N, D), w (D,), b a number -> the answers a (N,)."""
    # BEGIN SOLUTION
    return np.asarray(X, dtype=float) @ w + b
    # END SOLUTION


def risk(X, y, w, b):
    """X (N, D), right answers y (N,) -> the mean of half the squared errors, a float."""
    # BEGIN SOLUTION
    return float(np.mean((linear_neuron(X, w, b) - y) ** 2) / 2.0)
    # END SOLUTION


def delta_gradient(X, y, w, b):
    """The gradient of the risk: the tuple (grad_w, grad_b) of an array (D,) and a float."""
    # BEGIN SOLUTION
    error = linear_neuron(X, w, b) - y
    return np.asarray(X, dtype=float).T @ error / len(error), float(error.mean())
    # END SOLUTION


def delta_step(X, y, w, b, lr):
    """One step of the delta rule on the objects X (N, D), y (N,) -> the tuple (w, b), new.

    The given w keeps its values.
    """
    # BEGIN SOLUTION
    grad_w, grad_b = delta_gradient(X, y, w, b)
    return w - lr * grad_w, b - lr * grad_b
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_linear_neuron_and_risk(linear_neuron, risk, expect, np):
    X = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, -1.0], [2.0, 2.0]])
    w, b = np.array([2.0, -1.0]), 0.5
    expect(linear_neuron(X, w, b), [0.5, -0.5, 7.5, 2.5], "a", "X w + b, without an activation")
    y = np.array([0.5, 1.5, 5.5, 6.5])
    expect(risk(X, y, w, b), 3.0, "the risk", "half the squared errors, then the mean")


# %%
def test_gradient(delta_gradient, expect_items, expect, np):
    X = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, -1.0], [2.0, 2.0]])
    y = np.array([0.5, 1.5, 5.5, 6.5])
    answer = delta_gradient(X, y, np.array([2.0, -1.0]), 0.5)
    expect_items(answer, ["grad_w", "grad_b"], "delta_gradient")
    expect(answer[0], [-0.5, -3.0], "grad_w", "the mean over the objects of (a - y) · x")
    expect(answer[1], -1.0, "grad_b", "the mean over the objects of a - y")


# %%
def test_delta_step(delta_step, expect_items, expect, np):
    X = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, -1.0], [2.0, 2.0]])
    y, w = np.array([0.5, 1.5, 5.5, 6.5]), np.array([2.0, -1.0])
    answer = delta_step(X, y, w, 0.5, 0.5)
    expect_items(answer, ["w", "b"], "delta_step")
    expect(answer[0], [2.25, 0.5], "new w", "w - lr · grad_w: against the gradient")
    expect(answer[1], 1.0, "new b", "b - lr · grad_b, with the gradient at the old w and b")
    assert w.tolist() == [2.0, -1.0], "delta_step has changed the w that it was given"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q8

# %% [markdown]
# ## q8 · Full batch, online, mini-batches
#
# How many objects should a neuron look at before it takes a step? The lecture names three answers,
# and they are one algorithm with three **batch sizes** B:
#
# - *full batch*, B = N: the exact gradient, one step in an epoch;
# - *online*, B = 1: N cheap steps in an epoch, each of them by what one object wants;
# - *mini-batches*, in practice 10 to 100 objects: in between.
#
# An **epoch** goes through all objects once, in batches of B; when B does not divide N, the last
# batch is smaller, and its gradient is the mean over the objects that *are* in it. When B > N there
# is one batch, of all N.
#
# **The order.** Objects that are sorted, by class or by date, lead the neuron astray: it would
# forget the first half over the second. So each epoch shuffles the objects **anew**. Shuffle
# *indices*, and the x and y of an object stay together. In `batches` and in `train`, `rng=None`
# keeps the order of the rows; an integer seed (0 is one, too) or a numpy `Generator` shuffles, and
# equal seeds give equal results. `np.random.default_rng(rng)` makes a generator of a seed and hands
# a generator back as it is. (How often does `train` make one? The same seed anew in every epoch
# would be the same order in every epoch.)
#
# `history` is what you will plot: the risk over **all** objects, before the first epoch and after
# each one.

# %% [raw]
# # BEGIN SOLUTION


# %%
def batches(n, batch_size, rng=None):
    """The batches of one epoch: a list of integer arrays of indices that cover 0 … n - 1 once.

    All have batch_size indices, except the last one where batch_size does not divide n.
    rng: None for the order 0, 1, 2 …; an integer seed or a Generator for a random order.
    """
    # BEGIN SOLUTION
    order = np.arange(n) if rng is None else np.random.default_rng(rng).permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]
    # END SOLUTION


def train(X, y, w, b, lr, epochs, batch_size, rng=None):
    """Take a step of the delta rule for each batch, `epochs` times through X (N, D), y (N,).

    rng: None to keep the order of the rows; an integer seed or a Generator to shuffle the objects
    anew in each epoch. Returns the tuple (w, b, history); history is a list of epochs + 1 floats,
    the risk over all objects before the first epoch and after each one.
    """
    # BEGIN SOLUTION
    if rng is not None:
        rng = np.random.default_rng(rng)
    X, y = np.asarray(X), np.asarray(y)
    history = [risk(X, y, w, b)]
    for _ in range(epochs):
        for batch in batches(len(X), batch_size, rng):
            w, b = delta_step(X[batch], y[batch], w, b, lr)
        history.append(risk(X, y, w, b))
    return w, b, history
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_batches(batches, np):
    found = [list(map(int, batch)) for batch in batches(7, 3)]
    assert found == [[0, 1, 2], [3, 4, 5], [6]], (
        f"batches(7, 3) gives {found}, expected [[0, 1, 2], [3, 4, 5], [6]]"
    )
    shuffled = np.concatenate(batches(50, 8, 1))
    assert sorted(shuffled.tolist()) == list(range(50)), (
        "the shuffled batches should hold each of the indices 0 … 49 once"
    )
    assert shuffled.tolist() != list(range(50)), "with a seed the order should be random"
    again = np.concatenate(batches(50, 8, 1))
    assert np.array_equal(shuffled, again), "equal seeds should give equal batches"
    generator = np.random.default_rng(1)
    first, second = batches(50, 8, generator), batches(50, 8, generator)
    assert not np.array_equal(np.concatenate(first), np.concatenate(second)), (
        "two epochs with one generator should see two orders"
    )


# %%
def test_training_in_order(train, expect_items, expect, np):
    X, y = np.array([[2.0], [1.0], [0.0]]), np.array([3.0, 1.0, 3.0])
    names = ["full batch", "online", "mini-batches of 2"]
    results = [
        ([5 / 3], 0.0, [8 / 3, 2.0, 43 / 27]),
        ([0.5], 1.75, [8 / 3, 2.0, 17 / 32]),
        ([0.5], 1.5, [8 / 3, 2.0, 7 / 12]),
    ]
    for name, batch_size, (w, b, history) in zip(names, [3, 1, 2], results, strict=True):
        answer = train(X, y, np.array([2.0]), -1.0, 0.5, 2, batch_size)
        expect_items(answer, ["w", "b", "history"], "train")
        remedy = "one delta_step for each batch, each from the weights that the last one left"
        expect(answer[0], w, f"w ({name})", remedy)
        expect(answer[1], b, f"b ({name})", remedy)
        assert len(answer[2]) == 3, "history should have epochs + 1 items: begin with the risk at w"
        remedy = "the risk over all objects, before the first epoch and after each one"
        expect(np.array(answer[2]), history, f"history ({name})", remedy)


# %%
def test_training_in_random_order(train, expect, np):
    X, y = np.array([[1.0], [2.0], [-1.0], [0.5]]), np.array([2.0, 1.0, 1.0, -3.0])
    w = np.zeros(1)
    results = [train(X, y, w, 0.0, 0.5, 2, 1, seed)[0] for seed in (*range(8), 0)]
    expect(results[8], results[0], "w of a second run with the same seed")
    assert len({float(result[0]) for result in results}) > 1, (
        "online training ends at the same weights for every seed: is the order ever shuffled?"
    )
    assert w[0] == 0.0, "train has changed the w that it was given"
    in_order = train(X, y, w, 0.0, 0.5, 2, 4)[0]
    expect(train(X, y, w, 0.0, 0.5, 2, 4, 1)[0], in_order, "w of a full batch in another order")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **Going downhill in three ways**: the same 200 objects, the same `lr`, the same start. On the
# left the risk after each epoch. An epoch costs the same everywhere, but it is one step, 10 steps,
# or 200 steps, so the full batch is the slowest. In the middle, the first 100 steps one by one: a
# step of online learning leads nearly as far as a step of the full batch, which costs 200 times as
# much; but it ends in a jitter that never stops, because no single object agrees with the mean of
# all. On the right the way of the two weights, over contour lines of the risk; the white cross is
# the minimum. Mini-batches take the good of both, and are what everybody uses.

# %%
generator = np.random.default_rng(8)
X = generator.normal(size=(200, 2)) @ np.array([[1.0, 0.0], [0.6, 0.7]])
y = X @ np.array([1.5, -1.0]) + 0.5 + generator.normal(0, 0.6, 200)
start = np.array([-1.5, -2.0])
best = np.linalg.lstsq(np.column_stack([X, np.ones(200)]), y, rcond=None)[0]

_, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 3.6))
for name, size, color in [("online", 1, "C3"), ("mini-batch", 20, "C2"), ("full batch", 200, "C0")]:
    _, _, history = train(X, y, start, 0.0, 0.05, 40, size, 0)
    left.semilogy(history, color=color, label=f"{name}, B = {size}")
    w, b, path, risks = start, 0.0, [start], [history[0]]
    steps = [batch for epoch in range(100) for batch in batches(200, size, epoch)]
    for batch in steps[:100]:
        w, b = delta_step(X[batch], y[batch], w, b, 0.05)
        path.append(w)
        risks.append(risk(X, y, w, b))
    middle.semilogy(risks, color=color)
    right.plot(*np.array(path).T, ".-", color=color, lw=1, ms=3)
for panel in (left, middle):
    panel.axhline(risk(X, y, best[:2], best[2]), color="0.5", ls=":")
    panel.minorticks_off()
    panel.set_yticks([0.2, 0.5, 1, 2, 5], ["0.2", "0.5", "1", "2", "5"])
left.set(xlabel="epoch", ylabel="risk over all objects", title="by the epoch")
left.legend()
middle.set(xlabel="step", title="by the step")
grid = np.stack(np.meshgrid(np.linspace(-1.8, 2.6, 60), np.linspace(-2.4, 0.4, 60)), axis=-1)
bowl = np.array([[risk(X, y, w, best[2]) for w in row] for row in grid])
right.contourf(grid[..., 0], grid[..., 1], np.log(bowl), levels=14, cmap="Blues_r", alpha=0.6)
right.plot(*best[:2], "wx", ms=9, mew=2.5, zorder=5)
right.set(xlabel="$w_1$", ylabel="$w_2$", title="the way of the weights")
plt.tight_layout()
plt.show()

# %% [markdown]
# ## How to submit
#
# 1. *Kernel → Restart and run all*: every `grader.check` above should say that it passed. A
#    question left blank costs its own points, and those of later functions that call it.
# 2. Save, and hand in this one file, `s1-neurons.ipynb`, where your course collects homework.
#
# Taken from your notebook are the functions asked for and whatever they use; prints, plots and
# training loops are left out. Only numpy is installed where they run.
