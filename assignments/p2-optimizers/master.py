# %% [raw]
# # ASSIGNMENT CONFIG
# init_cell: true
# export_cell: false
# generate: true
# tests:
#   files: true
#   ok_format: false

# %% [markdown]
# # Practical 2 · Optimizers
#
# A network is trained by walking downhill: the weights are a point in a landscape whose height is
# the loss, back-propagation tells the slope under your feet, and an **optimizer** decides on the
# next step. The slope alone is a poor guide. In a long narrow valley it points across the valley
# rather than along it; on a saddle it vanishes; and computed on a handful of objects it is only
# roughly right.
#
# You will write plain gradient descent and see it struggle, then one by one the remedies that
# every library offers: noise, mini-batches, momentum, a step size for each single weight, clipping,
# schedules. None of them is longer than a few lines.
#
# | question | you write | points in the hidden suite |
# |---|---|---|
# | q1 | `gradient_descent` | 9 |
# | q2 | `noisy_descent`: out of a saddle | 11 |
# | q3 | `mse_gradient`, `minibatches`, `stochastic_descent` | 22 |
# | q4 | `running_risk` | 6 |
# | q5 | `SGD`, `Momentum` | 17 |
# | q6 | `AdaGrad`, `RMSProp` | 12 |
# | q7 | `Adam` | 11 |
# | q8 | `clip_gradients`, `step_decay`, `inverse_decay`, `cosine_decay`, `minimize` | 12 |
#
# Run the next cells, then look at the picture: the arrows show where gradient descent wants to go.

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


def expect_steps(optimizer, weights, gradients, expected, remedy):
    """Take one step per gradient; compare the array `weights` with what is expected after each."""
    for number, (gradient, values) in enumerate(zip(gradients, expected, strict=True), 1):
        given = np.array(gradient)
        before = weights.copy()
        optimizer.step([given])
        assert np.array_equal(given, gradient), "step has changed the gradient that it was given"
        assert not np.array_equal(weights, before) or np.array_equal(before, values), (
            "step has not changed the array that the optimizer was given: write into it, as in"
            " `w -= …`; `w = w - …` makes a new array, which nobody else ever sees"
        )
        expect(weights, values, f"the parameter after step {number}", remedy)


def landscape(axes, f, across, up, **style):
    """Draw the contour lines of f(x1, x2) over the intervals `across` and `up`."""
    x1, x2 = np.meshgrid(np.linspace(*across, 200), np.linspace(*up, 200))
    axes.contour(x1, x2, f(x1, x2), **{"levels": 18, "cmap": "Greys", "linewidths": 0.8, **style})
    axes.set(xlim=across, ylim=up, xlabel="$x_1$", ylabel="$x_2$")


# %%
def ravine(x1, x2):
    return 0.5 * (x1**2 + 12 * x2**2)


def ravine_gradient(x):
    return np.array([1.0, 12.0]) * x


_, axes = plt.subplots(figsize=(9, 3))
landscape(axes, ravine, (-10, 3), (-2.2, 2.2), levels=np.linspace(0.2, 7, 12) ** 2)
for start in np.array([[-9, 1], [-7, -1.2], [-5, 0.8], [-3, -1], [-8, 0.3], [-6, -0.4], [1, 1.3]]):
    downhill = -ravine_gradient(start)
    arrow = start + downhill / np.linalg.norm(downhill)
    axes.annotate("", arrow, start, arrowprops={"color": "C3", "arrowstyle": "->", "lw": 1.6})
axes.plot(0, 0, "k*", markersize=12)
axes.set(aspect="equal", title="A ravine: downhill is hardly ever towards the minimum (★)")
plt.tight_layout()
plt.show()

# %% [markdown]
# ## What is agreed on in this practical
#
# Lectures and libraries differ in details. Here, and in the tests, these hold:
#
# 1. **Against the gradient.** The gradient points uphill, so every step *subtracts* it. (One of the
#    lectures says in passing that we go along the gradient; its formula has the minus.)
# 2. **Functions return new arrays.** What they are given (`start`, `X`, `y`, gradients, losses)
#    stays as it is. Results are `float64`, also when the start or the data are integers.
# 3. **Optimizers write into the parameters.** An optimizer gets a list of arrays, of any number and
#    any shapes, and `step(gradients)` changes these very arrays in place, since a network holds on
#    to them. The gradients are one list of arrays of the same shapes. They stay as they are, and
#    the caller may overwrite them after the step.
# 4. **Memory.** What an optimizer remembers from step to step begins with zeros, and each parameter
#    has its own, also when two of them look alike. Two optimizers know nothing of each other.
# 5. **`optimizer.lr` may be changed at any time** and counts from the next step on. So the learning
#    rate is no part of what is remembered.
# 6. **A gradient may be `None`:** in this step that parameter is frozen. It stays as it is and so
#    does all that is remembered of it; the other parameters take their step.
# 7. **`eps` stands outside the root,** $\sqrt{\cdot} + \varepsilon$, in every optimizer.
# 8. **Gradients are means** over the objects of a batch already. Only `mse_gradient`, which
#    computes one, divides by their number.
# 9. **Counting.** Schedules count steps from t = 0, and the first step has the full learning rate.
#    Adam counts from t = 1.
# 10. **Randomness.** `rng` may be `None`, an integer seed or a numpy `Generator`;
#     `np.random.default_rng(rng)` turns any of them into a generator (and hands a generator back as
#     it is). Equal seeds give equal results; the global state of `np.random` is left alone.
#
# **What the hidden suite looks at.** Mostly a few exact steps with given gradients: five in a row,
# on two parameters of one shape, with a learning rate that changes in between; gradients that are
# zero, or as small as 1e-9; default values and others; whether the caller's arrays and yours stay
# apart; batches of sizes that do and do not divide N; the distribution of your noise. Where
# something has to converge, the threshold is generous. What the public tests below check is a small
# sample of that. Private attributes, helper functions, additional classes and the way you compute
# are up to you; names, orders and defaults of arguments, the attributes `parameters` and `lr`, and
# the shapes in the docstrings are not.

