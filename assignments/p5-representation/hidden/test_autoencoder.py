"""q1 to q3, 50 points: the autoencoder, its error, its step, and what it is worth."""

from contextlib import suppress

import numpy as np
import pytest

from autograder.suite import distinct, fail, finite, tensor
from autograder.suite.data import digits
from autograder.suite.verdict import Verdict


def f32(array):
    return np.asarray(array, dtype=np.float32)


def a_model(student, d_in=6, hidden=32, width=12):
    """An autoencoder of the student's and its four layers, each with the shape of its weights.

    Wide enough that some feature behind each ReLU is alive, whatever the weights and the input.
    """
    model = student.Autoencoder(d_in, hidden, width)
    shapes = [(hidden, d_in), (width, hidden), (hidden, width), (d_in, hidden)]
    layers = [model.encoder[0], model.encoder[2], model.decoder[0], model.decoder[2]]
    return model, list(zip(layers, shapes, strict=True))


def weights(layers):
    """(W, b) of each layer as it is now."""
    return [
        (
            finite(layer.weight, shape, "the weights of a layer"),
            finite(layer.bias, shape[:1], "the bias of a layer"),
        )
        for layer, shape in layers
    ]


def reconstructions(model, x):
    """What forward makes of x, in float64; not the same for every input."""
    y = finite(model(tensor(x)), x.shape, "what forward returns")
    if np.ptp(y, axis=0).max() < 1e-4 or np.allclose(y, x):
        fail("forward does not return a reconstruction of each row: try it on random images")
    return y


def drop_half(student, layers):
    """Have half of what comes from the first ReLU zeroed in train mode, where the model lets us."""
    with suppress(Verdict):  # torch goes by another name, or the ReLU is no module
        nn = student.torch.nn
        layers[1] = nn.Sequential(layers[1], nn.Dropout(0.5))


def relu(x):
    return np.maximum(x, 0)


def forward(layers, x):
    """What comes behind each station: (a1, h1, z, a3, h3, y), in float64."""
    (W1, b1), (W2, b2), (W3, b3), (W4, b4) = weights(layers)
    a1 = x.astype(np.float64) @ W1.T + b1
    z = relu(a1) @ W2.T + b2
    a3 = z @ W3.T + b3
    return a1, relu(a1), z, a3, relu(a3), relu(a3) @ W4.T + b4


@pytest.mark.points(4)
@pytest.mark.hint("Four Linear layers, each registered as an attribute of the module. Any more?")
def test_parameters(student, check_close):
    """Autoencoder: four layers with biases and nothing else, for any sizes."""
    for d_in, hidden, width in [(64, 32, 8), (10, 7, 2)]:
        model, layers = a_model(student, d_in, hidden, width)
        weights(layers)  # of the right shapes
        count = 2 * d_in * hidden + 2 * hidden * width + 2 * hidden + width + d_in
        check_close(student.count_trainable(model), count, "the number of parameters")


@pytest.mark.points(5)
@pytest.mark.hint("What stands behind the first layer, and what behind the code?")
def test_encode(student, rng, check_close):
    """Autoencoder: encode is Linear, ReLU, Linear."""
    model, layers = a_model(student)
    x = f32(2 * rng.standard_normal((9, 6)))
    _, _, z, *_ = forward(layers, x)
    check_close(model.encode(tensor(x)), f32(z), "the code", rtol=1e-4, atol=1e-5)


@pytest.mark.points(5)
@pytest.mark.hint("What stands behind the third layer, and what behind the output?")
def test_decode(student, rng, check_close):
    """Autoencoder: decode is Linear, ReLU, Linear."""
    model, layers = a_model(student)
    z = f32(2 * rng.standard_normal((9, 12)))
    (W3, b3), (W4, b4) = weights(layers)[2:]
    y = relu(z @ W3.T + b3) @ W4.T + b4
    check_close(model.decode(tensor(z)), f32(y), "the image", rtol=1e-4, atol=1e-5)


@pytest.mark.points(4)
@pytest.mark.hint("forward has two stations. Does the image pass both?")
def test_forward(student, rng, check_close):
    """Autoencoder: forward decodes the code, also for a batch of one."""
    model, layers = a_model(student)
    for n in (1, 8):
        x = f32(2 * rng.standard_normal((n, 6)))
        y = forward(layers, x)[-1]
        check_close(model(tensor(x)), f32(y), "forward", rtol=1e-4, atol=1e-5)


@pytest.mark.points(4)
@pytest.mark.hint("A mean over what? And of which type is the result?")
def test_error(student, rng, check_close):
    """reconstruction_error: the mean of the squares over all elements, a float."""
    model, _ = a_model(student)
    x = f32(rng.standard_normal((8, 6)))
    y = reconstructions(model, x)
    error = student.reconstruction_error(model, tensor(x))
    if type(error) is not float:
        fail(f"reconstruction_error returns a {type(error).__name__}, expected a float")
    check_close(error, float(np.mean((y - x) ** 2)), "the error", rtol=1e-4)


@pytest.mark.points(3)
@pytest.mark.hint("Who puts the model into eval mode, and who back into the mode it came in?")
def test_error_keeps_the_mode(student, rng, check_close):
    """reconstruction_error: taken in eval mode; the model leaves in the mode in which it came."""
    model, _ = a_model(student)
    x = f32(rng.standard_normal((8, 6)))
    y = reconstructions(model, x)
    drop_half(student, model.encoder)
    for training in (True, False):
        model.train(training)
        error = student.reconstruction_error(model, tensor(x))
        check_close(error, float(np.mean((y - x) ** 2)), "the error", rtol=1e-4)
        check_close(model.training, training, "model.training afterwards")


