"""Four points: the output of `Linear` and its three gradients."""

import pytest


@pytest.fixture
def example(student, rng):
    """A layer with known parameters W and b, a batch and an upstream gradient."""
    layer = student.Linear(4, 3)
    W, b = rng.standard_normal((4, 3)), rng.standard_normal(3)
    layer.W, layer.b = W, b
    return layer, W, b, rng.standard_normal((8, 4)), rng.standard_normal((8, 3))


@pytest.mark.points(1)
@pytest.mark.hint("Every row of x gets the same b.")
def test_forward(example, check_close):
    """Linear.forward returns x W + b"""
    layer, W, b, x, _ = example
    check_close(layer.forward(x), x @ W + b, "y")


@pytest.mark.points(1)
@pytest.mark.hint("grad_W has the shape of W, and the upstream gradient already carries any 1/N.")
def test_weight_gradient(example, check_close):
    """Linear.backward sets grad_W"""
    layer, _, _, x, grad_output = example
    layer.forward(x)
    layer.backward(grad_output)
    check_close(layer.grad_W, x.T @ grad_output, "grad_W")


@pytest.mark.points(1)
@pytest.mark.hint("Which operation of forward broadcast b over the batch?")
def test_bias_gradient(example, check_close):
    """Linear.backward sets grad_b"""
    layer, _, _, x, grad_output = example
    layer.forward(x)
    layer.backward(grad_output)
    check_close(layer.grad_b, grad_output.sum(axis=0), "grad_b")


@pytest.mark.points(1)
@pytest.mark.hint("The chain rule: what does each entry of x reach?")
def test_input_gradient(example, check_close):
    """Linear.backward returns the gradient of x"""
    layer, W, _, x, grad_output = example
    layer.forward(x)
    check_close(layer.backward(grad_output), grad_output @ W.T, "grad_x")
