"""All parameters of a layer in one flat array with W and b as views; buffers reused in place."""

import numpy as np


class Linear:
    def __init__(self, d_in, d_out, rng=None):
        count = d_in * d_out
        self.flat = np.zeros(count + d_out)
        self.flat_grad = np.full_like(self.flat, np.nan)
        self.W, self.b = self.flat[:count].reshape(d_in, d_out), self.flat[count:]
        self.grad_W = self.flat_grad[:count].reshape(d_in, d_out)
        self.grad_b = self.flat_grad[count:]
        np.random.default_rng(rng).standard_normal(out=self.flat[:count])
        self.flat[:count] /= np.sqrt(d_in)

    def forward(self, x):
        # The additional column of ones is multiplied by the bias.
        self.x1 = np.ones((len(x), len(self.W) + 1))
        self.x1[:, :-1] = x
        return self.x1 @ np.append(self.W, [self.b], axis=0)

    def backward(self, grad_output):
        both = self.x1.T @ grad_output
        self.grad_W[...] = both[:-1]
        self.grad_b[...] = both[-1]
        return np.matmul(grad_output, self.W.swapaxes(0, 1))


class Sigmoid:
    def forward(self, x):
        y = np.array(x, dtype=float)
        np.negative(y, out=y)
        with np.errstate(over="ignore"):
            np.exp(y, out=y)
        y += 1.0
        np.reciprocal(y, out=y)
        self.y = y.copy()
        return y

    def backward(self, grad_output):
        grad = np.subtract(1.0, self.y)
        grad *= self.y
        grad *= grad_output
        return grad


class Tanh:
    def forward(self, x):
        y = np.array(x, dtype=float)
        np.tanh(y, out=y)
        self.y = y.copy()
        return y

    def backward(self, grad_output):
        grad = grad_output.copy()
        grad -= grad_output * self.y * self.y
        return grad


class ReLU:
    def forward(self, x):
        y = np.array(x, dtype=float)
        self.stopped = np.nonzero(y <= 0)
        y[self.stopped] = 0.0
        return y

    def backward(self, grad_output):
        grad = grad_output.copy()
        grad[self.stopped] = 0.0
        return grad


def softmax(z):
    p = np.array(z, dtype=float)
    p -= p.max(axis=1)[:, np.newaxis]
    np.exp(p, out=p)
    p /= p.sum(axis=1)[:, np.newaxis]
    return p


class SoftmaxCrossEntropy:
    def forward(self, logits, labels):
        z = np.array(logits, dtype=float)
        z -= z.max(axis=1, keepdims=True)
        rows = np.arange(len(z))
        true = z[rows, labels]
        np.exp(z, out=z)
        total = z.sum(axis=1)
        z /= total[:, None]
        z[rows, labels] -= 1.0
        z /= len(z)
        self.grad = z
        return np.mean(np.log(total) - true)

    def backward(self):
        return self.grad


class MSE:
    def forward(self, prediction, target):
        residual = np.array(prediction, dtype=float)
        residual -= target
        self.grad = 2.0 / residual.size * residual
        return np.linalg.norm(residual) ** 2 / residual.size

    def backward(self):
        return self.grad.copy()


class Sequential:
    def __init__(self, layers):
        self.layers = tuple(layers)

    def forward(self, x):
        out = x
        for layer in self.layers:
            out = layer.forward(out)
        return out

    def backward(self, grad_output):
        for layer in self.layers[::-1]:
            grad_output = layer.backward(grad_output)
        return grad_output

    def parameters(self):
        found = []
        for layer in self.layers:
            for name in ("W", "b"):
                if name in vars(layer):
                    found.append((vars(layer)[name], vars(layer)["grad_" + name]))
        return found


def squash(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


def two_layer_forward(x, W1, W2):
    inputs = np.ones(len(W1))
    inputs[1:] = x
    hidden = np.ones(len(W2))
    hidden[1:] = squash(inputs @ W1)
    return hidden[1:], squash(hidden @ W2)


def mean_risk(X, Y, W1, W2):
    total = 0.0
    for count, (x, y) in enumerate(zip(X, Y, strict=True), start=1):
        loss = ((two_layer_forward(x, W1, W2)[1] - y) ** 2).sum() / 2
        total += (loss - total) / count
    return total


def backpropagation_step(x, y, W1, W2, Q, alpha, eta):
    W1, W2 = np.array(W1), np.array(W2)
    u, a = two_layer_forward(x, W1, W2)
    error = a - y
    delta = (error * a * (1 - a)).reshape(1, -1)
    back = (delta @ W2[1:].T) * (u * (1 - u))
    W2 -= alpha * np.r_[1.0, u].reshape(-1, 1) @ delta
    W1 -= alpha * np.r_[1.0, x].reshape(-1, 1) @ back
    Q *= 1 - eta
    Q += eta * 0.5 * error @ error
    return W1, W2, Q
