"""Nothing but the inputs is kept: backward runs forward again; einsum all over; an embedding."""

import numpy as np


def rnn_step(x, h, W_x, W_h, b):
    return np.tanh(np.einsum("nd,dh->nh", x, W_x) + np.einsum("nk,kh->nh", h, W_h) + b)


def rnn_step_backward(grad_h_new, x, h, h_new, W_x, W_h):
    delta = np.einsum("nh,nh->nh", grad_h_new, 1 - np.square(h_new))
    return [
        np.einsum("nh,dh->nd", delta, W_x),
        np.einsum("nh,kh->nk", delta, W_h),
        np.einsum("nd,nh->dh", x, delta),
        np.einsum("nk,nh->kh", h, delta),
        np.einsum("nh->h", delta),
    ]


class RNN:
    def __init__(self, d_in, d_hidden, rng=None):
        g = np.random.default_rng(rng)
        self.W_h = g.standard_normal((d_hidden, d_hidden)) / d_hidden**0.5
        self.W_x = g.standard_normal((d_in, d_hidden)) / d_in**0.5
        self.b = np.zeros((d_hidden,))

    def _run(self):
        h = [self.start]
        for x in np.moveaxis(self.inputs, 1, 0):
            h.append(rnn_step(x, h[-1], self.W_x, self.W_h, self.b))
        return h

    def forward(self, x, h_0=None):
        self.inputs = np.copy(x).astype(np.float64)
        shape = len(self.inputs), self.b.size
        self.start = np.zeros(shape) if h_0 is None else np.array(h_0, dtype=np.float64)
        return np.stack(self._run()[1:], 1)

    def backward(self, grad_h):
        h, steps = self._run(), self.inputs.shape[1]
        carry, grad_x, totals = 0.0, [], None
        for t in range(steps - 1, -1, -1):
            gx, carry, *shares = rnn_step_backward(
                grad_h[:, t] + carry, self.inputs[:, t], h[t], h[t + 1], self.W_x, self.W_h
            )
            grad_x.insert(0, gx)
            totals = shares if totals is None else [a + s for a, s in zip(totals, shares)]
        self.grad_W_x, self.grad_W_h, self.grad_b = totals
        self.grad_h_0 = carry
        return np.stack(grad_x, axis=1)


def clip_by_global_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.vdot(g, g) for g in gradients))
    if norm <= max_norm:
        return [g.copy() for g in gradients], norm
    return [g / norm * max_norm for g in gradients], norm


def log_softmax(z):
    z = np.asarray(z, dtype=np.float64)
    top = np.max(z, axis=-1)
    return z - (top + np.log(np.einsum("ntv->nt", np.exp(z - top[..., None]))))[..., None]


class CharacterCrossEntropy:
    def forward(self, logits, targets):
        self.logits = np.array(logits, dtype=np.float64)
        self.one_hot = np.eye(self.logits.shape[-1])[targets]
        total = np.einsum("ntv,ntv->", self.one_hot, log_softmax(self.logits))
        return -total / self.one_hot[..., 0].size

    def backward(self):
        p = np.exp(log_softmax(self.logits))
        return (p - self.one_hot) / (p.shape[0] * p.shape[1])


def perplexity(probabilities, targets):
    one_hot = np.eye(np.shape(probabilities)[-1])[targets]
    return np.exp(-np.mean(np.log(np.einsum("ntv,ntv->nt", one_hot, probabilities))))


class CharModel:
    def __init__(self, vocabulary, d_hidden, rng=None):
        g = np.random.default_rng(rng)
        self.W_y = g.normal(scale=d_hidden**-0.5, size=(d_hidden, vocabulary))
        self.b_y = np.zeros(vocabulary)
        self.rnn = RNN(vocabulary, d_hidden, g)

    def forward(self, ids):
        self.one_hot = np.eye(self.b_y.size)[ids]
        return np.einsum("nth,hv->ntv", self.rnn.forward(self.one_hot), self.W_y) + self.b_y

    def backward(self, grad_logits):
        h = self.rnn.forward(self.one_hot)
        self.grad_W_y = np.einsum("nth,ntv->hv", h, grad_logits)
        self.grad_b_y = np.einsum("ntv->v", grad_logits)
        self.rnn.backward(np.einsum("ntv,hv->nth", grad_logits, self.W_y))

    def probabilities(self, ids):
        return np.exp(log_softmax(self.forward(ids)))


def train_step(model, inputs, targets, lr, max_norm):
    ce = CharacterCrossEntropy()
    loss = ce.forward(model.forward(inputs), targets)
    model.backward(ce.backward())
    places = [(model.rnn, "W_x"), (model.rnn, "W_h"), (model.rnn, "b")]
    places += [(model, "W_y"), (model, "b_y")]
    gradients, _ = clip_by_global_norm([getattr(o, "grad_" + n) for o, n in places], max_norm)
    for (owner, name), g in zip(places, gradients):
        setattr(owner, name, getattr(owner, name) - lr * g)
    return loss


def train(ids, vocabulary, seed):
    g = np.random.default_rng(seed)
    model = CharModel(vocabulary, 48, g)
    for step in range(500):
        at = g.integers(len(ids) - 25, size=24)
        w = np.stack([ids[i : i + 25] for i in at])
        train_step(model, w[:, :-1], w[:, 1:], 2.5 if step < 300 else 0.7, 1.0)
    return model
