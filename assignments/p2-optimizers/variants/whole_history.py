"""Remembers all gradients and works everything out anew from the sums of the definitions."""

from dataclasses import dataclass, field

import numpy as np


def gradient_descent(gradient, start, lr, steps):
    path = np.zeros((steps + 1, len(start)))
    path[0] = start
    for n in range(1, steps + 1):
        path[n] = path[n - 1] - lr * gradient(path[n - 1])
    return path


def noisy_descent(gradient, start, lr, steps, sigma, rng=None):
    noise = iter(np.random.default_rng(rng).normal(scale=sigma, size=(steps, len(start))))
    return gradient_descent(lambda x: gradient(x) + next(noise), start, lr, steps)


def mse_gradient(w, X, y):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    return 2 / len(X) * (X.T @ X @ w - X.T @ y)


def minibatches(X, y, batch_size, rng=None):
    generator = np.random.default_rng(rng)
    order = np.argsort(generator.random(len(X)))
    starts = range(0, len(X), batch_size)
    return [
        (np.take(X, order[i : i + batch_size], axis=0), np.take(y, order[i : i + batch_size]))
        for i in starts
    ]


def stochastic_descent(gradient, start, X, y, lr, batch_size, epochs, rng=None):
    rng = np.random.default_rng(rng)
    batches = [batch for _ in range(epochs) for batch in minibatches(X, y, batch_size, rng)]
    path = np.zeros((len(batches) + 1, len(start)))
    path[0] = start
    for n, (X_batch, y_batch) in enumerate(batches):
        path[n + 1] = path[n] - lr * gradient(path[n], X_batch, y_batch)
    return path


def weights_of_the_past(beta, count):
    """beta^(count - 1), …, beta, 1."""
    return float(beta) ** np.arange(count - 1, -1, -1)


def running_risk(initial_losses, losses, rate):
    answer = np.zeros(len(losses))
    for t in range(1, len(losses) + 1):
        past = weights_of_the_past(1 - rate, t)
        answer[t - 1] = (1 - rate) ** t * np.mean(initial_losses) + rate * past @ losses[:t]
    return answer


def weighted(history, beta):
    return np.tensordot(weights_of_the_past(beta, len(history)), np.array(history), axes=1)


@dataclass(eq=False)
class Historian:
    parameters: list
    lr: float
    history: dict = field(default_factory=dict, init=False)
    calls: int = field(default=0, init=False)

    def step(self, gradients):
        self.calls += 1
        for i, (w, g) in enumerate(zip(self.parameters, gradients, strict=True)):
            if g is None:
                continue
            past = self.history.setdefault(i, [])
            past.append(np.array(self.adjusted(w, g)))
            w -= self.lr * self.change(w, past)

    def adjusted(self, w, g):
        return g


@dataclass(eq=False)
class SGD(Historian):
    def change(self, w, past):
        return past[-1]


@dataclass(eq=False)
class _Momentum(Historian):
    rho: float = 0.9
    nesterov: bool = False
    l2: float = 0.0

    def adjusted(self, w, g):
        return g + self.l2 * 2 * w

    def change(self, w, past):
        v = weighted(past, self.rho)
        return past[-1] + self.rho * v if self.nesterov else v


class Momentum(_Momentum):
    pass


@dataclass(eq=False)
class AdaGrad(Historian):
    eps: float = 1e-10

    def change(self, w, past):
        return past[-1] / (np.linalg.norm(past, axis=0) + self.eps)


@dataclass(eq=False)
class RMSProp(Historian):
    gamma: float = 0.9
    eps: float = 1e-10

    def change(self, w, past):
        mean = (1 - self.gamma) * weighted(np.square(past), self.gamma)
        return past[-1] / (np.sqrt(mean) + self.eps)


@dataclass(eq=False)
class Adam(Historian):
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    weight_decay: float = 0.0

    def change(self, w, past):
        m_hat = (1 - self.beta1) / (1 - self.beta1**self.calls) * weighted(past, self.beta1)
        squares = weighted(np.square(past), self.beta2)
        v_hat = (1 - self.beta2) / (1 - self.beta2**self.calls) * squares
        return m_hat / (np.sqrt(v_hat) + self.eps) + self.weight_decay * w


def clip_gradients(gradients, max_norm):
    square = np.sum([np.vdot(g, g) for g in gradients])
    if square > max_norm**2:
        gradients = [np.asarray(g) / np.sqrt(square) * max_norm for g in gradients]
    return list(gradients)


def step_decay(lr, t, factor, every):
    return np.prod([lr] + [factor] * (t // every))


def inverse_decay(lr, t, rate):
    return lr * (1 + rate * t) ** -1.0


def cosine_decay(lr, t, total, final=0.0):
    t = np.clip(t, 0, total)
    return final + (lr - final) * (1 - np.sin(np.pi / 2 * t / total) ** 2)


def minimize(optimizer, gradient, schedule, steps):
    rates = [schedule(t) for t in range(steps)]
    for rate in rates:
        optimizer.lr = rate
        optimizer.step(gradient(optimizer.parameters))
