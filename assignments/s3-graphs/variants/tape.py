"""A global tape: operations are recorded as they are computed, and replayed backwards."""

import itertools

import numpy as np

TAPE = []
NUMBERS = itertools.count()


class Node:
    __array_ufunc__ = None

    def __init__(self, data, requires_grad=True):
        self.data = np.array(data, float)
        self.grad = None
        self.requires_grad = requires_grad
        self.number = next(NUMBERS)

    def backward(self, grad_output=None):
        if grad_output is None:
            if self.data.ndim:
                raise ValueError(f"a root of shape {self.data.shape} needs a grad_output")
            grad_output = 1.0
        grads = {self.number: np.zeros(self.data.shape) + grad_output}
        self.grad = grads[self.number]
        for out, operands, vjp in reversed(TAPE):
            if out.number not in grads:
                continue
            for operand, share in zip(operands, vjp(grads[out.number]), strict=True):
                if not operand.requires_grad:
                    continue
                share = unbroadcast(np.asarray(share, float), operand.data.shape)
                if operand.number in grads:
                    grads[operand.number] = np.add(grads[operand.number], share)
                else:
                    grads[operand.number] = np.array(share)
                operand.grad = grads[operand.number]

    def detach(self):
        return Node(self.data, requires_grad=False)


def unbroadcast(grad, shape):
    padded = (1,) * (grad.ndim - len(shape)) + tuple(shape)
    axes = tuple(i for i, (n, m) in enumerate(zip(grad.shape, padded, strict=True)) if m == 1 < n)
    return np.sum(grad, axis=axes, keepdims=True).reshape(shape)


def operation(name, arity=1, swapped=None):
    """Make a method of Node from a function of arrays that returns a value and its vjp."""

    def decorate(rule):
        def apply(*args, **settings):
            nodes = [a if isinstance(a, Node) else Node(a, False) for a in args[:arity]]
            value, vjp = rule(*(node.data for node in nodes), *args[arity:], **settings)
            out = Node(value, any(node.requires_grad for node in nodes))
            if out.requires_grad:
                TAPE.append((out, nodes, vjp))
            return out

        setattr(Node, name, apply)
        if swapped:
            setattr(Node, swapped, lambda a, b: apply(b, a))
        return rule

    return decorate


@operation("__add__", 2, "__radd__")
def _(a, b):
    return a + b, lambda g: (g, g)


@operation("__sub__", 2, "__rsub__")
def _(a, b):
    return a - b, lambda g: (g, -g)


@operation("__mul__", 2, "__rmul__")
def _(a, b):
    return a * b, lambda g: (b * g, a * g)


@operation("__truediv__", 2, "__rtruediv__")
def _(a, b):
    return a / b, lambda g: (g / b, -(g * a) / (b * b))


@operation("__matmul__", 2, "__rmatmul__")
def _(a, b):
    return (
        np.einsum("ij,jk", a, b),
        lambda g: (np.einsum("ik,jk->ij", g, b), np.einsum("ij,ik->jk", a, g)),
    )


@operation("__neg__")
def _(a):
    return -a, lambda g: (-g,)


@operation("__pow__")
def _(a, n):
    return np.power(a, n), lambda g: (n * np.power(a, n - 1) * g,)


@operation("__getitem__")
def _(a, key):
    def vjp(g):
        grad = np.zeros_like(a)
        np.add.at(grad, key, g)
        return (grad,)

    return a[key], vjp


@operation("exp")
def _(a):
    return np.exp(a), lambda g: (np.exp(a) * g,)


@operation("log")
def _(a):
    return np.log(a), lambda g: (np.divide(g, a),)


@operation("relu")
def _(a):
    return a.clip(min=0.0), lambda g: (g * np.heaviside(a, 0.0),)


@operation("sigmoid")
def _(a):
    log_s, log_c = -np.logaddexp(0.0, -a), -np.logaddexp(0.0, a)
    return np.exp(log_s), lambda g: (g * np.exp(log_s + log_c),)


@operation("sum")
def _(a, axis=None):
    return a.sum(axis), lambda g: (np.zeros_like(a) + _put_back(g, axis),)


@operation("mean")
def _(a, axis=None):
    m = a.mean(axis)
    return m, lambda g: (np.full_like(a, np.size(m) / a.size) * _put_back(g, axis),)


@operation("reshape")
def _(a, shape):
    return a.reshape(shape), lambda g: (np.asarray(g).reshape(a.shape),)


@operation("transpose")
def _(a, axes=None):
    order = np.arange(a.ndim)[::-1] if axes is None else np.array(axes)
    inverse = np.empty_like(order)
    inverse[order] = np.arange(a.ndim)
    return a.transpose(order), lambda g: (np.asarray(g).transpose(inverse),)


def _put_back(g, axis):
    return g if axis is None else np.expand_dims(g, axis)


def horner(x, coefficients):
    first, *others = coefficients
    y = x * first
    for c in others[:-1]:
        y = (y + c) * x
    return y + others[-1]


def gradient_norms(x, weights, activation):
    h = Node(x)
    seen = [h]
    for W in weights:
        h = getattr(h @ W, activation)()
        seen.append(h)
    h.backward(np.ones(h.data.shape))
    return np.fromiter((np.sqrt(np.vdot(node.grad, node.grad)) for node in seen), float)
