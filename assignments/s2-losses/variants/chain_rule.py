"""Gradients by a small chain rule: each step gives its value and a function that goes back."""

from math import floor

import numpy as np


def chain(steps, x):
    """The value of the last step, and the function from its gradient to the gradient by x."""
    backs = []
    for step in steps:
        x, back = step(x)
        backs.append(back)

    def go_back(g=1.0):
        for back in reversed(backs):
            g = back(g)
        return g

    return x, go_back


def as_float(x):
    return np.asarray(x, dtype=float), lambda g: g


def times(factor):
    return lambda x: (x * factor, lambda g: g * factor)


def minus(other):
    return lambda x: (x - other, lambda g: g)


def square(x):
    return x * x, lambda g: 2.0 * g * x


def total(x):
    return x.sum(), lambda g: np.broadcast_to(g, x.shape)


def exponential(x):
    y = np.exp(x)
    return y, lambda g: g * y


def minus_log_sum(x):
    """x − ln Σ exp(x) along the last axis."""
    top = x.max(axis=-1, keepdims=True)
    y = x - top
    y = y - np.log(np.exp(y).sum(axis=-1, keepdims=True))
    return y, lambda g: g - np.exp(y) * np.sum(g, axis=-1, keepdims=True)


def softplus(x):
    y = np.where(x > 0, x, 0.0) + np.log1p(np.exp(-abs(x)))
    return y, lambda g: g * np.exp(x - y)


def inner(weights):
    return lambda x: ((x * weights).sum(), lambda g: g * weights)


def logs(constants):
    return lambda x: (x + np.log(constants), lambda g: g)


def the_weights(constants, temperature):
    return [as_float, times(-1.0 / temperature), logs(constants), minus_log_sum, exponential]


def softmin_weights(marks, constants, temperature):
    return chain(the_weights(constants, temperature), marks)[0]


def accumulated_grade(marks, constants, temperature):
    steps = [*the_weights(constants, temperature), inner(marks)]
    return chain(steps, marks)[0]


def grade_gradient(marks, constants, temperature):
    steps = [*the_weights(constants, temperature), inner(marks)]
    return chain(steps, marks)[1]() + softmin_weights(marks, constants, temperature)


def round_half_up(grade):
    return floor(grade + 0.5000000009)


def one_hot(labels, classes):
    return np.vstack([np.arange(classes) == label for label in labels]).astype(float)


def accuracy(logits, labels):
    return sum(int(np.argmax(z)) == k for z, k in zip(logits, labels, strict=True)) / len(labels)


def log_softmax(z):
    return chain([as_float, minus_log_sum], z)[0]


def log_softmax_gradient(z, grad_output):
    return chain([as_float, minus_log_sum], z)[1](grad_output)


def softmax(z):
    return chain([as_float, minus_log_sum, exponential], z)[0]


def softmax_gradient(z, grad_output):
    return chain([as_float, minus_log_sum, exponential], z)[1](grad_output)


def squares(target, factor):
    return [as_float, minus(target), square, total, times(factor)]


def mse(prediction, target):
    return chain(squares(target, 1.0 / target.size), prediction)[0]


def mse_gradient(prediction, target):
    return chain(squares(target, 1.0 / target.size), prediction)[1]()


def half_sse(prediction, target):
    return chain(squares(target, 0.5), prediction)[0]


def half_sse_gradient(prediction, target):
    return chain(squares(target, 0.5), prediction)[1]()


def classes(logits, labels):
    truth = one_hot(labels, logits.shape[1])
    return chain([as_float, minus_log_sum, inner(-truth / len(truth))], logits)


def cross_entropy_from_logits(logits, labels):
    return classes(logits, labels)[0]


def cross_entropy_from_logits_gradient(logits, labels):
    return classes(logits, labels)[1]()


def margins(scores, y):
    return chain([as_float, times(-y), softplus, total, times(1.0 / len(y))], scores)


def logistic_loss(scores, y):
    return margins(scores, y)[0]


def logistic_loss_gradient(scores, y):
    return margins(scores, y)[1]()


def neuron_gradient(w0, w, x, y):
    back = margins(w0 + x @ w, y)[1]()
    return (np.ones(len(y)) @ back, back @ x)


def allowed(p, q):
    """q where p is positive, and 1 elsewhere."""
    return np.select([p > 0], [q], default=1.0)


def entropy(p):
    return -(p * np.log(allowed(p, p))).sum(1).mean()


def cross_entropy(p, q):
    return -(p * np.log(allowed(p, q))).sum(1).mean()


def kl_divergence(p, q):
    return (p * np.log(allowed(p, p / allowed(p, q)))).sum(1).mean()


def kl_divergence_gradient(p, q):
    return (-p / len(p)) * np.reciprocal(allowed(p, q))


def gaussian_nll(prediction, target, log_variance):
    factor = 0.5 * np.exp(-log_variance)
    spread = prediction.size / 2 * (np.log(2 * np.pi) + log_variance)
    return chain(squares(target, factor), prediction)[0] + spread


def gaussian_nll_gradient(prediction, target, log_variance):
    value, back = chain(squares(target, 0.5 * np.exp(-log_variance)), prediction)
    return back(), prediction.size / 2 - value
