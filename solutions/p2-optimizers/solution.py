"""The definitions of the solution of p2-optimizers, made by `autograder build`."""

import numpy as np


def gradient_descent(gradient, start, lr, steps):
    """Walk downhill from `start`.

    gradient: a function, point (D,) -> gradient (D,); start: the first point (D,), kept as it is.
    Returns the path, an array (steps + 1, D): the start, then the point after each step.
    """
    x = np.array(start, dtype=float)
    path = [x]
    for _ in range(steps):
        x = x - lr * gradient(x)
        path.append(x)
    return np.array(path)


def noisy_descent(gradient, start, lr, steps, sigma, rng=None):
    """Walk downhill from `start` with normal noise of standard deviation `sigma` on the gradient.

    gradient, start, and the path (steps + 1, D) that is returned: as in gradient_descent.
    rng: None, an integer seed or a numpy Generator.
    """
    rng = np.random.default_rng(rng)

    def noisy(x):
        return gradient(x) + rng.normal(0.0, sigma, size=x.shape)

    return gradient_descent(noisy, start, lr, steps)


def mse_gradient(w, X, y):
    """The gradient (D,) of the mean squared error of X·w, for w (D,), X (n, D), y (n,)."""
    return 2.0 * X.T @ (X @ w - y) / len(X)


def minibatches(X, y, batch_size, rng=None):
    """Shuffle the N objects X (N, D) and their answers y (N,) together and cut them into batches.

    rng: None, an integer seed or a numpy Generator.
    Returns a list of pairs (X_batch, y_batch) with the dtypes of X and y. All batches have
    batch_size objects, but for a last one with the rest; every object is in exactly one of them.
    """
    order = np.random.default_rng(rng).permutation(len(X))
    batches = []
    for first in range(0, len(X), batch_size):
        rows = order[first : first + batch_size]
        batches.append((X[rows], y[rows]))
    return batches


def stochastic_descent(gradient, start, X, y, lr, batch_size, epochs, rng=None):
    """Mini-batch gradient descent: one step for each batch, a new permutation for each epoch.

    gradient: a function (w, X_batch, y_batch) -> gradient (D,), the mean over the batch; it is
    called once for each batch. start: the first weights (D,); rng: as in minibatches.
    Returns the path, an array (number of steps + 1, D): the start, then w after each step.
    """
    rng = np.random.default_rng(rng)
    w = np.array(start, dtype=float)
    path = [w]
    for _ in range(epochs):
        for X_batch, y_batch in minibatches(X, y, batch_size, rng):
            w = w - lr * gradient(w, X_batch, y_batch)
            path.append(w)
    return np.array(path)


def running_risk(initial_losses, losses, rate):
    """The running risk Q after each of `losses`.

    initial_losses: (N,) the losses of the objects before the training; Q begins as their mean.
    losses: (T,) the losses met on the way; rate: the λ of the formula, between 0 and 1.
    Returns an array (T,): Q after the first loss, after the second, …
    """
    Q = np.mean(initial_losses)
    history = []
    for loss in losses:
        Q = rate * loss + (1.0 - rate) * Q
        history.append(Q)
    return np.array(history)


class SGD:
    """w ← w - lr · g. Attributes: parameters, lr."""

    def __init__(self, parameters, lr):
        """parameters: a list of arrays that `step` is to change in place."""
        self.parameters = parameters
        self.lr = lr

    def step(self, gradients):
        """gradients: a list with an array, or None, for each parameter."""
        for i, g in enumerate(gradients):
            if g is None:
                continue
            self.parameters[i] -= self.lr * g


class Momentum:
    """v ← rho · v + g, then w ← w - lr · v, or with nesterov w ← w - lr · (g + rho · v).

    Attributes: parameters, lr.
    """

    def __init__(self, parameters, lr, rho=0.9, nesterov=False, l2=0.0):
        """parameters: a list of arrays that `step` is to change in place; v begins with zeros.

        l2: the factor α of the penalty α‖w‖², whose gradient is added to g first.
        """
        self.parameters = parameters
        self.lr = lr
        self.rho = rho
        self.nesterov = nesterov
        self.l2 = l2
        self.v = [np.zeros_like(w) for w in parameters]

    def step(self, gradients):
        """gradients: a list with an array, or None, for each parameter."""
        for i, g in enumerate(gradients):
            if g is None:
                continue
            w = self.parameters[i]
            g = g + 2.0 * self.l2 * w
            self.v[i] = self.rho * self.v[i] + g
            w -= self.lr * (g + self.rho * self.v[i] if self.nesterov else self.v[i])


