"""q2 to q5, 42 points: one neuron, AND and OR, XOR, any Boolean function.

Weights that the student's code returns are tried out here, by numpy: what an earlier question got
wrong costs nothing. Any weights pass that give the right answers.
"""

import itertools

import numpy as np
import pytest

from autograder.suite import callback, fail, finite, items

MOST_NEURONS = 1000
"""Of a hidden layer: far more than any construction for five bits needs."""


def every_input(n):
    """All 2**n rows of n zeros and ones."""
    return np.array(list(itertools.product([0.0, 1.0], repeat=n)))


def step(sums):
    """Heaviside, with 1 at zero."""
    return np.where(sums >= 0, 1.0, 0.0)


def fires(sums):
    """Heaviside for weights of the student's: rounding may put a sum of 0 just below."""
    return step(sums + 1e-9)


def as_number(value, what):
    """A bias as a float; an array of one number will do."""
    if isinstance(value, np.ndarray) and value.size == 1:  # checked: an array's size is an int
        value = value.reshape(())  # checked: of one number
    return float(finite(value, (), what))


def check_gate(parts, X, wanted, what):
    """The neuron with the weights and the bias `parts` answers `wanted` to every row of X."""
    w, b = finite(parts[0], X.shape[1:], "w"), as_number(parts[1], "b")
    wrong = int((fires(X @ w + b) != wanted).sum())
    if wrong:
        fail(f"{what} is wrong for {wrong} of its {len(X)} inputs")


def check_network(parts, X, wanted, what):
    """The two-layer network with the arrays `parts` answers `wanted` to every row of X."""
    b1 = finite(parts[1], (range(MOST_NEURONS + 1),), "b1")
    W1 = finite(parts[0], (X.shape[1], len(b1)), "W1")
    w2 = finite(parts[2], b1.shape, "w2")
    answers = fires(fires(X @ W1 + b1) @ w2 + as_number(parts[3], "b2"))
    wrong = int((answers != wanted).sum())
    if wrong:
        fail(f"{what} is wrong for {wrong} of its {len(X)} inputs")


# q2 · the neuron


@pytest.mark.points(3)
@pytest.mark.hint("Write the shapes of X, w and b under the formula. What is added to each sum?")
def test_neuron_with_a_given_activation(student, rng, check_close):
    """neuron: the given activation of X w + b, for any number of objects and features."""

    def bent(s):
        return s * s - 3.0 * s

    for n, d in [(5, 3), (2, 6), (4, 4), (3, 1)]:
        X, w, b = rng.standard_normal((n, d)), rng.standard_normal(d), 2.0 + rng.random()
        expected = bent(np.einsum("nd,d->n", X, w) + b)
        check_close(student.neuron(X, w, b, callback(bent, n)), expected, "the answers")


@pytest.mark.points(2)
@pytest.mark.hint("Which activation has the neuron when none is given?")
def test_neuron_with_a_threshold(student, rng, check_close):
    """neuron: fires where the sum is positive when no activation is given."""
    for n, d in [(40, 3), (30, 7)]:
        X, w = rng.standard_normal((n, d)), rng.standard_normal(d)
        b = -float(np.median(X @ w)) + 1e-3
        check_close(student.neuron(X, w, b), step(X @ w + b), "the answers")


@pytest.mark.points(1)
@pytest.mark.hint("What has been agreed on for a sum of exactly 0?")
def test_neuron_at_the_threshold(student, rng, check_close):
    """neuron: fires where the sum is exactly 0."""
    X, w = rng.integers(-8, 9, (12, 3)) / 4.0, np.array([1.0, 2.0, -0.5])
    b = -float(X[4] @ w)
    # The sum of row 4 is 0, that of row 7 a quarter less.
    X[7, 0] = X[4] @ w - 0.25 - X[7, 1:] @ w[1:]
    check_close(student.neuron(X, w, b), step(X @ w + b), "the answers")


