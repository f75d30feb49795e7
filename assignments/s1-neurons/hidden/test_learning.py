"""q6 to q8, 38 points: Hebb's rule, the linear neuron with the delta rule, and its training.

Numbers that meet a threshold are multiples of 1/8, so that sums are exact in whichever order they
are added up, and no sum is 0 unless the test is about 0.
"""

import itertools

import numpy as np
import pytest

from autograder.suite import distinct, fail, finite, integers, items

# Tells a few sums in float64 from the same in float32.
TIGHT = {"rtol": 1e-10, "atol": 1e-11}


def bits(rng, n):
    """A random input with zeros and ones, both."""
    return rng.permutation(np.arange(n) % 2).astype(float)


def eighths(rng, size):
    """Random weights, multiples of 1/4."""
    return rng.integers(-8, 9, size) / 4.0


def hebb(X, y, w, b, lr, epochs):
    """The trusted run of Hebb's rule: w, b and the mistakes of each epoch."""
    mistakes = np.zeros(epochs)
    for epoch in range(epochs):
        for x, right in zip(X, y, strict=True):
            error = right - (1.0 if x @ w + b >= 0 else 0.0)
            w, b = w + lr * error * x, b + lr * error
            mistakes[epoch] += abs(error)
    return w, b, mistakes


def half_squares(X, y, w, b):
    """The risk."""
    return 0.5 * float(np.square(X @ w + b - y).sum()) / len(y)


def gradient(X, y, w, b):
    error = X @ w + b - y
    return np.einsum("nd,n->d", X, error) / len(y), float(error.sum()) / len(y)


def follow(X, y, w, b, lr, sequence):
    """The weights after a step on each of the batches of indices in turn."""
    for indices in sequence:
        grad_w, grad_b = gradient(X[indices], y[indices], w, b)
        w, b = w - lr * grad_w, b - lr * grad_b
    return w, b


def in_order(n, batch_size):
    return [np.arange(n)[start : start + batch_size] for start in range(0, n, batch_size)]


def a_regression(rng, n, d):
    """Random objects, answers, weights and bias."""
    b = float(rng.standard_normal())
    return rng.standard_normal((n, d)), rng.standard_normal(n), rng.standard_normal(d), b


# q6 · Hebb's rule


def check_hebb_steps(student, rng, check_close, right, margin):
    """Steps where the answer should be `right` and the sum is `margin`, of either sign."""
    for n, lr in [(5, 0.5), (3, 0.25), (6, 2.0)]:
        x, w = bits(rng, n), eighths(rng, n)
        b = float(margin - x @ w)
        new_w, new_b, _ = hebb([x], [right], w, b, lr, 1)
        answer = items(student.hebb_step(x, right, w, b, lr), 2, "what hebb_step returns")
        check_close(answer[0], new_w, "w")
        check_close(answer[1], new_b, "b")


@pytest.mark.points(2)
@pytest.mark.hint("It should have fired: which weights would have helped, and in which direction?")
def test_hebb_silent_and_wrong(student, rng, check_close):
    """hebb_step: a neuron that should have fired gets larger weights for its active inputs."""
    check_hebb_steps(student, rng, check_close, 1, -0.375)
    check_hebb_steps(student, rng, check_close, 1.0, -5.0)


@pytest.mark.points(2)
@pytest.mark.hint("It should have been silent: which weights made it fire?")
def test_hebb_firing_and_wrong(student, rng, check_close):
    """hebb_step: a neuron that should have been silent gets smaller weights for active inputs."""
    check_hebb_steps(student, rng, check_close, 0, 0.375)
    check_hebb_steps(student, rng, check_close, 0.0, 5.0)


@pytest.mark.points(1)
@pytest.mark.hint("What does the rule say about right answers?")
def test_hebb_right(student, rng, check_close):
    """hebb_step: right answers change nothing."""
    check_hebb_steps(student, rng, check_close, 1, 0.375)
    check_hebb_steps(student, rng, check_close, 0, -0.375)


