# %% [raw]
# # ASSIGNMENT CONFIG
# init_cell: true
# export_cell: false
# generate: true
# tests:
#   files: true
#   ok_format: false

# %% [markdown]
# # Practical 6 · A recurrent network that writes numbers
#
# The networks so far take an input of fixed size and forget it at once. Text comes in another form:
# one character after another, as many as there are, and what may come next depends on what came
# before. After `seventy-` a digit's name follows; after `hundred` a full stop or ` and `.
#
# A **recurrent** network reads one character at a time and keeps a **state**, a vector $h_t$ that is
# all it remembers. Each step makes a new state from the new input and the old state, with the same
# weights every time. Such networks have written plays in the manner of Shakespeare and C code that
# nearly compiles, character by character. Yours will learn to write numbers out in English words:
# the step, back-propagation through time, clipping, the loss, the model, the training, all in
# numpy.
#
# | question | you write | points in the hidden suite |
# |---|---|---|
# | q1 | `rnn_step`, `rnn_step_backward`: one step and its gradients | 16 |
# | q2 | `RNN`: initial weights and forward over a sequence | 16 |
# | q3 | `RNN.backward`: back-propagation through time | 22 |
# | q4 | `clip_by_global_norm` | 10 |
# | q5 | `CharacterCrossEntropy`, `perplexity` | 12 |
# | q6 | `CharModel`: characters in, distributions out | 10 |
# | q7 | `train_step`, `train`: a perplexity of at most 1.5 on numbers never seen | 14 |
#
# Run the next cells, then have a look at the drawing below them.

# %%
import matplotlib.pyplot as plt

# %% tags=["module"]
import numpy as np


# %%
def expect(actual, expected, what, remedy=""):
    """Compare a result with the right one; say the first thing that differs, and the remedy."""
    expected = np.asarray(expected)
    because = ": " + remedy if remedy else ""
    assert actual is not None, what + " is None. Is the `return` or an assignment missing?"
    assert isinstance(actual, (np.ndarray, float)), (
        f"{what} is of type {type(actual).__name__}, expected a numpy array or a float{because}"
    )
    actual = np.asarray(actual)
    assert actual.shape == expected.shape, (
        f"{what} has shape {actual.shape}, expected {expected.shape}{because}"
    )
    assert actual.dtype == np.float64, f"{what} has dtype {actual.dtype}, expected float64{because}"
    wrong = np.argwhere(~np.isclose(actual, expected, rtol=1e-6, atol=1e-8))
    if len(wrong):
        index = tuple(map(int, wrong[0]))
        where = str(list(index)) if index else ""
        raise AssertionError(
            f"{what}{where} is {actual[index]:.6g}, expected {expected[index]:.6g}{because}"
        )


def slope(function, array):
    """The gradient of function() by the entries of `array`, which it reads: central differences."""
    gradient = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        value = array[index]
        array[index] = value + 1e-5
        above = function()
        array[index] = value - 1e-5
        gradient[index] = (above - function()) / 2e-5
        array[index] = value
    return gradient


# %%
_, axes = plt.subplots(figsize=(11, 3.6))
box = {"boxstyle": "round,pad=0.5", "fc": "#dbe9f6", "ec": "0.4"}
axes.text(0, 0, "$h_0$", ha="center", va="center", fontsize=12)
for t in (1, 2, 3):
    axes.text(3 * t, 0, "tanh", ha="center", va="center", bbox=box)
    axes.text(3 * t, -1.5, f"$x_{t}$", ha="center", va="center", fontsize=12)
    axes.text(3 * t, 1.5, f"loss at {t}", ha="center", va="center")
    axes.annotate("", (3 * t - 0.15, -0.35), (3 * t - 0.15, -1.25), arrowprops={"color": "C0"})
    axes.annotate("", (3 * t - 0.15, 1.25), (3 * t - 0.15, 0.35), arrowprops={"color": "C0"})
    axes.annotate("", (3 * t + 0.15, 0.35), (3 * t + 0.15, 1.25), arrowprops={"color": "C1"})
    axes.annotate("", (3 * t + 0.15, -1.25), (3 * t + 0.15, -0.35), arrowprops={"color": "C1"})
    axes.text(3 * t - 0.3, -0.85, "$W_x$", ha="right", color="C0")
    axes.text(3 * t - 0.3, 0.75, f"$h_{t}$", ha="right", color="C0")
    axes.annotate("", (3 * t - 0.6, 0.12), (3 * t - 2.4, 0.12), arrowprops={"color": "C0"})
    axes.annotate("", (3 * t - 2.4, -0.12), (3 * t - 0.6, -0.12), arrowprops={"color": "C1"})
    axes.text(3 * t - 1.5, 0.28, "$W_h$", ha="center", color="C0")
axes.annotate("", (11.4, 0.12), (9.6, 0.12), arrowprops={"color": "C0"})
axes.annotate("", (9.6, -0.12), (11.4, -0.12), arrowprops={"color": "C1"})
axes.text(11.6, 0, "…", va="center")
axes.text(0, 1.5, "forward: states", ha="center", color="C0")
axes.text(0, -1.5, "backward: gradients", ha="center", color="C1")
axes.set(xlim=(-1.3, 12), ylim=(-1.9, 1.9), title="one network, unrolled over time")
axes.axis("off")
plt.show()

