# %% [raw]
# # ASSIGNMENT CONFIG
# init_cell: true
# export_cell: false
# generate: true
# tests:
#   files: true
#   ok_format: false

# %% [markdown]
# # Seminar 4 · Checking gradients
#
# A wrong gradient rarely crashes. The loss still goes down, only a little slower; the network
# still learns, only five or ten per cent worse than it could, and nobody knows why. Reading the
# code again does not help much, because you will believe the same formula a second time. What
# helps is a witness who does not know your formula: **measure the slope** of the function, and
# compare.
#
# You will build such a witness: first the measurement, then the comparison (which is where most
# home-made checkers go wrong), then a check of whole layers. At the end ten layers stand before
# you, some of them with a bug inside, and your checker says which.
#
# | question | you write | points in the hidden suite |
# |---|---|---|
# | q1 | `forward_difference`, `central_difference` | 20 |
# | q2 | `best_steps`, `error_curves` | 8 |
# | q3 | `step_sizes`, `numerical_gradient` | 14 |
# | q4 | `relative_error` | 13 |
# | q5 | `kinks` | 10 |
# | q6 | `check_gradient` | 14 |
# | q7 | `check_layer` | 13 |
# | q8 | `common_factor`, `findings` | 8 |

# %%
import matplotlib.pyplot as plt

# %% tags=["module"]
import numpy as np


# %%
def expect(actual, expected, what, remedy="", rtol=1e-6, atol=1e-9):
    """Compare a result with the right one; say the first thing that differs, and the remedy."""
    expected = np.asarray(expected)
    because = ": " + remedy if remedy else ""
    assert actual is not None, what + " is None. Is the `return` missing?"
    assert isinstance(actual, (np.ndarray, np.generic, float, bool)), (
        f"{what} is of type {type(actual).__name__}, expected an array or a number{because}"
    )
    actual = np.asarray(actual)
    assert actual.shape == expected.shape, (
        f"{what} has shape {actual.shape}, expected {expected.shape}{because}"
    )
    assert actual.dtype == expected.dtype, (
        f"{what} has dtype {actual.dtype}, expected {expected.dtype}{because}"
    )
    wrong = np.argwhere(~np.isclose(actual, expected, rtol=rtol, atol=atol))
    if len(wrong):
        index = tuple(map(int, wrong[0]))
        where = str(list(index)) if index else ""
        raise AssertionError(
            f"{what}{where} is {actual[index]:.8g}, expected {expected[index]:.8g}{because}"
        )


# %% [markdown]
# ## What is agreed on in this seminar
#
# Here, and in the tests, these hold:
#
# 1. A **function** under test takes one array and returns one number. An array `x` may have any
#    shape, `()` included, and may hold integers, float32 or float64. You hand the function a
#    **float64** array of the shape of `x`, always, that differs from `x` in one entry at most; and
#    all slopes you return are float64 arrays of the shape of `x`.
# 2. After any call the caller's `x` is **exactly** what it was, to the last bit, and so are all
#    other arrays that you were given.
# 3. A function is expensive. `forward_difference` calls it once for each entry of `x` and once
#    more; `central_difference` and `numerical_gradient` twice for each entry. One or two calls more
#    are fine; more than that is not. `check_gradient` may use up to ten calls for each entry.
# 4. The **step sizes** are $h_i = \varepsilon^{1/3} \max(1, |x_i|)$ with
#    $\varepsilon = 2^{-52} \approx 2.2 \cdot 10^{-16}$, `np.finfo(float).eps`. (q3 explains them.)
# 5. The **relative error** of two numbers is
#    $|a - b| \,/\, \max(|a|, |b|, \text{floor})$, entry by entry, with floor 10⁻³ unless said
#    otherwise. It is 0 where both are 0, and infinite where either is NaN or infinite. (q4)
# 6. There is a **kink** at an entry where the slope to the right and the slope to the left, both
#    finite, differ by more than 10⁻³ · max(1, |right|, |left|), each taken over the step $h_i$
#    of rule 4. (q5)
# 7. A gradient **passes** when its relative error is at most 10⁻⁵ in *every* entry that is no
#    kink. NaN never passes, nor does a gradient of another shape, nor one of which no entry could
#    be compared.
# 8. A **layer** is a pair of functions and a dict of named inputs, its parameters among them:
#    `forward(**inputs)` returns an array; `backward(grad_output, **inputs)` returns a dict with the
#    gradient by *some* of the inputs, under their names. Inputs that it does not return (class
#    labels, say) have no gradient and are passed on as they are.
# 9. Objects are rows: `x` is (N, D), `W` is (D, K), and a linear layer is $y = xW + b$. (The
#    lecture writes columns, $h = Wx$, and then $\nabla_W = \nabla_h x^\top$.) ReLU′(0) = 0.
# 10. `rng` is an integer seed or a numpy `Generator`; `np.random.default_rng(rng)` turns either
#     into a generator. The global state of `np.random` is left alone.
#
# **What the hidden suite looks at.** It hands your code functions and layers of its own, right
# ones and wrong ones, and looks at what your code answers *and* at the points at which it asks:
# arrays of many shapes, integers, float32, huge and tiny entries; how often you call; whether
# `x` comes back as it was; a bug in one single entry, wherever that is; NaN, wrong shapes, tiny
# gradients; layers whose bug hides behind a careless upstream gradient. What the public tests
# below check is a small sample of that. Helper functions and the way you compute are up to you;
# names, argument orders and what comes back are not.

# %% [raw]
# # BEGIN QUESTION
# name: q1

