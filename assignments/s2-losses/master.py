# %% [raw]
# # ASSIGNMENT CONFIG
# init_cell: true
# export_cell: false
# generate: true
# tests:
#   files: true
#   ok_format: false

# %% [markdown]
# # Seminar 2 · Losses and their gradients
#
# Training needs one number that says how wrong the answers are, and the slope of that number in
# every direction in which an answer could move. The number is the **loss**, the slopes are its
# **gradient**, and everything that a network ever learns reaches it through this one door: a loss
# with a wrong gradient trains, silently, something else.
#
# You will write the usual losses as plain functions in numpy, each with its gradient, and see where
# they come from: most of them are minus the logarithm of a probability. The warm-up is a softmax in
# disguise that you have a personal interest in, namely your grade.
#
# | question | you write | points in the hidden suite |
# |---|---|---|
# | q1 | the course grade: softmin weights, rounding, gradient | 14 |
# | q2 | one-hot labels, accuracy | 8 |
# | q3 | softmax and log-softmax, with gradients | 20 |
# | q4 | mean squared error and half a sum of squares, with gradients | 11 |
# | q5 | cross-entropy from logits, with its gradient | 13 |
# | q6 | the logistic loss of the margin, with gradients | 12 |
# | q7 | entropy, cross-entropy, Kullback–Leibler divergence, with its gradient | 12 |
# | q8 | Gaussian negative log-likelihood, with gradients | 10 |
#
# Run the next cells, then read what is agreed on.

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


def picture(draw):
    """Draw at once; as long as the picture needs a function that is still blank, say so."""
    try:
        draw()
        plt.show()
    except NotImplementedError as blank:
        plt.close()
        print(f"The picture comes when the question above is solved: {blank}.")


# %% [markdown]
# ## What is agreed on in this seminar
#
# Lectures and libraries differ in details. Here, and in the tests, these hold:
#
# 1. **Functions, no memory.** A loss is a function of its arguments and of nothing else. The
#    gradient has a function of its own, which takes *the same arguments* as the loss: nobody calls
#    the loss before it, and nothing is remembered from one call to the next.
# 2. **Objects are rows.** A batch of logits is an array (N, C): N objects, C classes. `labels` is
#    an array (N,) of integers 0 … C − 1. Arguments are numpy arrays, unless the docstring says
#    float.
# 3. **Means and sums.** The cross-entropies, the logistic loss, the entropy and the KL divergence
#    are **means over the N objects**; MSE is a mean over **all elements**. Two are **sums**, as
#    their names say, and are divided by nothing: half the *sum* of squared errors, and minus the
#    logarithm of the likelihood of *all* data. A gradient is that of exactly the function beside
#    it, so where the loss has a 1/N the gradient has it, too.
# 4. A loss is one number, a `float`. The gradient by an array has the shape of that array.
# 5. Logarithms are natural.
# 6. Everything is `float64`, also when the arguments hold integers.
# 7. **No NaN, no infinity** at logits and scores of ±1000, at a temperature of 0.01 in q1, at a
#    log-variance of 800 in q8, or at probabilities that are 0 (q7 says what holds there). No small
#    number is added inside a logarithm and no argument is clipped: that trades an honest infinity
#    for a quiet error.
# 8. The caller's arrays stay as they are.
# 9. Halves are rounded up. Of several equal largest logits the first counts.
#
# **What the hidden suite looks at.** Your functions on random data of all kinds of sizes (N ≠ C,
# a batch of one, classes that do not occur); gradients against finite differences of the *right*
# loss; the gradients of softmax and log-softmax under a random upstream gradient; the extremes of
# point 7; integer arguments; whether the caller's arrays are untouched; gradients asked for without
# the loss, and in any order. What the public tests below check is a small sample of that. Helper
# functions and the way you compute are up to you; names, argument orders and shapes in the
# docstrings are not.

# %% [raw]
# # BEGIN QUESTION
# name: q1

# %% [markdown]
# ## q1 · Warm-up: the grade of this course
#
# Seminars, practicals and the project give marks $O_1, O_2, O_3$ from 0 to 10. The accumulated
# grade is their weighted mean, but the weights depend on the marks: the *weaker* a component, the
# more it counts. With constants $c = (0.2, 0.3, 0.5)$ and the temperature $T = 20$:
# $$s_i = c_i\, e^{-O_i / T}, \qquad w_i = \frac{s_i}{\sum_j s_j}, \qquad G = \sum_i w_i O_i .$$
#
# Marks (10, 10, 10) give 10; without the project, (10, 10, 0) give 3.775; (0, 10, 10) give 7.081;
# (4, 6, 8) give 6.475. The function $w$ is called **softmin**: for a small T it is nearly 1 at the
# smallest mark and 0 elsewhere, for a large T it forgets the marks and becomes $c_i / \sum_j c_j$.
#
# **Numbers.** At T = 0.01 a mark of 10 makes $e^{-1000}$, which is 0 in float64, and 0/0 is NaN.
# Subtract the smallest mark from all of them first: that multiplies numerator and denominator by
# the same number, so the weights stay what they are, and the sum is never 0. Remember this move.
#
# **The gradient** says what a little more work is worth. A higher mark $O_i$ raises its own term
# and at the same time loses weight; the quotient rule puts both together:
# $$\frac{\partial G}{\partial O_i} = w_i \Bigl( 1 - \frac{O_i - G}{T} \Bigr) .$$
#
# **Rounding.** The grade on your certificate is rounded, halves up: 6.5 becomes 7 and 2.5 becomes
# 3. Python's `round` and numpy's go to the nearest *even* number there. And a half may hide: on
# paper 0.7 · 7 + 0.3 · 2 is 5.5, in float64 it is 5.499999999999999. So whatever lies less than
# $10^{-9}$ below a half counts as that half.

