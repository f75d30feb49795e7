"""The definitions of the solution of s1-neurons, made by `autograder build`."""

import numpy as np


def heaviside(z):
    """An array of any shape -> 1.0 where z >= 0, otherwise 0.0."""
    return np.where(np.asarray(z) >= 0, 1.0, 0.0)


def sign(z):
    """An array of any shape -> +1.0 where z >= 0, otherwise -1.0."""
    return np.where(np.asarray(z) >= 0, 1.0, -1.0)


def sigmoid(z):
    """An array of any shape -> 1 / (1 + exp(-z)) of each element."""
    z = np.asarray(z, dtype=float)
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1.0 + small)


def tanh(z):
    """An array of any shape -> the hyperbolic tangent of each element, by way of sigmoid."""
    return 2.0 * sigmoid(2.0 * np.asarray(z, dtype=float)) - 1.0


def relu(z):
    """An array of any shape -> z where it is positive, otherwise 0.0."""
    return np.maximum(np.asarray(z, dtype=float), 0.0)


def neuron(X, w, b, activation=heaviside):
    """X (N, D), w (D,), b a number -> the answers (N,) of one neuron.

    activation: a function from an array to an array of the same shape.
    """
    return activation(np.asarray(X, dtype=float) @ w + b)


def and_neuron(n):
    """The tuple (w, b), w (n,), of a neuron that fires when all of its n inputs are 1."""
    return np.ones(n), 0.5 - n


def or_neuron(n):
    """The tuple (w, b), w (n,), of a neuron that fires when at least one of n inputs is 1."""
    return np.ones(n), -0.5


def add_product(X):
    """X (N, 2) -> (N, 3): the columns x1, x2 and x1 · x2."""
    X = np.asarray(X, dtype=float)
    return np.column_stack([X, X[:, 0] * X[:, 1]])


def xor_neuron():
    """The tuple (w, b), w (3,), of a neuron that answers XOR when it is fed with add_product."""
    return np.array([1.0, 1.0, -2.0]), -0.5


def two_layer(X, W1, b1, w2, b2):
    """X (N, D), W1 (D, H), b1 (H,), w2 (H,), b2 a number -> the answers (N,), zeros and ones.

    Every neuron, hidden or not, has the Heaviside activation.
    """
    hidden = heaviside(np.asarray(X, dtype=float) @ W1 + b1)
    return heaviside(hidden @ w2 + b2)


def xor_network():
    """The tuple (W1, b1, w2, b2) for which two_layer answers XOR to X (N, 2); H is up to you."""
    W1 = np.ones((2, 2))
    b1 = np.array([-0.5, -1.5])
    w2 = np.array([1.0, -1.0])
    return W1, b1, w2, -0.5


def boolean_network(X, y):
    """The tuple (W1, b1, w2, b2) of a two-layer network with the truth table X, y.

    X (2**n, n): every input of zeros and ones, once each, in any order; y (2**n,): the answers,
    zeros and ones. two_layer(X, W1, b1, w2, b2) should be y.
    """
    true_rows = np.asarray(X, dtype=float)[np.asarray(y) == 1]
    W1 = 2.0 * true_rows.T - 1.0
    b1 = 0.5 - true_rows.sum(axis=1)
    return W1, b1, np.ones(len(true_rows)), -0.5


def hebb_step(x, y, w, b, lr):
    """One object x (n,) of zeros and ones, its right answer y (0 or 1) -> the tuple (w, b), new.

    w (n,), b: the weights and the bias so far; the given w keeps its values.
    """
    error = y - heaviside(np.dot(w, x) + b)
    return w + lr * error * x, b + lr * float(error)


def hebb_train(X, y, w, b, lr, epochs):
    """Show X (N, n) with the answers y (N,) in order, `epochs` times, from the given w and b.

    Returns the tuple (w, b, mistakes): the last weights and bias, and a list of `epochs` numbers,
    the wrong answers given in each epoch.
    """
    mistakes = []
    for _ in range(epochs):
        wrong = 0
        for x, answer in zip(X, y, strict=True):
            wrong += int(heaviside(np.dot(w, x) + b) != answer)
            w, b = hebb_step(x, answer, w, b, lr)
        mistakes.append(wrong)
    return w, b, mistakes


def linear_neuron(X, w, b):
    """X (N, D), w (D,), b a number -> the answers a (N,)."""
    return np.asarray(X, dtype=float) @ w + b


def risk(X, y, w, b):
    """X (N, D), right answers y (N,) -> the mean of half the squared errors, a float."""
    return float(np.mean((linear_neuron(X, w, b) - y) ** 2) / 2.0)


def delta_gradient(X, y, w, b):
    """The gradient of the risk: the tuple (grad_w, grad_b) of an array (D,) and a float."""
    error = linear_neuron(X, w, b) - y
    return np.asarray(X, dtype=float).T @ error / len(error), float(error.mean())


def delta_step(X, y, w, b, lr):
    """One step of the delta rule on the objects X (N, D), y (N,) -> the tuple (w, b), new.

    The given w keeps its values.
    """
    grad_w, grad_b = delta_gradient(X, y, w, b)
    return w - lr * grad_w, b - lr * grad_b


def batches(n, batch_size, rng=None):
    """The batches of one epoch: a list of integer arrays of indices that cover 0 … n - 1 once.

    All have batch_size indices, except the last one where batch_size does not divide n.
    rng: None for the order 0, 1, 2 …; an integer seed or a Generator for a random order.
    """
    order = np.arange(n) if rng is None else np.random.default_rng(rng).permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]


def train(X, y, w, b, lr, epochs, batch_size, rng=None):
    """Take a step of the delta rule for each batch, `epochs` times through X (N, D), y (N,).

    rng: None to keep the order of the rows; an integer seed or a Generator to shuffle the objects
    anew in each epoch. Returns the tuple (w, b, history); history is a list of epochs + 1 floats,
    the risk over all objects before the first epoch and after each one.
    """
    if rng is not None:
        rng = np.random.default_rng(rng)
    X, y = np.asarray(X), np.asarray(y)
    history = [risk(X, y, w, b)]
    for _ in range(epochs):
        for batch in batches(len(X), batch_size, rng):
            w, b = delta_step(X[batch], y[batch], w, b, lr)
        history.append(risk(X, y, w, b))
    return w, b, history
