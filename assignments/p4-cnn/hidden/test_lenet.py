"""q5, 11 points: LeNet-5 against a network in numpy that takes over its weights."""

import numpy as np
import pytest

from autograder.suite import fail, finite, tensor

SHAPES = {
    "conv1": (6, 1, 5, 5),
    "conv2": (16, 6, 5, 5),
    "fc1": (120, 400),
    "fc2": (84, 120),
    "fc3": (10, 84),
}


def weights(model):
    """Weight and bias of each layer, as they are now, in float64."""
    layers = {name: getattr(model, name) for name in SHAPES}
    return {
        name: [
            finite(layers[name].weight, shape, f"the weights of {name}"),
            finite(layers[name].bias, shape[:1], f"the bias of {name}"),
        ]
        for name, shape in SHAPES.items()
    }


def convolve(x, W, b, padding):
    x = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    windows = np.lib.stride_tricks.sliding_window_view(x, (5, 5), axis=(2, 3))
    return (
        np.tensordot(windows, W, axes=([1, 4, 5], [1, 2, 3])).transpose(0, 3, 1, 2)
        + b[:, None, None]
    )


def pool(x):
    return np.maximum.reduce([x[:, :, i::2, j::2] for i in (0, 1) for j in (0, 1)])


def features(x, layers):
    """What reaches fc3, in float64."""
    x = pool(np.maximum(convolve(x, *layers["conv1"], 2), 0.0))
    x = pool(np.maximum(convolve(x, *layers["conv2"], 0), 0.0)).reshape(len(x), -1)
    for name in ("fc1", "fc2"):
        x = np.maximum(x @ layers[name][0].T + layers[name][1], 0.0)
    return x


def lenet(x, layers):
    """The logits, in float64."""
    W, b = layers["fc3"]
    return features(x, layers) @ W.T + b


def images(rng, n):
    return (3.0 * rng.standard_normal((n, 1, 28, 28))).astype(np.float32)


def check_logits(check_close, logits, expected, what="logits"):
    """To the precision of float32, and of no lower one."""
    check_close(logits, expected.astype(np.float32), what, rtol=1e-3, atol=2e-5)


@pytest.mark.points(4)
@pytest.mark.hint("Go through the drawing step by step: what follows each of the five layers?")
def test_logits(student, rng, check_close):
    """LeNet5: the logits are those of the network in the drawing."""
    for n in (3, 1):
        model, x = student.LeNet5(), images(rng, n)
        check_logits(check_close, model(tensor(x)), lenet(x, weights(model)))


@pytest.mark.points(3)
@pytest.mark.hint("Add up the table of the handout. Which layer has another number of parameters?")
def test_parameters(student, rng, check_close):
    """LeNet5: five layers of the right shapes with 61,706 parameters in all."""
    model = student.LeNet5()
    weights(model)
    check_close(student.count_parameters(model), 61706, "the number of parameters")


@pytest.mark.points(1)
@pytest.mark.hint("What has a module besides its weights, and is each of its tensors one number?")
def test_count_parameters(student, check_close):
    """count_parameters: right for the parts of a network."""
    model = student.LeNet5()
    for name, shape in SHAPES.items():
        expected = int(np.prod(shape)) + shape[0]
        check_close(student.count_parameters(getattr(model, name)), expected, f"that of {name}")


@pytest.mark.points(1)
@pytest.mark.hint("If all that reaches fc3 is dropped, what are the logits?")
def test_dropout_in_train_mode(student, rng, check_close):
    """LeNet5: in train mode, dropout zeroes inputs of fc3, and by default none."""
    x = images(rng, 2)
    model = student.LeNet5(dropout=1.0)
    model.train()
    _, bias = weights(model)["fc3"]
    check_logits(check_close, model(tensor(x)), np.stack([bias] * 2), "with dropout=1.0")
    model = student.LeNet5()
    model.train()
    check_logits(check_close, model(tensor(x)), lenet(x, weights(model)), "without dropout")


@pytest.mark.points(1)
@pytest.mark.hint("Each number by itself, for each image. And what happens to those that stay?")
def test_dropout_keeps_the_mean(student, rng, check_close):
    """LeNet5: in train mode, the logits of an image vary around those of eval mode."""
    model, p, n = student.LeNet5(dropout=0.25), 0.25, 1500
    model.train()
    x, layers = images(rng, 1), weights(model)
    repeated = tensor(np.repeat(x, n, axis=0))
    logits = finite(model(repeated), (n, 10), "the logits in train mode")
    # A kept number is divided by 1 - p: mean h, variance h² p / (1 - p), each by itself.
    W, _ = layers["fc3"]
    spread = np.sqrt(((W * features(x, layers)) ** 2).sum(axis=1) * p / (1 - p))
    off = np.abs(logits.mean(axis=0) - lenet(x, layers)[0])
    if (off > 6 * spread / np.sqrt(n) + 1e-4).any():
        fail("over many passes with dropout=0.25, the mean of the logits is not that of eval mode")
    if (np.abs(logits.std(axis=0) - spread) > 0.2 * spread + 1e-4).any():
        fail("with dropout=0.25 the logits of an image do not vary as much as they should")


@pytest.mark.points(1)
@pytest.mark.hint("Who tells a dropout layer whether the network is being trained?")
def test_dropout_in_eval_mode(student, rng, check_close):
    """LeNet5: in eval mode, dropout does nothing."""
    x = images(rng, 2)
    for dropout in (0.4, 1.0):
        model = student.LeNet5(dropout)
        model.eval()
        check_logits(check_close, model(tensor(x)), lenet(x, weights(model)))
