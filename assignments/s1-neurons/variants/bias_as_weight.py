"""The bias is the weight of an input that is always 1; results are views of one vector; einsum."""

import numpy as np


def with_one(X):
    """(N, D) -> (N, D + 1), a column of ones in front."""
    X = np.asarray(X)
    return np.concatenate([np.ones((*X.shape[:-1], 1)), X], axis=-1)


def join(w, b):
    return np.concatenate([[b], w])


def split(theta):
    """The weights as a view, the bias as a 0-d view."""
    return theta[1:], theta[0, ...]


def heaviside(z):
    return np.heaviside(np.asarray(z, dtype=np.float64), 1.0)


def sign(z):
    return 2.0 * heaviside(z) - 1.0


def sigmoid(z):
    return np.exp(-np.logaddexp(0.0, np.negative(z)))


def tanh(z):
    return np.tanh(1.0 * np.asarray(z))


def relu(z):
    return np.clip(np.asarray(z, dtype=np.float64), 0.0, None)


def neuron(X, w, b, activation=heaviside):
    return activation(np.einsum("nd,d->n", with_one(X), join(w, b)))


def and_neuron(n):
    # The sum of all weights is 1; a missing one lowers it by 1/n.
    return split(np.append(1 / (2 * n) - 1, np.full(n, 1 / n)))


def or_neuron(n):
    return split(np.append(-1.0, np.full(n, 3.0)))


def add_product(X):
    features = np.empty((len(X), 3), order="F")
    features[:, :2] = X
    np.multiply(X[:, 0], X[:, 1], out=features[:, 2])
    return features


def xor_neuron():
    return split(np.array([-1.0, 2.0, 2.0, -4.0]))


def two_layer(X, W1, b1, w2, b2):
    hidden = neuron_layer(X, W1, b1)
    return neuron_layer(hidden, np.reshape(w2, (-1, 1)), [b2])[:, 0]


def neuron_layer(X, W, b):
    return heaviside(np.einsum("nd,dh->nh", with_one(X), np.vstack([b, W])))


def xor_network():
    Theta = np.array([[-1.0, 3.0], [2.0, -2.0], [2.0, -2.0]])
    # OR and NAND, then AND.
    return Theta[1:], Theta[0], np.ones(2), -1.5


def boolean_network(X, y):
    """One hidden neuron that recognises each row with the answer 0; silent if one of them fires."""
    signs = 2.0 * np.compress(np.equal(y, 0), X, axis=0) - 1.0
    return signs.T, 0.5 - (signs > 0).sum(1), np.full(len(signs), -1.0), 0.5


def hebb_step(x, y, w, b, lr):
    x1, theta = with_one(x), join(w, b)
    theta += lr * (y - heaviside(theta @ x1)) * x1
    return split(theta)


def hebb_train(X, y, w, b, lr, epochs):
    ones, theta = with_one(X), join(w, b)
    mistakes = np.zeros(epochs, dtype=int)
    for epoch, x1, right in (
        (e, *pair) for e in range(epochs) for pair in zip(ones, y, strict=True)
    ):
        error = right - heaviside(theta @ x1)
        mistakes[epoch] += abs(int(error))
        theta += lr * error * x1
    return (*split(theta), mistakes)


def linear_neuron(X, w, b):
    return with_one(X) @ join(w, b)


def risk(X, y, w, b):
    error = linear_neuron(X, w, b) - y
    return np.einsum("n,n->", error, error) / (2 * len(error))


def delta_gradient(X, y, w, b):
    error = linear_neuron(X, w, b) - y
    return split(np.einsum("n,nd->d", error, with_one(X)) / len(error))


def delta_step(X, y, w, b, lr):
    grad_w, grad_b = delta_gradient(X, y, w, b)
    return split(join(w, b) - lr * join(grad_w, grad_b))


def batches(n, batch_size, rng=None):
    order = np.arange(n)
    if rng is not None:
        np.random.default_rng(rng).shuffle(order)
    return np.split(order, range(batch_size, n, batch_size))


def train(X, y, w, b, lr, epochs, batch_size, rng=None):
    generator = None if rng is None else np.random.default_rng(rng)
    history = np.empty(epochs + 1)
    history[0] = risk(X, y, w, b)
    for epoch in range(epochs):
        for batch in batches(len(X), batch_size, generator):
            w, b = delta_step(np.take(X, batch, axis=0), np.take(y, batch), w, b, lr)
        history[epoch + 1] = risk(X, y, w, b)
    return w, b, list(history)
