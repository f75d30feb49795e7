"""Plain Python loops over numbers, with the math module, as in a first course of programming."""

import math
import random

import numpy as np


def each(function, z):
    """Apply a function of one number to every element."""
    z = np.asarray(z)
    result = np.zeros(z.shape)
    for index in np.ndindex(z.shape):
        result[index] = function(float(z[index]))
    return result


def one_step(value):
    if value < 0:
        return 0.0
    return 1.0


def one_sigmoid(value):
    if value >= 0:
        return 1.0 / (1.0 + math.exp(-value))
    return math.exp(value) / (1.0 + math.exp(value))


def heaviside(z):
    return each(one_step, z)


def sign(z):
    return each(lambda value: -1.0 if value < 0 else 1.0, z)


def sigmoid(z):
    return each(one_sigmoid, z)


def tanh(z):
    return each(lambda value: 2.0 * one_sigmoid(2.0 * value) - 1.0, z)


def relu(z):
    return each(lambda value: value if value > 0 else 0.0, z)


def weighted(x, w, b):
    total = float(b)
    for i in range(len(x)):
        total += float(x[i]) * float(w[i])
    return total


def neuron(X, w, b, activation=heaviside):
    sums = []
    for x in X:
        sums.append(weighted(x, w, b))
    return activation(np.array(sums))


def and_neuron(n):
    w = np.zeros(n)
    for i in range(n):
        w[i] = 1.0
    return w, -n + 0.5


def or_neuron(n):
    return np.array([1.0 for _ in range(n)]), -0.5


def add_product(X):
    rows = []
    for x1, x2 in X:
        rows.append([float(x1), float(x2), float(x1 * x2)])
    return np.array(rows)


def xor_neuron():
    return np.array([1, 1, -2]), -0.5


def two_layer(X, W1, b1, w2, b2):
    answers = np.zeros(len(X))
    for n, x in enumerate(X):
        hidden = [one_step(weighted(x, W1[:, h], b1[h])) for h in range(len(b1))]
        answers[n] = one_step(weighted(hidden, w2, b2))
    return answers


def xor_network():
    return [np.array([[1.0, -1.0], [-1.0, 1.0]]), np.array([-0.5, -0.5]), np.array([1, 1]), -0.5]


def boolean_network(X, y):
    chosen = [i for i in range(len(y)) if y[i] == 1]
    n = len(X[0])
    W1, b1 = np.zeros((n, len(chosen))), np.zeros(len(chosen))
    for h, i in enumerate(chosen):
        b1[h] = 0.5
        for d in range(n):
            if X[i][d] == 1:
                W1[d, h] = 1.0
                b1[h] -= 1.0
            else:
                W1[d, h] = -1.0
    return W1, b1, np.array([1.0] * len(chosen)), -0.5


def hebb_step(x, y, w, b, lr):
    a = one_step(weighted(x, w, b))
    new_w = w.copy()
    if a == 0 and y == 1:
        for i in range(len(x)):
            if x[i] == 1:
                new_w[i] += lr
        b = b + lr
    elif a == 1 and y == 0:
        for i in range(len(x)):
            if x[i] == 1:
                new_w[i] -= lr
        b = b - lr
    return new_w, b


def hebb_train(X, y, w, b, lr, epochs):
    mistakes = []
    for _ in range(epochs):
        count = 0
        for i in range(len(X)):
            if one_step(weighted(X[i], w, b)) != y[i]:
                count += 1
                w, b = hebb_step(X[i], y[i], w, b, lr)
        mistakes.append(count)
    return w, b, mistakes


def linear_neuron(X, w, b):
    return np.array([weighted(x, w, b) for x in X])


def risk(X, y, w, b):
    total = 0.0
    for x, target in zip(X, y, strict=True):
        total += 0.5 * (weighted(x, w, b) - float(target)) ** 2
    return total / len(y)


def delta_gradient(X, y, w, b):
    grad_w, grad_b = np.zeros(len(w)), 0.0
    for x, target in zip(X, y, strict=True):
        error = weighted(x, w, b) - float(target)
        grad_b += error / len(y)
        for i in range(len(w)):
            grad_w[i] += error * x[i] / len(y)
    return grad_w, grad_b


def delta_step(X, y, w, b, lr):
    grad_w, grad_b = delta_gradient(X, y, w, b)
    new_w = np.zeros(len(w))
    for i in range(len(w)):
        new_w[i] = w[i] - lr * grad_w[i]
    return new_w, b - lr * grad_b


def shuffled(n, rng):
    """Fisher and Yates; rng is None, a seed, a numpy Generator, or Python's own generator."""
    order = list(range(n))
    if rng is None:
        return order
    if isinstance(rng, np.random.Generator):
        rng = random.Random(int(rng.integers(2**32)))
    elif not isinstance(rng, random.Random):
        rng = random.Random(rng)
    for last in range(n - 1, 0, -1):
        other = rng.randint(0, last)
        order[last], order[other] = order[other], order[last]
    return order


def batches(n, batch_size, rng=None):
    result, batch = [], []
    for index in shuffled(n, rng):
        batch.append(index)
        if len(batch) == batch_size:
            result.append(np.array(batch))
            batch = []
    if batch:
        result.append(np.array(batch))
    return result


def train(X, y, w, b, lr, epochs, batch_size, rng=None):
    if isinstance(rng, int):
        rng = random.Random(rng)
    history = [risk(X, y, w, b)]
    for _ in range(epochs):
        for batch in batches(len(y), batch_size, rng):
            some_x = np.array([X[i] for i in batch])
            some_y = np.array([y[i] for i in batch])
            w, b = delta_step(some_x, some_y, w, b, lr)
        history.append(risk(X, y, w, b))
    return w, b, history