# %% [raw]
# # BEGIN SOLUTION


# %%
def softmin_weights(marks, constants, temperature):
    """marks (k,), constants (k,), all positive, and a float -> the weights (k,); their sum is 1."""
    # BEGIN SOLUTION
    s = constants * np.exp(-(marks - np.min(marks)) / temperature)
    return s / np.sum(s)
    # END SOLUTION


def accumulated_grade(marks, constants, temperature):
    """The weighted mean of the marks (k,) before rounding, a float."""
    # BEGIN SOLUTION
    return float(np.sum(softmin_weights(marks, constants, temperature) * marks))
    # END SOLUTION


def grade_gradient(marks, constants, temperature):
    """The gradient of `accumulated_grade` by the marks (k,)."""
    # BEGIN SOLUTION
    weights = softmin_weights(marks, constants, temperature)
    grade = np.sum(weights * marks)
    return weights * (1.0 - (marks - grade) / temperature)
    # END SOLUTION


def round_half_up(grade):
    """A float, 0 or more -> the nearest whole number, halves up; an int or a float, as you like."""
    # BEGIN SOLUTION
    return int(np.floor(grade + 0.5 + 1e-9))
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_weights(softmin_weights, expect, np):
    c = np.array([0.2, 0.3, 0.5])
    weights = softmin_weights(np.array([4.0, 6.0, 8.0]), c, 20.0)
    remedy = "c · exp(-marks / T), divided by its sum"
    expect(weights, [0.2270620235, 0.3081813227, 0.4647566538], "the weights", remedy)
    cold = softmin_weights(np.array([10.0, 9.0, 9.5]), c, 0.01)
    expect(cold, [0.0, 1.0, 0.0], "the weights at T = 0.01", "subtract the smallest mark first")


# %%
def test_grades(accumulated_grade, expect, np):
    c = np.array([0.2, 0.3, 0.5])
    remedy = "the sum of weight · mark, not rounded"
    for marks, grade in [
        ([10, 10, 10], 10.0),
        ([10, 10, 0], 3.7754066880),
        ([0, 10, 10], 7.0812486726),
        ([4, 6, 8], 6.4753892605),
    ]:
        expect(accumulated_grade(np.array(marks), c, 20.0), grade, f"the grade of {marks}", remedy)


# %%
def test_gradient_of_the_grade(grade_gradient, expect, np):
    gradient = grade_gradient(np.array([4.0, 6.0, 8.0]), np.array([0.2, 0.3, 0.5]), 20.0)
    right = [0.2551653683, 0.3155066272, 0.4293280045]
    expect(gradient, right, "the gradient", "w · (1 - (marks - grade) / T)")


# %%
def test_rounding(round_half_up):
    for grade, right in [(6.475, 6), (6.5, 7), (2.5, 3), (0.0, 0), (0.7 * 7 + 0.3 * 2, 6)]:
        rounded = round_half_up(grade)
        assert rounded is not None, "the result is None. Is the `return` missing?"
        assert rounded == right, f"{grade!r} is rounded to {rounded}, expected {right}"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **Look.** On the left: the weights while the project's mark goes from 0 to 10 and the other two
# stay at 10. A project that is missing counts for 62 %, not for 50 %. On the right: the grade while
# the mark of the seminars goes from 0 to 10, at several temperatures. At T = 20 more is always
# better. At T = 1 the grade first rises and then *falls*: a seminar mark far above the others sheds
# its weight, and what it sheds goes to the weak ones. The gradient knows: it is negative where
# $O_i - G > T$. On a scale of 10 that cannot happen with T = 20.


# %%
@picture
def the_grade():
    c = np.array([0.2, 0.3, 0.5])
    mark = np.linspace(0, 10, 101)
    _, (left, right) = plt.subplots(1, 2, figsize=(11, 3.4))
    weights = [softmin_weights(np.array([10, 10, m]), c, 20.0) for m in mark]
    left.stackplot(mark, np.transpose(weights), labels=["seminars", "practicals", "project"])
    left.set(xlabel="mark of the project", title="softmin weights, T = 20", xlim=(0, 10))
    left.set(ylim=(0, 1))
    left.legend(loc="upper right")
    for temperature in (200.0, 20.0, 5.0, 1.0):
        grades = [accumulated_grade(np.array([m, 5.0, 2.0]), c, temperature) for m in mark]
        right.plot(mark, grades, label=f"T = {temperature:g}")
    right.set(xlabel="mark of the seminars", title="grade with practicals 5, project 2")
    right.legend()


# %% [raw]
# # BEGIN QUESTION
# name: q2

# %% [markdown]
# ## q2 · Classes as vectors: one-hot, and back
#
# A network with C outputs answers with C numbers, so the truth has to be C numbers, too: a 1 at the
# true class and 0 elsewhere. Of ten digits:
#
# | label | one-hot |
# |---|---|
# | 0 | 1 0 0 0 0 0 0 0 0 0 |
# | 2 | 0 0 1 0 0 0 0 0 0 0 |
# | 9 | 0 0 0 0 0 0 0 0 0 1 |
#
# Read as a distribution, a one-hot row is one that is *certain*. Classes count from 0, and there
# are as many columns as there are classes, even if the last ones do not occur in the batch.
#
# The way back is the position of the largest number, and the share of objects where it is the label
# is the **accuracy**. It is the number that everybody reports and that nobody can descend on: a
# small change of the logits changes no answer, so its gradient is 0 almost everywhere. That is why
# the rest of this seminar exists.