# %% [markdown]
# Drawings of recurrent networks often show a loop. **Unrolled** over time the loop is gone: what is
# left is an ordinary network, as deep as the sequence is long, in which every layer has the *same*
# weights. Two orange arrows leave every box to the left and down, and two arrive: one from the loss
# at this time, one from all later times. That is the whole of back-propagation through time.
#
# ## What is agreed on in this practical
#
# 1. **Objects are rows.** One step has `x` (N, D) and `h` (N, H): N sequences side by side. A batch of
#    sequences is `x` of shape (N, T, D), and its states have the shape (N, T, H). `W_x` is (D, H),
#    `W_h` is (H, H), `b` is (H,). (The lectures write columns, $Wx$.)
# 2. In code, times are counted from 0: `h[:, t]` is the state *after* `x[:, t]` was read. The initial
#    state `h_0` (N, H) is not among the returned states. When it is not given it is zeros, in
#    **every** call: nothing is carried over from the call before.
# 3. `backward(grad_h)` gets the gradients of the loss by **all** returned states, (N, T, H), as the
#    loss sees them *directly*: what flows back through later states is for `backward` to add. It
#    returns the gradient by `x` (N, T, D) and sets the attributes `grad_W_x`, `grad_W_h`, `grad_b`,
#    `grad_h_0`, of the shapes of `W_x`, `W_h`, `b`, `h_0` (`grad_h_0` also when `h_0` was not given).
#    It goes back through all T steps and belongs to the **latest** `forward`.
# 4. Gradients of parameters are **sums over all times and all sequences**, never divided by N or T
#    (the loss is a mean and brings that along), and **overwritten** by each `backward`.
# 5. Nobody's arrays are changed, and what is needed later is kept as a **copy**: the caller may reuse
#    `x`, `h_0`, targets between `forward` and `backward`. Only `train_step` changes parameters.
# 6. Everything is `float64`, also when the input is a batch of integers. Losses, norms, perplexities
#    are single numbers. Nothing is NaN or infinite while the input is finite.
# 7. Cross-entropy is in nats (natural logarithm) and a **mean over all N·T characters**.
# 8. Clipping scales all gradients by one common factor, exactly `max_norm / norm` when the norm is
#    larger than `max_norm` (no eps in the denominator), and not at all otherwise.
# 9. Characters are integers 0 … V − 1; which integer is which character is nobody's business here.
#
# **What the hidden suite looks at.** Your functions on random data of many sizes (N, T, D, H all
# different; one sequence; one step; fifty steps); gradients against finite differences under *random*
# upstream gradients at all times; objects used twice; extreme logits; whether your arrays and the
# caller's stay apart; single training steps with given weights, exactly; and one training, on other
# numbers than here and with the characters numbered otherwise. There the examiner computes the
# perplexity from the probabilities of your model, and checks that they are distributions and that
# a prediction never depends on later characters. Private attributes, helpers, additional classes and
# the way you compute are up to you; names, argument orders and shapes in the docstrings are not.

# %% [raw]
# # BEGIN QUESTION
# name: q1

# %% [markdown]
# ## q1 · One step
#
# The new state is a linear function of the new input and the old state, squeezed into (−1, 1):
# $$h_t = \tanh(z_t), \qquad z_t = x_t W_x + h_{t-1} W_h + b .$$
#
# Backward gets $\partial L/\partial h_t$. First through the tanh, whose derivative is made of its
# output, then through two linear layers and a bias as in practical 1:
# $$\delta_t = \frac{\partial L}{\partial h_t} \odot (1 - h_t^2), \qquad
#   \frac{\partial L}{\partial x_t} = \delta_t W_x^\top, \quad
#   \frac{\partial L}{\partial h_{t-1}} = \delta_t W_h^\top, \quad
#   \frac{\partial L}{\partial W_x} = x_t^\top \delta_t, \quad
#   \frac{\partial L}{\partial W_h} = h_{t-1}^\top \delta_t, \quad
#   \frac{\partial L}{\partial b} = \sum_n \delta_{t,n} .$$
# Watch which state stands where: the derivative of tanh wants the *new* one, the gradient of
# $W_h$ the *old* one, because that is what $W_h$ was multiplied with.

# %% [raw]
# # BEGIN SOLUTION


# %%
def rnn_step(x, h, W_x, W_h, b):
    """x (N, D), the old state h (N, H), W_x (D, H), W_h (H, H), b (H,) -> the new state (N, H)."""
    # BEGIN SOLUTION
    return np.tanh(x @ W_x + h @ W_h + b)
    # END SOLUTION


