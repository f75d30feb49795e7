"""A class measures all slopes of a function once; every question reads them off."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass
class Slopes:
    """The slopes of a function at x along every axis, with steps h."""

    function: object
    x: np.ndarray
    h: object

    def __post_init__(self):
        self.x = np.asarray(self.x).astype(np.float64)
        self.h = np.asarray(self.h).astype(np.float64) * np.ones(self.x.shape)

    def _at(self, number, sign):
        point = self.x.flatten()
        point[number] += sign * self.h.flat[number]
        return self.function(point.reshape(self.x.shape))

    def _all(self, sign):
        values = [self._at(number, sign) for number in range(self.x.size)]
        return np.asarray(values, dtype=np.float64).reshape(self.x.shape)

    @cached_property
    def here(self):
        return self.function(self.x.copy())

    @cached_property
    def above(self):
        return self._all(+1)

    @cached_property
    def below(self):
        return self._all(-1)

    @property
    def right(self):
        return np.divide(self.above - self.here, self.h)

    @property
    def left(self):
        return np.divide(self.here - self.below, self.h)

    @property
    def central(self):
        return np.divide(self.above - self.below, np.add(self.h, self.h))

    @property
    def bent(self):
        r, le = self.right, self.left
        both = np.stack([np.abs(r), np.abs(le), np.ones_like(r)])
        return np.greater(np.abs(np.subtract(r, le)), 0.001 * both.max(axis=0))


def forward_difference(function, x, h):
    return Slopes(function, x, h).right


def central_difference(function, x, h):
    return Slopes(function, x, h).central


def best_steps(noise, second, third):
    return tuple(np.array([4 * noise / second, 3 * noise / third]) ** np.array([1 / 2, 1 / 3]))


def error_curves(function, gradient, x, steps):
    forward, central = [], []
    for h in np.asarray(steps):
        slopes = Slopes(function, x, h)
        forward.append(np.abs(slopes.right - gradient).max())
        central.append(np.abs(slopes.central - gradient).max())
    return np.stack(forward), np.stack(central)


def step_sizes(x):
    size = np.where(np.abs(x) > 1, np.abs(np.asarray(x, float)), 1.0)
    return size * np.finfo("d").eps ** (1 / 3)


def numerical_gradient(function, x):
    return Slopes(function, x, step_sizes(x)).central


def relative_error(a, b, floor=1e-3):
    a, b = (np.asarray(array, dtype=np.float64) for array in (a, b))
    if a.shape != b.shape:
        raise ValueError("the shapes differ")
    with np.errstate(invalid="ignore", divide="ignore"):
        quotient = abs(a - b) / np.maximum(np.maximum(abs(a), abs(b)), floor)
    return np.select(
        [~np.isfinite(a), ~np.isfinite(b), (a == 0) & (b == 0)], [np.inf, np.inf, 0.0], quotient
    )


def kinks(function, x):
    return Slopes(function, x, step_sizes(x)).bent


def check_gradient(function, claimed, x, tolerance=1e-5):
    if np.shape(claimed) != np.shape(x):
        return (False, float("inf"), None, 0)
    slopes = Slopes(function, x, step_sizes(x))
    compared = ~(slopes.bent & np.isfinite(claimed))
    indices = list(zip(*np.where(np.atleast_1d(compared)), strict=True))
    skipped = np.size(x) - len(indices)
    if not indices:
        return (False, float("inf"), None, skipped)
    errors = relative_error(claimed, slopes.central)
    if errors.ndim == 0:
        indices = [()]
    worst = max(indices, key=lambda index: errors[index])
    return (bool(errors[worst] <= tolerance), float(errors[worst]), worst, skipped)


def check_layer(forward, backward, inputs, rng):
    generator = np.random.default_rng(rng)
    y = forward(**inputs)
    G = np.array([generator.standard_normal() for _ in range(y.size)]).reshape(y.shape)
    gradients = backward(G, **inputs)

    def judge(name):
        def along(value):
            return np.tensordot(G, forward(**(inputs | {name: value})), G.ndim)

        return check_gradient(along, gradients[name], inputs[name])

    return {name: judge(name) for name in gradients}


def common_factor(claimed, numerical):
    if np.count_nonzero(numerical) == 0:
        return None
    c = np.vdot(claimed, numerical) / np.vdot(numerical, numerical)
    fits = np.allclose(claimed, c * numerical, rtol=0.0, atol=1e-4 * np.max(np.abs(numerical)))
    return c if fits else None


def findings():
    innocent = {1, 2, 4, 8, 10, 11, 13, 14, 15}
    return [number for number in range(1, 16) if number not in innocent]
