"""The definitions of the solution of s4-gradcheck, made by `autograder build`."""

import numpy as np


def forward_difference(function, x, h):
    """(f(x + h eᵢ) − f(x)) / h for each entry i of x.

    function: array of the shape of x -> a number. h: the step, a number (not 0, maybe negative) or
    an array of steps of the shape of x. Returns a float64 array of the shape of x.
    """
    x = np.array(x, dtype=float)
    h = np.broadcast_to(h, x.shape)
    slopes = np.zeros(x.shape)
    here = function(x.copy())
    for index in np.ndindex(x.shape):
        there = x.copy()
        there[index] += h[index]
        slopes[index] = (function(there) - here) / h[index]
    return slopes


def central_difference(function, x, h):
    """(f(x + h eᵢ) − f(x − h eᵢ)) / 2h for each entry i of x; arguments and result as above."""
    x = np.array(x, dtype=float)
    h = np.broadcast_to(h, x.shape)
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h[index]
        below[index] -= h[index]
        slopes[index] = (function(above) - function(below)) / (2.0 * h[index])
    return slopes


def best_steps(noise, second, third):
    """The steps at which E_forward and E_central are smallest, as a tuple of two floats.

    noise: δ, second: M₂, third: M₃; positive numbers.
    """
    return 2.0 * float(noise / second) ** 0.5, float(3.0 * noise / third) ** (1.0 / 3.0)


def error_curves(function, gradient, x, steps):
    """The largest absolute error over the entries of x, for each step.

    gradient: the right gradient at x, an array of its shape. steps: S positive numbers.
    Returns a tuple of two arrays (S,): with the forward and with the central difference.
    """
    forward, central = [], []
    for h in steps:
        forward.append(np.max(np.abs(forward_difference(function, x, h) - gradient)))
        central.append(np.max(np.abs(central_difference(function, x, h) - gradient)))
    return np.array(forward), np.array(central)


def step_sizes(x):
    """The steps of rule 4 for an array x: a float64 array of its shape, all positive."""
    x = np.asarray(x, dtype=float)
    return np.finfo(float).eps ** (1.0 / 3.0) * np.maximum(1.0, np.abs(x))


def numerical_gradient(function, x):
    """The gradient at x by central differences with the steps of rule 4.

    function: array of the shape of x -> a number. Returns a float64 array of the shape of x.
    """
    return central_difference(function, x, step_sizes(x))


def relative_error(a, b, floor=1e-3):
    """The relative error of rule 5, entry by entry.

    a, b: arrays of one shape. floor: a number, 0 or more. Returns a float64 array of that shape;
    raises ValueError when the shapes differ.
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError(f"a gradient of shape {a.shape} cannot be compared with one of {b.shape}")
    with np.errstate(all="ignore"):
        size = np.maximum(np.maximum(np.abs(a), np.abs(b)), floor)
        error = np.where(a == b, 0.0, np.abs(a - b) / size)
    return np.where(np.isfinite(a) & np.isfinite(b), error, np.inf)


def kinks(function, x):
    """Where f has a kink by rule 6: a boolean array of the shape of x."""
    h = step_sizes(x)
    right = forward_difference(function, x, h)
    left = forward_difference(function, x, -h)
    size = np.maximum(1.0, np.maximum(np.abs(right), np.abs(left)))
    return np.abs(right - left) > 1e-3 * size


def check_gradient(function, claimed, x, tolerance=1e-5):
    """Compare a claimed gradient of `function` at x with the numerical one.

    Returns the tuple (passed, error, index, skipped) described above.
    """
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


def check_layer(forward, backward, inputs, rng):
    """Check all gradients of a layer under one random upstream gradient.

    forward(**inputs) -> an array; backward(grad_output, **inputs) -> a dict of gradients by name.
    inputs: a dict of arrays by name. rng: an integer seed or a Generator.
    Returns a dict: each name that backward returned -> (passed, error, index, skipped).
    """
    rng = np.random.default_rng(rng)
    grad_output = rng.standard_normal(np.shape(forward(**inputs)))
    verdicts = {}
    for name, claimed in backward(grad_output, **inputs).items():

        def loss(value, name=name):
            return np.sum(grad_output * forward(**{**inputs, name: value}))

        verdicts[name] = check_gradient(loss, claimed, inputs[name])
    return verdicts


def common_factor(claimed, numerical):
    """The float c with claimed = c · numerical in all entries, or None if there is none.

    claimed, numerical: arrays of one shape. None also where claimed holds NaN or numerical is
    zero throughout.
    """
    largest = np.max(np.abs(numerical))
    if largest == 0.0:
        return None
    c = np.sum(claimed * numerical) / np.sum(numerical**2)
    return float(c) if np.all(np.abs(claimed - c * numerical) <= 1e-4 * largest) else None


def findings():
    """The exhibit numbers of the wrong gradients in the line-up: a list of ints."""
    return [3, 5, 6, 7, 9, 12]
