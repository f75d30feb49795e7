# %% [raw]
# # ASSIGNMENT CONFIG
# init_cell: true
# export_cell: false
# generate: true
# tests:
#   files: true
#   ok_format: false

# %% [markdown]
# # Practical 3 · Regularisation
#
# A network with enough weights can learn its training set by heart: noise, misprints and all. What
# we want is that it does well on objects that it has **not** seen. Everything that trades a little
# of the one for more of the other is called *regularisation*, and you will build the classical
# pieces in numpy: penalties on the weights, dropout, batch normalisation, early stopping. Then you
# put them together and train a network that reads handwritten digits.
#
# | question | you write | points in the hidden suite |
# |---|---|---|
# | q1 | `l2_penalty`, `l1_penalty`, `penalty_of_prior` | 9 |
# | q2 | `soft_threshold`, `proximal_step`: why L1 makes zeros | 7 |
# | q3 | `Dropout` | 13 |
# | q4 | `BatchNorm`, forward | 13 |
# | q5 | `BatchNorm`, backward | 9 |
# | q6 | `split_indices`, `Standardizer`, `prepare` | 10 |
# | q7 | `EarlyStopping` | 10 |
# | q8 | `count_parameters`, `Network` with two modes | 6 |
# | q9 | `minibatches`, `train_epoch`, `evaluate`, `fit` | 12 |
# | q10 | `train`, `predict`: a network that reads digits | 11 |
#
# Run the next cells, then look at the picture. Twelve noisy points of a sine, and three polynomials
# fitted to them. The last one hits every training point and is worthless between them.

# %%
import matplotlib.pyplot as plt

# %% tags=["module"]
import numpy as np

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


# %%
noisy = np.random.default_rng(4)
points = np.sort(noisy.uniform(0, 1, 12))
heights = np.sin(2 * np.pi * points) + noisy.normal(0, 0.2, 12)
line = np.linspace(points[0], points[-1], 400)
_, axes = plt.subplots(1, 3, figsize=(11, 2.8), sharey=True)
for axis, degree, verdict in zip(
    axes, [1, 3, 11], ["too stiff", "about right", "learned by heart"], strict=True
):
    curve = np.polynomial.Polynomial.fit(points, heights, degree)
    axis.plot(line, np.sin(2 * np.pi * line), color="0.75", label="truth")
    axis.plot(line, curve(line), color="C1", label="fit")
    axis.plot(points, heights, "o", color="C0", markersize=4)
    error = np.mean((curve(points) - heights) ** 2)
    axis.set(ylim=(-2.2, 2.2), title=f"degree {degree}: {verdict}\ntraining error {error:.3f}")
axes[0].legend()
plt.show()

# %% [markdown]
# ## What is agreed on in this practical
#
# 1. **Objects are rows**: a batch `x` is (N, D), and `y = x W + b`. Results are `float64`, also for
#    integer input, and finite wherever the input is.
# 2. `backward(grad_output)` returns the gradient by the input of the **latest** `forward` and
#    overwrites the gradients of the parameters. It never divides by N.
# 3. **Nobody's arrays are changed** unless a docstring says so. What you need later you keep as a
#    copy, or as something computed from it.
# 4. **Two modes.** Layers and networks have an attribute `training`, `True` at first. Whoever wants
#    the other mode, *evaluation*, sets it to `False`.
# 5. `rng` may be `None`, an integer seed or a numpy `Generator`: `np.random.default_rng(rng)` turns
#    any of them into a generator (and a generator into itself). Equal seeds give equal results; the
#    global state of `np.random` is neither used nor changed.
# 6. The L2 penalty is $\lambda \lVert w \rVert^2$, without a half: its gradient is $2\lambda w$.
#    The L1 penalty is $\lambda \lVert w \rVert_1$, its gradient $\lambda\,\mathrm{sign}(w)$ with
#    **0 at w = 0**. Penalties are not divided by N, and in training they fall on the weight
#    matrices `W` only, not on biases, γ or β.
# 7. Dropout's `p` is the probability that a value is **dropped**.
# 8. BatchNorm normalises by the **biased** variance with ε **inside** the root; the running
#    variance follows the **unbiased** one: `running = (1 - momentum) * running + momentum * batch`.
# 9. Losses are means over objects. The loss of an epoch is a mean over its *objects* too, not over
#    its batches, and does not contain the penalty.
# 10. Early stopping: a loss is an improvement when it is smaller than `best_loss - min_delta`.
#
# **What the hidden suite looks at.** Your functions on random data of many sizes; gradients against
# finite differences under random upstream gradients; layers used several times, in both modes, with
# batches of different sizes; a batch of one; integer input; whether your arrays and the caller's
# stay apart. Your training loop is checked *exactly*, on one or two steps with tiny networks of
# `Linear` and `ReLU`. And q10 is trained, with a time limit. Private attributes, helpers,
# additional classes and the way you compute are up to you; names, argument orders and shapes are
# not.
#
# **Given**: the layers of practical 1. Leave them as they are.


# %% tags=["module"]
class Linear:
    """y = x W + b. W (D, K), b (K,); gradients grad_W and grad_b after `backward`."""

    def __init__(self, d_in, d_out, rng=None):
        rng = np.random.default_rng(rng)
        self.W = rng.normal(0.0, 1.0 / np.sqrt(d_in), size=(d_in, d_out))
        self.b = np.zeros(d_out)

    def forward(self, x):
        self._x = np.array(x, dtype=float)
        return self._x @ self.W + self.b

    def backward(self, grad_output):
        self.grad_W = self._x.T @ grad_output
        self.grad_b = grad_output.sum(axis=0)
        return grad_output @ self.W.T


class ReLU:
    """y = max(0, x), elementwise."""

    def forward(self, x):
        self._positive = np.asarray(x) > 0
        return np.maximum(x, 0.0)

    def backward(self, grad_output):
        return grad_output * self._positive


class SoftmaxCrossEntropy:
    """Mean cross-entropy between softmax(logits) and the labels, integers of shape (N,)."""

    def forward(self, logits, labels):
        shifted = logits - logits.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self._p, self._labels = np.exp(log_p), np.array(labels)
        return float(-log_p[np.arange(len(log_p)), self._labels].mean())

    def backward(self):
        grad = self._p.copy()
        grad[np.arange(len(grad)), self._labels] -= 1.0
        return grad / len(grad)


# %% [raw]
# # BEGIN QUESTION
# name: q1

