"""One working copy, moved in place and restored from the saved value; a named tuple as verdict."""

import contextlib
from typing import NamedTuple

import numpy as np


@contextlib.contextmanager
def moved(work, index, step):
    saved = work[index].copy()
    work[index] = saved + step
    try:
        yield work
    finally:
        work[index] = saved


def value_at(function, work, index, step):
    with moved(work, index, step):
        return function(work.copy())


def walk(x):
    it = np.nditer(x, flags=["multi_index", "zerosize_ok"])
    while not it.finished:
        yield it.multi_index
        it.iternext()


def forward_difference(function, x, h):
    work = np.array(x, dtype=np.double, order="C")
    steps = np.zeros_like(work) + h
    here = function(work.copy())
    out = np.empty_like(work)
    for i in walk(work):
        out[i] = value_at(function, work, i, steps[i])
        out[i] -= here
    out /= steps
    return out


def central_difference(function, x, h):
    work = np.array(x, dtype=np.double, order="C")
    steps = np.zeros_like(work) + h
    out = np.empty_like(work)
    for i in walk(work):
        out[i] = value_at(function, work, i, +steps[i]) - value_at(function, work, i, -steps[i])
    out /= 2
    out /= steps
    return out


def best_steps(noise, second, third):
    # The derivatives M2 / 2 - 2 noise / h² and M3 h / 3 - noise / h² are zero here.
    h_forward = (2 * noise / (second / 2)) ** 0.5
    h_central = (noise / (third / 3)) ** (1 / 3)
    return h_forward, h_central


def error_curves(function, gradient, x, steps):
    forward, central = np.empty(len(steps)), np.empty(len(steps))
    for k, h in enumerate(steps):
        forward[k] = abs(gradient - forward_difference(function, x, h)).max()
        central[k] = abs(gradient - central_difference(function, x, h)).max()
    return forward, central


def step_sizes(x):
    h = np.array(x, dtype=np.double)
    np.absolute(h, out=h)
    h[h < 1] = 1
    h *= np.exp(np.log(2.0) * -52 / 3)
    return h


def numerical_gradient(function, x):
    return central_difference(function, x, step_sizes(x))


def relative_error(a, b, floor=1e-3):
    a = np.array(a, dtype=np.double)
    b = np.array(b, dtype=np.double)
    if a.shape != b.shape:
        raise ValueError(f"{a.shape} != {b.shape}")
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        error = np.array(np.abs(a - b))
        size = np.array(np.fmax(np.abs(a), np.abs(b)))
        np.maximum(size, floor, out=size)
        np.divide(error, size, out=error, where=error != 0)
    error[~np.isfinite(a)] = np.inf
    error[~np.isfinite(b)] = np.inf
    return error


def kinks(function, x):
    h = step_sizes(x)
    x = np.array(x, dtype=np.double)
    here = function(x.copy())
    found = np.zeros(x.shape, dtype=bool)
    for i in walk(x):
        right = (value_at(function, x, i, h[i]) - here) / h[i]
        left = (here - value_at(function, x, i, -h[i])) / h[i]
        found[i] = abs(right - left) > 1e-3 * max(1, abs(right), abs(left))
    return found


class Verdict(NamedTuple):
    passed: bool
    error: float
    index: tuple | None
    skipped: int


def check_gradient(function, claimed, x, tolerance=1e-5):
    claimed = np.array(claimed, dtype=np.double)
    shape = np.asarray(x).shape
    if claimed.shape != shape:
        return Verdict(False, np.inf, None, 0)
    error = relative_error(claimed, numerical_gradient(function, x))
    excused = np.logical_and(kinks(function, x), np.isfinite(claimed))
    count = excused.sum()
    if excused.all():
        return Verdict(False, np.inf, None, count)
    error[excused] = -np.inf
    order = np.argsort(error, axis=None)
    index = np.unravel_index(order[-1], shape) if shape else ()
    return Verdict(np.less_equal(error[index], tolerance), error[index], index, count)


def check_layer(forward, backward, inputs, rng):
    generator = (
        rng if isinstance(rng, np.random.Generator) else np.random.Generator(np.random.PCG64(rng))
    )
    inputs = {name: np.array(value) for name, value in inputs.items()}
    y = forward(**inputs)
    weights = np.empty(y.shape)
    generator.standard_normal(out=weights)
    claims = backward(grad_output=weights.copy(), **inputs)
    answer = {}
    for name in sorted(claims):
        original = inputs[name]

        def loss(value, name=name, original=original):
            inputs[name] = value
            try:
                return (weights * forward(**inputs)).sum()
            finally:
                inputs[name] = original

        answer[name] = check_gradient(loss, claims[name], original)
    return answer


def common_factor(claimed, numerical):
    claimed, numerical = np.array(claimed), np.array(numerical)
    biggest = abs(numerical).max()
    if not biggest > 0:
        return None
    scaled = numerical / biggest
    c = (claimed * scaled).sum() / (scaled * numerical).sum()
    misfit = abs(claimed - c * numerical).max()
    if np.isnan(misfit) or misfit > 1e-4 * biggest:
        return None
    return float(c)


def findings():
    verdicts = "..w.www.w..w..."
    return [number for number, mark in enumerate(verdicts, start=1) if mark == "w"]
