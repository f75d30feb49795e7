"""Other weights: tables by binary counting; thresholds met exactly; steps by arithmetic."""

import numpy as np
from numpy import asarray, ones


def heaviside(z):
    return (asarray(z) >= 0).astype(float)


def sign(z):
    return heaviside(z) - (asarray(z) < 0)


def sigmoid(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-asarray(z, float)))


def tanh(z):
    return sigmoid(2 * asarray(z, float)) - sigmoid(-2 * asarray(z, float))


def relu(z):
    z = np.array(z, dtype=float)
    z[z < 0] = 0
    return z


def neuron(X, w, b, activation=heaviside):
    sums = b + sum(column * weight for column, weight in zip(X.T, w, strict=True))
    return activation(sums)


def and_neuron(n):
    return ones(n), -n


def or_neuron(n):
    return ones(n, dtype=int), -1


def add_product(X):
    return np.c_[X, X.prod(axis=1)].astype(float)


def xor_neuron():
    return [1.0, 1.0, -2.0], -1.0


def two_layer(X, W1, b1, w2, b2):
    return neuron(np.stack([neuron(X, w, b) for w, b in zip(W1.T, b1, strict=True)], 1), w2, b2)


def xor_network():
    W1 = np.broadcast_to(np.array([[1.0], [1.0]]), (2, 3))
    return W1, np.array([-1.0, -2.0, -3.0]), np.array([1.0, -1.0, 5.0]), -1.0


def boolean_network(X, y):
    """Hidden neuron k fires if the input, read as a binary number, is at least k."""
    X, y = asarray(X), asarray(y, float)
    powers = 2.0 ** np.arange(X.shape[1])
    values = np.empty(len(y))
    values[(X @ powers).astype(int)] = y
    return (
        np.outer(powers, ones(len(y))),
        -np.arange(len(y), dtype=float),
        np.diff(values, prepend=0.0),
        np.array([-1.0]),
    )


def hebb_step(x, y, w, b, lr):
    fired = x @ w + b >= 0
    if fired == bool(y):
        return w, b
    change = -lr if fired else lr
    return np.where(asarray(x) == 1, w + change, w), b + change


def hebb_train(X, y, w, b, lr, epochs):
    mistakes = [0] * epochs
    for epoch in range(epochs):
        for i in range(len(X)):
            new = hebb_step(X[i], y[i], w, b, lr)
            mistakes[epoch] += new[1] != b
            w, b = new
    return w, b, mistakes


def linear_neuron(X, w, b):
    return np.matmul(X, w) + b


def risk(X, y, w, b):
    return np.linalg.norm(linear_neuron(X, w, b) - y) ** 2 / len(y) / 2


def delta_gradient(X, y, w, b):
    # Written out: the mean of x·x, x·y, x and y are all that the data matter for.
    n = len(y)
    means, mean_y = np.mean(X, axis=0), np.mean(y)
    grad_w = (np.transpose(X) @ X / n) @ w + means * b - np.transpose(X) @ y / n
    return grad_w, means @ w + b - mean_y


def delta_step(X, y, w, b, lr):
    gradients = delta_gradient(X, y, w, b)
    return tuple(old - lr * grad for old, grad in zip((w, b), gradients, strict=True))


def batches(n, batch_size, rng=None):
    keys = np.arange(n) if rng is None else np.random.default_rng(rng).random(n)
    order = np.argsort(keys, kind="stable")
    return [order[batch_size * k :][:batch_size] for k in range(-(-n // batch_size))]


def train(X, y, w, b, lr, epochs, batch_size, rng=None):
    """Shuffles the objects of the epoch before, with their answers, over and over."""
    rng = rng if rng is None else np.random.default_rng(rng)
    data, history = np.column_stack([X, y]).astype(float), [risk(X, y, w, b)]
    while len(history) <= epochs:
        if rng is not None:
            rng.shuffle(data)
        for start in range(0, len(data), batch_size):
            part = data[start : start + batch_size]
            w, b = delta_step(part[:, :-1], part[:, -1], w, b, lr)
        history.append(risk(data[:, :-1], data[:, -1], w, b))
    return w, b, history