# %% [markdown]
# ## q1 · Penalties, and where they come from
#
# The oldest remedy: make large weights cost something. To the loss $\mathcal L$ one adds
# $$\lambda \lVert w \rVert_2^2 = \lambda \sum_i w_i^2 \quad\text{(L2)} \qquad\text{or}\qquad
#   \lambda \lVert w \rVert_1 = \lambda \sum_i |w_i| \quad\text{(L1)},$$
# with the gradients $2\lambda w_i$ and $\lambda\,\mathrm{sign}(w_i)$. L2 pulls the harder the
# larger a weight is; L1 pulls all with the same force. At $w_i = 0$ the absolute value has a kink;
# there we take 0, so that a weight at rest stays at rest.
#
# **Penalties are priors.** Suppose that, before seeing data, you believe that the weights are
# independent, centred and *normal* with standard deviation s, or *Laplace* distributed with scale
# b:
# $$p(w) \propto e^{-w^2 / (2 s^2)} \qquad\text{or}\qquad p(w) \propto e^{-|w| / b}.$$
# The most probable weights given the data maximise likelihood times prior; take −ln, and they
# minimise $-\ln(\text{likelihood}) - \ln p(w)$, where, up to a constant,
# $$-\ln p(w) = \frac{1}{2 s^2} \sum_i w_i^2 \qquad\text{or}\qquad \frac1b \sum_i |w_i| .$$
# So one prior is the L2 penalty and the other is L1. Which is which, and with which λ, is for you
# to write down: λ is the factor in front of the sum. (One of the lectures has the two swapped.)

# %% [raw]
# # BEGIN SOLUTION


# %%
def l2_penalty(w, strength):
    """strength · Σ w² -> the tuple (value, a float; gradient, of the shape of w). w: any shape."""
    # BEGIN SOLUTION
    w = np.asarray(w, dtype=float)
    return float(strength * np.sum(w**2)), 2.0 * strength * w
    # END SOLUTION


def l1_penalty(w, strength):
    """strength · Σ |w| -> the tuple (value, a float; gradient, of the shape of w). w: any shape."""
    # BEGIN SOLUTION
    w = np.asarray(w, dtype=float)
    return float(strength * np.sum(np.abs(w))), strength * np.sign(w)
    # END SOLUTION


def penalty_of_prior(prior, scale):
    """The penalty that a prior amounts to, when the loss is −ln(likelihood) of all the data.

    prior: "normal" (scale is its standard deviation) or "laplace" (scale is its b).
    Returns the tuple (name, strength): name is "L1" or "L2", strength is λ, a float.
    """
    # BEGIN SOLUTION
    if prior == "normal":
        return "L2", 1.0 / (2.0 * scale**2)
    return "L1", 1.0 / scale
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_l2(l2_penalty, expect, np):
    w = np.array([[1.0, -2.0], [0.0, 3.0]])
    answer = l2_penalty(w, 0.5)
    assert isinstance(answer, tuple) and len(answer) == 2, "return the tuple (value, gradient)"
    expect(answer[0], 7.0, "the L2 penalty", "0.5 · (1 + 4 + 0 + 9): squares, and no root")
    expect(answer[1], [[1.0, -2.0], [0.0, 3.0]], "its gradient", "2 · strength · w")


# %%
def test_l1(l1_penalty, expect, np):
    w = np.array([[1.0, -2.0], [0.0, 3.0]])
    answer = l1_penalty(w, 0.5)
    assert isinstance(answer, tuple) and len(answer) == 2, "return the tuple (value, gradient)"
    expect(answer[0], 3.0, "the L1 penalty", "0.5 · (1 + 2 + 0 + 3)")
    expect(answer[1], [[0.5, -0.5], [0.0, 0.5]], "its gradient", "strength · sign(w), 0 at w = 0")


# %%
def test_priors(penalty_of_prior):
    for prior, scale, right in [("normal", 0.5, 2.0), ("laplace", 0.25, 4.0)]:
        answer = penalty_of_prior(prior, scale)
        assert isinstance(answer, tuple) and len(answer) == 2, "return the tuple (name, strength)"
        assert answer[0] in ("L1", "L2"), f"the name is {answer[0]!r}, expected 'L1' or 'L2'"
        assert abs(answer[1] - right) < 1e-9, (
            f"the strength for a {prior} prior of scale {scale} is {answer[1]}, expected {right}: "
            "the factor in front of the sum in -ln p(w)"
        )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q2

# %% [markdown]
# ## q2 · Why L1 makes zeros
#
# Gradient steps on an L1 penalty jump to and fro across 0 and never rest there. The remedy treats
# the smooth loss and the penalty one after the other: first a step against the gradient of the loss
# alone, $v = w - \eta\, \nabla\mathcal L(w)$; then the point that is best for the penalty without
# going far from v,
# $$\arg\min_w \; \tfrac12 \lVert w - v \rVert^2 + t \lVert w \rVert_1
#   \;=\; \mathrm{sign}(v)\,\max(|v| - t,\, 0), \qquad t = \eta\lambda .$$
# This is the *soft threshold*: everything moves by t towards 0, and what would cross 0 stays
# **exactly** at 0. The threshold is the *step size times λ*: a shorter step is a shorter pull.
# (For comparison: the same minimisation with $t\lVert w\rVert_2^2$ gives $v / (1 + 2t)$, which
# shrinks everything and zeroes nothing.)

# %% [raw]
# # BEGIN SOLUTION


# %%
def soft_threshold(v, t):
    """sign(v) · max(|v| − t, 0), elementwise, for t ≥ 0; v of any shape."""
    # BEGIN SOLUTION
    v = np.asarray(v, dtype=float)
    return np.sign(v) * np.maximum(np.abs(v) - t, 0.0)
    # END SOLUTION


def proximal_step(w, gradient, lr, strength):
    """One step of size lr on (loss + strength · ‖w‖₁): the new w; the given w stays as it is.

    gradient: that of the loss alone, at w and of its shape.
    """
    # BEGIN SOLUTION
    return soft_threshold(w - lr * gradient, lr * strength)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_soft_threshold(soft_threshold, expect, np):
    v = np.array([-3.0, -0.5, 0.0, 0.5, 0.75, 2.0])
    remedy = "everything moves by t towards 0, and what would cross 0 stays at 0"
    expect(soft_threshold(v, 0.5), [-2.5, 0.0, 0.0, 0.0, 0.25, 1.5], "soft_threshold", remedy)


# %%
def test_proximal_step(proximal_step, expect, np):
    w, gradient = np.array([1.0, -1.0, 0.25]), np.array([2.0, -1.0, 1.0])
    answer = proximal_step(w, gradient, 0.25, 2.0)
    remedy = "soft_threshold(w - lr · gradient, lr · strength)"
    expect(answer, [0.0, -0.25, 0.0], "the new w", remedy)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **Look.** A linear model with 12 features of which only three matter (weights 2, −1.5 and 1). On
# the left your proximal steps, on the right ridge regression, that is L2, for stronger and stronger
# penalties. L1 puts the nine useless weights to exactly 0, one after the other; L2 pulls the large
# ones down and makes none of them zero.

# %%
generator = np.random.default_rng(1)
features = generator.normal(size=(60, 12))
true_w = np.array([2.0, -1.5, 1.0] + [0.0] * 9)
target = features @ true_w + generator.normal(0, 1.0, 60)
strengths = np.geomspace(0.01, 4, 40)
paths = {"L1": [], "L2": []}
w = np.zeros(12)
for strength in strengths:
    for _ in range(150):
        gradient = 2 * features.T @ (features @ w - target) / 60
        w = proximal_step(w, gradient, 0.2, strength)
    paths["L1"].append(w)
    ridge = features.T @ features / 60 + strength * np.eye(12)
    paths["L2"].append(np.linalg.solve(ridge, features.T @ target / 60))
