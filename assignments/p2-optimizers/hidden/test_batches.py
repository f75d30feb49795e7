"""q3, 22 points: the gradient of a batch, the batches of an epoch, stochastic descent."""

import numpy as np
import pytest

from autograder.suite import callback, distinct, fail, finite, items


def data(rng, n, d):
    """X (n, d) whose column 0 numbers the objects, and random answers y (n,)."""
    X, y = rng.standard_normal((n, d)), rng.standard_normal(n)
    X[:, 0] = np.arange(n)
    return X, y


def numbers(X_batch, n, d):
    """The numbers of the objects in a batch of data()."""
    rows = finite(X_batch, (range(n + 1), d), "X_batch")[:, 0]
    if not np.isin(rows, np.arange(n)).all():
        fail("X_batch has a row that is none of X")
    return rows.astype(int)


def opened(batches, n, d):
    """(numbers of the objects, X_batch, y_batch) of each batch that minibatches returned."""
    found = []
    for pair in items(batches, range(n + 1), "the list of batches"):
        X_batch, y_batch = items(pair, 2, "a pair (X_batch, y_batch)")
        found.append((numbers(X_batch, n, d), X_batch, y_batch))
    return found


def order_of(batches, n, d):
    """The numbers of the objects in the order of the batches."""
    return np.concatenate([rows for rows, _, _ in opened(batches, n, d)])


def mse_slope(w, X, y):
    return 2.0 * np.einsum("nd,n->d", X, X @ w - y) / len(y)


def asked_for(gradient, n, d):
    """A gradient of w, X_batch and y_batch for the student's code to call."""
    return callback(gradient, (d,), (range(n + 1), d), (range(n + 1),))


@pytest.mark.points(3)
@pytest.mark.hint("Differentiate (1/n) Σ (x·w − y)² by one weight. Which constants survive?")
def test_mse_gradient(student, rng, check_gradient):
    """mse_gradient: agrees with finite differences of the mean squared error."""
    for n, d in [(7, 3), (2, 5), (4, 4)]:
        w, X, y = rng.standard_normal(d), rng.standard_normal((n, d)), rng.standard_normal(n)
        actual = student.mse_gradient(w, X, y)
        check_gradient(
            actual, lambda w, X=X, y=y: float(np.mean((X @ w - y) ** 2)), w, "gradient by w"
        )


@pytest.mark.points(1)
@pytest.mark.hint("What is n in a batch of one, and into which array does your code write?")
def test_mse_gradient_of_small_batches(student, rng, check_close):
    """mse_gradient: takes one object, takes integers, leaves the data as they are."""
    w, X, y = rng.standard_normal(3), rng.standard_normal((1, 3)), rng.standard_normal(1)
    there = [student.put(array) for array in (w, X, y)]
    check_close(student.mse_gradient(*there), mse_slope(w, X, y), "gradient for one object")
    for remote, array, name in zip(there, (w, X, y), ("w", "X", "y"), strict=True):
        check_close(student.fetch(remote), array, f"{name} afterwards")
    w, X, y = rng.integers(-3, 4, 2), rng.integers(-3, 4, (5, 2)), rng.integers(-3, 4, 5)
    check_close(student.mse_gradient(w, X, y), mse_slope(w, X, y), "gradient for integers")