# %% [raw]
# # BEGIN QUESTION
# name: q1

# %% [markdown]
# ## q1 · Gradient descent
#
# Of all directions the gradient $\nabla f$ is the one of steepest ascent. So take a small step
# against it, look again, take the next:
# $$\theta_{n+1} = \theta_n - \lambda \nabla f(\theta_n) .$$
#
# $\lambda$ is the **learning rate**, `lr`. The function returns the whole path rather than its end,
# because we want to draw it.

# %% [raw]
# # BEGIN SOLUTION


# %%
def gradient_descent(gradient, start, lr, steps):
    """Walk downhill from `start`.

    gradient: a function, point (D,) -> gradient (D,); start: the first point (D,), kept as it is.
    Returns the path, an array (steps + 1, D): the start, then the point after each step.
    """
    # BEGIN SOLUTION
    x = np.array(start, dtype=float)
    path = [x]
    for _ in range(steps):
        x = x - lr * gradient(x)
        path.append(x)
    return np.array(path)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_path(gradient_descent, expect, np):
    path = gradient_descent(lambda x: np.array([1.0, 4.0]) * x, np.array([8.0, -1.0]), 0.5, 3)
    expect(
        path,
        [[8.0, -1.0], [4.0, 1.0], [2.0, -1.0], [1.0, 1.0]],
        "the path",
        "first the start, then x - lr · gradient(x) again and again, one row for each point",
    )


# %%
def test_start(gradient_descent, expect, np):
    start = np.array([3, 1])
    path = gradient_descent(lambda x: 1.0 + 0.0 * x, start, 0.25, 1)
    expect(path, [[3.0, 1.0], [2.75, 0.75]], "the path from a start of integers", "compute floats")
    assert np.array_equal(start, [3, 1]), "gradient_descent has changed `start`: work on a copy"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **How long a step?** Along a direction of curvature $h$ the function is $\frac12 h x^2$, the
# gradient $hx$, and a step multiplies $x$ by $1 - \lambda h$. It shrinks only if
# $\lambda < 2/h$: the **steepest** direction sets the speed limit, and the flat ones have to live
# with it. Our ravine has the curvatures 1 and 12, so the limit is 1/6.

# %%
_, (left, right) = plt.subplots(1, 2, figsize=(11, 3), width_ratios=[2, 1])
landscape(left, ravine, (-10, 3), (-2.2, 2.2), levels=np.linspace(0.2, 7, 12) ** 2)
for color, lr in zip(["C2", "C0", "C3"], [0.02, 0.155, 0.172], strict=True):
    path = gradient_descent(ravine_gradient, np.array([-9.0, 1.0]), lr, 40)
    left.plot(*path.T, ".-", color=color, linewidth=1, label=f"lr = {lr}")
    right.semilogy(ravine(*path.T), color=color)
left.legend(loc="upper right")
left.set(title="too careful, about right, too fast")
right.set(xlabel="step", title="f", ylim=(1e-6, 1e3))
plt.tight_layout()
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q2

# %% [markdown]
# ## q2 · Noise: out of a saddle
#
# The gradient is zero in a minimum, and also on a **saddle**: uphill in some directions, downhill
# in others. In spaces of a million dimensions nearly all points of zero gradient are saddles. Two
# classics are
# $$f = x_1^2 - x_2^2, \qquad\qquad f = x_1^3 - 3 x_1 x_2^2 \quad\text{(the monkey saddle: two
# legs and a tail)}.$$
#
# Whoever comes along the ridge $x_2 = 0$ of the first walks straight to the saddle point and stays
# there for ever. A little noise is enough to fall off. It belongs to the *gradient*, so it stands
# **inside** the step and is scaled by the learning rate with it:
# $$\theta_{n+1} = \theta_n - \lambda \bigl( \nabla f(\theta_n) + \xi_n \bigr), \qquad
#   \xi_n \sim \mathcal{N}(0, \sigma^2 I) \text{ with a small } \sigma .$$
# (One of the lectures adds a noise of variance 1 outside the step. However small λ is, such a walk
# jumps by about 1 each time and never settles anywhere.)
#
# Every step and every coordinate has a noise of its own.

# %% [raw]
# # BEGIN SOLUTION


# %%
def noisy_descent(gradient, start, lr, steps, sigma, rng=None):
    """Walk downhill from `start` with normal noise of standard deviation `sigma` on the gradient.

    gradient, start, and the path (steps + 1, D) that is returned: as in gradient_descent.
    rng: None, an integer seed or a numpy Generator.
    """
    # BEGIN SOLUTION
    rng = np.random.default_rng(rng)

    def noisy(x):
        return gradient(x) + rng.normal(0.0, sigma, size=x.shape)

    return gradient_descent(noisy, start, lr, steps)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_without_noise(noisy_descent, expect, np):
    path = noisy_descent(lambda x: 2.0 * x * [1, -1], np.array([1.0, 0.0]), 0.25, 3, 0.0, 1)
    straight = [[1.0, 0.0], [0.5, 0.0], [0.25, 0.0], [0.125, 0.0]]
    expect(path, straight, "the path with sigma = 0", "without noise it is plain gradient descent")


# %%
def test_size_of_the_noise(noisy_descent, np):
    path = noisy_descent(lambda x: 0.0 * x, np.zeros(500), 0.1, 100, 0.3, 2)
    assert np.shape(path) == (101, 500), f"the path has shape {np.shape(path)}, expected (101, 500)"
    size = np.diff(path, axis=0).std()
    assert 0.0285 < size < 0.0315, (
        f"where the gradient is 0, a step has the standard deviation {size:.4f}, expected 0.03"
        " = lr · sigma: the noise stands inside the step, θ - lr · (gradient + noise)"
    )
    assert np.abs(np.mean(path[-1])) < 0.1, "the noise has a mean other than 0"
    assert np.ptp(path[1]) > 0, "all coordinates get the same noise: draw one number for each"
    assert not np.allclose(path[2] - path[1], path[1]), "all steps get the same noise"


