"""Einsum throughout; layers keep the input and recompute the rest in backward."""

import math

import numpy as np
from numpy.random import default_rng


class Linear:
    def __init__(self, d_in, d_out, rng=None):
        self.W = default_rng(rng).standard_normal((d_in, d_out)) / math.sqrt(d_in)
        self.b = np.zeros((d_out,))

    def forward(self, x):
        self.seen = np.array(x, dtype=np.float64)
        return np.einsum("nd,dk->nk", self.seen, self.W) + self.b

    def backward(self, grad_output):
        self.grad_W = np.einsum("nd,nk->dk", self.seen, grad_output)
        self.grad_b = np.einsum("nk->k", grad_output)
        return np.einsum("nk,dk->nd", grad_output, self.W)


class ReLU:
    def forward(self, x):
        self.seen = np.array(x, dtype=np.float64)
        return self.seen.clip(min=0.0)

    def backward(self, grad_output):
        return np.where(self.seen > 0, grad_output, 0.0)


class SoftmaxCrossEntropy:
    def forward(self, logits, labels):
        self.p = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
        self.hot = np.eye(logits.shape[1])[labels]
        norm = np.logaddexp.reduce(logits, axis=1)
        return float(np.mean(norm - np.einsum("nc,nc->n", logits, self.hot)))

    def backward(self):
        return (self.p - self.hot) / self.p.shape[0]


def l2_penalty(w, strength):
    flat = np.ravel(w).astype(float)
    return strength * np.einsum("i,i->", flat, flat), np.multiply(w, 2.0 * strength)


def l1_penalty(w, strength):
    direction = np.greater(w, 0).astype(float) - np.less(w, 0)
    return strength * (np.asarray(w) * direction).sum(), strength * direction


def penalty_of_prior(prior, scale):
    return {"normal": ("L2", 0.5 * scale**-2), "laplace": ("L1", scale**-1)}[prior]


def soft_threshold(v, t):
    v = np.asarray(v) * 1.0
    return v - np.clip(v, -t, t)


def proximal_step(w, gradient, lr, strength):
    return soft_threshold(np.subtract(w, lr * gradient), strength * lr)


class Dropout:
    def __init__(self, p, rng=None):
        self.p, self.training, self.rng = p, True, default_rng(rng)

    def forward(self, x):
        x = np.asarray(x, float)
        if not self.training or self.p == 0:
            self.mask = None
            return x.copy()
        self.mask = self.rng.binomial(1, 1 - self.p, size=x.shape)
        return np.divide(x * self.mask, 1 - self.p) if self.p < 1 else np.zeros_like(x)

    def backward(self, grad_output):
        if self.mask is None:
            return grad_output
        if self.p == 1:
            return 0.0 * grad_output
        return np.divide(grad_output * self.mask, 1 - self.p)


class BatchNorm:
    def __init__(self, d, momentum=0.1, eps=1e-5):
        self.m, self.eps, self.training = momentum, eps, True
        self.gamma, self.running_var = np.ones((2, d))
        self.beta, self.running_mean = np.zeros((2, d))

    def statistics(self):
        """Mean and inverse deviation for the batch that was seen last."""
        if not self.by_batch:
            return self.kept
        mean = np.einsum("nd->d", self.x) / len(self.x)
        centred = self.x - mean
        var = np.einsum("nd,nd->d", centred, centred) / len(self.x)
        return mean, (var + self.eps) ** -0.5

    def forward(self, x):
        self.x, self.by_batch = np.array(x, float), self.training
        self.kept = self.running_mean.copy(), (self.running_var + self.eps) ** -0.5
        mean, inverse = self.statistics()
        if self.training:
            n = len(self.x)
            self.running_mean += self.m * (mean - self.running_mean)
            if n >= 2:
                self.running_var += self.m * (np.var(self.x, axis=0, ddof=1) - self.running_var)
        return np.einsum("nd,d,d->nd", self.x - mean, inverse, self.gamma) + self.beta

    def backward(self, grad_output):
        mean, inverse = self.statistics()
        z = (self.x - mean) * inverse
        self.grad_gamma = np.einsum("nd,nd->d", grad_output, z)
        self.grad_beta = np.einsum("nd->d", grad_output)
        if not self.by_batch:
            return grad_output * self.gamma * inverse
        n = len(z)
        inner = n * grad_output - self.grad_beta - z * self.grad_gamma
        return inner * (self.gamma * inverse / n)


def split_indices(n, n_validation, n_test, rng=None):
    shuffled = np.arange(n)
    default_rng(rng).shuffle(shuffled)
    test, validation, training = np.split(shuffled, [n_test, n_test + n_validation])
    return training, validation, test