_, axes = plt.subplots(1, 2, figsize=(11, 3.2), sharey=True)
for axis, (name, path) in zip(axes, paths.items(), strict=True):
    path = np.array(path)
    axis.semilogx(strengths, path[:, 3:], color="0.7", linewidth=1)
    axis.semilogx(strengths, path[:, :3], linewidth=2)
    zeros = int(np.sum(path[25] == 0))
    axis.axvline(strengths[25], color="0.3", linestyle=":")
    axis.set(title=f"{name}: {zeros} of 12 weights are 0 at the dotted line", xlabel="λ")
axes[0].set_ylabel("weight")
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q3

# %% [markdown]
# ## q3 · Dropout
#
# In training, each value is set to 0 with probability p, **independently of all others**, with new
# dice in every forward. No neuron can rely on a certain other one being there, so the work is
# spread.
# $$y_{ij} = \frac{m_{ij}}{1 - p}\, x_{ij}, \qquad m_{ij} = \begin{cases} 0 & \text{with probability
#   } p \\ 1 & \text{with probability } 1 - p \end{cases} \qquad \frac{\partial L}{\partial x_{ij}}
#   = \frac{m_{ij}}{1 - p}\, G_{ij}.$$
#
# Why divide by $1 - p$? The mean of $m$ is $1 - p$, so that the mean of y is x: the next layer sees
# sums of the usual size, and **evaluation needs no correction at all**: there the layer hands on x
# as it is, forward and backward. (The lecture leaves out this factor, and its "passes through
# dropout with probability p" may be read both ways. Here p = 0.8 *drops* four of five.)
#
# The backward pass uses the mask of the latest forward. p = 0 keeps all; p = 1 drops all: y is then
# 0 everywhere, not NaN. In training draw from the layer's own generator and nowhere else.

# %% [raw]
# # BEGIN SOLUTION


# %%
class Dropout:
    """Sets values to 0 with probability p in training. Attributes: p, training."""

    def __init__(self, p, rng=None):
        """p: the probability to drop, 0 ≤ p ≤ 1. rng: None, an integer seed or a Generator."""
        # BEGIN SOLUTION
        self.p = p
        self.training = True
        self._rng = np.random.default_rng(rng)
        # END SOLUTION

    def forward(self, x):
        """x of any shape -> y of the same shape."""
        # BEGIN SOLUTION
        x = np.array(x, dtype=float)
        self._factor = np.ones(x.shape)
        if self.training:
            kept = self._rng.random(x.shape) >= self.p
            self._factor = kept / (1.0 - self.p) if self.p < 1 else np.zeros(x.shape)
        return x * self._factor
        # END SOLUTION

    def backward(self, grad_output):
        """grad_output -> gradient by x, both of the shape of x."""
        # BEGIN SOLUTION
        return grad_output * self._factor
        # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_dropout_in_training(Dropout, expect, np):
    layer = Dropout(0.75, 0)
    x = np.full((200, 300), 3.0)
    y = layer.forward(x)
    assert isinstance(y, np.ndarray) and y.shape == x.shape, "y has to have the shape of x"
    dropped = np.mean(y == 0)
    assert 0.73 < dropped < 0.77, f"{dropped:.2f} of the values are 0, expected p = 0.75"
    expect(y, np.where(y == 0, 0.0, 12.0), "y", "what is kept is divided by 1 - p")
    assert np.ptp(np.mean(y == 0, axis=0)) < 0.5, "one die for a whole column: roll one per value"
    assert np.ptp(np.mean(y == 0, axis=1)) < 0.5, "one die for a whole row: roll one per value"
    grad_x = layer.backward(np.full((200, 300), 0.5))
    expect(
        grad_x, np.where(y == 0, 0.0, 2.0), "the gradient by x", "the same mask, the same factor"
    )
    assert not np.array_equal(layer.forward(x), y), "the second forward needs new dice"


# %%
def test_dropout_in_evaluation(Dropout, expect, np):
    layer = Dropout(0.5, 0)
    x = np.arange(12.0).reshape(3, 4)
    layer.training = False
    expect(layer.forward(x), x, "y in evaluation", "the layer hands x on as it is")
    expect(layer.backward(2 * x), 2 * x, "the gradient by x in evaluation", "grad_output as it is")


# %%
def test_dropout_seeds(Dropout, expect, np):
    x = np.ones((4, 50))
    first, second = Dropout(0.5, 7), Dropout(0.5, 7)
    expect(first.forward(x), second.forward(x), "y of a layer with the same seed")
    shared = np.random.default_rng(7)
    first, second = Dropout(0.5, shared), Dropout(0.5, shared)
    assert not np.array_equal(first.forward(x), second.forward(x)), (
        "two layers that share one Generator roll the same dice: use the generator itself"
    )
    expect(Dropout(1.0, 7).forward(x), 0 * x, "y for p = 1", "everything is dropped: no NaN")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **Look.** The same grey picture (all values 1) through dropout with three p, and through the layer
# in evaluation. White is 0; what is left gets darker, and the mean stays about 1.

# %%
_, axes = plt.subplots(1, 4, figsize=(11, 2.9))
for axis, p in zip(axes, [0.2, 0.5, 0.8, None], strict=True):
    layer = Dropout(0.5 if p is None else p, 3)
    layer.training = p is not None
    y = layer.forward(np.ones((40, 40)))
    axis.imshow(y, cmap="Greys", vmin=0, vmax=5)
    title = "evaluation" if p is None else f"training, p = {p}"
    axis.set(title=f"{title}\nlargest {y.max():.2f}, mean {y.mean():.2f}", xticks=[], yticks=[])
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q4

# %% [markdown]
# ## q4 · Batch normalisation, forward
#
# While a layer learns, the spread of what it hands on changes, and the next one has to keep up.
# Batch normalisation fixes mean and spread of each **feature** (column) of the batch, and then lets
# the network choose the ones it likes, by two learned numbers per feature:
# $$\mu_j = \frac1N \sum_n x_{nj}, \quad \sigma_j^2 = \frac1N \sum_n (x_{nj} - \mu_j)^2, \qquad
#   \hat x_{nj} = \frac{x_{nj} - \mu_j}{\sqrt{\sigma_j^2 + \varepsilon}}, \qquad
#   y_{nj} = \gamma_j \hat x_{nj} + \beta_j .$$
#
# **In evaluation** an answer must not depend on who else is in the batch. So in training the layer
# keeps running statistics, and in evaluation it uses them in place of μ and σ²:
# $$r^\mu \leftarrow (1 - m)\, r^\mu + m\,\mu, \qquad
#   r^{\sigma^2} \leftarrow (1 - m)\, r^{\sigma^2} + m\,\tfrac{N}{N-1}\,\sigma^2 .$$
# The factor $N/(N-1)$ makes the variance unbiased: it is there for the *running* variance only.
# The start is $r^\mu = 0$, $r^{\sigma^2} = 1$, γ = 1, β = 0. (γ and β are learned by gradients like
# any weight; the running statistics are not learned but counted, and serve evaluation. The
# lecture's wording mixes the two.) Evaluation changes nothing in the layer's statistics.
#
# **A training batch of one** has σ² = 0 and no unbiased variance: then $\hat x = 0$, so y = β; the
# running mean moves as always, the running variance stays.