@pytest.mark.points(1)
@pytest.mark.hint("What does a neuron answer whose sum is exactly 0?")
def test_hebb_at_the_threshold(student, rng, check_close):
    """Hebb's rule: a neuron fires where the sum is exactly 0, in a step and in training."""
    check_hebb_steps(student, rng, check_close, 0, 0.0)
    check_hebb_steps(student, rng, check_close, 1, 0.0)
    X, y, w = np.eye(3), np.array([1.0, 0.0, 1.0]), np.zeros(3)
    _, b, mistakes = items(student.hebb_train(X, y, w, 0.0, 0.5, 2), 3, "what hebb_train returns")
    expected = hebb(X, y, w, 0.0, 0.5, 2)
    check_close(b, expected[1], "b")
    check_close(finite(mistakes, (2,), "mistakes"), expected[2], "mistakes")


def hebb_problems(rng):
    """(X, y, w, b, lr, epochs) with contradicting answers: mistakes of both kinds all the time."""
    for n, lr, epochs in [(3, 0.25, 1), (5, 0.5, 3), (2, 0.25, 4), (4, 0.5, 2)]:
        X = rng.integers(0, 2, (6, n)).astype(float)
        y = rng.permutation(np.arange(6) % 2).astype(float)
        X, y = np.concatenate([X, X]), np.concatenate([y, 1.0 - y])
        yield X, y, eighths(rng, n), float(eighths(rng, ())) + 0.125, lr, epochs
    # XOR, always the same: with it no wrong order and no wrong count passes by luck.
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    yield X, np.array([0.0, 1.0, 1.0, 0.0]), np.array([-2.0, 0.75]), 0.875, 0.25, 8


@pytest.mark.points(2)
@pytest.mark.hint("Which weights does the second object meet, and how often is each object shown?")
def test_hebb_training(student, rng, check_close):
    """hebb_train: some epochs, object by object, end at exactly the expected weights."""
    for X, y, w, b, lr, epochs in hebb_problems(rng):
        answer = items(student.hebb_train(X, y, w, b, lr, epochs), 3, "what hebb_train returns")
        expected = hebb(X, y, w, b, lr, epochs)
        check_close(answer[0], expected[0], "w")
        check_close(answer[1], expected[1], "b")


@pytest.mark.points(2)
@pytest.mark.hint("When is an answer wrong: with the weights before its step, or after it?")
def test_hebb_mistakes(student, rng, check_close):
    """hebb_train: counts the wrong answers of each epoch, as they are given."""
    for X, y, w, b, lr, epochs in hebb_problems(rng):
        answer = items(student.hebb_train(X, y, w, b, lr, epochs), 3, "what hebb_train returns")
        expected = hebb(X, y, w, b, lr, epochs)[2]
        check_close(finite(answer[2], (epochs,), "mistakes"), expected, "mistakes")
    X = np.array(list(itertools.product([0.0, 1.0], repeat=3)))
    y, w = X.max(axis=1), np.array([-0.5, -1.0, 0.25])
    mistakes = items(student.hebb_train(X, y, w, 0.125, 0.5, 20), 3, "what hebb_train returns")[2]
    expected = hebb(X, y, w, 0.125, 0.5, 20)[2]
    check_close(finite(mistakes, (20,), "mistakes of OR"), expected, "mistakes of OR")


@pytest.mark.points(2)
@pytest.mark.hint("Do your new weights live in a new array, and of which dtype are X and y?")
def test_hebb_arrays_of_the_caller(student, rng, check_close):
    """Hebb's rule: takes integers and leaves the caller's arrays alone."""
    X, y, w, b, lr, _ = next(hebb_problems(rng))
    X, y = X.astype(int), y.astype(int)
    there = [student.put(array) for array in (X, y, w)]
    answer = items(student.hebb_train(*there, b, lr, 3), 3, "what hebb_train returns")
    expected = hebb(X, y, w, b, lr, 3)
    check_close(answer[0], expected[0], "w")
    check_close(answer[1], expected[1], "b")
    for remote, array, name in zip(there, (X, y, w), "Xyw", strict=True):
        check_close(student.fetch(remote), array, f"{name} after hebb_train")
    x = np.array([1, 0, 1])
    for right, b in [(1, -9.0), (0, 9.0)]:
        x_there, w_there = student.put(x), student.put(w)
        step = items(student.hebb_step(x_there, right, w_there, b, lr), 2, "what hebb_step returns")
        check_close(step[0], hebb([x], [right], w, b, lr, 1)[0], "w after a step")
        check_close(student.fetch(x_there), x, "the given x")
        check_close(student.fetch(w_there), w, "the given w")


