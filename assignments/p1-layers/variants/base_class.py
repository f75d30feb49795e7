"""A base class, parameters in dictionaries behind properties, elementwise layers by subclassing."""

from functools import reduce

import numpy as np


class Layer:
    def __init__(self):
        self.values, self.gradients, self.saved = {}, {}, None

    def __call__(self, x):
        return self.forward(x)

    def pairs(self):
        return [(value, self.gradients[name]) for name, value in self.values.items()]


def parameter(name):
    def read(self):
        return self.values[name]

    def write(self, value):
        self.values[name] = np.asarray(value, dtype=float)

    return property(read, write)


def gradient(name):
    return property(lambda self: self.gradients[name])


class Linear(Layer):
    W, b = parameter("W"), parameter("b")
    grad_W, grad_b = gradient("W"), gradient("b")  # noqa: N815

    def __init__(self, d_in, d_out, rng=None):
        super().__init__()
        if not isinstance(rng, np.random.Generator):
            rng = np.random.default_rng(rng)
        self.W = rng.normal(scale=d_in**-0.5, size=(d_in, d_out))
        self.b = np.zeros(d_out)

    def forward(self, x):
        self.saved = np.array(x)
        return self.saved.dot(self.W) + self.b

    def backward(self, grad_output):
        self.gradients["W"] = grad_output.T.dot(self.saved).T
        self.gradients["b"] = np.ones(len(grad_output)) @ grad_output
        return self.W.dot(grad_output.T).T


class Elementwise(Layer):
    def forward(self, x):
        value, self.saved = self.value_and_slope(np.asarray(x, dtype=float))
        return value

    def backward(self, grad_output):
        return np.multiply(self.saved, grad_output)


class Sigmoid(Elementwise):
    def value_and_slope(self, x):
        y = np.empty(x.shape)
        positive = x >= 0
        y[positive] = 1.0 / (1.0 + np.exp(-x[positive]))
        power = np.exp(x[~positive])
        y[~positive] = power / (1.0 + power)
        return y, y - y**2


class Tanh(Elementwise):
    def value_and_slope(self, x):
        y = 2.0 * Sigmoid().forward(2.0 * x) - 1.0
        return y, (1.0 - y) * (1.0 + y)


class ReLU(Elementwise):
    def value_and_slope(self, x):
        slope = np.heaviside(x, 0.0)
        y = x.copy()
        y[slope == 0.0] = 0.0
        return y, slope


class Softmax(Layer):
    def forward(self, x):
        x = np.asarray(x, dtype=float)
        self.saved = np.exp((x.T - x.max(axis=1)).T)
        self.saved = (self.saved.T / self.saved.sum(axis=1)).T
        return self.saved


def softmax(z):
    return Softmax()(z)


class SoftmaxCrossEntropy(Layer):
    def forward(self, logits, labels):
        logits = np.asarray(logits, dtype=float)
        self.saved = softmax(logits), list(labels)
        margins = logits - np.take_along_axis(logits, np.asarray(labels)[:, None], axis=1)
        return np.logaddexp.reduce(margins, axis=1).mean()

    def backward(self):
        p, labels = self.saved
        one_hot = np.zeros(p.shape)
        for row, label in zip(one_hot, labels, strict=True):
            row[label] = 1.0
        return np.subtract(p, one_hot) / len(labels)


class MSE(Layer):
    def forward(self, prediction, target):
        self.saved = np.subtract(prediction, target, dtype=float)
        return np.average(self.saved**2)

    def backward(self):
        return self.saved / (0.5 * self.saved.size)


class Sequential(Layer):
    def __init__(self, layers):
        super().__init__()
        self.layers = list(layers)

    def forward(self, x):
        return reduce(lambda value, layer: layer(value), self.layers, x)

    def backward(self, grad_output):
        return reduce(lambda value, layer: layer.backward(value), self.layers[::-1], grad_output)

    def pairs(self):
        return [pair for layer in self.layers for pair in layer.pairs()]

    def parameters(self):
        return self.pairs()


class TwoLayers:
    """The network of q8 made of the layers above, with the bias rows split off."""

    def __init__(self, W1, W2):
        self.hidden, self.output = Linear(1, 1), Linear(1, 1)
        for layer, W in ((self.hidden, W1), (self.output, W2)):
            layer.W, layer.b = W[1:], W[0]
        self.sigmoids = Sigmoid(), Sigmoid()
        self.chain = Sequential([self.hidden, self.sigmoids[0], self.output, self.sigmoids[1]])

    def forward(self, x):
        u = self.sigmoids[0](self.hidden(np.atleast_2d(x)))
        return u[0], self.chain(np.atleast_2d(x))[0]

    def stepped(self, alpha):
        return tuple(
            np.concatenate([[layer.b], layer.W])
            - alpha * np.concatenate([[layer.grad_b], layer.grad_W])
            for layer in (self.hidden, self.output)
        )


def two_layer_forward(x, W1, W2):
    return TwoLayers(W1, W2).forward(x)


def mean_risk(X, Y, W1, W2):
    A = TwoLayers(W1, W2).chain(X)
    return 0.5 * np.square(A - Y).sum(axis=1).mean()


def backpropagation_step(x, y, W1, W2, Q, alpha, eta):
    network = TwoLayers(W1, W2)
    _, a = network.forward(x)
    network.chain.backward((a - y)[None, :])
    Q = np.dot([1 - eta, eta], [Q, 0.5 * np.sum((a - y) ** 2)])
    return *network.stepped(alpha), Q
