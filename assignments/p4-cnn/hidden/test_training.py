"""q6 and q7, 24 points: the training loop number by number, then a whole training.

The loop is tried on the last layer of LeNet-5 alone, a linear classifier of 84 features, so that
neither the rest of the network nor its forward pass matter.
"""

import numpy as np
import pytest

from autograder.suite import distinct, fail, finite, items, tensor
from autograder.suite.data import digits, mnist

HELD_OUT = slice(0, None, 4)
"""The same digits for everybody: some selections are easier to read than others."""
FLOAT32 = {"rtol": 1e-4, "atol": 2e-5}
"""How far results may be off that are computed in float32."""


class Linear:
    """The classifier x Wᵀ + b and gradient descent with momentum, in float64."""

    def __init__(self, layer):
        self.values = numbers(layer)
        self.velocities = [np.zeros_like(value) for value in self.values]

    def loss(self, x, labels):
        return cross_entropy(np.float64(x) @ self.values[0].T + self.values[1], labels)

    def step(self, x, labels, lr, momentum):
        logits = np.float64(x) @ self.values[0].T + self.values[1]
        delta = (softmax(logits) - np.eye(10)[labels]) / len(labels)
        for k, gradient in enumerate([delta.T @ x, delta.sum(axis=0)]):
            self.velocities[k] = momentum * self.velocities[k] + gradient
            self.values[k] = self.values[k] - lr * self.velocities[k]

    def check(self, check_close, layer, when):
        for value, name in zip(self.values, ("weight", "bias"), strict=True):
            actual = getattr(layer, name)
            check_close(actual, value.astype(np.float32), f"the {name} {when}", **FLOAT32)


def numbers(layer):
    return [
        finite(layer.weight, (10, 84), "the weights of fc3"),
        finite(layer.bias, (10,), "the bias of fc3"),
    ]


def softmax(logits):
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def cross_entropy(logits, labels):
    return float(-np.log(softmax(np.float64(logits)))[np.arange(len(labels)), labels].mean())


def decided(logits):
    """The rows whose best class leads by more than rounding in float32 could change."""
    ordered = np.sort(logits, axis=1)
    return ordered[:, -1] - ordered[:, -2] > 1e-3


def a_network(student, rng, n):
    """A network that, in train mode, drops all inputs of fc3; n images; their logits in eval mode.

    fc3 gets large random weights, and a bias that prefers what is least likely for the first image.
    """
    model = student.LeNet5(dropout=1.0)
    model.eval()
    images = rng.standard_normal((n, 1, 28, 28)).astype(np.float32)
    weight = 3.0 * rng.standard_normal((10, 84)).astype(np.float32)
    bias = np.zeros(10, np.float32)
    for _ in range(2):
        model.fc3.load_state_dict({"weight": tensor(weight), "bias": tensor(bias)})
        logits = finite(model(tensor(images)), (n, 10), "the logits of LeNet5")
        if np.ptp(logits, axis=1).min() < 1e-3:
            fail("LeNet5 returns equal logits for all classes, with large random weights in fc3")
        bias[logits[0].argmin()] = 1e-3
    return model, images, logits


def a_batch(rng, n):
    return rng.standard_normal((n, 84)).astype(np.float32), rng.integers(0, 10, n)


def check_number(check_close, actual, expected, what):
    is_array = isinstance(actual, np.ndarray)
    if is_array and actual.dtype == np.float32:  # checked: an array's dtype is numpy's own
        fail(f"{what} is a tensor, expected a float: .item() makes one")
    check_close(actual, expected, what, **FLOAT32)


@pytest.mark.points(2)
@pytest.mark.hint("Is the loss taken before or after the step, and over what is it a mean?")
def test_loss_of_a_step(student, rng, check_close):
    """train_step: returns the loss of the batch before the step, as a float."""
    layer = student.LeNet5().fc3
    optimizer, reference = student.make_optimizer(layer, 0.4, 0.0), Linear(layer)
    for n in (5, 8, 1):
        x, labels = a_batch(rng, n)
        loss = student.train_step(layer, optimizer, tensor(x), tensor(labels))
        check_number(check_close, loss, reference.loss(x, labels), "the loss")
        reference.values = numbers(layer)


