"""Seminar 3 with a tape: nodes are numbered as they are made, and an operand always has a lower
number than its result. So the walk back takes the highest number first, from a heap, and needs no
search. No edges: a node keeps its operands and one function that gives all shares at once."""

import heapq
from itertools import count

import numpy as np

_clock = count()


def _binary(operation, swap=False):
    def method(self, other):
        if not isinstance(other, Node):
            other = Node(other, requires_grad=False)
        return operation(other, self) if swap else operation(self, other)

    return method


class Node:
    __slots__ = ("_constant", "_data", "_number", "_operands", "_pull", "grad")
    __array_ufunc__ = None

    def __init__(self, data, requires_grad=True):
        self._data = np.array(data, dtype=float)
        self.grad = None
        self._constant = not requires_grad
        self._number = next(_clock)
        self._operands, self._pull = (), None

    @property
    def data(self):
        return self._data

    @data.setter
    def data(self, value):
        self._data = np.array(value, dtype=float)

    @property
    def requires_grad(self):
        return not self._constant

    @classmethod
    def _made(cls, value, operands, pull):
        """A node with this value; pull(g) gives the tuple of the shares of the operands."""
        node = cls(value, any(not operand._constant for operand in operands))
        if not node._constant:
            node._operands, node._pull = operands, pull
        return node

    # ------------------------------------------------------------ arithmetic

    def add(self, b):
        return Node._made(self.data + b.data, (self, b), lambda g: (g, g))

    def subtract(self, b):
        return Node._made(self.data - b.data, (self, b), lambda g: (g, -g))

    def multiply(self, b):
        x, y = self.data, b.data
        return Node._made(x * y, (self, b), lambda g: (g * y, g * x))

    def divide(self, b):
        x, y = self.data, b.data
        return Node._made(x / y, (self, b), lambda g: (g / y, -g * (x / y) / y))

    def matmul(self, b):
        x, y = self.data, b.data
        return Node._made(x @ y, (self, b), lambda g: (g @ y.T, (g.T @ x).T))

    __add__, __radd__ = _binary(add), _binary(add, swap=True)
    __sub__, __rsub__ = _binary(subtract), _binary(subtract, swap=True)
    __mul__, __rmul__ = _binary(multiply), _binary(multiply, swap=True)
    __truediv__, __rtruediv__ = _binary(divide), _binary(divide, swap=True)
    __matmul__, __rmatmul__ = _binary(matmul), _binary(matmul, swap=True)

    def __neg__(self):
        return -1.0 * self

    def __pow__(self, n):
        x = self.data
        if n == 0:
            return Node._made(np.ones(x.shape), (self,), lambda g: (np.zeros(x.shape),))
        return Node._made(np.power(x, n), (self,), lambda g: (n * np.power(x, n - 1) * g,))

    # ------------------------------------------------------------ functions

    def exp(self):
        y = np.exp(self.data)
        return Node._made(y, (self,), lambda g: (y * g,))

    def log(self):
        x = self.data
        return Node._made(np.log(x), (self,), lambda g: (g / x,))

    def relu(self):
        on = self.data > 0
        return Node._made(np.where(on, self.data, 0.0), (self,), lambda g: (on * g,))

    def sigmoid(self):
        x = self.data
        t = np.exp(-np.abs(x))
        larger, smaller = 1.0 / (1.0 + t), t / (1.0 + t)  # of sigma(x) and sigma(-x)
        value = np.where(x < 0, smaller, larger)
        return Node._made(value, (self,), lambda g: (g * (larger * smaller),))

    # ------------------------------------------------------------ shapes

    def sum(self, axis=None):
        shape = self.data.shape
        kept = self.data.sum(axis=axis, keepdims=True).shape
        pull = lambda g: (np.reshape(g, kept) + np.zeros(shape),)  # noqa: E731
        return Node._made(self.data.sum(axis=axis), (self,), pull)

    def mean(self, axis=None):
        total = self.sum(axis)
        return total * (total.data.size / self.data.size)

    def reshape(self, shape):
        old = self.data.shape
        return Node._made(self.data.reshape(shape), (self,), lambda g: (g.reshape(old),))

    def transpose(self, axes=None):
        if axes is None:
            return Node._made(self.data.T, (self,), lambda g: (g.T,))
        back = np.argsort([axis % self.data.ndim for axis in axes])
        pull = lambda g: (g.transpose(back),)  # noqa: E731
        return Node._made(self.data.transpose(axes), (self,), pull)

    def __getitem__(self, key):
        x = self.data
        where = np.arange(x.size).reshape(x.shape)[key]  # which entry comes from which

        def pull(g):
            counts = np.bincount(np.ravel(where), weights=np.ravel(g), minlength=x.size)
            return (counts.reshape(x.shape),)

        return Node._made(x[key], (self,), pull)

    def detach(self):
        return Node(self.data, requires_grad=False)

    # ------------------------------------------------------------ the walk back

    def backward(self, grad_output=None):
        if grad_output is None:
            if self.data.shape:
                raise ValueError("backward() of an array needs grad_output")
            grad_output = 1.0
        if self._constant:
            return
        arrived = {self._number: np.array(grad_output, dtype=float)}
        heap = [(-self._number, self)]
        while heap:
            _, node = heapq.heappop(heap)
            node.grad = arrived.pop(node._number)
            if node._pull is None:
                continue
            for operand, share in zip(node._operands, node._pull(node.grad)):
                if operand._constant:
                    continue
                share = unbroadcast(np.asarray(share), operand.data.shape)
                if operand._number in arrived:
                    arrived[operand._number] += share  # a copy of our own, see below
                else:
                    arrived[operand._number] = np.array(share)
                    heapq.heappush(heap, (-operand._number, operand))


add, subtract, multiply, divide = Node.add, Node.subtract, Node.multiply, Node.divide
negative, power, matmul = Node.__neg__, Node.__pow__, Node.matmul
exp, log, relu, sigmoid = Node.exp, Node.log, Node.relu, Node.sigmoid
sum_of, mean_of, reshape, transpose = Node.sum, Node.mean, Node.reshape, Node.transpose
index, detach, backward = Node.__getitem__, Node.detach, Node.backward


def unbroadcast(grad, shape):
    grad = np.array(grad)
    extra = grad.ndim - len(shape)
    grad = grad.sum(axis=tuple(range(extra)))
    ones = tuple(axis for axis, length in enumerate(shape) if length == 1)
    return grad.sum(axis=ones, keepdims=True)


def topological_order(root):
    found, todo = {root._number: root}, [root]
    while todo:
        for operand in todo.pop()._operands:
            if not operand._constant and operand._number not in found:
                found[operand._number] = operand
                todo.append(operand)
    return [found[number] for number in sorted(found)]


def horner(x, coefficients):
    y = coefficients[0] * x + coefficients[1]
    for c in coefficients[2:]:
        y = y * x + c
    return y


def gradient_norms(x, weights, activation):
    def layers():
        h = Node(x)
        yield h
        for W in weights:
            h = getattr(h @ W, activation)()
            yield h

    all_of_them = list(layers())
    all_of_them[-1].sum().backward()
    return np.sqrt([np.sum(h.grad**2) for h in all_of_them])