def rnn_step_backward(grad_h_new, x, h, h_new, W_x, W_h):
    """The gradients of one step, of which h_new (N, H) was the result.

    grad_h_new (N, H): the gradient by the new state; x, h, W_x, W_h as in `rnn_step`.
    Returns the tuple (grad_x (N, D), grad_h (N, H), grad_W_x (D, H), grad_W_h (H, H), grad_b (H,)).
    """
    # BEGIN SOLUTION
    grad_z = grad_h_new * (1.0 - h_new**2)
    return grad_z @ W_x.T, grad_z @ W_h.T, x.T @ grad_z, h.T @ grad_z, grad_z.sum(axis=0)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_step(rnn_step, expect, np):
    x, h = np.array([[1.0, 2.0], [0.0, -1.0]]), np.array([[0.5, -0.5, 0.0], [0.0, 0.0, 1.0]])
    W_x = np.log(np.array([[2.0, 1.0, 3.0], [1.0, 2.0, 1.0]]))
    W_h = np.log(np.array([[1.0, 4.0, 1.0], [1.0, 1.0, 9.0], [2.0, 1.0, 1.0]]))
    b = np.log(np.array([1.0, 1.0, 2.0]))
    h_new = rnn_step(x, h, W_x, W_h, b)
    right = [[0.6, 63 / 65, 0.6], [0.6, -0.6, 0.6]]
    expect(h_new, right, "the new state", "tanh of x W_x + h W_h + b")


# %%
def test_step_gradients(rnn_step, rnn_step_backward, expect, slope, np):
    draw = np.random.default_rng(1).standard_normal
    x, h, W_x, W_h, b = draw((4, 2)), draw((4, 3)), draw((2, 3)), draw((3, 3)), draw(3)
    grad = draw((4, 3))
    answer = rnn_step_backward(grad, x, h, rnn_step(x, h, W_x, W_h, b), W_x, W_h)
    assert isinstance(answer, (tuple, list)), "return a tuple of five gradients"
    assert len(answer) == 5, f"{len(answer)} gradients, expected 5: by x, h, W_x, W_h, b"
    remedies = [
        "δ · W_xᵀ with δ = grad_h_new · (1 - h_new²)",
        "δ · W_hᵀ with δ = grad_h_new · (1 - h_new²)",
        "xᵀ · δ, summed over the batch",
        "hᵀ · δ with the old state h, summed over the batch",
        "δ, summed over the batch",
    ]
    for array, gradient, name, remedy in zip(
        [x, h, W_x, W_h, b], answer, ["x", "h", "W_x", "W_h", "b"], remedies, strict=True
    ):
        right = slope(lambda: np.sum(grad * rnn_step(x, h, W_x, W_h, b)), array)
        expect(gradient, right, "the gradient by " + name, remedy)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q2

# %% [markdown]
# ## q2 · Forward over a sequence
#
# An `RNN` owns one set of weights and applies the step T times, each time to the next input and
# to the state that it has just made.
#
# **Initial weights.** `W_x` is drawn from the normal distribution with mean 0 and standard deviation
# $1/\sqrt D$, `W_h` with $1/\sqrt H$, independently of each other; `b` starts with zeros. `rng` may be
# `None`, an integer seed or a numpy `Generator`: `np.random.default_rng(rng)` turns any of them into
# a generator. Equal seeds give equal weights; a `Generator` moves on, so that two networks drawn from
# the same one differ; the global state of `np.random` is left alone.
#
# `forward` keeps what `backward` will need. Write it now with q3 in mind: which arrays did the five
# gradients of the step ask for?

# %% [raw]
# # BEGIN SOLUTION


# %%
class RNN:
    """A recurrent layer, h_t = tanh(x_t W_x + h_{t-1} W_h + b).

    Attributes: W_x (D, H), W_h (H, H), b (H,); after `backward` also grad_W_x, grad_W_h, grad_b and
    grad_h_0 (N, H).
    """

    def __init__(self, d_in, d_hidden, rng=None):
        """Draw W_x from N(0, 1/D), W_h from N(0, 1/H) with D = d_in, H = d_hidden; b is zeros.

        rng: None, an integer seed or a numpy Generator.
        """
        # BEGIN SOLUTION
        rng = np.random.default_rng(rng)
        self.W_x = rng.normal(0.0, 1.0 / np.sqrt(d_in), size=(d_in, d_hidden))
        self.W_h = rng.normal(0.0, 1.0 / np.sqrt(d_hidden), size=(d_hidden, d_hidden))
        self.b = np.zeros(d_hidden)
        # END SOLUTION

    def forward(self, x, h_0=None):
        """x (N, T, D), h_0 (N, H) or None for zeros -> the states after each step (N, T, H)."""
        # BEGIN SOLUTION
        self._x = np.array(x, dtype=float)
        n, steps, _ = self._x.shape
        # One state more than steps: _h[:, t] is the one before x[:, t] is read.
        self._h = np.zeros((n, steps + 1, len(self.b)))
        if h_0 is not None:
            self._h[:, 0] = h_0
        for t in range(steps):
            self._h[:, t + 1] = rnn_step(self._x[:, t], self._h[:, t], self.W_x, self.W_h, self.b)
        return self._h[:, 1:].copy()
        # END SOLUTION

    def backward(self, grad_h):
        """q3: grad_h (N, T, H) -> gradient by x (N, T, D); sets grad_W_x, grad_W_h, grad_b, grad_h_0."""
        # BEGIN SOLUTION
        grad_x = np.zeros_like(self._x)
        self.grad_W_x = np.zeros_like(self.W_x)
        self.grad_W_h = np.zeros_like(self.W_h)
        self.grad_b = np.zeros_like(self.b)
        from_later = np.zeros_like(self._h[:, 0])
        for t in reversed(range(grad_x.shape[1])):
            grad_x[:, t], from_later, grad_W_x, grad_W_h, grad_b = rnn_step_backward(
                grad_h[:, t] + from_later,
                self._x[:, t],
                self._h[:, t],
                self._h[:, t + 1],
                self.W_x,
                self.W_h,
            )
            self.grad_W_x += grad_W_x
            self.grad_W_h += grad_W_h
            self.grad_b += grad_b
        self.grad_h_0 = from_later
        return grad_x
        # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_initial_weights(RNN, expect, np):
    rnn = RNN(400, 100, 1)
    expect(rnn.b, np.zeros(100), "b", "one bias per hidden value, zeros at first")
    for name, array, rows in [("W_x", rnn.W_x, 400), ("W_h", rnn.W_h, 100)]:
        assert array.shape == (rows, 100), f"{name} has shape {array.shape}, expected ({rows}, 100)"
        spread = array.std() * np.sqrt(rows)
        assert 0.95 < spread < 1.05, (
            f"the standard deviation of {name} is {spread:.3f} / sqrt({rows}), expected 1 / sqrt"
        )
    assert np.array_equal(rnn.W_h, RNN(400, 100, 1).W_h), "equal seeds must give equal weights"