# %% [raw]
# # BEGIN SOLUTION


# %%
def one_hot(labels, classes):
    """labels (N,) of integers 0 … classes - 1 -> (N, classes), float64."""
    # BEGIN SOLUTION
    return np.eye(classes)[labels]
    # END SOLUTION


def accuracy(logits, labels):
    """logits (N, C), labels (N,) -> the share of rows with their largest logit at the label."""
    # BEGIN SOLUTION
    return float(np.mean(np.argmax(logits, axis=1) == labels))
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_one_hot(one_hot, expect, np):
    right = np.zeros((3, 10))
    right[0, 0] = right[1, 2] = right[2, 9] = 1.0
    expect(one_hot(np.array([0, 2, 9]), 10), right, "one-hot of 0, 2, 9", "label k is column k")
    few = one_hot(np.array([1, 0]), 3)
    expect(few, [[0, 1, 0], [1, 0, 0]], "one-hot of 1, 0", "one column for each of the classes")


# %%
def test_accuracy(accuracy, expect, np):
    logits = np.array([[1.0, 3.0, 2.0], [0.5, 0.0, -1.0], [1.0, 2.0, 2.0], [-3.0, -1.0, -2.0]])
    share = accuracy(logits, np.array([1, 2, 1, 1]))
    expect(share, 0.75, "the accuracy", "compare each row's argmax (axis=1) with its label")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q3

# %% [markdown]
# ## q3 · Softmax and its logarithm
#
# C real numbers per object, the *logits*, become probabilities, and their logarithms:
# $$p_c = \frac{e^{z_c}}{\sum_s e^{z_s}}, \qquad \ln p_c = z_c - \ln \sum_s e^{z_s} .$$
#
# You have just written this for marks; here it happens in every row, and the sign is the usual one.
# So is the move: what is added to a whole row cancels. Subtract each row's **own** maximum. One for
# the whole batch is not enough, since a row far below it would become 0/0.
#
# The logarithm deserves its own function. $p_c$ is 0 in float64 as soon as $z_c$ lies 746 below the
# maximum, and ln 0 is −∞; the right-hand formula never takes the logarithm of anything below 1.
#
# **Gradients.** Neither function is a loss: each has C outputs, and each output depends on all C
# logits. A gradient exists of a *number* only, so let $L$ be any number computed from the outputs,
# and $g_c$ its derivative by output $c$ (the *upstream* gradient, `grad_output`). With
# $\partial p_s / \partial z_c = p_s ([s = c] - p_c)$ the chain rule sums up to
# $$\text{softmax:}\quad \frac{\partial L}{\partial z_c} = p_c \Bigl( g_c - \sum_s g_s p_s \Bigr),
#   \qquad
#   \text{log-softmax:}\quad \frac{\partial L}{\partial z_c} = g_c - p_c \sum_s g_s .$$
#
# Try $g = (1, \dots, 1)$ in the first: the gradient is 0, as the sum of all $p_s$ is always 1. A
# check with such a $g$ would also pass a function that returns nothing but zeros.

# %% [raw]
# # BEGIN SOLUTION


# %%
def softmax(z):
    """Logits z (N, C) -> probabilities (N, C); each row sums to 1."""
    # BEGIN SOLUTION
    weights = np.exp(z - np.max(z, axis=1, keepdims=True))
    return weights / np.sum(weights, axis=1, keepdims=True)
    # END SOLUTION


