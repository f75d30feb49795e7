"""Plain loops over rows, columns and entries; statistics by hand; no BatchNorm in the network."""

import numpy as np


class Linear:
    def __init__(self, d_in, d_out, rng=None):
        rng = np.random.default_rng(rng)
        self.W = rng.normal(0.0, 1.0 / np.sqrt(d_in), size=(d_in, d_out))
        self.b = np.zeros(d_out)

    def forward(self, x):
        self._x = np.array(x, dtype=float)
        return self._x @ self.W + self.b

    def backward(self, grad_output):
        self.grad_W = self._x.T @ grad_output
        self.grad_b = grad_output.sum(axis=0)
        return grad_output @ self.W.T


class ReLU:
    def forward(self, x):
        self._positive = np.asarray(x) > 0
        return np.maximum(x, 0.0)

    def backward(self, grad_output):
        return grad_output * self._positive


class SoftmaxCrossEntropy:
    def forward(self, logits, labels):
        shifted = logits - logits.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self._p, self._labels = np.exp(log_p), np.array(labels)
        return float(-log_p[np.arange(len(log_p)), self._labels].mean())

    def backward(self):
        grad = self._p.copy()
        grad[np.arange(len(grad)), self._labels] -= 1.0
        return grad / len(grad)


def l2_penalty(w, strength):
    value, gradient = 0.0, np.zeros(np.shape(w))
    for index, entry in np.ndenumerate(w):
        value += strength * float(entry) ** 2
        gradient[index] = 2 * strength * entry
    return value, gradient


def l1_penalty(w, strength):
    value, gradient = 0.0, np.zeros(np.shape(w))
    for index, entry in np.ndenumerate(w):
        value += strength * abs(float(entry))
        if entry > 0:
            gradient[index] = strength
        elif entry < 0:
            gradient[index] = -strength
    return value, gradient


def penalty_of_prior(prior, scale):
    name, strength = "L1", 1 / scale
    if prior != "laplace":
        name, strength = "L2", 1 / (2 * scale * scale)
    return name, strength


def soft_threshold(v, t):
    answer = np.empty(np.shape(v))
    for index, entry in np.ndenumerate(v):
        if entry > t:
            answer[index] = entry - t
        elif entry < -t:
            answer[index] = entry + t
        else:
            answer[index] = 0
    return answer


def proximal_step(w, gradient, lr, strength):
    moved = np.array(w, dtype=float)
    moved -= lr * gradient
    return soft_threshold(moved, lr * strength)


class Dropout:
    def __init__(self, p, rng=None):
        self.p = p
        self.training = True
        self.generator = np.random.default_rng(rng)

    def forward(self, x):
        y = np.array(x, dtype=float)
        self.dropped = np.zeros(y.shape, dtype=bool)
        self.factor = 1.0
        if self.training:
            if self.p < 1:
                self.factor = 1 / (1 - self.p)
            for row in range(len(y)):
                self.dropped[row] = self.generator.random(y.shape[1:]) < self.p
            y[self.dropped] = 0.0
            y *= self.factor
        return y

    def backward(self, grad_output):
        grad = grad_output * self.factor
        grad[self.dropped] = 0.0
        return grad


class BatchNorm:
    def __init__(self, d, momentum=0.1, eps=1e-5):
        self.gamma = np.ones(d)
        self.beta = np.zeros(d)
        self.running_mean = np.zeros(d)
        self.running_var = np.ones(d)
        self.momentum = momentum
        self.eps = eps
        self.training = True

    def forward(self, x):
        n, d = np.shape(x)
        self.hat, self.std = np.zeros((n, d)), np.zeros(d)
        self.used_training = self.training
        y = np.zeros((n, d))
        for j in range(d):
            column = [float(x[i, j]) for i in range(n)]
            mean, var = self.running_mean[j], self.running_var[j]
            if self.training:
                mean = sum(column) / n
                squares = sum((entry - mean) ** 2 for entry in column)
                var = squares / n
                self.running_mean[j] += self.momentum * (mean - self.running_mean[j])
                if n != 1:
                    self.running_var[j] *= 1 - self.momentum
                    self.running_var[j] += self.momentum * squares / (n - 1)
            self.std[j] = (var + self.eps) ** 0.5
            for i in range(n):
                self.hat[i, j] = (column[i] - mean) / self.std[j]
                y[i, j] = self.gamma[j] * self.hat[i, j] + self.beta[j]
        return y

    def backward(self, grad_output):
        n, d = grad_output.shape
        self.grad_gamma, self.grad_beta = np.zeros(d), np.zeros(d)
        grad = np.zeros((n, d))
        for j in range(d):
            for i in range(n):
                self.grad_gamma[j] += grad_output[i, j] * self.hat[i, j]
                self.grad_beta[j] += grad_output[i, j]
            for i in range(n):
                inner = grad_output[i, j]
                if self.used_training:
                    inner -= (self.grad_beta[j] + self.hat[i, j] * self.grad_gamma[j]) / n
                grad[i, j] = self.gamma[j] / self.std[j] * inner
        return grad


def split_indices(n, n_validation, n_test, rng=None):
    rng = np.random.default_rng(rng)
    left, parts = list(range(n)), []
    for size in (n_validation, n_test):
        part = [left.pop(int(rng.integers(len(left)))) for _ in range(size)]
        parts.append(np.array(part, dtype=int))
    return np.array(left, dtype=int), *parts