# %%
def test_seed_of_the_noise(noisy_descent, np):
    first, again, other = (
        noisy_descent(lambda x: x, np.ones(3), 0.1, 2, 1.0, seed) for seed in (5, 5, 6)
    )
    assert np.array_equal(first, again), "equal seeds must give equal paths"
    assert not np.array_equal(first, other), "other seeds must give other paths: use rng"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION


# %%
def saddle(x1, x2):
    return x1**2 - x2**2


def saddle_gradient(x):
    return np.array([2 * x[0], -2 * x[1]])


def monkey(x1, x2):
    return x1**3 - 3 * x1 * x2**2


def monkey_gradient(x):
    return np.array([3 * x[0] ** 2 - 3 * x[1] ** 2, -6 * x[0] * x[1]])


_, pair = plt.subplots(1, 2, figsize=(11, 4.6))
scenes = [
    (saddle, saddle_gradient, 0.05, 70, "$x_1^2 - x_2^2$"),
    (monkey, monkey_gradient, 0.02, 160, "$x_1^3 - 3 x_1 x_2^2$"),
]
for axes, (f, gradient, lr, steps, title) in zip(pair, scenes, strict=True):
    landscape(axes, f, (-1.6, 1.6), (-1.6, 1.6), levels=np.linspace(-3, 3, 25), cmap="coolwarm")
    for seed in range(6):
        with np.errstate(all="ignore"):  # down the monkey's leg it goes to infinity, and fast
            path = noisy_descent(gradient, np.array([1.4, 0.0]), lr, steps, 0.3, seed)
        outside = np.abs(path).max(axis=1) > 1.6
        axes.plot(*path[: outside.argmax() if outside.any() else None].T, color="C2", linewidth=1)
    path = gradient_descent(gradient, np.array([1.4, 0.0]), lr, steps)
    axes.plot(*path.T, "k.-", markersize=4, label="without noise")
    axes.plot([], [], "C2", label="with noise, six seeds")
    axes.set(title=title, aspect="equal")
pair[0].legend(loc="upper right")
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q3

# %% [markdown]
# ## q3 · Mini-batches
#
# The risk is a mean over N objects, and so is its gradient: one step through a million objects. But
# a mean over a few random objects estimates the same gradient without bias, at a tiny part of the
# price; its error is a noise that comes for free, and you have just seen that noise has its merits.
#
# **The gradient of a batch.** For linear regression with the weights $w$ of shape (D,), on n
# objects: $$Q(w) = \frac1n \sum_{i=1}^n (x_i \cdot w - y_i)^2, \qquad
#   \nabla Q(w) = \frac2n X^\top (Xw - y) .$$
# n is the number of objects *in this batch*: a mean does not grow with the size of the batch, and
# so one learning rate suits batches of all sizes.
#
# **The batches of an epoch.** Draw a random permutation of the N objects and cut it into pieces of
# `batch_size`; if N is not a multiple of it, the last piece is shorter, and is used all the same.
# An object takes its answer along: row i of X and entry i of y go to the same place of the same
# batch. Each epoch draws a **new** permutation, so sow the seed *once*, before the first epoch.

# %% [raw]
# # BEGIN SOLUTION


# %%
def mse_gradient(w, X, y):
    """The gradient (D,) of the mean squared error of X·w, for w (D,), X (n, D), y (n,)."""
    # BEGIN SOLUTION
    return 2.0 * X.T @ (X @ w - y) / len(X)
    # END SOLUTION


def minibatches(X, y, batch_size, rng=None):
    """Shuffle the N objects X (N, D) and their answers y (N,) together and cut them into batches.

    rng: None, an integer seed or a numpy Generator.
    Returns a list of pairs (X_batch, y_batch) with the dtypes of X and y. All batches have
    batch_size objects, but for a last one with the rest; every object is in exactly one of them.
    """
    # BEGIN SOLUTION
    order = np.random.default_rng(rng).permutation(len(X))
    batches = []
    for first in range(0, len(X), batch_size):
        rows = order[first : first + batch_size]
        batches.append((X[rows], y[rows]))
    return batches
    # END SOLUTION


def stochastic_descent(gradient, start, X, y, lr, batch_size, epochs, rng=None):
    """Mini-batch gradient descent: one step for each batch, a new permutation for each epoch.

    gradient: a function (w, X_batch, y_batch) -> gradient (D,), the mean over the batch; it is
    called once for each batch. start: the first weights (D,); rng: as in minibatches.
    Returns the path, an array (number of steps + 1, D): the start, then w after each step.
    """
    # BEGIN SOLUTION
    rng = np.random.default_rng(rng)
    w = np.array(start, dtype=float)
    path = [w]
    for _ in range(epochs):
        for X_batch, y_batch in minibatches(X, y, batch_size, rng):
            w = w - lr * gradient(w, X_batch, y_batch)
            path.append(w)
    return np.array(path)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_gradient_of_a_batch(mse_gradient, expect, np):
    X = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, -1.0], [1.0, 0.0]])
    y = np.array([1.0, 0.0, 2.0, 1.0])
    expect(
        mse_gradient(np.array([1.0, 1.0]), X, y),
        [1.0, 2.5],
        "the gradient",
        "2/n · Xᵀ (X w - y), where n is the number of rows of X",
    )


# %%
def test_batches(minibatches, np):
    X, y = np.arange(30.0).reshape(10, 3), np.arange(10) * 100
    batches = minibatches(X, y, 4, 0)
    assert isinstance(batches, list), f"minibatches returned a {type(batches).__name__}, not a list"
    sizes = [len(X_batch) for X_batch, y_batch in batches]
    assert sizes == [4, 4, 2], f"10 objects in batches of 4 have the sizes {sizes}, not [4, 4, 2]"
    rows = np.concatenate([X_batch for X_batch, y_batch in batches])
    answers = np.concatenate([y_batch for X_batch, y_batch in batches])
    assert sorted(rows[:, 0]) == list(X[:, 0]), "an object is missing, or is there twice"
    assert not np.array_equal(rows, X), "the objects are in their old order: shuffle them"
    assert np.array_equal(rows[:, 0] // 3 * 100, answers), (
        "objects and answers are torn apart: index X and y with one and the same permutation"
    )
    again = minibatches(X, y, 4, 0)
    assert np.array_equal(again[0][0], batches[0][0]), "equal seeds must give equal batches"
    generator = np.random.default_rng(0)
    one, two = (minibatches(X, y, 10, generator)[0][1] for _ in range(2))
    assert not np.array_equal(one, two), "two epochs with one generator have the same permutation"


