"""Few primitives (a linear map of the differentials), everything else composed from them."""

import numpy as np
from numpy import float64, ndarray


class Graph:
    """The order of the walk, found by the heights of the nodes: longer ways come first."""

    def __init__(self, root):
        self.root = root
        found, fringe = {id(root): root}, [root]
        while fringe:
            fringe = [p for node in fringe for p in node.parents if not found.get(id(p))]
            found |= {id(p): p for p in fringe}
            fringe = list({id(p): p for p in fringe}.values())
        self.nodes = sorted(found.values(), key=lambda node: -node.height)


class Node:
    __array_priority__ = 10.0

    def __init__(self, data, requires_grad=True):
        if isinstance(data, Node):
            data = data.data
        self.data: ndarray = np.array(data).astype(float64)
        self.requires_grad = requires_grad
        self.parents: list[Node] = []
        self.transposed_maps: list = []
        self.height = 0
        self.grad = None

    @staticmethod
    def of(value, *links):
        links = [link for link in links if link[0].requires_grad]
        self = Node(value, bool(links))
        self.parents = [parent for parent, _ in links]
        self.transposed_maps = [function for _, function in links]
        self.height = 1 + max((parent.height for parent in self.parents), default=0)
        return self

    def backward(self, grad_output=None):
        if grad_output is None and self.data.shape != ():
            raise ValueError("give grad_output")
        graph = Graph(self)
        sums = {id(node): [] for node in graph.nodes}
        sums[id(self)].append(np.array(1.0 if grad_output is None else grad_output, dtype=float))
        for node in graph.nodes:
            node.grad = np.sum(sums[id(node)], axis=0, dtype=float)
            for parent, function in zip(node.parents, node.transposed_maps, strict=True):
                sums[id(parent)].append(function(node.grad))

    def stretch(self, shape):
        if self.data.shape == shape:
            return self
        size = self.data.shape
        value = np.broadcast_to(self.data, shape)
        return Node.of(value, (self, lambda g: unbroadcast(g, size)))

    def pointwise(self, value, slope):
        return Node.of(value, (self, lambda g: np.multiply(slope, g)))

    def __add__(self, other):
        a, b = stretched(self, other)
        return Node.of(a.data + b.data, (a, np.copy), (b, np.copy))

    def __mul__(self, other):
        a, b = stretched(self, other)
        x, y = a.data, b.data
        return Node.of(x * y, (a, lambda g: g * y), (b, lambda g: g * x))

    def __neg__(self):
        return -1.0 * self

    def __sub__(self, other):
        return self + (-1.0) * as_node(other)

    def __rsub__(self, other):
        return (-self) + other

    def __truediv__(self, other):
        return self * as_node(other).inverse()

    def __rtruediv__(self, other):
        return self.inverse() * other

    __radd__, __rmul__ = __add__, __mul__

    def inverse(self):
        return self.pointwise(1.0 / self.data, -1.0 / self.data**2)

    def __pow__(self, n):
        return self.pointwise(self.data**n, n * self.data ** (n - 1))

    def exp(self):
        return self.pointwise(np.exp(self.data), np.exp(self.data))

    def log(self):
        return self.pointwise(np.log(self.data), 1.0 / self.data)

    def relu(self):
        return self.pointwise(np.fmax(self.data, 0.0), (self.data > 0).astype(float))

    def sigmoid(self):
        e = np.exp(-np.abs(self.data))
        s = 1.0 / (1.0 + e)
        return self.pointwise(np.where(self.data > 0, s, e * s), e * s * s)

    def picked(self, numbers):
        """The entries with these numbers; reshape, transpose and indices are all of this kind."""
        source = self.data

        def scattered(g):
            back = np.zeros(source.size)
            np.add.at(back, numbers.ravel(), np.ravel(g))
            return back.reshape(source.shape)

        return Node.of(source.ravel()[numbers], (self, scattered))

    def numbers(self):
        return np.arange(self.data.size).reshape(self.data.shape)

    def __getitem__(self, key):
        return self.picked(np.asarray(self.numbers()[key]))

    def reshape(self, shape):
        return self.picked(self.numbers().reshape(shape))

    def transpose(self, axes=None):
        return self.picked(self.numbers().transpose(axes))

    def sum(self, axis=None):
        flat = self.reshape((1, self.data.size)) if axis is None else self.lined_up(axis)
        ones = np.ones((flat.data.shape[1], 1))
        shape = () if axis is None else tuple(np.delete(self.data.shape, axis))
        return (flat @ ones).reshape(shape)

    def lined_up(self, axis):
        numbers = np.moveaxis(self.numbers(), axis, -1)
        return self.picked(numbers.reshape(-1, self.data.shape[axis]))

    def mean(self, axis=None):
        total = self.sum(axis)
        return total * (total.data.size / self.data.size)

    def __matmul__(self, other):
        return product(self, as_node(other))

    def __rmatmul__(self, other):
        return product(as_node(other), self)

    def detach(self):
        return Node(self.data, requires_grad=False)


def product(a, b):
    x, y = a.data, b.data
    return Node.of(
        np.tensordot(x, y, 1),
        (a, lambda g: np.tensordot(g, y, ((1,), (1,)))),
        (b, lambda g: np.tensordot(x, g, ((0,), (0,)))),
    )


def as_node(x):
    return x if isinstance(x, Node) else Node(x, requires_grad=False)


def stretched(a, b):
    a, b = as_node(a), as_node(b)
    shape = np.broadcast_shapes(a.data.shape, b.data.shape)
    return a.stretch(shape), b.stretch(shape)


def unbroadcast(grad, shape):
    shape = tuple(shape)
    extra = len(np.shape(grad)) - len(shape)
    axes = [*range(extra), *(extra + i for i, n in enumerate(shape) if n == 1)]
    return np.asarray(np.sum(grad, axis=tuple(axes))).reshape(shape)


def horner(x, coefficients):
    from functools import reduce

    return reduce(lambda y, c: y * x + c, coefficients)


def gradient_norms(x, weights, activation):
    nodes = [Node(x)]
    for W in weights:
        nodes.append(getattr(nodes[-1] @ W, activation)())
    y = nodes[-1].sum()
    y.backward()
    flat = [h.grad.reshape(-1) for h in nodes]
    return np.asarray([np.hypot.reduce(g) for g in flat])