# q7 · the linear neuron and the delta rule


@pytest.mark.points(2)
@pytest.mark.hint("Write the shapes of X, w and b under the formula.")
def test_linear_neuron(student, rng, check_close):
    """linear_neuron: X w + b for any number of objects and features, and for integers."""
    for n, d in [(5, 3), (4, 4), (1, 6), (6, 1)]:
        X, _, w, b = a_regression(rng, n, d)
        check_close(student.linear_neuron(X, w, b), np.einsum("nd,d->n", X, w) + b, "a")
    X = rng.integers(-5, 6, (4, 3))
    check_close(student.linear_neuron(X, np.full(3, 0.5), b), X @ np.full(3, 0.5) + b, "a")


@pytest.mark.points(2)
@pytest.mark.hint("Half of what, and divided by which number?")
def test_risk(student, rng, check_close):
    """risk: the mean over the objects of half the squared error, a single number."""
    for n, d in [(7, 3), (2, 5), (1, 2), (4, 4)]:
        X, y, w, b = a_regression(rng, n, d)
        check_close(student.risk(X, y, w, b), half_squares(X, y, w, b), "the risk", **TIGHT)


@pytest.mark.points(2)
@pytest.mark.hint("Differentiate the risk, as it is written, by one weight. Which constants stay?")
def test_gradient_of_the_weights(student, rng, check_gradient):
    """delta_gradient: grad_w is the gradient of the risk by w."""
    for n, d in [(6, 3), (2, 5), (1, 2), (4, 4)]:
        X, y, w, b = a_regression(rng, n, d)
        answer = items(student.delta_gradient(X, y, w, b), 2, "what delta_gradient returns")
        check_gradient(answer[0], lambda w, X=X, y=y, b=b: half_squares(X, y, w, b), w, "grad_w")


@pytest.mark.points(2)
@pytest.mark.hint("How does the risk change when b grows a little? Is the result one number?")
def test_gradient_of_the_bias(student, rng, check_close):
    """delta_gradient: grad_b is the derivative of the risk by b, a single number."""
    for n, d in [(6, 3), (2, 5), (1, 2), (4, 4)]:
        X, y, w, b = a_regression(rng, n, d)
        answer = items(student.delta_gradient(X, y, w, b), 2, "what delta_gradient returns")
        check_close(answer[1], gradient(X, y, w, b)[1], "grad_b", **TIGHT)


@pytest.mark.points(3)
@pytest.mark.hint("Uphill or downhill, how far, and at which w is the gradient for b taken?")
def test_delta_step(student, rng, check_close):
    """delta_step: two steps, with different rates, against the gradient, of w and b together."""
    for n, d in [(6, 3), (1, 4)]:
        X, y, w, b = a_regression(rng, n, d)
        for lr in (0.3, 0.07):
            answer = items(student.delta_step(X, y, w, b, lr), 2, "what delta_step returns")
            w, b = follow(X, y, w, b, lr, [np.arange(n)])
            check_close(answer[0], w, "new w")
            check_close(answer[1], b, "new b")


@pytest.mark.points(1)
@pytest.mark.hint("Do your new weights live in a new array?")
def test_delta_arrays_of_the_caller(student, rng, check_close):
    """delta_step and delta_gradient: take integers and leave the caller's arrays alone."""
    X, y = rng.integers(-4, 5, (5, 3)), rng.integers(-4, 5, 5)
    w, b = rng.standard_normal(3), 0.7
    there = [student.put(array) for array in (X, y, w)]
    grad = items(student.delta_gradient(*there, b), 2, "what delta_gradient returns")
    check_close(grad[0], gradient(X, y, w, b)[0], "grad_w")
    new = items(student.delta_step(*there, b, 0.1), 2, "what delta_step returns")
    check_close(new[0], follow(X, y, w, b, 0.1, [np.arange(5)])[0], "new w")
    for remote, array, name in zip(there, (X, y, w), "Xyw", strict=True):
        check_close(student.fetch(remote), array, f"{name} after the calls")


