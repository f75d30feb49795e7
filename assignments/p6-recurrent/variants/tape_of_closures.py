"""Forward leaves a tape of closures behind, which backward plays in reverse; no cell classes."""

from functools import reduce
from math import exp, log, sqrt

import numpy as np


def rnn_step(x, h, W_x, W_h, b):
    return np.tanh(np.matmul(x, W_x) + np.matmul(h, W_h) + b)


def rnn_step_backward(grad_h_new, x, h, h_new, W_x, W_h):
    d = np.subtract(grad_h_new, grad_h_new * h_new * h_new)
    outer_x = sum(np.outer(row, e) for row, e in zip(x, d))
    outer_h = sum(np.outer(row, e) for row, e in zip(h, d))
    return (W_x @ d.T).T, (W_h @ d.T).T, outer_x, outer_h, sum(d)


def taped(x, h, W_x, W_h, b):
    new = rnn_step(x, h, W_x, W_h, b)

    def back(grad):
        d = grad * (1 - new * new)
        return d @ W_x.T, d @ W_h.T, x.T @ d, h.T @ d, d.sum(0)

    return new, back


class RNN:
    def __init__(self, d_in, d_hidden, rng=None):
        draw = np.random.default_rng(rng).normal
        self.W_x = draw(0, sqrt(1 / d_in), (d_in, d_hidden))
        self.W_h = draw(0, sqrt(1 / d_hidden), (d_hidden, d_hidden))
        self.b = np.zeros(d_hidden)
        self.grad_W_x = self.grad_W_h = self.grad_b = self.grad_h_0 = None

    def forward(self, x, h_0=None):
        x = np.array(x, dtype=float)
        h = np.zeros((x.shape[0], self.b.shape[0])) if h_0 is None else np.array(h_0, dtype=float)
        states, self._tape = [], []
        for t in range(x.shape[1]):
            h, back = taped(x[:, t, :], h, self.W_x, self.W_h, self.b)
            states.append(h)
            self._tape.append(back)
        return np.array(states).transpose(1, 0, 2)

    def backward(self, grad_h):
        def play(carried, t):
            (later, sums), back = carried, self._tape[t]
            gx, gh, *rest = back(grad_h[:, t] + later)
            grad_x[:, t] = gx
            return gh, [s + r for s, r in zip(sums, rest)]

        n, steps, _ = grad_h.shape
        grad_x = np.empty((n, steps, len(self.W_x)))
        zeros = [np.zeros(w.shape) for w in (self.W_x, self.W_h, self.b)]
        start = (np.zeros((n, len(self.b))), zeros)
        self.grad_h_0, sums = reduce(play, range(steps - 1, -1, -1), start)
        self.grad_W_x, self.grad_W_h, self.grad_b = sums
        return grad_x


def clip_by_global_norm(gradients, max_norm):
    norm = sqrt(sum(float(np.linalg.norm(g)) ** 2 for g in gradients))
    clipped = []
    for g in gradients:
        clipped.append(g * (max_norm / norm) if norm > max_norm else g)
    return clipped, norm


class CharacterCrossEntropy:
    def forward(self, logits, targets):
        z = np.asarray(logits, dtype=np.float64)
        y = [[int(c) for c in row] for row in targets]
        log_p = z - np.logaddexp.reduce(z, axis=2, keepdims=True)
        places = [(n, t, c) for n, row in enumerate(y) for t, c in enumerate(row)]

        def back():
            g = np.exp(log_p)
            for place in places:
                g[place] -= 1.0
            return g / len(places)

        self.backward = back
        return -sum(float(log_p[place]) for place in places) / len(places)

    def backward(self):
        raise RuntimeError("call forward first")


def perplexity(probabilities, targets):
    surprise = [-log(p[c]) for row, ys in zip(probabilities, targets) for p, c in zip(row, ys)]
    return exp(sum(surprise) / len(surprise))


class CharModel:
    def __init__(self, vocabulary, d_hidden, rng=None):
        rng = np.random.default_rng(rng)
        self.W_y = rng.normal(0, 1, (d_hidden, vocabulary)) / sqrt(d_hidden)
        self.b_y = np.zeros(vocabulary)
        self.rnn = RNN(vocabulary, d_hidden, rng)

    def forward(self, ids):
        x = (np.asarray(ids)[..., None] == np.arange(len(self.b_y))).astype(float)
        h = self.rnn.forward(x)

        def back(grad):
            flat = grad.reshape(-1, grad.shape[-1])
            self.grad_W_y = h.reshape(-1, h.shape[-1]).T @ flat
            self.grad_b_y = flat.sum(0)
            self.rnn.backward(grad @ self.W_y.T)

        self._back = back
        return h @ self.W_y + self.b_y

    def backward(self, grad_logits):
        self._back(grad_logits)

    def probabilities(self, ids):
        z = self.forward(ids)
        return np.exp(z - np.logaddexp.reduce(z, axis=2, keepdims=True))


def train_step(model, inputs, targets, lr, max_norm):
    criterion = CharacterCrossEntropy()
    loss = criterion.forward(model.forward(inputs), targets)
    model.backward(criterion.backward())
    rnn = model.rnn
    clipped, _ = clip_by_global_norm(
        [rnn.grad_b, model.grad_b_y, rnn.grad_W_x, rnn.grad_W_h, model.grad_W_y], max_norm
    )
    rnn.b = rnn.b - lr * clipped[0]
    model.b_y = model.b_y - lr * clipped[1]
    rnn.W_x = rnn.W_x - lr * clipped[2]
    rnn.W_h = rnn.W_h - lr * clipped[3]
    model.W_y = model.W_y - lr * clipped[4]
    return loss


def train(ids, vocabulary, seed):
    rng = np.random.default_rng(seed)
    model = CharModel(vocabulary, 50, rng)
    for i in range(500):
        starts = rng.choice(len(ids) - 24, 20)
        rows = np.array([ids[s : s + 25] for s in starts])
        train_step(model, rows[:, :24], rows[:, 1:], 2.0 / (1 + i / 200), 1.0)
    return model
