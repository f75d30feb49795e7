"""Dataclasses with methods behind the functions; batches from a generator; weights kept frozen."""

from dataclasses import dataclass, replace

import numpy as np


class Activation:
    """A callable of arrays, made from a function."""

    def __init__(self, function):
        self.function = function

    def __call__(self, z):
        return self.function(np.array(z, dtype=float, ndmin=1)).reshape(np.shape(z))


heaviside = Activation(lambda z: 1.0 - np.signbit(z + 0.0))
sign = Activation(lambda z: np.copysign(1.0, z + 0.0))
sigmoid = Activation(lambda z: np.piecewise(z, [z >= 0], [_right, lambda z: 1.0 - _right(-z)]))
tanh = Activation(lambda z: 2.0 * sigmoid(z + z) - 1.0)
relu = Activation(lambda z: np.select([z > 0], [z], 0.0))


def _right(z):
    return 1.0 / (1.0 + np.exp(-z))


@dataclass(frozen=True)
class Neuron:
    w: np.ndarray
    b: float
    activation: object = staticmethod(lambda s: s)

    def __call__(self, X):
        return self.activation(np.inner(X, self.w) + self.b)

    def moved(self, dw, db):
        return replace(self, w=np.add(self.w, dw), b=self.b + db)

    @property
    def parts(self):
        return self.w, self.b


@dataclass(frozen=True)
class Trainer:
    X: np.ndarray
    y: np.ndarray

    def errors(self, neuron):
        return np.subtract(neuron(self.X), self.y)

    def risk(self, neuron):
        return np.mean(self.errors(neuron) ** 2) / 2

    def gradient(self, neuron):
        errors = self.errors(neuron)
        return np.mean(errors[:, np.newaxis] * self.X, axis=0), np.mean(errors)

    def step(self, neuron, lr):
        dw, db = self.gradient(neuron)
        return neuron.moved(-lr * dw, -lr * db)

    def part(self, indices):
        return Trainer(self.X[indices, :], self.y[indices])


def neuron(X, w, b, activation=heaviside):
    return Neuron(w, b, activation)(X)


def and_neuron(n):
    return Neuron(np.full(n, 2.0), 1.0 - 2.0 * n).parts


def or_neuron(n):
    return Neuron(np.full(n, 2.0), -1.0).parts


def add_product(X):
    X = np.asarray(X, float)
    return np.hstack((X, X[:, :1] * X[:, 1:]))


def xor_neuron():
    return Neuron(np.array([10.0, 10.0, -20.0]), -5.0).parts


def two_layer(X, W1, b1, w2, b2):
    hidden = np.array([neuron(X, W1[:, h], b1[h]) for h in range(len(b1))]).T
    return neuron(hidden, w2, b2)


def xor_network():
    first, second = Neuron(np.array([1.0, -1.0]), -0.5), Neuron(np.array([-1.0, 1.0]), -0.5)
    layer = np.array([first.w, second.w]).T, np.array([first.b, second.b])
    return (*layer, *or_neuron(2))


def boolean_network(X, y):
    """A neuron for every row, true or not; the output neuron looks at the true ones only."""
    detectors = [Neuron(np.where(row == 1, 1.0, -1.0), 0.5 - np.sum(row)) for row in np.asarray(X)]
    W1 = np.stack([detector.w for detector in detectors], axis=1)
    return W1, np.array([detector.b for detector in detectors]), np.asarray(y) - 0.0, -0.5


def hebb_step(x, y, w, b, lr):
    one = Neuron(w, b, heaviside)
    push = float(lr * (y - one(x)))
    return one.moved(push * np.asarray(x), push).parts


def hebb_train(X, y, w, b, lr, epochs):
    def epoch():
        nonlocal w, b
        for x, right in zip(X, y, strict=True):
            yield float(Neuron(w, b, heaviside)(x)) != right
            w, b = hebb_step(x, right, w, b, lr)

    mistakes = [sum(epoch()) for _ in range(epochs)]
    return w, b, mistakes


def linear_neuron(X, w, b):
    return Neuron(w, b)(X)


def risk(X, y, w, b):
    return Trainer(X, y).risk(Neuron(w, b))


def delta_gradient(X, y, w, b):
    return Trainer(X, y).gradient(Neuron(w, b))


def delta_step(X, y, w, b, lr):
    return Trainer(X, y).step(Neuron(w, b), lr).parts


def _batches(n, batch_size, rng):
    waiting = list(range(n)) if rng is None else np.random.default_rng(rng).permutation(n).tolist()
    while waiting:
        yield waiting[:batch_size]
        del waiting[:batch_size]


def batches(n, batch_size, rng=None):
    return [np.array(batch, dtype=np.int32) for batch in _batches(n, batch_size, rng)]


def train(X, y, w, b, lr, epochs, batch_size, rng=None):
    trainer, one = Trainer(X, y), Neuron(w, b)
    generator = rng if rng is None else np.random.default_rng(rng)
    history = [trainer.risk(one)]
    for _ in range(epochs):
        for batch in _batches(len(y), batch_size, generator):
            one = trainer.part(batch).step(one, lr)
        history.append(trainer.risk(one))
    return (*one.parts, history)
