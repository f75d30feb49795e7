"""q7, 10 points: the chain of layers. Each test uses other activations: one wrong layer of yours
costs few points here."""

import numpy as np
import pytest

from autograder.suite import items


def two_linear_layers(student, rng, d_in, width, d_out):
    """Two linear layers with random weights, and W, b of the first, then of the second."""
    first, last = student.Linear(d_in, width), student.Linear(width, d_out)
    arrays = [rng.standard_normal(shape) for shape in [(d_in, width), width, (width, d_out), d_out]]
    first.W, first.b, last.W, last.b = arrays
    return first, last, arrays


@pytest.mark.points(2)
@pytest.mark.hint("What does each layer get as its input?")
def test_forward(student, rng, check_close):
    """Sequential: forward feeds each layer with the output of the one before."""
    first, last, (W1, b1, W2, b2) = two_linear_layers(student, rng, 3, 5, 2)
    network = student.Sequential([first, student.Tanh(), last])
    x = rng.standard_normal((6, 3))
    check_close(network.forward(x), np.tanh(x @ W1 + b1) @ W2 + b2, "output")


@pytest.mark.points(3)
@pytest.mark.hint("In which order is the chain rule applied, and who gets the upstream gradient?")
def test_gradients(student, rng, check_gradients):
    """Sequential: backward gives every parameter and the input their gradients."""
    first, last, (W1, b1, W2, b2) = two_linear_layers(student, rng, 3, 4, 2)
    network = student.Sequential([first, student.Sigmoid(), last])

    def reference(x, layers_0_W=W1, layers_0_b=b1, layers_2_W=W2, layers_2_b=b2):
        hidden = 0.5 * (1.0 + np.tanh(0.5 * (x @ layers_0_W + layers_0_b)))
        return hidden @ layers_2_W + layers_2_b

    wrt = ("x", "layers.0.W", "layers.0.b", "layers.2.W", "layers.2.b")
    check_gradients(network, rng.standard_normal((5, 3)), wrt=wrt, reference=reference)


@pytest.mark.points(3)
@pytest.mark.hint("Count the pairs of a network with two linear layers. Which comes first?")
def test_parameters(student, rng, check_close):
    """Sequential: parameters() lists (W, grad_W), (b, grad_b) layer by layer."""
    first, last, (W1, b1, W2, b2) = two_linear_layers(student, rng, 3, 4, 2)
    network = student.Sequential([first, student.ReLU(), last])
    x, grad_output = rng.standard_normal((5, 3)), rng.standard_normal((5, 2))
    z = x @ W1 + b1
    network.forward(x)
    network.backward(grad_output)
    back = np.where(z > 0, grad_output @ W2.T, 0.0)
    expected = [
        (W1, x.T @ back, "W of the first linear layer"),
        (b1, back.sum(axis=0), "b of the first linear layer"),
        (W2, np.maximum(z, 0.0).T @ grad_output, "W of the second linear layer"),
        (b2, grad_output.sum(axis=0), "b of the second linear layer"),
    ]
    pairs = items(network.parameters(), 4, "parameters() of a network with two linear layers")
    for pair, (parameter, gradient, name) in zip(pairs, expected, strict=True):
        own, own_gradient = items(pair, 2, "a pair (parameter, gradient) of parameters()")
        check_close(own, parameter, name)
        check_close(own_gradient, gradient, f"gradient of {name}")


@pytest.mark.points(2)
@pytest.mark.hint("Is the network used by the second step the one that the first step changed?")
def test_two_steps_of_training(student, rng, check_close):
    """Sequential: two gradient steps on a regression give exactly the expected network."""
    first, last, (W1, b1, W2, b2) = two_linear_layers(student, rng, 3, 4, 2)
    network = student.Sequential([first, student.Tanh(), last])
    for n in (6, 4):
        x, y = rng.standard_normal((n, 3)), rng.standard_normal((n, 2))
        u = np.tanh(x @ W1 + b1)
        output = u @ W2 + b2
        network.forward(x)
        delta = 2.0 * (output - y) / y.size
        back = (delta @ W2.T) * (1.0 - u**2)
        check_close(network.backward(delta), back @ W1.T, "gradient by x")
        steps = [x.T @ back, back.sum(axis=0), u.T @ delta, delta.sum(axis=0)]
        for gradient, own in zip(
            steps, [first.grad_W, first.grad_b, last.grad_W, last.grad_b], strict=True
        ):
            check_close(own, gradient, "gradient of a parameter")
        W1, b1, W2, b2 = (
            array - 0.5 * step for array, step in zip([W1, b1, W2, b2], steps, strict=True)
        )
        first.W, first.b, last.W, last.b = W1, b1, W2, b2