# %%
def test_forward(RNN, expect, np):
    rnn = RNN(1, 2)
    rnn.W_x, rnn.b = np.array([[1.0, 0.0]]), np.zeros(2)
    rnn.W_h = np.array([[0.0, 1.0], [0.0, 0.0]])
    x = np.log(np.array([[[2.0], [3.0], [1.0]], [[1.0], [0.5], [2.0]]]))
    h = rnn.forward(x)
    first = np.array([[0.6, 0.8, 0.0], [0.0, -0.6, 0.6]])
    second = np.tanh(np.array([[0.0, 0.6, 0.8], [0.0, 0.0, -0.6]]))
    right = np.stack([first, second], axis=2)
    expect(h, right, "h", "each step starts from the state that the step before it made")
    h = rnn.forward(x[:, :1], np.array([[0.5, 7.0], [-1.0, 7.0]]))
    right = [[[0.6, np.tanh(0.5)]], [[0.0, -np.tanh(1.0)]]]
    expect(h, right, "h with a given h_0", "the first step starts from h_0")
    again = rnn.forward(x)[:, :, 1]
    expect(again, second, "h without h_0, later", "without h_0 every call starts from zeros")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q3

# %% [markdown]
# ## q3 · Back-propagation through time
#
# Fill in `RNN.backward` **in the cell above**, and run that cell again.
#
# The state $h_t$ reaches the loss on two ways: directly, and through $h_{t+1}$ and all that follows.
# So go from the last time to the first with one array in hand, the gradient that comes from later
# (at the last time there is none):
# $$\frac{\partial L}{\partial h_t} = G_t + \delta_{t+1} W_h^\top, \qquad
#   \delta_t = \frac{\partial L}{\partial h_t} \odot (1 - h_t^2),$$
# where $G_t$ is `grad_h[:, t]`. Each step uses the *same* weights, so what the steps say about them
# adds up:
# $$\frac{\partial L}{\partial W_x} = \sum_t x_t^\top \delta_t, \qquad
#   \frac{\partial L}{\partial W_h} = \sum_t h_{t-1}^\top \delta_t, \qquad
#   \frac{\partial L}{\partial b} = \sum_t \sum_n \delta_{t,n} .$$
# What is in hand after the first step is the gradient by $h_0$.
#
# (Very long texts are cut into windows, and gradients stop at the window's edge: *truncated*
# back-propagation. That is done by whoever cuts the text, in q7. `backward` itself goes all the way.)

# %% [raw]
# # BEGIN TESTS


# %%
def test_gradients_through_time(RNN, expect, slope, np):
    draw = np.random.default_rng(2).standard_normal
    rnn = RNN(2, 3, 4)
    x, h_0, grad_h = draw((2, 4, 2)), draw((2, 3)), draw((2, 4, 3))
    rnn.forward(x, h_0)
    grad_x = rnn.backward(grad_h)
    found = [grad_x, rnn.grad_h_0, rnn.grad_W_x, rnn.grad_W_h, rnn.grad_b]
    remedies = [
        "at each time: grad_h[:, t] plus what came from later, through tanh, times W_xᵀ",
        "what is left to hand on after the first step",
        "the sum over all times of x_tᵀ · δ_t",
        "the sum over all times of h_{t-1}ᵀ · δ_t, beginning with h_0",
        "the sum over all times and sequences of δ_t",
    ]
    arrays = [x, h_0, rnn.W_x, rnn.W_h, rnn.b]
    names = ["x", "h_0", "W_x", "W_h", "b"]
    for array, gradient, name, remedy in zip(arrays, found, names, remedies, strict=True):
        right = slope(lambda: np.sum(grad_h * rnn.forward(x, h_0)), array)
        expect(gradient, right, "the gradient by " + name, remedy)


# %%
def test_backward_twice(RNN, expect, np):
    rnn = RNN(2, 3, 5)
    x = np.random.default_rng(3).standard_normal((2, 4, 2))
    rnn.forward(x)
    rnn.backward(np.ones((2, 4, 3)))
    once = rnn.grad_W_h.copy()
    rnn.forward(x)
    rnn.backward(np.ones((2, 4, 3)))
    expect(rnn.grad_W_h, once, "grad_W_h of a second backward", "start from zeros in each backward")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **How far back does a gradient reach?** On its way from time t to time t − k it is multiplied k
