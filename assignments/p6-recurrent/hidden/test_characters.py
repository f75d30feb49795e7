"""q4 to q7, 46 points: clipping, the loss, the model of characters and its training."""

import numpy as np
import pytest

from autograder.suite import fail, finite

REQUIRED = 1.5
SMALL = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
fifteen sixteen seventeen eighteen nineteen"""
LARGE = "twenty thirty forty fifty sixty seventy eighty ninety"
UNITS, TENS = SMALL.split(), LARGE.split()
WEIGHTS = ("rnn.W_x", "rnn.W_h", "rnn.b", "W_y", "b_y")


def some_gradients(rng):
    return [rng.standard_normal(shape) for shape in [(3, 4), (4, 4), (4,), (2, 3, 2), (1,)]]


def total_norm(arrays):
    return float(np.linalg.norm(np.concatenate([np.ravel(array) for array in arrays])))


@pytest.mark.points(4)
@pytest.mark.hint("One vector made of all entries: how long is it, and what keeps its direction?")
def test_clipping(student, rng, check_close):
    """clip_by_global_norm: long gradients are scaled by one common factor, to max_norm exactly."""
    for share in (0.9, 0.5, 0.01):
        gradients = some_gradients(rng)
        norm = total_norm(gradients)
        clipped, found = student.clip_by_global_norm(gradients, share * norm)
        check_close(found, norm, "the norm before clipping")
        check_close(clipped, [share * array for array in gradients], "the clipped gradients")
    one = [rng.standard_normal((2, 3))]
    half = 0.5 * total_norm(one)
    clipped, _ = student.clip_by_global_norm(one, half)
    check_close(clipped, [0.5 * one[0]], "a single array, clipped")


@pytest.mark.points(4)
@pytest.mark.hint("Which factor applies when the norm is small, or even zero?")
def test_short_gradients(student, rng, check_close):
    """clip_by_global_norm: short gradients, and zeros, stay as they are."""
    gradients = some_gradients(rng)
    norm = total_norm(gradients)
    for factor in (1.01, 3.0, 100.0):
        clipped, found = student.clip_by_global_norm(gradients, factor * norm)
        check_close(found, norm, "the norm")
        check_close(clipped, gradients, "gradients shorter than max_norm")
    zeros = [np.zeros((2, 3)), np.zeros(4)]
    clipped, found = student.clip_by_global_norm(zeros, 1.0)
    check_close(found, 0.0, "the norm of zeros")
    check_close(clipped, zeros, "clipped zeros")


@pytest.mark.points(2)
@pytest.mark.hint("Does scaling make a new array or change the one that was given?")
def test_clipping_leaves_the_given_arrays(student, rng, check_close):
    """clip_by_global_norm: the given arrays and their list stay as they are."""
    gradients = some_gradients(rng)
    there = [student.put(array) for array in gradients]
    clipped, _ = student.clip_by_global_norm(there, 0.1)
    scale = 0.1 / total_norm(gradients)
    check_close(clipped, [scale * array for array in gradients], "the clipped gradients")
    for remote, array in zip(there, gradients, strict=True):
        check_close(student.fetch(remote), array, "a given array after clipping")


LOGITS = [(3, 4, 5), (1, 6, 2), (4, 1, 3), (3, 3, 3)]


@pytest.mark.points(3)
@pytest.mark.hint(
    "How many characters are there in a batch of N windows, and over what is the mean?"
)
def test_loss(student, rng, check_close, trusted):
    """CharacterCrossEntropy: the mean over all N·T characters."""
    for shape in LOGITS:
        z, targets = 2.0 * rng.standard_normal(shape), rng.integers(0, shape[2], shape[:2])
        value = student.CharacterCrossEntropy().forward(z, targets)
        check_close(value, trusted.cross_entropy(z, targets), "the loss")


@pytest.mark.points(3)
@pytest.mark.hint("What does the mean do to the gradient of each character?")
def test_loss_gradient(student, rng, check_close, trusted):
    """CharacterCrossEntropy: the gradient by the logits, twice, for changing sizes."""
    loss = student.CharacterCrossEntropy()
    for shape in LOGITS:
        z, targets = 2.0 * rng.standard_normal(shape), rng.integers(0, shape[2], shape[:2])
        z_there, targets_there = student.put(z), student.put(targets)
        loss.forward(z_there, targets_there)
        check_close(student.fetch(z_there), z, "logits after forward")
        z_there.fill(0.0)
        targets_there.fill(0)
        for _ in range(2):
            expected = trusted.cross_entropy_gradient(z, targets)
            check_close(loss.backward(), expected, "the gradient by the logits")


@pytest.mark.points(2)
@pytest.mark.hint("Which intermediate result overflows, or is the logarithm of 0?")
def test_loss_of_extremes(student, rng, check_close, trusted):
    """CharacterCrossEntropy: right for logits of ±1000, place by place."""
    z = rng.standard_normal((2, 4, 3))
    z[0, 0] += 1000.0
    z[0, 1] -= 1000.0
    z[1, 2] = [1000.0, -1000.0, 0.0]
    z[1, 3] = [-3000.0, -3000.0, -2000.0]
    for target in range(3):
        targets = np.full((2, 4), target)
        loss = student.CharacterCrossEntropy()
        check_close(loss.forward(z, targets), trusted.cross_entropy(z, targets), "the loss")
        expected = trusted.cross_entropy_gradient(z, targets)
        check_close(loss.backward(), expected, "the gradient by the logits")


@pytest.mark.points(4)
@pytest.mark.hint("What comes first, the mean or the exponential, and which logarithm goes with e?")
def test_perplexity(student, rng, check_close):
    """perplexity: exp of the mean of −ln p over all characters."""
    for shape in LOGITS:
        p = rng.dirichlet(np.ones(shape[2]), shape[:2]) + 1e-3
        p /= p.sum(axis=2, keepdims=True)
        targets = rng.integers(0, shape[2], shape[:2])
        chosen = (p * np.eye(shape[2])[targets]).sum(axis=2)
        expected = float(np.prod(chosen ** (-1.0 / targets.size)))
        check_close(student.perplexity(p, targets), expected, "the perplexity")
    p = np.full((1, 60, 3), [1e-30, 1e-3, 0.999])
    targets = np.zeros((1, 60), dtype=int)
    check_close(student.perplexity(p, targets), 1e30, "the perplexity of a bad model", rtol=1e-6)


def a_model(student, rng, vocabulary, hidden, size=1.0):
    """A student's model with random weights, and those in the order of WEIGHTS."""
    model = student.CharModel(vocabulary, hidden)
    shapes = [(vocabulary, hidden), (hidden, hidden), (hidden,), (hidden, vocabulary)]
    weights = [rng.standard_normal(shape) * 0.7 for shape in [*shapes, (vocabulary,)]]
    weights[3] *= size
    model.rnn.W_x, model.rnn.W_h, model.rnn.b, model.W_y, model.b_y = weights
    return model, weights