@pytest.mark.points(2)
@pytest.mark.hint("Does a single object keep its dimension, and who owns X?")
def test_neuron_on_small_batches(student, rng, check_close):
    """neuron: takes one object, takes integers, leaves the caller's arrays alone."""
    w, b = rng.standard_normal(4), 0.3
    for x in [rng.standard_normal((1, 4)), rng.integers(-5, 6, (3, 4))]:
        x_there, w_there = student.put(x), student.put(w)
        twice = callback(lambda s: 2.0 * s, len(x))
        check_close(student.neuron(x_there, w, b, twice), 2.0 * (x @ w + b), "the answers")
        check_close(student.neuron(x, w_there, b), step(x @ w + b), "the answers by threshold")
        check_close(student.fetch(x_there), x, "X after the call")
        check_close(student.fetch(w_there), w, "w after the call")


# q3 · AND and OR


@pytest.mark.points(4)
@pytest.mark.hint("How many ones has AND to count before it fires, among n inputs?")
def test_and(student):
    """and_neuron: fires for all ones, and for no other of the 2ⁿ inputs."""
    for n in (2, 1, 3, 4, 7):
        X = every_input(n)
        parts = items(student.and_neuron(n), 2, "what and_neuron returns")
        check_gate(parts, X, X.min(axis=1), f"AND of {n} inputs")


@pytest.mark.points(4)
@pytest.mark.hint("How many ones has OR to count before it fires, among n inputs?")
def test_or(student):
    """or_neuron: fires for each of the 2ⁿ inputs that has a one."""
    for n in (2, 1, 3, 4, 7):
        X = every_input(n)
        parts = items(student.or_neuron(n), 2, "what or_neuron returns")
        check_gate(parts, X, X.max(axis=1), f"OR of {n} inputs")


# q4 · XOR


@pytest.mark.points(3)
@pytest.mark.hint("Which three columns are asked for, in which order, and of which dtype?")
def test_add_product(student, rng, check_close):
    """add_product: the two columns and their product; integers too; X stays as it is."""
    for X in [rng.standard_normal((5, 2)), rng.standard_normal((1, 2)), rng.integers(2, 9, (3, 2))]:
        expected = np.stack([X[:, 0], X[:, 1], X[:, 0] * X[:, 1]], axis=1).astype(float)
        there = student.put(X)
        check_close(student.add_product(there), expected, "the three features")
        check_close(student.fetch(there), X, "X after add_product")


@pytest.mark.points(4)
@pytest.mark.hint("Work out the four sums by hand. How much must the product take away?")
def test_xor_neuron(student):
    """xor_neuron: one neuron that answers XOR, given x1, x2 and x1 · x2."""
    X = every_input(2)
    features = np.column_stack([X, X.prod(axis=1)])
    parts = items(student.xor_neuron(), 2, "what xor_neuron returns")
    check_gate(parts, features, X[:, 0] != X[:, 1], "the neuron for XOR")


@pytest.mark.points(3)
@pytest.mark.hint("Write down the shapes of all arrays. Which activation has the hidden layer?")
def test_two_layer(student, rng, check_close):
    """two_layer: thresholds of weighted thresholds, for any number of inputs and neurons."""
    for n, d, h in [(60, 3, 5), (50, 4, 4), (40, 2, 7), (1, 3, 6)]:
        X, W1 = rng.standard_normal((n, d)), rng.standard_normal((d, h))
        b1, w2 = rng.standard_normal(h), rng.standard_normal(h)
        sums = step(np.einsum("nd,dh->nh", X, W1) + b1) @ w2
        b2 = -(float(np.median(sums)) + 1e-3)
        check_close(student.two_layer(X, W1, b1, w2, b2), step(sums + b2), "the answers")
    X = rng.integers(-3, 4, (6, 2))
    W1, b1, w2 = np.array([[1.0, -1.0, 0.5], [0.5, 1.0, 2.0]]), np.full(3, 0.3), np.ones(3)
    expected = step(step(X @ W1 + b1) @ w2 - 1.5)
    check_close(student.two_layer(X, W1, b1, w2, -1.5), expected, "the answers to integers")