# times by $W_h^\top$ and by derivatives of tanh, which are at most 1. Let the loss look at the *last*
# state only, and measure what arrives at each earlier input (with $W_x$ the identity, so that `grad_x`
# shows δ itself). A `W_h` that shrinks vectors makes gradients **vanish**, one that stretches them
# makes them **explode**, both exponentially. Nothing in the algorithm is wrong; this is what a product
# of many equal factors does.

# %%
plt.figure(figsize=(8, 3.2))
distances = np.arange(40)
for radius in (0.5, 0.8, 1.0, 1.3):
    rnn = RNN(30, 30, 0)
    rnn.W_x, rnn.W_h = np.eye(30), radius * np.linalg.qr(rnn.W_h)[0]
    rnn.forward(1e-9 * np.ones((1, 40, 30)))
    last_only = np.zeros((1, 40, 30))
    last_only[0, -1, 0] = 1.0
    sizes = np.linalg.norm(rnn.backward(last_only)[0], axis=1)[::-1]
    plt.semilogy(distances, sizes, label=f"$W_h$ scales by {radius}")
plt.xlabel("distance in time from the loss")
plt.ylabel("norm of the gradient")
plt.legend()
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q4

# %% [markdown]
# ## q4 · Clipping by the global norm
#
# One exploding gradient can throw away an hour of training. The remedy is blunt and works: look at
# the length of *all* gradients together, as if they were one long vector,
# $$\lVert g \rVert = \sqrt{\sum_i \lVert g_i \rVert^2},$$
# and when it is more than `max_norm`, scale all of them by `max_norm` / ‖g‖. The step becomes
# shorter; its direction stays. Clipping each array, or each entry, on its own would turn it.

# %% [raw]
# # BEGIN SOLUTION


# %%
def clip_by_global_norm(gradients, max_norm):
    """gradients: a list of arrays of any shapes; max_norm > 0.

    Returns the tuple (clipped, norm): the list of scaled arrays, in the same order and of the same
    shapes, and the global norm *before* clipping. The given arrays and the given list stay as
    they are.
    """
    # BEGIN SOLUTION
    norm = float(np.sqrt(sum(np.sum(gradient**2) for gradient in gradients)))
    scale = max_norm / norm if norm > max_norm else 1.0
    return [scale * gradient for gradient in gradients], norm
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_clipping(clip_by_global_norm, expect, np):
    gradients = [np.array([[3.0, 0.0], [0.0, 0.0]]), np.array([0.0, -4.0, 12.0])]
    clipped, norm = clip_by_global_norm(gradients, 6.5)
    expect(norm, 13.0, "the norm", "the root of the sum of ALL squares, before clipping")
    expect(clipped[0], [[1.5, 0.0], [0.0, 0.0]], "the first array", "one common factor for all")
    expect(clipped[1], [0.0, -2.0, 6.0], "the second array", "one common factor for all")
    expect(gradients[1], [0.0, -4.0, 12.0], "the array that was given", "do not scale in place")
    clipped, norm = clip_by_global_norm(gradients, 20.0)
    expect(norm, 13.0, "the norm", "it is returned also when nothing is clipped")
    expect(clipped[1], [0.0, -4.0, 12.0], "a short gradient", "clipping never makes it longer")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q5

# %% [markdown]
# ## q5 · Cross-entropy per character, and perplexity
#
# At each of the N·T places the model gives V logits, and the softmax makes them a distribution over
# the next character. The loss is the mean surprise at the characters that really came:
# $$L = -\frac{1}{NT} \sum_{n,t} \ln p_{n,t}[y_{n,t}], \qquad
#   \frac{\partial L}{\partial z_{n,t}} = \frac{p_{n,t} - \text{one-hot}(y_{n,t})}{NT}.$$
# As always: take the largest logit of each place away before any exponential, and compute ln p as
# $z - \ln\sum e^z$, not as the logarithm of a p that may have become 0.
#
# **Perplexity** is $e^L$. It reads as a number of choices: a model of perplexity 4 is as unsure on
# average as somebody who throws a fair die with four faces. A uniform guess over V characters has
# perplexity V, certainty has 1. It is the exponential of the *mean* (the geometric mean of 1/p), not
# the mean of the exponentials.

# %% [raw]
# # BEGIN SOLUTION


# %%
class CharacterCrossEntropy:
    """Mean cross-entropy per character, in nats, between softmax(logits) and the targets."""

    def forward(self, logits, targets):
        """logits (N, T, V), targets (N, T) of integers 0 … V - 1 -> the loss, a float."""
        # BEGIN SOLUTION
        logits = np.asarray(logits, dtype=float)
        shifted = logits - logits.max(axis=2, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))
        self._p = np.exp(log_p)
        self._targets = np.array(targets)[:, :, None]
        return float(-np.take_along_axis(log_p, self._targets, axis=2).mean())
        # END SOLUTION

    def backward(self):
        """The gradient of the loss by the logits (N, T, V)."""
        # BEGIN SOLUTION
        one_hot = np.zeros_like(self._p)
        np.put_along_axis(one_hot, self._targets, 1.0, axis=2)
        return (self._p - one_hot) / self._targets.size
        # END SOLUTION