# %% [raw]
# # BEGIN SOLUTION


# %%
class BatchNorm:
    """Batch normalisation of (N, D). q4: __init__ and forward, q5: backward.

    Attributes, all arrays of shape (D,): the parameters gamma, beta; the running statistics
    running_mean, running_var; after `backward` grad_gamma, grad_beta. And: training, True or False.
    """

    def __init__(self, d, momentum=0.1, eps=1e-5):
        """d: the number of features. momentum: m in the formula of the running statistics."""
        # BEGIN SOLUTION
        self.gamma, self.beta = np.ones(d), np.zeros(d)
        self.running_mean, self.running_var = np.zeros(d), np.ones(d)
        self.momentum = momentum
        self.eps = eps
        self.training = True
        # END SOLUTION

    def forward(self, x):
        """x (N, D) -> y (N, D); in training it also moves the running statistics."""
        # BEGIN SOLUTION
        x = np.asarray(x, dtype=float)
        n = len(x)
        if self.training:
            mean, var = x.mean(axis=0), x.var(axis=0)
            m = self.momentum
            self.running_mean = (1.0 - m) * self.running_mean + m * mean
            if n > 1:
                self.running_var = (1.0 - m) * self.running_var + m * var * n / (n - 1)
        else:
            mean, var = self.running_mean, self.running_var
        self._by_batch = self.training
        self._std = np.sqrt(var + self.eps)
        self._normal = (x - mean) / self._std
        return self.gamma * self._normal + self.beta
        # END SOLUTION

    def backward(self, grad_output):
        """grad_output (N, D) -> gradient by x (N, D); sets grad_gamma and grad_beta (D,)."""
        # BEGIN SOLUTION
        self.grad_gamma = (grad_output * self._normal).sum(axis=0)
        self.grad_beta = grad_output.sum(axis=0)
        grad_normal = grad_output * self.gamma
        if self._by_batch:
            through_mean = grad_normal.mean(axis=0)
            through_var = self._normal * (grad_normal * self._normal).mean(axis=0)
            grad_normal = grad_normal - through_mean - through_var
        return grad_normal / self._std
        # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_initial_state(BatchNorm, expect, np):
    layer = BatchNorm(3)
    expect(layer.gamma, np.ones(3), "gamma")
    expect(layer.beta, np.zeros(3), "beta")
    expect(layer.running_mean, np.zeros(3), "running_mean")
    expect(layer.running_var, np.ones(3), "running_var")
    assert layer.training is True, "training is True at first"


# %%
def test_forward_in_training(BatchNorm, expect, np):
    layer = BatchNorm(2, eps=1.0)
    layer.gamma, layer.beta = np.array([2.0, 1.0]), np.array([0.0, 10.0])
    s = np.sqrt(3.0)
    x = np.array([[1.0, 5.0], [1.0 + 2 * s, 5.0]])
    y = [[-s, 10.0], [s, 10.0]]
    expect(layer.forward(x), y, "y", "(x - mean) / sqrt(biased variance + eps), per column")
    expect(
        layer.running_mean,
        [0.1 * (1 + s), 0.5],
        "running_mean",
        "(1 - momentum) · old + momentum · batch mean",
    )
    expect(layer.running_var, [1.5, 0.9], "running_var", "0.9 · 1 + 0.1 · the unbiased variance")


# %%
def test_forward_in_evaluation(BatchNorm, expect, np):
    layer = BatchNorm(2, eps=0.0)
    layer.running_mean, layer.running_var = np.array([1.0, 2.0]), np.array([4.0, 9.0])
    layer.training = False
    y = layer.forward(np.array([[3.0, 8.0]]))
    expect(y, [[1.0, 2.0]], "y in evaluation", "use the running statistics, for any batch")
    expect(layer.running_mean, [1.0, 2.0], "running_mean after evaluation", "nothing moves here")
    expect(layer.running_var, [4.0, 9.0], "running_var after evaluation", "nothing moves here")


# %%
def test_training_batch_of_one(BatchNorm, expect, np):
    layer = BatchNorm(2)
    expect(layer.forward(np.array([[3.0, -1.0]])), [[0.0, 0.0]], "y", "for one row y is beta")
    expect(layer.running_mean, [0.3, -0.1], "running_mean")
    expect(layer.running_var, [1.0, 1.0], "running_var", "one row has no variance: it stays")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **Look.** Three features with very different means and spreads, before and after your layer: the
# shapes stay, the scales become one. The dashed line is what evaluation makes of *new* objects
# after 80 training batches: nearly the same, by statistics that nobody learned by a gradient.

# %%
generator = np.random.default_rng(5)


def draw_features(n):
    mixed = generator.normal([-6.0, 5.0, 0.0], [1.0, 4.0, 1.0], size=(n, 3))
    mixed[:, 2] = generator.exponential(2.0, n)
    return mixed


layer = BatchNorm(3)
for _ in range(80):
    layer.forward(draw_features(100))
raw = draw_features(5000)
normal = layer.forward(raw)
layer.training = False
later = layer.forward(draw_features(5000))
_, axes = plt.subplots(1, 2, figsize=(11, 3))
for j in range(3):
    axes[0].hist(raw[:, j], bins=60, alpha=0.5, density=True, label=f"feature {j}")
    axes[1].hist(normal[:, j], bins=60, alpha=0.5, density=True, range=(-4, 4))
    axes[1].hist(
        later[:, j],
        bins=60,
        density=True,
        range=(-4, 4),
        histtype="step",
        linestyle="--",
        color=f"C{j}",
    )
axes[0].set(title="before")
axes[0].legend()
axes[1].set(title="after: mean 0, variance 1 (dashed: evaluation)")
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q5

# %% [markdown]
# ## q5 · Batch normalisation, backward
#
# Write it into `BatchNorm.backward` above. For γ and β it is what you know from `Linear`: they
# touch the loss through all N rows,
# $$\frac{\partial L}{\partial \gamma_j} = \sum_n G_{nj}\, \hat x_{nj}, \qquad
#   \frac{\partial L}{\partial \beta_j} = \sum_n G_{nj} .$$
#
# For x there is a surprise: $x_{nj}$ moves μ and σ², and through them **every** row of its column.
# Three paths, added up, and the sum is short. With $g_{nj} = \gamma_j G_{nj}$ and bars for means
# over the batch,
# $$\frac{\partial L}{\partial x_{nj}} = \frac{1}{\sqrt{\sigma_j^2 + \varepsilon}}
#   \Bigl( g_{nj} \;-\; \overline{g_{\cdot j}} \;-\; \hat x_{nj}\, \overline{g_{\cdot j}\hat
#   x_{\cdot j}} \Bigr).$$
# The middle term is the path through μ, the last one the path through σ². In **evaluation** the
# statistics are constants, and both terms are gone: only $g_{nj} / \sqrt{r^{\sigma^2}_j +
# \varepsilon}$ is left.
#
# (A warning to those who test with an upstream gradient of ones: then the three terms cancel, and
# `return 0 * x` looks right. That is why tests use random upstream gradients.)

