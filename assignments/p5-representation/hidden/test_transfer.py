"""q4 to q6, 50 points: frozen bodies, new heads, steps, and what transfer is worth."""

from contextlib import suppress

import numpy as np
import pytest

from autograder.suite import distinct, fail, finite, tensor
from autograder.suite.data import digits
from autograder.suite.verdict import Verdict


def f32(array):
    return np.asarray(array, dtype=np.float32)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def weights(layer, shape):
    """W, of this shape, and b of a layer as they are now, in float64."""
    return (
        finite(layer.weight, shape, "the weights of a layer"),
        finite(layer.bias, shape[:1], "the bias of a layer"),
    )


def total(d_in, hidden, features, classes):
    body = d_in * hidden + hidden + hidden * features + features
    return body, features * classes + classes


@pytest.mark.points(5)
@pytest.mark.hint("Where are the two ReLUs, and what comes behind the head?")
def test_classifier(student, rng, check_close):
    """Classifier: Linear, ReLU, Linear, ReLU, and a Linear head that returns logits."""
    model = student.Classifier(6, 5, 4, 3)
    a = x = f32(2 * rng.standard_normal((8, 6)))
    for layer, shape in [(model.backbone[0], (5, 6)), (model.backbone[2], (4, 5))]:
        W, b = weights(layer, shape)
        a = np.maximum(a @ W.T + b, 0)
    check_close(model.backbone(tensor(x)), f32(a), "the features", rtol=1e-4, atol=1e-5)
    W, b = weights(model.head, (3, 4))
    logits = a @ W.T + b
    check_close(model(tensor(x)), f32(logits), "the logits", rtol=1e-4, atol=1e-5)


@pytest.mark.points(4)
@pytest.mark.hint("Which parameters does an optimizer change, and how many numbers are that?")
def test_count_trainable(student, check_close):
    """count_trainable: numbers, not tensors, and only the ones that can learn."""
    body, head = total(6, 5, 4, 3)
    model = student.Classifier(6, 5, 4, 3)
    check_close(student.count_trainable(model), body + head, "all parameters")
    model.head.requires_grad_(False)
    check_close(student.count_trainable(model), body, "with a frozen head")
    check_close(student.count_trainable(model.head), 0, "of the frozen head itself")


@pytest.mark.points(5)
@pytest.mark.hint("Which attribute of a parameter keeps autograd away, and is there a way back?")
def test_freeze(student, rng, check_close):
    """freeze: what is frozen gets no step, what is thawed does."""
    # Wide enough that some feature is alive, whatever the input: dead ones pass no gradient on.
    model = student.Classifier(6, 16, 12, 3)
    layers = [(model.backbone[0], (16, 6)), (model.backbone[2], (12, 16)), (model.head, (3, 12))]
    x, labels = f32(rng.standard_normal((30, 6))), rng.integers(0, 3, 30)
    for frozen, who in [(True, [False, False, True]), (False, [True, True, True])]:
        student.freeze(model.backbone, frozen)
        body, head = total(6, 16, 12, 3)
        learners = head if frozen else body + head
        check_close(student.count_trainable(model), learners, "how many numbers can learn")
        before = [weights(*layer) for layer in layers]
        student.classification_step(
            model, student.make_optimizer(model, 0.5), tensor(x), tensor(labels)
        )
        after = [weights(*layer) for layer in layers]
        moved = [not np.array_equal(old[1], new[1]) for old, new in zip(before, after, strict=True)]
        check_close(moved, who, "which of the three layers a step moves")


@pytest.mark.points(8)
@pytest.mark.hint("Which layer is new, how many inputs has it, and who can still learn?")
def test_replace_head(student, rng, check_close):
    """replace_head: a new trainable head of the right size; the backbone as it was."""
    model = student.Classifier(6, 5, 4, 3)
    body = [(model.backbone[0], (5, 6)), (model.backbone[2], (4, 5))]
    before, (old, _) = [weights(*layer) for layer in body], weights(model.head, (3, 4))
    student.freeze(model)
    student.replace_head(model, 7)
    check_close([weights(*layer) for layer in body], before, "the backbone")
    weights(model.head, (7, 4))
    check_close(student.count_trainable(model), 4 * 7 + 7, "trainable after a new head")
    for _ in range(2):  # for as many classes as before as well
        student.replace_head(model, 3)
        new, _ = weights(model.head, (3, 4))
        if not distinct([new, old], (3, 4), "the new head's weights", rtol=1e-5, atol=1e-8):
            fail("the new head has the weights of the old one")
        old = new
    finite(model(tensor(f32(rng.standard_normal((2, 6))))), (2, 3), "the logits")


