"""Rosenblatt's perceptron and its averaged sister."""

import numpy as np


def train(x, y, epochs, rng):
    w, total = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for _ in range(epochs):
        for i in rng.permutation(len(x)):
            if y[i] * (x[i] @ w) <= 0:
                w = w + y[i] * x[i]
            total += w
    return w, total


def accuracy(w, x, y):
    return float(np.mean(np.sign(x @ w) == y))