# q8 · training


def as_batches(value, n):
    """What `batches` returned for n objects as a list of lists of integers."""
    found = items(value, range(n + 1), "what batches returns")
    return [integers(batch, (range(n + 1),), "a batch").tolist() for batch in found]


@pytest.mark.points(2)
@pytest.mark.hint("Write down the batches of 7 objects by hand, for B = 3, 7, 10 and 1.")
def test_batches_in_order(student):
    """batches: without a seed, the indices in order, the last batch smaller where it must be."""
    for n, batch_size in [(7, 3), (8, 4), (5, 1), (6, 6), (4, 9), (11, 5), (1, 2)]:
        found = as_batches(student.batches(n, batch_size), n)
        expected = [indices.tolist() for indices in in_order(n, batch_size)]
        if [len(batch) for batch in found] != [len(batch) for batch in expected]:
            sizes = ", ".join(str(len(batch)) for batch in found)
            fail(f"the sizes of the batches for n = {n}, batch_size = {batch_size} are: {sizes}")
        if found != expected:
            fail(f"without rng, the {n} indices are not in the order 0, 1, 2 …")


@pytest.mark.points(2)
@pytest.mark.hint("Is every index there once, and can an object meet any other in its batch?")
def test_batches_shuffled(student, rng):
    """batches: with a seed, all indices once, in a random order that the seed decides."""
    orders = []
    for seed in (0, *rng.choice(np.arange(1, 1000), 2, replace=False).tolist()):
        found = as_batches(student.batches(64, 7, seed), 64)
        if [len(batch) for batch in found] != [7] * 9 + [1]:
            fail("64 shuffled objects are not split in nine batches of 7 and one of 1")
        order = np.concatenate(found)
        if sorted(order) != list(range(64)):
            fail("the shuffled batches do not hold each index exactly once")
        # For random orders both have less than one chance in 10¹² to go wrong.
        if np.sum(np.diff(order) == 1) > 20 or abs(np.corrcoef(order, np.arange(64))[0, 1]) > 0.85:
            fail("the shuffled indices are not in a random order")
        if as_batches(student.batches(64, 7, seed), 64) != found:
            fail("equal seeds give different batches")
        orders.append(order.tolist())
    if orders[0] == orders[1] or orders[1] == orders[2]:
        fail("different seeds give the same order")


def check_training(student, rng, check_close, sizes, epochs=3):
    """Training without shuffling ends at exactly the expected weights."""
    for n, batch_size in sizes:
        X, y, w, b = a_regression(rng, n, 3)
        answer = items(student.train(X, y, w, b, 0.1, epochs, batch_size), 3, "what train returns")
        w, b = follow(X, y, w, b, 0.1, in_order(n, batch_size) * epochs)
        check_close(answer[0], w, "w")
        check_close(answer[1], b, "b")


@pytest.mark.points(2)
@pytest.mark.hint("How many steps does an epoch take, and by the mean over how many objects?")
def test_full_batch(student, rng, check_close):
    """train: full batch, one step for each epoch; also when the batch size exceeds N."""
    check_training(student, rng, check_close, [(6, 6), (5, 8)])


@pytest.mark.points(2)
@pytest.mark.hint("Which weights does the second object meet?")
def test_online(student, rng, check_close):
    """train: online, one step for each object."""
    check_training(student, rng, check_close, [(5, 1), (1, 1)])


@pytest.mark.points(1)
@pytest.mark.hint("Where does each step start from, and what is its gradient divided by?")
def test_mini_batches(student, rng, check_close):
    """train: mini-batches of equal sizes."""
    check_training(student, rng, check_close, [(8, 4), (6, 2)])


@pytest.mark.points(2)
@pytest.mark.hint("What happens to the objects that are left over at the end of an epoch?")
def test_last_batch(student, rng, check_close):
    """train: a smaller last batch counts, and its gradient is the mean over its own objects."""
    check_training(student, rng, check_close, [(7, 3), (9, 4), (5, 4)])