def gradients(layers, x):
    """The mean squared error of the reconstruction and its gradients by each W and b."""
    a1, h1, z, a3, h3, y = forward(layers, x)
    (_, W2, W3, W4) = (W for W, _ in weights(layers))
    g4 = 2 * (y - x) / x.size
    g3 = (g4 @ W4) * (a3 > 0)
    g2 = g3 @ W3
    g1 = (g2 @ W2) * (a1 > 0)
    pairs = zip((g1, g2, g3, g4), (x, h1, z, h3), strict=True)
    return float(np.mean((y - x) ** 2)), [(g.T @ inputs, g.sum(axis=0)) for g, inputs in pairs]


@pytest.mark.points(10)
@pytest.mark.hint("What is left in the gradients from the batch before? Which loss is returned?")
def test_two_steps(student, rng, check_close):
    """reconstruction_step: two steps on two batches, losses and weights."""
    model, layers = a_model(student)
    optimizer = student.make_optimizer(model, 0.5)
    for layer, shape in layers:  # left over from whatever was done with the model before
        setattr(layer, "bias.grad", tensor(f32(rng.standard_normal(shape[:1]))))
    for _ in range(2):
        x = f32(rng.standard_normal((7, 6)))
        before, (expected, grads) = weights(layers), gradients(layers, x)
        model.eval()
        loss = student.reconstruction_step(model, optimizer, tensor(x))
        if type(loss) is not float:
            fail(f"reconstruction_step returns a {type(loss).__name__}, expected a float")
        check_close(loss, expected, "the loss before the update", rtol=1e-3)
        check_close(model.training, True, "model.training after a step")
        for old, new, gradient in zip(before, weights(layers), grads, strict=True):
            for array, updated, slope in zip(old, new, gradient, strict=True):
                wanted = f32(array - 0.5 * slope)
                check_close(f32(updated), wanted, "a parameter", rtol=1e-3, atol=1e-5)


@pytest.mark.points(4)
@pytest.mark.hint("An array comes in and one goes out. In which mode is the model meanwhile?")
def test_reconstruct(student, rng, check_close):
    """reconstruct: arrays in, arrays out, equal to the model's forward in eval mode."""
    model, _ = a_model(student)
    x = f32(rng.standard_normal((8, 6)))
    y = reconstructions(model, x)
    drop_half(student, model.encoder)
    for training in (True, False):
        model.train(training)
        there = student.reconstruct(model, x.astype(np.float64))
        check_close(there, f32(y), "the reconstructions", rtol=1e-4, atol=1e-5, dtype="any")


@pytest.mark.points(1)
@pytest.mark.hint("Who puts the model back into the mode it came in?")
def test_reconstruct_keeps_the_mode(student, rng, check_close):
    """reconstruct: the model leaves in the mode in which it came."""
    model, _ = a_model(student)
    x = rng.standard_normal((8, 6))
    reconstructions(model, f32(x))
    for training in (True, False):
        model.train(training)
        student.reconstruct(model, x)
        check_close(model.training, training, "model.training afterwards")


@pytest.mark.points(8)
@pytest.mark.training
@pytest.mark.limit(seconds=60)
@pytest.mark.hint("PCA is the best linear map of this width. What does your network do beyond it?")
def test_beats_pca(student, rng, device, note):
    """train_autoencoder: on new images the error is at most 0.9 of PCA's."""
    images = digits()[0].reshape(-1, 64)
    order = rng.permutation(len(images))
    train, test = images[order[:1300]], images[order[1300:]]
    mean = train.mean(axis=0)
    directions = np.linalg.svd(train - mean, full_matrices=False)[2][:8]
    pca = np.mean(((test - mean) @ directions.T @ directions + mean - test) ** 2)
    model = student.train_autoencoder(train, 8, int(rng.integers(1000)), device)
    made = finite(student.reconstruct(model, test), test.shape, "the reconstructions")
    model.to("cpu")  # where tensors of a test are
    finite(model.encode(tensor(f32(test[:2]))), (2, 8), "the code of the trained model")
    error = np.mean((made - test) ** 2)
    told = f"error {error:.5f} on 497 new images, PCA {pca:.5f}: {error / pca:.2f} of it"
    if not error <= 0.9 * pca:
        fail(f"{told}, expected at most 0.90.")
    note(told)


@pytest.mark.points(2)
@pytest.mark.training
@pytest.mark.limit(seconds=200)
@pytest.mark.hint("What is random in your training, and what of it happens before the seed is set?")
def test_seeds(student, rng, check_close):
    """train_autoencoder: a code of any width; equal seeds give equal networks, others others."""
    images = digits()[0].reshape(-1, 64)[rng.permutation(1797)[:40]]
    seed = int(rng.integers(1, 1000))
    models = [student.train_autoencoder(images, 4, s, "cpu") for s in (seed, seed, seed + 1)]
    finite(models[0].encode(tensor(f32(images))), (40, 4), "the codes for width = 4")
    first, again, other = (
        finite(student.reconstruct(model, images), images.shape, "the reconstructions")
        for model in models
    )
    check_close(again, first, "the reconstructions of a second training")
    if not distinct([other, first], images.shape, "the reconstructions"):
        fail("trainings with different seeds end with the same network")
