"""Small functions that return functions; map, reduce and operator in the place of loops."""

from functools import partial, reduce
from operator import itemgetter, or_

from numpy import (
    abs as size_of,
)
from numpy import (
    add,
    argwhere,
    array,
    broadcast_to,
    cbrt,
    errstate,
    finfo,
    float64,
    fromiter,
    full_like,
    inf,
    isfinite,
    isnan,
    logical_not,
    maximum,
    moveaxis,
    ndindex,
    ones,
    shape,
    sqrt,
    where,
    zeros,
)
from numpy.random import default_rng


def along(function, x):
    """A function of (index, step) that evaluates `function` beside x."""
    x = array(x, dtype=float64)

    def at(index=None, step=0.0):
        direction = zeros(x.shape)
        if index is not None:
            direction[index] = step
        return function(add(x, direction))

    return at


def measure(slope):
    """Turn (at, here, index, step) -> slope into a difference of (function, x, h)."""

    def difference(function, x, h):
        at, dims = along(function, x), shape(x)
        steps = broadcast_to(array(h, dtype=float64), dims)
        prepared = partial(slope, at, at())
        return fromiter(
            (prepared(index, steps[index]) for index in ndindex(dims)), dtype=float64
        ).reshape(dims)

    return difference


forward_difference = measure(lambda at, here, i, h: (at(i, h) - here) / h)
central_difference = measure(lambda at, _, i, h: (at(i, h) - at(i, -h)) / (h + h))


def best_steps(noise, second, third):
    return float(sqrt(noise / second) * 2), float(cbrt(noise / third * 3))


def error_curves(function, gradient, x, steps):
    both = (forward_difference, central_difference)
    errors = array([[size_of(d(function, x, h) - gradient).max() for d in both] for h in steps])
    forward, central = moveaxis(errors, 1, 0)
    return forward, central


def step_sizes(x):
    return cbrt(finfo(float64).eps) * maximum(size_of(array(x, dtype=float64)), ones(shape(x)))


def numerical_gradient(function, x):
    return central_difference(function, x, step_sizes(x))


def relative_error(a, b, floor=1e-3):
    a, b = array(a, dtype=float64), array(b, dtype=float64)
    if shape(a) != shape(b):
        raise ValueError(shape(a), shape(b))
    with errstate(all="ignore"):
        raw = size_of(a - b) / reduce(maximum, (size_of(a), size_of(b), full_like(a, floor)))
    broken = logical_not(isfinite(a) & isfinite(b))
    return where(broken, inf, where(isnan(raw), 0.0, raw))


def kinks(function, x):
    h = step_sizes(x)
    right, left = (forward_difference(function, x, sign * h) for sign in (1.0, -1.0))
    largest = reduce(maximum, map(size_of, (right, left)))
    with errstate(invalid="ignore"):
        return size_of(right - left) > 1e-3 * where(largest > 1.0, largest, 1.0)


def check_gradient(function, claimed, x, tolerance=1e-5):
    claimed, nothing = array(claimed, dtype=float64), (False, inf, None)
    if claimed.shape != shape(x):
        return (*nothing, 0)
    counted = reduce(or_, (logical_not(kinks(function, x)), logical_not(isfinite(claimed))))
    skipped = int(claimed.size - counted.sum())
    if skipped == claimed.size:
        return (*nothing, skipped)
    error = relative_error(claimed, numerical_gradient(function, x))
    chosen = [(error[tuple(i)], tuple(i.tolist())) for i in argwhere(counted)]
    worst, index = max(chosen, key=itemgetter(0))
    return (not worst > tolerance, worst, index, skipped)


def check_layer(forward, backward, inputs, rng):
    G = default_rng(rng).standard_normal(shape(forward(**inputs)))

    def number(name, value):
        return (G * forward(**{**inputs, name: value})).sum()

    return {
        name: check_gradient(partial(number, name), claimed, inputs[name])
        for name, claimed in backward(G, **inputs).items()
    }


def common_factor(claimed, numerical):
    if not (numerical != 0).any():
        return None
    c = (claimed * numerical).sum() / (numerical * numerical).sum()
    off = size_of(claimed - c * numerical) / size_of(numerical).max()
    return c.item() if (off <= 1e-4).all() else None


def findings():
    return [*map(ord, "\3\5\6\7\t\f")]
