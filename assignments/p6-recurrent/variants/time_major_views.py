"""Time runs first inside, results are transposed views; all steps' products in one go."""

import numpy as np


def rnn_step(x, h, W_x, W_h, b):
    z = np.concatenate([x, h], axis=1) @ np.concatenate([W_x, W_h])
    z += b
    return np.tanh(z, out=z)


def rnn_step_backward(grad_h_new, x, h, h_new, W_x, W_h):
    delta = (1 + h_new) * (1 - h_new) * grad_h_new
    both = delta @ np.vstack([W_x, W_h]).T
    grads = np.hstack([x, h]).T @ delta
    d = x.shape[1]
    return both[:, :d], both[:, d:], grads[:d], grads[d:], np.add.reduce(delta)


class RNN(object):  # noqa: UP004
    def __init__(self, d_in, d_hidden, rng=None):
        rng = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)
        self.W_x = rng.normal(size=(d_hidden, d_in)).T * np.sqrt(1 / d_in)
        self.W_h = rng.normal(size=(d_hidden, d_hidden)).T * np.sqrt(1 / d_hidden)
        self.b = np.zeros(d_hidden)

    def forward(self, x, h_0=None):
        self.x = np.array(np.swapaxes(x, 0, 1), dtype=np.float64, order="C")
        steps, n, _ = self.x.shape
        self.h = np.empty((steps + 1, n, self.b.shape[0]))
        self.h[0] = 0 if h_0 is None else h_0
        pre = self.x @ self.W_x + self.b
        for t, z in enumerate(pre):
            np.tanh(z + self.h[t] @ self.W_h, out=self.h[t + 1])
        return self.h[1:].swapaxes(0, 1)

    def backward(self, grad_h):
        delta = np.array(np.swapaxes(grad_h, 0, 1), dtype=np.float64)
        steps = len(delta)
        for t in range(steps)[::-1]:
            if t + 1 < steps:
                delta[t] += delta[t + 1] @ self.W_h.T
            delta[t] *= 1 - self.h[t + 1] ** 2
        self.grad_W_x = np.tensordot(self.x, delta, axes=((0, 1), (0, 1)))
        self.grad_W_h = np.tensordot(self.h[:-1], delta, axes=((0, 1), (0, 1)))
        self.grad_b = delta.sum((0, 1))
        self.grad_h_0 = delta[0] @ self.W_h.T
        return (delta @ self.W_x.T).swapaxes(0, 1)


def clip_by_global_norm(gradients, max_norm):
    flat = np.concatenate([g.ravel() for g in gradients])
    norm = np.linalg.norm(flat)
    factor = min(1.0, max_norm / norm) if norm else 1.0
    flat *= factor
    cuts = np.cumsum([g.size for g in gradients])[:-1]
    parts = np.split(flat, cuts)
    return tuple(part.reshape(g.shape) for part, g in zip(parts, gradients)), norm


class CharacterCrossEntropy:
    def forward(self, logits, targets):
        z = np.array(logits, dtype=float).reshape(-1, np.shape(logits)[-1])
        y = np.array(targets).ravel()
        z -= z.max(1)[:, None]
        e = np.exp(z)
        total = e.sum(1)
        self.g = e / total[:, None]
        self.g[np.arange(len(y)), y] -= 1
        self.g /= len(y)
        self.g = self.g.reshape(np.shape(logits))
        return np.mean(np.log(total) - z[np.arange(len(y)), y])

    def backward(self):
        return self.g


def perplexity(probabilities, targets):
    p = np.asarray(probabilities).reshape(-1, np.shape(probabilities)[-1])
    return np.exp(-np.log(p[np.arange(len(p)), np.ravel(targets)]).sum() / len(p))


class CharModel:
    def __init__(self, vocabulary, d_hidden, rng=None):
        rng = np.random.default_rng(rng)
        self.rnn = RNN(vocabulary, d_hidden, rng)
        self.W_y = rng.standard_normal((vocabulary, d_hidden)).T / np.sqrt(d_hidden)
        self.b_y = np.zeros(vocabulary)
        self.one_hot = np.identity(vocabulary)

    def forward(self, ids):
        return np.dot(self.rnn.forward(self.one_hot[ids]), self.W_y) + self.b_y

    def backward(self, grad_logits):
        g = np.asarray(grad_logits).swapaxes(0, 1)
        self.grad_W_y = np.tensordot(self.rnn.h[1:], g, axes=((0, 1), (0, 1)))
        self.grad_b_y = g.sum((0, 1))
        return self.rnn.backward((g @ self.W_y.T).swapaxes(0, 1))

    def probabilities(self, ids):
        z = self.forward(ids)
        z -= z.max(-1)[..., None]
        np.exp(z, out=z)
        z /= z.sum(-1)[..., None]
        return z


def train_step(model, inputs, targets, lr, max_norm):
    criterion = CharacterCrossEntropy()
    loss = criterion.forward(model.forward(inputs), targets)
    model.backward(criterion.backward())
    r = model.rnn
    clipped, _ = clip_by_global_norm(
        [r.grad_W_x, r.grad_W_h, r.grad_b, model.grad_W_y, model.grad_b_y], max_norm
    )
    for p, g in zip([r.W_x, r.W_h, r.b, model.W_y, model.b_y], clipped):
        np.subtract(p, lr * g, out=p)
    return loss


def train(ids, vocabulary, seed):
    rng = np.random.default_rng(seed)
    model = CharModel(vocabulary, 80, rng)
    windows = np.lib.stride_tricks.sliding_window_view(ids, 41)
    for lr in np.geomspace(3.0, 0.1, 300):
        batch = windows[rng.integers(0, len(windows), 32)]
        train_step(model, batch[:, :-1], batch[:, 1:], lr, 0.5)
    return model
