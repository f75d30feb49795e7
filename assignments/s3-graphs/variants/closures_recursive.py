"""Each node carries a closure that adds to its operands' gradients; the search is recursive."""

import sys

import numpy as np

sys.setrecursionlimit(100_000)


def unbroadcast(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(0)
    for axis, length in enumerate(shape):
        if length == 1:
            grad = grad.sum(axis, keepdims=True)
    return grad


class Node:
    __array_priority__ = 1000

    def __init__(self, data, requires_grad=True, _prev=(), _op="leaf"):
        self.data = np.array(data, dtype=np.float64)
        self.grad = None
        self.requires_grad = requires_grad
        self._prev = _prev
        self._op = _op
        self._backward = lambda: None

    def __repr__(self):
        return f"Node({self.data}, op={self._op})"

    @staticmethod
    def lift(other):
        if isinstance(other, Node):
            return other
        return Node(other, requires_grad=False)

    @classmethod
    def make(cls, data, operands, op, *rules):
        needed = any(operand.requires_grad for operand in operands)
        out = cls(data, needed, tuple(operands) if needed else (), op)

        def _backward():
            for operand, rule in zip(operands, rules, strict=True):
                if operand.requires_grad:
                    operand.grad = operand.grad + unbroadcast(rule(out.grad), operand.data.shape)

        if needed:
            out._backward = _backward
        return out

    def __add__(self, other):
        other = Node.lift(other)
        return Node.make(self.data + other.data, [self, other], "+", np.array, np.array)

    def __mul__(self, other):
        other = Node.lift(other)
        a, b = self.data, other.data
        return Node.make(a * b, [self, other], "*", lambda g: g * b, lambda g: g * a)

    def __pow__(self, n):
        a = self.data
        return Node.make(a**n, [self], f"**{n}", lambda g: n * a ** (n - 1) * g)

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -Node.lift(other)

    def __truediv__(self, other):
        return self * Node.lift(other) ** -1

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other):
        return Node.lift(other) - self

    def __rtruediv__(self, other):
        return Node.lift(other) / self

    def __matmul__(self, other):
        other = Node.lift(other)
        a, b = self.data, other.data
        return Node.make(
            a.dot(b), [self, other], "@", lambda g: g.dot(b.transpose()), lambda g: a.T.dot(g)
        )

    def __rmatmul__(self, other):
        return Node.lift(other) @ self

    def __getitem__(self, key):
        def rule(g):
            numbers = np.arange(self.data.size).reshape(self.data.shape)[key]
            flat = np.bincount(numbers.ravel(), weights=np.ravel(g), minlength=self.data.size)
            return flat.reshape(self.data.shape)

        return Node.make(self.data[key], [self], "[]", rule)

    def exp(self):
        e = np.exp(self.data)
        return Node.make(e, [self], "exp", lambda g: g * e)

    def log(self):
        a = self.data
        return Node.make(np.log(a), [self], "log", lambda g: g / a)

    def relu(self):
        gate = self.data > 0
        return Node.make(
            np.where(gate, self.data, 0.0), [self], "relu", lambda g: np.where(gate, g, 0)
        )

    def sigmoid(self):
        def stable(z):
            positive = z >= 0
            e = np.exp(np.where(positive, -z, z))
            return np.where(positive, 1 / (1 + e), e / (1 + e))

        s, complement = stable(self.data), stable(-self.data)
        return Node.make(s, [self], "sigmoid", lambda g: g * s * complement)

    def sum(self, axis=None):
        shape = self.data.shape

        def rule(g):
            return np.ones(shape) * (g if axis is None else np.expand_dims(g, axis))

        return Node.make(np.sum(self.data, axis), [self], "sum", rule)

    def mean(self, axis=None):
        count = self.data.size if axis is None else self.data.shape[axis]
        return self.sum(axis) * (1.0 / count)

    def reshape(self, shape):
        old = self.data.shape
        return Node.make(
            np.reshape(self.data, shape), [self], "reshape", lambda g: np.reshape(g, old)
        )

    def transpose(self, axes=None):
        if axes is None:
            axes = tuple(range(self.data.ndim))[::-1]
        inverse = [axes.index(i) for i in range(len(axes))]
        return Node.make(
            np.transpose(self.data, axes), [self], "transpose", lambda g: np.transpose(g, inverse)
        )

    def detach(self):
        return Node(self.data, False)

    def backward(self, grad_output=None):
        if grad_output is None:
            if self.data.size > 1:
                raise ValueError("backward() needs a scalar")
            grad_output = np.ones_like(self.data)
        topo, visited = [], set()

        def build(v):
            if v not in visited:
                visited.add(v)
                for child in v._prev:
                    build(child)
                topo.append(v)

        build(self)
        for v in topo:
            if v.requires_grad:
                v.grad = np.zeros_like(v.data)
        self.grad = np.array(grad_output, dtype=float)
        for v in reversed(topo):
            v._backward()


def horner(x, coefficients):
    total = Node(np.zeros(x.data.shape), requires_grad=False)
    for c in coefficients:
        total = total * x + c
    return total


def gradient_norms(x, weights, activation):
    h = [Node(x)]
    for W in weights:
        z = h[-1] @ Node(W)
        h.append(z.relu() if activation == "relu" else z.sigmoid())
    h[-1].sum().backward()
    return [float(np.sqrt((node.grad**2).sum())) for node in h]
