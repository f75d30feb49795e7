"""Plain Python loops over objects, features and outputs, as in a first course of programming."""

import math

import numpy as np


def rows_and_columns(array):
    return range(array.shape[0]), range(array.shape[1])


def sigma(value):
    if value >= 0:
        return 1.0 / (1.0 + math.exp(-value))
    return math.exp(value) / (1.0 + math.exp(value))


def each(function, array):
    """Apply a function of one number to all elements."""
    result = np.zeros(np.shape(array))
    for index in np.ndindex(result.shape):
        result[index] = function(float(array[index]))
    return result


class Linear:
    def __init__(self, d_in, d_out, rng=None):
        rng = np.random.default_rng(rng)
        self.W = np.zeros((d_in, d_out))
        for d in range(d_in):
            for k in range(d_out):
                self.W[d, k] = rng.normal(0.0, math.sqrt(1.0 / d_in))
        self.b = np.zeros(d_out)

    def forward(self, x):
        self.x = [[float(value) for value in row] for row in x]
        y = np.zeros((len(self.x), len(self.b)))
        for n, row in enumerate(self.x):
            for k in range(len(self.b)):
                total = self.b[k]
                for d, value in enumerate(row):
                    total += value * self.W[d, k]
                y[n, k] = total
        return y

    def backward(self, grad_output):
        self.grad_W = np.zeros(self.W.shape)
        self.grad_b = np.zeros(self.b.shape)
        grad_x = np.zeros((len(self.x), self.W.shape[0]))
        for n, row in enumerate(self.x):
            for k in range(len(self.b)):
                self.grad_b[k] += grad_output[n, k]
                for d, value in enumerate(row):
                    self.grad_W[d, k] += value * grad_output[n, k]
                    grad_x[n, d] += self.W[d, k] * grad_output[n, k]
        return grad_x


class Sigmoid:
    def forward(self, x):
        self.slope = each(lambda value: sigma(value) * (1.0 - sigma(value)), x)
        return each(sigma, x)

    def backward(self, grad_output):
        return grad_output * self.slope


class Tanh:
    def forward(self, x):
        self.slope = each(lambda value: 1.0 - math.tanh(value) ** 2, x)
        return each(math.tanh, x)

    def backward(self, grad_output):
        return grad_output * self.slope


class ReLU:
    def forward(self, x):
        self.slope = each(lambda value: 1.0 if value > 0 else 0.0, x)
        return each(lambda value: value if value > 0 else 0.0, x)

    def backward(self, grad_output):
        return grad_output * self.slope


def softmax(z):
    p = np.zeros(z.shape)
    objects, classes = rows_and_columns(z)
    for n in objects:
        top = max(float(value) for value in z[n])
        total = sum(math.exp(value - top) for value in z[n])
        for c in classes:
            p[n, c] = math.exp(z[n, c] - top) / total
    return p


class SoftmaxCrossEntropy:
    def forward(self, logits, labels):
        self.p = softmax(logits)
        self.labels = [int(label) for label in labels]
        total = 0.0
        for n, label in enumerate(self.labels):
            top = max(float(value) for value in logits[n])
            rest = math.fsum(math.exp(value - top) for value in logits[n])
            total += math.log(rest) + top - float(logits[n, label])
        return total / len(self.labels)

    def backward(self):
        grad = np.zeros(self.p.shape)
        objects, classes = rows_and_columns(grad)
        for n in objects:
            for c in classes:
                grad[n, c] = (self.p[n, c] - (c == self.labels[n])) / len(self.labels)
        return grad


class MSE:
    def forward(self, prediction, target):
        self.shape = np.shape(prediction)
        pairs = zip(np.ravel(prediction), np.ravel(target), strict=True)
        self.differences = [float(a) - float(y) for a, y in pairs]
        return sum(difference**2 for difference in self.differences) / len(self.differences)

    def backward(self):
        count = len(self.differences)
        return np.array([2.0 * d / count for d in self.differences]).reshape(self.shape)


class Sequential:
    def __init__(self, layers):
        self.layers = []
        for layer in layers:
            self.layers.append(layer)

    def forward(self, x):
        value = x
        for i in range(len(self.layers)):
            value = self.layers[i].forward(value)
        return value

    def backward(self, grad_output):
        value = grad_output
        for i in range(len(self.layers) - 1, -1, -1):
            value = self.layers[i].backward(value)
        return value

    def parameters(self):
        result = []
        for layer in self.layers:
            if type(layer).__name__ == "Linear":
                result.append([layer.W, layer.grad_W])
                result.append([layer.b, layer.grad_b])
        return result


def neurons(values, W):
    with_bias = [1.0] + [float(value) for value in values]
    result = []
    for k in range(W.shape[1]):
        result.append(sigma(sum(value * W[j, k] for j, value in enumerate(with_bias))))
    return np.array(result)


def two_layer_forward(x, W1, W2):
    u = neurons(x, W1)
    return u, neurons(u, W2)


def half_square(a, y):
    return 0.5 * sum((float(a[m]) - float(y[m])) ** 2 for m in range(len(a)))


def mean_risk(X, Y, W1, W2):
    total = 0.0
    for i in range(len(X)):
        total += half_square(two_layer_forward(X[i], W1, W2)[1], Y[i])
    return total / len(X)


def backpropagation_step(x, y, W1, W2, Q, alpha, eta):
    u, a = two_layer_forward(x, W1, W2)
    new_W1, new_W2 = W1.copy(), W2.copy()
    for m in range(len(a)):
        d_m = (a[m] - y[m]) * a[m] * (1.0 - a[m])
        new_W2[0, m] -= alpha * d_m
        for h in range(len(u)):
            new_W2[h + 1, m] -= alpha * d_m * u[h]
    for h in range(len(u)):
        error = 0.0
        for m in range(len(a)):
            error += (a[m] - y[m]) * a[m] * (1.0 - a[m]) * W2[h + 1, m]
        new_W1[0, h] -= alpha * error * u[h] * (1.0 - u[h])
        for j in range(len(x)):
            new_W1[j + 1, h] -= alpha * error * u[h] * (1.0 - u[h]) * x[j]
    return new_W1, new_W2, (1.0 - eta) * Q + eta * half_square(a, y)