class Standardizer:
    def fit(self, x):
        x = np.asarray(x, float)
        self.mean = np.einsum("nd->d", x) / len(x)
        self.std = np.sqrt(np.mean(np.square(x - self.mean), axis=0))
        self.std[(x == x[0]).all(axis=0)] = 1
        return self

    def transform(self, x):
        return np.divide(np.subtract(x, self.mean), self.std)


def prepare(x, labels, n_validation, n_test, rng=None):
    training, validation, test = split_indices(len(labels), n_validation, n_test, rng)
    z = Standardizer().fit(np.take(x, training, axis=0)).transform(x)
    return (
        (z[training], labels[training]),
        (z[validation], labels[validation]),
        (z[test], labels[test]),
    )


class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.best_loss, self.best_arrays = math.inf, None
        self.left = patience

    def update(self, loss, arrays):
        improved = self.best_loss - loss > self.min_delta
        if improved:
            self.best_loss, self.best_arrays = loss, [a.copy() for a in arrays]
        self.left = self.patience if improved else self.left - 1
        return self.left <= 0


def count_parameters(sizes):
    total, inputs = 0, sizes[0]
    for outputs in sizes[1:]:
        total += inputs * outputs + outputs
        inputs = outputs
    return total


class Network:
    def __init__(self, layers):
        self.layers = list(layers)
        self.training = True

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad_output):
        for layer in self.layers[::-1]:
            grad_output = layer.backward(grad_output)
        return grad_output

    def parameters(self):
        return [
            (getattr(layer, name), getattr(layer, f"grad_{name}"))
            for layer in self.layers
            for name in ("W", "b", "gamma", "beta")
            if hasattr(layer, name)
        ]

    def set_mode(self, training):
        self.training = training
        for layer in self.layers:
            if hasattr(layer, "training"):
                layer.training = training

    def train(self):
        self.set_mode(True)
        return self

    def eval(self):
        self.set_mode(False)
        return self

    def arrays(self):
        found = []
        for layer in self.layers:
            if isinstance(layer, Linear):
                found += [layer.W, layer.b]
            elif isinstance(layer, BatchNorm):
                found += [layer.gamma, layer.beta, layer.running_mean, layer.running_var]
        return found


def minibatches(n, batch_size, rng=None):
    order = default_rng(rng).permutation(n)
    return np.split(order, np.arange(batch_size, n, batch_size))


def train_epoch(network, x, labels, batches, lr, strength=0.0):
    network.train()
    losses, sizes = [], []
    for rows in batches:
        criterion = SoftmaxCrossEntropy()
        losses.append(criterion.forward(network.forward(x[rows]), labels[rows]))
        sizes.append(len(rows))
        network.backward(criterion.backward())
        for parameter, gradient in network.parameters():
            if parameter.ndim == 2:
                gradient = gradient + l2_penalty(parameter, strength)[1]
            np.subtract(parameter, lr * gradient, out=parameter)
    return np.average(losses, weights=sizes)


def evaluate(network, x, labels):
    mode = network.training
    network.eval()
    z = network.forward(x)
    network.set_mode(mode)
    return SoftmaxCrossEntropy().forward(z, labels), (z.argmax(1) == labels).mean()


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
    rng = default_rng(rng)
    watch, train_losses, validation_losses = EarlyStopping(patience), [], []
    stop = False
    while not stop and len(train_losses) < epochs:
        batches = minibatches(len(x), batch_size, rng)
        train_losses.append(train_epoch(network, x, labels, batches, lr, strength))
        validation_losses.append(evaluate(network, x_validation, labels_validation)[0])
        stop = watch.update(validation_losses[-1], network.arrays())
    if watch.best_arrays is not None:
        for own, best in zip(network.arrays(), watch.best_arrays, strict=True):
            np.copyto(own, best)
    return {"train": train_losses, "validation": validation_losses}


def train(images, labels, seed):
    rng = default_rng(seed)
    ((x, y), (x_check, y_check), _) = prepare(images, labels, 150, 0, default_rng(seed))
    scale = Standardizer().fit(images[split_indices(len(labels), 150, 0, default_rng(seed))[0]])
    network = Network(
        [Linear(64, 120, rng), BatchNorm(120), ReLU(), Dropout(0.3, rng), Linear(120, 10, rng)]
    )
    fit(network, x, y, x_check, y_check, 25, 40, 0.25, 5e-4, 10, rng)
    return network.eval(), scale


def predict(model, images):
    network, scale = model
    return np.argmax(network.forward(scale.transform(images)), axis=-1)