def log_softmax(z):
    """Logits z (N, C) -> logarithms of the probabilities (N, C)."""
    # BEGIN SOLUTION
    shifted = z - np.max(z, axis=1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    # END SOLUTION


def softmax_gradient(z, grad_output):
    """Logits z (N, C), gradient by the softmax of z (N, C) -> gradient by z (N, C)."""
    # BEGIN SOLUTION
    p = softmax(z)
    return p * (grad_output - np.sum(grad_output * p, axis=1, keepdims=True))
    # END SOLUTION


def log_softmax_gradient(z, grad_output):
    """Logits z (N, C), gradient by the log-softmax of z (N, C) -> gradient by z (N, C)."""
    # BEGIN SOLUTION
    return grad_output - softmax(z) * np.sum(grad_output, axis=1, keepdims=True)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_softmax(softmax, expect, np):
    z = np.log(np.array([[1.0, 3.0, 4.0], [2.0, 2.0, 6.0]]))
    p = [[0.125, 0.375, 0.5], [0.2, 0.2, 0.6]]
    expect(softmax(z), p, "softmax", "each row is divided by its own sum: axis=1, keepdims=True")
    z[0] += 1000.0
    z[1] -= 1000.0
    expect(softmax(z), p, "softmax of logits near ±1000", "subtract each row's own maximum first")


# %%
def test_log_softmax(log_softmax, expect, np):
    z = np.log(np.array([[1.0, 3.0, 4.0], [2.0, 2.0, 6.0]]))
    log_p = np.log([[0.125, 0.375, 0.5], [0.2, 0.2, 0.6]])
    expect(log_softmax(z), log_p, "log-softmax", "z - ln of the row's Σ exp(z)")
    far = log_softmax(np.array([[1000.0, 0.0]]))
    expect(far, [[0.0, -1000.0]], "log-softmax of (1000, 0)", "do not take the logarithm of p")


# %%
def test_gradients_of_softmax(softmax_gradient, log_softmax_gradient, expect, np):
    z = np.log(np.array([[1.0, 3.0, 4.0], [2.0, 2.0, 6.0]]))
    g = np.array([[8.0, 0.0, 0.0], [0.0, 5.0, 10.0]])
    right = [[0.875, -0.375, -0.5], [-1.4, -0.4, 1.8]]
    expect(softmax_gradient(z, g), right, "the gradient of softmax", "p · (g - the row's Σ g p)")
    right = [[7.0, -3.0, -4.0], [-3.0, 2.0, 1.0]]
    expect(log_softmax_gradient(z, g), right, "that of log-softmax", "g - p · the row's Σ g")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **Look.** The same three logits, moved by 1000 (nothing happens), and divided by a temperature:
# the colder, the closer to one-hot; the warmer, the closer to a shrug.


# %%
@picture
def shifts_and_temperatures():
    z = np.array([[2.0, 1.0, 0.2]])
    cases = {"z": z, "z + 1000": z + 1000, "z / 0.3": z / 0.3, "z / 5": z / 5}
    _, axes = plt.subplots(1, 4, figsize=(11, 2.6), sharey=True)
    for ax, (title, logits) in zip(axes, cases.items(), strict=True):
        bars = ax.bar(["a", "b", "c"], softmax(logits)[0], color=["C0", "C1", "C2"])
        ax.bar_label(bars, fmt="%.2f")
        ax.set(title=f"softmax({title})", ylim=(0, 1.12))


# %% [raw]
# # BEGIN QUESTION
# name: q4

# %% [markdown]
# ## q4 · Squared errors
#
# For answers that are numbers: with the predictions $a_i$ and the targets $y_i$, of which there are
# $M$ in all (N objects with K outputs each make $M = N K$; or simply $M = N$),
# $$\mathrm{MSE} = \frac{1}{M} \sum_{i=1}^{M} (a_i - y_i)^2, \qquad
#   \tfrac12 \mathrm{SSE} = \frac12 \sum_{i=1}^{M} (a_i - y_i)^2 .$$
#
# The first does not depend on how many data there are, the second has the nicer derivative. Both
# have the same minimum, and very different gradients: one step size does not fit both. Two of the
# lectures call the second one "mean squared", which it is not; when you compare losses or reuse a
# step size, first find out which of the two somebody means.

# %% [raw]
# # BEGIN SOLUTION


# %%
def mse(prediction, target):
    """Two arrays of one and the same shape, any -> the mean of all squared differences, a float."""
    # BEGIN SOLUTION
    return float(np.mean((prediction - target) ** 2))
    # END SOLUTION


def mse_gradient(prediction, target):
    """The gradient of `mse` by the prediction, of the same shape."""
    # BEGIN SOLUTION
    return 2.0 * (prediction - target) / np.size(prediction)
    # END SOLUTION


def half_sse(prediction, target):
    """Two arrays of one and the same shape, any -> half the sum of squared differences, a float."""
    # BEGIN SOLUTION
    return float(0.5 * np.sum((prediction - target) ** 2))
    # END SOLUTION


def half_sse_gradient(prediction, target):
    """The gradient of `half_sse` by the prediction, of the same shape."""
    # BEGIN SOLUTION
    return np.asarray(prediction, dtype=float) - target
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_mse(mse, mse_gradient, expect, np):
    prediction = np.array([[1.0, 2.0], [3.0, 0.0], [-1.0, 4.0]])
    target = np.array([[1.0, 0.0], [2.0, 3.0], [-1.0, 0.0]])
    expect(mse(prediction, target), 5.0, "the MSE", "the mean over all N·K elements")
    right = np.array([[0.0, 2.0], [1.0, -3.0], [0.0, 4.0]]) / 3
    expect(mse_gradient(prediction, target), right, "its gradient", "2 · difference / (N·K)")


# %%
def test_half_sse(half_sse, half_sse_gradient, expect, np):
    prediction, target = np.array([[1, 2], [3, 0], [-1, 4]]), np.array([[1, 0], [2, 3], [-1, 0]])
    expect(half_sse(prediction, target), 15.0, "half the SSE", "0.5 · the sum over all elements")
    right = [[0.0, 2.0], [1.0, -3.0], [0.0, 4.0]]
    remedy = "the derivative of ½ d² is d; integers make a float64 gradient, too"
    expect(half_sse_gradient(prediction, target), right, "its gradient", remedy)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **Look.** Five targets, and one number $a$ that is predicted for all of them. Both losses are
# least at the mean of the targets; a median would not care how far out the lonely one lies, a mean
# does. The slopes are where the losses differ: by a factor of $M / 2$, here 2.5, and with 5,000
# targets it would be 2,500.


# %%
@picture
def one_number_for_five():
    targets = np.array([-0.5, 0.0, 0.4, 1.1, 3.0])
    guesses = np.linspace(-2, 4, 61)
    _, axes = plt.subplots(1, 2, figsize=(11, 3.4))
    for loss, gradient, name in (
        (mse, mse_gradient, "MSE"),
        (half_sse, half_sse_gradient, "half the SSE"),
    ):
        answers = [np.full(5, a) for a in guesses]
        axes[0].plot(guesses, [loss(a, targets) for a in answers], label=name)
        axes[1].plot(guesses, [gradient(a, targets).sum() for a in answers], label=name)
    axes[0].plot(targets, np.zeros(5), "k|", markersize=14, label="targets")
    axes[0].set(xlabel="a", title="loss")
    axes[1].axhline(0, color="0.6", linewidth=0.8)
    axes[1].set(xlabel="a", title="slope by a (the gradient's entries, summed)")
    for ax in axes:
        ax.axvline(targets.mean(), color="0.6", linestyle=":")
        ax.legend()


# %% [raw]
# # BEGIN QUESTION
# name: q5

# %% [markdown]
# ## q5 · Cross-entropy from logits
#
# For classes: a good classifier gives much probability to the class $y_n$ that is true. The
# likelihood of N independent objects is the product $\prod_n p_{n y_n}$; minus its logarithm,
# divided by N, is the loss
# $$L = -\frac1N \sum_{n=1}^{N} \ln p_{n y_n}, \qquad p_n = \mathrm{softmax}(z_n), \qquad
#   \frac{\partial L}{\partial z_{nc}} = \frac{p_{nc} - [c = y_n]}{N} .$$
#
# It is 0 for a sure and right answer, ln C for a shrug, and grows without bound for sure and wrong
# ones. The gradient is what one would draw on a napkin: *what you said minus what is true*. (Put
# $g = -\text{one-hot} / N$ into the gradient of log-softmax.) The function takes **logits**: who
# hands in probabilities gets a softmax of a softmax, which trains too, only badly.

# %% [raw]
# # BEGIN SOLUTION


# %%
def cross_entropy_from_logits(logits, labels):
    """logits (N, C), labels (N,) of integers 0 … C - 1 -> the mean of -ln p[true], a float."""
    # BEGIN SOLUTION
    return float(-np.mean(log_softmax(logits)[np.arange(len(labels)), labels]))
    # END SOLUTION


def cross_entropy_from_logits_gradient(logits, labels):
    """The gradient of `cross_entropy_from_logits` by the logits (N, C)."""
    # BEGIN SOLUTION
    return (softmax(logits) - one_hot(labels, logits.shape[1])) / len(labels)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_cross_entropy_from_logits(cross_entropy_from_logits, expect, np):
    logits = np.log(np.array([[1.0, 3.0, 4.0], [2.0, 2.0, 6.0]]))
    value = cross_entropy_from_logits(logits, np.array([2, 0]))
    expect(value, np.log(10.0) / 2, "the loss", "the mean over the objects of -ln p[true]")
    sure = cross_entropy_from_logits(np.array([[1000.0, 0.0]]), np.array([1]))
    expect(sure, 1000.0, "the loss of a sure and wrong answer", "take ln p from log-softmax")


# %%
def test_its_gradient(cross_entropy_from_logits_gradient, expect, np):
    logits = np.log(np.array([[1.0, 3.0, 4.0], [2.0, 2.0, 6.0]]))
    gradient = cross_entropy_from_logits_gradient(logits, np.array([2, 0]))
    right = [[0.0625, 0.1875, -0.25], [-0.4, 0.1, 0.3]]
    expect(gradient, right, "the gradient by the logits", "(p - one-hot) / N")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **Your loss at work.** 1,797 real handwritten digits of 8×8 pixels, one linear layer, and steps
# against your gradient; the last 500 digits are kept for the accuracy. Each class has 64 weights,
# and they make a picture: red pixels speak for the digit, blue ones against it.


# %%
@picture
def digits_by_cross_entropy():
    from sklearn.datasets import load_digits

    x, labels = load_digits(return_X_y=True)
    x = x / 16
    W, b, history = np.zeros((64, 10)), np.zeros(10), []
    for _ in range(300):
        logits = x[:-500] @ W + b
        history.append(cross_entropy_from_logits(logits, labels[:-500]))
        grad = cross_entropy_from_logits_gradient(logits, labels[:-500])
        W -= 1.0 * x[:-500].T @ grad
        b -= 1.0 * grad.sum(axis=0)
    share = accuracy(x[-500:] @ W + b, labels[-500:])
    figure = plt.figure(figsize=(11, 2.9))
    left, right = figure.subfigures(1, 2, width_ratios=[1, 1.5])
    ax = left.subplots()
    ax.plot(history)
    ax.axhline(np.log(10), color="0.6", linestyle=":")
    ax.text(300, np.log(10), "ln 10: a shrug", ha="right", va="bottom", color="0.4")
    ax.set(xlabel="step", title="cross-entropy", ylim=(0, 2.7))
    for digit, ax in enumerate(right.subplots(2, 5).flat):
        ax.imshow(W[:, digit].reshape(8, 8), cmap="coolwarm", vmin=-2, vmax=2)
        ax.set_title(digit, fontsize=9)
        ax.axis("off")
    right.suptitle(f"weights; accuracy on held-out digits {share:.3f}", fontsize=10)
    left.subplots_adjust(bottom=0.2, top=0.87)
    right.subplots_adjust(bottom=0.05, top=0.8, hspace=0.35)


# %% [raw]
# # BEGIN QUESTION
# name: q6

# %% [markdown]
# ## q6 · Two classes and a margin
#
# With two classes one number is enough, the *score* $s$: positive for one class, negative for the
# other. Write the answer as $y = +1$ or $y = -1$. Then $M = y s$ is the **margin**: positive when
# the sign is right, and the larger, the surer. The logistic loss is a softened count of the
# mistakes:
# $$L = \frac1N \sum_{n=1}^{N} \ln \bigl( 1 + e^{-M_n} \bigr), \qquad
#   \frac{\partial L}{\partial s_n} = -\frac{y_n\, \sigma(-M_n)}{N}, \qquad
#   \sigma(t) = \frac{1}{1 + e^{-t}} .$$
#
# It is cross-entropy once more: $\sigma(M)$ is the probability of the true class, and
# $-\ln \sigma(M)$ is the loss of one object. (Labels 0 and 1 would need another formula; with
# $y = 2 \cdot \text{label} - 1$ they become these.)
#
# **Numbers.** At $M = -1000$ the loss is 1000, but $e^{1000}$ is infinite. Divide out whatever is
# large, so that only $e^{-|M|}$ is computed, in the loss and in σ; or remember what
# `np.logaddexp(a, b)` = $\ln(e^a + e^b)$ is for.
#
# **The neuron.** Let the score come from a linear neuron, $s = w_0 + \langle w, x \rangle$. The
# score moves with $w_0$ at the rate 1, with $w_i$ at the rate $x_i$, so for one object
# $$\frac{\partial L}{\partial w_0} = -y\, \sigma(-M), \qquad
#   \frac{\partial L}{\partial w_i} = -y\, x_i\, \sigma(-M), \qquad
#   \sigma(-M) = \frac{e^{-M}}{1 + e^{-M}},$$
# and for N objects their mean. (One lecture has a minus too many in the last factor, which turns
# the whole gradient round. Check by eye: an object with $y = +1$ wants a larger $w_0$, and descent
# goes *against* the gradient, so $\partial L / \partial w_0$ has to be negative.)

# %% [raw]
# # BEGIN SOLUTION


# %%
def logistic_loss(scores, y):
    """scores (N,), y (N,) of +1 and -1 -> the mean of ln(1 + exp(-y · score)), a float."""
    # BEGIN SOLUTION
    return float(np.mean(np.logaddexp(0.0, -y * scores)))
    # END SOLUTION


def logistic_loss_gradient(scores, y):
    """The gradient of `logistic_loss` by the scores (N,)."""
    # BEGIN SOLUTION
    margin = y * scores
    small = np.exp(-np.abs(margin))
    return -y * np.where(margin > 0, small, 1.0) / (1.0 + small) / len(y)
    # END SOLUTION


def neuron_gradient(w0, w, x, y):
    """The logistic loss of the scores w0 + x w, differentiated by the weights.

    w0 a float, w (D,), x (N, D), y (N,) of +1 and -1 -> the pair (gradient by w0, a float;
    gradient by w (D,)).
    """
    # BEGIN SOLUTION
    grad_scores = logistic_loss_gradient(w0 + x @ w, y)
    return float(np.sum(grad_scores)), x.T @ grad_scores
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_logistic_loss(logistic_loss, logistic_loss_gradient, expect, np):
    scores = np.log(np.array([3.0, 3.0, 1.0, 1 / 7]))
    y = np.array([1, -1, 1, -1])
    value = logistic_loss(scores, y)
    expect(value, np.log(256 / 21) / 4, "the loss", "the mean over the objects of ln(1 + exp(-M))")
    gradient = logistic_loss_gradient(scores, y)
    expect(gradient, [-1 / 16, 3 / 16, -1 / 8, 1 / 32], "its gradient", "-y · σ(-M) / N")


# %%
def test_large_margins(logistic_loss, logistic_loss_gradient, expect, np):
    scores, y = np.array([1000.0, 1000.0]), np.array([1, -1])
    expect(logistic_loss(scores, y), 500.0, "the loss at margins of ±1000", "see **Numbers**")
    expect(logistic_loss_gradient(scores, y), [0.0, 0.5], "its gradient there", "see **Numbers**")


# %%
def test_neuron(neuron_gradient, expect, np):
    x, y = np.array([[1.0, 2.0], [-1.0, 4.0]]), np.array([1, 1])
    grad_w0, grad_w = neuron_gradient(0.0, np.array([np.log(3.0), 0.0]), x, y)
    expect(grad_w0, -0.5, "the gradient by w0", "the sum of the gradients by the scores")
    expect(grad_w, [0.25, -1.75], "that by w", "the sum of x · the gradient by the object's score")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **Look.** On the left: what one object costs, as a function of its margin. The number of mistakes
# (0 or 1) is a step, and flat almost everywhere. The logistic loss goes the same way but has a
# slope. The square of the error, $(M - 1)^2$, punishes answers for being *too right*. On the right:
# the slopes; the logistic loss never pulls harder than 1, so one absurd object cannot drown the
# rest.


# %%
@picture
def margins():
    margin = np.linspace(-3, 3, 121)
    one = np.ones(1)
    _, (left, right) = plt.subplots(1, 2, figsize=(11, 3.4))
    left.step(margin, margin < 0, color="0.5", label="mistake")
    left.plot(margin, [logistic_loss(np.array([m]), one) for m in margin], label="logistic")
    left.plot(margin, [mse(np.array([m]), one) for m in margin], label="squared")
    left.set(xlabel="margin", title="loss of one object", ylim=(-0.1, 5))
    left.legend()
    right.axhline(0, color="0.5", label="mistake")
    slopes = [logistic_loss_gradient(np.array([m]), one)[0] for m in margin]
    right.plot(margin, slopes, label="logistic")
    slopes = [mse_gradient(np.array([m]), one)[0] for m in margin]
    right.plot(margin, slopes, label="squared")
    right.set(xlabel="margin", title="its slope", ylim=(-5, 3))
    right.legend()


# %% [raw]
# # BEGIN QUESTION
# name: q7

# %% [markdown]
# ## q7 · How far is one distribution from another?
#
# Let nature draw from the distribution $p$ while a model believes in $q$. The average surprise
# (minus the logarithm of the believed probability) is the **cross-entropy**; the surprise that no
# model can avoid is the **entropy**; the difference is the price of believing in $q$, the
# **Kullback–Leibler divergence**. For one object with C classes:
# $$H(p, q) = -\sum_c p_c \ln q_c, \qquad H(p) = H(p, p), \qquad
#   D(p \,\|\, q) = H(p, q) - H(p) = \sum_c p_c \ln \frac{p_c}{q_c} .$$
#
# D is never negative, 0 only for $p = q$, and **not symmetric**. Cross-entropy grows as
# distributions become *less* alike (one lecture calls it a measure of similarity; it is the
# opposite). With one-hot $p$ it is the loss of q5, and as $H(p)$ does not depend on $q$, minimizing
# H(p, q) and minimizing D is one and the same.
#
# **Zeros.** As $t \ln t \to 0$ for $t \to 0$, a class with $p_c = 0$ adds 0 to each of the sums,
# *whatever* $q_c$ is, 0 included. You may rely on $q_c > 0$ wherever $p_c > 0$.
#
# **The gradient by q**, with each entry of q taken as a free number and the mean over N objects:
# $$\frac{\partial}{\partial q_{nc}}\; \frac1N \sum_m D(p_m \,\|\, q_m) = -\frac{p_{nc}}{N q_{nc}},
#   \qquad \text{0 where } p_{nc} = 0 .$$

# %% [raw]
# # BEGIN SOLUTION


# %%
def entropy(p):
    """Distributions p (N, C), one per row -> the mean over the rows of H(p), a float."""
    # BEGIN SOLUTION
    return cross_entropy(p, p)
    # END SOLUTION


def cross_entropy(p, q):
    """Distributions p (N, C) and q (N, C) -> the mean over the rows of H(p, q), a float."""
    # BEGIN SOLUTION
    log_q = np.log(q, out=np.zeros(np.shape(q)), where=p > 0)
    return float(-np.sum(p * log_q) / len(p))
    # END SOLUTION


def kl_divergence(p, q):
    """Distributions p (N, C) and q (N, C) -> the mean over the rows of D(p || q), a float."""
    # BEGIN SOLUTION
    return cross_entropy(p, q) - entropy(p)
    # END SOLUTION


def kl_divergence_gradient(p, q):
    """The gradient of `kl_divergence` by q (N, C)."""
    # BEGIN SOLUTION
    return -np.divide(p, q, out=np.zeros(np.shape(q)), where=p > 0) / len(p)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_entropies(entropy, cross_entropy, expect, np):
    p = np.array([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0]])
    q = np.array([[0.25, 0.25, 0.5], [0.5, 0.5, 0.0]])
    remedy = "the mean over the rows; classes with p = 0 add 0"
    expect(entropy(p), 0.75 * np.log(2.0), "H(p)", remedy)
    expect(cross_entropy(p, q), 1.375 * np.log(2.0), "H(p, q)", remedy)