@pytest.mark.points(3)
@pytest.mark.hint("Whose gradients does the optimizer see in the second step?")
def test_steps(student, rng, check_close):
    """train_step: three steps on different batches move the weights as they should."""
    layer = student.LeNet5().fc3
    optimizer, reference = student.make_optimizer(layer, 0.4, 0.0), Linear(layer)
    # Left over from whatever was done with the layer before.
    setattr(layer, "bias.grad", tensor(rng.standard_normal(10).astype(np.float32)))
    for number, n in enumerate((5, 8, 1), start=1):
        x, labels = a_batch(rng, n)
        loss = student.train_step(layer, optimizer, tensor(x), tensor(labels))
        check_number(check_close, loss, reference.loss(x, labels), "the loss")
        reference.step(x, labels, 0.4, 0.0)
        reference.check(check_close, layer, f"after step {number}")


@pytest.mark.points(2)
@pytest.mark.hint("What of the last step goes on in the next one?")
def test_momentum(student, rng, check_close):
    """make_optimizer: three steps with momentum, at two learning rates."""
    for lr, momentum in [(0.1, 0.9), (0.3, 0.5)]:
        layer = student.LeNet5().fc3
        optimizer, reference = student.make_optimizer(layer, lr, momentum), Linear(layer)
        for number in (1, 2, 3):
            x, labels = a_batch(rng, 6)
            loss = student.train_step(layer, optimizer, tensor(x), tensor(labels))
            check_number(check_close, loss, reference.loss(x, labels), "the loss")
            reference.step(x, labels, lr, momentum)
            reference.check(check_close, layer, f"after step {number}")


@pytest.mark.points(1)
@pytest.mark.hint("In which mode is the model after an evaluation, and who changes it back?")
def test_step_after_an_evaluation(student, rng, check_close):
    """train_step: trains in train mode, whatever came before."""
    model, x, logits = a_network(student, rng, 4)
    labels = logits.argmin(axis=1)
    optimizer = student.make_optimizer(model, 0.1, 0.0)
    _, bias = numbers(model.fc3)
    expected = cross_entropy(np.stack([bias] * 4), labels)
    loss = student.train_step(model, optimizer, tensor(x), tensor(labels))
    check_number(check_close, loss, expected, "the loss with everything dropped before fc3")


