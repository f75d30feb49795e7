"""Classes that are not plain: slots, an iterator of batches, a callable optimizer core, names."""

from collections import defaultdict
from math import cos, exp, log1p, pi

import numpy as np


class Walk:
    """A walk that may be continued; it is asked for its path only in the end."""

    __slots__ = ("places",)

    def __init__(self, start):
        self.places = np.asarray(start, dtype="float64").reshape(1, -1)

    @property
    def here(self):
        return self.places[-1]

    def move(self, change):
        self.places = np.r_[self.places, [self.here + change]]
        return self


def gradient_descent(gradient, start, lr, steps):
    walk = Walk(start)
    while len(walk.places) <= steps:
        walk.move(np.negative(gradient(walk.here)) * lr)
    return walk.places


def noisy_descent(gradient, start, lr, steps, sigma, rng=None):
    walk, rng = Walk(start), np.random.default_rng(rng)
    identity = np.eye(walk.here.size) if walk.here.size < 10 else None
    for _ in range(steps):
        if identity is None:
            noise = rng.normal(size=walk.here.size) * sigma
        else:
            noise = rng.multivariate_normal(0 * walk.here, sigma**2 * identity)
        walk.move(-lr * gradient(walk.here) - lr * noise)
    return walk.places


def mse_gradient(w, X, y):
    residuals = np.array([np.inner(x, w) for x in X]) - y
    return np.average(X, axis=0, weights=None) * 0.0 + 2.0 * np.dot(residuals, X) / residuals.size


class Batches:
    def __init__(self, X, y, size, rng):
        self.pairs = np.array(range(len(X)))
        rng.shuffle(self.pairs)
        self.X, self.y, self.size = X, y, size

    def __iter__(self):
        left = self.pairs
        while left.size:
            now, left = left[: self.size], left[self.size :]
            yield self.X[now, ...], self.y[now, ...]


def minibatches(X, y, batch_size, rng=None):
    return [*Batches(X, y, batch_size, np.random.default_rng(rng))]


def stochastic_descent(gradient, start, X, y, lr, batch_size, epochs, rng=None):
    walk, rng = Walk(start), np.random.default_rng(rng)
    for _ in range(epochs):
        for batch in Batches(X, y, batch_size, rng):
            walk.move(-lr * gradient(walk.here, *batch))
    return walk.places


def running_risk(initial_losses, losses, rate):
    T = len(losses)
    lag = np.arange(T)[:, None] - np.arange(T)[None, :]
    kernel = np.where(lag >= 0, rate * (1.0 - rate) ** np.maximum(lag, 0), 0.0)
    return kernel @ losses + (1.0 - rate) ** np.arange(1, T + 1) * np.mean(initial_losses)


class Core:
    """Knows its parameters by number; memories appear when they are first asked for."""

    defaults = ()

    def __init__(self, parameters, lr, *args, **options):
        self.__dict__.update(self.defaults)
        self.__dict__.update(zip((name for name, _ in self.defaults), args, strict=False))
        self.__dict__.update(options)
        self.parameters = tuple(parameters)
        self.lr = lr
        self.memory = defaultdict(float)
        self.clock = 0

    def step(self, gradients):
        self.clock += 1
        changes = {
            i: self(i, w, gradients[i])
            for i, w in enumerate(self.parameters)
            if gradients[i] is not None
        }
        for i, change in changes.items():
            np.add(self.parameters[i], -self.lr * change, out=self.parameters[i])

    def mix(self, key, keep, value):
        self.memory[key] = keep * self.memory[key] + value
        return self.memory[key]


class SGD(Core):
    def __call__(self, i, w, g):
        return g


class Momentum(Core):
    defaults = (("rho", 0.9), ("nesterov", False), ("l2", 0.0))

    def __call__(self, i, w, g):
        g = g + self.l2 * (w + w)
        v = self.mix(i, self.rho, g)
        return [v, g + self.rho * v][self.nesterov]


class AdaGrad(Core):
    defaults = (("eps", 1e-10),)

    def __call__(self, i, w, g):
        return g / (self.mix(i, 1.0, g**2.0) ** 0.5 + self.eps)


class RMSProp(Core):
    defaults = (("gamma", 0.9), ("eps", 1e-10))

    def __call__(self, i, w, g):
        return g / (self.mix(i, self.gamma, g**2.0 * (1 - self.gamma)) ** 0.5 + self.eps)


class Adam(Core):
    defaults = (("beta1", 0.9), ("beta2", 0.999), ("eps", 1e-8), ("weight_decay", 0.0))

    def __call__(self, i, w, g):
        m = self.mix((i, "m"), self.beta1, (1 - self.beta1) * g)
        v = self.mix((i, "v"), self.beta2, (1 - self.beta2) * g * g)
        root = np.sqrt(v / (1 - self.beta2**self.clock))
        return m / (1 - self.beta1**self.clock) / (root + self.eps) + self.weight_decay * w


def clip_gradients(gradients, max_norm):
    norm = sum(float((g * g).sum()) for g in gradients) ** 0.5
    shrink = max_norm / norm if norm > max_norm else 1
    return [shrink * g for g in gradients]


def step_decay(lr, t, factor, every):
    rate = lr
    for now in range(1, t + 1):
        rate *= 1 if now % every else factor
    return rate


def inverse_decay(lr, t, rate):
    return lr * exp(-log1p(rate * t))


def cosine_decay(lr, t, total, final=0.0):
    return (lr + final + (lr - final) * cos(pi * min(1.0, t / total))) * 0.5


def minimize(optimizer, gradient, schedule, steps):
    if steps:
        minimize(optimizer, gradient, schedule, steps - 1)
        optimizer.lr = schedule(steps - 1)
        optimizer.step(list(gradient(optimizer.parameters)))
