"""Functions that remember: backward is made by forward, the model is a function."""

from functools import partial, reduce

from numpy import (
    absolute,
    arange,
    argmax,
    array,
    asarray,
    concatenate,
    exp,
    float64,
    inf,
    isnan,
    log,
    mean,
    ones,
    ptp,
    sign,
    sqrt,
    square,
    where,
    zeros,
)
from numpy.random import default_rng


class Linear:
    def __init__(self, d_in, d_out, rng=None):
        self.W, self.b = default_rng(rng).normal(0, 1, (d_in, d_out)) / d_in**0.5, zeros(d_out)

    def forward(self, x):
        x = array(x, float64)

        def back(g):
            self.grad_W, self.grad_b = x.T @ g, g.sum(axis=0)
            return g @ self.W.T

        self.backward = back
        return x @ self.W + self.b


class ReLU:
    def forward(self, x):
        gate = array(x) > 0
        self.backward = lambda g: where(gate, g, 0.0)
        return where(gate, x, 0.0)


class SoftmaxCrossEntropy:
    def forward(self, logits, labels):
        e = exp(logits - logits.max(1)[:, None])
        p, rows, labels = e / e.sum(1)[:, None], arange(len(e)), array(labels)

        def back():
            g = p.copy()
            g[rows, labels] -= 1
            return g / len(g)

        self.backward = back
        shifted = logits - logits.max(1)[:, None]
        return float(mean(log(e.sum(1)) - shifted[rows, labels]))


def penalty(value, slope, w, strength):
    return strength * float(value(asarray(w, float64)).sum()), strength * slope(asarray(w, float64))


l2_penalty = partial(penalty, square, lambda w: w + w)
l1_penalty = partial(penalty, absolute, sign)


def penalty_of_prior(prior, scale):
    return ("L1", 1 / scale) if prior == "laplace" else ("L2", 1 / scale / scale / 2)


def soft_threshold(v, t):
    return where(absolute(v) <= t, 0.0, v - t * sign(v))


def proximal_step(w, gradient, lr, strength):
    return soft_threshold(w - lr * gradient, lr * strength)


class Dropout:
    def __init__(self, p, rng=None):
        rng = default_rng(rng)
        self.p, self.training = p, True
        self.dice = lambda shape: rng.uniform(0, 1, shape) < p

    def forward(self, x):
        x = array(x, float64)
        if not self.training:
            self.backward = lambda g: g
            return x
        drop = self.dice(x.shape)
        through = lambda values: where(drop, 0.0, values) / (1 - self.p or 1)  # noqa: E731
        self.backward = through
        return through(x)


class BatchNorm:
    def __init__(self, d, momentum=0.1, eps=1e-5):
        self.gamma, self.beta = ones(d), zeros(d)
        self.running_mean, self.running_var = zeros(d), ones(d)
        self.training = True
        self.towards = lambda old, new: old + momentum * (new - old)
        self.root = lambda var: sqrt(var + eps)

    def forward(self, x):
        x, n, training = array(x, float64), len(x), self.training
        m, v = self.running_mean, self.running_var
        if training:
            m = x.mean(axis=0)
            v = square(x - m).mean(axis=0)
            self.running_mean = self.towards(self.running_mean, m)
            self.running_var = self.towards(
                self.running_var, v * n / (n - 1) if n > 1 else self.running_var
            )
        s = self.root(v)
        z = (x - m) / s

        def back(g):
            self.grad_gamma, self.grad_beta = (g * z).sum(axis=0), g.sum(axis=0)
            if training:
                # Projected away from the constant and from z.
                g = g - self.grad_beta / n - z * self.grad_gamma / n
            return g * self.gamma / s

        self.backward = back
        return z * self.gamma + self.beta


def split_indices(n, n_validation, n_test, rng=None):
    keys = default_rng(rng).random(n)
    order = keys.argsort()
    return (
        order[n_validation + n_test :],
        order[:n_validation],
        order[n_validation : n_validation + n_test],
    )