def weights_of(model, gradient=False):
    """The parameters, or their gradients, by name."""
    prefix = "grad_" if gradient else ""
    found = {}
    for name in WEIGHTS:
        *owner, last = name.split(".")
        found[name] = getattr(model.rnn if owner else model, prefix + last)
    return found


@pytest.mark.points(3)
@pytest.mark.hint("Which state does the output layer see at place t, and where does the RNN start?")
def test_logits(student, rng, check_close, trusted):
    """CharModel: logits at every place, each call from a zero state."""
    for n, steps, vocabulary, hidden in [(3, 5, 6, 4), (1, 7, 3, 5), (4, 1, 5, 5)]:
        model, weights = a_model(student, rng, vocabulary, hidden)
        for _ in range(2):
            ids = rng.integers(0, vocabulary, (n, steps))
            check_close(model.forward(ids), trusted.logits(ids, weights), "the logits")


@pytest.mark.points(4)
@pytest.mark.hint("At how many places was W_y used, and what does the RNN's backward want to hear?")
def test_model_gradients(student, rng, check_close, trusted):
    """CharModel: backward gives the gradients of all five parameters."""
    for n, steps, vocabulary, hidden in [(3, 5, 6, 4), (1, 4, 3, 5)]:
        model, weights = a_model(student, rng, vocabulary, hidden)
        for _ in range(2):
            ids = rng.integers(0, vocabulary, (n, steps))
            grad = rng.standard_normal((n, steps, vocabulary))
            there = student.put(grad)
            model.forward(ids)
            model.backward(there)
            check_close(student.fetch(there), grad, "grad_logits after backward")
            expected = trusted.model_gradients(ids, grad, weights)
            found = weights_of(model, gradient=True)
            for (name, actual), right in zip(found.items(), expected, strict=True):
                check_close(actual, right, f"the gradient of {name}", rtol=1e-6)


@pytest.mark.points(3)
@pytest.mark.hint(
    "Over which axis does each place's distribution sum to 1, and may logits be large?"
)
def test_probabilities(student, rng, check_close, trusted):
    """CharModel: probabilities are the softmax of the logits, also of huge ones."""
    for size in (1.0, 1000.0):
        model, weights = a_model(student, rng, 5, 4, size)
        for n, steps in [(3, 4), (1, 5), (5, 5)]:
            ids = rng.integers(0, 5, (n, steps))
            expected = np.exp(trusted.log_softmax(trusted.logits(ids, weights)))
            check_close(model.probabilities(ids), expected, "the probabilities", rtol=1e-6)
    model = student.CharModel(150, 120)
    W_x = finite(model.rnn.W_x, (150, 120), "rnn.W_x")
    W_y = finite(model.W_y, (120, 150), "W_y")
    for name, W, rows in [("rnn.W_x", W_x, 150), ("W_y", W_y, 120)]:
        # 18,000 draws: the bounds are more than eleven standard errors wide.
        if not 0.94 < W.std() * np.sqrt(rows) < 1.06:
            fail(f"{name} of a new model has not the standard deviation 1 / sqrt({rows})")
    check_close(model.b_y, np.zeros(150), "b_y of a new model")