@pytest.mark.points(3)
@pytest.mark.hint("Put the batches together again: what is missing, what is there twice?")
def test_each_object_once(student, rng, check_close):
    """minibatches: every object is in exactly one batch, the last partial batch included."""
    for n, size in [(23, 5), (10, 3)]:
        X, y = data(rng, n, 3)
        batches = student.minibatches(X, y, size, int(rng.integers(1000)))
        sizes = [len(rows) for rows, _, _ in opened(batches, n, 3)]
        check_close(sizes, [size] * (n // size) + [n % size], "sizes of the batches")
        check_close(
            np.sort(order_of(batches, n, 3)), np.arange(n), "objects of all batches, sorted"
        )


@pytest.mark.points(2)
@pytest.mark.hint("How many permutations does one epoch draw?")
def test_objects_keep_their_answers(student, rng, check_close):
    """minibatches: X and y are shuffled together."""
    X, y = data(rng, 23, 3)
    batches = opened(student.minibatches(X, y, 5, int(rng.integers(1000))), 23, 3)
    for rows, X_batch, y_batch in batches:
        check_close(X_batch, X[rows], "X_batch")
        check_close(y_batch, y[rows], "y_batch")
    check_close(sum(len(rows) for rows, _, _ in batches), 23, "number of objects")


@pytest.mark.points(2)
@pytest.mark.hint("What does your loop do when N is a multiple of batch_size, or smaller than it?")
def test_sizes_of_batches(student, rng, check_close):
    """minibatches: right for batches that divide N, of one object, and larger than N."""
    X, y = data(rng, 12, 2)
    for size, sizes in [(4, [4] * 3), (1, [1] * 12), (12, [12]), (50, [12]), (11, [11, 1])]:
        batches = student.minibatches(X, y, size, int(rng.integers(1000)))
        check_close([len(rows) for rows, _, _ in opened(batches, 12, 2)], sizes, "sizes of batches")
        order = np.sort(order_of(batches, 12, 2))
        check_close(order, np.arange(12), "objects of all batches, sorted")


@pytest.mark.points(3)
@pytest.mark.hint("Can each object come to each place of the epoch, next to any other object?")
def test_shuffling(student, rng):
    """minibatches: the order is a random permutation, decided by the seed."""
    X, y = data(rng, 31, 2)
    first = int(rng.integers(1000))
    seeds = [[seed] for seed in range(first, first + 30)] + [[None], [], [], [first]]
    orders = [order_of(student.minibatches(X, y, 6, *seed), 31, 2) for seed in seeds]
    if not np.array_equal(orders.pop(), orders[0]):
        fail("the same seed a second time does not give the same order")
    if any(sorted(order) != list(range(31)) for order in orders):
        fail("31 objects go in, others come out, or another number of them")
    orders = np.array(orders)
    # Right code fails with a probability below 1e-20.
    if min(len(set(place)) for place in orders.T) < 5:
        fail("over 30 seeds, one place of the epoch sees fewer than 5 of 31 objects")
    if np.mean(np.abs(np.diff(orders)) == 1) > 0.25:
        fail("objects that are neighbours in X are neighbours in the batches far too often")
    if len({tuple(order) for order in orders}) < len(orders):
        fail("two different seeds, or none twice, give the same order")


@pytest.mark.points(1)
@pytest.mark.hint("Which statement shuffles in place, and which one turns labels into floats?")
def test_data_stay(student, rng, check_close):
    """minibatches: leaves X and y as they are, and keeps their dtypes."""
    (X, _), labels = data(rng, 11, 3), rng.integers(0, 5, 11)
    X_there, labels_there = student.put(X), student.put(labels)
    batches = student.minibatches(X_there, labels_there, 4, int(rng.integers(1000)))
    check_close(student.fetch(X_there), X, "X afterwards")
    check_close(student.fetch(labels_there), labels, "y afterwards")
    for rows, _, y_batch in opened(batches, 11, 3):
        check_close(y_batch, labels[rows], "y_batch of integers")
    for dtype in (np.float32, np.int64):
        batches = student.minibatches(X.astype(dtype), labels, 4, int(rng.integers(1000)))
        for rows, X_batch, _ in opened(batches, 11, 3):
            check_close(X_batch, X[rows].astype(dtype), "X_batch", dtype="exact")


@pytest.mark.points(2)
@pytest.mark.hint("Which weights does each gradient see, and how many steps are there in an epoch?")
def test_steps_of_stochastic_descent(student, rng, check_close):
    """stochastic_descent: one step for each batch, with the gradient at the latest weights."""
    (X, y), start = data(rng, 13, 3), rng.standard_normal(3)
    seen = []

    def gradient(w, X_batch, y_batch):
        seen.append(X_batch)
        return 0.1 * mse_slope(w, X_batch, y_batch) + np.sin(w)

    path = student.stochastic_descent(
        asked_for(gradient, 13, 3), start, X, y, 0.05, 5, 2, int(rng.integers(1000))
    )
    batches = [numbers(X_batch, 13, 3) for X_batch in seen]
    check_close([len(rows) for rows in batches], [5, 5, 3] * 2, "sizes of the batches")
    expected = [start]
    for rows in batches:
        w = expected[-1]
        expected.append(w - 0.05 * (0.1 * mse_slope(w, X[rows], y[rows]) + np.sin(w)))
    check_close(path, np.array(expected), "path")


@pytest.mark.points(1)
@pytest.mark.hint("Which array does your first step write into, and which dtype does it have?")
def test_start_of_stochastic_descent(student, rng, check_close):
    """stochastic_descent: leaves the start as it is, takes integers, and takes no epoch at all."""
    X, y, start = rng.standard_normal((4, 3)), rng.standard_normal(4), rng.integers(-3, 4, 3)
    there = student.put(start)
    expected = start - 0.3 * mse_slope(start, X, y)
    slope = asked_for(mse_slope, 4, 3)
    path = student.stochastic_descent(slope, there, X, y, 0.3, 4, 1)
    check_close(path, np.array([start, expected]), "path of one epoch with one batch")
    check_close(student.fetch(there), start, "start afterwards")
    path = student.stochastic_descent(slope, there, X, y, 0.3, 4, 0)
    check_close(path, np.array([start], dtype=float), "path of no epoch")


@pytest.mark.points(2)
@pytest.mark.hint("How often is the generator seeded, and how often should it be?")
def test_epochs(student, rng, check_close):
    """stochastic_descent: each epoch sees each object once, in an order of its own."""
    X, y = data(rng, 23, 2)
    seen = []

    def gradient(w, X_batch, y_batch):
        seen.append((X_batch, y_batch))
        return 0.0 * w

    for seed in (int(rng.integers(1000)), None):
        seen.clear()
        asked = asked_for(gradient, 23, 2)
        student.stochastic_descent(asked, np.zeros(2), X, y, 0.1, 5, 3, seed)
        check_close(len(seen), 15, "number of gradients in 3 epochs of 5 batches")
        batches = opened(seen, 23, 2)
        for rows, _, y_batch in batches:
            check_close(y_batch, y[rows], "y_batch")
        orders = [np.concatenate([rows for rows, _, _ in batches[i : i + 5]]) for i in (0, 5, 10)]
        for order in orders:
            check_close(np.sort(order), np.arange(23), "objects of an epoch, sorted")
        if len({tuple(order) for order in orders}) < 3:
            fail("two epochs have the same permutation")


@pytest.mark.points(1)
@pytest.mark.hint("Which of your statements uses the argument rng?")
def test_seeds_of_stochastic_descent(student, rng, check_close):
    """stochastic_descent: equal seeds give equal paths, other seeds or no seed give others."""
    X, y = rng.standard_normal((17, 2)), rng.standard_normal(17)
    seed, slope = int(rng.integers(1, 1000)), asked_for(mse_slope, 17, 2)
    paths = [
        finite(student.stochastic_descent(slope, np.ones(2), X, y, 0.1, 4, 1, *one), (6, 2), "path")
        for one in [[seed], [seed], [seed + 1], [None], [], []]
    ]
    check_close(paths[0][0], np.ones(2), "first point of the path")
    if not np.array_equal(paths[0], paths[1]):
        fail("two runs with the same seed take different paths")
    if not distinct(paths[1:], (6, 2), "path"):
        fail("two runs with different seeds, or with none, take the same path")


@pytest.mark.points(1)
@pytest.mark.hint("Follow the risk along the path: does it fall?")
def test_convergence(student, rng, check_close):
    """stochastic_descent: finds the weights of a regression without noise."""
    angles, w = rng.uniform(0.0, 7.0) + np.arange(32) * np.pi / 16, rng.uniform(2.0, 4.0, 2)
    X = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    slope = asked_for(mse_slope, 32, 2)
    path = student.stochastic_descent(slope, np.zeros(2), X, X @ w, 0.4, 8, 15, 1)
    check_close(path[-1], w, "last weights", rtol=0.0, atol=0.05)
