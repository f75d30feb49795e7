"""One flat memory for all parameters with views into it, everything written in place."""

import numpy as np


def gradient_descent(gradient, start, lr, steps):
    # Column-major, and seen through its transpose.
    path = np.empty((len(start), steps + 1))
    path[:, 0] = start
    for n in range(steps):
        path[:, n + 1] = path[:, n]
        path[:, n + 1] -= lr * gradient(path[:, n])
    return path.T


def noisy_descent(gradient, start, lr, steps, sigma, rng=None):
    rng = np.random.default_rng(rng)
    path = np.empty((len(start), steps + 1))
    path[:, 0] = start
    for n in range(steps):
        noise = np.empty(len(start))
        rng.standard_normal(out=noise)
        noise *= sigma
        noise += gradient(path[:, n])
        path[:, n + 1] = path[:, n] - lr * noise
    return path.T


def mse_gradient(w, X, y):
    residual = np.dot(X, w).astype(float)
    residual -= y
    residual *= 2.0
    residual /= residual.size
    return np.dot(residual, X)


def minibatches(X, y, batch_size, rng=None):
    order = np.random.default_rng(rng).permutation(X.shape[0])
    X, y = X[order], y[order]
    batches = []
    while len(X):
        batches.append((X[:batch_size], y[:batch_size]))
        X, y = X[batch_size:], y[batch_size:]
    return batches


def stochastic_descent(gradient, start, X, y, lr, batch_size, epochs, rng=None):
    rng = np.random.default_rng(rng)
    per_epoch = -(-len(X) // batch_size)
    path = np.empty((1 + epochs * per_epoch, len(start)))
    path[0] = start
    n = 0
    for _ in range(epochs):
        for X_batch, y_batch in minibatches(X, y, batch_size, rng):
            np.multiply(gradient(path[n], X_batch, y_batch), -lr, out=path[n + 1])
            path[n + 1] += path[n]
            n += 1
    return path


def running_risk(initial_losses, losses, rate):
    Q = np.empty(len(losses) + 1)
    Q[0] = np.average(initial_losses)
    Q[1:] = rate * np.asarray(losses)
    for i in range(1, len(Q)):
        Q[i] += (1 - rate) * Q[i - 1]
    return Q[1:]


def views(parameters):
    """Zeros for all parameters in one flat array, cut into views of their shapes."""
    flat = np.zeros(sum(w.size for w in parameters))
    cut, first = [], 0
    for w in parameters:
        cut.append(flat[first : first + w.size].reshape(w.shape))
        first += w.size
    return cut


def given(*lists):
    """Those tuples of items whose gradient, the last item, is not None."""
    return (items for items in zip(*lists, strict=True) if items[-1] is not None)


class SGD:
    def __init__(self, parameters, lr):
        self.parameters, self.lr = parameters, lr

    def step(self, gradients):
        for w, g in given(self.parameters, gradients):
            np.subtract(w, self.lr * g, out=w)


class Momentum:
    def __init__(self, parameters, lr, rho=0.9, nesterov=False, l2=0.0):
        self.parameters, self.lr = parameters, lr
        self.rho, self.nesterov, self.l2 = rho, nesterov, l2
        self.velocity = views(parameters)

    def step(self, gradients):
        for w, v, g in given(self.parameters, self.velocity, gradients):
            push = g.copy()
            push += 2 * self.l2 * w
            v *= self.rho
            v += push
            if self.nesterov:
                push += self.rho * v
                w -= self.lr * push
            else:
                w -= self.lr * v


class AdaGrad:
    def __init__(self, parameters, lr, eps=1e-10):
        self.parameters, self.lr, self.eps = parameters, lr, eps
        self.cache = views(parameters)

    def keep(self, c, square):
        c += square

    def step(self, gradients):
        for w, c, g in given(self.parameters, self.cache, gradients):
            self.keep(c, g * g)
            size = np.sqrt(c)
            size += self.eps
            w -= self.lr / size * g


class RMSProp(AdaGrad):
    def __init__(self, parameters, lr, gamma=0.9, eps=1e-10):
        super().__init__(parameters, lr, eps)
        self.gamma = gamma

    def keep(self, c, square):
        square *= 1 - self.gamma
        c *= self.gamma
        c += square


class Adam:
    def __init__(self, parameters, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
        self.parameters, self._lr = parameters, lr
        self.beta1, self.beta2, self.eps, self.decay = beta1, beta2, eps, weight_decay
        self.first, self.second = views(parameters), views(parameters)
        self.power1 = self.power2 = 1.0

    @property
    def lr(self):
        return self._lr

    @lr.setter
    def lr(self, value):
        self._lr = value

    def step(self, gradients):
        self.power1 *= self.beta1
        self.power2 *= self.beta2
        for w, m, v, g in given(self.parameters, self.first, self.second, gradients):
            m *= self.beta1
            m += (1 - self.beta1) * g
            v *= self.beta2
            v += (1 - self.beta2) * g**2
            change = np.sqrt(v / (1 - self.power2))
            change += self.eps
            np.divide(m, change, out=change)
            change /= 1 - self.power1
            w *= 1 - self.lr * self.decay
            w -= self.lr * change


def clip_gradients(gradients, max_norm):
    cut = views(gradients)
    for copy, g in zip(cut, gradients, strict=True):
        copy[...] = g
    flat = cut[0].base
    norm = np.linalg.norm(flat)
    if norm > max_norm:
        flat *= max_norm / norm
    return cut


def step_decay(lr, t, factor, every):
    return np.float64(lr) * factor ** int(t / every)


def inverse_decay(lr, t, rate):
    return np.array(lr) / (1.0 + np.array(rate * t))


def cosine_decay(lr, t, total, final=0.0):
    middle, height = (lr + final) / 2, (lr - final) / 2
    return middle + height * np.cos(np.pi * np.minimum(t, total) / total)


def minimize(optimizer, gradient, schedule, steps):
    remaining = list(range(steps))[::-1]
    while remaining:
        setattr(optimizer, "lr", schedule(remaining.pop()))  # noqa: B010
        optimizer.step(gradient(optimizer.parameters))