@pytest.mark.points(8)
@pytest.mark.hint("Mode, gradients, loss, backward, step: in which order, and what is returned?")
def test_two_steps(student, rng, check_close):
    """classification_step: two steps on two batches, losses and weights."""
    model = student.Classifier(6, 5, 4, 3).head
    optimizer = student.make_optimizer(model, 0.7)
    W, b = weights(model, (3, 4))
    # Left over from whatever was done with the model before.
    setattr(model, "bias.grad", tensor(f32(rng.standard_normal(3))))
    for _ in range(2):
        x, labels = f32(rng.standard_normal((6, 4))), rng.integers(0, 3, 6)
        model.eval()
        loss = student.classification_step(model, optimizer, tensor(x), tensor(labels))
        p = softmax(x.astype(np.float64) @ W.T + b)
        if type(loss) is not float:
            fail(f"classification_step returns a {type(loss).__name__}, expected a float")
        expected = float(-np.log(p[np.arange(6), labels]).mean())
        check_close(loss, expected, "the loss before the update", rtol=1e-4)
        check_close(model.training, True, "model.training after a step")
        p[np.arange(6), labels] -= 1
        wanted_W, wanted_b = f32(W - 0.7 * p.T @ x / 6), f32(b - 0.7 * p.sum(axis=0) / 6)
        W, b = weights(model, (3, 4))
        check_close(f32(W), wanted_W, "the weights after the step", rtol=1e-3, atol=1e-5)
        check_close(f32(b), wanted_b, "the biases after the step", rtol=1e-3, atol=1e-5)


@pytest.mark.points(5)
@pytest.mark.hint("The likeliest class of each row, as integers. And the mode, within and after?")
def test_predict(student, rng, check_close):
    """predict: the likeliest class of each row, in eval mode; the model as it was."""
    # Wide enough that no class wins whatever the input, and inputs that outweigh the biases.
    model = student.Classifier(6, 16, 12, 5)
    x = 10 * rng.standard_normal((80, 6))
    logits = finite(model(tensor(f32(x))), (80, 5), "the logits")
    if np.ptp(logits, axis=1).min() == 0:
        fail("the logits of a new Classifier are equal for all classes")
    # Half of what comes from the first ReLU is zeroed in train mode, where the model lets us.
    with suppress(Verdict):  # torch goes by another name, or the ReLU is no module
        nn, layers = student.torch.nn, model.backbone
        layers[1] = nn.Sequential(layers[1], nn.Dropout(0.5))
    for training in (True, False):
        model.train(training)
        check_close(student.predict(model, x), logits.argmax(axis=1), "the predicted classes")
        check_close(model.training, training, "model.training afterwards")


@pytest.mark.points(4)
@pytest.mark.training
@pytest.mark.limit(seconds=60)
@pytest.mark.hint("Enough passes over the data, a learning rate that is not too large?")
def test_pretraining(student, rng, device, check_accuracy):
    """pretrain: 0.9 on clean digits that it has not seen."""
    images, labels = digits()
    images = images.reshape(-1, 64)
    order = rng.permutation(len(images))
    train, test = order[:1000], order[1000:]

    def predict(rows, run):
        model = student.pretrain(images[train], labels[train], 10 + run, device)
        return student.predict(model, rows)

    # Held-out scans are brightened a little: looking them up in the data set is of no use.
    check_accuracy(predict, 0.05 + 0.9 * images[test], labels[test], 0.9)


def from_scratch(x, labels, rng):
    """The examiner's own network on the few examples alone: weights (W1, b1, W2, b2)."""
    W1, b1 = rng.standard_normal((64, 64)) / 8, np.zeros(64)
    W2, b2 = rng.standard_normal((64, 10)) / 8, np.zeros(10)
    for _ in range(300):
        h = np.maximum(x @ W1 + b1, 0)
        p = softmax(h @ W2 + b2)
        p[np.arange(len(labels)), labels] -= 1
        p /= len(labels)
        back = (p @ W2.T) * (h > 0)
        W2, b2 = W2 - 0.3 * h.T @ p, b2 - 0.3 * p.sum(axis=0)
        W1, b1 = W1 - 0.3 * x.T @ back, b1 - 0.3 * back.sum(axis=0)
    return W1, b1, W2, b2