def perplexity(probabilities, targets):
    """probabilities (N, T, V), all > 0, and targets (N, T) -> exp(mean of -ln p[target]), a float."""
    # BEGIN SOLUTION
    targets = np.asarray(targets)[:, :, None]
    chosen = np.take_along_axis(np.asarray(probabilities), targets, axis=2)
    return float(np.exp(-np.log(chosen).mean()))
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_cross_entropy(CharacterCrossEntropy, expect, np):
    loss = CharacterCrossEntropy()
    p = np.array([[[0.5, 0.25, 0.25], [0.125, 0.125, 0.75]]])
    value = loss.forward(np.log(p) + 7.0, np.array([[1, 0]]))
    expect(value, np.log(32.0) / 2, "the loss", "the mean over all N·T characters of -ln p[target]")
    expect(
        loss.backward(),
        [[[0.25, -0.375, 0.125], [-0.4375, 0.0625, 0.375]]],
        "the gradient by the logits",
        "(p - one-hot) / (N·T)",
    )
    value = loss.forward(np.array([[[1000.0, 0.0]]]), np.array([[1]]))
    expect(value, 1000.0, "the loss of a confident wrong answer", "take ln Σ exp(z) - z[target]")


# %%
def test_perplexity(perplexity, expect, np):
    uniform = np.full((2, 3, 8), 0.125)
    targets = np.array([[0, 1, 2], [5, 6, 7]])
    expect(perplexity(uniform, targets), 8.0, "the perplexity of a uniform guess", "it is V")
    p = np.array([[[0.5, 0.5], [0.875, 0.125]]])
    value = perplexity(p, np.array([[0, 1]]))
    expect(value, 4.0, "the perplexity", "exp of the mean of -ln p[target]: here √(2 · 8)")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q6

# %% [markdown]
# ## q6 · The character model
#
# Characters → one-hot vectors → `RNN` → a linear layer at every place → logits:
# $$x_t = \text{one-hot}(c_t), \qquad h_t = \text{RNN}, \qquad z_t = h_t W_y + b_y .$$
# The logits at place t speak about character t + 1, and may use the characters 0 … t and no other.
# The RNN starts from zeros in every call. (A one-hot vector times `W_x` just picks a row of `W_x`: that
# row is the *embedding* of the character.)
#
# Backward through the linear layer sums over sequences **and** times, since `W_y` was used at each
# of the N·T places; what comes out of it is the `grad_h` that the RNN's `backward` wants. Characters
# are integers, so there is no gradient by the input.
#
# Draw `W_y` from N(0, 1/H); `b_y` starts with zeros.

# %% [raw]
# # BEGIN SOLUTION


# %%
class CharModel:
    """A recurrent model of the next character.

    Attributes: rnn, an RNN from V one-hot inputs to H; W_y (H, V), b_y (V,); after `backward` also
    rnn.grad_W_x, rnn.grad_W_h, rnn.grad_b, grad_W_y, grad_b_y.
    """

    def __init__(self, vocabulary, d_hidden, rng=None):
        """vocabulary: V, the number of different characters; d_hidden: H; rng as in `RNN`."""
        # BEGIN SOLUTION
        rng = np.random.default_rng(rng)
        self.rnn = RNN(vocabulary, d_hidden, rng)
        self.W_y = rng.normal(0.0, 1.0 / np.sqrt(d_hidden), size=(d_hidden, vocabulary))
        self.b_y = np.zeros(vocabulary)
        # END SOLUTION

    def forward(self, ids):
        """ids (N, T) of integers 0 … V - 1 -> logits (N, T, V)."""
        # BEGIN SOLUTION
        self._h = self.rnn.forward(np.eye(len(self.b_y))[ids])
        return self._h @ self.W_y + self.b_y
        # END SOLUTION

    def backward(self, grad_logits):
        """grad_logits (N, T, V): sets the gradients of all five parameters; returns nothing."""
        # BEGIN SOLUTION
        self.grad_W_y = np.einsum("nth,ntv->hv", self._h, grad_logits)
        self.grad_b_y = grad_logits.sum(axis=(0, 1))
        self.rnn.backward(grad_logits @ self.W_y.T)
        # END SOLUTION

    def probabilities(self, ids):
        """ids (N, T) -> (N, T, V): at place t the distribution of character t + 1."""
        # BEGIN SOLUTION
        logits = self.forward(ids)
        p = np.exp(logits - logits.max(axis=2, keepdims=True))
        return p / p.sum(axis=2, keepdims=True)
        # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_model_forward(CharModel, expect, np):
    model = CharModel(3, 2)
    model.rnn.W_x = np.log(np.array([[2.0, 1.0], [1.0, 3.0], [0.5, 1.0]]))
    model.rnn.W_h, model.rnn.b = np.zeros((2, 2)), np.zeros(2)
    model.W_y, model.b_y = np.array([[1.0, 0.0, -1.0], [0.0, 5.0, 0.0]]), np.array([0.0, 1.0, 0.0])
    logits = model.forward(np.array([[0, 1, 2]]))
    right = [[[0.6, 1.0, -0.6], [0.0, 5.0, 0.0], [-0.6, 1.0, 0.6]]]
    expect(logits, right, "the logits", "one-hot, through the RNN, then h W_y + b_y at each place")
    p = model.probabilities(np.array([[0, 1, 2]]))
    expect(p, np.exp(right) / np.exp(right).sum(axis=2, keepdims=True), "probabilities", "softmax")


