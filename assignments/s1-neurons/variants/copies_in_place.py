"""Copies once, then works in place with `out=`; shuffles one order of indices again and again."""

import numpy as np


def _copy(z):
    return np.array(z, dtype=np.float64, copy=True)


def heaviside(z):
    z = _copy(z)
    np.greater_equal(z, 0.0, out=z)
    return z


def sign(z):
    z = heaviside(z)
    z -= 0.5
    z *= 2.0
    return z


def sigmoid(z):
    z = _copy(z)
    z *= 0.5
    np.tanh(z, out=z)
    z += 1.0
    z *= 0.5
    return z


def tanh(z):
    z = _copy(z)
    z *= 2.0
    z = sigmoid(z)
    z *= 2.0
    z -= 1.0
    return z


def relu(z):
    z = _copy(z)
    np.fmax(z, 0.0, out=z)
    return z


def neuron(X, w, b, activation=heaviside):
    sums = np.full(len(X), float(b))
    for d, weight in enumerate(w):
        sums += weight * X[:, d]
    return activation(sums)


def _gate(n, bias):
    parts = np.empty(n + 1)
    parts[:n] = 1.0
    parts[n] = bias
    return parts[:n], parts[n]


def and_neuron(n):
    return _gate(n, 0.25 - n)


def or_neuron(n):
    return _gate(n, -0.75)


def add_product(X):
    wide = np.zeros((X.shape[0], 6))
    wide[:, 0] = X[:, 0]
    wide[:, 2] = X[:, 1]
    wide[:, 4] = wide[:, 0] * wide[:, 2]
    return wide[:, ::2]


def xor_neuron():
    return _gate(3, -0.5)[0] * np.array([1.0, 1.0, -2.0]), -0.5


def two_layer(X, W1, b1, w2, b2):
    sums = np.tile(b1, (X.shape[0], 1))
    sums += X @ W1
    np.greater_equal(sums, 0.0, out=sums)
    return neuron(sums, w2, b2)


def xor_network():
    W1 = np.zeros((2, 2))
    W1 += 1.0
    b1 = np.zeros(2)
    b1 -= [0.5, 1.5]
    w2 = np.zeros(2)
    w2 += [1.0, -2.0]
    return W1, b1, w2, -0.5


def boolean_network(X, y):
    """Written in place into arrays for all rows; the rows with the answer 0 stay unheard."""
    rows, n = X.shape
    W1 = np.zeros((n, rows))
    W1 += X.T
    b1 = np.zeros(rows)
    b1 -= W1.sum(axis=0)
    b1 += 0.5
    W1 *= 2.0
    W1 -= 1.0
    w2 = np.full(rows, -1.0)
    w2[y == 1] = 1.0
    return W1, b1, w2, 0.0 - 0.5


def hebb_step(x, y, w, b, lr):
    w = _copy(w)
    fires = float(np.vdot(w, x) + b >= 0)
    active = np.flatnonzero(x)
    w[active] += lr * (y - fires)
    b += lr * (y - fires)
    return w, b


def hebb_train(X, y, w, b, lr, epochs):
    w = _copy(w)
    mistakes = np.zeros(epochs)
    for epoch in range(epochs):
        for i in range(len(X)):
            error = float(y[i]) - float(np.vdot(w, X[i]) + b >= 0)
            if error:
                mistakes[epoch] += 1.0
                w += error * lr * X[i]
                b += error * lr
    return w, b, mistakes


def linear_neuron(X, w, b):
    sums = X.dot(w)
    sums += b
    return sums


def risk(X, y, w, b):
    error = linear_neuron(X, w, b)
    error -= y
    error *= error
    return error.mean() * 0.5


def delta_gradient(X, y, w, b):
    error = linear_neuron(X, w, b)
    error -= y
    error /= error.size
    return error.dot(X), error.sum()


def delta_step(X, y, w, b, lr):
    w = _copy(w)
    grad_w, grad_b = delta_gradient(X, y, w, b)
    grad_w *= lr
    w -= grad_w
    b -= lr * grad_b
    return w, b


def batches(n, batch_size, rng=None):
    order = np.arange(n)
    if rng is not None:
        order = np.random.default_rng(rng).choice(n, size=n, replace=False)
    result = []
    while order.size:
        result.append(order[:batch_size])
        order = order[batch_size:]
    return tuple(result)


def train(X, y, w, b, lr, epochs, batch_size, rng=None):
    w, history = _copy(w), np.zeros(epochs + 1)
    shuffler = None if rng is None else np.random.RandomState(rng)
    order = np.arange(len(X))
    history[0] = risk(X, y, w, b)
    for epoch in range(1, epochs + 1):
        if shuffler is not None:
            shuffler.shuffle(order)
        for start in range(0, len(order), batch_size):
            indices = order[start : start + batch_size]
            grad_w, grad_b = delta_gradient(X[indices], y[indices], w, b)
            w -= lr * grad_w
            b -= lr * grad_b
        history[epoch] = risk(X, y, w, b)
    return w, b, history
