"""Thinks in columns, as the lectures do (h = Wx), and transposes at the border."""

from dataclasses import dataclass, field

import numpy as np


class Linear:
    def __init__(self, d_in: int, d_out: int, rng=None) -> None:
        rng = np.random.default_rng(rng)
        self.rows = rng.normal(0.0, np.sqrt(1.0 / d_in), (d_out, d_in))
        self.column = np.zeros((d_out, 1))

    @property
    def W(self):
        return self.rows.T

    @W.setter
    def W(self, value):
        self.rows = np.array(value).T

    @property
    def b(self):
        return self.column[:, 0]

    @b.setter
    def b(self, value):
        self.column = np.array(value).reshape(-1, 1)

    def forward(self, x):
        self.inputs = np.array(x, dtype=float).T
        return (self.rows @ self.inputs + self.column).T

    def backward(self, grad_output):
        back = grad_output.T
        self.grad_rows = back @ self.inputs.T
        self.grad_W, self.grad_b = self.grad_rows.T, back.sum(axis=1)
        return (self.rows.T @ back).T


@dataclass
class Sigmoid:
    history: list = field(default_factory=list)

    def forward(self, x):
        x = np.asarray(x, dtype=float)
        y = np.piecewise(
            x, [x < 0], [lambda v: np.exp(v) / (1 + np.exp(v)), lambda v: 1 / (1 + np.exp(-v))]
        )
        self.history.append(y)
        return y

    def backward(self, grad_output):
        y = self.history[-1]
        return (y * (1 - y)) * grad_output


@dataclass
class Tanh:
    history: list = field(default_factory=list)

    def forward(self, x):
        power = np.exp(-2.0 * np.abs(x))
        self.history.append(np.sign(x) * (1.0 - power) / (1.0 + power))
        return self.history[-1]

    def backward(self, grad_output):
        return (
            grad_output
            / np.cosh(
                np.arctanh(np.clip(self.history[-1], -0.9999999999999999, 0.9999999999999999))
            )
            ** 2
        )


@dataclass
class ReLU:
    history: list = field(default_factory=list)

    def forward(self, x):
        x = np.array(x, dtype=float)
        self.history.append(x)
        return np.amax([x, np.zeros_like(x)], axis=0)

    def backward(self, grad_output):
        return np.select([self.history[-1] > 0], [grad_output], default=0.0)


def softmax(z):
    columns = np.asarray(z, dtype=float).T
    columns = columns - columns.max(axis=0)
    return (np.exp(columns) / np.exp(columns).sum(axis=0)).T


class SoftmaxCrossEntropy:
    def forward(self, logits, labels):
        self.logits, self.labels = np.array(logits, dtype=float), np.array(labels)
        losses = []
        for z, label in zip(self.logits, self.labels, strict=True):
            others = np.delete(z, label) - z[label]
            top = max(0.0, others.max())
            losses.append(top + np.log(np.exp(-top) + np.exp(others - top).sum()))
        return np.float64(np.mean(losses))

    def backward(self):
        n, classes = self.logits.shape
        one_hot = np.equal.outer(self.labels, np.arange(classes))
        return (softmax(self.logits) - one_hot) / n


class MSE:
    def forward(self, prediction, target):
        self.prediction, self.target = np.array(prediction, float), np.array(target, float)
        a, y = self.prediction, self.target
        return float((a * a - 2 * a * y + y * y).mean())

    def backward(self):
        return 2 * self.prediction / self.prediction.size - 2 * self.target / self.target.size


class Sequential:
    def __init__(self, layers):
        self._layers = list(layers)

    @property
    def layers(self):
        return self._layers

    def forward(self, x):
        self.values = [x]
        for layer in self.layers:
            self.values.append(layer.forward(self.values[-1]))
        return self.values[-1]

    def backward(self, grad_output):
        stack = list(self.layers)
        while stack:
            grad_output = stack.pop().backward(grad_output)
        return grad_output

    def parameters(self):
        collected = []
        for layer in self.layers:
            try:
                collected.extend([(layer.W, layer.grad_W), (layer.b, layer.grad_b)])
            except AttributeError:
                continue
        return collected


def two_layer_forward(x, W1, W2):
    u = Sigmoid().forward(W1.T @ np.insert(np.asarray(x, dtype=float), 0, 1.0))
    a = Sigmoid().forward(W2.T @ np.insert(u, 0, 1.0))
    return [u, a]


def mean_risk(X, Y, W1, W2):
    outputs = np.array([two_layer_forward(x, W1, W2)[1] for x in X])
    return np.square(outputs - Y).sum() / len(outputs) / 2.0


def backpropagation_step(x, y, W1, W2, Q, alpha, eta):
    ones = np.ones((1, 1))
    x_column = np.vstack([ones, np.reshape(x, (-1, 1))])
    u, a = two_layer_forward(x, W1, W2)
    u_column = np.vstack([ones, u.reshape(-1, 1)])
    error = (a - y).reshape(-1, 1)
    delta = np.diag(a * (1 - a)) @ error
    hidden = (np.diag(np.append(0.0, u * (1 - u))) @ W2 @ delta)[1:]
    new_W1, new_W2 = W1 - alpha * (x_column @ hidden.T), W2 - alpha * (u_column @ delta.T)
    return new_W1, new_W2, ((1 - eta) * Q + 0.5 * eta * (error.T @ error))[0, 0]