# %% [markdown]
# ## q1 · Two ways to measure a slope
#
# Let $e_i$ be the array that is 1 in entry i and 0 elsewhere. The partial derivative by $x_i$ is a
# limit; leave the limit out, and it becomes a measurement. The **forward difference** steps to one
# side, the **central difference** to both:
# $$\frac{f(x + h e_i) - f(x)}{h}, \qquad \frac{f(x + h e_i) - f(x - h e_i)}{2h} .$$
#
# The central one costs twice as many calls and is worth it. Put the Taylor series of f in:
# $$\text{forward} = f' + \tfrac{h}{2} f'' + \dots, \qquad
#   \text{central} = f' + \tfrac{h^2}{6} f''' + \dots$$
# In the central difference all even terms cancel. For $f(x) = x^3$ you can do the sum exactly:
# the forward difference is $3x^2 + 3xh + h^2$, the central one $3x^2 + h^2$.
#
# *If you come from the lecture:* its formula $\frac{h(x, \theta + \varepsilon) - h(x, \theta -
# \varepsilon)}{2\varepsilon}$ is meant **one entry of θ at a time**. Adding ε to all entries at
# once gives one number, the *sum* of the partial derivatives.
#
# Three traps. An integer array truncates what you add to it: work on a float64 array. An
# assignment `y = x` makes no copy. And `x += h` followed by `x -= h` does not always lead back:
# put the old value back instead, or work on a copy.

# %% [raw]
# # BEGIN SOLUTION


# %%
def forward_difference(function, x, h):
    """(f(x + h eᵢ) − f(x)) / h for each entry i of x.

    function: array of the shape of x -> a number. h: the step, a number (not 0, maybe negative) or
    an array of steps of the shape of x. Returns a float64 array of the shape of x.
    """
    # BEGIN SOLUTION
    x = np.array(x, dtype=float)
    h = np.broadcast_to(h, x.shape)
    slopes = np.zeros(x.shape)
    here = function(x.copy())
    for index in np.ndindex(x.shape):
        there = x.copy()
        there[index] += h[index]
        slopes[index] = (function(there) - here) / h[index]
    return slopes
    # END SOLUTION


def central_difference(function, x, h):
    """(f(x + h eᵢ) − f(x − h eᵢ)) / 2h for each entry i of x; arguments and result as above."""
    # BEGIN SOLUTION
    x = np.array(x, dtype=float)
    h = np.broadcast_to(h, x.shape)
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h[index]
        below[index] -= h[index]
        slopes[index] = (function(above) - function(below)) / (2.0 * h[index])
    return slopes
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_cube(forward_difference, central_difference, expect, np):
    def cube(x):
        return np.sum(x**3)

    x = np.array([[1.0, -2.0, 0.0], [0.5, 3.0, 10.0]])
    expect(
        forward_difference(cube, x, 0.1),
        3 * x**2 + 0.3 * x + 0.01,
        "the forward difference of Σ x³ with h = 0.1",
        "one entry of x at a time, (f(x + h) - f(x)) / h = 3x² + 3xh + h²",
    )
    expect(
        central_difference(cube, x, 0.1),
        3 * x**2 + 0.01,
        "the central difference of Σ x³ with h = 0.1",
        "one entry of x at a time, (f(x + h) - f(x - h)) / 2h = 3x² + h²",
    )


# %%
def test_worked_example(central_difference, expect, np):
    def function(x):
        a, b, c = x
        return (a + 2 * b) * (2 * b + c)

    gradient = central_difference(function, np.array([1, 2, 3]), 0.5)
    expect(
        gradient,
        [7.0, 24.0, 5.0],
        "the gradient of (a + 2b)(2b + c) at the integers 1, 2, 3",
        "make a float64 copy of x before you step; the other entries stay where they were",
    )


# %%
def test_steps_and_shapes(forward_difference, central_difference, expect, np):
    x = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]).T
    before = x.copy()
    h = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
    for difference, expected in [(forward_difference, 2 * x + h), (central_difference, 2 * x)]:
        name = difference.__name__
        actual = difference(lambda x: np.sum(x**2), x, h)
        expect(actual, expected, name + " of Σ x² with a step for each entry", "use h[index]")
        assert np.array_equal(x, before), name + " has changed the caller's x"
        number = difference(lambda x: 3.0 * x, np.array(2.0), 0.25)
        expect(number, 3.0, name + " at an x of shape ()", "np.ndindex(x.shape) knows all shapes")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q2

# %% [markdown]
# ## q2 · How small a step?
#
# "How to choose ε?" asks the lecture, and leaves it there. As small as possible, says the Taylor
# series. But a computer rounds: each value of f is off by about $\delta = \varepsilon |f|$, where
# $\varepsilon \approx 2.2 \cdot 10^{-16}$, and this **noise** is divided by the step. When h gets
# small, two nearly equal numbers are subtracted, their leading digits cancel, and what is left is
# noise. So the error is a sum of two, one falling and one rising with h. At worst it is
# $$E_\text{forward}(h) = \frac{h}{2} M_2 + \frac{2\delta}{h}, \qquad
#   E_\text{central}(h) = \frac{h^2}{6} M_3 + \frac{\delta}{h},$$
# where $M_2$ and $M_3$ stand for $|f''|$ and $|f'''|$ near x. **Take pen and paper** and find the h
# that makes each of them smallest; `best_steps` returns the two.
#
# `error_curves` then does the experiment: for each step of a list, the *largest* absolute error
# among the entries of the gradient, with each of the two differences.

# %% [raw]
# # BEGIN SOLUTION


# %%
def best_steps(noise, second, third):
    """The steps at which E_forward and E_central are smallest, as a tuple of two floats.

    noise: δ, second: M₂, third: M₃; positive numbers.
    """
    # BEGIN SOLUTION
    return 2.0 * float(noise / second) ** 0.5, float(3.0 * noise / third) ** (1.0 / 3.0)
    # END SOLUTION


