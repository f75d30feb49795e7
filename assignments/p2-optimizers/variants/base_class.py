"""A base class with a template method; each optimizer only says in which direction to go."""

from itertools import pairwise

import numpy as np


def gradient_descent(gradient, start, lr, steps):
    path = np.tile(np.asarray(start, dtype=np.float64), (steps + 1, 1))
    for before, after in pairwise(path):
        np.subtract(before, lr * gradient(before), out=after)
    return path


def noisy_descent(gradient, start, lr, steps, sigma, rng=None):
    generator = np.random.default_rng(rng)
    point = np.asarray(start, dtype=np.float64)
    path = [point]
    for noise in sigma * generator.standard_normal((steps, point.size)):
        point = point - lr * (gradient(point) + noise)
        path.append(point)
    return np.vstack(path)


def mse_gradient(w, X, y):
    return np.mean(2 * (X @ w - y)[:, None] * X, axis=0)


def minibatches(X, y, batch_size, rng=None):
    order = np.arange(len(y))
    np.random.default_rng(rng).shuffle(order)
    cuts = np.arange(batch_size, len(y), batch_size)
    return list(zip(np.split(X[order], cuts), np.split(y[order], cuts), strict=True))


def stochastic_descent(gradient, start, X, y, lr, batch_size, epochs, rng=None):
    generator = np.random.default_rng(rng)
    w = np.array(start, dtype=np.float64)
    optimizer = SGD([w], lr)
    path = [w.copy()]
    for _ in range(epochs):
        for batch in minibatches(X, y, batch_size, generator):
            optimizer.step([gradient(w, *batch)])
            path.append(w.copy())
    return np.stack(path)


def running_risk(initial_losses, losses, rate):
    risks = np.empty(len(losses))
    Q = sum(initial_losses) / len(initial_losses)
    for i, loss in enumerate(losses):
        Q += rate * (loss - Q)
        risks[i] = Q
    return risks


class Optimizer:
    names = ()

    def __init__(self, parameters, lr):
        self.parameters = list(parameters)
        self.lr = lr
        self.t = 0
        self.memory = [{name: np.zeros(w.shape) for name in self.names} for w in parameters]

    def step(self, gradients):
        self.t += 1
        for w, g, memory in zip(self.parameters, gradients, self.memory, strict=True):
            if g is not None:
                w[...] = w - self.lr * self.direction(w, g, memory)


class SGD(Optimizer):
    def direction(self, w, g, memory):
        return g


class Momentum(Optimizer):
    names = ("velocity",)

    def __init__(self, parameters, lr, rho=0.9, nesterov=False, l2=0.0):
        super().__init__(parameters, lr)
        self.rho, self.nesterov, self.l2 = rho, nesterov, l2

    def direction(self, w, g, memory):
        g = g + 2 * self.l2 * w
        memory["velocity"] = self.rho * memory["velocity"] + g
        if self.nesterov:
            return g + self.rho * memory["velocity"]
        return memory["velocity"]


class Scaled(Optimizer):
    names = ("cache",)

    def direction(self, w, g, memory):
        memory["cache"] = self.remember(memory["cache"], g * g)
        return g / (np.sqrt(memory["cache"]) + self.eps)


class AdaGrad(Scaled):
    def __init__(self, parameters, lr, eps=1e-10):
        super().__init__(parameters, lr)
        self.eps = eps

    def remember(self, cache, square):
        return cache + square


class RMSProp(Scaled):
    def __init__(self, parameters, lr, gamma=0.9, eps=1e-10):
        super().__init__(parameters, lr)
        self.gamma, self.eps = gamma, eps

    def remember(self, cache, square):
        return self.gamma * cache + (1 - self.gamma) * square


class Adam(Optimizer):
    names = ("m", "v")

    def __init__(self, parameters, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
        super().__init__(parameters, lr)
        self.betas, self.eps, self.weight_decay = (beta1, beta2), eps, weight_decay

    def direction(self, w, g, memory):
        averages = []
        for name, beta, value in zip(self.names, self.betas, (g, g * g), strict=True):
            memory[name] = beta * memory[name] + (1 - beta) * value
            averages.append(memory[name] / (1 - beta**self.t))
        return averages[0] / (np.sqrt(averages[1]) + self.eps) + self.weight_decay * w


def clip_gradients(gradients, max_norm):
    norm = np.linalg.norm([np.linalg.norm(g) for g in gradients])
    if norm <= max_norm:
        return [g.copy() for g in gradients]
    return [g * (max_norm / norm) for g in gradients]


def step_decay(lr, t, factor, every):
    return lr * np.power(factor, np.floor(t / every))


def inverse_decay(lr, t, rate):
    return np.divide(lr, 1 + rate * t)


def cosine_decay(lr, t, total, final=0.0):
    if t >= total:
        return float(final)
    return final + (lr - final) * np.cos(0.5 * np.pi * t / total) ** 2


def minimize(optimizer, gradient, schedule, steps):
    t = 0
    while t < steps:
        optimizer.lr = schedule(t)
        gradients = gradient(optimizer.parameters)
        optimizer.step(gradients)
        t += 1
