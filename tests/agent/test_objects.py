"""Assigning to a student's object reaches the array that its forward uses, however it is kept."""

from typing import Any

import numpy as np
import pytest

from autograder.agent.objects import Missing, assign, follow

NEW = np.array([3.0, 4.0])


class Plain:
    """An attribute, and a view of it that forward uses."""

    def __init__(self) -> None:
        self.W = np.zeros(2)
        self.used = self.W[:]


class Copying:
    """A property that hands out copies."""

    def __init__(self) -> None:
        self.used = np.zeros(2)

    @property
    def W(self) -> Any:
        return self.used.copy()

    @W.setter
    def W(self, value: Any) -> None:
        self.used = value


class Integers:
    """Made with integers by mistake: another dtype, so the array is replaced."""

    def __init__(self) -> None:
        self.W = np.zeros(2, dtype=int)

    @property
    def used(self) -> Any:
        return self.W


@pytest.mark.parametrize("kind", [Plain, Copying, Integers])
def test_what_forward_uses_is_the_assigned_value(kind: type) -> None:
    """In place where shape and dtype fit and it takes effect, else by setattr."""
    layer = kind()
    assign(layer, ("W",), NEW.copy())
    np.testing.assert_array_equal(layer.used, NEW)


def test_a_path_goes_through_attributes_and_indices() -> None:
    """`layers.0.W` of a Sequential."""
    model = type("Model", (), {})()
    model.layers = [Plain()]
    assign(model, ("layers", 0, "W"), NEW)
    np.testing.assert_array_equal(follow(model, ("layers", 0, "used")), NEW)


@pytest.mark.parametrize("path", [("layer",), ("W", "T", "x"), (0,), ("W", 7)])
def test_what_is_not_there_is_missing(path: tuple[str | int, ...]) -> None:
    """Names, attributes of arrays, indices of objects, indices beyond the end."""
    with pytest.raises(Missing):
        follow(Plain(), path)
