"""Seminar 4 around one object that measures: every value of the function is asked for once only."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np


class Verdict(NamedTuple):
    passed: bool
    error: float
    index: tuple | None
    skipped: int


NOTHING = (False, float("inf"), None)


@dataclass
class Probe:
    """Values of a function around x, each measured when it is needed and then kept. An object
    lives for one question only."""

    function: object
    x: np.ndarray
    h: np.ndarray
    values: dict = field(default_factory=dict)

    def __post_init__(self):
        self.x = np.array(self.x, dtype=float, order="C")
        self.h = np.broadcast_to(np.asarray(self.h, dtype=float), self.x.shape)

    def __call__(self, i=None, side=0):
        """f at x (side 0), or with entry number i moved by side * h."""
        key = (i, side)
        if key not in self.values:
            point = self.x.copy()
            if side:
                point.reshape(-1)[i] += side * self.h.flat[i]
            self.values[key] = float(self.function(point))
        return self.values[key]

    def _collect(self, slope):
        slopes = [slope(i, h) for i, h in enumerate(self.h.flat)]
        return np.array(slopes, dtype=float).reshape(self.x.shape)

    @property
    def right(self):
        return self._collect(lambda i, h: (self(i, 1) - self()) / float(h))

    @property
    def left(self):
        return self._collect(lambda i, h: (self() - self(i, -1)) / float(h))

    @property
    def central(self):
        return self._collect(lambda i, h: (self(i, 1) - self(i, -1)) / (2 * float(h)))

    @property
    def kinks(self):
        right, left = self.right, self.left
        with np.errstate(invalid="ignore", over="ignore"):
            size = np.maximum(np.maximum(np.abs(right), np.abs(left)), 1)
            jump = np.abs(right - left) > 1e-3 * size
        return np.array(jump & np.isfinite(right) & np.isfinite(left))


def forward_difference(function, x, h):
    return Probe(function, x, h).right


def central_difference(function, x, h):
    return Probe(function, x, h).central


def best_steps(noise, second, third):
    h_forward = 2.0 * (noise / second) ** 0.5
    h_central = float(np.exp((np.log(3.0) + np.log(noise) - np.log(third)) / 3.0))
    return h_forward, h_central


def error_curves(function, gradient, x, steps):
    def errors(h):
        probe = Probe(function, x, h)
        return [np.max(np.abs(s - np.asarray(gradient))) for s in (probe.right, probe.central)]

    table = np.array([errors(h) for h in steps], dtype=float).reshape(-1, 2)
    return table[:, 0].copy(), table[:, 1].copy()


def step_sizes(x):
    h = np.abs(np.array(x, dtype=float))
    return np.array(np.maximum(h, 1.0) * np.finfo(float).eps ** (1 / 3))


def numerical_gradient(function, x):
    return Probe(function, x, step_sizes(x)).central


def kinks(function, x):
    return Probe(function, x, step_sizes(x)).kinks


def relative_error(a, b, floor=1e-3):
    a, b = np.array(a, dtype=float), np.array(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError(f"a has shape {a.shape}, b has shape {b.shape}")
    with np.errstate(all="ignore"):
        error = np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), floor)
    error = np.where(a == b, 0.0, error)
    return np.where(np.isfinite(a) & np.isfinite(b), error, np.inf)


def check_gradient(function, claimed, x, tolerance=1e-5):
    if np.shape(claimed) != np.shape(x):
        return Verdict(*NOTHING, 0)
    claimed = np.asarray(claimed, dtype=float)
    probe = Probe(function, x, step_sizes(x))
    excused = probe.kinks & np.isfinite(claimed)
    errors = relative_error(claimed, probe.central)
    candidates = [(-errors[tuple(at)], tuple(at.tolist())) for at in np.argwhere(~excused)]
    if not candidates:
        return Verdict(*NOTHING, int(np.count_nonzero(excused)))
    worst, index = min(candidates)
    error = float(-worst)
    return Verdict(error <= tolerance, error, index, int(np.count_nonzero(excused)))


class LayerUnderTest:
    def __init__(self, forward, backward, inputs, rng):
        self.forward, self.inputs = forward, dict(inputs)
        output = forward(**self.inputs)
        self.G = np.empty(np.shape(output))
        self.G[...] = rng.standard_normal(np.shape(output))
        self.claims = dict(backward(self.G.copy(), **self.inputs))

    def loss(self, name):
        def of(value):
            output = self.forward(**{**self.inputs, name: value})
            return np.tensordot(self.G, output, axes=self.G.ndim)

        return of

    def __iter__(self):
        for name, claim in self.claims.items():
            yield name, check_gradient(self.loss(name), claim, self.inputs[name])


def check_layer(forward, backward, inputs, rng):
    return dict(LayerUnderTest(forward, backward, inputs, np.random.default_rng(rng)))


def common_factor(claimed, numerical):
    a, n = np.array(claimed, dtype=float).ravel(), np.array(numerical, dtype=float).ravel()
    if np.isnan(a).any() or not n.any():
        return None
    largest = np.abs(n).max()
    unit = n / largest
    with np.errstate(all="ignore"):
        # least squares in one unknown
        c = (
            np.linalg.lstsq(unit[:, None], a / largest, rcond=None)[0][0]
            if np.isfinite(a).all()
            else np.nan
        )
        fits = np.abs(a - c * n) <= 1e-4 * largest
    return float(c) if fits.all() else None


def findings():
    guilty = {"Linear.b": 3, "LeakyReLU.x": 5, "Sigmoid.x": 6, "Softmax.x": 7}
    guilty |= {"BatchNorm.x": 9, "Embedding.table": 12}
    return sorted(guilty.values())