# %%
def test_kl_divergence(kl_divergence, kl_divergence_gradient, expect, np):
    p = np.array([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0]])
    q = np.array([[0.25, 0.25, 0.5], [0.5, 0.5, 0.0]])
    expect(kl_divergence(p, q), 0.625 * np.log(2.0), "D(p || q)", "H(p, q) - H(p)")
    right = [[-1.0, -0.5, -0.25], [-1.0, 0.0, 0.0]]
    expect(kl_divergence_gradient(p, q), right, "the gradient by q", "-p / (N q), 0 where p = 0")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **Look.** Nature, in grey, has two humps; the model is a single normal distribution. Which one is
# nearest? Minimizing D(p ‖ q), as maximum likelihood does, makes a model that leaves out *nothing*
# that happens, and so believes in much that does not. Minimizing D(q ‖ p) makes one that believes
# in nothing that does not happen, and so leaves out half.


# %%
@picture
def two_directions():
    t = np.linspace(-6, 6, 121)

    def normal(mean, deviation):
        weights = np.exp(-(((t - mean) / deviation) ** 2) / 2)
        return weights[None, :] / weights.sum()

    p = 0.6 * normal(-2.0, 0.7) + 0.4 * normal(2.0, 0.9)
    models = [
        normal(mean, dev) for mean in np.arange(-3, 3.1, 0.1) for dev in np.arange(0.5, 4, 0.1)
    ]
    _, axes = plt.subplots(1, 2, figsize=(11, 3.0), sharey=True)
    best = min(models, key=lambda q: kl_divergence(p, q))
    backward = min(models, key=lambda q: kl_divergence(q, p))
    for ax, q, name in zip(axes, (best, backward), ("p ‖ q", "q ‖ p"), strict=True):
        ax.fill_between(t, p[0], color="0.8", label="p")
        ax.plot(t, q[0], color="C1", label="q")
        there, back = kl_divergence(p, q), kl_divergence(q, p)
        title = f"least D({name}):  D(p ‖ q) = {there:.2f}, D(q ‖ p) = {back:.2f}"
        ax.set_title(title, fontsize=11)
        ax.legend()


