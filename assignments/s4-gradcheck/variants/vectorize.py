"""np.vectorize over positions and entries; pairs as complex numbers; exceptions as answers."""

import numpy as np

TINY = np.spacing(1.0)
NOTHING = False, np.inf, None


def positions(x):
    return np.arange(np.size(x)).reshape(np.shape(x))


def shifted(x, position, step):
    y = np.asarray(x, float)
    return np.where(positions(x) == position, y + step, y)


def each_entry(x, formula):
    """formula(position) -> number for each entry, as an array of the shape of x."""
    return np.asarray(np.vectorize(formula, otypes=[float])(positions(x)), dtype=float)


def forward_difference(function, x, h):
    steps, start = np.resize(h, np.size(x)), function(np.array(x, float))
    return each_entry(x, lambda i: (function(shifted(x, i, steps[i])) - start) / steps[i])


def central_difference(function, x, h):
    steps = np.resize(h, np.size(x))
    ahead = each_entry(x, lambda i: function(shifted(x, i, steps[i])))
    behind = each_entry(x, lambda i: function(shifted(x, i, -steps[i])))
    return 0.5 * (ahead - behind) / steps.reshape(np.shape(x))


def best_steps(noise, second, third):
    forward, central = np.power([4 * noise / second, 3 * noise / third], [0.5, 1 / 3])
    return forward, central


def error_curves(function, gradient, x, steps):
    @np.vectorize
    def worst(h):
        one = np.ptp([0, *np.abs(forward_difference(function, x, h) - gradient).flat])
        two = np.ptp([0, *np.abs(central_difference(function, x, h) - gradient).flat])
        return complex(one, two)

    both = worst(np.array(steps, dtype=float))
    return both.real, both.imag


def step_sizes(x):
    return np.asarray(np.fmax(np.fabs(x, dtype=float), 1) * TINY ** (1 / 3))


def numerical_gradient(function, x):
    return central_difference(function, x, step_sizes(x))


@np.vectorize(otypes=[float])
def error_of_entry(a, b, floor):
    try:
        if a - a != 0 or b - b != 0:
            return np.inf
        return abs(float(a) - float(b)) / max(abs(float(a)), abs(float(b)), float(floor))
    except ZeroDivisionError:
        return 0.0


def relative_error(a, b, floor=1e-3):
    if np.shape(a) != np.shape(b):
        raise ValueError("gradients of different shapes")
    with np.errstate(invalid="ignore"):
        return np.asarray(error_of_entry(a, b, floor))


def kinks(function, x):
    steps = step_sizes(x)
    start = function(np.array(x, float))

    def jump(i):
        right = (function(shifted(x, i, steps.flat[i])) - start) / steps.flat[i]
        left = (start - function(shifted(x, i, -steps.flat[i]))) / steps.flat[i]
        return (right - left) / max(1.0, abs(right), abs(left))

    return np.abs(each_entry(x, jump)) > 0.001


def check_gradient(function, claimed, x, tolerance=1e-5):
    try:
        errors = relative_error(claimed, numerical_gradient(function, x))
    except ValueError:
        return (*NOTHING, 0)
    compared = np.flatnonzero(~(kinks(function, x) & np.isfinite(claimed)))
    skipped = np.size(x) - compared.size
    if not compared.size:
        return (*NOTHING, skipped)
    worst = compared[np.argmax(errors.flat[compared])]
    error = errors.flat[worst]
    index = np.argwhere(positions(x) == worst)[0]
    return error <= tolerance, error, tuple(index), skipped


def check_layer(forward, backward, inputs, rng):
    y = forward(**inputs)
    G = np.random.default_rng(rng).normal(0.0, 1.0, y.shape)
    claims = backward(G, **inputs)
    names = [name for name in inputs if name in claims]

    def loss(name):
        return lambda value: float(
            np.einsum("...,...->...", G, forward(**inputs | {name: value})).sum()
        )

    return dict(
        zip(names, [check_gradient(loss(n), claims[n], inputs[n]) for n in names], strict=True)
    )


def common_factor(claimed, numerical):
    length = np.linalg.norm(numerical)
    if length == 0:
        return None
    unit = numerical / length
    along = np.vdot(unit, claimed)
    if not np.max(np.abs(claimed - along * unit)) <= 1e-4 * np.max(np.abs(numerical)):
        return None
    return along / length


def findings():
    return list({3, 5, 6} | {7, 9, 12})