# %%
def test_model_gradients(CharModel, expect, slope, np):
    generator = np.random.default_rng(6)
    model, ids = CharModel(4, 3, 7), generator.integers(0, 4, (2, 5))
    grad = generator.standard_normal((2, 5, 4))
    model.forward(ids)
    model.backward(grad)
    for owner, name in [(model, "W_y"), (model, "b_y"), (model.rnn, "W_x"), (model.rnn, "W_h")]:
        found = getattr(owner, "grad_" + name).copy()
        right = slope(lambda: np.sum(grad * model.forward(ids)), getattr(owner, name))
        expect(found, right, "grad_" + name, "sums over all sequences and times")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **The text.** Numbers below a thousand, written out. 800 of the 1000 numbers make the training text;
# the held-out text consists of the other 200, so that learning the training text by heart is of no
# use: the model has to learn how numbers are *made*.

# %%
SMALL = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
fifteen sixteen seventeen eighteen nineteen"""
LARGE = "twenty thirty forty fifty sixty seventy eighty ninety"
UNITS, TENS = SMALL.split(), LARGE.split()


def in_words(n):
    """317 -> three hundred and seventeen; 0 <= n < 1000."""
    if n < 20:
        return UNITS[n]
    if n < 100:
        return TENS[n // 10 - 2] + ("-" + UNITS[n % 10] if n % 10 else "")
    return UNITS[n // 100] + " hundred" + (" and " + in_words(n % 100) if n % 100 else "")


generator = np.random.default_rng(0)
numbers = generator.permutation(1000)
text = "".join(in_words(n) + ". " for n in generator.choice(numbers[:800], 2500))
unseen = "".join(in_words(n) + ". " for n in generator.choice(numbers[800:], 400))
alphabet = sorted(set(text))
vocabulary = len(alphabet)
ids = np.array([alphabet.index(c) for c in text])
# 80 rows of 100 characters, and the character that follows each.
held_out = np.array([alphabet.index(c) for c in unseen])[:8080].reshape(80, 101)
print(len(ids), "characters,", vocabulary, "different ones:", "".join(alphabet))
print(text[:120])

# %% [markdown]
# **What is easy?** Counting goes a long way, and a model is worth something only beyond that. The
# baselines guess the next character from nothing (uniform), from how frequent it is (unigram), from
# the last character (bigram), from the last two (trigram).


# %%
def baseline(length):
    """Perplexity on the held-out text of counts of pieces of `length` characters."""
    counts = np.full((vocabulary,) * length, 0.1)
    np.add.at(counts, tuple(ids[i : len(ids) - length + 1 + i] for i in range(length)), 1)
    p = counts / counts.sum(axis=-1, keepdims=True)
    places = held_out.shape[1] - length + 1
    return np.exp(-np.log(p[tuple(held_out[:, i : i + places] for i in range(length))]).mean())


baselines = {"uniform": float(vocabulary), "unigram": baseline(1)}
baselines |= {"bigram": baseline(2), "trigram": baseline(3), "required": 1.5}
for name, value in baselines.items():
    print(f"{name:>8}  {value:6.2f}")

# %% [raw]
# # BEGIN QUESTION
# name: q7

# %% [markdown]
# ## q7 · Training
#
# **`train_step`** is one step of plain gradient descent on a batch of windows: loss, gradients of the
# five parameters, clipping of **all five together**, and then each parameter moves *against* its
# clipped gradient, `p ← p − lr · g`. It returns the loss of the batch *before* the step.
#
# **`train`** makes a model from a text. One window of T + 1 characters, starting anywhere, gives T
# inputs (all but the last) and T targets (all but the first: what comes *next*). Take a batch of random
# windows in each step. Required is a perplexity of **at most 1.5** on the held-out numbers; bigrams
# reach about 3.2, trigrams about 1.6, and nobody can get below about 1.3, because which number comes
# next is pure chance. You choose size, steps and step length. A start that works: H = 64, 32
# windows of T = 32, 600 steps with `lr` from 2 straight down to 0, `max_norm` 1. That takes some
# seconds and ends near 1.35. The hidden suite stops a training after 90 seconds.
#
# Held-out perplexity is measured on rows of about a hundred characters, each read from a zero state.

# %% [raw]
# # BEGIN SOLUTION


# %%
def train_step(model, inputs, targets, lr, max_norm):
    """One clipped step of gradient descent; changes the parameters of `model`.

    inputs, targets (N, T): characters and the ones that follow them. Returns the loss before the
    step, a float.
    """
    # BEGIN SOLUTION
    criterion = CharacterCrossEntropy()
    loss = criterion.forward(model.forward(inputs), targets)
    model.backward(criterion.backward())
    rnn = model.rnn
    parameters = [rnn.W_x, rnn.W_h, rnn.b, model.W_y, model.b_y]
    gradients = [rnn.grad_W_x, rnn.grad_W_h, rnn.grad_b, model.grad_W_y, model.grad_b_y]
    clipped, _ = clip_by_global_norm(gradients, max_norm)
    for parameter, gradient in zip(parameters, clipped, strict=True):
        parameter -= lr * gradient
    return loss
    # END SOLUTION


def train(ids, vocabulary, seed):
    """ids (L,): a text as integers 0 … vocabulary - 1; seed: an integer -> a trained model.

    The model is a CharModel, or anything else of yours with the method `probabilities`.
    """
    # BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    model = CharModel(vocabulary, 64, rng)
    steps, count, length = 600, 32, 32
    for step in range(steps):
        starts = rng.integers(0, len(ids) - length, count)
        windows = ids[starts[:, None] + np.arange(length + 1)]
        train_step(model, windows[:, :-1], windows[:, 1:], 2.0 * (1.0 - step / steps), 1.0)
    return model
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_train_step(CharModel, CharacterCrossEntropy, train_step, expect, np):
    windows = np.random.default_rng(8).integers(0, 4, (3, 6))
    inputs, targets = windows[:, :-1], windows[:, 1:]
    model, twin = CharModel(4, 5, 9), CharModel(4, 5, 9)
    criterion = CharacterCrossEntropy()
    before = criterion.forward(twin.forward(inputs), targets)
    twin.backward(criterion.backward())
    W_h, W_y = twin.rnn.W_h.copy(), twin.W_y.copy()
    loss = train_step(model, inputs, targets, 0.5, 100.0)
    expect(loss, before, "the returned loss", "the loss before the step")
    expect(
        model.W_y, W_y - 0.5 * twin.grad_W_y, "W_y", "p - lr · gradient, when nothing is clipped"
    )
    expect(model.rnn.W_h, W_h - 0.5 * twin.rnn.grad_W_h, "rnn.W_h", "p - lr · gradient")
    before = [model.rnn.W_x, model.rnn.W_h, model.rnn.b, model.W_y, model.b_y]
    before = [array.copy() for array in before]
    train_step(model, inputs, targets, 2.0, 0.01)
    after = [model.rnn.W_x, model.rnn.W_h, model.rnn.b, model.W_y, model.b_y]
    moved = np.sqrt(sum(np.sum((a - b) ** 2) for a, b in zip(after, before, strict=True)))
    expect(moved, 0.02, "the length of a clipped step", "lr · max_norm, over all five parameters")


# %%
def test_training(train, perplexity, ids, vocabulary, held_out):
    model = train(ids, vocabulary, 1)
    assert model is not None, "train returns None. Is the `return` missing?"
    value = perplexity(model.probabilities(held_out[:, :-1]), held_out[:, 1:])
    assert value <= 1.5, f"the perplexity on the held-out numbers is {value:.3f}, required is 1.5"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **How learning looks.** The same training with a look at the held-out text every 10 steps. First the
# model finds out which characters are frequent, then which follow which, and then it leaves the
# baselines behind one by one. Below, what it writes: a character is drawn from the predicted
# distribution, appended, and the model reads on.


# %%
def write(model, length, rng):
    """A text of `length` characters, drawn one by one; it starts after a number's end."""
    written = [alphabet.index("."), alphabet.index(" ")]
    for _ in range(length):
        p = model.probabilities(np.array([written]))[0, -1]
        written.append(rng.choice(vocabulary, p=p / p.sum()))
    return "".join(alphabet[i] for i in written[2:])


