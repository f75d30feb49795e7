"""A base class, dataclasses, properties and keyword arguments; the model is a frozen dataclass."""

from collections import deque
from dataclasses import dataclass, field
from itertools import accumulate, pairwise, starmap

import numpy as np


def generator_of(rng):
    return rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)


class Module:
    """Something with a mode; `names` are its parameters, `buffers` what it counts."""

    names: tuple = ()
    buffers: tuple = ()

    def __init__(self):
        self._mode = "train"

    @property
    def training(self):
        return self._mode == "train"

    @training.setter
    def training(self, value):
        self._mode = "train" if value else "eval"

    def arrays(self):
        return [getattr(self, name) for name in (*self.names, *self.buffers)]


class Linear(Module):
    names = ("W", "b")

    def __init__(self, d_in, d_out, rng=None):
        super().__init__()
        self.W = generator_of(rng).normal(scale=d_in**-0.5, size=(d_in, d_out))
        self.b = np.zeros(d_out)

    def forward(self, x):
        self.x = np.array(x, dtype=float)
        return self.x.dot(self.W) + self.b

    def backward(self, grad_output):
        self.grad_W, self.grad_b = self.x.T.dot(grad_output), grad_output.sum(0)
        return grad_output.dot(self.W.T)


class ReLU(Module):
    def forward(self, x):
        self.gate = np.heaviside(x, 0.0)
        return self.gate * x

    def backward(self, grad_output):
        return self.gate * grad_output


class SoftmaxCrossEntropy:
    def forward(self, logits, labels):
        z = logits - logits.max(axis=1, keepdims=True)
        self.p = np.exp(z)
        norm = self.p.sum(axis=1)
        self.p /= norm[:, None]
        self.index = np.arange(len(z)), np.array(labels)
        return float((np.log(norm) - z[self.index]).mean())

    def backward(self):
        grad = self.p / len(self.p)
        grad[self.index] -= 1 / len(grad)
        return grad


def l2_penalty(w, strength):
    return float(strength * np.linalg.norm(np.ravel(w)) ** 2), np.asarray(w) * (2.0 * strength)


def l1_penalty(w, strength):
    w = np.asarray(w, dtype=float)
    return float(np.linalg.norm(w.ravel(), 1) * strength), np.copysign(strength, w) * (w != 0)


def penalty_of_prior(prior, scale):
    match prior:
        case "laplace":
            return "L1", np.float64(1) / scale
        case "normal":
            return "L2", np.float64(0.5) / scale**2


def soft_threshold(v, t):
    v = np.asarray(v, dtype=float)
    return np.maximum(v - t, 0) + np.minimum(v + t, 0)


def proximal_step(w, gradient, lr, strength):
    return soft_threshold(v=w - lr * gradient, t=lr * strength)


class Dropout(Module):
    def __init__(self, p, rng=None):
        super().__init__()
        self.p = p
        self.rng = generator_of(rng)
        self.scale = 0.0 if p == 1 else 1 / (1 - p)

    def forward(self, x):
        if self.training:
            weights = [self.scale, 0.0]
            self.mask = self.rng.choice(weights, size=np.shape(x), p=[1 - self.p, self.p])
        else:
            self.mask = 1.0
        return np.multiply(x, self.mask)

    def backward(self, grad_output):
        return np.multiply(grad_output, self.mask)


class BatchNorm(Module):
    names = ("gamma", "beta")
    buffers = ("running_mean", "running_var")

    def __init__(self, d, momentum=0.1, eps=1e-5):
        super().__init__()
        for name, value in zip(self.names + self.buffers, (1, 0, 0, 1), strict=True):
            setattr(self, name, np.full(d, float(value)))
        self.momentum, self.eps = momentum, eps

    def forward(self, x):
        x = np.asarray(x, dtype=float)
        statistics = self._of_batch(x) if self.training else (self.running_mean, self.running_var)
        mean, var = statistics
        inverse = 1 / np.sqrt(var + self.eps)
        z = inverse * (x - mean)
        self.back = (self._back_training if self.training else self._back_evaluation), z, inverse
        return z * self.gamma + self.beta

    def _of_batch(self, x):
        mean, var = x.mean(0), x.var(0)
        unbiased = x.var(0, ddof=1) if len(x) > 1 else self.running_var
        for name, new in (("running_mean", mean), ("running_var", unbiased)):
            setattr(self, name, np.average([getattr(self, name), new], axis=0, weights=self.mix))
        return mean, var

    @property
    def mix(self):
        return 1 - self.momentum, self.momentum

    def backward(self, grad_output):
        function, z, inverse = self.back
        self.grad_gamma, self.grad_beta = (z * grad_output).sum(0), grad_output.sum(0)
        return function(grad_output * self.gamma, z, inverse)

    @staticmethod
    def _back_evaluation(g, z, inverse):
        return g * inverse

    @staticmethod
    def _back_training(g, z, inverse):
        """One path after the other: the normalised x, the variance, the mean."""
        n = len(g)
        by_var = -0.5 * (g * z).sum(0) * inverse**2
        by_mean = -(g * inverse).sum(0)
        return g * inverse + by_var * 2 * (z / inverse) / n + by_mean / n


