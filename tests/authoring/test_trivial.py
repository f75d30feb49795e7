"""Trivial answers know nothing, whatever the solution looks like."""

import types

import numpy as np
import pytest

from autograder.authoring.trivial import trivial_answers

SOLUTION = """
import numpy as np


class Layer:
    def __init__(self):
        self.W = np.arange(6.0).reshape(2, 3)

    def forward(self, x):
        self.grad_W = self.W + 1
        return x @ self.W

    def pair(self, x):
        return [x, 2.0]


def double(x):
    return 2 * x
"""


def load(name: str) -> types.ModuleType:
    """The trivial submission of this name, executed."""
    module = types.ModuleType("trivial")
    exec(trivial_answers(SOLUTION, ("Layer", "double"))[name], module.__dict__)
    return module


@pytest.mark.parametrize(
    ("name", "value"), [("zeros", 0.0), ("ones", 1.0), ("NaN", np.nan), ("constant", 0.37)]
)
def test_the_shaped_ones_return_one_value_in_the_right_shape(name: str, value: float) -> None:
    """Results, numbers within lists, and attributes that a call sets are filled."""
    module = load(f"{name}, right shapes")
    layer, x = module.Layer(), np.ones((4, 2))
    np.testing.assert_array_equal(layer.forward(x), np.full((4, 3), value))
    np.testing.assert_array_equal(layer.grad_W, np.full((2, 3), value))
    np.testing.assert_array_equal(layer.W, np.arange(6.0).reshape(2, 3), "parameters stay")
    np.testing.assert_array_equal(layer.pair(x)[1], value)
    np.testing.assert_array_equal(module.double(x), np.full((4, 2), value))


def test_the_echo_returns_what_it_was_given() -> None:
    """Functions and methods alike."""
    module = load("echo of the input")
    x = np.array([[1.5, -2.0]])
    np.testing.assert_array_equal(module.Layer().forward(x), x)
    np.testing.assert_array_equal(module.double(x), x)


def test_what_a_call_changes_in_its_arguments_is_filled_as_well() -> None:
    """As optimizers do: parameters in a list, state in a dict; the gradient stays."""
    solution = SOLUTION + (
        "\n\nclass Optimizer:\n"
        "    def __init__(self, parameters):\n"
        "        self.parameters, self.velocity = parameters, {}\n\n"
        "    def step(self, gradients):\n"
        "        self.velocity[0] = gradients[0] * 0.9\n"
        "        self.parameters[0] -= self.velocity[0]\n"
    )
    module = types.ModuleType("trivial")
    answers = trivial_answers(solution, ("Optimizer",))
    exec(answers["constant, right shapes"], module.__dict__)
    parameter, gradient = np.ones(3), np.full(3, 2.0)
    optimizer = module.Optimizer([parameter])
    optimizer.step([gradient])
    np.testing.assert_array_equal(parameter, np.full(3, 0.37))
    np.testing.assert_array_equal(optimizer.velocity[0], np.full(3, 0.37))
    np.testing.assert_array_equal(gradient, np.full(3, 2.0))


def test_arrays_of_an_object_that_a_method_returns_are_filled() -> None:
    """As nodes of a graph are."""
    solution = SOLUTION + (
        "\n\nclass Node:\n"
        "    def __init__(self, value):\n"
        "        self.value = value\n\n"
        "    def twice(self):\n"
        "        return Node(2 * self.value)\n"
    )
    module = types.ModuleType("trivial")
    exec(trivial_answers(solution, ("Node",))["zeros, right shapes"], module.__dict__)
    node = module.Node(np.ones(3))
    np.testing.assert_array_equal(node.twice().value, np.zeros(3))
    np.testing.assert_array_equal(node.value, np.ones(3))
