import numpy as np
from otter.test_files import test_case

OK_FORMAT = False

name = "linear"


def example(Linear):
    """A layer with known parameters, a batch and an upstream gradient."""
    rng = np.random.default_rng(7)
    layer = Linear(4, 3)
    layer.W, layer.b = rng.standard_normal((4, 3)), rng.standard_normal(3)
    return layer, rng.standard_normal((8, 4)), rng.standard_normal((8, 3))


@test_case(points=1, hidden=True)
def test_forward(Linear):
    layer, x, _ = example(Linear)
    expected = x @ layer.W + layer.b
    assert np.allclose(layer.forward(x), expected, rtol=1e-7, atol=1e-9)


@test_case(points=1, hidden=True)
def test_weight_gradient(Linear):
    layer, x, grad_output = example(Linear)
    layer.forward(x)
    layer.backward(grad_output)
    expected = x.T @ grad_output
    assert np.allclose(layer.grad_W, expected, rtol=1e-7, atol=1e-9)


@test_case(points=1, hidden=True)
def test_bias_gradient(Linear):
    layer, x, grad_output = example(Linear)
    layer.forward(x)
    layer.backward(grad_output)
    expected = grad_output.sum(axis=0)
    assert np.allclose(layer.grad_b, expected, rtol=1e-7, atol=1e-9)


@test_case(points=1, hidden=True)
def test_input_gradient(Linear):
    layer, x, grad_output = example(Linear)
    layer.forward(x)
    grad_x = layer.backward(grad_output)
    expected = grad_output @ layer.W.T
    assert np.allclose(grad_x, expected, rtol=1e-7, atol=1e-9)
