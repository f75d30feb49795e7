"""A class per operation; backward counts the uses of each node and works when none is pending."""

from collections import Counter, deque
from dataclasses import dataclass, field

import numpy as np


class Operation:
    def __init__(self, *operands):
        self.operands = operands

    def __call__(self):
        value = self.forward(*(operand.data for operand in self.operands))
        return Node(value, any(o.requires_grad for o in self.operands), self)

    def used(self):
        return [operand for operand in self.operands if operand.requires_grad]


@dataclass(eq=False)
class Node:
    data: np.ndarray
    requires_grad: bool = True
    made_by: Operation | None = None
    grad: np.ndarray | None = field(default=None, repr=False)

    __array_ufunc__ = None

    def __post_init__(self):
        self.data = np.array(self.data, dtype="float64")

    def operands(self):
        return self.made_by.used() if self.made_by else []

    def backward(self, grad_output=None):
        if grad_output is None and self.data.shape:
            raise ValueError("only a single number can be differentiated")
        uses, waiting, seen = Counter(), [self], {id(self)}
        while waiting:
            for operand in waiting.pop().operands():
                uses[id(operand)] += 1
                if id(operand) not in seen:
                    seen.add(id(operand))
                    operand.grad = None
                    waiting.append(operand)
        seed = 1.0 if grad_output is None else grad_output
        self.grad = np.array(np.broadcast_to(seed, self.data.shape), dtype="float64")
        ready = deque([self])
        while ready:
            node = ready.popleft()
            if node.made_by is None:
                continue
            shares = node.made_by.backward(node.grad)
            for operand, share in zip(node.made_by.operands, shares, strict=True):
                if not operand.requires_grad:
                    continue
                share = unbroadcast(np.asarray(share), operand.data.shape)
                if operand.grad is None:
                    operand.grad = share.copy()
                else:
                    operand.grad += share
                uses[id(operand)] -= 1
                if uses[id(operand)] == 0:
                    ready.append(operand)

    def __add__(self, other):
        return Add(self, node(other))()

    def __radd__(self, other):
        return Add(node(other), self)()

    def __sub__(self, other):
        return Subtract(self, node(other))()

    def __rsub__(self, other):
        return Subtract(node(other), self)()

    def __mul__(self, other):
        return Multiply(self, node(other))()

    def __rmul__(self, other):
        return Multiply(node(other), self)()

    def __truediv__(self, other):
        return Divide(self, node(other))()

    def __rtruediv__(self, other):
        return Divide(node(other), self)()

    def __matmul__(self, other):
        return MatMul(self, node(other))()

    def __rmatmul__(self, other):
        return MatMul(node(other), self)()

    def __neg__(self):
        return 0.0 - self

    def __pow__(self, n):
        return Power(self, n)()

    def __getitem__(self, key):
        return Index(self, key)()

    def exp(self):
        return Exp(self)()

    def log(self):
        return Log(self)()

    def relu(self):
        return ReLU(self)()

    def sigmoid(self):
        return Sigmoid(self)()

    def sum(self, axis=None):
        return Sum(self, axis)()

    def mean(self, axis=None):
        return Mean(self, axis)()

    def reshape(self, shape):
        return Reshape(self, shape)()

    def transpose(self, axes=None):
        return Transpose(self, axes)()

    def detach(self):
        return Node(self.data.copy(), False)


def node(x):
    return x if type(x) is Node else Node(x, False)


def unbroadcast(grad, shape):
    if grad.shape == tuple(shape):
        return grad
    if grad.ndim > len(shape):
        return unbroadcast(np.add.reduce(grad, 0), shape)
    axis = next(i for i, n in enumerate(shape) if n != grad.shape[i])
    return unbroadcast(np.add.reduce(grad, axis, keepdims=True), shape)


class Add(Operation):
    def forward(self, a, b):
        return np.add(a, b)

    def backward(self, g):
        return g, g


