"""q8 and q9, 18 points: networks with two modes, and the training loop, step by step."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from autograder.suite import distinct, fail, finite, integers, items


def cross_entropy(z, labels):
    """The mean loss, and the gradient by the logits."""
    log_p = z - np.logaddexp.reduce(z, axis=1)[:, None]
    rows = np.arange(len(labels))
    gradient = np.exp(log_p)
    gradient[rows, labels] -= 1.0
    return float(-log_p[rows, labels].mean()), gradient / len(labels)


def forward(weights, x):
    """Logits of Linear, ReLU, Linear, or of one Linear."""
    W, b = weights[:2]
    return x @ W + b if len(weights) == 2 else forward(weights[2:], np.maximum(x @ W + b, 0.0))


def step(weights, x, labels, lr, strength):
    """The loss of a batch and the weights after one step on it."""
    loss, delta = cross_entropy(forward(weights, x), labels)
    if len(weights) == 2:
        gradients = [x.T @ delta, delta.sum(axis=0)]
    else:
        W1, b1, W2, _ = weights
        z = x @ W1 + b1
        back = np.where(z > 0, delta @ W2.T, 0.0)
        hidden = np.maximum(z, 0.0)
        gradients = [x.T @ back, back.sum(axis=0), hidden.T @ delta, delta.sum(axis=0)]
    decay = [2.0 * strength * w if w.ndim == 2 else 0.0 for w in weights]
    return loss, [w - lr * (g + d) for w, g, d in zip(weights, gradients, decay, strict=True)]


def epoch(weights, x, labels, batches, lr, strength):
    """The mean loss over the objects and the weights after one step for each batch."""
    total = 0.0
    for batch in batches:
        loss, weights = step(weights, x[batch], labels[batch], lr, strength)
        total += loss * len(batch)
    return total / len(x), weights


def a_network(student, rng, sizes):
    """A network of Linear and ReLU with random weights, its linear layers, and the weights."""
    layers, linear, weights = [], [], []
    for d_in, d_out in pairwise(sizes):
        layer = student.Linear(d_in, d_out)
        W, b = rng.standard_normal((d_in, d_out)), rng.standard_normal(d_out)
        layer.W = W
        layer.b = b
        weights += [W, b]
        linear.append(layer)
        layers += [student.ReLU(), layer] if layers else [layer]
    return student.Network(layers), linear, weights


def check_weights(check_close, linear, weights):
    for i, layer in enumerate(linear):
        check_close(layer.W, weights[2 * i], f"W of linear layer {i}")
        check_close(layer.b, weights[2 * i + 1], f"b of linear layer {i}")


@pytest.mark.points(2)
@pytest.mark.hint("How many numbers has a layer from 3 to 2, and is the bias among them?")
def test_count(student, rng, check_close):
    """count_parameters: weights and biases of all layers; 636,010 for 784-800-10."""
    check_close(student.count_parameters([784, 800, 10]), 636010, "the count of 784-800-10")
    for length in (2, 4, 5):
        sizes = [int(size) for size in rng.integers(2, 60, length)]
        expected = sum(d * k + k for d, k in pairwise(sizes))
        check_close(student.count_parameters(sizes), expected, f"the count of {length} sizes")


@pytest.mark.points(2)
@pytest.mark.hint("Who has to know of the mode, besides the network?")
def test_modes(student, rng, check_close):
    """Network: train() and eval() reach the network and every layer."""
    first, dropout, norm = student.Linear(3, 4), student.Dropout(0.0), student.BatchNorm(4)
    W = rng.standard_normal((3, 4))
    first.W = W
    one, two = student.Network([first, dropout]), student.Network([student.ReLU(), norm])
    for mode in (False, True, False, False, True):
        for network, layer, name in [(one, dropout, "Dropout"), (two, norm, "BatchNorm")]:
            network.train() if mode else network.eval()
            check_close(network.training, mode, "training of the network")
            check_close(layer.training, mode, f"training of the {name}")
        x = rng.standard_normal((2, 3))
        check_close(one.forward(x), x @ W, "the output, with p = 0 in the dropout")


@pytest.mark.points(2)
@pytest.mark.hint("What is needed, besides the weights, to evaluate as before?")
def test_arrays(student, rng, check_close):
    """Network: arrays() lists parameters and running statistics, layer by layer."""
    first, norm, last = student.Linear(3, 4, 1), student.BatchNorm(4), student.Linear(4, 2, 2)
    network = student.Network([first, norm, student.ReLU(), student.Dropout(0.5), last])
    for _ in range(2):
        expected = []
        for layer, shapes in [
            (first, {"W": (3, 4), "b": (4,)}),
            (norm, dict.fromkeys(["gamma", "beta", "running_mean", "running_var"], (4,))),
            (last, {"W": (4, 2), "b": (2,)}),
        ]:
            for name, shape in shapes.items():
                value = rng.uniform(0.5, 2.0, shape)
                setattr(layer, name, value)
                expected.append(value)
        check_close(network.arrays(), expected, "arrays()")
    network.forward(rng.standard_normal((5, 3)))
    after = network.arrays()
    for i, name in [(4, "running_mean"), (5, "running_var")]:
        running = finite(getattr(norm, name), (4,), name)
        check_close(after[i], running, f"the {name} in arrays() after a training batch")


@pytest.mark.points(2)
@pytest.mark.hint(
    "How large is the last batch, and how does one epoch's order differ from the next?"
)
def test_minibatches(student, rng, check_close):
    """minibatches: a random order of all indices, cut up; the last piece is what is left."""
    seed = int(rng.integers(1, 2**31))

    def order(n, size, sizes, *one):
        """All indices in the order of their batches, once these have the right sizes."""
        batches = items(student.minibatches(n, size, *one), len(sizes), "the list of batches")
        cut = zip(batches, sizes, strict=True)
        indices = np.concatenate([integers(batch, (size,), "a batch") for batch, size in cut])
        check_close(np.sort(indices), np.arange(n), "the indices of all batches")
        return indices

    for n, size, sizes in [(80, 40, [40, 40]), (10, 3, [3, 3, 3, 1]), (4, 9, [4]), (3, 1, [1] * 3)]:
        if not np.array_equal(order(n, size, sizes, seed), order(n, size, sizes, seed)):
            fail("the same seed gives other batches")
    firsts = [np.sort(order(80, 40, [40, 40], *one)[:40]) for one in ([seed], [seed + 1], [])]
    if np.ptp(firsts[0]) == 39:
        fail("the objects of a batch are neighbours: cut up a random order")
    if not distinct(firsts, (40,), "a batch"):
        fail("another seed gives the same batches")


@pytest.mark.points(2)
@pytest.mark.hint("Write down the two steps: with which weights is each gradient taken?")
def test_exact_steps(student, rng, check_close):
    """train_epoch: each batch is one exact step with its own gradient, in the given order."""
    for sizes, cuts in [((3, 4, 2), [9]), ((4, 3), range(1, 14))]:
        network, linear, weights = a_network(student, rng, sizes)
        x, labels = rng.standard_normal((14, sizes[0])), rng.integers(0, sizes[-1], 14)
        batches = np.split(rng.permutation(14), cuts)
        x_there = student.put(x)
        student.train_epoch(network, x_there, labels, batches, 0.3)
        _, weights = epoch(weights, x, labels, batches, 0.3, 0.0)
        check_weights(check_close, linear, weights)
        check_close(student.fetch(x_there), x, "x after the epoch")


@pytest.mark.points(1)
@pytest.mark.hint("Which parameters are penalised, and what is the gradient of λ Σ W²?")
def test_penalised_steps(student, rng, check_close):
    """train_epoch: the L2 penalty pulls at the matrices, in each step."""
    network, linear, weights = a_network(student, rng, (3, 4, 2))
    x, labels = rng.standard_normal((7, 3)), rng.integers(0, 2, 7)
    batches = [np.array([6, 0, 2]), np.array([1, 3, 4, 5])]
    student.train_epoch(network, x, labels, batches, 0.2, 0.15)
    check_weights(check_close, linear, epoch(weights, x, labels, batches, 0.2, 0.15)[1])


@pytest.mark.points(1)
@pytest.mark.hint("How much does a batch of one count next to a batch of six?")
def test_loss_of_an_epoch(student, rng, check_close):
    """train_epoch: returns the mean over the objects of the losses before each step."""
    network, _, weights = a_network(student, rng, (3, 4, 2))
    x, labels = rng.standard_normal((7, 3)), rng.integers(0, 2, 7)
    batches = [np.arange(6), np.array([6])]
    for _ in range(2):
        loss, weights = epoch(weights, x, labels, batches, 0.3, 0.0)
        value = student.train_epoch(network, x, labels, batches, 0.3)
        check_close(value, loss, "the loss of the epoch")


@pytest.mark.points(1)
@pytest.mark.hint("In which mode does training begin, and which parameters are vectors?")
def test_training_mode(student, rng, check_close):
    """train_epoch: trains in training mode, also a network that comes from evaluation."""
    norm, last = student.BatchNorm(3, eps=1e-8), student.Linear(3, 2)
    gamma, beta, W = rng.standard_normal(3), rng.standard_normal(3), rng.standard_normal((3, 2))
    norm.gamma = gamma
    norm.beta = beta
    last.W = W
    network = student.Network([norm, last])
    network.eval()
    x, labels = rng.standard_normal((6, 3)), rng.integers(0, 2, 6)
    loss = student.train_epoch(network, x, labels, [np.arange(6)], 0.5, 0.2)
    z = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-8)
    expected, delta = cross_entropy((gamma * z + beta) @ W, labels)
    check_close(loss, expected, "the loss")
    back = delta @ W.T
    check_close(norm.gamma, gamma - 0.5 * (back * z).sum(axis=0), "gamma")
    check_close(norm.beta, beta - 0.5 * back.sum(axis=0), "beta")
    check_close(norm.running_mean, 0.1 * x.mean(axis=0), "running_mean")
    check_close(network.training, True, "training of the network")


@pytest.mark.points(2)
@pytest.mark.hint("Which mode is evaluation done in, and which one does it leave behind?")
def test_evaluate(student, rng, check_close):
    """evaluate: loss and accuracy in evaluation mode; nothing is changed, not even the mode."""
    first, norm, dropout = (
        student.Linear(4, 3),
        student.BatchNorm(3, eps=1e-8),
        student.Dropout(0.5),
    )
    network = student.Network([first, norm, dropout])
    mean, var = rng.standard_normal(3), rng.uniform(0.5, 2.0, 3)
    norm.running_mean = mean
    norm.running_var = var
    W = rng.standard_normal((4, 3))
    first.W = W
    for mode, n in [(True, 40), (False, 15), (True, 1)]:
        network.train() if mode else network.eval()
        x, labels = rng.standard_normal((n, 4)), rng.integers(0, 3, n)
        z = (x @ W - mean) / np.sqrt(var + 1e-8)
        loss, accuracy = student.evaluate(network, x, labels)
        check_close(loss, cross_entropy(z, labels)[0], "the loss")
        check_close(accuracy, float(np.mean(z.argmax(axis=1) == labels)), "the accuracy")
        for item, name in [(network, "network"), (norm, "BatchNorm"), (dropout, "Dropout")]:
            check_close(item.training, mode, f"training of the {name} afterwards")
        check_close(norm.running_mean, mean, "running_mean after evaluate")
        check_close(norm.running_var, var, "running_var after evaluate")
        check_close(first.W, W, "W after evaluate")


def a_run_that_overfits(student, rng):
    """Data and a network whose validation loss is best in the middle, and what fit has to do."""
    while True:
        network, linear, weights = a_network(student, rng, (3, 8, 2))
        for _ in range(40):
            x, x_validation = rng.standard_normal((6, 3)), rng.standard_normal((9, 3))
            labels, labels_validation = rng.integers(0, 2, 6), rng.integers(0, 2, 9)
            train, validation, states = [], [], [weights]
            for _ in range(30):
                loss, after = epoch(states[-1], x, labels, [np.arange(6)], 0.4, 0.0)
                states.append(after)
                train.append(loss)
                z = forward(after, x_validation)
                validation.append(cross_entropy(z, labels_validation)[0])
            best = int(np.argmin(validation))
            rises = np.all(np.diff(validation[: best + 1]) < -1e-4)
            if 1 <= best <= 20 and rises and np.min(np.diff(validation[best : best + 5])) > 1e-4:
                data = x, labels, x_validation, labels_validation
                return network, linear, data, train, validation, states, best


@pytest.mark.points(1)
@pytest.mark.hint("Which loss is watched, and what is left in the network after the last epoch?")
@pytest.mark.parametrize("ending", ["by patience", "by epochs"])
def test_fit(student, rng, check_close, ending):
    """fit: the exact history, the right number of epochs, the best weights at the end."""
    network, linear, data, train, validation, states, best = a_run_that_overfits(student, rng)
    patience, epochs = (3, 30) if ending == "by patience" else (25, best + 3)
    # One batch per epoch: the order of the objects plays no part.
    history = student.fit(network, *data, epochs, 10, 0.4, 0.0, patience, 1)
    count = best + 1 + patience if ending == "by patience" else epochs
    check_close(history, {"train": train[:count], "validation": validation[:count]}, "the history")
    check_weights(check_close, linear, states[best + 1])


@pytest.mark.points(1)
@pytest.mark.hint("What is drawn anew in each epoch, and do labels go along?")
def test_order_of_the_epochs(student, rng, check_close):
    """fit: each epoch takes all objects, in batches of an order of its own."""
    network, _, weights = a_network(student, rng, (3, 2))
    x, labels = rng.standard_normal((5, 3)), np.array([0, 1, 0, 1, 1])
    x_validation, labels_validation = rng.standard_normal((6, 3)), rng.integers(0, 2, 6)
    history = student.fit(
        network, x, labels, x_validation, labels_validation, 8, 2, 0.5, 0.05, 99, 3
    )
    found = [finite(history[part], (8,), f"history of {part}") for part in ("train", "validation")]
    # The 30 ways to cut five objects into batches of 2, 2 and 1: one of them explains each epoch.
    ways = [
        [np.array(first), np.array(second), np.array(list({*range(5)} - {*first} - {*second}))]
        for first in combinations(range(5), 2)
        for second in combinations(sorted({*range(5)} - {*first}), 2)
    ]
    chosen = []
    for number in range(8):
        for i, way in enumerate(ways):
            loss, after = epoch(weights, x, labels, way, 0.5, 0.05)
            validation, _ = cross_entropy(forward(after, x_validation), labels_validation)
            losses = found[0][number], found[1][number]
            if np.allclose(losses, (loss, validation), rtol=1e-9, atol=1e-12):
                chosen.append(i)
                weights = after
                break
        else:
            fail(f"epoch {number} is no run through the five objects in batches of 2, 2 and 1")
    # Eight equal orders by chance: once in 20 thousand million submissions.
    if len(set(chosen)) == 1:
        fail("every epoch takes the objects in the same batches")
