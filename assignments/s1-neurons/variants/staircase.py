"""Seminar 1, functional: closures, comprehensions, other but equivalent formulas."""

from functools import partial, reduce

import numpy as np

_array = partial(np.array, dtype=np.float64)


def _step(low, high):
    def step(z):
        return np.where(_array(z) < 0, low, high)

    return step


heaviside = _step(0.0, 1.0)
heaviside.__name__ = "heaviside"
sign = _step(-1.0, 1.0)
sign.__name__ = "sign"


def sigmoid(z):
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-_array(z)))  # exp may be inf: 1 / inf is the right 0


def tanh(z):
    return 1.0 - 2.0 * sigmoid(-2.0 * _array(z))


def relu(z):
    return np.maximum(0.0, z).astype(float)


def neuron(X, w, b, activation=heaviside):
    return activation(np.inner(X, w) + b)


def and_neuron(n):
    # different weights, all positive: only the full sum reaches the threshold
    w = 1.0 + np.arange(n)
    return w, 0.5 - w.sum()


def or_neuron(n):
    return 1.0 + np.arange(n), -0.5


def add_product(X):
    x1, x2 = _array(X).T
    return np.column_stack((x1, x2, x1 * x2))


def xor_neuron():
    return np.array([3.0, 3.0, -7.0]), -1.0


def two_layer(X, W1, b1, w2, b2):
    layers = [(W1, b1), (np.reshape(w2, (-1, 1)), b2)]
    return reduce(lambda h, layer: heaviside(h @ layer[0] + layer[1]), layers, _array(X))[:, 0]


def xor_network():
    # NAND and OR, joined by AND
    return _array([[-1, 1], [-1, 1]]), _array([1.5, -0.5]), _array([1, 1]), -1.5


def boolean_network(X, y):
    """Read the bits as a number. The answer, as a function of it, is a series of steps, and each
    hidden neuron is one step: it fires from some number on; w2 says whether it goes up or down."""
    X, y = _array(X), _array(y)
    places = 2.0 ** np.arange(X.shape[1])
    numbers = X @ places
    sorted_y = y[np.argsort(numbers)]
    jumps = np.diff(sorted_y)
    (where,) = np.nonzero(jumps)
    W1 = np.repeat(places[:, None], len(where), axis=1)
    return W1, -(where + 0.5), jumps[where], sorted_y[0] - 0.5


def hebb_step(x, y, w, b, lr):
    a = np.heaviside(np.dot(x, w) + b, 1.0)
    return w + lr * (y - a) * np.asarray(x), b + lr * (y - a)


def hebb_train(X, y, w, b, lr, epochs):
    def show(state, pair):
        w, b, wrong = state
        x, right = pair
        answer = float(heaviside(np.dot(x, w) + b))
        return *hebb_step(x, right, w, b, lr), wrong + (answer != right)

    mistakes = []
    w, b = _array(w), float(b)
    for _ in range(epochs):
        w, b, wrong = reduce(show, zip(X, y), (w, b, 0))
        mistakes += [wrong]
    return w, b, mistakes


linear_neuron = partial(neuron, activation=lambda s: s)


def risk(X, y, w, b):
    return 0.5 * np.linalg.norm(linear_neuron(X, w, b) - y) ** 2 / len(X)


def delta_gradient(X, y, w, b):
    e = (np.matmul(X, w) + b - y) / len(X)
    return np.transpose(X) @ e, sum(e, 0.0)


def delta_step(X, y, w, b, lr):
    return tuple(old - lr * slope for old, slope in zip((w, b), delta_gradient(X, y, w, b)))


def batches(n, batch_size, rng=None):
    order = np.arange(n) if rng is None else np.random.default_rng(rng).permutation(n)
    return [order[i : i + batch_size] for i in range(0, n, batch_size)]


def train(X, y, w, b, lr, epochs, batch_size, rng=None):
    order = None if rng is None else np.random.default_rng(rng)
    states = [(_array(w), b)]
    for _ in range(epochs):
        chosen = batches(len(X), batch_size, order)
        states.append(
            reduce(lambda state, rows: delta_step(X[rows], y[rows], *state, lr), chosen, states[-1])
        )
    return *states[-1], [float(risk(X, y, *state)) for state in states]