class Subtract(Operation):
    def forward(self, a, b):
        return np.subtract(a, b)

    def backward(self, g):
        return g, np.negative(g)


class Multiply(Operation):
    def forward(self, a, b):
        self.a, self.b = a, b
        return np.multiply(a, b)

    def backward(self, g):
        return np.multiply(g, self.b), np.multiply(g, self.a)


class Divide(Operation):
    def forward(self, a, b):
        self.b, self.ratio = b, np.divide(a, b)
        return self.ratio

    def backward(self, g):
        share = np.divide(g, self.b)
        return share, -share * self.ratio


class MatMul(Operation):
    def forward(self, a, b):
        self.a, self.b = a, b
        return np.dot(a, b)

    def backward(self, g):
        return np.dot(self.b, g.T).T, np.dot(g.T, self.a).T


class WithSetting(Operation):
    def __init__(self, operand, setting):
        super().__init__(operand)
        self.setting = setting


class Power(WithSetting):
    def forward(self, a):
        self.a = a
        return a**self.setting

    def backward(self, g):
        return (self.setting * self.a ** (self.setting - 1.0) * g,)


class Index(WithSetting):
    def forward(self, a):
        self.shape = a.shape
        return a[self.setting]

    def backward(self, g):
        total = np.zeros(self.shape)
        where = np.arange(total.size).reshape(self.shape)[self.setting]
        for number, value in zip(np.ravel(where), np.ravel(g), strict=True):
            total.flat[number] += value
        return (total,)


class Exp(Operation):
    def forward(self, a):
        self.y = np.exp(a)
        return self.y

    def backward(self, g):
        return (g * self.y,)


class Log(Operation):
    def forward(self, a):
        self.slope = 1.0 / a
        return np.log(a)

    def backward(self, g):
        return (g * self.slope,)


class ReLU(Operation):
    def forward(self, a):
        self.dead = a <= 0
        y = a.copy()
        y[self.dead] = 0.0
        return y

    def backward(self, g):
        g = g.copy()
        g[self.dead] = 0.0
        return (g,)


class Sigmoid(Operation):
    def forward(self, a):
        self.a = a
        return 0.5 + 0.5 * np.tanh(0.5 * a)

    def backward(self, g):
        half = np.exp(-0.5 * np.abs(self.a))
        return (g * np.square(half / (1.0 + half * half)),)


class Sum(WithSetting):
    def forward(self, a):
        self.shape = a.shape
        return a.sum(axis=self.setting)

    def backward(self, g):
        if self.setting is not None:
            shape = list(self.shape)
            shape[self.setting] = 1
            g = g.reshape(shape)
        return (np.broadcast_to(g, self.shape),)


class Mean(Sum):
    def forward(self, a):
        total = super().forward(a)
        self.count = a.size / np.size(total)
        return total / self.count

    def backward(self, g):
        return super().backward(g / self.count)


class Reshape(WithSetting):
    def forward(self, a):
        self.shape = a.shape
        return a.reshape(self.setting)

    def backward(self, g):
        return (g.reshape(self.shape),)


class Transpose(WithSetting):
    def forward(self, a):
        self.axes = range(a.ndim)[::-1] if self.setting is None else self.setting
        return a.transpose(tuple(self.axes))

    def backward(self, g):
        return (np.moveaxis(g, range(g.ndim), self.axes),)


def horner(x, coefficients):
    coefficients = list(coefficients)
    y = node(coefficients.pop(0))
    while coefficients:
        y = x * y + coefficients.pop(0)
    return y


def gradient_norms(x, weights, activation):
    step = {"relu": Node.relu, "sigmoid": Node.sigmoid}[activation]
    layers = [Node(x)]
    for W in weights:
        layers += [step(layers[-1] @ Node(W, False))]
    Sum(layers[-1], None)().backward()
    return np.array([np.sqrt(np.einsum("nd,nd", h.grad, h.grad)) for h in layers])
