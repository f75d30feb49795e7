"""Backward by recursion; parameters in one flat vector; train returns another kind of object."""

import numpy as np


def rnn_step(x, h, W_x, W_h, b):
    z = b + x @ W_x
    z = z + h @ W_h
    e = np.exp(-2 * np.abs(z))
    return np.sign(z) * (1 - e) / (1 + e)


def rnn_step_backward(grad_h_new, x, h, h_new, W_x, W_h):
    slope = 1 - h_new**2
    delta = slope * grad_h_new
    return (
        np.inner(delta, W_x),
        np.inner(delta, W_h),
        np.inner(x.T, delta.T),
        np.inner(h.T, delta.T),
        np.ones(len(delta)) @ delta,
    )


class RNN:
    def __init__(self, d_in, d_hidden, rng=None):
        rng = np.random.default_rng(rng)
        self._sizes = [d_in * d_hidden, d_hidden * d_hidden, d_hidden]
        self._flat = rng.standard_normal(sum(self._sizes))
        self.b[:] = 0
        self.W_x[:] /= np.sqrt(d_in)
        self.W_h[:] /= np.sqrt(d_hidden)

    def _part(self, i, shape):
        start = sum(self._sizes[:i])
        return self._flat[start : start + self._sizes[i]].reshape(shape)

    @property
    def W_x(self):
        return self._part(0, (-1, self._sizes[2]))

    @W_x.setter
    def W_x(self, value):
        self.W_x[...] = value

    @property
    def W_h(self):
        return self._part(1, (-1, self._sizes[2]))

    @W_h.setter
    def W_h(self, value):
        self.W_h[...] = value

    @property
    def b(self):
        return self._part(2, -1)

    @b.setter
    def b(self, value):
        self.b[...] = value

    def forward(self, x, h_0=None):
        self._x = np.array(x, dtype="float64")
        if h_0 is None:
            h_0 = np.zeros((len(x), self._sizes[2]))
        self._states = [np.array(h_0, dtype="float64")]
        for t in range(self._x.shape[1]):
            step = rnn_step(self._x[:, t], self._states[t], self.W_x, self.W_h, self.b)
            self._states += [step]
        return np.concatenate([h[:, None, :] for h in self._states[1:]], axis=1)

    def backward(self, grad_h):
        deltas = [None] * grad_h.shape[1]

        def delta(t):
            if t == len(deltas):
                return np.zeros_like(self._states[0])
            total = grad_h[:, t] + delta(t + 1) @ self.W_h.T
            deltas[t] = total * (1 - self._states[t + 1] ** 2)
            return deltas[t]

        delta(0)
        all_deltas = np.stack(deltas, axis=1)
        old = np.stack(self._states[:-1], axis=1)
        self.grad_W_x = (self._x.transpose(0, 2, 1) @ all_deltas).sum(0)
        self.grad_W_h = (old.transpose(0, 2, 1) @ all_deltas).sum(0)
        self.grad_b = all_deltas.sum(0).sum(0)
        self.grad_h_0 = deltas[0] @ self.W_h.T
        return all_deltas @ self.W_x.T


def clip_by_global_norm(gradients, max_norm):
    norm = np.hypot.reduce([np.linalg.norm(g) for g in gradients])
    if norm > max_norm:
        gradients = [max_norm * (g / norm) for g in gradients]
    return list(gradients), norm


class CharacterCrossEntropy:
    def forward(self, logits, targets):
        logits = np.asarray(logits) * 1.0
        n, steps, v = logits.shape
        self.losses, self.gradient = np.empty((n, steps)), np.empty((n, steps, v))
        for i in range(n):
            for t in range(steps):
                z = logits[i, t] - np.max(logits[i, t])
                total = np.sum(np.exp(z))
                self.losses[i, t] = np.log(total) - z[targets[i][t]]
                self.gradient[i, t] = np.exp(z) / total
                self.gradient[i, t, targets[i][t]] -= 1
        self.gradient /= n * steps
        return self.losses.mean()

    def backward(self):
        return self.gradient.copy()


def perplexity(probabilities, targets):
    logs = np.log(np.asarray(probabilities))
    picked = [logs[i, t, c] for (i, t), c in np.ndenumerate(np.asarray(targets))]
    return 1.0 / np.exp(np.mean(picked))


class CharModel:
    def __init__(self, vocabulary, d_hidden, rng=None):
        rng = np.random.default_rng(rng)
        self.rnn = RNN(vocabulary, d_hidden, rng)
        self.W_y = rng.normal(size=(d_hidden, vocabulary)) * d_hidden**-0.5
        self.b_y = np.zeros(vocabulary)

    def forward(self, ids):
        one_hot = np.zeros((*np.shape(ids), len(self.b_y)))
        np.put_along_axis(one_hot, np.asarray(ids)[..., None], 1, -1)
        self.states = self.rnn.forward(one_hot)
        return np.stack([h @ self.W_y + self.b_y for h in self.states])

    def backward(self, grad_logits):
        self.grad_W_y = sum(h.T @ g for h, g in zip(self.states, grad_logits))
        self.grad_b_y = sum(g.sum(0) for g in grad_logits)
        self.rnn.backward(np.stack([g @ self.W_y.T for g in grad_logits]))

    def probabilities(self, ids):
        z = self.forward(ids)
        e = np.exp(z - z.max(2)[:, :, None])
        return e / e.sum(2)[:, :, None]


def train_step(model, inputs, targets, lr, max_norm):
    loss = CharacterCrossEntropy()
    value = loss.forward(model.forward(inputs), targets)
    model.backward(loss.backward())
    names = ["rnn.W_x", "rnn.W_h", "rnn.b", "W_y", "b_y"]
    owners = [model.rnn] * 3 + [model] * 2
    names = [name.split(".")[-1] for name in names]
    gradients = [getattr(o, f"grad_{n}") for o, n in zip(owners, names)]
    for owner, name, g in zip(owners, names, clip_by_global_norm(gradients, max_norm)[0]):
        setattr(owner, name, getattr(owner, name) - lr * g)
    return value


class Trained:
    """Two models, averaged."""

    def __init__(self, models):
        self.models = models

    def probabilities(self, ids):
        return np.mean([model.probabilities(ids) for model in self.models], axis=0)


def train(ids, vocabulary, seed):
    models = []
    for k in range(2):
        rng = np.random.default_rng([seed, k])
        model = CharModel(vocabulary, 40, rng)
        for step in range(350):
            rows = np.array([ids[s : s + 21] for s in rng.integers(0, len(ids) - 20, 12)])
            train_step(model, rows[:, :-1], rows[:, 1:], 2.0 - step / 200, 1.0)
        models.append(model)
    return Trained(models)
