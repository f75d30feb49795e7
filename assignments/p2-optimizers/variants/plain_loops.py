"""Loops over single numbers and plain Python floats; numpy only for what comes in and goes out."""

import math

import numpy as np


def descend(step, start, count):
    point = [float(value) for value in start]
    path = [point]
    for _ in range(count):
        point = step(point)
        path.append(point)
    return np.array(path, dtype=float)


def gradient_descent(gradient, start, lr, steps):
    def step(point):
        slopes = gradient(np.array(point))
        return [point[j] - lr * float(slopes[j]) for j in range(len(point))]

    return descend(step, start, steps)


def noisy_descent(gradient, start, lr, steps, sigma, rng=None):
    rng = np.random.default_rng(rng)

    def step(point):
        slopes = gradient(np.array(point))
        moved = []
        for j in range(len(point)):
            moved.append(point[j] - lr * (float(slopes[j]) + sigma * rng.standard_normal()))
        return moved

    return descend(step, start, steps)


def mse_gradient(w, X, y):
    total = [0.0] * len(w)
    for x, answer in zip(X, y, strict=True):
        error = sum(weight * feature for weight, feature in zip(w, x, strict=True)) - answer
        for j, feature in enumerate(x):
            total[j] += 2.0 * error * feature
    return np.array([value / len(y) for value in total])


def minibatches(X, y, batch_size, rng=None):
    waiting = [int(i) for i in np.random.default_rng(rng).permutation(len(X))]
    batches = []
    while waiting:
        taken, waiting = waiting[:batch_size], waiting[batch_size:]
        batches.append([np.array([X[i] for i in taken]), np.array([y[i] for i in taken])])
    return batches


def stochastic_descent(gradient, start, X, y, lr, batch_size, epochs, rng=None):
    rng = np.random.default_rng(rng)
    path = [[float(value) for value in start]]
    for _ in range(epochs):
        for X_batch, y_batch in minibatches(X, y, batch_size, rng):
            slopes = gradient(np.array(path[-1]), X_batch, y_batch)
            path.append([w - lr * float(g) for w, g in zip(path[-1], slopes, strict=True)])
    return np.array(path)


def running_risk(initial_losses, losses, rate):
    risks = [math.fsum(map(float, initial_losses)) / len(initial_losses)]
    for loss in losses:
        risks.append(rate * float(loss) + (1 - rate) * risks[-1])
    return np.array(risks[1:])


def each_number(parameters, gradients):
    """(parameter number, index in it, parameter, gradient there) of all that have a gradient."""
    for i, (w, g) in enumerate(zip(parameters, gradients, strict=True)):
        if g is not None:
            for index in np.ndindex(w.shape):
                yield i, index, w, float(g[index])


class SGD:
    def __init__(self, parameters, lr):
        self.parameters = parameters
        self.lr = lr

    def step(self, gradients):
        for _, index, w, g in each_number(self.parameters, gradients):
            w[index] -= self.lr * g


class Momentum:
    def __init__(self, parameters, lr, rho=0.9, nesterov=False, l2=0.0):
        self.parameters = parameters
        self.lr, self.rho, self.nesterov, self.l2 = lr, rho, nesterov, l2
        self.velocities = {}

    def step(self, gradients):
        for i, index, w, g in each_number(self.parameters, gradients):
            g += 2 * self.l2 * float(w[index])
            v = self.rho * self.velocities.get((i, index), 0.0) + g
            self.velocities[i, index] = v
            w[index] -= self.lr * (g + self.rho * v) if self.nesterov else self.lr * v


class AdaGrad:
    def __init__(self, parameters, lr, eps=1e-10):
        self.parameters = parameters
        self.lr, self.eps = lr, eps
        self.squares = {}

    def step(self, gradients):
        for i, index, w, g in each_number(self.parameters, gradients):
            self.squares.setdefault((i, index), []).append(g * g)
            w[index] -= self.lr * g / (math.sqrt(math.fsum(self.squares[i, index])) + self.eps)


class RMSProp:
    def __init__(self, parameters, lr, gamma=0.9, eps=1e-10):
        self.parameters = parameters
        self.lr, self.gamma, self.eps = lr, gamma, eps
        self.cache = {}

    def step(self, gradients):
        for i, index, w, g in each_number(self.parameters, gradients):
            c = self.cache.get((i, index), 0.0)
            c += (1 - self.gamma) * (g * g - c)
            self.cache[i, index] = c
            w[index] -= self.lr * g / (math.sqrt(c) + self.eps)


class Adam:
    def __init__(self, parameters, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
        self.parameters = parameters
        self.lr, self.beta1, self.beta2 = lr, beta1, beta2
        self.eps, self.weight_decay = eps, weight_decay
        self.averages = {}
        self.left1 = self.left2 = 1.0

    def step(self, gradients):
        self.left1 *= self.beta1
        self.left2 *= self.beta2
        for i, index, w, g in each_number(self.parameters, gradients):
            m, v = self.averages.get((i, index), (0.0, 0.0))
            m = self.beta1 * m + (1 - self.beta1) * g
            v = self.beta2 * v + (1 - self.beta2) * g * g
            self.averages[i, index] = m, v
            scaled = m / (1 - self.left1) / (math.sqrt(v / (1 - self.left2)) + self.eps)
            w[index] -= self.lr * (scaled + self.weight_decay * float(w[index]))


def clip_gradients(gradients, max_norm):
    norm = math.sqrt(math.fsum(float(value) ** 2 for g in gradients for value in g.flat))
    factor = 1.0 if norm <= max_norm else max_norm / norm
    return [np.array(g) * factor for g in gradients]


def step_decay(lr, t, factor, every):
    while t >= every:
        lr, t = lr * factor, t - every
    return lr


def inverse_decay(lr, t, rate):
    return lr / (1 + rate * t)


def cosine_decay(lr, t, total, final=0.0):
    part = t / total if t < total else 1.0
    return final + (lr - final) * (1 + math.cos(math.pi * part)) / 2


def minimize(optimizer, gradient, schedule, steps):
    for t in range(steps):
        gradients = gradient(optimizer.parameters)
        optimizer.lr = schedule(t)
        optimizer.step(gradients)