# %% [raw]
# # BEGIN TESTS


# %%
def test_gradients_of_gamma_and_beta(BatchNorm, expect, np):
    layer = BatchNorm(2, eps=0.0)
    layer.forward(np.array([[1.0, 0.0], [3.0, 8.0]]))
    layer.backward(np.array([[1.0, 2.0], [5.0, -1.0]]))
    expect(layer.grad_gamma, [4.0, -3.0], "grad_gamma", "the sum over the rows of G · normalised x")
    expect(layer.grad_beta, [6.0, 1.0], "grad_beta", "the sum over the rows of G")


# %%
def test_gradient_of_the_input(BatchNorm, expect, np):
    layer, start = BatchNorm(3), np.random.default_rng(2)
    layer.gamma = np.array([1.0, -2.0, 0.5])
    x, grad_output = start.normal(size=(5, 3)), start.normal(size=(5, 3))
    layer.forward(x)
    grad_x = layer.backward(grad_output)
    numerical = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = 1e-4
        up, down = layer.forward(x + step), layer.forward(x - step)
        numerical[index] = np.sum(grad_output * (up - down)) / 2e-4
    assert isinstance(grad_x, np.ndarray), "backward has to return an array"
    expect(
        np.round(grad_x, 5),
        np.round(numerical, 5),
        "the gradient by x, compared with finite differences,",
        "are both paths there, the one through the mean and the one through the variance?",
    )


# %%
def test_gradient_in_evaluation(BatchNorm, expect, np):
    layer = BatchNorm(2, eps=0.0)
    layer.gamma, layer.running_var = np.array([6.0, 1.0]), np.array([4.0, 0.25])
    layer.training = False
    layer.forward(np.array([[1.0, 2.0], [3.0, 4.0]]))
    grad_x = layer.backward(np.array([[1.0, 2.0], [-1.0, 0.5]]))
    expect(grad_x, [[3.0, 4.0], [-3.0, 1.0]], "the gradient by x in evaluation", "γ · G / std")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q6

# %% [markdown]
# ## q6 · Three parts of the data, one ruler
#
# - The **training** part moves the weights.
# - The **validation** part chooses: when to stop, how strong a penalty, how wide a layer. Whatever
#   is chosen by it is also fitted to it, a little.
# - The **test** part is looked at once, at the end. It chooses nothing.
#
# The parts are random (a file may be sorted by class) and have no object in common.
#
# **One ruler.** Features are *standardised*: subtract the mean, divide by the standard deviation
# (the biased one, `np.std`), feature by feature. Mean and deviation are measured on the training
# part **only** and then applied to all parts: with a ruler made from all data, the test part would
# have had a say. A feature that is constant in the training part (the corner pixels of the digits
# are) is only centred: it is divided by 1.

# %% [raw]
# # BEGIN SOLUTION


# %%
def split_indices(n, n_validation, n_test, rng=None):
    """The tuple (training, validation, test) of integer arrays: 0 … n − 1 in random order, cut up.

    The last two have n_validation and n_test entries, the first all others; any may be empty.
    """
    # BEGIN SOLUTION
    order = np.random.default_rng(rng).permutation(n)
    cut = n - n_validation - n_test
    return order[:cut], order[cut : cut + n_validation], order[cut + n_validation :]
    # END SOLUTION


class Standardizer:
    """Brings features to mean 0 and deviation 1. Attributes after `fit`: mean and std, (D,)."""

    def fit(self, x):
        """Measure x (N, D); std is 1 where a feature has one and the same value in all rows."""
        # BEGIN SOLUTION
        x = np.asarray(x, dtype=float)
        self.mean = x.mean(axis=0)
        self.std = np.where(np.ptp(x, axis=0) > 0, x.std(axis=0), 1.0)
        # END SOLUTION

    def transform(self, x):
        """x (N, D) -> (x - mean) / std, by the numbers that `fit` has measured."""
        # BEGIN SOLUTION
        return (np.asarray(x, dtype=float) - self.mean) / self.std
        # END SOLUTION


def prepare(x, labels, n_validation, n_test, rng=None):
    """Split at random and standardise all parts by the statistics of the training part.

    x (N, D), labels (N,) -> the tuple of three pairs ((x, labels), (x, labels), (x, labels)):
    training, validation, test; the rows of a pair belong together.
    """
    # BEGIN SOLUTION
    x, labels = np.asarray(x, dtype=float), np.asarray(labels)
    parts = split_indices(len(x), n_validation, n_test, rng)
    ruler = Standardizer()
    ruler.fit(x[parts[0]])
    return tuple((ruler.transform(x[part]), labels[part]) for part in parts)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_split(split_indices, np):
    parts = split_indices(100, 20, 30, 1)
    assert isinstance(parts, tuple) and len(parts) == 3, "return a tuple of three index arrays"
    sizes = [len(part) for part in parts]
    assert sizes == [50, 20, 30], f"the parts have {sizes} entries, expected [50, 20, 30]"
    together = np.concatenate(parts)
    assert np.array_equal(np.sort(together), np.arange(100)), "each index belongs to one part"
    assert not np.array_equal(together, np.arange(100)), "the order has to be random"
    again = np.concatenate(split_indices(100, 20, 30, 1))
    assert np.array_equal(together, again), "equal seeds must give equal splits"


# %%
def test_standardizer(Standardizer, expect, np):
    ruler = Standardizer()
    ruler.fit(np.array([[1.0, 7.0], [5.0, 7.0]]))
    expect(ruler.mean, [3.0, 7.0], "mean")
    expect(ruler.std, [2.0, 1.0], "std", "per feature; 1 for a feature that is constant")
    new = ruler.transform(np.array([[9.0, 8.0]]))
    expect(new, [[3.0, 1.0]], "new rows", "use the mean and std that fit has measured")


# %%
def test_prepare(prepare, expect, np):
    x = np.arange(40.0).reshape(20, 2) ** 2
    parts = prepare(x, np.arange(20), 5, 6, 3)
    assert isinstance(parts, tuple) and len(parts) == 3, "return a tuple of three pairs"
    (x_train, y_train), (x_validation, y_validation), (x_test, y_test) = parts
    sizes = [len(y_train), len(y_validation), len(y_test)]
    assert sizes == [9, 5, 6], f"the parts have {sizes} objects, expected [9, 5, 6]"
    mean, std = x[y_train].mean(axis=0), x[y_train].std(axis=0)
    expect(x_train, (x[y_train] - mean) / std, "x of the training part")
    because = "by the training statistics, and each row with its own label"
    expect(x_validation, (x[y_validation] - mean) / std, "x of the validation part", because)
    expect(x_test, (x[y_test] - mean) / std, "x of the test part", because)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q7