def split_indices(n, n_validation, n_test, rng=None):
    order = generator_of(rng).choice(n, size=n, replace=False)
    sizes = [n - n_validation - n_test, n_validation, n_test]
    ends = list(accumulate(sizes))
    return tuple(order[end - size : end] for size, end in zip(sizes, ends, strict=True))


@dataclass
class Standardizer:
    mean: np.ndarray = field(default_factory=lambda: np.zeros(0))
    std: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def fit(self, x):
        self.mean, std = np.mean(x, axis=0), np.std(x, axis=0)
        self.std = np.where(np.max(x, axis=0) == np.min(x, axis=0), np.ones_like(std), std)

    def transform(self, x):
        return (x - self.mean) / self.std


def prepare(x, labels, n_validation, n_test, rng=None):
    parts = split_indices(len(x), n_validation, n_test, rng)
    ruler = Standardizer()
    ruler.fit(x[parts[0]])
    return tuple((ruler.transform(x)[part], labels[part]) for part in parts)


@dataclass
class EarlyStopping:
    patience: int
    min_delta: float = 0.0
    best_loss: float = float("inf")
    best_arrays: list | None = None

    def __post_init__(self):
        self.latest = deque(maxlen=self.patience)

    def update(self, loss, arrays):
        better = bool(loss < self.best_loss - self.min_delta)
        self.latest.append(better)
        if better:
            self.best_loss = loss
            self.best_arrays = [np.copy(array) for array in arrays]
        return len(self.latest) == self.patience and not any(self.latest)


def count_parameters(sizes):
    return int(sum(starmap(lambda d, k: d * k + k, pairwise(sizes))))


class Network(Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = list(layers)

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
            for name in layer.names
        ]

    def train(self, mode=True):
        self.training = mode
        for layer in self.layers:
            layer.training = mode

    def eval(self):
        self.train(False)

    def arrays(self):
        return [array for layer in self.layers for array in layer.arrays()]


def minibatches(n, batch_size, rng=None):
    order = generator_of(rng).permutation(n)
    pieces = range(-(-n // batch_size))
    return [order[i * batch_size : (i + 1) * batch_size] for i in pieces]


@dataclass
class Trainer:
    network: Network
    lr: float
    strength: float

    def step(self, x, labels):
        criterion = SoftmaxCrossEntropy()
        loss = criterion.forward(self.network.forward(x), labels)
        self.network.backward(criterion.backward())
        for parameter, gradient in self.network.parameters():
            decay = 2 * self.strength * (parameter.ndim == 2)
            parameter += -self.lr * gradient - self.lr * decay * parameter
        return loss


def train_epoch(network, x, labels, batches, lr, strength=0.0):
    network.train()
    trainer = Trainer(network, lr, strength)
    weighted = [trainer.step(x[batch], labels[batch]) * batch.size for batch in batches]
    return float(sum(weighted) / sum(batch.size for batch in batches))


def evaluate(network, x, labels):
    mode = network.training
    try:
        network.eval()
        z = network.forward(x)
    finally:
        network.train(mode)
    return SoftmaxCrossEntropy().forward(z, labels), np.float64((z.argmax(-1) == labels).mean())


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
    rng, stopper = generator_of(rng), EarlyStopping(patience)
    history = {"train": [], "validation": []}
    for _ in range(epochs):
        batches = minibatches(len(x), batch_size, rng)
        history["train"] += [train_epoch(network, x, labels, batches, lr, strength)]
        history["validation"] += [evaluate(network, x_validation, labels_validation)[0]]
        if stopper.update(history["validation"][-1], network.arrays()):
            break
    for layer in network.layers:
        for name in (*layer.names, *layer.buffers):
            setattr(layer, name, stopper.best_arrays.pop(0))
    return history


@dataclass(frozen=True)
class Model:
    """Several networks that vote."""

    ruler: Standardizer
    networks: tuple


def train(images, labels, seed):
    ruler = Standardizer()
    ruler.fit(images)
    x = ruler.transform(images)
    networks = []
    for rng in np.random.default_rng(seed).spawn(2):
        network = Network(
            [Linear(64, 80, rng), BatchNorm(80), ReLU(), Dropout(0.1, rng), Linear(80, 10, rng)]
        )
        learn, check, _ = split_indices(len(x), 120, 0, rng)
        fit(network, x[learn], labels[learn], x[check], labels[check], 20, 32, 0.2, 5e-4, 6, rng)
        networks.append(network)
    return Model(ruler, tuple(networks))


def predict(model, images):
    x = model.ruler.transform(images)
    for network in model.networks:
        network.eval()
    return sum(network.forward(x) for network in model.networks).argmax(axis=1).astype(np.int32)
