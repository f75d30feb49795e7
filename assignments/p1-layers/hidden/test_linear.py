"""q1, 28 points: the linear layer y = x W + b and its three gradients."""

import numpy as np
import pytest

from autograder.suite import distinct, fail, finite


def a_layer(student, rng, d_in, d_out):
    """A student's layer with random W and b, and those two."""
    layer = student.Linear(d_in, d_out)
    W, b = rng.standard_normal((d_in, d_out)), rng.standard_normal(d_out)
    layer.W = W
    layer.b = b
    return layer, W, b


@pytest.mark.points(3)
@pytest.mark.hint("Write the shapes of x, W and b under the formula: what is added to each row?")
def test_forward(student, rng, check_close):
    """Linear: forward is x W + b for any number of objects and features."""
    for n, d_in, d_out in [(5, 4, 3), (2, 3, 7), (6, 6, 2)]:
        layer, W, b = a_layer(student, rng, d_in, d_out)
        x = rng.standard_normal((n, d_in))
        check_close(layer.forward(x), np.einsum("nd,dk->nk", x, W) + b, "y")


@pytest.mark.points(4)
@pytest.mark.hint("Which operation drops a dimension, or takes over the dtype of its input?")
def test_small_and_integer_batches(student, rng, check_close):
    """Linear: a batch of one object and a batch of integers are batches like any other."""
    layer, W, b = a_layer(student, rng, 4, 3)
    one, grad_output = rng.standard_normal((1, 4)), rng.standard_normal((1, 3))
    check_close(layer.forward(one), one @ W + b, "y of one object")
    check_close(layer.backward(grad_output), grad_output @ W.T, "gradient by x, for one object")
    integers, grad_output = rng.integers(-9, 10, (5, 4)), rng.standard_normal((5, 3))
    check_close(layer.forward(integers), integers @ W + b, "y of integers")
    layer.backward(grad_output)
    check_close(layer.grad_W, integers.T @ grad_output, "grad_W, for integers")


@pytest.mark.points(3)
@pytest.mark.hint("The handout gives the variance of W. Which number does your generator ask for?")
def test_initial_weights(student, rng, check_close):
    """Linear: W starts with independent draws from N(0, 1/D), b with zeros."""
    for d_in, d_out in [(300, 200), (50, 900)]:
        layer = student.Linear(d_in, d_out)
        x = rng.standard_normal((3, d_in))
        W = finite(layer.W, (d_in, d_out), "W")
        check_close(layer.forward(x), x @ W, "y with the initial weights (b is zero)")
        z = W * np.sqrt(d_in)
        # Over 45,000 draws: each bound is more than seven standard errors wide.
        if abs(z.mean()) > 0.04:
            fail(f"the mean of W is {z.mean():.3f} / sqrt(d_in), expected about 0")
        if not 0.97 < z.std() < 1.03:
            fail(
                f"the standard deviation of W is {z.std():.3f} / sqrt(d_in), expected about 1"
                f" / sqrt(d_in), here with d_in = {d_in}"
            )
        if not 2.75 < np.mean(z**4) / z.var() ** 2 < 3.25:
            fail("the entries of W do not look like draws from a normal distribution")
        # Means of independent draws shrink with their number; 7 standard errors again.
        for axis in (0, 1):
            spread = z.mean(axis=axis).std() * np.sqrt(z.shape[axis])
            if abs(spread - 1) > 7 / np.sqrt(2 * z.shape[1 - axis]):
                fail("the entries of W are not drawn independently of each other")


@pytest.mark.points(2)
@pytest.mark.hint("Where does the randomness of a layer come from, and who else uses that source?")
def test_seeds(student, rng, check_close):
    """Linear: equal seeds give equal weights, other seeds or no seed give others."""
    x = rng.standard_normal((3, 6))
    seed = int(rng.integers(1, 1000))
    layer = student.Linear(6, 4, seed)
    y = layer.forward(x)
    check_close(y, x @ finite(layer.W, (6, 4), "W"), "y with the initial weights")
    check_close(student.Linear(6, 4, seed).forward(x), y, "y of a second layer with the same seed")
    others = [student.Linear(6, 4, seed + 1), student.Linear(6, 4), student.Linear(6, 4)]
    outputs = [y, *(other.forward(x) for other in others)]
    if not distinct(outputs, (3, 4), "y of another layer"):
        fail("two layers with different seeds, or with none, have the same weights")