def backbone(model):
    """The two matrices of the backbone of a Classifier(64, 32, 16, …)."""
    layers = [(model.backbone[0], (32, 64)), (model.backbone[2], (16, 32))]
    return [weights(*layer)[0] for layer in layers]


@pytest.mark.points(2)
@pytest.mark.training
@pytest.mark.limit(seconds=60)
@pytest.mark.hint("Who is still frozen in the second stage, and whom does its optimizer know?")
def test_fine_tuning_moves_everything(student, rng, device, check_close):
    """fine_tune: a head for so many classes, and a backbone that has learned as well."""
    images, labels = digits()
    rows = rng.choice(np.flatnonzero(labels < 4), 20, replace=False)
    model = student.Classifier(64, 32, 16, 10)
    model.to(device)
    before = backbone(model)
    seed = int(rng.integers(1000))
    tuned = student.fine_tune(model, images[rows].reshape(-1, 64), labels[rows], 4, seed, device)
    weights(tuned.head, (4, 16))
    pairs = zip(before, backbone(tuned), strict=True)
    moved = [not np.array_equal(old, new) for old, new in pairs]
    check_close(moved, [True, True], "which layers of the backbone fine-tuning has moved")


@pytest.mark.points(2)
@pytest.mark.training
@pytest.mark.limit(seconds=200)
@pytest.mark.hint("What is random in the two trainings, and what of it before the seed is set?")
def test_seeds(student, rng, check_close):
    """pretrain and fine_tune: equal seeds give equal models, another seed another body."""
    images, labels = digits()
    rows = rng.permutation(len(images))[:40]
    x, y, seed = images[rows].reshape(-1, 64), labels[rows], int(rng.integers(1, 1000))
    first, again, other = (student.pretrain(x, y, s, "cpu") for s in (seed, seed, seed + 1))
    some = range(1, 4097)  # neurons: how many is the student's choice
    W, _ = weights(first.backbone[0], (some, 64))
    again_W, _ = weights(again.backbone[0], W.shape)
    check_close(again_W, W, "the weights of a second pretraining")
    other_W, _ = weights(other.backbone[0], W.shape)
    if not distinct([other_W, W], W.shape, "the weights", rtol=1e-5, atol=1e-8):
        fail("pretrainings with different seeds end with the same weights")
    tuned = [student.fine_tune(model, x, y % 3, 3, seed, "cpu") for model in (first, again)]
    W, _ = weights(tuned[0].head, (3, some))
    second, _ = weights(tuned[1].head, W.shape)
    check_close(second, W, "the head's weights of a second fine-tuning")


@pytest.mark.points(7)
@pytest.mark.training
@pytest.mark.limit(seconds=60)
@pytest.mark.hint(
    "New head first, on a frozen body; then everything, gently. Was the body trained?"
)
def test_transfer(student, rng, device, check_accuracy, note):
    """fine_tune: on noisy digits under new names it beats 0.5 and training from scratch."""
    images, labels = digits()
    images = images.reshape(-1, 64)
    order = rng.permutation(len(images))
    source, target = order[:1000], order[1000:]
    noisy = images[target] + 0.4 * rng.standard_normal((len(target), 64))
    renamed = rng.permutation(10)[labels[target]]
    few = np.concatenate([np.flatnonzero(renamed == c)[:5] for c in range(10)])
    rest = np.setdiff1d(np.arange(len(target)), few)
    W1, b1, W2, b2 = from_scratch(noisy[few], renamed[few], rng)
    guessed = (np.maximum(noisy[rest] @ W1 + b1, 0) @ W2 + b2).argmax(axis=1)
    scratch = float(np.mean(guessed == renamed[rest]))
    note(f"from scratch, by the examiner's own network: {scratch:.4f}")

    def predict(rows, run):
        body = student.pretrain(images[source], labels[source], run, device)
        model = student.fine_tune(body, noisy[few], renamed[few], 10, run, device)
        return student.predict(model, rows)

    check_accuracy(predict, noisy[rest], renamed[rest], max(0.5, scratch + 0.03))
