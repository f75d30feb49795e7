"""q4 and q5, 22 points: batch normalisation, forward and backward."""

import numpy as np
import pytest

# Nearly nothing, except in the test of ε: one wrong ε must not cost every test.
EPS = 1e-8


def normalised(x, gamma, beta, eps=EPS):
    """Batch normalisation by the statistics of the batch."""
    centred = x - x.mean(axis=0)
    return gamma * centred / np.sqrt(np.mean(centred**2, axis=0) + eps) + beta


def a_layer(student, rng, d, **options):
    """A student's layer with random gamma and beta, and those two."""
    layer = student.BatchNorm(d, **{"eps": EPS, **options})
    gamma, beta = rng.standard_normal(d), rng.standard_normal(d)
    layer.gamma = gamma
    layer.beta = beta
    return layer, gamma, beta


def with_statistics(student, rng, d, **options):
    """A layer in evaluation mode, and its forward as a trusted function."""
    layer, gamma, beta = a_layer(student, rng, d, **options)
    mean, var = rng.standard_normal(d), rng.uniform(0.2, 4.0, d)
    layer.running_mean = mean
    layer.running_var = var
    layer.training = False

    def forward(x, gamma=gamma, beta=beta):
        return gamma * (x - mean) / np.sqrt(var + options.get("eps", EPS)) + beta

    return layer, forward, mean, var


def a_batch(rng, n, d):
    return rng.uniform(-3, 3, d) + rng.uniform(0.5, 2.0, d) * rng.standard_normal((n, d))


@pytest.mark.points(2)
@pytest.mark.hint("Whose mean and variance are taken: of a column, of a row, of all numbers?")
def test_training(student, rng, check_close):
    """BatchNorm: in training each feature is normalised by its own mean and biased variance."""
    for n, d in [(5, 4), (2, 3), (4, 4), (30, 1)]:
        layer, gamma, beta = a_layer(student, rng, d)
        x = a_batch(rng, n, d)
        check_close(layer.forward(x), normalised(x, gamma, beta), "y")


@pytest.mark.points(2)
@pytest.mark.hint("For a feature that hardly varies, ε decides. Where does it stand?")
def test_epsilon(student, rng, check_close, check_gradient):
    """BatchNorm: ε, 1e-5 unless told, stands inside the root, next to the variance."""
    x = 2.0 + 1e-3 * rng.standard_normal((6, 3))
    y = normalised(x, 1.0, 0.0, 1e-5)
    check_close(student.BatchNorm(3).forward(x), y, "y", rtol=1e-6)
    for eps, spread in [(0.5, 1.0), (1e-5, 0.0)]:
        layer, gamma, beta = a_layer(student, rng, 3, eps=eps)
        x = 2.0 + spread * rng.standard_normal((6, 3))
        check_close(layer.forward(x), normalised(x, gamma, beta, eps), "y", rtol=1e-6)
    layer, gamma, beta = a_layer(student, rng, 3, eps=0.5)
    x, upstream = rng.standard_normal((5, 3)), rng.standard_normal((5, 3))
    layer.forward(x)
    check_gradient(
        layer.backward(upstream),
        lambda x: normalised(x, gamma, beta, 0.5),
        x,
        "gradient by x",
        upstream,
    )
    layer, forward, *_ = with_statistics(student, rng, 3, eps=0.5)
    x = rng.standard_normal((4, 3))
    check_close(layer.forward(x), forward(x), "y in evaluation")


@pytest.mark.points(2)
@pytest.mark.hint("How much weight has the past, and by what is the variance of N numbers divided?")
def test_running_statistics(student, rng, check_close):
    """BatchNorm: running mean and unbiased variance follow the batches, each with weight m."""
    for options in [{}, {"momentum": 0.3}]:
        layer, _, _ = a_layer(student, rng, 3, **options)
        m, mean, var = options.get("momentum", 0.1), np.zeros(3), np.ones(3)
        for n in (4, 2, 7):
            x = a_batch(rng, n, 3)
            layer.forward(x)
            mean = mean + m * (x.sum(axis=0) / n - mean)
            var = var + m * (((x - x.mean(axis=0)) ** 2).sum(axis=0) / (n - 1) - var)
            check_close(layer.running_mean, mean, "running_mean")
            check_close(layer.running_var, var, "running_var")


@pytest.mark.points(2)
@pytest.mark.hint("May the answer for an object depend on who else is in the batch?")
def test_evaluation(student, rng, check_close):
    """BatchNorm: evaluation uses the running statistics and leaves them, for any batch."""
    layer, forward, mean, var = with_statistics(student, rng, 4)
    for n in (5, 1, 3):
        x = a_batch(rng, n, 4)
        check_close(layer.forward(x), forward(x), "y in evaluation")
        check_close(layer.running_mean, mean, "running_mean after evaluation")
        check_close(layer.running_var, var, "running_var after evaluation")


@pytest.mark.points(2)
@pytest.mark.hint("What carries over from a training batch to evaluation, and what back?")
def test_both_modes(student, rng, check_close):
    """BatchNorm: training, evaluation and training again, each by its own statistics."""
    layer, gamma, beta = a_layer(student, rng, 3)
    mean, var = np.zeros(3), np.ones(3)
    for _ in range(2):
        layer.training = True
        x = a_batch(rng, 5, 3)
        check_close(layer.forward(x), normalised(x, gamma, beta), "y in training")
        mean, var = 0.9 * mean + 0.1 * x.mean(axis=0), 0.9 * var + 0.1 * x.var(axis=0, ddof=1)
        layer.training = False
        x = a_batch(rng, 4, 3)
        expected = gamma * (x - mean) / np.sqrt(var + EPS) + beta
        check_close(layer.forward(x), expected, "y in evaluation")


