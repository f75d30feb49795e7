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
