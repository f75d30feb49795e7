"""Recursion, look-up and algebra: implicants with weights 0, a Gram matrix in place of the data."""

import itertools

import numpy as np


def heaviside(z):
    return np.searchsorted([0.0], z, side="right") * 1.0


def sign(z):
    return np.take([-1.0, 1.0], np.greater_equal(z, 0).astype(int))


def sigmoid(z):
    z = np.asarray(z) * 1.0
    # Numerator and denominator, both divided by the larger of 1 and e^z.
    return np.exp(np.minimum(z, 0.0)) / (np.exp(-np.abs(z)) + 1.0)


def tanh(z):
    power = np.expm1(-2.0 * np.abs(z))
    return -power / (power + 2.0) * sign(z)


def relu(z):
    result = np.asarray(z).astype(float).copy()
    np.putmask(result, result < 0, 0.0)
    return result


def neuron(X, w, b, activation=heaviside):
    if len(X) == 1:
        return activation(np.atleast_1d(np.dot(X[0], w) + b))
    half = len(X) // 2
    parts = neuron(X[:half], w, b, activation), neuron(X[half:], w, b, activation)
    return np.concatenate(parts)


def at_least(k, n):
    return np.ones((n,)), np.float64(0.5 - k)


def and_neuron(n):
    return at_least(n, n)


def or_neuron(n):
    return at_least(1, n)


def add_product(X):
    X = np.array(X, dtype=float)
    return np.insert(X, 2, X[:, 0] * X[:, 1], axis=1)


def xor_neuron():
    """The solution of four linear equations: the sum should be -1, +1, +1 and -1."""
    rows = np.array([[0, 0, 0, 1], [0, 1, 0, 1], [1, 0, 0, 1], [1, 1, 1, 1]])
    solved = np.linalg.solve(rows, [-1.0, 1.0, 1.0, -1.0])
    return solved[:3], solved[3]


def two_layer(X, W1, b1, w2, b2):
    total = np.full(len(X), b2, dtype=float)
    for w, b, weight in zip(np.transpose(W1), b1, w2, strict=True):
        total = total + weight * neuron(X, w, b)
    return heaviside(total)


def implicants(terms):
    """Merge terms of 0, 1 and None (for "either") that differ in one place, again and again."""
    merged, used = set(), set()
    for first, second in itertools.combinations(terms, 2):
        places = [i for i, pair in enumerate(zip(first, second, strict=True)) if pair[0] != pair[1]]
        if len(places) == 1 and None not in (first[places[0]], second[places[0]]):
            merged.add((*first[: places[0]], None, *first[places[0] + 1 :]))
            used |= {first, second}
    return (set(terms) - used) | (implicants(merged) if merged else set())


def boolean_network(X, y):
    true = {tuple(int(bit) for bit in x) for x, answer in zip(X, y, strict=True) if answer == 1}
    found = sorted(implicants(true), key=str)
    meaning = {None: 0.0, 0: -1.0, 1: 1.0}
    W1 = np.array([[meaning[term[d]] for term in found] for d in range(np.shape(X)[1])])
    b1 = np.array([0.5 - term.count(1) for term in found])
    return W1, b1, np.ones(len(found)), -0.5


def xor_network():
    X = np.array(list(itertools.product((0, 1), repeat=2)))
    return boolean_network(X, X.sum(axis=1) % 2)


def hebb_step(x, y, w, b, lr):
    change = {(0, 1): lr, (1, 0): -lr}.get((int(np.inner(w, x) + b >= 0), int(y)), 0.0)
    return np.add(w, np.multiply(change, x)), b + change


def hebb_train(X, y, w, b, lr, epochs):
    if epochs == 0:
        return w, b, []
    before, mistakes = (w, b), 0
    for x, right in zip(X, y, strict=True):
        after = hebb_step(x, right, *before, lr)
        mistakes, before = mistakes + (after[1] != before[1]), after
    w, b, later = hebb_train(X, y, *before, lr, epochs - 1)
    return w, b, [mistakes, *later]


def linear_neuron(X, w, b):
    return neuron(X, w, b, activation=lambda sums: np.asarray(sums, dtype=float))


def moments(X, y):
    """The mean of v vᵀ for the objects v = (x, 1, -y): the risk is half of θ M θ, θ = (w, b, 1)."""
    V = np.column_stack([X, np.ones(len(X)), np.negative(y)])
    return V.T @ V / len(V)


def risk(X, y, w, b):
    theta = np.r_[w, b, 1.0]
    return 0.5 * theta @ moments(X, y) @ theta


def delta_gradient(X, y, w, b):
    gradient = moments(X, y) @ np.r_[w, b, 1.0]
    return gradient[:-2], gradient[-2]


def delta_step(X, y, w, b, lr):
    step = np.eye(len(w) + 2) - lr * moments(X, y)
    new = step @ np.r_[w, b, 1.0]
    return new[:-2], new[-2]


def pieces(order, batch_size):
    if len(order) <= batch_size:
        return [order]
    return [order[:batch_size], *pieces(order[batch_size:], batch_size)]


def batches(n, batch_size, rng=None):
    order = np.arange(n, dtype=np.uint16)
    if rng is not None:
        order = np.random.default_rng(rng).permuted(order)
    return pieces(order, batch_size)


def train(X, y, w, b, lr, epochs, batch_size, rng=None):
    """All orders are drawn first; the data of an epoch follow."""
    stream = rng if rng is None else np.random.Generator(np.random.PCG64(rng))
    plan = [batches(len(X), batch_size, stream) for _ in range(epochs)]
    points = [(w, b)]
    for epoch in plan:
        point = points[-1]
        for batch in epoch:
            point = delta_step(X[batch], y[batch], *point, lr)
        points.append(point)
    return (*points[-1], [risk(X, y, *point) for point in points])
