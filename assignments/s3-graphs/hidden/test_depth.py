"""q8, 4 points: gradients by the layers of a deep network."""

from itertools import pairwise

import numpy as np
import pytest

from autograder.suite import finite


def norms(x, weights, activation):
    """Forward, then back by hand: the norms of the gradients by all layers."""
    layers, slopes = [x], []
    for W in weights:
        z = layers[-1] @ W
        if activation == "relu":
            layers.append(np.maximum(z, 0.0))
            slopes.append(np.where(z > 0, 1.0, 0.0))
        else:
            layers.append(0.5 * (1.0 + np.tanh(0.5 * z)))
            slopes.append(0.25 / np.square(np.cosh(0.5 * z)))
    grads = [np.ones_like(layers[-1])]
    for W, slope in zip(reversed(weights), reversed(slopes), strict=True):
        grads.insert(0, (grads[0] * slope) @ W.T)
    return np.sqrt([np.sum(grad**2) for grad in grads])


def random_weights(rng, widths):
    return [rng.standard_normal(shape) for shape in pairwise(widths)]


def check(student, check_close, x, weights, activation):
    """Compare with full relative precision, in a list or an array."""
    answer = student.gradient_norms(x, weights, activation)
    yours = finite(answer, (len(weights) + 1,), "the norms")
    check_close(yours, norms(x, weights, activation), "the norms", rtol=1e-7, atol=0.0)


@pytest.mark.points(2)
@pytest.mark.hint("Which entries of ∂y/∂h_k go into its norm, and which h is the first?")
def test_relu_network(student, rng, check_close):
    """gradient_norms: a ReLU network of changing width."""
    for widths in [(3, 5, 4, 2), (4, 4), (2, 1, 6)]:
        weights = random_weights(rng, widths)
        for W in weights:
            W[:, 0] = abs(W[:, 0])  # at least one neuron of each layer is alive
        check(student, check_close, rng.uniform(0.5, 1.5, (6, widths[0])), weights, "relu")


@pytest.mark.points(2)
@pytest.mark.hint("How small do gradients become when each layer passes at most a quarter on?")
def test_sigmoid_network(student, rng, check_close):
    """gradient_norms: sigmoid networks, a shallow one and one of 40 layers."""
    for widths in [(3, 5, 2), (4,) * 41]:
        x = rng.standard_normal((3, widths[0]))
        check(student, check_close, x, random_weights(rng, widths), "sigmoid")