# %%
def test_steps(stochastic_descent, expect, np):
    seen = []

    def gradient(w, X_batch, y_batch):
        seen.append(y_batch[0])
        return w * y_batch[0]

    X, y = np.zeros((3, 1)), np.array([0.5, 1.0, 1.5])
    path = stochastic_descent(gradient, np.array([16.0]), X, y, 1.0, 1, 2, 0)
    assert len(seen) == 6, f"{len(seen)} gradients for 2 epochs of 3 batches, expected 6"
    assert sorted(seen[:3]) == sorted(seen[3:]) == list(y), "an epoch uses each object once"
    expected = 16.0 * np.cumprod([1.0] + [1.0 - factor for factor in seen])
    expect(path, expected[:, None], "the path", "one step w - lr · gradient(w, X, y) per batch")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q4

# %% [markdown]
# ## q4 · The running risk
#
# How is the training going? The risk over all objects would cost more than the training itself; the
# loss of the latest batch is there anyway, but jumps about. The middle way is an exponential moving
# average of the losses $\mathcal{L}_i$ met on the way:
# $$Q \leftarrow \lambda\, \mathcal{L}_i + (1 - \lambda)\, Q, \qquad 0 \le \lambda \le 1 .$$
# A small λ smooths well and follows slowly. It remembers about the last 1/λ losses.
#
# Two slips in the lectures to watch out for. One of them writes the new term as
# $\lambda \sum_{i=1}^k \mathcal{L}_i$; but it is the loss of *the one* object or batch just seen.
# Another lets Q begin as the *sum* of the losses over the objects; to go on as a mean it has to
# begin as one: $Q_0$ is the **mean** of the initial losses. (From a sum over N objects it would
# take $\ln N/\lambda$ steps merely to come down.)

# %% [raw]
# # BEGIN SOLUTION


