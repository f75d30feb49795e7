"""The definitions of the solution of s2-losses, made by `autograder build`."""

import numpy as np


def softmin_weights(marks, constants, temperature):
    """marks (k,), constants (k,), all positive, and a float -> the weights (k,); their sum is 1."""
    s = constants * np.exp(-(marks - np.min(marks)) / temperature)
    return s / np.sum(s)


def accumulated_grade(marks, constants, temperature):
    """The weighted mean of the marks (k,) before rounding, a float."""
    return float(np.sum(softmin_weights(marks, constants, temperature) * marks))


def grade_gradient(marks, constants, temperature):
    """The gradient of `accumulated_grade` by the marks (k,)."""
    weights = softmin_weights(marks, constants, temperature)
    grade = np.sum(weights * marks)
    return weights * (1.0 - (marks - grade) / temperature)


def round_half_up(grade):
    """A float, 0 or more -> the nearest whole number, halves up; an int or a float, as you like."""
    return int(np.floor(grade + 0.5 + 1e-9))


def one_hot(labels, classes):
    """labels (N,) of integers 0 … classes - 1 -> (N, classes), float64."""
    return np.eye(classes)[labels]


def accuracy(logits, labels):
    """logits (N, C), labels (N,) -> the share of rows with their largest logit at the label."""
    return float(np.mean(np.argmax(logits, axis=1) == labels))


def softmax(z):
    """Logits z (N, C) -> probabilities (N, C); each row sums to 1."""
    weights = np.exp(z - np.max(z, axis=1, keepdims=True))
    return weights / np.sum(weights, axis=1, keepdims=True)


def log_softmax(z):
    """Logits z (N, C) -> logarithms of the probabilities (N, C)."""
    shifted = z - np.max(z, axis=1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))


def softmax_gradient(z, grad_output):
    """Logits z (N, C), gradient by the softmax of z (N, C) -> gradient by z (N, C)."""
    p = softmax(z)
    return p * (grad_output - np.sum(grad_output * p, axis=1, keepdims=True))


def log_softmax_gradient(z, grad_output):
    """Logits z (N, C), gradient by the log-softmax of z (N, C) -> gradient by z (N, C)."""
    return grad_output - softmax(z) * np.sum(grad_output, axis=1, keepdims=True)


def mse(prediction, target):
    """Two arrays of one and the same shape, any -> the mean of all squared differences, a float."""
    return float(np.mean((prediction - target) ** 2))


def mse_gradient(prediction, target):
    """The gradient of `mse` by the prediction, of the same shape."""
    return 2.0 * (prediction - target) / np.size(prediction)


def half_sse(prediction, target):
    """Two arrays of one and the same shape, any -> half the sum of squared differences, a float."""
    return float(0.5 * np.sum((prediction - target) ** 2))


def half_sse_gradient(prediction, target):
    """The gradient of `half_sse` by the prediction, of the same shape."""
    return np.asarray(prediction, dtype=float) - target


def cross_entropy_from_logits(logits, labels):
    """logits (N, C), labels (N,) of integers 0 … C - 1 -> the mean of -ln p[true], a float."""
    return float(-np.mean(log_softmax(logits)[np.arange(len(labels)), labels]))


def cross_entropy_from_logits_gradient(logits, labels):
    """The gradient of `cross_entropy_from_logits` by the logits (N, C)."""
    return (softmax(logits) - one_hot(labels, logits.shape[1])) / len(labels)


def logistic_loss(scores, y):
    """scores (N,), y (N,) of +1 and -1 -> the mean of ln(1 + exp(-y · score)), a float."""
    return float(np.mean(np.logaddexp(0.0, -y * scores)))


def logistic_loss_gradient(scores, y):
    """The gradient of `logistic_loss` by the scores (N,)."""
    margin = y * scores
    small = np.exp(-np.abs(margin))
    return -y * np.where(margin > 0, small, 1.0) / (1.0 + small) / len(y)


def neuron_gradient(w0, w, x, y):
    """The logistic loss of the scores w0 + x w, differentiated by the weights.

    w0 a float, w (D,), x (N, D), y (N,) of +1 and -1 -> the pair (gradient by w0, a float;
    gradient by w (D,)).
    """
    grad_scores = logistic_loss_gradient(w0 + x @ w, y)
    return float(np.sum(grad_scores)), x.T @ grad_scores


def entropy(p):
    """Distributions p (N, C), one per row -> the mean over the rows of H(p), a float."""
    return cross_entropy(p, p)


def cross_entropy(p, q):
    """Distributions p (N, C) and q (N, C) -> the mean over the rows of H(p, q), a float."""
    log_q = np.log(q, out=np.zeros(np.shape(q)), where=p > 0)
    return float(-np.sum(p * log_q) / len(p))


def kl_divergence(p, q):
    """Distributions p (N, C) and q (N, C) -> the mean over the rows of D(p || q), a float."""
    return cross_entropy(p, q) - entropy(p)


def kl_divergence_gradient(p, q):
    """The gradient of `kl_divergence` by q (N, C)."""
    return -np.divide(p, q, out=np.zeros(np.shape(q)), where=p > 0) / len(p)


def gaussian_nll(prediction, target, log_variance):
    """Two arrays of one and the same shape, any, and a float, ln σ² -> -ln L, a float."""
    squares = np.sum((prediction - target) ** 2)
    count = np.size(prediction)
    return float(
        0.5 * count * (np.log(2.0 * np.pi) + log_variance) + 0.5 * squares * np.exp(-log_variance)
    )


def gaussian_nll_gradient(prediction, target, log_variance):
    """The pair (gradient by the prediction, of its shape; derivative by log_variance, a float)."""
    difference = prediction - target
    precision = np.exp(-log_variance)
    by_log_variance = 0.5 * np.size(prediction) - 0.5 * np.sum(difference**2) * precision
    return difference * precision, float(by_log_variance)