@pytest.mark.points(1)
@pytest.mark.hint("What has been agreed on for a sum of exactly 0, in both layers?")
def test_two_layer_at_the_threshold(student, check_close):
    """two_layer: neurons of both layers fire where their sum is exactly 0."""
    X, W1 = np.array([[1.0, 0.0], [0.0, 2.0], [0.5, 1.0]]), np.array([[1.0, -1.0], [0.5, 0.5]])
    b1, w2 = np.array([-1.0, 0.5]), np.array([2.0, 1.0])
    for b2 in (-2.0, -3.0, -1.0):
        expected = step(step(X @ W1 + b1) @ w2 + b2)
        check_close(student.two_layer(X, W1, b1, w2, b2), expected, "the answers")


@pytest.mark.points(3)
@pytest.mark.hint("Tabulate OR, AND and OR - AND for the four inputs.")
def test_xor_network(student):
    """xor_network: two layers that answer XOR."""
    X = every_input(2)
    parts = items(student.xor_network(), 4, "what xor_network returns")
    check_network(parts, X, X[:, 0] != X[:, 1], "the network for XOR")


# q5 · any Boolean function


@pytest.mark.points(4)
@pytest.mark.hint("For which inputs does each hidden neuron fire, and how are they combined?")
def test_small_tables(student, rng):
    """boolean_network: each function of two bits, and both ways to answer one bit."""
    for n in (2, 1):
        for answers in itertools.product([0.0, 1.0], repeat=2**n):
            if len(set(answers)) == 1:
                continue
            order = rng.permutation(2**n)
            X, y = every_input(n)[order], np.array(answers)[order]
            parts = items(student.boolean_network(X, y), 4, "what boolean_network returns")
            check_network(parts, X, y, f"a function of n = {n}")


@pytest.mark.points(2)
@pytest.mark.hint(
    "How many hidden neurons does your construction make for them, and are they used?"
)
def test_constant_tables(student):
    """boolean_network: the functions that are always 0 and always 1."""
    for n in (1, 2, 3):
        for constant in (0.0, 1.0):
            X, y = every_input(n), np.full(2**n, constant)
            parts = items(student.boolean_network(X, y), 4, "what boolean_network returns")
            check_network(parts, X, y, f"the constant {constant:g} of n = {n}")


@pytest.mark.points(4)
@pytest.mark.hint("What is the sum of a hidden neuron at its own row, and one bit away from it?")
def test_large_tables(student, rng):
    """boolean_network: parity, its opposite and random functions of 3, 4 and 5 bits."""
    for n in (3, 4, 5):
        X = rng.permutation(every_input(n))
        mixed = rng.permutation(np.arange(2**n) % 3 == 0).astype(float)
        for y in (X.sum(axis=1) % 2, 1.0 - X.sum(axis=1) % 2, mixed, 1.0 - mixed):
            parts = items(student.boolean_network(X, y), 4, "what boolean_network returns")
            check_network(parts, X, y, f"a function of n = {n}")


@pytest.mark.points(2)
@pytest.mark.hint("Which dtype do X and y have, and who owns them?")
def test_tables_of_integers(student, rng, check_close):
    """boolean_network: takes tables of integers and leaves them as they are."""
    X = rng.permutation(every_input(3)).astype(int)
    y = rng.permutation(np.arange(8) % 2)
    X_there, y_there = student.put(X), student.put(y)
    parts = items(student.boolean_network(X_there, y_there), 4, "what boolean_network returns")
    check_network(parts, X, y, "a function of n = 3")
    check_close(student.fetch(X_there), X, "X after boolean_network")
    check_close(student.fetch(y_there), y, "y after boolean_network")
