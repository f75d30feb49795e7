"""The definitions of the solution of s3-graphs, made by `autograder build`."""

import numpy as np


class Node:
    """A vertex of a computational graph.

    Attributes: data, the value, a float64 array; grad, of the same shape, or None;
    requires_grad, False for constants; edges, a list of pairs (operand, local).
    """

    __array_ufunc__ = None  # makes numpy leave `array + node` to Node.__radd__

    def __init__(self, data, requires_grad=True, edges=()):
        self.data = np.array(data, dtype=float)
        self.grad = None
        self.requires_grad = requires_grad
        self.edges = edges

    def __add__(self, other):
        return add(self, as_node(other))

    def __radd__(self, other):
        return add(as_node(other), self)

    def __sub__(self, other):
        return subtract(self, as_node(other))

    def __rsub__(self, other):
        return subtract(as_node(other), self)

    def __mul__(self, other):
        return multiply(self, as_node(other))

    def __rmul__(self, other):
        return multiply(as_node(other), self)

    def __truediv__(self, other):
        return divide(self, as_node(other))

    def __rtruediv__(self, other):
        return divide(as_node(other), self)

    def __matmul__(self, other):
        return matmul(self, as_node(other))

    def __rmatmul__(self, other):
        return matmul(as_node(other), self)

    def __neg__(self):
        return negative(self)

    def __pow__(self, n):
        return power(self, n)

    def __getitem__(self, key):
        return index(self, key)

    def exp(self):
        return exp(self)

    def log(self):
        return log(self)

    def relu(self):
        return relu(self)

    def sigmoid(self):
        return sigmoid(self)

    def sum(self, axis=None):
        return sum_of(self, axis)

    def mean(self, axis=None):
        return mean_of(self, axis)

    def reshape(self, shape):
        return reshape(self, shape)

    def transpose(self, axes=None):
        return transpose(self, axes)

    def detach(self):
        return detach(self)

    def backward(self, grad_output=None):
        backward(self, grad_output)


def as_node(x):
    """The node itself; of a number or an array, a constant node."""
    return x if isinstance(x, Node) else Node(x, requires_grad=False)


def result(value, *edges):
    """The node that an operation returns; edges to constants are dropped."""
    edges = [(operand, local) for operand, local in edges if operand.requires_grad]
    return Node(value, bool(edges), edges)


def add(a, b):
    """Nodes a, b -> the node a + b."""
    return result(a.data + b.data, (a, lambda g: g), (b, lambda g: g))


def subtract(a, b):
    """Nodes a, b -> the node a - b."""
    return result(a.data - b.data, (a, lambda g: g), (b, lambda g: -g))


def multiply(a, b):
    """Nodes a, b -> the node a * b."""
    return result(a.data * b.data, (a, lambda g: g * b.data), (b, lambda g: g * a.data))


def divide(a, b):
    """Nodes a, b -> the node a / b."""
    value = a.data / b.data
    return result(value, (a, lambda g: g / b.data), (b, lambda g: -g * value / b.data))


def negative(a):
    """Node a -> the node -a."""
    return result(-a.data, (a, lambda g: -g))


def power(a, n):
    """Node a, a plain number n -> the node a ** n."""
    return result(a.data**n, (a, lambda g: g * n * a.data ** (n - 1)))


def unbroadcast(grad, shape):
    """grad, an array of a shape to which numpy broadcasts `shape` -> its sums, of that `shape`.

    The given array stays as it is. With nothing to sum, the values come back unchanged.
    """
    added = grad.ndim - len(shape)
    grad = grad.sum(axis=tuple(range(added)))
    stretched = [axis for axis, length in enumerate(shape) if length == 1]
    return grad.sum(axis=tuple(stretched), keepdims=True)


def topological_order(root):
    """All nodes that root was computed from, and root: a list, each once, operands first."""
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((operand, False) for operand, _ in node.edges)
    return order


def horner(x, coefficients):
    """The polynomial of the node x, elementwise, as a node.

    coefficients: a list of at least two numbers, that of the highest power first.
    """
    y = coefficients[0]
    for c in coefficients[1:]:
        y = y * x + c
    return y


def backward(root, grad_output):
    """Set the grad of root and of all nodes that it was computed from.

    grad_output: the gradient by root, of its shape, or None if root is one number.
    Raises ValueError if it is None otherwise.
    """
    if grad_output is None:
        if root.data.shape != ():
            raise ValueError(f"backward of shape {root.data.shape} needs grad_output")
        grad_output = 1.0
    order = topological_order(root)
    for node in order:
        node.grad = np.zeros(node.data.shape)
    root.grad = root.grad + grad_output
    for node in reversed(order):
        for operand, local in node.edges:
            operand.grad = operand.grad + unbroadcast(local(node.grad), operand.data.shape)


def detach(a):
    """Node a -> a new constant node of the same value."""
    return Node(a.data, requires_grad=False)


def exp(a):
    """Node a -> the node of its exponentials."""
    value = np.exp(a.data)
    return result(value, (a, lambda g: g * value))


def log(a):
    """Node a, positive -> the node of its natural logarithms."""
    return result(np.log(a.data), (a, lambda g: g / a.data))


def relu(a):
    """Node a -> the node max(0, a); the derivative at 0 is 0."""
    return result(np.maximum(a.data, 0.0), (a, lambda g: g * (a.data > 0)))


def sigmoid(a):
    """Node a -> the node σ(a), with the relative precision of σ′ kept (agreement 9)."""
    t = np.exp(-np.abs(a.data))
    value = np.where(a.data >= 0, 1.0, t) / (1.0 + t)
    return result(value, (a, lambda g: g * t / (1.0 + t) ** 2))


def matmul(a, b):
    """Nodes a (N, D), b (D, K) -> the node a @ b (N, K)."""
    return result(a.data @ b.data, (a, lambda g: g @ b.data.T), (b, lambda g: a.data.T @ g))


def sum_of(a, axis):
    """Node a -> the node of its sum over all entries (None), or over one axis, which vanishes."""

    def local(g):
        if axis is not None:
            g = np.expand_dims(g, axis)
        return np.broadcast_to(g, a.data.shape)

    return result(a.data.sum(axis=axis), (a, local))


def mean_of(a, axis):
    """Node a -> the node of its mean over all entries (None), or over one axis, which vanishes."""
    total = sum_of(a, axis)
    return total / (a.data.size / total.data.size)


def reshape(a, shape):
    """Node a, a tuple -> the node of the same entries in this shape."""
    return result(a.data.reshape(shape), (a, lambda g: g.reshape(a.data.shape)))


def transpose(a, axes):
    """Node a -> the node with its axes reversed (None) or permuted (a tuple)."""
    inverse = None if axes is None else np.argsort(axes)
    return result(a.data.transpose(axes), (a, lambda g: g.transpose(inverse)))


def index(a, key):
    """Node a, an index as numpy takes it -> the node a[key]."""

    def local(g):
        share = np.zeros(a.data.shape)
        np.add.at(share, key, g)
        return share

    return result(a.data[key], (a, local))


def gradient_norms(x, weights, activation):
    """The norms of ∂y/∂h_k for k = 0 … L, an array of shape (L + 1,).

    x: an array (N, D); weights: a list of L arrays W_k, each of the shape (width before, width
    after); activation: "sigmoid" or "relu", the name of the method of Node to apply.
    """
    layers = [Node(x)]
    for W in weights:
        layers.append(getattr(layers[-1] @ W, activation)())
    layers[-1].sum().backward()
    return np.array([np.linalg.norm(h.grad) for h in layers])