# %% [markdown]
# ## q7 · Early stopping
#
# The training loss goes on falling; the validation loss turns at some point and rises. Stop there?
# The curve is noisy, and its first rise means nothing (the lecture's "when the error begins to
# rise" would stop far too early). So one waits: after `patience` updates **in a row** without an
# improvement it is over. By then the weights are `patience` epochs past their best, so the best
# ones must have been kept, as **copies**: training goes on in the very arrays that you were shown.
#
# The rule for each `update(loss, arrays)`:
#
# - `loss < best_loss - min_delta` is an **improvement**: it becomes `best_loss`, `arrays` become
#   `best_arrays` (copies), and the count of updates without improvement starts again from 0.
# - Anything else is none, NaN too: `best_loss` and `best_arrays` stay, the count goes up by 1.
# - The answer is `True` once the count has reached `patience`, else `False`.
#
# At the start `best_loss` is `np.inf` and `best_arrays` is `None`. With `min_delta > 0` a loss that
# creeps down in tiny steps counts as an improvement when it is far enough below the *best kept*
# one.

# %% [raw]
# # BEGIN SOLUTION


# %%
class EarlyStopping:
    """Says when to stop. Attributes: best_loss, a float; best_arrays, a list of arrays or None."""

    def __init__(self, patience, min_delta=0.0):
        # BEGIN SOLUTION
        self.patience = patience
        self.min_delta = min_delta
        self.best_loss = np.inf
        self.best_arrays = None
        self._waited = 0
        # END SOLUTION

    def update(self, loss, arrays):
        """loss: a float; arrays: the list of arrays to remember -> True if training should stop."""
        # BEGIN SOLUTION
        if loss < self.best_loss - self.min_delta:
            self.best_loss = float(loss)
            self.best_arrays = [np.array(array) for array in arrays]
            self._waited = 0
        else:
            self._waited += 1
        return self._waited >= self.patience
        # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_patience(EarlyStopping, np):
    stopper = EarlyStopping(2)
    assert stopper.best_loss == np.inf and stopper.best_arrays is None, "see the start values"
    losses = [5.0, 3.0, 4.0, 2.0, np.nan, 2.5]
    said = [bool(stopper.update(loss, [np.array([loss])])) for loss in losses]
    assert said == [False] * 5 + [True], (
        f"with patience 2 the losses {losses} gave {said}; expected True at the last one only: two "
        "in a row without an improvement, and a NaN is none"
    )
    assert stopper.best_loss == 2.0, f"best_loss is {stopper.best_loss}, expected 2.0"
    assert stopper.best_arrays[0][0] == 2.0, "best_arrays belong to the best loss, not to the last"


# %%
def test_copies(EarlyStopping, np):
    stopper, W = EarlyStopping(3), np.array([1.0, 2.0])
    stopper.update(0.5, [W])
    W -= 1.0
    assert stopper.best_arrays[0][0] == 1.0, "best_arrays changed along with W: keep copies"


# %%
def test_min_delta(EarlyStopping):
    stopper = EarlyStopping(3, min_delta=0.5)
    for loss in [4.0, 3.75, 3.625]:
        stopper.update(loss, [])
    assert stopper.best_loss == 4.0, "3.75 and 3.625 are not smaller than 4.0 - min_delta"
    stopper.update(3.25, [])
    assert stopper.best_loss == 3.25, "3.25 is smaller than 4.0 - min_delta"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q8

# %% [markdown]
# ## q8 · A network with two modes
#
# **How many weights?** A fully connected layer from D to K numbers has $D \cdot K$ weights and K
# biases. The network of the lectures for 28 × 28 pictures is 784-800-10: 784 inputs, **one** hidden
# layer of 800 neurons, 10 outputs (the 800 are not the input layer, as a slide has it). Count
# before you calculate: it has more than six hundred thousand parameters.
#
# **Modes and arrays.** `Network` is the chain of layers of practical 1, and `forward`, `backward`
# and `parameters` are given. What is new:
#
# - `train()` and `eval()` set `training` of the network and of **each of its layers**.
# - `arrays()` is everything that makes the network what it is, for keeping and for bringing back:
#   the parameters *and the running statistics*. A network whose weights come back without the
#   statistics that belong to them answers nonsense in evaluation.

# %% [raw]
# # BEGIN SOLUTION


# %%
def count_parameters(sizes):
    """The number of weights and biases, an int, of a fully connected network.

    sizes: a list such as [784, 800, 10]: inputs, neurons of each layer in turn.
    """
    # BEGIN SOLUTION
    return sum((sizes[i] + 1) * sizes[i + 1] for i in range(len(sizes) - 1))
    # END SOLUTION


class Network:
    """A chain of layers. Attributes: layers, the list of layers; training."""

    def __init__(self, layers):
        self.layers = list(layers)
        self.training = True

    def forward(self, x):
        """The input of the first layer -> the output of the last."""
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad_output):
        """The gradient by the output of the last layer -> the gradient by the first one's input."""
        for layer in reversed(self.layers):
            grad_output = layer.backward(grad_output)
        return grad_output

    def parameters(self):
        """After `backward`: a list of pairs (parameter, gradient), the layers' own arrays."""
        return [
            (getattr(layer, name), getattr(layer, "grad_" + name))
            for layer in self.layers
            for name in ("W", "b", "gamma", "beta")
            if hasattr(layer, name)
        ]

    def train(self):
        """Training mode for the network and each of its layers."""
        # BEGIN SOLUTION
        for item in [self, *self.layers]:
            item.training = True
        # END SOLUTION

    def eval(self):
        """Evaluation mode for the network and each of its layers."""
        # BEGIN SOLUTION
        for item in [self, *self.layers]:
            item.training = False
        # END SOLUTION

    def arrays(self):
        """The layers' own arrays (no copies) as a list: layer by layer, of each those it has of
        W, b, gamma, beta, running_mean, running_var, in this order."""
        # BEGIN SOLUTION
        names = ("W", "b", "gamma", "beta", "running_mean", "running_var")
        return [
            getattr(layer, name) for layer in self.layers for name in names if hasattr(layer, name)
        ]
        # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_count(count_parameters):
    assert count_parameters([3, 2]) == 8, "from 3 to 2: 3 · 2 weights and 2 biases are 8"
    count = count_parameters([784, 800, 10])
    assert count == 636010, f"784-800-10 has {count} parameters by your count, expected 636,010"


# %%
def test_modes(Network, Linear, Dropout, BatchNorm):
    layers = [Linear(4, 3), BatchNorm(3), Dropout(0.5), Linear(3, 2)]
    network = Network(layers)
    network.eval()
    flags = [network.training, layers[1].training, layers[2].training]
    assert flags == [False] * 3, f"training of network, BatchNorm, Dropout is {flags} after eval()"
    network.train()
    flags = [network.training, layers[1].training, layers[2].training]
    assert flags == [True] * 3, f"training of network, BatchNorm, Dropout is {flags} after train()"