def error_curves(function, gradient, x, steps):
    """The largest absolute error over the entries of x, for each step.

    gradient: the right gradient at x, an array of its shape. steps: S positive numbers.
    Returns a tuple of two arrays (S,): with the forward and with the central difference.
    """
    # BEGIN SOLUTION
    forward, central = [], []
    for h in steps:
        forward.append(np.max(np.abs(forward_difference(function, x, h) - gradient)))
        central.append(np.max(np.abs(central_difference(function, x, h) - gradient)))
    return np.array(forward), np.array(central)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_best_steps(best_steps, expect, np):
    answer = best_steps(1e-4, 4.0, 0.3)
    assert isinstance(answer, tuple) and len(answer) == 2, "expected a tuple of two floats"
    for h, right, name, error in [
        (answer[0], 0.01, "forward", lambda h: h / 2 * 4.0 + 2e-4 / h),
        (answer[1], 0.1, "central", lambda h: h**2 / 6 * 0.3 + 1e-4 / h),
    ]:
        h = float(h)
        assert h > 0, f"the best step for the {name} difference is {h}, expected a positive number"
        assert error(h) <= error(right) * (1 + 1e-9), (
            f"E_{name}({h:.4g}) = {error(h):.4g}, but E_{name}({right}) = {error(right):.4g} is"
            " smaller: set the derivative of E by h to zero"
        )


# %%
def test_error_curves(error_curves, expect, np):
    x = np.array([1.0, -3.0, 2.0])
    steps = [0.5, 0.1]
    forward, central = error_curves(lambda x: np.sum(x**3), 3 * x**2, x, steps)
    remedy = "the largest absolute error over the entries of x, for each step"
    expect(forward, [4.25, 0.89], "the errors of the forward difference of Σ x³", remedy)
    expect(central, [0.25, 0.01], "the errors of the central difference of Σ x³", remedy)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **Look at it.** The function is $e^x$ at x = 1; all its derivatives are e, so δ = ε·e and the
# theory has no free constants left. Read the picture from right to left: as h shrinks, the error
# falls along a line of slope 1 (forward) or 2 (central), until it meets the line of slope −1, which
# is the noise. The stars are your `best_steps`. Two things to take home: the central difference
# gives about **ten right digits**, the forward one seven or eight; and a step of 10⁻¹², which looks
# so precise, gives four.

# %%
steps = np.logspace(-15, 0, 121)
e = np.exp(1.0)
delta = np.finfo(float).eps * e
curves = error_curves(lambda x: float(np.exp(x)), np.array(e), np.array(1.0), steps)
theory = [steps / 2 * e + 2 * delta / steps, steps**2 / 6 * e + delta / steps]
stars = best_steps(delta, e, e)
best = [stars[0] / 2 * e + 2 * delta / stars[0], stars[1] ** 2 / 6 * e + delta / stars[1]]
plt.figure(figsize=(8, 4.2))
for i, name in enumerate(["forward", "central"]):
    # An error of exactly 0 is luck and has no place on a logarithmic axis.
    seen = np.where(curves[i] > 0, curves[i], np.nan)
    plt.loglog(steps, seen, ".", ms=5, color=f"C{i}", label=f"{name} difference, measured")
    plt.loglog(steps, theory[i], "-", lw=1, color=f"C{i}", label=f"{name}, at worst")
    plt.loglog(stars[i], best[i], "*", ms=15, color=f"C{i}", mec="black")
plt.axvline(np.finfo(float).eps ** (1 / 3), color="0.6", ls=":")
plt.text(8e-6, 3e-1, "ε^(1/3)", color="0.4")
plt.ylim(1e-13, 10)
plt.xlabel("step h")
plt.ylabel("error of the slope")
plt.title("The slope of exp at x = 1: truncation to the right, noise to the left")
plt.legend(loc="lower left", fontsize=8)
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q3

# %% [markdown]
# ## q3 · A numerical gradient for everyday use
#
# A checker knows neither $M_3$ nor δ. But suppose that f, f′ and f‴ are of about the same size, as
# they are for the functions that we build networks from; then the best central step is near
# $\varepsilon^{1/3} \approx 6 \cdot 10^{-6}$ and the error near $10^{-10}$.
#
# One thing has to be watched: the size of x itself. Near $x = 10^8$ float64 numbers lie $1.5 \cdot
# 10^{-8}$ apart; a step of 6·10⁻⁶ cannot be taken there with more than three right digits, and
# beyond 10¹¹ it cannot be taken at all. Hence the rule:
# the step is *relative* to $|x_i|$ where that is above 1, and absolute below:
# $$h_i = \varepsilon^{1/3} \max(1, |x_i|) .$$
#
# `numerical_gradient` is the central difference with these steps. Both work in float64 even when x
# is float32: there ε is 1.2·10⁻⁷, a step of 6·10⁻⁶ is a few dozen units in the last place, and a
# perfectly right layer would look wrong.

# %% [raw]
# # BEGIN SOLUTION


# %%
def step_sizes(x):
    """The steps of rule 4 for an array x: a float64 array of its shape, all positive."""
    # BEGIN SOLUTION
    x = np.asarray(x, dtype=float)
    return np.finfo(float).eps ** (1.0 / 3.0) * np.maximum(1.0, np.abs(x))
    # END SOLUTION


def numerical_gradient(function, x):
    """The gradient at x by central differences with the steps of rule 4.

    function: array of the shape of x -> a number. Returns a float64 array of the shape of x.
    """
    # BEGIN SOLUTION
    return central_difference(function, x, step_sizes(x))
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_step_sizes(step_sizes, expect, np):
    h = np.finfo(float).eps ** (1 / 3)
    remedy = "ε^(1/3) · max(1, |x|), entry by entry, in float64"
    for dtype in (float, np.float32, int):
        x = np.array([[0, 1, -4], [-1, 64, 1024]], dtype=dtype)
        right = h * np.array([[1.0, 1.0, 4.0], [1.0, 64.0, 1024.0]])
        expect(step_sizes(x), right, f"step_sizes of {x.dtype} numbers", remedy, atol=0)


