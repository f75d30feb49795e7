"""Forward leaves behind a function that backward calls; no base class, few named attributes."""

from numpy import (
    arange,
    array,
    asarray,
    diff,
    exp,
    expand_dims,
    float64,
    hstack,
    log,
    matmul,
    maximum,
    ones,
    outer,
    sign,
    tanh,
    zeros,
)
from numpy import sum as total
from numpy.random import default_rng


def layer(forward):
    """Turn a function x -> (y, function from grad_output to the gradient by x) into a class."""

    class Made:
        def forward(self, x):
            y, self._back = forward(array(x, float64))
            return y

        def backward(self, grad_output):
            return self._back(grad_output)

    return Made


@layer
def Sigmoid(x):
    y = exp(-maximum(-x, 0) - log(1 + exp(-abs(x))))
    return y, lambda g: g * y * exp(-maximum(x, 0) - log(1 + exp(-abs(x))))


@layer
def Tanh(x):
    y = tanh(x)
    return y, lambda g: g - g * y * y


@layer
def ReLU(x):
    gate = maximum(sign(x), 0)
    return maximum(x, 0), lambda g: gate * g


class Linear:
    __slots__ = ("W", "_back", "b", "grad_W", "grad_b")

    def __init__(self, d_in, d_out, rng=None):
        self.W = default_rng(rng).normal(0, 1, (d_in, d_out)) * (1 / d_in) ** 0.5
        self.b = zeros(d_out)

    def forward(self, x):
        x = array(x, float64)

        def back(g):
            self.grad_W = total(x[:, :, None] * g[:, None, :], axis=0)
            self.grad_b = matmul(g.T, ones(len(g)))
            return matmul(g, self.W.T)

        self._back = back
        return matmul(x, self.W) + self.b

    def backward(self, grad_output):
        return self._back(grad_output)


def log_sum_exp(z):
    top = z.max(1)
    return top + log(total(exp(z - expand_dims(top, 1)), 1))


def softmax(z):
    z = asarray(z, float64)
    return exp(z - log_sum_exp(z)[:, None])


class SoftmaxCrossEntropy:
    def forward(self, logits, labels):
        z, rows, labels = array(logits, float64), arange(len(logits)), array(labels)

        def back():
            g = softmax(z)
            g[rows, labels] -= 1
            return g / len(rows)

        self.backward = back
        return total(log_sum_exp(z) - z[rows, labels]) / len(rows)


class MSE:
    def forward(self, prediction, target):
        d = diff([target, prediction], axis=0)[0].astype(float64)
        self.backward = lambda: (d + d) / d.size
        return (d * d).mean()


class Sequential:
    def __init__(self, layers):
        self.layers = [*layers]

    def forward(self, x):
        if not self.layers:
            return x
        return Sequential(self.layers[1:]).forward(self.layers[0].forward(x))

    def backward(self, grad_output):
        if not self.layers:
            return grad_output
        return self.layers[0].backward(Sequential(self.layers[1:]).backward(grad_output))

    def parameters(self):
        chosen = filter(lambda one: isinstance(one, Linear), self.layers)
        return [pair for c in chosen for pair in zip((c.W, c.b), (c.grad_W, c.grad_b), strict=True)]


def neurons(values, W):
    y, back = Sigmoid(), hstack([1, values])
    return y.forward(back @ W), lambda g: (outer(back, y.backward(g)), W[1:] @ y.backward(g))


def two_layer_forward(x, W1, W2):
    u, _ = neurons(x, W1)
    return u, neurons(u, W2)[0]


def mean_risk(X, Y, W1, W2):
    return sum(
        total((two_layer_forward(x, W1, W2)[1] - y) ** 2) for x, y in zip(X, Y, strict=True)
    ) / (2 * len(X))


def backpropagation_step(x, y, W1, W2, Q, alpha, eta):
    u, back1 = neurons(x, W1)
    a, back2 = neurons(u, W2)
    step2, error = back2(a - y)
    step1, _ = back1(error)
    return (W1 - alpha * step1, W2 - alpha * step2, Q - eta * (Q - total((a - y) ** 2) / 2))