class AdaGrad:
    """c ← c + g², w ← w - lr · g / (√c + eps). Attributes: parameters, lr."""

    def __init__(self, parameters, lr, eps=1e-10):
        """parameters: a list of arrays that `step` is to change in place; c begins with zeros."""
        self.parameters = parameters
        self.lr = lr
        self.eps = eps
        self.cache = [np.zeros_like(w) for w in parameters]

    def step(self, gradients):
        """gradients: a list with an array, or None, for each parameter."""
        for i, g in enumerate(gradients):
            if g is None:
                continue
            self.cache[i] += g**2
            self.parameters[i] -= self.lr * g / (np.sqrt(self.cache[i]) + self.eps)


class RMSProp:
    """c ← gamma · c + (1 - gamma) · g², w ← w - lr · g / (√c + eps). Attributes: parameters, lr."""

    def __init__(self, parameters, lr, gamma=0.9, eps=1e-10):
        """parameters: a list of arrays that `step` is to change in place; c begins with zeros."""
        self.parameters = parameters
        self.lr = lr
        self.gamma = gamma
        self.eps = eps
        self.cache = [np.zeros_like(w) for w in parameters]

    def step(self, gradients):
        """gradients: a list with an array, or None, for each parameter."""
        for i, g in enumerate(gradients):
            if g is None:
                continue
            self.cache[i] = self.gamma * self.cache[i] + (1.0 - self.gamma) * g**2
            self.parameters[i] -= self.lr * g / (np.sqrt(self.cache[i]) + self.eps)


class Adam:
    """Adam with bias correction and a weight decay of its own. Attributes: parameters, lr."""

    def __init__(self, parameters, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
        """parameters: a list of arrays that `step` is to change in place; m, v, t begin at zero."""
        self.parameters = parameters
        self.lr = lr
        self.beta1, self.beta2 = beta1, beta2
        self.eps = eps
        self.weight_decay = weight_decay
        self.m = [np.zeros_like(w) for w in parameters]
        self.v = [np.zeros_like(w) for w in parameters]
        self.t = 0

    def step(self, gradients):
        """gradients: a list with an array, or None, for each parameter."""
        self.t += 1
        for i, g in enumerate(gradients):
            if g is None:
                continue
            w = self.parameters[i]
            self.m[i] = self.beta1 * self.m[i] + (1.0 - self.beta1) * g
            self.v[i] = self.beta2 * self.v[i] + (1.0 - self.beta2) * g**2
            m_hat = self.m[i] / (1.0 - self.beta1**self.t)
            v_hat = self.v[i] / (1.0 - self.beta2**self.t)
            w -= self.lr * (m_hat / (np.sqrt(v_hat) + self.eps) + self.weight_decay * w)


def clip_gradients(gradients, max_norm):
    """A list of arrays (no None) -> a list of arrays with a global norm of at most max_norm > 0."""
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return [g * (max_norm / max(norm, max_norm)) for g in gradients]


def step_decay(lr, t, factor, every):
    """The learning rate of step t: multiplied by `factor` after each `every` steps."""
    return lr * factor ** (t // every)


def inverse_decay(lr, t, rate):
    """The learning rate of step t, falling like 1/t: halved when rate · t = 1."""
    return lr / (1.0 + rate * t)


def cosine_decay(lr, t, total, final=0.0):
    """The learning rate of step t: half a cosine wave from lr at t = 0 to `final` at t = total."""
    angle = np.pi * min(t, total) / total
    return final + 0.5 * (lr - final) * (1.0 + np.cos(angle))


def minimize(optimizer, gradient, schedule, steps):
    """Let the optimizer take `steps` steps; its parameters change in place, nothing is returned.

    gradient: a function, the list optimizer.parameters -> the list of their gradients;
    schedule: a function, t = 0, 1, 2, … -> the learning rate of step t, a float.
    """
    for t in range(steps):
        optimizer.lr = schedule(t)
        optimizer.step(gradient(optimizer.parameters))
