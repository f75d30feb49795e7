"""Einsum and logaddexp; every function by itself, nothing shared between them."""

import numpy as np

log_sum = np.logaddexp.reduce


def softmin_weights(marks, constants, temperature):
    logs = np.log(constants) - np.divide(marks, temperature)
    return np.exp(logs - log_sum(logs))


def accumulated_grade(marks, constants, temperature):
    logs = np.log(constants) - np.divide(marks, temperature)
    return np.einsum("i,i", np.exp(logs - log_sum(logs)), marks)


def grade_gradient(marks, constants, temperature):
    logs = np.log(constants) - np.divide(marks, temperature)
    w = np.exp(logs - log_sum(logs))
    jacobian = (np.outer(w, w) - np.diag(w)) / temperature
    return w + jacobian @ marks


def round_half_up(grade):
    return np.floor(np.round(grade, 9) + 0.5)


def one_hot(labels, classes):
    return (labels[:, None] == np.arange(classes)[None, :]).astype(np.float64)


def accuracy(logits, labels):
    hits = np.equal(logits.argmax(1), labels)
    return np.count_nonzero(hits) / hits.size


def softmax(z):
    return np.exp(z - log_sum(z, axis=1, keepdims=True))


def log_softmax(z):
    return z - log_sum(z, axis=1, keepdims=True)


def softmax_gradient(z, grad_output):
    p = np.exp(z - log_sum(z, axis=1, keepdims=True))
    jacobian = np.einsum("nc,cs->ncs", p, np.eye(p.shape[1])) - np.einsum("nc,ns->ncs", p, p)
    return np.einsum("ncs,ns->nc", jacobian, grad_output)


def log_softmax_gradient(z, grad_output):
    p = np.exp(z - log_sum(z, axis=1, keepdims=True))
    return grad_output - np.einsum("nc,ns->nc", p, grad_output)


def mse(prediction, target):
    d = np.subtract(prediction, target, dtype=float).ravel()
    return np.einsum("i,i->", d, d) / len(d)


def mse_gradient(prediction, target):
    return (prediction - target) * (2 / prediction.size)


def half_sse(prediction, target):
    d = np.subtract(prediction, target).ravel()
    return np.einsum("i,i->", d, d) / 2


def half_sse_gradient(prediction, target):
    return np.subtract(prediction, target, dtype=float)


def cross_entropy_from_logits(logits, labels):
    truth = np.identity(logits.shape[1])[labels]
    return (log_sum(logits, axis=1).sum() - np.einsum("nc,nc", logits, truth)) / len(logits)


def cross_entropy_from_logits_gradient(logits, labels):
    truth = np.identity(logits.shape[1])[labels]
    return (np.exp(logits - log_sum(logits, axis=1)[:, None]) - truth) / len(logits)


def logistic_loss(scores, y):
    return np.logaddexp(0, -np.multiply(scores, y)).mean()


def logistic_loss_gradient(scores, y):
    return -y * np.exp(-np.logaddexp(0, np.multiply(scores, y))) / len(scores)


def neuron_gradient(w0, w, x, y):
    with_one = np.insert(x.astype(float), 0, 1.0, axis=1)
    margin = y * np.einsum("nd,d->n", with_one, np.concatenate([[w0], w]))
    both = np.einsum("n,nd->d", -y * np.exp(-np.logaddexp(0, margin)), with_one) / len(y)
    return both[0], both[1:]


def entropy(p):
    return -np.einsum("nc,nc", p, np.log(np.where(p > 0, p, 1))) / len(p)


def cross_entropy(p, q):
    return -np.einsum("nc,nc", p, np.log(np.where(p > 0, q, 1))) / len(p)


def kl_divergence(p, q):
    ratio = np.where(p > 0, p, 1) / np.where(p > 0, q, 1)
    return np.einsum("nc,nc", p, np.log(ratio)) / len(p)


def kl_divergence_gradient(p, q):
    return -(p / np.where(p > 0, q, 1)) / len(p)


def gaussian_nll(prediction, target, log_variance):
    d = np.subtract(prediction, target).ravel()
    exponent = np.einsum("i,i", d, d) * np.exp(-log_variance)
    return (d.size * np.log(2 * np.pi) + d.size * log_variance + exponent) / 2


def gaussian_nll_gradient(prediction, target, log_variance):
    d = np.subtract(prediction, target)
    scaled = np.einsum("...,->...", d, np.exp(-log_variance))
    return scaled, (d.size - np.vdot(scaled, d)) / 2