# %%
def test_numerical_gradient(numerical_gradient, expect, np):
    x = np.array([[0.3, -1.2], [2.5, 0.0]], dtype=np.float32)
    expect(
        numerical_gradient(lambda x: np.sum(np.sin(x) * x), x),
        np.cos(x.astype(float)) * x + np.sin(x.astype(float)),
        "the numerical gradient of Σ x sin x at float32 numbers",
        "the function has to get float64 arrays, or the step drowns in rounding",
        atol=1e-8,
    )
    x = np.array([3e8, -5e11])
    expect(
        numerical_gradient(lambda x: np.sum(x**2) * 1e-12, x),
        2e-12 * x,
        "the numerical gradient at large x",
        "the step has to grow with |x|: step_sizes(x)",
        atol=0,
    )


# %%
def test_saturated_sigmoids(numerical_gradient, expect, np):
    def function(x):
        a, b, c = x
        inner = 1 / (1 + np.exp(-a - b)) + 1 / (1 + np.exp(-b * c))
        return 1 / (1 + np.exp(-inner))

    x = np.array([9.0, 1.0, 100.0])
    assert abs(function(x) - 0.880792311410) < 1e-11
    expect(
        numerical_gradient(function, x),
        [4.766433410852e-6, 4.766433410860e-6, 0.0],
        "the gradient of σ(σ(a + b) + σ(bc)) at (9, 1, 100)",
        "(f(x + h) - f(x - h)) / 2h with h of rule 4, for each entry",
        rtol=1e-4,
        atol=1e-15,
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# The last test deserves a second look. The derivative by c of that example is not 0 but
# 3.9 · 10⁻⁴⁵: changes of that size leave no trace in a number near 0.88. A measured slope is right
# to about $\delta / h \approx 4 \cdot 10^{-11} |f|$ **absolutely**, so a small slope has few right
# digits, and a tiny one has none. Keep that in mind for the next question.

# %% [raw]
# # BEGIN QUESTION
# name: q4

# %% [markdown]
# ## q4 · When are two gradients equal?
#
# Never, to the last digit; so how far apart may they be? Each simple answer has a hole:
#
# - **Absolute**, $|a - b| < 10^{-5}$: takes 10⁻⁶ for 2·10⁻⁶, a factor of 2. And deep in a network
#   all gradients are small.
# - **Relative**, $|a - b| / \max(|a|, |b|)$: 0/0 where both are 0, as behind a ReLU. That is NaN;
#   every comparison with NaN is false, so `if error > tolerance: complain()` is silent and the
#   entry "passes". And 0 against a measured 10⁻¹² is an error of 100 %, though only noise.
# - **The norm**, $\|a - b\| / \|a\|$: one wrong entry hides behind a thousand large ones.
#
# So: entry by entry, relative, with a **floor** under the denominator,
# $$\text{error}_i = \frac{|a_i - b_i|}{\max(|a_i|, |b_i|, \text{floor})} .$$
# With the floor 10⁻³ and the tolerance 10⁻⁵ that we use, noise below 10⁻⁸ is forgiven, and 10⁻⁶
# against 2·10⁻⁶ is an error of 10⁻³: caught. The error is 0 where both are 0, even with floor 0.
# Where either is NaN or infinite the error is **infinite** (that compares the way you want).
#
# And one more hole, which numpy digs for you: a (3,) gradient minus a (3, 1) gradient is a (3, 3)
# array, without a word. Different shapes raise a `ValueError` here.

# %% [raw]
# # BEGIN SOLUTION


# %%
def relative_error(a, b, floor=1e-3):
    """The relative error of rule 5, entry by entry.

    a, b: arrays of one shape. floor: a number, 0 or more. Returns a float64 array of that shape;
    raises ValueError when the shapes differ.
    """
    # BEGIN SOLUTION
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError(f"a gradient of shape {a.shape} cannot be compared with one of {b.shape}")
    with np.errstate(all="ignore"):
        size = np.maximum(np.maximum(np.abs(a), np.abs(b)), floor)
        error = np.where(a == b, 0.0, np.abs(a - b) / size)
    return np.where(np.isfinite(a) & np.isfinite(b), error, np.inf)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_relative_error(relative_error, expect, np):
    a = np.array([[2.0, -4.0, 1e-6], [0.0, 5.0, -3.0]])
    b = np.array([[1.0, -5.0, 2e-6], [1e-12, 5.0, 3.0]])
    right = np.array([[0.5, 0.2, 1e-3], [1e-9, 0.0, 2.0]])
    expect(relative_error(a, b), right, "relative_error", "|a - b| / max(|a|, |b|, 1e-3)", atol=0)
    right[0, 2], right[1, 0] = 0.5, 1.0
    expect(relative_error(a, b, 0.0), right, "relative_error with floor 0", "use `floor`", atol=0)


# %%
def test_zeros_and_nan(relative_error, expect, np):
    a = np.array([0.0, np.nan, 1.0, np.inf, np.inf])
    b = np.array([0.0, 1.0, np.nan, 1.0, np.inf])
    error = relative_error(a, b, floor=0.0)
    assert isinstance(error, np.ndarray), "expected an array of errors, one for each entry"
    assert error[0] == 0.0, f"the error of 0 against 0 is {error[0]}, expected 0"
    assert np.all(error[1:] == np.inf), (
        f"errors where a or b is NaN or infinite: {error[1:]}, expected inf (NaN compares as false)"
    )


# %%
def test_shapes_must_agree(relative_error, np):
    try:
        error = relative_error(np.zeros(3), np.zeros((3, 1)))
    except ValueError:
        return
    raise AssertionError(
        "shapes (3,) and (3, 1) should raise ValueError; the answer was an array of shape"
        f" {np.shape(error)}"
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# ## Kinks
#
# All of this rests on a tangent. At 0 the function |x| has none: its slope is −1 on the left and
# +1 on the right, and the central difference answers 0, the mean of the two. ReLU is right to say
# 0 there (by our convention), yet the measurement says ½. And it need not be *exactly* at 0:
# whenever the kink lies between x − h and x + h, the measured slope is a mixture that no
# convention defends.

# %%
h = 1.0
line = np.linspace(-2.2, 2.2, 200)
_, panels = plt.subplots(1, 2, figsize=(11, 3.4))
for axes, function, x, name in [
    (panels[0], np.abs, 0.0, "|x| at 0"),
    (panels[1], lambda x: np.maximum(x, 0.0), 0.4, "ReLU at 0.4 h: the kink is within the step"),
]:
    left, here, right = function(x - h), function(x), function(x + h)
    axes.plot(line, function(line), color="0.75", lw=5)
    axes.plot([x - h, x], [left, here], "o-", color="C1", label=f"left slope {here - left:+.1f}")
    axes.plot([x, x + h], [here, right], "o-", color="C0", label=f"right slope {right - here:+.1f}")
    axes.plot(
        [x - h, x + h], [left, right], "--", color="C3", label=f"central {(right - left) / 2:+.1f}"
    )
    axes.set(title=name, ylim=(-0.4, 2.3), xticks=[x - h, x, x + h])
    axes.set_xticklabels(["x − h", "x", "x + h"])
    axes.legend(loc="upper center")
plt.show()

# %% [raw]
# # BEGIN QUESTION
# name: q5

# %% [markdown]
# ## q5 · Finding the kinks
#
# A checker that complains at every kink is switched off soon; one that skips without a word is
# blind. So: *find* the kinks, leave them out of the comparison, and *say how many* there were.
#
# For each entry take the two one-sided slopes over the step $h_i$ of rule 4:
# $$r_i = \frac{f(x + h_i e_i) - f(x)}{h_i}, \qquad l_i = \frac{f(x) - f(x - h_i e_i)}{h_i},
#   \qquad \text{kink:}\quad |r_i - l_i| > 10^{-3} \max(1, |r_i|, |l_i|) .$$
# Where f is smooth, they differ by $h_i |f''|$ only, some 10⁻⁵. Where a slope is NaN there is
# no kink to be excused but something broken: that entry is **not** a kink, and the comparison will
# deal with it. (You have written a function that measures one-sided slopes. What does it do with a
# negative step?)

# %% [raw]
# # BEGIN SOLUTION


# %%
def kinks(function, x):
    """Where f has a kink by rule 6: a boolean array of the shape of x."""
    # BEGIN SOLUTION
    h = step_sizes(x)
    right = forward_difference(function, x, h)
    left = forward_difference(function, x, -h)
    size = np.maximum(1.0, np.maximum(np.abs(right), np.abs(left)))
    return np.abs(right - left) > 1e-3 * size
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_kinks(kinks, expect, np):
    x = np.array([[0.0, 1.0, -2.0], [1e-7, -1e-3, 0.0]])
    expect(
        kinks(lambda x: np.sum(np.abs(x)), x),
        [[True, False, False], [True, False, True]],
        "the kinks of Σ |x|",
        "compare the slope to the right with the slope to the left, over the step of rule 4",
    )
    expect(
        kinks(lambda x: np.sum(10 * x**2 - x), x),
        np.zeros((2, 3), dtype=bool),
        "the kinks of the smooth function Σ (10 x² - x)",
        "slopes that differ by 1e-3 · max(1, |right|, |left|) or less are no kink",
    )


# %%
def test_kink_of_two_entries(kinks, expect, np):
    x = np.array([2, 2, 1])
    expect(
        kinks(lambda x: np.max(x) + x[2] ** 2, x),
        [True, True, False],
        "the kinks of max(x) + x₂² at the integers 2, 2, 1",
        "the maximum changes hands when either of the two large entries moves",
    )


# %%
def test_broken_is_no_kink(kinks, expect, np):
    expect(
        kinks(lambda x: x[0] ** 2 + np.where(x[1] > 1, np.nan, abs(x[1])), np.array([1.0, 1.0])),
        [False, False],
        "the kinks of a function that is NaN right of x₁",
        "a slope that is NaN makes no kink",
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q6

# %% [markdown]
# ## q6 · The verdict on a gradient
#
# Put together what you have. Somebody claims that `claimed` is the gradient of `function` at `x`.
# Your answer is a tuple of four:
#
# | | type | meaning |
# |---|---|---|
# | `passed` | bool | whether `error` is at most `tolerance` |
# | `error` | float | the largest relative error (floor 10⁻³) among the entries compared |
# | `index` | tuple of ints, or None | where that is, as in `claimed[index]` |
# | `skipped` | int | how many entries were left out |
#
# **Left out** are the kinks, unless the claim itself is NaN or infinite there: nothing excuses
# that, and the error of such an entry is infinite. If the shape of `claimed` is not that of `x`,
# the answer is `(False, inf, None, 0)`, and nothing is raised. If no entry is left to compare,
# nothing has been shown: `(False, inf, None, skipped)`.

# %% [raw]
# # BEGIN SOLUTION


# %%
def check_gradient(function, claimed, x, tolerance=1e-5):
    """Compare a claimed gradient of `function` at x with the numerical one.

    Returns the tuple (passed, error, index, skipped) described above.
    """
    # BEGIN SOLUTION
    claimed = np.asarray(claimed, dtype=float)
    if claimed.shape != np.shape(x):
        return False, float("inf"), None, 0
    error = relative_error(claimed, numerical_gradient(function, x))
    left_out = kinks(function, x) & np.isfinite(claimed)
    skipped = int(np.sum(left_out))
    if skipped == claimed.size:
        return False, float("inf"), None, skipped
    worst = np.argmax(np.where(left_out, -1.0, error))
    index = tuple(int(i) for i in np.unravel_index(worst, claimed.shape))
    return bool(error[index] <= tolerance), float(error[index]), index, skipped
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_right_and_wrong(check_gradient, np):
    def function(x):
        return np.sum(np.sin(x)) + x[0, 0] * x[1, 2]

    x = np.array([[0.2, -1.0, 3.0], [0.5, 1.5, -0.7]])
    right = np.cos(x)
    right[0, 0] += x[1, 2]
    right[1, 2] += x[0, 0]
    answer = check_gradient(function, right, x)
    assert isinstance(answer, tuple) and len(answer) == 4, (
        f"the answer is {answer!r}, expected a tuple (passed, error, index, skipped)"
    )
    assert answer[0], f"a right gradient does not pass: {answer}"
    assert answer[1] < 1e-6, f"the error of a right gradient is {answer[1]}: central differences?"
    assert answer[3] == 0, f"{answer[3]} entries of a smooth function were left out"
    number = check_gradient(lambda x: x**2, np.array(3.0), np.array(1.5))
    assert number[0] and tuple(number[2]) == (), f"3 is right for x² at x = 1.5; got {number}"
    for index in np.ndindex(x.shape):
        wrong = right.copy()
        wrong[index] *= 1.01
        passed, error, where, _ = check_gradient(function, wrong, x)
        assert not passed, f"a gradient with 1 % too much in entry {index} passes"
        assert abs(error - 0.01 / 1.01) < 1e-4, f"the error is {error}, expected 0.0099"
        assert tuple(where) == index, f"the worst entry is {index}, the answer says {where}"


# %%
def test_nothing_excuses_nan(check_gradient, np):
    def function(x):
        return np.sum(np.abs(x)) + np.sum(x**2)

    x = np.array([0.0, 1.0, -2.0])
    passed, error, index, skipped = check_gradient(function, np.array([0.3, 3.0, -5.0]), x)
    assert passed and skipped == 1, "entry 0 is a kink: left out and counted, the others are right"
    for i in range(3):
        claimed = np.array([0.0, 3.0, -5.0])
        claimed[i] = np.nan
        passed, error, index, _ = check_gradient(function, claimed, x)
        assert not passed, f"a gradient with NaN in entry {i} passes"
        assert error == np.inf and tuple(index) == (i,), (
            f"NaN in entry {i} is an infinite error there; the answer was {error} at {index}"
        )
    with np.errstate(invalid="ignore"):
        answer = check_gradient(lambda x: np.sum(np.sqrt(x - 9)), np.array([1.0, 1.0, 1.0]), x)
    assert not answer[0], "a function that is NaN everywhere lets a gradient pass"


# %%
def test_nothing_to_compare(check_gradient, np):
    x = np.array([1.0, 2.0, 3.0])
    answer = check_gradient(lambda x: np.sum(x**2), 2 * x[:, None], x)
    assert tuple(answer) == (False, np.inf, None, 0), (
        f"a gradient of shape (3, 1) for an x of shape (3,) gets {answer}, expected"
        " (False, inf, None, 0)"
    )
    answer = check_gradient(lambda x: np.sum(np.abs(x)), np.zeros(2), np.zeros(2))
    assert tuple(answer) == (False, np.inf, None, 2), (
        f"all entries are kinks: the answer is {answer}, expected (False, inf, None, 2)"
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q7

# %% [markdown]
# ## q7 · Checking a layer
#
# A layer returns an array y, not a number, and its `backward` answers a question: *if the loss
# changes by $G$ per unit of y, by how much does it change per unit of x?* To ask it, choose a
# G, and check the gradient of the number
# $$L(x) = \sum_j G_j\, y_j(x) .$$
#
# **Which G?** Ones are the obvious choice and a bad one. The outputs of a softmax sum to 1 whatever
# the input is, so under G = 1 the right gradient is *zero*, and a backward that returns zeros
# passes. So do layers that normalise. A layer that ignores G altogether passes. A ReLU that
# takes its mask from the sign of G passes. Under a **random normal** G, of both signs and with no
# pattern, none of them does: the picture below shows it.
#
# `check_layer` draws one G (standard normal, of the shape of the output, from `rng`), calls
# `backward(G, **inputs)` once, and lets `check_gradient` judge each gradient that came back, with
# the other inputs held fixed. Its answer is a dict: name → the tuple of `check_gradient`.

# %% [raw]
# # BEGIN SOLUTION


# %%
def check_layer(forward, backward, inputs, rng):
    """Check all gradients of a layer under one random upstream gradient.

    forward(**inputs) -> an array; backward(grad_output, **inputs) -> a dict of gradients by name.
    inputs: a dict of arrays by name. rng: an integer seed or a Generator.
    Returns a dict: each name that backward returned -> (passed, error, index, skipped).
    """
    # BEGIN SOLUTION
    rng = np.random.default_rng(rng)
    grad_output = rng.standard_normal(np.shape(forward(**inputs)))
    verdicts = {}
    for name, claimed in backward(grad_output, **inputs).items():

        def loss(value, name=name):
            return np.sum(grad_output * forward(**{**inputs, name: value}))

        verdicts[name] = check_gradient(loss, claimed, inputs[name])
    return verdicts
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_linear_layer(check_layer, np):
    def forward(x, W):
        return x @ W

    def right(grad_output, x, W):
        return {"x": grad_output @ W.T, "W": x.T @ grad_output}

    def averaged(grad_output, x, W):
        return {"x": grad_output @ W.T, "W": x.T @ grad_output / len(x)}

    rng = np.random.default_rng(0)
    inputs = {"x": rng.normal(size=(4, 3)), "W": rng.normal(size=(3, 2))}
    answer = check_layer(forward, right, inputs, 1)
    assert isinstance(answer, dict) and set(answer) == {"x", "W"}, (
        f"the answer is {answer!r}, expected a dict with the keys x and W"
    )
    for name in ("x", "W"):
        assert answer[name][0], f"the right gradient by {name} does not pass: {answer[name]}"
    answer = check_layer(forward, averaged, inputs, np.random.default_rng(1))
    assert answer["x"][0], "a wrong gradient by W should not spoil the one by x"
    assert not answer["W"][0], "a gradient by W that is divided by N passes"


# %%
def test_upstream_gradient(check_layer, np):
    asked = []

    def forward(x):
        e = np.exp(x)
        return e / np.sum(e, axis=1, keepdims=True)

    def zeros(grad_output, x):
        asked.append(np.array(grad_output))
        return {"x": np.zeros_like(x)}

    x = np.array([[0.1, 1.0, -0.5], [2.0, 0.0, 0.3]])
    for seed in (1, 2, 1):
        assert not check_layer(forward, zeros, {"x": x}, seed)["x"][0], (
            "a softmax whose backward returns zeros passes: what upstream gradient did you take?"
        )
    assert len(asked) == 3, f"backward was called {len(asked)} times for three checks"
    assert asked[0].shape == (2, 3), f"grad_output has shape {asked[0].shape}, the output (2, 3)"
    assert np.array_equal(asked[0], asked[2]), "equal seeds must give equal upstream gradients"
    assert not np.array_equal(asked[0], asked[1]), "another seed should give another one"


# %%
def test_input_without_gradient(check_layer, np):
    def forward(table, ids):
        return table[ids]

    def backward(grad_output, table, ids):
        grad = np.zeros(table.shape)
        np.add.at(grad, ids, grad_output)
        return {"table": grad}

    inputs = {"table": np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), "ids": np.array([2, 0, 2])}
    answer = check_layer(forward, backward, inputs, 0)
    assert set(answer) == {"table"}, "only what backward returns is checked; ids stay integers"
    assert answer["table"][0], f"the right gradient by the table does not pass: {answer['table']}"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **Ones hide bugs.** Below, your `numerical_gradient` of a softmax layer, under an upstream
# gradient of ones and under a random one. On the left there is nothing to be seen, whatever
# `backward` does; on the right every entry speaks.


# %%
def softmax_rows(x):
    p = np.exp(x - x.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


generator = np.random.default_rng(4)
x = generator.normal(size=(4, 6))
_, panels = plt.subplots(1, 2, figsize=(11, 2.9))
for axes, upstream, name in [
    (panels[0], np.ones(x.shape), "upstream gradient of ones"),
    (panels[1], generator.standard_normal(x.shape), "random normal upstream gradient"),
]:
    slopes = numerical_gradient(lambda x, G=upstream: np.sum(G * softmax_rows(x)), x)
    image = axes.imshow(slopes, cmap="RdBu", vmin=-0.4, vmax=0.4)
    axes.set(title=f"{name}\nlargest |∂L/∂x| = {np.abs(slopes).max():.1g}", xticks=[], yticks=[])
plt.colorbar(image, ax=panels, shrink=0.8)
plt.show()

# %% [markdown]
# ## The line-up
#
# Ten layers, fifteen gradients, each with an exhibit number. The forwards are all right. Some of
# the backwards are not, and each of the bugs has been made by many people before you. Read them if
# you like, but do not trust your eyes: let your checker tell.

# %%
generator = np.random.default_rng(2024)
LAYERS = {}


def layer(**inputs):
    """Enter a class with the functions `forward` and `backward` into LAYERS, with its inputs."""

    def enter(cls):
        LAYERS[cls.__name__] = (cls.forward, cls.backward, inputs)
        return cls

    return enter


@layer(x=generator.normal(size=(5, 3)), W=generator.normal(size=(3, 4)), b=np.zeros(4))
class Linear:
    @staticmethod
    def forward(x, W, b):
        return x @ W + b

    @staticmethod
    def backward(grad_output, x, W, b):
        return {
            "x": grad_output @ W.T,
            "W": x.T @ grad_output,
            "b": grad_output.mean(axis=0),
        }


@layer(x=np.array([[0.0, 1.2, -0.7, 0.0], [-2.0, 0.4, 3.0, -0.1]]))
class ReLU:
    @staticmethod
    def forward(x):
        return np.maximum(x, 0.0)

    @staticmethod
    def backward(grad_output, x):
        return {"x": grad_output * (x > 0)}


@layer(x=generator.normal(size=(4, 5)))
class LeakyReLU:
    @staticmethod
    def forward(x):
        return np.where(x > 0, x, 0.1 * x)

    @staticmethod
    def backward(grad_output, x):
        return {"x": np.where(grad_output > 0, grad_output, 0.1 * grad_output)}


@layer(x=np.array([[-13.0, -3.0, 0.0], [0.5, 2.0, 12.5]]))
class Sigmoid:
    @staticmethod
    def forward(x):
        return 1.0 / (1.0 + np.exp(-x))

    @staticmethod
    def backward(grad_output, x):
        y = np.clip(1.0 / (1.0 + np.exp(-x)), 1e-5, 1.0 - 1e-5)
        return {"x": grad_output * y * (1.0 - y)}


@layer(x=generator.normal(size=(3, 4)))
class Softmax:
    @staticmethod
    def forward(x):
        return softmax_rows(x)

    @staticmethod
    def backward(grad_output, x):
        p = softmax_rows(x)
        return {"x": p * (grad_output - grad_output.mean(axis=1, keepdims=True))}


@layer(x=generator.normal(size=(3, 4)))
class LogSoftmax:
    @staticmethod
    def forward(x):
        return np.log(softmax_rows(x))

    @staticmethod
    def backward(grad_output, x):
        return {"x": grad_output - softmax_rows(x) * grad_output.sum(axis=1, keepdims=True)}


@layer(x=generator.normal(size=(6, 3)), gamma=generator.normal(size=3), beta=np.zeros(3))
class BatchNorm:
    @staticmethod
    def forward(x, gamma, beta):
        return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5) + beta

    @staticmethod
    def backward(grad_output, x, gamma, beta):
        std = np.sqrt(x.var(axis=0) + 1e-5)
        x_hat = (x - x.mean(axis=0)) / std
        return {
            "x": gamma * (grad_output - grad_output.mean(axis=0)) / std,
            "gamma": np.sum(grad_output * x_hat, axis=0),
            "beta": np.sum(grad_output, axis=0),
        }


@layer(table=generator.normal(size=(4, 3)), ids=np.array([1, 3, 1, 0]))
class Embedding:
    @staticmethod
    def forward(table, ids):
        return table[ids]

    @staticmethod
    def backward(grad_output, table, ids):
        grad = np.zeros(table.shape)
        grad[ids] += grad_output
        return {"table": grad}


@layer(x=generator.normal(size=(2, 5, 3)))
class MeanOverTime:
    @staticmethod
    def forward(x):
        return x.mean(axis=1)

    @staticmethod
    def backward(grad_output, x):
        return {"x": np.repeat(grad_output[:, None, :] / x.shape[1], x.shape[1], axis=1)}


@layer(x=generator.normal(size=(4, 2)), centres=generator.normal(size=(3, 2)))
class SquaredDistance:
    @staticmethod
    def forward(x, centres):
        return np.sum((x[:, None, :] - centres) ** 2, axis=2)

    @staticmethod
    def backward(grad_output, x, centres):
        weighted = 2.0 * grad_output[:, :, None] * (x[:, None, :] - centres)
        return {"x": weighted.sum(axis=1), "centres": -weighted.sum(axis=0)}


EXHIBITS = [
    (name, of)
    for name, (forward, backward, inputs) in LAYERS.items()
    for of in backward(np.ones_like(forward(**inputs)), **inputs)
]
for number, (name, of) in enumerate(EXHIBITS, 1):
    print(f"exhibit {number:2}   {name}: gradient by {of}")

# %% [raw]
# # BEGIN QUESTION
# name: q8

# %% [markdown]
# ## q8 · Find the bugs
#
# **What kind of bug?** Once you know *that* a gradient is wrong, the ratio claimed / numerical
# often says *why*. If it is the same number in all entries, then −1 is a sign, 2 or ½ a forgotten
# derivative of a square, 1/N a mean in the place of a sum, 0 a forgotten `return`. If there is no
# common ratio, the structure is wrong: a transpose, a missing term, a mask. `common_factor` returns
# the factor c with claimed = c · numerical, or None where there is none. Take the c of least
# squares, $c = \sum_i a_i n_i / \sum_i n_i^2$ with a claimed and n numerical, and
# demand that $|a_i - c\, n_i| \le 10^{-4} \max_j |n_j|$ in all entries.
#
# **Whodunit.** `findings` returns the exhibit numbers of the wrong gradients, as a list of ints.
# Run your `check_layer` on LAYERS in a cell of your own, then write the numbers down: no
# computation is needed in the function itself. (The public test only says how many there are.)

# %% [raw]
# # BEGIN SOLUTION


# %%
def common_factor(claimed, numerical):
    """The float c with claimed = c · numerical in all entries, or None if there is none.

    claimed, numerical: arrays of one shape. None also where claimed holds NaN or numerical is
    zero throughout.
    """
    # BEGIN SOLUTION
    largest = np.max(np.abs(numerical))
    if largest == 0.0:
        return None
    c = np.sum(claimed * numerical) / np.sum(numerical**2)
    return float(c) if np.all(np.abs(claimed - c * numerical) <= 1e-4 * largest) else None
    # END SOLUTION


def findings():
    """The exhibit numbers of the wrong gradients in the line-up: a list of ints."""
    # BEGIN SOLUTION
    return [3, 5, 6, 7, 9, 12]
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_common_factor(common_factor, np):
    numerical = np.array([[1.0, -2.0, 0.0], [0.5, 4.0, 1e-3]])
    for factor in (-1.0, 0.25, 2.0, 0.0):
        answer = common_factor(factor * numerical, numerical + 1e-10)
        assert answer is not None, f"claimed = {factor} · numerical, but the answer is None"
        assert abs(answer - factor) < 1e-6, f"the factor is {answer}, expected {factor}"
    other = numerical.copy()
    other[1, 0] += 0.1
    assert common_factor(other, numerical) is None, "one entry does not fit: expected None"
    other[1, 0] = np.nan
    assert common_factor(other, numerical) is None, "one entry is NaN: expected None"
    assert common_factor(numerical, 0.0 * numerical) is None, "numerical is 0: expected None"


# %%
def test_findings(findings):
    answer = findings()
    assert isinstance(answer, list), f"the answer is {answer!r}, expected a list of numbers"
    assert all(number in range(1, 16) for number in answer), "the exhibits are numbered 1 to 15"
    assert len(set(answer)) == 6, (
        f"you name {len(set(answer))} gradients as wrong; there are 6. What does check_layer say,"
        " with kinks left out, and in each entry?"
    )


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# **The scene of the crime.** Claimed, numerical and error for a linear layer whose `W` is square
# and whose `grad_W` has been forgotten in its transposed form, so that even the shape is right.
# The diagonal agrees; everything else is mirrored. A picture like this often shows at a glance
# what a number cannot: a row, a column, a border, a half.

# %%
generator = np.random.default_rng(6)
x, W = generator.normal(size=(6, 5)), generator.normal(size=(5, 5))
G = generator.standard_normal((6, 5))
claimed = G.T @ x
numerical = numerical_gradient(lambda W: np.sum(G * (x @ W)), W)
_, panels = plt.subplots(1, 3, figsize=(11, 3.2))
limit = np.abs(numerical).max()
for axes, values, name in [(panels[0], claimed, "claimed"), (panels[1], numerical, "numerical")]:
    axes.imshow(values, cmap="RdBu", vmin=-limit, vmax=limit)
    axes.set(title=name, xticks=[], yticks=[])
image = panels[2].imshow(relative_error(claimed, numerical), cmap="Reds", vmin=0, vmax=2)
panels[2].set(title="relative error", xticks=[], yticks=[])
plt.colorbar(image, ax=panels)
plt.show()
print("common factor:", common_factor(claimed, numerical))

# %% [markdown]
# ## How to submit
#
# 1. *Kernel → Restart and run all*: every `grader.check` above should say that it passed. Questions
#    left blank cost their own points only.
# 2. Save, and hand in this one file, `s4-gradcheck.ipynb`, where your course collects homework.
#
# Taken from your notebook are the functions asked for and whatever they use; prints and plots are
# left out. Only numpy is installed where they run.