# %%
def running_risk(initial_losses, losses, rate):
    """The running risk Q after each of `losses`.

    initial_losses: (N,) the losses of the objects before the training; Q begins as their mean.
    losses: (T,) the losses met on the way; rate: the λ of the formula, between 0 and 1.
    Returns an array (T,): Q after the first loss, after the second, …
    """
    # BEGIN SOLUTION
    Q = np.mean(initial_losses)
    history = []
    for loss in losses:
        Q = rate * loss + (1.0 - rate) * Q
        history.append(Q)
    return np.array(history)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_running_risk(running_risk, expect, np):
    Q = running_risk(np.array([10.0, 6.0]), np.array([4.0, 1.0, 9.0]), 0.25)
    expect(
        Q,
        [7.0, 5.5, 6.375],
        "the running risk",
        "Q begins with the mean of the initial losses, then λ · loss + (1 - λ) · Q",
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# On the left: the paths of full batches and of mini-batches, each after 3 epochs. In the time in
# which the full gradient takes three steps, mini-batches of 10 take sixty, noisy ones, and have
# arrived. On the right: the losses of the batches, and what the running risk makes of them.

# %%
generator = np.random.default_rng(4)
X = generator.normal(size=(200, 2)) * [1.0, 0.5]
y = X @ [2.0, -1.0] + generator.normal(0, 0.8, 200)


def risk(w, X, y):
    return np.mean((X @ w - y) ** 2)


def risk_at(w1, w2):
    return np.mean((w1[..., None] * X[:, 0] + w2[..., None] * X[:, 1] - y) ** 2, axis=-1)


_, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
landscape(left, risk_at, (-2.5, 3), (-2.2, 2.2), levels=np.linspace(0.8, 5, 14) ** 2)
for size, color in [(10, "C1"), (200, "C0")]:
    path = stochastic_descent(mse_gradient, np.array([-2.0, 1.5]), X, y, 0.1, size, 3, 1)
    left.plot(*path.T, ".-", color=color, linewidth=1, label=f"batches of {size}")
left.set(xlabel="$w_1$", ylabel="$w_2$")
left.legend(loc="lower left")

losses = []


def recording_gradient(w, X_batch, y_batch):
    losses.append(risk(w, X_batch, y_batch))
    return mse_gradient(w, X_batch, y_batch)


start = np.array([-2.0, 1.5])
path = stochastic_descent(recording_gradient, start, X, y, 0.02, 5, 8, 2)
right.plot(losses, color="0.8", label="loss of each batch")
for rate, color in [(0.3, "C1"), (0.05, "C3")]:
    smooth = running_risk((X @ start - y) ** 2, np.array(losses), rate)
    right.plot(smooth, color, label=f"running risk, λ = {rate}")
right.plot([risk(w, X, y) for w in path], "k--", linewidth=1, label="risk over all objects")
right.set(xlabel="step", yscale="log")
right.legend()
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q5

# %% [markdown]
# ## q5 · SGD as an optimizer, and momentum
#
# From here on the loop is yours no longer: an **optimizer** is told the gradients and takes the
# step. It keeps the list `parameters` (the arrays themselves) and the learning rate `lr`.
#
# **SGD** is the plain step, $w \leftarrow w - \lambda g$, for each parameter.
#
# **Momentum.** Instead of a hiker who turns wherever it is steepest, let a heavy ball roll. Across
# the ravine the pushes alternate and cancel; along the ravine they add up:
# $$v \leftarrow \rho\, v + g, \qquad w \leftarrow w - \lambda\, v .$$
# Under a constant gradient $v$ grows to $g / (1 - \rho)$: with ρ = 0.9 the ball rolls ten times as
# fast. Note what is *not* in $v$: the learning rate. Some books put it there. As long as λ is
# constant both give the same path, but not when a schedule changes it.
#
# **Nesterov's variant** first lets the ball roll and then corrects. Written for the weights that we
# have, with the *new* $v$ from above: $$w \leftarrow w - \lambda\, (g + \rho\, v) .$$
#
# **An L2 penalty** $\alpha \lVert w \rVert^2$ added to the loss adds $2\alpha w$ to its gradient.
# So before anything else, $g \leftarrow g + 2 \alpha w$: the velocity sees the penalty like any
# other part of the loss. (`l2` is the α.)

# %% [raw]
# # BEGIN SOLUTION


# %%
class SGD:
    """w ← w - lr · g. Attributes: parameters, lr."""

    def __init__(self, parameters, lr):
        """parameters: a list of arrays that `step` is to change in place."""
        # BEGIN SOLUTION
        self.parameters = parameters
        self.lr = lr
        # END SOLUTION

    def step(self, gradients):
        """gradients: a list with an array, or None, for each parameter."""
        # BEGIN SOLUTION
        for i, g in enumerate(gradients):
            if g is None:
                continue
            self.parameters[i] -= self.lr * g
        # END SOLUTION


class Momentum:
    """v ← rho · v + g, then w ← w - lr · v, or with nesterov w ← w - lr · (g + rho · v).

    Attributes: parameters, lr.
    """

    def __init__(self, parameters, lr, rho=0.9, nesterov=False, l2=0.0):
        """parameters: a list of arrays that `step` is to change in place; v begins with zeros.

        l2: the factor α of the penalty α‖w‖², whose gradient is added to g first.
        """
        # BEGIN SOLUTION
        self.parameters = parameters
        self.lr = lr
        self.rho = rho
        self.nesterov = nesterov
        self.l2 = l2
        self.v = [np.zeros_like(w) for w in parameters]
        # END SOLUTION

    def step(self, gradients):
        """gradients: a list with an array, or None, for each parameter."""
        # BEGIN SOLUTION
        for i, g in enumerate(gradients):
            if g is None:
                continue
            w = self.parameters[i]
            g = g + 2.0 * self.l2 * w
            self.v[i] = self.rho * self.v[i] + g
            w -= self.lr * (g + self.rho * self.v[i] if self.nesterov else self.v[i])
        # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_sgd(SGD, expect_steps, np):
    w = np.array([1.0, 2.0])
    optimizer = SGD([w], 0.5)
    expect_steps(optimizer, w, [[2.0, -4.0]], [[0.0, 4.0]], "w - lr · g")
    optimizer.lr = 0.25
    expect_steps(optimizer, w, [[4.0, 4.0]], [[-1.0, 3.0]], "lr was changed from 0.5 to 0.25")


# %%
def test_frozen_parameter(SGD, Momentum, expect, np):
    for kind in (SGD, Momentum):
        one, two = np.array([1.0]), np.array([[1.0, 2.0]])
        optimizer = kind([one, two], 1.0)
        optimizer.step([None, np.array([[0.5, 0.5]])])
        name = kind.__name__
        expect(one, [1.0], f"{name}: a parameter whose gradient is None", "leave it alone")
        expect(two, [[0.5, 1.5]], f"{name}: the parameter after a frozen one", "this one moves")


# %%
def test_momentum(Momentum, expect_steps, np):
    w = np.array([10.0, 10.0])
    gradients = [[1.0, 2.0], [1.0, -2.0], [0.0, 0.0]]
    after = [[9.0, 8.0], [7.5, 9.0], [6.75, 9.5]]
    expect_steps(Momentum([w], 1.0, 0.5), w, gradients, after, "v ← rho · v + g, w ← w - lr · v")


# %%
def test_momentum_and_a_new_learning_rate(Momentum, expect_steps, np):
    w = np.array([10.0])
    optimizer = Momentum([w], 1.0, 0.5)
    expect_steps(optimizer, w, [[4.0]], [[6.0]], "v ← rho · v + g, w ← w - lr · v")
    optimizer.lr = 0.25
    expect_steps(optimizer, w, [[2.0]], [[5.0]], "lr changed: v = rho · v + g knows nothing of lr")


# %%
def test_nesterov(Momentum, expect_steps, np):
    w = np.array([10.0])
    optimizer = Momentum([w], 1.0, 0.5, nesterov=True)
    expect_steps(
        optimizer, w, [[4.0], [2.0]], [[4.0], [0.0]], "w ← w - lr · (g + rho · v), with the new v"
    )


# %%
def test_l2_penalty(Momentum, expect_steps, np):
    w = np.array([8.0])
    optimizer = Momentum([w], 0.5, 0.5, l2=0.25)
    expect_steps(
        optimizer, w, [[0.0], [0.0]], [[6.0], [3.5]], "g ← g + 2 · l2 · w, before v is updated"
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q6

# %% [markdown]
# ## q6 · AdaGrad and RMSProp: a step size for each weight
#
# One learning rate for all weights is a compromise: the steep direction forbids what the flat one
# needs. **AdaGrad** divides each coordinate by the size of the gradients it has met. A weight that
# rarely gets a gradient, because its feature is rare, takes large steps when it does:
# $$c \leftarrow c + g^2, \qquad w \leftarrow w - \lambda \frac{g}{\sqrt{c} + \varepsilon} .$$
#
# The sum only grows, so the steps only shrink, and on a long way AdaGrad falls asleep. **RMSProp**
# takes a moving average instead and thereby forgets:
# $$c \leftarrow \gamma\, c + (1 - \gamma)\, g^2, \qquad
#   w \leftarrow w - \lambda \frac{g}{\sqrt{c} + \varepsilon} .$$
#
# All operations are elementwise. $\varepsilon$ is there for the coordinates that have never had a
# gradient, where 0/0 would be NaN.
#
# Three remarks for readers of the lecture. The slides collect $\nabla L$ where $(\nabla L)^2$ is
# meant; without the square the cache would turn negative and its root NaN. The slides put ε inside
# the root; here it stands outside, which matters: with a gradient of 1e-9 the two differ by a
# factor of nine thousand. And their `1e^{-10}` is the number 0.0000000001, `1e-10` in Python, and
# not $e^{-10}$, which is 450,000 times as large.

# %% [raw]
# # BEGIN SOLUTION


# %%
class AdaGrad:
    """c ← c + g², w ← w - lr · g / (√c + eps). Attributes: parameters, lr."""

    def __init__(self, parameters, lr, eps=1e-10):
        """parameters: a list of arrays that `step` is to change in place; c begins with zeros."""
        # BEGIN SOLUTION
        self.parameters = parameters
        self.lr = lr
        self.eps = eps
        self.cache = [np.zeros_like(w) for w in parameters]
        # END SOLUTION

    def step(self, gradients):
        """gradients: a list with an array, or None, for each parameter."""
        # BEGIN SOLUTION
        for i, g in enumerate(gradients):
            if g is None:
                continue
            self.cache[i] += g**2
            self.parameters[i] -= self.lr * g / (np.sqrt(self.cache[i]) + self.eps)
        # END SOLUTION


class RMSProp:
    """c ← gamma · c + (1 - gamma) · g², w ← w - lr · g / (√c + eps). Attributes: parameters, lr."""

    def __init__(self, parameters, lr, gamma=0.9, eps=1e-10):
        """parameters: a list of arrays that `step` is to change in place; c begins with zeros."""
        # BEGIN SOLUTION
        self.parameters = parameters
        self.lr = lr
        self.gamma = gamma
        self.eps = eps
        self.cache = [np.zeros_like(w) for w in parameters]
        # END SOLUTION

    def step(self, gradients):
        """gradients: a list with an array, or None, for each parameter."""
        # BEGIN SOLUTION
        for i, g in enumerate(gradients):
            if g is None:
                continue
            self.cache[i] = self.gamma * self.cache[i] + (1.0 - self.gamma) * g**2
            self.parameters[i] -= self.lr * g / (np.sqrt(self.cache[i]) + self.eps)
        # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_adagrad(AdaGrad, expect_steps, np):
    w = np.array([1.0, 1.0])
    optimizer = AdaGrad([w], 1.0)
    expect_steps(
        optimizer,
        w,
        [[3.0, -0.5], [4.0, 0.0]],
        [[0.0, 2.0], [-0.8, 2.0]],
        "c ← c + g², w ← w - lr · g / (√c + eps)",
    )


# %%
def test_rmsprop(RMSProp, expect_steps, np):
    w = np.array([1.0, 1.0])
    optimizer = RMSProp([w], 1.0, 0.75)
    expect_steps(
        optimizer,
        w,
        [[2.0, -0.5], [2.0, 0.0]],
        [[-1.0, 3.0], [-2.5118578920, 3.0]],
        "c ← gamma · c + (1 - gamma) · g², w ← w - lr · g / (√c + eps)",
    )


# %%
def test_no_gradient_and_a_tiny_one(AdaGrad, RMSProp, expect, np):
    for kind, tiny in [(AdaGrad, 1e-9 / (1e-9 + 1e-10)), (RMSProp, 2.4025307335)]:
        w = np.zeros(2)
        kind([w], 1.0).step([np.array([0.0, 1e-9])])
        remedy = "g / (√c + eps), with eps = 1e-10 outside the root"
        expect(-w, [0.0, tiny], f"{kind.__name__}: the step for the gradients 0 and 1e-9", remedy)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q7

# %% [markdown]
# ## q7 · Adam
#
# "Adam = RMSProp + momentum", says the lecture. That is two thirds of it. There is a moving average
# of the gradients, for the direction, and one of their squares, for the scale:
# $$m \leftarrow \beta_1 m + (1 - \beta_1)\, g, \qquad
#   v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2 .$$
#
# Both begin with zero and are therefore too small for a while: after the first step $v$ is
# $0.001\, g^2$ rather than $g^2$. The last third is the **bias correction**, which makes up for it
# exactly. In step t = 1, 2, 3, …
# $$\hat m = \frac{m}{1 - \beta_1^t}, \qquad \hat v = \frac{v}{1 - \beta_2^t}, \qquad
#   w \leftarrow w - \lambda \frac{\hat m}{\sqrt{\hat v} + \varepsilon} .$$
# The first step is thereby $\lambda\, \mathrm{sign}(g)$, whatever the size of the gradient.
# $\hat m$ and $\hat v$ are for this step only; it is $m$ and $v$ that are remembered. All
# parameters share one t, the number of calls of `step`.
#
# **Weight decay.** Put into the gradient, an L2 penalty would be divided by $\sqrt{\hat v}$ with
# all the rest and pull hardly at all on weights with large gradients. Adam's decay is therefore
# kept apart (the variant is known as AdamW), with the old $w$ on the right:
# $$w \leftarrow w - \lambda \Bigl( \frac{\hat m}{\sqrt{\hat v} + \varepsilon} + \delta w \Bigr),
#   \qquad \delta = \texttt{weight\_decay} .$$

# %% [raw]
# # BEGIN SOLUTION


# %%
class Adam:
    """Adam with bias correction and a weight decay of its own. Attributes: parameters, lr."""

    def __init__(self, parameters, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
        """parameters: a list of arrays that `step` is to change in place; m, v, t begin at zero."""
        # BEGIN SOLUTION
        self.parameters = parameters
        self.lr = lr
        self.beta1, self.beta2 = beta1, beta2
        self.eps = eps
        self.weight_decay = weight_decay
        self.m = [np.zeros_like(w) for w in parameters]
        self.v = [np.zeros_like(w) for w in parameters]
        self.t = 0
        # END SOLUTION

    def step(self, gradients):
        """gradients: a list with an array, or None, for each parameter."""
        # BEGIN SOLUTION
        self.t += 1
        for i, g in enumerate(gradients):
            if g is None:
                continue
            w = self.parameters[i]
            self.m[i] = self.beta1 * self.m[i] + (1.0 - self.beta1) * g
            self.v[i] = self.beta2 * self.v[i] + (1.0 - self.beta2) * g**2
            m_hat = self.m[i] / (1.0 - self.beta1**self.t)
            v_hat = self.v[i] / (1.0 - self.beta2**self.t)
            w -= self.lr * (m_hat / (np.sqrt(v_hat) + self.eps) + self.weight_decay * w)
        # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_first_step_of_adam(Adam, expect_steps, np):
    w = np.array([1.0, 1.0, 1.0])
    expect_steps(
        Adam([w], 0.25),
        w,
        [[100.0, -2.0, 0.0]],
        [[0.75, 1.25, 1.0]],
        "with the bias correction, the first step is lr · sign(g); t counts from 1",
    )


# %%
def test_second_step_of_adam(Adam, expect_steps, np):
    w = np.array([3.0])
    expect_steps(
        Adam([w], 1.0, beta1=0.5, beta2=0.75),
        w,
        [[1.0], [-1.0]],
        [[2.0], [7 / 3]],
        "t = 2: m = -0.25, v = 0.4375; m / (1 - 0.5²) = -1/3, v / (1 - 0.75²) = 1",
    )


# %%
def test_two_parameters(Adam, expect, np):
    one, two = np.zeros(2), np.zeros(2)
    optimizer = Adam([one, two], 1.0)
    for _ in range(2):
        optimizer.step([np.array([1.0, 2.0]), np.array([-1.0, 3.0])])
    expect(one, [-2.0, -2.0], "the first parameter", "under a constant gradient all steps are lr")
    expect(
        two, [2.0, -2.0], "the second parameter", "t counts the calls of step; m, v per parameter"
    )


# %%
def test_weight_decay(Adam, expect_steps, np):
    w = np.array([8.0, -2.0])
    expect_steps(
        Adam([w], 0.5, weight_decay=0.25),
        w,
        [[0.0, 0.0], [5.0, -5.0]],
        [[7.0, -1.75], [5.7529315893, -1.1591815893]],
        "w - lr · (m̂ / (√v̂ + eps) + weight_decay · w): no part of the gradient",
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **The race.** All five in a ravine whose curvatures are 0.1 and 10 (mind the axes), then all five
# coming down beside the ridge of a saddle. SGD must not exceed the limit 2/10 of the steep
# direction and creeps along the flat one. The momentum ball overshoots and swings, and is there.
# AdaGrad, RMSProp and Adam rescale the axes, so that for them the ravine is hardly one. At the
# saddle SGD spends its time where the gradient is small; those that divide by its size do not even
# notice.


# %%
def canyon(x1, x2):
    return 0.05 * x1**2 + 5.0 * x2**2


def canyon_gradient(x):
    return np.array([0.1, 10.0]) * x


contestants = [
    ("SGD", lambda w: SGD([w], 0.18)),
    ("Momentum", lambda w: Momentum([w], 0.06)),
    ("AdaGrad", lambda w: AdaGrad([w], 1.5)),
    ("RMSProp", lambda w: RMSProp([w], 0.2)),
    ("Adam", lambda w: Adam([w], 0.4)),
]


def trajectory(make, gradient, start, steps):
    w = np.array(start)
    optimizer, path = make(w), [w.copy()]
    for _ in range(steps):
        optimizer.step([gradient(w)])
        path.append(w.copy())
    return np.array(path)


_, panels = plt.subplots(2, 5, figsize=(15, 5.6), height_ratios=[1, 1.5])
for (name, make), (top, bottom), i in zip(contestants, panels.T, range(5), strict=True):
    landscape(top, canyon, (-10, 3), (-1.2, 1.2), levels=np.linspace(0.1, 3, 12) ** 2)
    path = trajectory(make, canyon_gradient, [-9.0, 0.9], 60)
    top.plot(*path.T, ".-", color=f"C{i}", linewidth=1)
    top.set(title=f"{name}\nf = {canyon(*path[-1]):.1e} after 60 steps", xlabel="", ylabel="")
    landscape(bottom, saddle, (-1.6, 1.6), (-1.6, 1.6), cmap="coolwarm")
    gentle = {"AdaGrad": 0.15, "RMSProp": 0.05, "Adam": 0.05}.get(name, 0.02)

    def gentler(w, make=make, lr=gentle):
        optimizer = make(w)
        optimizer.lr = lr
        return optimizer

    path = trajectory(gentler, saddle_gradient, [1.4, 0.01], 40)
    bottom.plot(*path.T, ".-", color=f"C{i}", linewidth=1)
    bottom.set(xlabel="", ylabel="", title="40 steps at the saddle")
plt.tight_layout()
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q8

# %% [markdown]
# ## q8 · Clipping, schedules, and the loop around it all
#
# **Clipping.** Once in a while a gradient is a thousand times larger than usual, and one step
# undoes an hour of training. So limit its length, taken over *all* parameters together,
# $$\lVert g \rVert = \sqrt{\textstyle\sum_p \sum_j g_{pj}^2} :$$
# if it exceeds `max_norm`, multiply *every* array by $\mathrm{max\_norm} / \lVert g \rVert$,
# otherwise by 1. The direction stays. Small gradients are not made larger, and zeros stay zeros.
# (Clipping each array by a norm of its own would turn the direction.)
#
# **Schedules.** Large steps get you near, small steps let you settle. For convex functions the
# convergence of stochastic descent is guaranteed if
# $\lambda_t \to 0$, $\sum_t \lambda_t = \infty$ (you can get anywhere) and $\sum_t \lambda_t^2 <
# \infty$ (the noise dies out). 1/t does that. In practice training ends after T steps anyway, and
# drops in stairs or along a cosine serve well:
#
# | schedule | learning rate in step t = 0, 1, 2, … |
# |---|---|
# | constant | $\lambda$ |
# | `step_decay` | $\lambda \cdot \mathrm{factor}^{\lfloor t / \mathrm{every} \rfloor}$ |
# | `inverse_decay` | $\lambda / (1 + \mathrm{rate} \cdot t)$ |
# | `cosine_decay` | $\phi + \frac12 (\lambda - \phi) \bigl(1 + \cos(\pi t / T)\bigr)$ |
#
# where $\phi$ is the `final` rate and $T$ is `total`; after T steps the rate stays at $\phi$.
#
# **The loop.** In each step t = 0, 1, 2, …: first the learning rate of *this* step, then the
# gradients *at the present parameters*, then the step.

# %% [raw]
# # BEGIN SOLUTION


# %%
def clip_gradients(gradients, max_norm):
    """A list of arrays (no None) -> a list of arrays with a global norm of at most max_norm > 0."""
    # BEGIN SOLUTION
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return [g * (max_norm / max(norm, max_norm)) for g in gradients]
    # END SOLUTION


def step_decay(lr, t, factor, every):
    """The learning rate of step t: multiplied by `factor` after each `every` steps."""
    # BEGIN SOLUTION
    return lr * factor ** (t // every)
    # END SOLUTION


def inverse_decay(lr, t, rate):
    """The learning rate of step t, falling like 1/t: halved when rate · t = 1."""
    # BEGIN SOLUTION
    return lr / (1.0 + rate * t)
    # END SOLUTION


def cosine_decay(lr, t, total, final=0.0):
    """The learning rate of step t: half a cosine wave from lr at t = 0 to `final` at t = total."""
    # BEGIN SOLUTION
    angle = np.pi * min(t, total) / total
    return final + 0.5 * (lr - final) * (1.0 + np.cos(angle))
    # END SOLUTION


def minimize(optimizer, gradient, schedule, steps):
    """Let the optimizer take `steps` steps; its parameters change in place, nothing is returned.

    gradient: a function, the list optimizer.parameters -> the list of their gradients;
    schedule: a function, t = 0, 1, 2, … -> the learning rate of step t, a float.
    """
    # BEGIN SOLUTION
    for t in range(steps):
        optimizer.lr = schedule(t)
        optimizer.step(gradient(optimizer.parameters))
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_clipping(clip_gradients, expect, np):
    gradients = [np.array([3.0, 0.0]), np.array([[0.0], [-4.0]])]
    one, two = clip_gradients(gradients, 2.5)
    remedy = "the norm of both arrays together is 5, so that both are multiplied by 2.5/5"
    expect(one, [1.5, 0.0], "the first gradient clipped", remedy)
    expect(two, [[0.0], [-2.0]], "the second gradient clipped", remedy)
    assert gradients[0][0] == 3.0, "clip_gradients has changed its input: make new arrays"
    one, two = clip_gradients(gradients, 6.0)
    expect(two, [[0.0], [-4.0]], "a gradient below max_norm", "it stays as it is")


# %%
def test_schedules(step_decay, inverse_decay, cosine_decay, expect):
    for t, lr in [(0, 0.8), (2, 0.8), (3, 0.4), (7, 0.2)]:
        expect(step_decay(0.8, t, 0.5, 3), lr, f"step_decay(0.8, {t}, 0.5, 3)", "⌊t / every⌋ drops")
    for t, lr in [(0, 0.8), (4, 0.4), (12, 0.2)]:
        expect(inverse_decay(0.8, t, 0.25), lr, f"inverse_decay(0.8, {t}, 0.25)")
    for t, lr in [(0, 0.9), (2, 0.7), (3, 0.5), (6, 0.1), (9, 0.1)]:
        expect(cosine_decay(0.9, t, 6, 0.1), lr, f"cosine_decay(0.9, {t}, 6, 0.1)")


# %%
def test_loop(minimize, SGD, expect, np):
    w, seen = np.array([1.0]), []

    def gradient(parameters):
        seen.append(float(parameters[0][0]))
        return [np.array([1.0])]

    minimize(SGD([w], 99.0), gradient, lambda t: [0.5, 0.25, 0.125][t], 3)
    assert seen == [1.0, 0.5, 0.25], (
        f"gradients were asked for at w = {seen}, expected 1, 0.5, 0.25: in each step first"
        " optimizer.lr = schedule(t), then the gradient at the present w, then the step"
    )
    expect(w, [0.125], "the parameter after 3 steps", "the last step has the rate schedule(2)")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# Left: the schedules. Right: what they do for noisy gradients in the ravine, as a mean over forty
# runs. All come down about equally fast; with a constant rate the noise keeps the risk up for good,
# while a rate that falls lets it die out.

# %%
T = 300
schedules = [
    ("constant", lambda t: 0.08),
    ("step_decay", lambda t: step_decay(0.08, t, 0.4, 75)),
    ("inverse_decay", lambda t: inverse_decay(0.08, t, 0.03)),
    ("cosine_decay", lambda t: cosine_decay(0.08, t, T)),
]
_, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6))
for name, schedule in schedules:
    left.plot([schedule(t) for t in range(T)], label=name)
    generator = np.random.default_rng(0)
    w = np.tile([-9.0, 1.0], (40, 1))
    heights = []

    def noisy_gradient(parameters, generator=generator, heights=heights):
        heights.append(ravine(*parameters[0].T).mean())
        return [ravine_gradient(parameters[0]) + generator.normal(0, 1.5, (40, 2))]

    minimize(SGD([w], 0.0), noisy_gradient, schedule, T)
    right.semilogy(heights)
left.set(xlabel="step t", title="learning rate")
left.legend()
right.set(xlabel="step t", title="f, mean of 40 runs")
plt.show()

# %% [markdown]
# ## How to submit
#
# 1. *Kernel → Restart and run all*: every `grader.check` above should say that it passed. Questions
#    left blank cost their own points only.
# 2. Save, and hand in this one file, `p2-optimizers.ipynb`, where your course collects homework.
#
# Taken from your notebook are the classes and functions asked for and whatever they use; prints,
# plots and training loops are left out. Only numpy is installed where they run.
