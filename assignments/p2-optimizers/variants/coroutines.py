"""Practical 2 with generators: each parameter has a coroutine that keeps its memory."""

from functools import partial
from itertools import accumulate, repeat

import numpy as np


def _walk(move, start, inputs):
    """All points from `start` on, each made from the one before and the next input."""
    start = np.array(start, dtype=float)
    return np.stack(list(accumulate(inputs, move, initial=start)))


def gradient_descent(gradient, start, lr, steps):
    return _walk(lambda x, _: x - lr * np.asarray(gradient(x)), start, repeat(None, steps))


def noisy_descent(gradient, start, lr, steps, sigma, rng=None):
    rng = np.random.default_rng(rng)
    shape = np.shape(start)
    dice = (rng.normal(scale=sigma, size=shape) for _ in range(steps))
    return _walk(lambda x, xi: x - lr * (gradient(x) + xi), start, dice)


def mse_gradient(w, X, y):
    return 2.0 * np.mean((np.dot(X, w) - y)[:, np.newaxis] * X, axis=0)


def _shuffled(X, y, batch_size, rng):
    order = rng.choice(len(X), size=len(X), replace=False)
    for begin in range(0, len(X), batch_size):
        rows = order[begin : begin + batch_size]
        yield X[rows], y[rows]


def minibatches(X, y, batch_size, rng=None):
    return list(_shuffled(X, y, batch_size, np.random.default_rng(rng)))


def stochastic_descent(gradient, start, X, y, lr, batch_size, epochs, rng=None):
    rng = np.random.default_rng(rng)
    batches = (batch for _ in range(epochs) for batch in _shuffled(X, y, batch_size, rng))
    return _walk(lambda w, batch: w - lr * gradient(w, *batch), start, batches)


def running_risk(initial_losses, losses, rate):
    def follow(Q, loss):
        return rate * loss + (1 - rate) * Q

    begin = np.mean(np.asarray(initial_losses, dtype=float))
    return np.array(list(accumulate(losses, follow, initial=begin))[1:], dtype=float)


# A rule is a generator function (w) that yields directions and is sent (g, t). The first `next`
# brings it to the place where it waits for the first gradient.


def _plain(w):
    direction = None
    while True:
        g, _ = yield direction
        direction = g


def _heavy_ball(w, rho, nesterov, l2):
    v, direction = 0.0, None
    while True:
        g, _ = yield direction
        g = g + 2 * l2 * w
        v = rho * v + g
        direction = g + rho * v if nesterov else v


def _adagrad(w, eps):
    c, direction = 0.0, None
    while True:
        g, _ = yield direction
        c = c + np.square(g)
        direction = g / (np.sqrt(c) + eps)


def _rmsprop(w, gamma, eps):
    c, direction = 0.0, None
    while True:
        g, _ = yield direction
        c = gamma * c + (1 - gamma) * np.square(g)
        direction = g / (np.sqrt(c) + eps)


def _adam(w, beta1, beta2, eps, decay):
    m, v, direction = 0.0, 0.0, None
    while True:
        g, t = yield direction
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        mean, square = m / (1 - beta1**t), v / (1 - beta2**t)
        direction = mean / (np.sqrt(square) + eps) + decay * w


class _Optimizer:
    def _start(self, parameters, lr, rule):
        self.parameters, self.lr, self._calls = parameters, lr, 0
        self._rules = [rule(w) for w in parameters]
        for waiting in self._rules:
            next(waiting)

    def step(self, gradients):
        self._calls += 1
        for w, rule, g in zip(self.parameters, self._rules, gradients, strict=True):
            if g is not None:
                w -= self.lr * rule.send((np.array(g, dtype=float), self._calls))


class SGD(_Optimizer):
    def __init__(self, parameters, lr):
        self._start(parameters, lr, _plain)


class Momentum(_Optimizer):
    def __init__(self, parameters, lr, rho=0.9, nesterov=False, l2=0.0):
        self._start(parameters, lr, partial(_heavy_ball, rho=rho, nesterov=nesterov, l2=l2))


class AdaGrad(_Optimizer):
    def __init__(self, parameters, lr, eps=1e-10):
        self._start(parameters, lr, partial(_adagrad, eps=eps))


class RMSProp(_Optimizer):
    def __init__(self, parameters, lr, gamma=0.9, eps=1e-10):
        self._start(parameters, lr, partial(_rmsprop, gamma=gamma, eps=eps))


class Adam(_Optimizer):
    def __init__(self, parameters, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
        rule = partial(_adam, beta1=beta1, beta2=beta2, eps=eps, decay=weight_decay)
        self._start(parameters, lr, rule)


def clip_gradients(gradients, max_norm):
    norm = sum(np.sum(np.square(g, dtype=float)) for g in gradients) ** 0.5
    scale = max_norm / norm if norm > max_norm else 1.0
    return [np.multiply(g, scale, out=np.empty(g.shape)) for g in gradients]


def step_decay(lr, t, factor, every):
    stairs, _ = divmod(t, every)
    return lr * float(factor) ** stairs


def inverse_decay(lr, t, rate):
    return lr / (1 + t * rate)


def cosine_decay(lr, t, total, final=0.0):
    share = (1 + np.cos(np.pi * np.minimum(t, total) / total)) / 2
    return float(share * lr + (1 - share) * final)


def minimize(optimizer, gradient, schedule, steps):
    def one(t):
        optimizer.lr = schedule(t)
        optimizer.step(gradient(optimizer.parameters))

    for t in range(steps):
        one(t)