def check_steps(student, rng, check_close, trusted, shares):
    """One training step for each max_norm, a share of the gradient's norm."""
    model, weights = a_model(student, rng, 5, 4)
    for share in shares:
        windows = rng.integers(0, 5, (3, 7))
        inputs, targets = windows[:, :-1], windows[:, 1:]
        z = trusted.logits(inputs, weights)
        gradient = trusted.cross_entropy_gradient(z, targets)
        gradients = trusted.model_gradients(inputs, gradient, weights)
        norm, lr = total_norm(gradients), float(rng.uniform(0.2, 0.9))
        loss = student.train_step(model, inputs, targets, lr, share * norm)
        check_close(loss, trusted.cross_entropy(z, targets), "the returned loss", rtol=1e-6)
        step = lr * min(1.0, share)
        weights = [w - step * g for w, g in zip(weights, gradients, strict=True)]
        for (name, actual), right in zip(weights_of(model).items(), weights, strict=True):
            check_close(actual, right, f"{name} after a step", rtol=1e-6)


@pytest.mark.points(3)
@pytest.mark.hint("Which parameters move, in which direction, and which loss is returned?")
def test_steps(student, rng, check_close, trusted):
    """train_step: three exact steps of gradient descent, with nothing to clip."""
    check_steps(student, rng, check_close, trusted, (5.0, 1.5, 100.0))


@pytest.mark.points(3)
@pytest.mark.hint("Whose norm is clipped: that of each parameter, or that of all five together?")
def test_clipped_steps(student, rng, check_close, trusted):
    """train_step: exact steps with gradients clipped by the norm of all five together."""
    check_steps(student, rng, check_close, trusted, (0.5, 0.05, 2.0, 0.8))


def in_words(n):
    if n < 20:
        return UNITS[n]
    if n < 100:
        return TENS[n // 10 - 2] + (f"-{UNITS[n % 10]}" if n % 10 else "")
    return f"{UNITS[n // 100]} hundred" + (f" and {in_words(n % 100)}" if n % 100 else "")


def two_texts(rng):
    """Texts of disjoint numbers, characters numbered at random, and V: one of them in no text."""
    numbers = rng.permutation(1000)
    texts = [
        "".join(f"{in_words(int(n))}. " for n in rng.choice(pool, count))
        for pool, count in [(numbers[:800], 2500), (numbers[800:], 500)]
    ]
    alphabet = sorted(set("".join(texts)))
    code = dict(zip(alphabet, rng.permutation(len(alphabet)), strict=True))
    known, unseen = (np.array([code[c] for c in text]) for text in texts)
    return known, unseen, len(alphabet) + 1


@pytest.mark.training
@pytest.mark.points(8)
@pytest.mark.limit(seconds=100)
@pytest.mark.hint("What perplexity does your notebook show? Compare it with the baselines.")
def test_training(student, rng, check_close, note):
    """train: held-out perplexity of at most 1.5, by distributions that do not look ahead."""
    known, unseen, vocabulary = two_texts(rng)
    there = student.put(known)
    model = student.train(there, vocabulary, int(rng.integers(1, 1000)))
    check_close(student.fetch(there), known, "the text after train")
    rows = unseen[: len(unseen) // 101 * 101].reshape(-1, 101)
    inputs, targets = rows[:, :-1], rows[:, 1:]
    p = finite(model.probabilities(inputs), (*inputs.shape, vocabulary), "the probabilities")
    if p.min() < 0:
        fail("the probabilities of the trained model have negative entries")
    check_close(p.sum(axis=2), np.ones(inputs.shape), "the sum of each distribution", atol=1e-6)
    # The future is cut off or exchanged: what was predicted before must not move.
    for cut in map(int, rng.integers(5, 95, 3)):
        changed = inputs.copy()
        changed[:, cut:] = rng.integers(0, vocabulary, changed[:, cut:].shape)
        for other in (changed, inputs[:, :cut]):
            before = model.probabilities(other)[:, :cut]
            check_close(
                before, p[:, :cut], "a prediction, with other characters after it", atol=1e-6
            )
    alone = model.probabilities(inputs[:1])
    check_close(alone, p[:1], "the prediction for one row alone", atol=1e-6)
    chosen = np.take_along_axis(p, targets[:, :, None], axis=2)
    value = float(np.exp(-np.log(np.maximum(chosen, 1e-300)).mean()))
    note(f"held-out perplexity {value:.3f}, required {REQUIRED}")
    if value > REQUIRED:
        fail(f"the held-out perplexity is {value:.3f}, required is at most {REQUIRED}")
