"""Layers, losses and small nets, with their gradients written by hand."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from autograder.core.points import STEPS, Floats

STRESS = "near kinks"


class Case(NamedTuple):
    """A function of one tensor at `x`, and its gradient."""

    x: Floats
    forward: Callable[[Floats], Floats]
    gradient: Callable[[Floats, Floats], Floats]
    """Of x and the upstream gradient."""


Family = Callable[[np.random.Generator, float], Case]


def elementwise(
    f: Callable[[Floats], Floats], slope: Callable[[Floats], Floats], positive: bool = False
) -> Family:
    """A function of each entry by itself."""

    def family(rng: np.random.Generator, scale: float) -> Case:
        x = scale * rng.standard_normal((int(rng.integers(1, 20)), int(rng.integers(1, 25))))
        if positive:
            x = np.abs(x) + 0.1 * scale
        return Case(x, f, lambda x, u: u * slope(x))

    return family


def sigmoid(x: Floats) -> Floats:
    return np.exp(-np.logaddexp(0.0, -x))


def softmax(x: Floats) -> Floats:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_layer(rng: np.random.Generator, scale: float) -> Case:
    x = scale * rng.standard_normal((int(rng.integers(1, 20)), int(rng.integers(2, 12))))

    def gradient(x: Floats, u: Floats) -> Floats:
        p = softmax(x)
        return p * (u - (u * p).sum(axis=-1, keepdims=True))

    return Case(x, softmax, gradient)


def cross_entropy(logits: Floats, labels: np.ndarray) -> Floats:
    top = logits.max(axis=1, keepdims=True)
    total = np.log(np.exp(logits - top).sum(axis=1)) + top[:, 0]
    return np.mean(total - logits[np.arange(len(labels)), labels])


def cross_entropy_gradient(logits: Floats, labels: np.ndarray) -> Floats:
    return (softmax(logits) - np.eye(logits.shape[1])[labels]) / len(labels)


def softmax_cross_entropy(rng: np.random.Generator, scale: float) -> Case:
    N, K = int(rng.integers(1, 33)), int(rng.integers(2, 12))
    labels = rng.integers(0, K, N)
    x = scale * rng.standard_normal((N, K))
    return Case(
        x, lambda x: cross_entropy(x, labels), lambda x, u: cross_entropy_gradient(x, labels)
    )


def mean_squared_error(rng: np.random.Generator, scale: float) -> Case:
    x, target = scale * rng.standard_normal((2, int(rng.integers(1, 40)), int(rng.integers(1, 12))))
    return Case(x, lambda x: np.mean((x - target) ** 2), lambda x, u: 2 * (x - target) / x.size)


def maximum(rng: np.random.Generator, scale: float) -> Case:
    x = scale * rng.standard_normal((int(rng.integers(1, 40)), int(rng.integers(2, 12))))
    classes = np.eye(x.shape[1])
    return Case(x, lambda x: x.max(axis=1), lambda x, u: u[:, None] * classes[x.argmax(axis=1)])


def linear(rng: np.random.Generator, scale: float) -> Case:
    N, D, K = (int(length) for length in rng.integers(1, 21, 3))
    x, W, b = rng.standard_normal((N, D)), rng.standard_normal((D, K)), rng.standard_normal(K)
    match rng.integers(3):
        case 0:
            x = scale * x
            return Case(x, lambda x: x @ W + b, lambda x, u: u @ W.T)
        case 1:
            W = scale * W
            return Case(W, lambda W: x @ W + b, lambda W, u: x.T @ u)
        case _:
            b = scale * b
            return Case(b, lambda b: x @ W + b, lambda b, u: u.sum(axis=0))


def network(
    act: Callable[[Floats], Floats], slope: Callable[[Floats], Floats], loss: bool
) -> Family:
    """Two linear layers with an activation between, with cross-entropy behind them if `loss`."""

    def family(rng: np.random.Generator, scale: float) -> Case:
        N, D, H, K = (int(length) for length in rng.integers(2, 16, 4))
        labels = rng.integers(0, K, N)
        tensors = {
            "x": rng.standard_normal((N, D)),
            "W1": rng.standard_normal((D, H)) / np.sqrt(D),
            "b1": rng.standard_normal(H),
            "W2": rng.standard_normal((H, K)) / np.sqrt(H),
            "b2": rng.standard_normal(K),
        }
        name = str(rng.choice(list(tensors)))
        tensors[name] = scale * tensors[name]

        def forward(moved: Floats) -> Floats:
            t = {**tensors, name: moved}
            logits = act(t["x"] @ t["W1"] + t["b1"]) @ t["W2"] + t["b2"]
            return cross_entropy(logits, labels) if loss else logits

        def gradient(moved: Floats, u: Floats) -> Floats:
            x, W1, b1, W2, b2 = {**tensors, name: moved}.values()
            before = x @ W1 + b1
            hidden = act(before)
            if loss:
                u = cross_entropy_gradient(hidden @ W2 + b2, labels)
            back = u @ W2.T * slope(before)
            return {
                "x": lambda: back @ W1.T,
                "W1": lambda: x.T @ back,
                "b1": lambda: back.sum(axis=0),
                "W2": lambda: hidden.T @ u,
                "b2": lambda: u.sum(axis=0),
            }[name]()

        return Case(tensors[name], forward, gradient)

    return family


def near_kinks(rng: np.random.Generator, scale: float) -> Case:
    """The biases of a ReLU net, set so that each unit bends within two steps for some sample."""
    N, D, H, K = (int(length) for length in rng.integers(2, 16, 4))
    x, W1, W2 = (rng.standard_normal(shape) for shape in ((N, D), (D, H), (H, K)))
    before = x @ W1
    b = scale * STEPS[0] * rng.uniform(-2, 2, H) - before[rng.integers(0, N, H), range(H)]

    def gradient(b: Floats, u: Floats) -> Floats:
        return (u @ W2.T * step(before + b)).sum(axis=0)

    return Case(b, lambda b: relu(before + b) @ W2, gradient)


def tanh_slope(x: Floats) -> Floats:
    return 1 / np.cosh(np.clip(x, -350, 350)) ** 2


def relu(x: Floats) -> Floats:
    return np.maximum(x, 0.0)


def step(x: Floats) -> Floats:
    return (x > 0).astype(float)


FAMILIES: dict[str, Family] = {
    "linear": linear,
    "sigmoid": elementwise(sigmoid, lambda x: sigmoid(x) * sigmoid(-x)),
    "tanh": elementwise(np.tanh, tanh_slope),
    "exp": elementwise(
        lambda x: np.exp(np.minimum(x, 30.0)), lambda x: np.exp(np.minimum(x, 30.0)) * (x < 30)
    ),
    "log": elementwise(np.log, lambda x: 1 / x, positive=True),
    "polynomial": elementwise(lambda x: x**3 - 2 * x + 1, lambda x: 3 * x**2 - 2),
    "softmax": softmax_layer,
    "softmax + CE": softmax_cross_entropy,
    "MSE": mean_squared_error,
    "tanh net": network(np.tanh, tanh_slope, loss=False),
    "tanh net + CE": network(np.tanh, tanh_slope, loss=True),
    "ReLU": elementwise(relu, step),
    "leaky ReLU": elementwise(lambda x: np.where(x > 0, x, 0.1 * x), lambda x: 0.1 + 0.9 * step(x)),
    "abs": elementwise(np.abs, np.sign),
    "maximum": maximum,
    "ReLU net": network(relu, step, loss=False),
    "ReLU net + CE": network(relu, step, loss=True),
    STRESS: near_kinks,
}