# %% [raw]
# # BEGIN QUESTION
# name: q8

# %% [markdown]
# ## q8 · Where the squares come from
#
# Suppose that each of n answers (all elements of the array, whatever its shape) is the prediction
# plus normal noise, $y_i = a_i + \varepsilon_i$, with one variance $\sigma^2$ for all. The density
# of one answer is
# $$f(y_i) = \frac{1}{\sqrt{2 \pi \sigma^2}} \exp\Bigl( - \frac{(y_i - a_i)^2}{2 \sigma^2} \Bigr),$$
# and minus the logarithm of the product over all n of them, with $S = \sum_i (y_i - a_i)^2$, is
# $$-\ln L = \frac{n}{2} \ln (2 \pi \sigma^2) + \frac{S}{2 \sigma^2} .$$
#
# (The lecture lost the minus in the exponent, without which the density grows with the error and
# has no finite integral; its logarithm, too, went astray. The two lines above are right.)
#
# At a fixed σ this is half the SSE, scaled and shifted: **least squares is maximum likelihood under
# normal noise**. But a model may learn σ, too, and so say how sure it is. To keep $\sigma^2$
# positive without any bounds, learn its logarithm $v = \ln \sigma^2$:
# $$-\ln L = \frac{n}{2} \bigl( \ln 2\pi + v \bigr) + \frac{S}{2} e^{-v}, \qquad
#   \frac{\partial}{\partial a_i} = (a_i - y_i)\, e^{-v}, \qquad
#   \frac{\partial}{\partial v} = \frac{n}{2} - \frac{S}{2} e^{-v} .$$
#
# The last one is 0 at $\sigma^2 = S / n$: the best variance is the mean squared error. In this form
# nothing overflows at $v = 800$ either, where $\sigma^2$ itself would.