@pytest.mark.points(1)
@pytest.mark.hint("Over which objects is the risk taken, with which weights, and how often?")
def test_history(student, rng, check_close):
    """train: history is the risk over all objects, before the first epoch and after each one."""
    for n, batch_size, epochs, lr in [
        (7, 3, 4, 0.2),
        (5, 1, 2, 0.2),
        (6, 2, 0, 0.2),
        (6, 6, 3, 4.0),
    ]:
        X, y, w, b = a_regression(rng, n, 2)
        expected = [half_squares(X, y, w, b)]
        answer = items(student.train(X, y, w, b, lr, epochs, batch_size), 3, "what train returns")
        for _ in range(epochs):
            w, b = follow(X, y, w, b, lr, in_order(n, batch_size))
            expected.append(half_squares(X, y, w, b))
        history = finite(answer[2], (epochs + 1,), "history")
        check_close(history, np.array(expected), "history")


@pytest.mark.points(1)
@pytest.mark.hint("How often is a generator made, and do x and y stay together?")
def test_shuffling(student, rng, check_close):
    """train: each epoch shows every object once, with its own answer, in a new random order."""
    X, y, w, b = a_regression(rng, 4, 3)
    orders = np.array(list(itertools.permutations(range(4))))[:, :, None]
    middles = [follow(X, y, w, b, 0.25, order) for order in orders]
    ends = [[follow(X, y, *middle, 0.25, order) for order in orders] for middle in middles]
    ends = np.array([[np.append(*end) for end in row] for row in ends])
    found = {}
    for seed in rng.choice(1000, 12, replace=False).tolist():
        answer = items(student.train(X, y, w, b, 0.25, 2, 1, seed), 3, "what train returns")
        found[seed] = np.append(finite(answer[0], (3,), "w"), finite(answer[1], (), "b"))
    pairs = []
    for end in found.values():
        distance = np.abs(ends - end).max(axis=-1)
        first, second = np.unravel_index(distance.argmin(), distance.shape)
        if not distance[first, second] < 1e-9:
            fail(
                "with a seed, two epochs of online learning end where no order of the objects ends"
            )
        pairs.append((int(first), int(second)))
    # Each goes wrong for random orders with a chance of less than 1 in 10¹⁵.
    if len({first for first, _ in pairs}) == 1:
        fail("the order of the first epoch is the same for every seed")
    if all(first == second for first, second in pairs):
        fail("the second epoch shows the objects in the same order as the first")
    for seed in list(found)[:4]:
        again = items(student.train(X, y, w, b, 0.25, 2, 1, seed), 3, "what train returns")
        check_close(again[0], found[seed][:-1], "w of a second run with the same seed")
    # There are more than 10⁹ orders of 13 objects.
    X, y, w, b = a_regression(rng, 13, 3)
    answer = items(student.train(X, y, w, b, 0.25, 1, 1, 0), 3, "what train returns")
    in_turn, _ = follow(X, y, w, b, 0.25, in_order(13, 1))
    if not distinct([answer[0], in_turn], (3,), "w", rtol=0.0, atol=1e-9):
        fail("with the seed 0, the objects are not shuffled")


@pytest.mark.points(1)
@pytest.mark.hint("Which arrays do you shuffle or update in place?")
def test_training_arrays_of_the_caller(student, rng, check_close):
    """train: takes integers and leaves the caller's arrays alone, shuffled or not."""
    X, y = rng.integers(-4, 5, (6, 3)), rng.integers(-4, 5, 6)
    w, b = rng.standard_normal(3), 0.7
    expected = follow(X, y, w, b, 0.03, in_order(6, 6) * 2)
    for rng_or_none, dtype in [(None, int), (3, int), (None, float), (4, float)]:
        X, y = X.astype(dtype), y.astype(dtype)
        there = [student.put(array) for array in (X, y, w)]
        answer = items(student.train(*there, b, 0.03, 2, 6, rng_or_none), 3, "what train returns")
        check_close(answer[0], expected[0], "w")
        check_close(answer[1], expected[1], "b")
        for remote, array, name in zip(there, (X, y, w), "Xyw", strict=True):
            check_close(student.fetch(remote), array, f"{name} after training")
