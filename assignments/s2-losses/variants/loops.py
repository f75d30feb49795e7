"""Plain Python loops over objects and classes, with the math module, as in a first course."""

import math

import numpy as np


def softmin_weights(marks, constants, temperature):
    weakest = min(float(mark) for mark in marks)
    s = []
    for mark, constant in zip(marks, constants, strict=True):
        s.append(float(constant) * math.exp((weakest - float(mark)) / temperature))
    return np.array([value / sum(s) for value in s])


def accumulated_grade(marks, constants, temperature):
    total = 0.0
    for weight, mark in zip(softmin_weights(marks, constants, temperature), marks, strict=True):
        total += weight * mark
    return total


def grade_gradient(marks, constants, temperature):
    weights = softmin_weights(marks, constants, temperature)
    gradient = np.zeros(len(marks))
    for i in range(len(marks)):
        # dG/dO_i = Σ_j dw_j/dO_i · O_j + w_i, with dw_j/dO_i = −w_j ([i = j] − w_i) / T
        gradient[i] = weights[i]
        for j in range(len(marks)):
            gradient[i] -= weights[j] * ((i == j) - weights[i]) / temperature * marks[j]
    return gradient


def round_half_up(grade):
    whole = int(grade)
    if grade - whole > 0.5 - 1e-9:
        return whole + 1
    return whole


def one_hot(labels, classes):
    rows = []
    for label in labels:
        rows.append([1.0 if c == label else 0.0 for c in range(classes)])
    return np.array(rows)


def accuracy(logits, labels):
    right = 0
    for row, label in zip(logits, labels, strict=True):
        best = 0
        for c in range(len(row)):
            if row[c] > row[best]:
                best = c
        right += best == label
    return right / len(labels)


def log_sum(row):
    top = max(float(value) for value in row)
    return top + math.log(sum(math.exp(float(value) - top) for value in row))


def log_softmax(z):
    result = np.zeros(z.shape)
    for n, row in enumerate(z):
        for c, value in enumerate(row):
            result[n, c] = float(value) - log_sum(row)
    return result


def softmax(z):
    result = np.zeros(z.shape)
    for n, row in enumerate(z):
        for c, value in enumerate(row):
            result[n, c] = math.exp(float(value) - log_sum(row))
    return result


def softmax_gradient(z, grad_output):
    p = softmax(z)
    result = np.zeros(z.shape)
    for n in range(z.shape[0]):
        for c in range(z.shape[1]):
            for s in range(z.shape[1]):
                result[n, c] += grad_output[n, s] * p[n, s] * ((s == c) - p[n, c])
    return result


def log_softmax_gradient(z, grad_output):
    p = softmax(z)
    result = np.zeros(z.shape)
    for n in range(z.shape[0]):
        for c in range(z.shape[1]):
            for s in range(z.shape[1]):
                result[n, c] += grad_output[n, s] * ((s == c) - p[n, c])
    return result


def differences(prediction, target):
    pairs = zip(np.ravel(prediction), np.ravel(target), strict=True)
    return [float(a) - float(y) for a, y in pairs]


def mse(prediction, target):
    d = differences(prediction, target)
    return sum(value * value for value in d) / len(d)


def mse_gradient(prediction, target):
    d = differences(prediction, target)
    return np.array([2.0 * value / len(d) for value in d]).reshape(prediction.shape)


def half_sse(prediction, target):
    return 0.5 * math.fsum(value**2 for value in differences(prediction, target))


def half_sse_gradient(prediction, target):
    return np.array(differences(prediction, target)).reshape(prediction.shape)


def cross_entropy_from_logits(logits, labels):
    total = 0.0
    for row, label in zip(logits, labels, strict=True):
        total += log_sum(row) - float(row[label])
    return total / len(labels)


def cross_entropy_from_logits_gradient(logits, labels):
    gradient = softmax(logits)
    for n, label in enumerate(labels):
        gradient[n, label] -= 1.0
    return gradient / len(labels)


def logistic_loss(scores, y):
    total = 0.0
    for score, answer in zip(scores, y, strict=True):
        margin = float(score) * float(answer)
        total += math.log1p(math.exp(-abs(margin))) + max(0.0, -margin)
    return total / len(scores)


def logistic_loss_gradient(scores, y):
    gradient = []
    for score, answer in zip(scores, y, strict=True):
        margin = float(score) * float(answer)
        if margin >= 0:
            missed = math.exp(-margin) / (1.0 + math.exp(-margin))
        else:
            missed = 1.0 / (1.0 + math.exp(margin))
        gradient.append(-float(answer) * missed / len(scores))
    return np.array(gradient)


def neuron_gradient(w0, w, x, y):
    scores = []
    for row in x:
        scores.append(w0 + sum(float(wi) * float(xi) for wi, xi in zip(w, row, strict=True)))
    by_scores = logistic_loss_gradient(scores, y)
    grad_w0, grad_w = 0.0, np.zeros(len(w))
    for g, row in zip(by_scores, x, strict=True):
        grad_w0 += g
        for i, value in enumerate(row):
            grad_w[i] += g * value
    return [grad_w0, grad_w]


def entropy(p):
    total = 0.0
    for row in p:
        for value in row:
            if value > 0:
                total -= value * math.log(value)
    return total / len(p)


def cross_entropy(p, q):
    total = 0.0
    for n in range(p.shape[0]):
        for c in range(p.shape[1]):
            if p[n, c] > 0:
                total -= p[n, c] * math.log(q[n, c])
    return total / len(p)


def kl_divergence(p, q):
    total = 0.0
    for n in range(p.shape[0]):
        for c in range(p.shape[1]):
            if p[n, c] > 0:
                total += p[n, c] * math.log(p[n, c] / q[n, c])
    return total / len(p)


def kl_divergence_gradient(p, q):
    gradient = np.zeros(p.shape)
    for index in np.ndindex(p.shape):
        if p[index] > 0:
            gradient[index] = -p[index] / (len(p) * q[index])
    return gradient


def gaussian_nll(prediction, target, log_variance):
    total = 0.0
    for d in differences(prediction, target):
        total += 0.5 * (math.log(2.0 * math.pi) + log_variance + d * d * math.exp(-log_variance))
    return total


def gaussian_nll_gradient(prediction, target, log_variance):
    d = differences(prediction, target)
    scale = math.exp(-log_variance)
    by_log_variance = sum(0.5 - 0.5 * value * value * scale for value in d)
    return np.array([value * scale for value in d]).reshape(prediction.shape), by_log_variance
