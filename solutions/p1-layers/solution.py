"""The definitions of the solution of p1-layers, made by `autograder build`."""

import numpy as np


class Linear:
    """A fully connected layer, y = x W + b.

    Attributes: W (D, K) and b (K,); after `backward` also grad_W (D, K) and grad_b (K,).
    """

    def __init__(self, d_in, d_out, rng=None):
        """Draw W (d_in, d_out) from N(0, 1/d_in) and set b (d_out,) to zeros.

        rng: None, an integer seed or a numpy Generator.
        """
        rng = np.random.default_rng(rng)
        self.W = rng.normal(0.0, 1.0 / np.sqrt(d_in), size=(d_in, d_out))
        self.b = np.zeros(d_out)

    def forward(self, x):
        """x (N, D) -> y (N, K)."""
        self._x = np.array(x, dtype=float)
        return self._x @ self.W + self.b

    def backward(self, grad_output):
        """grad_output (N, K) -> gradient by x (N, D); sets grad_W (D, K) and grad_b (K,)."""
        self.grad_W = self._x.T @ grad_output
        self.grad_b = grad_output.sum(axis=0)
        return grad_output @ self.W.T


def sigmoid(z):
    """Elementwise 1 / (1 + exp(-z)) of an array of any shape, for any finite z."""
    z = np.asarray(z, dtype=float)
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1.0 + small)


class Sigmoid:
    """The layer y = σ(x), elementwise."""

    def forward(self, x):
        """x of any shape -> y of the same shape."""
        self._y = sigmoid(x)
        return self._y

    def backward(self, grad_output):
        """grad_output -> gradient by x, both of the shape of x."""
        return grad_output * self._y * (1.0 - self._y)


class Tanh:
    """The layer y = tanh(x), elementwise."""

    def forward(self, x):
        """x of any shape -> y of the same shape."""
        self._y = np.tanh(x)
        return self._y

    def backward(self, grad_output):
        """grad_output -> gradient by x, both of the shape of x."""
        return grad_output * (1.0 - self._y**2)


class ReLU:
    """The layer y = max(0, x), elementwise; its derivative at 0 is 0."""

    def forward(self, x):
        """x of any shape -> y of the same shape."""
        x = np.asarray(x, dtype=float)
        self._positive = x > 0
        return np.maximum(x, 0.0)

    def backward(self, grad_output):
        """grad_output -> gradient by x, both of the shape of x."""
        return grad_output * self._positive


def softmax(z):
    """Logits z (N, C) -> probabilities (N, C); each row sums to 1."""
    z = np.asarray(z, dtype=float)
    weights = np.exp(z - z.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


class SoftmaxCrossEntropy:
    """Mean cross-entropy between softmax(logits) and the true classes."""

    def forward(self, logits, labels):
        """logits (N, C), labels (N,) of integers 0 … C - 1 -> the loss, a float."""
        logits = np.asarray(logits, dtype=float)
        shifted = logits - logits.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self._p = np.exp(log_p)
        self._labels = np.array(labels)
        return float(-log_p[np.arange(len(log_p)), self._labels].mean())

    def backward(self):
        """The gradient of the loss by the logits (N, C)."""
        grad = self._p.copy()
        grad[np.arange(len(grad)), self._labels] -= 1.0
        return grad / len(grad)


class MSE:
    """Mean squared error over all elements."""

    def forward(self, prediction, target):
        """prediction and target of one and the same shape, any -> the loss, a float."""
        self._difference = np.asarray(prediction, dtype=float) - target
        return float(np.mean(self._difference**2))

    def backward(self):
        """The gradient of the loss by the prediction, of the same shape."""
        return 2.0 * self._difference / self._difference.size


class Sequential:
    """A chain of layers. Attribute: layers, the list of the given layer objects themselves."""

    def __init__(self, layers):
        """layers: the layer objects, first to last."""
        self.layers = list(layers)

    def forward(self, x):
        """The input of the first layer -> the output of the last."""
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad_output):
        """The gradient by the output of the last layer -> the gradient by the first one's input."""
        for layer in reversed(self.layers):
            grad_output = layer.backward(grad_output)
        return grad_output

    def parameters(self):
        """A list of (parameter, gradient): W then b of each linear layer, in order."""
        pairs = []
        for layer in self.layers:
            if isinstance(layer, Linear):
                pairs += [(layer.W, layer.grad_W), (layer.b, layer.grad_b)]
        return pairs


def two_layer_forward(x, W1, W2):
    """One object x (n,), W1 (n + 1, H), W2 (H + 1, M) -> the tuple (u, a) of shapes (H,), (M,).

    u is returned without the extra u⁰ = 1.
    """
    u = sigmoid(np.concatenate([[1.0], x]) @ W1)
    a = sigmoid(np.concatenate([[1.0], u]) @ W2)
    return u, a


def mean_risk(X, Y, W1, W2):
    """Objects X (N, n), answers Y (N, M) -> the mean over the objects of ½ Σ (a - y)², a float."""
    losses = []
    for x, y in zip(X, Y, strict=True):
        _, a = two_layer_forward(x, W1, W2)
        losses.append(0.5 * np.sum((a - y) ** 2))
    return float(np.mean(losses))


def backpropagation_step(x, y, W1, W2, Q, alpha, eta):
    """One step on the object x (n,) with the answer y (M,).

    Q: the running risk so far, alpha: the step, eta: the rate of forgetting.
    Returns the tuple (new W1, new W2, new Q); the given arrays stay as they are.
    """
    u, a = two_layer_forward(x, W1, W2)
    error = a - y
    delta = error * a * (1.0 - a)
    hidden_error = W2[1:] @ delta
    hidden_delta = hidden_error * u * (1.0 - u)
    new_W2 = W2 - alpha * np.outer(np.concatenate([[1.0], u]), delta)
    new_W1 = W1 - alpha * np.outer(np.concatenate([[1.0], x]), hidden_delta)
    loss = 0.5 * np.sum(error**2)
    return new_W1, new_W2, float((1.0 - eta) * Q + eta * loss)