# %% [raw]
# # BEGIN SOLUTION


# %%
def gaussian_nll(prediction, target, log_variance):
    """Two arrays of one and the same shape, any, and a float, ln σ² -> -ln L, a float."""
    # BEGIN SOLUTION
    squares = np.sum((prediction - target) ** 2)
    count = np.size(prediction)
    return float(
        0.5 * count * (np.log(2.0 * np.pi) + log_variance) + 0.5 * squares * np.exp(-log_variance)
    )
    # END SOLUTION


def gaussian_nll_gradient(prediction, target, log_variance):
    """The pair (gradient by the prediction, of its shape; derivative by log_variance, a float)."""
    # BEGIN SOLUTION
    difference = prediction - target
    precision = np.exp(-log_variance)
    by_log_variance = 0.5 * np.size(prediction) - 0.5 * np.sum(difference**2) * precision
    return difference * precision, float(by_log_variance)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_gaussian_nll(gaussian_nll, expect, np):
    prediction, target = np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 2.0])
    value = gaussian_nll(prediction, target, np.log(4.0))
    right = 1.5 * np.log(8.0 * np.pi) + 0.625
    expect(value, right, "-ln L", "n/2 · (ln 2π + v) + S/2 · exp(-v), a sum over all answers")
    wide = gaussian_nll(prediction, target, 800.0)
    expect(wide, 1.5 * (np.log(2.0 * np.pi) + 800.0), "-ln L at v = 800", "exp(800) is infinite")