@pytest.mark.points(3)
@pytest.mark.hint("Does each object count the same, whatever the size of its batch?")
def test_evaluate(student, rng, check_close):
    """evaluate: mean loss and accuracy over all objects of batches of different sizes."""
    for sizes in [(6, 6, 2), (5,), (1, 7)]:
        layer = student.LeNet5().fc3
        reference, batches, logits = Linear(layer), [], []
        for n in sizes:
            x, labels = a_batch(rng, 4 * n)
            scores = np.float64(x) @ reference.values[0].T + reference.values[1]
            x, labels, scores = (array[decided(scores)][:n] for array in (x, labels, scores))
            logits.append(scores)
            # Right for half of the objects of the first batch, for all others by chance.
            if not batches:
                labels[: n // 2] = logits[0].argmax(axis=1)[: n // 2]
            batches.append((x, labels))
        labels, logits = np.concatenate([y for _, y in batches]), np.concatenate(logits)
        given = [(tensor(x), tensor(y)) for x, y in batches]
        answer = items(student.evaluate(layer, given), 2, "what evaluate returns")
        check_number(check_close, answer[0], cross_entropy(logits, labels), "the loss")
        accuracy = float(np.mean(logits.argmax(axis=1) == labels))
        check_number(check_close, answer[1], accuracy, "the accuracy")
        reference.check(check_close, layer, "after an evaluation")


@pytest.mark.points(1)
@pytest.mark.hint("What should a dropout layer do while a network is judged?")
def test_evaluate_in_eval_mode(student, rng, check_close):
    """evaluate: judges in eval mode, whatever came before."""
    model, x, logits = a_network(student, rng, 6)
    labels = logits.argmin(axis=1)
    model.train()
    loss, _ = student.evaluate(model, [(tensor(x), tensor(labels))])
    check_number(check_close, loss, cross_entropy(logits, labels), "the loss")


@pytest.mark.points(1)
@pytest.mark.hint("Which axis of the logits belongs to the classes?")
def test_predict(student, rng, check_close):
    """predict: the class of the largest logit of each input."""
    layer = student.LeNet5().fc3
    for n in (11, 1):
        x, _ = a_batch(rng, 4 * n)
        weight, bias = numbers(layer)
        logits = x @ weight.T + bias
        x, logits = x[decided(logits)][:n], logits[decided(logits)][:n]
        check_close(student.predict(layer, tensor(x)), logits.argmax(axis=1), "the classes")


@pytest.mark.points(1)
@pytest.mark.hint("What should a dropout layer do while a network is used?")
def test_predict_in_eval_mode(student, rng, check_close):
    """predict: uses the network in eval mode, whatever came before."""
    model, x, logits = a_network(student, rng, 6)
    x, classes = x[decided(logits)], logits.argmax(axis=1)[decided(logits)]
    model.train()
    check_close(student.predict(model, tensor(x)), classes, "the classes")


def enlarge(images):
    """Digits of 8 by 8 as in the handout: interpolated to 24 by 24, with a margin of 2."""
    places = np.linspace(0, 7, 24)[:, None]
    weights = np.maximum(0.0, 1.0 - np.abs(places - np.arange(8)))
    return np.pad(weights @ images @ weights.T, ((0, 0), (2, 2), (2, 2)))[:, None]


def pictures(rng):
    """Images (N, 1, 28, 28) and labels to train on, others to judge by, and the threshold.

    Of scikit-learn's digits, or of MNIST where the grader has it, which is easier to learn.
    """
    data_set = mnist()
    if data_set is None:
        images, labels = enlarge(digits()[0]), digits()[1]
        known = np.delete(np.arange(len(labels)), HELD_OUT)
        return images[known], labels[known], images[HELD_OUT], labels[HELD_OUT], 0.97
    images, labels, unseen, answers = data_set
    known, asked = (rng.choice(len(y), n, False) for y, n in [(labels, 4000), (answers, 3000)])
    scaled = (images[known][:, None] / 255, labels[known], unseen[asked][:, None] / 255)
    return *scaled, answers[asked], 0.975


@pytest.mark.training
@pytest.mark.points(7)
@pytest.mark.limit(seconds=300)
@pytest.mark.hint(
    "What accuracy does your notebook show, and does it hold for images in any order?"
)
def test_accuracy(student, rng, check_accuracy, device):
    """train: at least 0.97 right on digits that the network has never seen (MNIST: 0.975)."""
    images, labels, unseen, answers, threshold = pictures(rng)
    # Not quite the digits that come with a package: under other names, fainter or bolder, noisy.
    names = rng.permutation(10)
    labels, answers = names[labels], names[answers]
    unseen = unseen * rng.uniform(0.9, 1.1, (len(unseen), 1, 1, 1))
    unseen += 0.05 * rng.standard_normal(unseen.shape)
    by_class = np.argsort(labels, kind="stable")
    given = tensor(images[by_class].astype(np.float32)), tensor(labels[by_class])
    seed = int(rng.integers(1, 1000))

    def predict(inputs, run):
        model = student.train(*given, seed + run, device)
        return student.predict(model, tensor(inputs.astype(np.float32)))

    check_accuracy(predict, unseen, answers, threshold)


@pytest.mark.training
@pytest.mark.points(3)
@pytest.mark.limit(seconds=240)
@pytest.mark.hint("What is random in your training, and what happens before the seed is set?")
def test_seeds(student, rng, check_close):
    """train: equal seeds give equal networks, other seeds other ones."""
    images, labels = digits()
    chosen = rng.permutation(len(labels))[:70]
    x = enlarge(images[chosen]).astype(np.float32)
    given, seed = (tensor(x), tensor(labels[chosen])), int(rng.integers(1, 1000))
    first, again, other = (student.train(*given, s, "cpu") for s in (seed, seed, seed + 1))
    for name, shape in [("conv1", (6, 1, 5, 5)), ("fc3", (10, 84))]:
        told = f"the weights of {name} after training"
        weight = finite(getattr(first, name).weight, shape, told)
        what = f"the weight of {name} of a second training with the same seed"
        check_close(getattr(again, name).weight, weight.astype(np.float32), what)
        if not distinct([weight, getattr(other, name).weight], shape, told, rtol=1e-5, atol=1e-8):
            fail(f"trainings with different seeds end with the same weight of {name}")
    first.eval()
    logits = finite(first(tensor(x)), (70, 10), "the logits of the trained network")
    if not decided(logits).any():
        fail("the trained network gives equal logits to all classes")
    x, classes = x[decided(logits)], logits.argmax(axis=1)[decided(logits)]
    check_close(student.predict(first, tensor(x)), classes, "the predictions for its training data")
