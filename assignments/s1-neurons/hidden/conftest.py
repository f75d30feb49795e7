"""What several files of this suite need."""

import numpy as np
import pytest

from autograder.suite import fail


@pytest.fixture
def unpack():
    """Check that a function returned a tuple (or list) of so many items; hand it back."""

    def check(value, count, function):
        if not isinstance(value, tuple | list):
            fail(f"{function} does not return a tuple (is a return missing?)")
        if len(value) != count:
            fail(f"{function} returns {len(value)} items, expected {count}")
        return value

    return check


@pytest.fixture
def numbers():
    """Turn a list, tuple or array of so many numbers into an array of floats."""

    def check(value, count, what):
        if not isinstance(value, tuple | list | np.ndarray) or np.ndim(value) != 1:
            fail(f"{what} is not a list of numbers")
        if len(value) != count:
            fail(f"{what} has {len(value)} items, expected {count}")
        return np.asarray(value, dtype=float)

    return check