class Standardizer:
    def fit(self, x):
        self.mean = np.array([np.mean(column) for column in np.transpose(x)])
        self.std = np.array([np.std(column) or 1.0 for column in np.transpose(x)])

    def transform(self, x):
        return np.array([(row - self.mean) / self.std for row in x]).reshape(-1, len(self.mean))


def prepare(x, labels, n_validation, n_test, rng=None):
    indices = split_indices(len(x), n_validation, n_test, rng)
    standardizer = Standardizer()
    standardizer.fit(np.array([x[i] for i in indices[0]]))
    pairs = []
    for part in indices:
        pairs.append((standardizer.transform(x[part]), np.array([labels[i] for i in part])))
    return tuple(pairs)


class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        self.patience = patience
        self.min_delta = min_delta
        self.history = []
        self.best_number = -1
        self.best_loss = float("inf")
        self.best_arrays = None

    def update(self, loss, arrays):
        self.history.append(loss)
        if loss == loss and loss < self.best_loss - self.min_delta:
            self.best_loss = loss
            self.best_number = len(self.history) - 1
            self.best_arrays = []
            for array in arrays:
                self.best_arrays.append(array.copy())
        return len(self.history) - 1 - self.best_number >= self.patience


def count_parameters(sizes):
    count = 0
    for i in range(1, len(sizes)):
        count += sizes[i - 1] * sizes[i]
        count += sizes[i]
    return count


class Network:
    def __init__(self, layers):
        self.layers = list(layers)
        self.training = True

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad_output):
        for layer in reversed(self.layers):
            grad_output = layer.backward(grad_output)
        return grad_output

    def parameters(self):
        return [
            (getattr(layer, name), getattr(layer, "grad_" + name))
            for layer in self.layers
            for name in ("W", "b", "gamma", "beta")
            if hasattr(layer, name)
        ]

    def train(self):
        self.training = True
        for layer in self.layers:
            if isinstance(layer, (Dropout, BatchNorm)):
                layer.training = True

    def eval(self):
        self.training = False
        for layer in self.layers:
            if isinstance(layer, (Dropout, BatchNorm)):
                layer.training = False

    def arrays(self):
        result = []
        for layer in self.layers:
            for name in ["W", "b", "gamma", "beta", "running_mean", "running_var"]:
                if name in layer.__dict__:
                    result.append(layer.__dict__[name])
        return result


def minibatches(n, batch_size, rng=None):
    left = list(np.random.default_rng(rng).permutation(n))
    batches = []
    while left:
        batches.append(np.array(left[:batch_size]))
        left = left[batch_size:]
    return batches


def train_epoch(network, x, labels, batches, lr, strength=0.0):
    network.train()
    loss_of = SoftmaxCrossEntropy()
    sum_of_losses = 0.0
    objects = 0
    for batch in batches:
        for _ in batch:
            objects += 1
        loss = loss_of.forward(network.forward(x[batch]), labels[batch])
        sum_of_losses += loss * len(batch)
        network.backward(loss_of.backward())
        for layer in network.layers:
            if hasattr(layer, "W"):
                layer.W *= 1 - 2 * lr * strength
                layer.W -= lr * layer.grad_W
                layer.b -= lr * layer.grad_b
            if hasattr(layer, "gamma"):
                layer.gamma -= lr * layer.grad_gamma
                layer.beta -= lr * layer.grad_beta
    return sum_of_losses / objects


def evaluate(network, x, labels):
    modes = [getattr(layer, "training", None) for layer in network.layers]
    mode = network.training
    network.eval()
    logits = network.forward(x)
    network.training = mode
    for layer, old in zip(network.layers, modes, strict=True):
        if old is not None:
            layer.training = old
    right = 0
    for row, label in zip(logits, labels, strict=True):
        if np.argmax(row) == label:
            right += 1
    return SoftmaxCrossEntropy().forward(logits, labels), right / len(labels)


def fit(
    network,
    x,
    labels,
    x_validation,
    labels_validation,
    epochs,
    batch_size,
    lr,
    strength,
    patience,
    rng=None,
):
    generator = np.random.default_rng(rng)
    stopper = EarlyStopping(patience)
    history = {"train": [], "validation": []}
    for _ in range(epochs):
        history["train"].append(
            train_epoch(
                network, x, labels, minibatches(len(labels), batch_size, generator), lr, strength
            )
        )
        history["validation"].append(evaluate(network, x_validation, labels_validation)[0])
        if stopper.update(history["validation"][-1], network.arrays()):
            break
    for i in range(len(network.arrays())):
        network.arrays()[i][:] = stopper.best_arrays[i]
    return history


def train(images, labels, seed):
    rng = np.random.default_rng(seed)
    standardizer = Standardizer()
    standardizer.fit(images)
    x = standardizer.transform(images)
    first, last = Linear(64, 128, rng), Linear(128, 10, rng)
    network = Network([first, ReLU(), last])
    for epoch in range(30):
        batches = minibatches(len(x), 16, rng)
        train_epoch(network, x, labels, batches, 0.1 / (1 + epoch / 15), 3e-4)
    return [first.W, first.b, last.W, last.b, standardizer.mean, standardizer.std]


def predict(model, images):
    W1, b1, W2, b2, mean, std = model
    answers = []
    for image in images:
        hidden = np.maximum((image - mean) / std @ W1 + b1, 0)
        answers.append(int(np.argmax(hidden @ W2 + b2)))
    return np.array(answers)