@pytest.mark.points(1)
@pytest.mark.hint("Which of your statements divides by N − 1?")
def test_training_batch_of_one(student, rng, check_close):
    """BatchNorm: a training batch of one gives β, moves the mean and leaves the variance."""
    layer, _, beta = a_layer(student, rng, 4)
    for var in (np.ones(4), rng.uniform(0.5, 2.0, 4)):
        before, x = rng.standard_normal(4), rng.standard_normal((1, 4))
        layer.running_mean = before
        layer.running_var = var
        check_close(layer.forward(x), beta[None, :], "y")
        check_close(layer.running_mean, 0.9 * before + 0.1 * x[0], "running_mean")
        check_close(layer.running_var, var, "running_var")


@pytest.mark.points(2)
@pytest.mark.hint("Which arrays does your layer write into, and which do two layers share?")
def test_arrays(student, rng, check_close):
    """BatchNorm: layers start apart, with the agreed values; x stays; integers are numbers."""
    used, fresh, other = (student.BatchNorm(3, eps=EPS) for _ in range(3))
    x = rng.integers(-9, 10, (6, 3))
    there = student.put(x.astype(float))
    y = normalised(x, 1.0, 0.0)
    check_close(used.forward(there), y, "y")
    check_close(student.fetch(there), x.astype(float), "x after forward")
    check_close(other.forward(x), y, "y of integers")
    there.fill(0.0)
    for layer, mean, var in [
        (used, 0.1 * x.mean(axis=0), 0.9 + 0.1 * x.var(axis=0, ddof=1)),
        (fresh, np.zeros(3), np.ones(3)),
    ]:
        check_close(layer.gamma, np.ones(3), "gamma")
        check_close(layer.beta, np.zeros(3), "beta")
        check_close(layer.running_mean, mean, "running_mean")
        check_close(layer.running_var, var, "running_var")


@pytest.mark.points(3)
@pytest.mark.hint("On which three paths does x[n, j] reach the loss?")
def test_gradient_of_the_input(student, rng, check_gradients):
    """BatchNorm: backward in training is the gradient by x."""
    for n, d, eps in [(5, 3, EPS), (3, 4, EPS), (4, 4, EPS)]:
        layer, gamma, beta = a_layer(student, rng, d, eps=eps)

        def reference(x, gamma=gamma, beta=beta, eps=eps):
            return normalised(x, gamma, beta, eps)

        check_gradients(layer, a_batch(rng, n, d), reference=reference)


@pytest.mark.points(2)
@pytest.mark.hint("gamma[j] multiplies what, in which rows?")
def test_gradients_of_the_parameters(student, rng, check_close):
    """BatchNorm: grad_gamma and grad_beta are sums over the batch."""
    for n, d in [(6, 3), (3, 5)]:
        layer, gamma, beta = a_layer(student, rng, d)
        x, grad_output = a_batch(rng, n, d), rng.standard_normal((n, d))
        layer.forward(x)
        layer.backward(grad_output)
        grad_gamma = np.einsum("nd,nd->d", grad_output, normalised(x, 1.0, 0.0))
        check_close(layer.grad_gamma, grad_gamma, "grad_gamma")
        check_close(layer.grad_beta, np.einsum("nd->d", grad_output), "grad_beta")
        check_close(layer.gamma, gamma, "gamma after backward")
        check_close(layer.beta, beta, "beta after backward")


@pytest.mark.points(2)
@pytest.mark.hint("Which of the three paths are left when the statistics are constants?")
def test_gradients_in_evaluation(student, rng, check_gradients):
    """BatchNorm: backward in evaluation treats the statistics as constants."""
    for n in (5, 1):
        layer, forward, *_ = with_statistics(student, rng, 3)
        wrt = ("x", "gamma", "beta")
        check_gradients(layer, a_batch(rng, n, 3), wrt=wrt, reference=forward)


@pytest.mark.points(2)
@pytest.mark.hint("What does backward remember of forward, and whose array is it?")
def test_backward_used_again(student, rng, check_close):
    """BatchNorm: backward belongs to the latest forward and its mode, whatever happens to x."""
    layer, gamma, _ = a_layer(student, rng, 3)
    for n, training in [(6, True), (4, False), (3, True), (1, True)]:
        layer.training = training
        x, grad_output = a_batch(rng, n, 3), rng.standard_normal((n, 3))
        mean, var = rng.standard_normal(3), rng.uniform(0.5, 2.0, 3)
        layer.running_mean, layer.running_var = mean, var
        x_there, grad_there = student.put(x), student.put(grad_output)
        layer.forward(x_there)
        x_there.fill(0.5)
        if training:
            mean, var = x.mean(axis=0), x.var(axis=0)
        z = (x - mean) / np.sqrt(var + EPS)
        expected = gamma * grad_output / np.sqrt(var + EPS)
        if training:
            expected -= expected.mean(axis=0) + z * (expected * z).mean(axis=0)
        check_close(layer.backward(grad_there), expected, "gradient by x")
        check_close(student.fetch(grad_there), grad_output, "grad_output after backward")
        check_close(layer.grad_gamma, (grad_output * z).sum(axis=0), "grad_gamma")
        check_close(layer.grad_beta, grad_output.sum(axis=0), "grad_beta")
