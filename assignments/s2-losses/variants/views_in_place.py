"""One buffer per call, filled and changed in place; results may be views or read-only."""

import numpy as np


def floats(array):
    return np.array(array, dtype=np.float64)


def softmin_weights(marks, constants, temperature):
    s = floats(marks)
    s -= s.min()
    s /= -temperature
    np.exp(s, out=s)
    s *= constants
    s /= s.sum()
    s.flags.writeable = False
    return s


def accumulated_grade(marks, constants, temperature):
    # Counted from the weakest mark upwards.
    weakest = np.min(marks)
    return weakest + np.dot(softmin_weights(marks, constants, temperature), marks - weakest)


def grade_gradient(marks, constants, temperature):
    slope = floats(marks)
    slope -= accumulated_grade(marks, constants, temperature)
    slope /= -temperature
    slope += 1.0
    slope *= softmin_weights(marks, constants, temperature)
    return slope


def round_half_up(grade):
    whole, rest = divmod(grade, 1.0)
    return whole + (rest >= 0.5 - 1e-9)


def one_hot(labels, classes):
    buffer = np.zeros(len(labels) * classes)
    buffer[np.arange(len(labels)) * classes + labels] = 1.0
    return buffer.reshape(-1, classes)


def accuracy(logits, labels):
    wrong = np.argmax(logits, axis=-1) - labels.astype(int)
    return 1.0 - np.count_nonzero(wrong) / len(wrong)


def softmax(z):
    p = floats(z.T)
    p -= p.max(axis=0)
    np.exp(p, out=p)
    p /= p.sum(axis=0)
    return p.T


def log_softmax(z):
    logs = floats(z.T)
    logs -= logs.max(axis=0)
    logs -= np.log(np.exp(logs).sum(axis=0))
    return logs.T


def softmax_gradient(z, grad_output):
    p = softmax(z)
    weighted = p * grad_output
    weighted -= p * weighted.sum(axis=1)[:, None]
    return weighted


def log_softmax_gradient(z, grad_output):
    gradient = floats(grad_output)
    gradient -= softmax(z) * grad_output.sum(axis=1).reshape(-1, 1)
    return gradient[:, :]


def mse(prediction, target):
    d = floats(prediction)
    d -= target
    return np.linalg.norm(d) ** 2 / d.size


def mse_gradient(prediction, target):
    d = floats(prediction)
    d -= target
    d *= 2
    d /= d.size
    return d


def half_sse(prediction, target):
    d = floats(prediction)
    d -= target
    np.square(d, out=d)
    d *= 0.5
    return d.sum()


def half_sse_gradient(prediction, target):
    d = floats(prediction)
    d -= target
    return d


def cross_entropy_from_logits(logits, labels):
    flat = log_softmax(logits).ravel()
    return -flat[np.arange(len(labels)) * logits.shape[1] + labels].mean()


def cross_entropy_from_logits_gradient(logits, labels):
    gradient = softmax(logits)
    gradient[np.arange(len(labels)), labels] -= 1
    gradient /= len(labels)
    return gradient


def logistic_loss(scores, y):
    loss = floats(scores)
    loss *= y
    np.negative(loss, out=loss)
    # max(t, 0) + ln(1 + e^−|t|)
    rest = np.log1p(np.exp(-np.abs(loss)))
    np.maximum(loss, 0.0, out=loss)
    loss += rest
    return loss.mean()


def logistic_loss_gradient(scores, y):
    gradient = floats(scores)
    gradient *= y
    with np.errstate(over="ignore"):
        np.exp(gradient, out=gradient)
    gradient += 1.0
    np.reciprocal(gradient, out=gradient)
    gradient *= y
    gradient /= -len(gradient)
    return gradient


def neuron_gradient(w0, w, x, y):
    extended = np.ones((len(x), 1 + len(w)))
    extended[:, 1:] = x
    both = logistic_loss_gradient(extended @ np.r_[w0, w], y) @ extended
    return both[0], both[1:]


def surprise(q, p):
    logs = np.ones(q.shape)
    np.copyto(logs, q, where=p != 0)
    np.log(logs, out=logs)
    logs *= p
    return -logs.sum(axis=1)


def entropy(p):
    return np.average(surprise(p, p))


def cross_entropy(p, q):
    return np.average(surprise(q, p))


def kl_divergence(p, q):
    extra = surprise(q, p)
    extra -= surprise(p, p)
    return np.average(extra)


def kl_divergence_gradient(p, q):
    with np.errstate(divide="ignore", invalid="ignore"):
        gradient = np.divide(p, q, dtype=float)
    gradient[p == 0] = 0.0
    gradient *= -1.0 / len(p)
    return gradient


def gaussian_nll(prediction, target, log_variance):
    d = floats(prediction)
    d -= target
    d *= np.exp(-log_variance / 2)
    np.square(d, out=d)
    d += np.log(2 * np.pi)
    d += log_variance
    return d.sum() / 2


def gaussian_nll_gradient(prediction, target, log_variance):
    d = floats(prediction)
    d -= target
    both = np.empty(d.size + 1)
    both[:-1] = d.ravel() * np.exp(-log_variance)
    both[-1] = (d.size - both[:-1] @ d.ravel()) / 2
    return both[:-1].reshape(d.shape), both[-1]
