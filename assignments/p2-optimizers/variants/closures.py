"""Functions that make functions: generators of points, accumulate, coroutines for the memory."""

from functools import partial
from itertools import accumulate, chain, islice

from numpy import (
    array,
    array_split,
    ceil,
    concatenate,
    cos,
    einsum,
    float64,
    full,
    hypot,
    pi,
    sqrt,
    stack,
    tensordot,
    zeros,
)
from numpy.random import default_rng


def points(slope, start, lr):
    point = array(start, float64)
    while True:
        yield point.copy()
        point -= lr * slope(point)


def gradient_descent(gradient, start, lr, steps):
    return stack([*islice(points(gradient, start, lr), steps + 1)])


def noisy_descent(gradient, start, lr, steps, sigma, rng=None):
    draw = partial(default_rng(rng).normal, 0, sigma)
    return gradient_descent(lambda x: gradient(x) + draw(len(start)), start, lr, steps)


def mse_gradient(w, X, y):
    return einsum("nd,n->d", X, tensordot(X, w, 1) - y) / (0.5 * len(y))


def minibatches(X, y, batch_size, rng=None):
    order = default_rng(rng).permutation(len(X))
    count = ceil(len(X) / batch_size)
    padded = full(int(count * batch_size), -1)
    padded[: len(X)] = order
    return [(X[rows[rows >= 0]], y[rows[rows >= 0]]) for rows in array_split(padded, count)]


def stochastic_descent(gradient, start, X, y, lr, batch_size, epochs, rng=None):
    rng = default_rng(rng)
    batches = chain.from_iterable(minibatches(X, y, batch_size, rng) for _ in range(epochs))
    walk = accumulate(
        batches, lambda w, batch: w - lr * gradient(w, *batch), initial=array(start, float64)
    )
    return array([*walk])


def running_risk(initial_losses, losses, rate):
    mix = accumulate(
        losses, lambda Q, loss: rate * loss + (1 - rate) * Q, initial=initial_losses.mean()
    )
    return array([*mix][1:])


def optimizer(rule):
    """Make a class of a rule: (shape, options) -> a coroutine from (w, g, t) to the direction."""

    class Made:
        def __init__(self, parameters, lr, *args, **options):
            self.parameters, self.lr, self.t = parameters, lr, 0
            self.rules = [rule(w.shape, *args, **options) for w in parameters]
            for one in self.rules:
                next(one)

        def step(self, gradients):
            self.t += 1
            for w, g, one in zip(self.parameters, gradients, self.rules, strict=True):
                if g is not None:
                    w -= self.lr * one.send((w, g, self.t))

    return Made


@optimizer
def SGD(shape):
    g = zeros(shape)
    while True:
        _, g, _ = yield g


@optimizer
def Momentum(shape, rho=0.9, nesterov=False, l2=0.0):
    v = direction = zeros(shape)
    while True:
        w, g, _ = yield direction
        g = g + l2 * w + l2 * w
        v = rho * v + g
        direction = rho * v + g if nesterov else v


@optimizer
def AdaGrad(shape, eps=1e-10):
    root = direction = zeros(shape)
    while True:
        _, g, _ = yield direction
        root = hypot(root, g)
        direction = g / (root + eps)


@optimizer
def RMSProp(shape, gamma=0.9, eps=1e-10):
    c = direction = zeros(shape)
    while True:
        _, g, _ = yield direction
        c = c * gamma + g * g * (1 - gamma)
        direction = g / (c**0.5 + eps)


@optimizer
def Adam(shape, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
    m = v = direction = zeros(shape)
    while True:
        w, g, t = yield direction
        m = m - (1 - beta1) * (m - g)
        v = v - (1 - beta2) * (v - g * g)
        root = sqrt(1 - beta2**t)
        direction = root / (1 - beta1**t) * m / (sqrt(v) + eps * root) + weight_decay * w


def clip_gradients(gradients, max_norm):
    flat = concatenate([g.ravel() for g in gradients])
    norm = sqrt(flat @ flat)
    return [g * min(1.0, max_norm / norm) if norm else g + 0.0 for g in gradients]


def step_decay(lr, t, factor, every):
    return lr * factor ** divmod(t, every)[0]


def inverse_decay(lr, t, rate):
    return (1 / lr + rate / lr * t) ** -1


def cosine_decay(lr, t, total, final=0.0):
    share = (1 + cos(pi * min(t / total, 1))) / 2
    return share * lr + (1 - share) * final


def minimize(optimizer, gradient, schedule, steps):
    for optimizer.lr in map(schedule, range(steps)):
        optimizer.step(gradient(optimizer.parameters))