# %%
def test_arrays(Network, Linear, ReLU, BatchNorm, np):
    first, norm = Linear(4, 3), BatchNorm(3)
    arrays = Network([first, norm, ReLU()]).arrays()
    assert isinstance(arrays, list), "arrays() returns a list"
    wanted = [first.W, first.b, norm.gamma, norm.beta, norm.running_mean, norm.running_var]
    names = ["W", "b", "gamma", "beta", "running_mean", "running_var"]
    assert len(arrays) == 6, f"{len(arrays)} arrays, expected 6: {', '.join(names)}"
    for array, own, name in zip(arrays, wanted, names, strict=True):
        assert np.shares_memory(array, own), f"expected the layer's own {name}, in this place"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q9

# %% [markdown]
# ## q9 · The training loop
#
# Four short functions; look twice, for here live the mistakes that raise no exception.
#
# - `minibatches` cuts a **new random order** of 0 … n − 1 into consecutive pieces of `batch_size`;
#   the last piece is as large as what is left.
# - `train_epoch` puts the network into training mode. Then, for each batch: forward, loss,
#   backward, and **one step against the gradient** of (mean loss of the batch + λ Σ W²), that is
#   `parameter -= lr * (gradient + 2 * strength * parameter)`; only matrices, those with
#   `parameter.ndim == 2`, are penalised. It returns the mean over the **objects** of the losses,
#   each as it was right before the step of its batch: a batch of 7 counts seven times as much as a
#   batch of one.
# - `evaluate` works in evaluation mode, changes nothing, and leaves the network in the mode in
#   which it was.
# - `fit` is epochs of these three, watched by `EarlyStopping` on the **validation** loss. Each
#   epoch draws its own order of the objects. It ends after `epochs` epochs or when the stopper says
#   so, and in both cases the network gets its best arrays back (`array[...] = best` writes into an
#   array).

# %% [raw]
# # BEGIN SOLUTION


# %%
def minibatches(n, batch_size, rng=None):
    """A list of integer arrays: 0 … n − 1 in random order, cut into pieces of batch_size."""
    # BEGIN SOLUTION
    order = np.random.default_rng(rng).permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]
    # END SOLUTION


def train_epoch(network, x, labels, batches, lr, strength=0.0):
    """One step of gradient descent for each of the batches, in order; changes the network.

    x (N, D), labels (N,); batches: a list of integer arrays, the rows of each batch; lr: the step
    size; strength: λ of the L2 penalty on the matrices. Returns the mean cross-entropy, a float.
    """
    # BEGIN SOLUTION
    network.train()
    criterion = SoftmaxCrossEntropy()
    total = count = 0
    for batch in batches:
        loss = criterion.forward(network.forward(x[batch]), labels[batch])
        network.backward(criterion.backward())
        for parameter, gradient in network.parameters():
            if parameter.ndim == 2:
                gradient = gradient + 2.0 * strength * parameter
            parameter -= lr * gradient
        total += loss * len(batch)
        count += len(batch)
    return total / count
    # END SOLUTION


def evaluate(network, x, labels):
    """The tuple (mean cross-entropy, share of right answers), two floats, in evaluation mode."""
    # BEGIN SOLUTION
    before = network.training
    network.eval()
    logits = network.forward(x)
    if before:
        network.train()
    loss = SoftmaxCrossEntropy().forward(logits, labels)
    return loss, float(np.mean(logits.argmax(axis=1) == labels))
    # END SOLUTION


def fit(
    network,
    x,
    labels,
    x_validation,
    labels_validation,
    epochs,
    batch_size,
    lr,
    strength,
    patience,
    rng=None,
):
    """Train with early stopping (min_delta 0); at the end the network has its best arrays.

    Returns the history, a dict of two lists with a float for each epoch that was run:
    "train" (what train_epoch returned) and "validation" (the loss after that epoch).
    """
    # BEGIN SOLUTION
    rng = np.random.default_rng(rng)
    stopper = EarlyStopping(patience)
    history = {"train": [], "validation": []}
    for _ in range(epochs):
        batches = minibatches(len(x), batch_size, rng)
        history["train"].append(train_epoch(network, x, labels, batches, lr, strength))
        loss, _ = evaluate(network, x_validation, labels_validation)
        history["validation"].append(loss)
        if stopper.update(loss, network.arrays()):
            break
    for array, best in zip(network.arrays(), stopper.best_arrays or [], strict=False):
        array[...] = best
    return history
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_minibatches(minibatches, np):
    shared = np.random.default_rng(0)
    batches = minibatches(50, 20, shared)
    sizes = [len(batch) for batch in batches]
    assert sizes == [20, 20, 10], f"50 objects by 20 gave batches of {sizes}, expected 20, 20, 10"
    order = np.concatenate(batches)
    assert np.array_equal(np.sort(order), np.arange(50)), "each object belongs to one batch"
    again = np.concatenate(minibatches(50, 20, shared))
    assert not np.array_equal(order, again), "the next call must draw a new order"


# %%
def test_two_steps(train_epoch, Network, Linear, expect, np):
    layer = Linear(1, 2)
    layer.W, layer.b = np.array([[0.5, -0.5]]), np.zeros(2)
    x, labels = np.array([[0.0], [0.0], [2.0]]), np.array([0, 1, 1])
    loss = train_epoch(Network([layer]), x, labels, [np.array([0, 1]), np.array([2])], 0.5, 0.25)
    # The first batch moves W by the penalty alone, to ±0.375; then σ(1.5) = 0.81757… is too much.
    p = 1 / (1 + np.exp(-1.5))
    mean = (2 * np.log(2.0) - np.log(1 - p)) / 3
    expect(loss, mean, "the loss of the epoch", "a mean over the objects, each before its step")
    W = np.array([[0.28125 - p, -0.28125 + p]])
    expect(layer.W, W, "W", "two steps, each by lr · (gradient + 2 · strength · W)")
    expect(layer.b, [-0.5 * p, 0.5 * p], "b", "no penalty on b")


# %%
def test_evaluate(evaluate, Network, Linear, Dropout, expect, np):
    layer, dropout = Linear(1, 2), Dropout(0.9, 0)
    layer.W, layer.b = np.array([[0.0, np.log(3.0)]]), np.zeros(2)
    network = Network([layer, dropout])
    answer = evaluate(network, np.ones((4, 1)), np.array([1, 1, 0, 1]))
    assert isinstance(answer, tuple) and len(answer) == 2, "return the tuple (loss, accuracy)"
    right = -(3 * np.log(0.75) + np.log(0.25)) / 4
    expect(answer[0], right, "the loss", "in evaluation mode nothing is dropped")
    expect(answer[1], 0.75, "the accuracy")
    assert dropout.training is True, "afterwards the network is in the mode in which it was"


