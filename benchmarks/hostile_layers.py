"""Layers y = s · act(x W + b) for the gradient checker's benchmark: right ones, and attacks on it.

This file is the submission: it runs in the worker. A hostile layer covers up its wrong backward
pass (FAULTS) by what it does to its forward pass (COVERS); `noise` says how much of it.
"""

import hashlib
from collections.abc import Callable

import numpy as np

ACTIVATIONS = {
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0.0), lambda z: (z > 0) * 1.0),
    "square": (lambda z: z * z, lambda z: 2 * z),
}


class Layer:
    """A right layer; `grad_W` and `grad_b` are there after `backward`."""

    scale = 1.0

    def __init__(self, W, b, act="tanh"):
        self.W, self.b, self.act = np.array(W), np.array(b), act
        self.noisy = np.random.default_rng()
        self.forwards = self.backwards = 0
        self.first = self.latest = None

    def forward(self, x):
        self.forwards += 1
        self.x, self.z = np.array(x), x @ self.W + self.b
        if self.first is None:
            self.first, self.first_W = self.x, self.W.copy()
        y = self.cover(self.scale * ACTIVATIONS[self.act][0](self.z))
        self.latest = self.x
        return y

    def backward(self, grad_output):
        self.backwards += 1
        back = self.scale * grad_output * ACTIVATIONS[self.act][1](self.z)
        self.grad_W, self.grad_b = self.x.T @ back, back.sum(axis=0)
        self.grad_x = back @ self.W.T
        self.fault()
        return self.grad_x

    def cover(self, y):
        return y

    def fault(self):
        pass


class Buffered(Layer):
    """Hands out the same array each time, as a layer that saves memory does."""

    out = None

    def cover(self, y):
        if self.out is None or self.out.shape != y.shape:
            self.out = np.empty(y.shape)
        self.out[...] = y
        return self.out


class Rounded(Layer):
    """Adds up in another order each time, as threads do."""

    def cover(self, y):
        return y * (1 + 2.0**-52 * self.noisy.integers(-1, 2, y.shape))


class Rearranged(Layer):
    """Rounds otherwise than the reference."""

    def forward(self, x):
        super().forward(x)
        z = (np.asfortranarray(x)[:, ::-1] @ self.W[::-1]) + self.b
        return self.scale * ACTIVATIONS[self.act][0](z)


class Counting(Layer):
    """Has state that nothing depends on."""

    mean = 0.0

    def cover(self, y):
        self.mean = 0.9 * self.mean + 0.1 * y.mean()
        return y


RIGHT = (Layer, Buffered, Rounded, Rearranged, Counting)


def noise_of(layer, y):
    return layer.noise * np.abs(y).max() * layer.noisy.uniform(-1, 1, y.shape)


def hashed(layer, y):
    """Noise that is the same for the same input."""
    seed = hashlib.sha256(layer.x.tobytes() + layer.W.tobytes() + layer.b.tobytes()).digest()
    rng = np.random.default_rng(np.frombuffer(seed, np.uint32))
    return layer.noise * np.abs(y).max() * rng.uniform(-1, 1, y.shape)


def column(noise):
    noise[:, :-1] = 0.0
    return noise


def is_moved(layer):
    return not (np.array_equal(layer.x, layer.first) and np.array_equal(layer.W, layer.first_W))


def last_moved(layer):
    """The input moved in its last column, or W or b did."""
    return is_moved(layer) and np.array_equal(layer.x[:, :-1], layer.first[:, :-1])


def bends(layer):
    moved = np.abs(layer.x - layer.first).sum() + np.abs(layer.W - layer.first_W).sum()
    return layer.noise * moved


def lose(layer, y):
    y = y.copy()
    y[0, 0] = np.nan
    return y


LATER = 30
COVERS: dict[str, Callable] = {
    "none": lambda layer, y: y,
    "noise": lambda layer, y: y + noise_of(layer, y),
    "noise in one column": lambda layer, y: y + column(noise_of(layer, y)),
    "noise off the base": lambda layer, y: y + is_moved(layer) * noise_of(layer, y),
    "noise where the fault moves": lambda layer, y: y + last_moved(layer) * noise_of(layer, y),
    "hashed": lambda layer, y: y + hashed(layer, y),
    "hashed in one column": lambda layer, y: y + column(hashed(layer, y)),
    "hashed off the base": lambda layer, y: y + is_moved(layer) * hashed(layer, y),
    "hashed where the fault moves": lambda layer, y: y + last_moved(layer) * hashed(layer, y),
    "waves": lambda layer, y: y + layer.noise * np.sin(1e9 * layer.z),
    "stairs": lambda layer, y: np.round(y / layer.noise) * layer.noise,
    "float32": lambda layer, y: y.astype(np.float32).astype(float),
    "float16": lambda layer, y: y.astype(np.float16).astype(float),
    "drifts": lambda layer, y: y * (1 + layer.noise * layer.forwards),
    "changes later": lambda layer, y: y * (1 + layer.noise * (layer.forwards > LATER)),
    "changes after backward": lambda layer, y: y * (1 + layer.noise * (layer.backwards > 0)),
    "changes when repeated": lambda layer, y: (
        y * (1 + layer.noise * np.array_equal(layer.x, layer.latest))
    ),
    "offset": lambda layer, y: y + 1 / layer.noise,
    "cancels": lambda layer, y: (y + 1 / layer.noise) - 1 / layer.noise,
    "bends at the base": lambda layer, y: y + bends(layer),
    "bends steeply at the base": lambda layer, y: y + 1e9 * bends(layer),
    "NaN off the base": lambda layer, y: lose(layer, y) if is_moved(layer) else y,
}


def set_column(layer):
    layer.grad_x[:, -1] = 123.0


def set_entry(layer):
    layer.grad_W[-1, -1] += 0.01 * (np.abs(layer.grad_W[-1, -1]) + layer.scale)


def replace_sample(layer):
    layer.grad_x[-1] = 0.1 * layer.scale


def off_by_a_little(layer):
    layer.grad_x *= 1.001


def off_in_one(layer):
    layer.grad_b[-1] += 5e-4 * (np.abs(layer.grad_b[-1]) + layer.scale)


def wrong_once(layer):
    if layer.backwards == 1:
        layer.grad_x *= 2.0


def wrong_from_then_on(layer):
    if layer.backwards > 1:
        layer.grad_x *= 2.0


def unseen(layer):
    """One entry of many, which a sample need not see."""
    layer.grad_x[0, 7] += 0.5 * layer.scale


def noisy_backward(layer):
    layer.grad_x *= 1 + max(layer.noise, 1e-10) * layer.noisy.uniform(-1, 1, layer.grad_x.shape)


FAULTS: dict[str, Callable] = {
    "a column": set_column,
    "an entry of W": set_entry,
    "a sample": replace_sample,
    "a thousandth": off_by_a_little,
    "an entry of b": off_in_one,
    "at first": wrong_once,
    "later": wrong_from_then_on,
    "some of many": unseen,
    "noise": noisy_backward,
    "none": lambda layer: None,
}
RESTLESS = ("noise", "noise in one column", "drifts", "changes later", "changes after backward")
"""Covers that are wrong by themselves, whatever backward is: two answers for one input."""


class Hostile(Layer):
    """The cover, the fault and the noise by their names."""

    def __init__(self, W, b, act, cover, fault, noise, scale):
        super().__init__(W, b, act)
        self.covered, self.faulty, self.noise, self.scale = cover, fault, noise, scale

    def cover(self, y):
        return COVERS[self.covered](self, y)

    def fault(self):
        FAULTS[self.faulty](self)
