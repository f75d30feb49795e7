"""Parameters as dataclasses behind properties; trained by Adam on consecutive pieces of text."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Parameter:
    value: np.ndarray
    grad: np.ndarray = field(default=None)


class Module:
    def parameters(self):
        found = []
        for value in vars(self).values():
            if isinstance(value, Parameter):
                found.append(value)
            elif isinstance(value, Module):
                found += value.parameters()
        return found


def parameter(name):
    def write(self, value):
        setattr(self, "_" + name, Parameter(np.array(value, dtype=np.float64)))

    return (
        property(lambda self: getattr(self, "_" + name).value, write),
        property(lambda self: getattr(self, "_" + name).grad),
    )


def rnn_step(x, h, W_x, W_h, b):
    return np.tanh(x.dot(W_x) + h.dot(W_h) + b[None])


def rnn_step_backward(grad_h_new, x, h, h_new, W_x, W_h):
    dz = grad_h_new / 1.0
    dz *= 1.0 - h_new * h_new
    return dz.dot(W_x.T), dz.dot(W_h.T), np.dot(x.T, dz), np.dot(h.T, dz), dz.sum(0)


@dataclass
class Moment:
    x: np.ndarray
    old: np.ndarray
    new: np.ndarray


class RNN(Module):
    W_x, grad_W_x = parameter("W_x")  # noqa: N815
    W_h, grad_W_h = parameter("W_h")  # noqa: N815
    b, grad_b = parameter("b")

    def __init__(self, d_in, d_hidden, rng=None):
        rng = np.random.default_rng(rng)
        self.W_x = rng.normal(0, d_in**-0.5, (d_in, d_hidden))
        self.W_h = rng.normal(0, d_hidden**-0.5, (d_hidden, d_hidden))
        self.b = [0] * d_hidden

    def forward(self, x, h_0=None):
        x = np.array(x, dtype=np.float64)
        if h_0 is None:
            h_0 = np.zeros((x.shape[0], self.b.size))
        self.moments, h = [], np.array(h_0, dtype=np.float64)
        for t in range(x.shape[1]):
            new = rnn_step(x[:, t], h, self.W_x, self.W_h, self.b)
            self.moments.append(Moment(x[:, t], h, new))
            h = new
        return np.stack([moment.new for moment in self.moments], axis=1)

    def backward(self, grad_h):
        self._W_x.grad, self._W_h.grad, self._b.grad = (
            np.zeros_like(w) for w in (self.W_x, self.W_h, self.b)
        )
        carry, grad_x = np.zeros_like(self.moments[0].old), []
        for t, m in reversed(list(enumerate(self.moments))):
            gx, carry, gWx, gWh, gb = rnn_step_backward(
                carry + grad_h[:, t], m.x, m.old, m.new, self.W_x, self.W_h
            )
            self._W_x.grad += gWx
            self._W_h.grad += gWh
            self._b.grad += gb
            grad_x.append(gx)
        self.grad_h_0 = carry
        return np.stack(grad_x[::-1], axis=1)


def clip_by_global_norm(gradients, max_norm):
    squares = np.array([np.square(g).sum() for g in gradients])
    norm = squares.sum() ** 0.5
    factor = 1.0 / max(1.0, norm / max_norm)
    return [np.multiply(factor, g) for g in gradients], norm


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


class CharacterCrossEntropy:
    def forward(self, logits, targets):
        self.z, self.y = np.array(logits, dtype=np.float64), np.array(targets)
        n, t = np.indices(self.y.shape)
        self.place = n, t, self.y
        margins = self.z - self.z[self.place][..., None]
        top = margins.max(axis=-1)
        return float(np.mean(top + np.log(np.exp(margins - top[..., None]).sum(axis=-1))))

    def backward(self):
        grad = softmax(self.z)
        np.add.at(grad, self.place, -1.0)
        return grad / self.y.size


def perplexity(probabilities, targets):
    n, t = np.indices(np.shape(targets))
    return np.exp(np.mean(-np.log(probabilities[n, t, targets])))


class CharModel(Module):
    W_y, grad_W_y = parameter("W_y")  # noqa: N815
    b_y, grad_b_y = parameter("b_y")

    def __init__(self, vocabulary, d_hidden, rng=None):
        rng = np.random.default_rng(rng)
        self.rnn = RNN(vocabulary, d_hidden, rng)
        self.W_y = rng.normal(0, d_hidden**-0.5, (d_hidden, vocabulary))
        self.b_y = [0] * vocabulary

    def forward(self, ids, h_0=None):
        self.h = self.rnn.forward(np.eye(self.b_y.size)[np.array(ids)], h_0)
        return self.h @ self.W_y + self.b_y

    def backward(self, grad_logits):
        self._W_y.grad = np.tensordot(self.h, grad_logits, ([0, 1], [0, 1]))
        self._b_y.grad = grad_logits.sum(axis=1).sum(axis=0)
        return self.rnn.backward(grad_logits.dot(self.W_y.T))

    def probabilities(self, ids):
        return softmax(self.forward(ids))


def clipped_gradients(model, inputs, targets, max_norm, h_0=None):
    criterion = CharacterCrossEntropy()
    loss = criterion.forward(model.forward(inputs, h_0), targets)
    model.backward(criterion.backward())
    return loss, clip_by_global_norm([p.grad for p in model.parameters()], max_norm)[0]


def train_step(model, inputs, targets, lr, max_norm):
    loss, gradients = clipped_gradients(model, inputs, targets, max_norm)
    for p, g in zip(model.parameters(), gradients):
        p.value -= lr * g
    return loss


class Adam:
    def __init__(self, parameters):
        self.parameters, self.t = parameters, 0
        self.m = [np.zeros_like(p.value) for p in parameters]
        self.v = [np.zeros_like(p.value) for p in parameters]

    def step(self, gradients, lr):
        self.t += 1
        for p, g, m, v in zip(self.parameters, gradients, self.m, self.v):
            m += 0.1 * (g - m)
            v += 0.01 * (g * g - v)
            size = np.sqrt(v / (1 - 0.99**self.t)) + 1e-8
            p.value -= lr * m / (1 - 0.9**self.t) / size


def train(ids, vocabulary, seed):
    model = CharModel(vocabulary, 64, seed)
    adam, rows = Adam(model.parameters()), 32
    length = (len(ids) - 1) // rows
    x = np.reshape(ids[: rows * length], (rows, length))
    y = np.reshape(ids[1 : rows * length + 1], (rows, length))
    h = None
    for _ in range(8):
        for start in range(0, length - 30, 30):
            piece = slice(start, start + 30)
            _, gradients = clipped_gradients(model, x[:, piece], y[:, piece], 1.0, h)
            h = model.h[:, -1]
            adam.step(gradients, 0.005)
        h = None
    return model