@pytest.mark.points(3)
@pytest.mark.hint("Each entry of x reaches all K outputs of its row. Along which weights?")
def test_gradient_of_the_input(student, rng, check_gradients):
    """Linear: backward returns the gradient by x."""
    for n, d_in, d_out in [(5, 4, 3), (3, 3, 3)]:
        layer, W, b = a_layer(student, rng, d_in, d_out)
        x = rng.standard_normal((n, d_in))
        check_gradients(layer, x, wrt=("x",), reference=lambda x, W=W, b=b: x @ W + b)


@pytest.mark.points(3)
@pytest.mark.hint("W[d, k] touches the loss through all N objects. How do their shares combine?")
def test_gradient_of_the_weights(student, rng, check_gradients):
    """Linear: grad_W is the gradient by W under a random upstream gradient."""
    for n, d_in, d_out in [(5, 4, 3), (3, 3, 3)]:
        layer, W, b = a_layer(student, rng, d_in, d_out)
        x = rng.standard_normal((n, d_in))
        check_gradients(layer, x, wrt=("W",), reference=lambda x, W=W, b=b: x @ W + b)


@pytest.mark.points(3)
@pytest.mark.hint("Which operation of the forward broadcast b over the batch?")
def test_gradient_of_the_bias(student, rng, check_gradients):
    """Linear: grad_b is the gradient by b under a random upstream gradient."""
    layer, W, b = a_layer(student, rng, 4, 3)
    x = rng.standard_normal((8, 4))
    check_gradients(layer, x, wrt=("b",), reference=lambda x, W=W, b=b: x @ W + b)


@pytest.mark.points(2)
@pytest.mark.hint("Which batch does backward belong to when forward has been called twice?")
def test_second_use(student, rng, check_close):
    """Linear: a second forward and backward, of another batch size, overwrite the gradients."""
    layer, W, _ = a_layer(student, rng, 4, 3)
    for n in (6, 2, 6):
        x, grad_output = rng.standard_normal((n, 4)), rng.standard_normal((n, 3))
        layer.forward(x)
        check_close(layer.backward(grad_output), grad_output @ W.T, "gradient by x")
        check_close(layer.grad_W, x.T @ grad_output, "grad_W")
        check_close(layer.grad_b, grad_output.sum(axis=0), "grad_b")


@pytest.mark.points(2)
@pytest.mark.hint("Who takes the gradient step: the layer, or the optimizer that comes after it?")
def test_parameters_stay(student, rng, check_close):
    """Linear: backward leaves W and b as they are; two steps taken outside work."""
    layer, W, b = a_layer(student, rng, 4, 3)
    for _ in range(2):
        x, grad_output = rng.standard_normal((5, 4)), rng.standard_normal((5, 3))
        layer.forward(x)
        check_close(layer.backward(grad_output), grad_output @ W.T, "gradient by x")
        check_close(layer.W, W, "W after backward")
        check_close(layer.b, b, "b after backward")
        W = W - 0.1 * (x.T @ grad_output)
        b = b - 0.1 * grad_output.sum(axis=0)
        layer.W = W
        layer.b = b


@pytest.mark.points(3)
@pytest.mark.hint("Whose array does your layer remember, and what if its owner changes it?")
def test_arrays_of_the_caller(student, rng, check_close):
    """Linear: the caller's arrays stay unchanged and may be reused between forward and backward."""
    layer, W, _ = a_layer(student, rng, 4, 3)
    x, grad_output = rng.standard_normal((5, 4)), rng.standard_normal((5, 3))
    x_there, grad_there = student.put(x), student.put(grad_output)
    layer.forward(x_there)
    check_close(student.fetch(x_there), x, "x after forward")
    x_there.fill(0.0)
    check_close(layer.backward(grad_there), grad_output @ W.T, "gradient by x")
    check_close(student.fetch(grad_there), grad_output, "grad_output after backward")
    check_close(layer.grad_W, x.T @ grad_output, "grad_W, with x changed after forward")
