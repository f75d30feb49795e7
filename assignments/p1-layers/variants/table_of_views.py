"""Practical 1: one table of numbers per layer, W and b are windows into it; slots, properties."""

import numpy as np


def _property_of(table, rows):
    """A property that shows, and writes into, some rows of the array self.<table>."""

    def fget(self):
        return getattr(self, table)[rows]

    def fset(self, value):
        getattr(self, table)[rows] = value

    return property(fget, fset)


def _with_ones(x):
    """(N, D) -> (N, D + 1), a new array of floats; column 0 is one."""
    out = np.ones((x.shape[0], x.shape[1] + 1))
    out[:, 1:] = x
    return out


class Linear:
    """Row 0 of the table is the bias, the rows below it are W."""

    __slots__ = ("_grad", "_theta", "_x1")

    W = _property_of("_theta", slice(1, None))
    b = _property_of("_theta", 0)
    grad_W = _property_of("_grad", slice(1, None))  # noqa: N815
    grad_b = _property_of("_grad", 0)

    def __init__(self, d_in, d_out, rng=None):
        self._theta = np.zeros((1 + d_in, d_out))
        self._grad = np.zeros((1 + d_in, d_out))
        self.W = np.random.default_rng(rng).standard_normal((d_in, d_out)) * d_in**-0.5

    def forward(self, x):
        self._x1 = _with_ones(x)
        return self._x1 @ self._theta

    def backward(self, grad_output):
        np.matmul(self._x1.T, np.asarray(grad_output, dtype=float), out=self._grad)
        return (grad_output @ self._theta.T)[:, 1:]


def sigmoid(z):
    z = np.array(z, dtype=float, ndmin=1)
    out = np.empty_like(z)
    positive = z >= 0
    out[positive] = 1 / (1 + np.exp(-z[positive]))
    power = np.exp(z[~positive])
    out[~positive] = power / (1 + power)
    return out


def _keep_shape(f):
    """f works on at least one dimension; give back the shape that came in."""

    def wrapped(z):
        return f(z).reshape(np.shape(z))

    return wrapped


sigmoid = _keep_shape(sigmoid)


class Sigmoid:
    __slots__ = ("_y",)

    def forward(self, x):
        self._y = sigmoid(x)
        return +self._y

    def backward(self, grad_output):
        return grad_output * self._y - grad_output * self._y**2


class Tanh:
    __slots__ = ("_y",)

    def forward(self, x):
        self._y = 2 * sigmoid(2 * np.asarray(x, dtype=float)) - 1
        return np.array(self._y)

    def backward(self, grad_output):
        return grad_output - grad_output * self._y * self._y


class ReLU:
    __slots__ = ("_dead",)

    def forward(self, x):
        self._dead = np.less_equal(x, 0)
        y = np.array(x, dtype=float)
        y[self._dead] = 0
        return y

    def backward(self, grad_output):
        grad = np.array(grad_output, dtype=float)
        grad[self._dead] = 0
        return grad


def softmax(z):
    """p_c = 1 / sum over s of exp(z_s - z_c); an infinite sum is a probability of 0."""
    z = np.asarray(z, dtype=float)
    with np.errstate(over="ignore"):
        return 1 / np.exp(z[:, None, :] - z[:, :, None]).sum(axis=2)


class SoftmaxCrossEntropy:
    __slots__ = ("_kept",)

    def forward(self, logits, labels):
        self._kept = {"p": softmax(logits), "labels": np.array(labels, dtype=int)}
        z = np.asarray(logits, dtype=float)
        true = np.take_along_axis(z, self._kept["labels"][:, None], axis=1)
        ahead = z - true  # how far each class is ahead of the true one
        lead = ahead.max(axis=1, keepdims=True)
        return float((lead[:, 0] + np.log(np.exp(ahead - lead).sum(axis=1))).mean())

    def backward(self):
        p, labels = self._kept["p"], self._kept["labels"]
        return (p - np.eye(p.shape[1])[labels]) / p.shape[0]


class MSE:
    __slots__ = ("_a", "_y")

    def forward(self, prediction, target):
        self._a, self._y = (np.array(v, dtype=np.float64) for v in (prediction, target))
        return float(np.square(self._a - self._y).mean())

    def backward(self):
        return 2.0 / self._a.size * (self._a - self._y)


class Sequential:
    __slots__ = ("layers",)

    def __init__(self, layers):
        self.layers = [*layers]

    def forward(self, x):
        values = [x]
        for layer in self.layers:
            values.append(layer.forward(values[-1]))
        return values[-1]

    def backward(self, grad_output):
        def back(i, grad):
            return grad if i < 0 else back(i - 1, self.layers[i].backward(grad))

        return back(len(self.layers) - 1, grad_output)

    def parameters(self):
        def pairs():
            for layer in self.layers:
                try:
                    W, b = layer.W, layer.b
                except AttributeError:
                    continue
                yield W, layer.grad_W
                yield b, layer.grad_b

        return list(pairs())


def _forward_all(X, W1, W2):
    U = sigmoid(_with_ones(np.asarray(X, dtype=float)) @ W1)
    return U, sigmoid(_with_ones(U) @ W2)


def two_layer_forward(x, W1, W2):
    U, A = _forward_all(np.reshape(x, (1, -1)), W1, W2)
    return U.ravel(), A.ravel()


def mean_risk(X, Y, W1, W2):
    _, A = _forward_all(X, W1, W2)
    return float(0.5 * np.sum((A - Y) ** 2) / len(A))


def backpropagation_step(x, y, W1, W2, Q, alpha, eta):
    u, a = two_layer_forward(x, W1, W2)
    risk = 0.5 * np.sum((a - y) ** 2)
    x1, u1 = np.insert(np.asarray(x, dtype=float), 0, 1.0), np.insert(u, 0, 1.0)
    d2 = (a - y) * a * (1 - a)
    d1 = ((W2 @ d2) * u1 * (1 - u1))[1:]  # entry 0 belongs to the bias: nobody is behind it
    return (
        W1 - alpha * x1[:, None] * d1[None, :],
        W2 - alpha * u1[:, None] * d2[None, :],
        float((1 - eta) * Q + eta * risk),
    )
