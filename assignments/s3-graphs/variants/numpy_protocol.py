"""Nodes speak numpy's own protocol: a table of rules by ufunc; scalars stay numpy scalars."""

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

RULES = {
    np.add: [lambda g, y, a, b: g, lambda g, y, a, b: g],
    np.subtract: [lambda g, y, a, b: g, lambda g, y, a, b: -g],
    np.multiply: [lambda g, y, a, b: g * b, lambda g, y, a, b: g * a],
    np.true_divide: [lambda g, y, a, b: g / b, lambda g, y, a, b: -g * y / b],
    np.matmul: [lambda g, y, a, b: np.inner(g, b), lambda g, y, a, b: np.inner(a.T, g.T)],
    np.power: [lambda g, y, a, n: g * n * a ** (n - 1)],
    np.negative: [lambda g, y, a: -g],
    np.exp: [lambda g, y, a: g * y],
    np.log: [lambda g, y, a: g / a],
    np.maximum: [lambda g, y, a, zero: np.where(a > zero, g, 0.0)],
}


class Node(NDArrayOperatorsMixin):
    __hash__ = object.__hash__

    def __init__(self, data, requires_grad=True):
        self.data = np.array(data, dtype=float)[()]
        self.requires_grad = requires_grad
        self.grad = None
        self.history = None

    def __array_ufunc__(self, ufunc, method, *inputs, **settings):
        if method != "__call__" or settings or ufunc not in RULES:
            return NotImplemented
        values = [x.data if isinstance(x, Node) else np.asarray(x, float)[()] for x in inputs]
        y = ufunc(*values)
        history = [
            (x, self.pull(rule, y, values, np.shape(x.data)))
            for x, rule in zip(inputs, RULES[ufunc], strict=False)
            if isinstance(x, Node)
        ]
        return from_history(y, history)

    @staticmethod
    def pull(rule, y, values, shape):
        return lambda g: unbroadcast(np.asarray(rule(g, y, *values)), shape)

    def method(self, value, pull):
        return from_history(value, [(self, pull)])

    def exp(self):
        return np.exp(self)

    def log(self):
        return np.log(self)

    def relu(self):
        return np.maximum(self, 0.0)

    def sigmoid(self):
        half = np.cosh(np.clip(0.5 * self.data, -370.0, 370.0))
        small = np.exp(-np.abs(self.data))
        value = 1.0 / (1.0 + small)
        value = np.where(np.signbit(self.data), 1.0 - value, value)
        return self.method(value, lambda g: g / 4.0 / half / half)

    def sum(self, axis=None):
        shape = np.shape(self.data)

        def pull(g):
            if axis is None:
                return np.full(shape, g)
            return np.repeat(np.expand_dims(g, axis), shape[axis], axis)

        return self.method(np.sum(self.data, axis=axis), pull)

    def mean(self, axis=None):
        value = np.mean(self.data, axis=axis)
        share = self.sum(axis).history
        scale = np.size(value) / np.size(self.data)
        return from_history(value, [(x, lambda g, f=f: f(g) * scale) for x, f in share or []])

    def reshape(self, shape):
        before = np.shape(self.data)
        return self.method(np.reshape(self.data, shape), lambda g: np.reshape(g, before))

    def transpose(self, axes=None):
        def pull(g):
            if axes is None:
                return np.transpose(g)
            result = np.empty(np.shape(self.data))
            np.transpose(result, axes)[...] = g
            return result

        return self.method(np.transpose(self.data, axes), pull)

    def __getitem__(self, key):
        def pull(g):
            result = np.zeros(np.shape(self.data))
            np.add.at(result, key, g)
            return result

        return self.method(self.data[key], pull)

    def detach(self):
        return Node(self.data, requires_grad=False)

    def backward(self, grad_output=None):
        if grad_output is None:
            if np.ndim(self.data) > 0:
                raise ValueError("not a scalar")
            grad_output = np.float64(1)
        ordered = list(parents_last(self))
        for node in ordered:
            node.grad = np.zeros(np.shape(node.data))[()]
        self.grad = np.array(grad_output, dtype=float)[()]
        for node in ordered:
            for operand, pull in node.history or ():
                operand.grad = operand.grad + pull(node.grad)


def from_history(value, history):
    history = [(x, pull) for x, pull in history if x.requires_grad]
    node = Node(value, requires_grad=bool(history))
    node.history = history or None
    return node


def parents_last(root):
    """A generator of the nodes, root first, each after all nodes that use it."""
    finished, entered = [], {root}
    walks = [(root, iter(root.history or ()))]
    while walks:
        node, operands = walks[-1]
        for operand, _ in operands:
            if operand not in entered:
                entered.add(operand)
                walks.append((operand, iter(operand.history or ())))
                break
        else:
            walks.pop()
            finished.append(node)
    return reversed(finished)


def unbroadcast(grad, shape):
    lacking = np.ndim(grad) - len(shape)
    view = grad.reshape((-1, *np.shape(grad)[lacking:])) if lacking else grad[None]
    total = view.sum(0)
    for axis in range(len(shape)):
        if shape[axis] == 1:
            total = total.sum(axis, keepdims=True)
    return total[()]


def horner(x, coefficients):
    y = coefficients[0] * x + coefficients[1]
    for k in range(2, len(coefficients)):
        y = coefficients[k] + x * y
    return y


def gradient_norms(x, weights, activation):
    h, layers = Node(x), []
    for W in weights:
        layers.append(h)
        h = {"relu": Node.relu, "sigmoid": Node.sigmoid}[activation](h @ W)
    layers.append(h)
    h.sum().backward()
    return np.array([np.linalg.norm(np.ravel(layer.grad)) for layer in layers])