generator = np.random.default_rng(1)
model = CharModel(vocabulary, 64, generator)
history, samples = [], {}
for step in range(301):
    if step % 10 == 0:
        p = model.probabilities(held_out[:, :-1])
        history.append(perplexity(p, held_out[:, 1:]))
    if step in (0, 30, 100, 300):
        samples[step] = write(model, 75, np.random.default_rng(3))
    starts = generator.integers(0, len(ids) - 32, 32)
    windows = ids[starts[:, None] + np.arange(33)]
    train_step(model, windows[:, :-1], windows[:, 1:], 2.0 * (1.0 - step / 350), 1.0)

plt.figure(figsize=(8, 3.6))
plt.semilogy(np.arange(0, 301, 10), history, "k.-")
for i, (name, value) in enumerate(baselines.items()):
    plt.axhline(value, color=f"C{i}", linestyle="--", linewidth=1)
    side = "top" if name == "required" else "bottom"
    plt.text(318, value, f"{name} {value:.2f}", color=f"C{i}", va=side)
plt.yticks([1, 2, 5, 10, 20], ["1", "2", "5", "10", "20"])
plt.minorticks_off()
plt.xlabel("step")
plt.ylabel("held-out perplexity")
plt.show()
for step, sample in samples.items():
    print(f"after {step:>3} steps: {sample}")

# %% [markdown]
# Look for numbers that nobody ever wrote into the training text. The model has learned no list but
# a grammar, and holds its place in it in 64 numbers.
#
# ## How to submit
#
# 1. *Kernel → Restart and run all*: every `grader.check` above should say that it passed. Questions
#    left blank cost their own points only.
# 2. Save, and hand in this one file, `p6-recurrent.ipynb`, where your course collects homework.
#
# Taken from your notebook are the classes and functions asked for and whatever they use; prints,
# plots and training loops are left out. Only numpy is installed where they run.
