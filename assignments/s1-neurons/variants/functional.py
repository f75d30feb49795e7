"""Small functions put together; state handed on by reduce and accumulate; no loop, few names."""

from functools import partial, reduce
from itertools import accumulate
from math import exp

from numpy import (
    append,
    array,
    asarray,
    dot,
    eye,
    float64,
    mean,
    minimum,
    vectorize,
    where,
)
from numpy.random import default_rng


def compose(*functions):
    return lambda value: reduce(lambda so_far, function: function(so_far), functions, value)


as_floats = partial(asarray, dtype=float64)


def two_valued(low, high):
    return compose(as_floats, lambda z: where(z < 0, float(low), float(high)))


heaviside = two_valued(0, 1)
sign = two_valued(-1, 1)


def _sigmoid(z):
    return 1 / (1 + exp(-z)) if z > -700 else 0.0


sigmoid = compose(as_floats, vectorize(_sigmoid, otypes=[float64]))
tanh = compose(as_floats, lambda z: 2 * z, sigmoid, lambda s: 2 * s - 1)
relu = compose(as_floats, lambda z: -minimum(-z, 0), lambda z: where(z == 0, 0.0, z))


def neuron(X, w, b, activation=heaviside):
    return compose(as_floats, lambda X: dot(X, w) + b, activation)(X)


def threshold(least):
    """Gates that fire from so many ones on."""
    return lambda n: (array([1.0] * n), 0.5 - least(n))


and_neuron = threshold(lambda n: n)
or_neuron = threshold(lambda n: 1)


def add_product(X):
    return as_floats([(*x, x[0] * x[1]) for x in X])


def xor_neuron():
    return (3.0, 3.0, -6.0), array(-1.5)


def two_layer(X, W1, b1, w2, b2):
    return reduce(lambda a, layer: neuron(a, *layer), [(W1, b1), (w2, b2)], X)


def boolean_network(X, y):
    true = [tuple(map(int, row)) for row, answer in zip(X, y, strict=True) if answer]
    weights = [[2.0 * bit - 1 for bit in row] for row in true]
    biases = [0.5 - sum(row) for row in true]
    never = ([[0.0] * len(X[0])], [-1.0], [1.0], -0.5)
    found = (weights, biases, [1.0] * len(true), -0.5) if true else never
    return array(found[0]).T, array(found[1]), array(found[2]), found[3]


def xor_network():
    return boolean_network([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])


def hebb_step(x, y, w, b, lr):
    push = lr * (y - heaviside(dot(x, w) + b))
    return w + push * asarray(x), b + push


def hebb_train(X, y, w, b, lr, epochs):
    def show(state, pair):
        w, b, wrong = state
        x, right = pair
        mistake = int(heaviside(dot(x, w) + b) != right)
        return (*hebb_step(x, right, w, b, lr), wrong + mistake)

    def epoch(state, _):
        return reduce(show, zip(X, y, strict=True), (*state[:2], 0))

    states = list(accumulate(range(epochs), epoch, initial=(w, b, 0)))
    return (*states[-1][:2], tuple(state[2] for state in states[1:]))


linear_neuron = partial(neuron, activation=lambda s: s)


def risk(X, y, w, b):
    return mean([error * error for error in linear_neuron(X, w, b) - y]) / 2


def delta_gradient(X, y, w, b):
    each = [
        append(error * x, error) for x, error in zip(X, linear_neuron(X, w, b) - y, strict=True)
    ]
    average = mean(each, axis=0)
    return average[:-1], average[-1]


def delta_step(X, y, w, b, lr):
    new = append(w, b) - lr * eye(len(w) + 1) @ append(*delta_gradient(X, y, w, b))
    return new[:-1], float(new[-1])


def batches(n, batch_size, rng=None):
    places = range(n) if rng is None else default_rng(rng).permutation(n)
    order = sorted(range(n), key=lambda i: places[i])
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]


def train(X, y, w, b, lr, epochs, batch_size, rng=None):
    generator = None if rng is None else default_rng(rng)
    X, y = as_floats(X), as_floats(y)

    def epoch(state, _):
        parts = batches(len(X), batch_size, generator)
        return reduce(lambda wb, part: delta_step(X[part], y[part], *wb, lr), parts, state)

    states = list(accumulate(range(epochs), epoch, initial=(w, b)))
    return (*states[-1], [risk(X, y, *state) for state in states])