# %%
def test_fit(fit, Network, Linear, np):
    x, labels = np.array([[1.0], [-1.0]]), np.array([0, 1])
    layer = Linear(1, 2, 0)
    W = layer.W.copy()
    # Validation labels are wrong on purpose: its loss is best after the first epoch, then it rises.
    history = fit(Network([layer]), x, labels, x, 1 - labels, 50, 2, 0.1, 0.0, 3, 0)
    assert isinstance(history, dict), "return the history"
    count = len(history["validation"])
    assert count == len(history["train"]), "one number per epoch in each list"
    assert count == 4, f"{count} epochs were run, expected 4: the best one and 3 of patience"
    p = 1 / (1 + np.exp(W[0, 1] - W[0, 0]))
    first = W[0, 0] + 0.1 * (1 - p)
    assert abs(layer.W[0, 0] - first) < 1e-9, "W is not that of the best epoch, the first one"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **Look.** Real digits, 8 × 8 pixels, but only 200 of them to learn from, and a quarter of those
# with wrong labels. Left: a plain network of 200 hidden neurons. Its training loss goes to 0, for
# it learns the mistakes by heart, and the validation loss turns after ten epochs and climbs. Early
# stopping keeps the weights of the dotted line. Right: the same with batch normalisation, dropout
# and a penalty. The training loss cannot fall as far, and the validation loss climbs less.

# %%
digits = load_digits()
(x_some, y_some), (x_check, y_check), (x_last, y_last) = prepare(
    digits.data / 16, digits.target, 500, 1097, 0
)
generator = np.random.default_rng(2)
y_noisy = y_some.copy()
y_noisy[:60] = generator.integers(0, 10, 60)


def plain():
    return Network([Linear(64, 200, 1), ReLU(), Linear(200, 10, 2)]), 0.0


def regularised():
    layers = [Linear(64, 200, 1), BatchNorm(200), ReLU(), Dropout(0.5, 3), Linear(200, 10, 2)]
    return Network(layers), 1e-2


_, axes = plt.subplots(1, 2, figsize=(11, 3.4), sharey=True)
for axis, make in zip(axes, [plain, regularised], strict=True):
    network, strength = make()
    history = fit(network, x_some, y_noisy, x_check, y_check, 60, 20, 0.2, strength, 60, 4)
    best = int(np.argmin(history["validation"]))
    _, accuracy = evaluate(network, x_last, y_last)
    axis.plot(history["train"], label="training")
    axis.plot(history["validation"], label="validation")
    axis.axvline(best, color="0.3", linestyle=":", label=f"best: epoch {best}")
    axis.set(title=f"{make.__name__}: accuracy on the test part {accuracy:.3f}", xlabel="epoch")
    axis.legend()
axes[0].set(ylabel="cross-entropy", ylim=(0, 1.6))
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q10

# %% [markdown]
# ## q10 · Read digits
#
# Now all of it: **at least 0.95 of digits that your network has not seen must be read right.**
#
# - `train(images, labels, seed)` gets about 1,350 digits as rows of 64 pixels, float64 between 0
#   and about 1.3, and their labels, integers 0 … 9. It returns a *model*: whatever `predict` needs.
# - `predict(model, images)` gets the model and new rows, from 1 to some hundreds of them, and
#   returns their labels, an integer array of shape (N,).
#
# **Agreed on:**
#
# - Equal data and equal seeds give equal models. Models do not know of each other: training another
#   one does not change the first.
# - The answer for an image does not depend on the other images that it is asked with, nor on how
#   often one asks. (Which of your layers would break this, and in which mode?)
# - Split a validation part off by yourself. There is no test part in what you get: the grader keeps
#   it, labels and all, and never shows it to your code.
# - The grader's pixels come in **another order** than in the picture above, one and the same order
#   for training and test; digits are renamed likewise (all sevens may be called 2). A fully
#   connected network does not mind: permute its inputs, permute the rows of W along, and nothing
#   has changed. And each image is a bit brighter or darker than in the file, with some noise on it.
# - **Budget**: 20 seconds for one `train` on one CPU core. The reference, 64-100-10 with batch
#   normalisation and dropout, takes about 1,000 optimizer steps and half a second. Nobody counts
#   your steps, but more than 5,000 are a sign that something else is wrong.
#
# (A lecture advises against batch normalisation together with dropout. The trouble is dropout
# *before* a normalisation: it changes the variance that the running statistics count, and in
# evaluation the variance is another one. After the last normalisation it does no harm.)
#
# The grader cuts the data in four parts by chance, trains on three of them, asks for the fourth,
# and so on in turn, so that each digit is asked once; the share of right answers over all is what
# counts.

# %% [raw]
# # BEGIN SOLUTION


# %%
def train(images, labels, seed):
    """images (N, 64), labels (N,), seed: an int -> a model for `predict`."""
    # BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    learn, check, _ = split_indices(len(images), len(images) // 9, 0, rng)
    ruler = Standardizer()
    ruler.fit(images[learn])
    x = ruler.transform(images)
    hidden = [Linear(64, 100, rng), BatchNorm(100), ReLU(), Dropout(0.2, rng)]
    network = Network([*hidden, Linear(100, 10, rng)])
    fit(network, x[learn], labels[learn], x[check], labels[check], 30, 32, 0.2, 5e-4, 8, rng)
    return {"ruler": ruler, "network": network}
    # END SOLUTION


def predict(model, images):
    """A model of `train` and images (N, 64) -> their labels, an integer array (N,)."""
    # BEGIN SOLUTION
    network = model["network"]
    network.eval()
    return network.forward(model["ruler"].transform(images)).argmax(axis=1)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_reading_digits(train, predict, digits, np):
    order = np.random.default_rng(11).permutation(1797)
    learn, unseen = order[:1347], order[1347:]
    model = train(digits.data[learn] / 16, digits.target[learn], 0)
    answers = predict(model, digits.data[unseen] / 16)
    assert isinstance(answers, np.ndarray) and answers.shape == (450,), "predict: one label per row"
    assert answers.dtype.kind in "iu", f"labels are integers, not {answers.dtype}"
    accuracy = np.mean(answers == digits.target[unseen])
    assert accuracy >= 0.94, f"{accuracy:.3f} of 450 unseen digits are right, expected 0.95 or so"
    one = predict(model, digits.data[unseen[:1]] / 16)
    assert one[0] == answers[0], "one image alone gets another answer than among others"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **Which ones does it get wrong?** Usually those that you would hesitate about, too.

# %%
model = train(digits.data[:1300] / 16, digits.target[:1300], 1)
answers = predict(model, digits.data[1300:] / 16)
wrong = np.flatnonzero(answers != digits.target[1300:])[:8]
_, axes = plt.subplots(1, 8, figsize=(11, 1.8))
for axis in axes:
    axis.axis("off")
for axis, i in zip(axes, wrong, strict=False):
    axis.imshow(digits.images[1300 + i], cmap="Greys")
    axis.set_title(f"{digits.target[1300 + i]}, read as {answers[i]}", fontsize=9)
plt.show()

# %% [markdown]
# ## How to submit
#
# 1. *Kernel → Restart and run all*: every `grader.check` above should say that it passed. Questions
#    left blank cost their own points only, and those of what is built on them.
# 2. Save, and hand in this one file, `p3-regularization.ipynb`, where your course collects
#    homework.
#
# Taken from your notebook are the classes and functions asked for and whatever they use; prints,
# plots and training loops are left out. Only numpy is installed where they run.