class Standardizer:
    def fit(self, x):
        self.mean = mean(x, axis=0)
        self.std = sqrt(mean(square(x - self.mean), axis=0))
        self.std[ptp(x, axis=0) == 0] = 1
        self.transform = lambda new: (new - self.mean) / self.std
        return self.transform


def prepare(x, labels, n_validation, n_test, rng=None):
    indices = split_indices(len(x), n_validation, n_test, rng)
    ruler = Standardizer().fit(x[indices[0]])
    return tuple([(ruler(x[i]), labels[i]) for i in indices])


class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        self.best_loss, self.best_arrays = inf, None
        waiting = iter(())

        def update(loss, arrays):
            nonlocal waiting
            if not isnan(loss) and self.best_loss > loss + min_delta:
                self.best_loss, self.best_arrays = loss, [1 * a for a in arrays]
                waiting = iter(range(patience - 1))
                return False
            if self.best_arrays is None and not self.begun:
                waiting = iter(range(patience - 1))
            self.begun = True
            return next(waiting, None) is None

        self.begun = False
        self.update = update


def count_parameters(sizes):
    head, *tail = sizes
    return reduce(lambda sofar, k: (sofar[0] + (sofar[1] + 1) * k, k), tail, (0, head))[0]


class Network:
    def __init__(self, layers):
        self.layers = list(layers)
        self.training = True

    def forward(self, x):
        return reduce(lambda value, layer: layer.forward(value), self.layers, x)

    def backward(self, grad_output):
        return reduce(lambda value, layer: layer.backward(value), self.layers[::-1], grad_output)

    def parameters(self):
        names = ("W", "b", "gamma", "beta")
        return [
            (getattr(layer, name), getattr(layer, "grad_" + name))
            for layer in self.layers
            for name in names
            if hasattr(layer, name)
        ]

    def train(self):
        for one in (self, *self.layers):
            one.training = True

    def eval(self):
        for one in (self, *self.layers):
            one.training = False

    def arrays(self):
        names = ["W", "b", "gamma", "beta", "running_mean", "running_var"]
        return [getattr(one, n) for one in self.layers for n in names if n in one.__dict__]


def minibatches(n, batch_size, rng=None):
    order = default_rng(rng).random(n).argsort()
    return [order[i : i + batch_size] for i in arange(0, n, batch_size)]


def train_epoch(network, x, labels, batches, lr, strength=0.0):
    network.train()

    def step(batch):
        criterion = SoftmaxCrossEntropy()
        loss = criterion.forward(network.forward(x[batch]), labels[batch])
        network.backward(criterion.backward())
        for p, g in network.parameters():
            p -= lr * (g + (l2_penalty(p, strength)[1] if len(p.shape) > 1 else 0))
        return [loss] * len(batch)

    return float(mean(concatenate([step(batch) for batch in batches])))


def evaluate(network, x, labels):
    back = network.train if network.training else network.eval
    network.eval()
    z = network.forward(x)
    back()
    return SoftmaxCrossEntropy().forward(z, labels), float(mean(argmax(z, axis=1) == labels))


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
    rng, stopper, pairs = default_rng(rng), EarlyStopping(patience), []
    for _ in range(epochs):
        before = train_epoch(network, x, labels, minibatches(len(x), batch_size, rng), lr, strength)
        after, _ = evaluate(network, x_validation, labels_validation)
        pairs.append((before, after))
        if stopper.update(after, network.arrays()):
            break
    for old, new in zip(network.arrays(), stopper.best_arrays, strict=True):
        old[:] = new
    return {"train": [a for a, _ in pairs], "validation": [b for _, b in pairs]}


def train(images, labels, seed):
    rng = default_rng(seed)
    ruler = Standardizer().fit(images)
    network = Network(
        [Linear(64, 150, rng), ReLU(), Dropout(0.3, rng), Linear(150, 10, rng), BatchNorm(10)]
    )
    x = ruler(images)
    for i in range(25):
        train_epoch(network, x, labels, minibatches(len(x), 25, rng), 0.3 * 0.9**i, 2e-4)
    network.eval()
    return lambda new: network.forward(ruler(new)).argmax(1)


def predict(model, images):
    return model(images)