# %%
def test_its_gradients(gaussian_nll_gradient, expect, np):
    prediction, target = np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 2.0])
    by_prediction, by_v = gaussian_nll_gradient(prediction, target, np.log(4.0))
    expect(by_prediction, [0.0, 0.5, 0.25], "the gradient by the prediction", "(a - y) · exp(-v)")
    expect(by_v, 0.875, "the derivative by the log-variance", "n/2 - S/2 · exp(-v)")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **Look.** A line and a variance, learned together by steps against your gradients. On the left:
# the data, the line, and a band of two learned standard deviations, in which about 95 % of the
# points should lie. On the right: −ln L as a function of v, for that line; its minimum is where the
# derivative by v is 0.


# %%
@picture
def a_line_and_its_noise():
    generator = np.random.default_rng(4)
    x = generator.uniform(-2, 2, 120)
    y = 1.0 + 1.5 * x + generator.normal(0, 0.6, x.size)
    slope, intercept, v = 0.0, 0.0, 2.0
    for _ in range(400):
        by_prediction, by_v = gaussian_nll_gradient(slope * x + intercept, y, v)
        slope -= 0.002 * (by_prediction @ x)
        intercept -= 0.002 * by_prediction.sum()
        v -= 0.002 * by_v
    _, (left, right) = plt.subplots(1, 2, figsize=(11, 3.4))
    ends = np.array([-2.0, 2.0])
    line, band = slope * ends + intercept, 2 * np.exp(v / 2)
    left.scatter(x, y, s=12, color="0.4")
    left.plot(ends, line, color="C1")
    left.fill_between(ends, line - band, line + band, color="C1", alpha=0.2)
    left.set(xlabel="x", ylabel="y", title=f"σ learned {np.exp(v / 2):.2f}, true 0.60")
    values = np.linspace(-2.5, 2.5, 101)
    right.plot(values, [gaussian_nll(slope * x + intercept, y, value) for value in values])
    right.axvline(v, color="C1", linestyle=":", label="learned v")
    right.set(xlabel="v = ln σ²", title="−ln L for this line")
    right.legend()


# %% [markdown]
# ## How to submit
#
# 1. *Kernel → Restart and run all*: every `grader.check` above should say that it passed. Questions
#    left blank cost their own points only.
# 2. Save, and hand in this one file, `s2-losses.ipynb`, where your course collects homework.
#
# Taken from your notebook are the functions asked for and whatever they use; prints, plots and
# training loops are left out. Only numpy is installed where they run.
