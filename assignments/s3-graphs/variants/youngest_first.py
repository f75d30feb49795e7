"""A heap hands out the youngest node first; data and grad are properties; views wherever numpy
gives them; the operators are made in a loop."""

import heapq
import operator

import numpy as np


class Node:
    __slots__ = ("_age", "_array", "_grad", "_pulls", "requires_grad")
    __array_ufunc__ = None
    born = 0

    def __init__(self, data, requires_grad=True):
        self._array = np.array(data, dtype=np.float64)
        self._grad = None
        self._pulls = ()
        self.requires_grad = requires_grad
        self._age = Node.born = Node.born + 1

    @property
    def data(self):
        return self._array

    @data.setter
    def data(self, value):
        self._array = np.array(value, dtype=np.float64)

    @property
    def grad(self):
        return self._grad

    def backward(self, grad_output=None):
        if grad_output is None:
            if self._array.size != 1:
                raise ValueError("which number is meant?")
            grad_output = np.ones(self._array.shape)
        pending = {self._age: (self, np.array(grad_output, dtype=np.float64))}
        heap = [-self._age]
        while heap:
            node, grad = pending.pop(-heapq.heappop(heap))
            node._grad = grad
            for operand, pull in node._pulls:
                share = unbroadcast(np.asarray(pull(grad)), operand._array.shape)
                if operand._age not in pending:
                    heapq.heappush(heap, -operand._age)
                    pending[operand._age] = (operand, share)
                else:
                    pending[operand._age] = (operand, pending[operand._age][1] + share)

    def detach(self):
        return constant(self._array)

    def sigmoid(self):
        z = self._array
        t = np.exp(-abs(z))
        return grown(
            np.where(z < 0, t, 1.0) / (1 + t), (self, lambda g: g * (t / (1 + t) / (1 + t)))
        )

    def exp(self):
        y = np.exp(self._array)
        return grown(y, (self, y.__mul__))

    def log(self):
        return grown(np.log(self._array), (self, lambda g, z=self._array: g / z))

    def relu(self):
        mask = np.sign(np.maximum(self._array, 0.0))
        return grown(mask * self._array, (self, lambda g: mask * g))

    def __getitem__(self, key):
        z = self._array

        def pull(g):
            back = np.zeros(z.shape)
            np.add.at(back, key, g)
            return back

        return grown(z[key], (self, pull))

    def sum(self, axis=None):
        z = self._array
        if axis is None:
            return grown(z.sum(), (self, lambda g: np.broadcast_to(g, z.shape)))
        moved = np.moveaxis(z, axis, 0)
        spread = lambda g: np.moveaxis(np.broadcast_to(g, moved.shape), 0, axis)  # noqa: E731
        return grown(sum(moved), (self, spread))

    def mean(self, axis=None):
        n = self._array.size if axis is None else self._array.shape[axis]
        return self.sum(axis) / n

    def reshape(self, shape):
        z = self._array
        return grown(z.reshape(shape), (self, lambda g: g.reshape(z.shape)))

    def transpose(self, axes=None):
        places = np.arange(self._array.ndim)[::-1] if axes is None else axes
        back = sorted(range(len(places)), key=lambda i: places[i])
        return grown(np.transpose(self._array, places), (self, lambda g: np.transpose(g, back)))

    def __neg__(self):
        return grown(-self._array, (self, operator.neg))

    def __pow__(self, n):
        z = self._array
        return grown(z**n, (self, lambda g: g * (n * z ** (n - 1))))


def constant(x):
    return Node(x, requires_grad=False)


def grown(value, *pulls):
    """A node without a copy of its value."""
    node = Node(0.0)
    node._array = np.asarray(value)
    node._pulls = [(operand, pull) for operand, pull in pulls if operand.requires_grad]
    node.requires_grad = len(node._pulls) > 0
    return node


PAIRS = {
    "add": (lambda g, a, b: g, lambda g, a, b: g),
    "sub": (lambda g, a, b: g, lambda g, a, b: -g),
    "mul": (lambda g, a, b: g * b, lambda g, a, b: a * g),
    "truediv": (lambda g, a, b: g / b, lambda g, a, b: -a * g / b**2),
    "matmul": (lambda g, a, b: g @ b.T, lambda g, a, b: a.T @ g),
}


def binary(name, first, second):
    compute = getattr(operator, name)

    def forward(p, q):
        a, b = p._array, q._array
        return grown(compute(a, b), (p, lambda g: first(g, a, b)), (q, lambda g: second(g, a, b)))

    def direct(p, q):
        return forward(p, q if isinstance(q, Node) else constant(q))

    def reflected(p, q):
        return forward(constant(q), p)

    setattr(Node, f"__{name}__", direct)
    setattr(Node, f"__r{name}__", reflected)


for name, (first, second) in PAIRS.items():
    binary(name, first, second)


def unbroadcast(grad, shape):
    source = np.broadcast_to(np.arange(np.prod(shape, dtype=int)).reshape(shape), grad.shape)
    sums = np.bincount(source.ravel(), weights=grad.ravel(), minlength=int(np.prod(shape)))
    return sums.reshape(shape)


def horner(x, coefficients):
    y = constant(coefficients[0])
    for c in coefficients[1:]:
        y *= x
        y += c
    return y


def gradient_norms(x, weights, activation):
    trail = [Node(x)]
    for W in weights:
        trail.append(getattr(Node, activation)(trail[-1] @ W))
    (trail[-1].sum() * 1.0).backward()
    return tuple(np.sum(h.grad**2) ** 0.5 for h in trail)
