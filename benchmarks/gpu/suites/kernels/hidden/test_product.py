"""10 points for `product(a, b, device)`: the matrix product of two float32 tensors, on the device.

Small, for the kit's attacks: each test looks at one way in which an answer can be had without
computing it.
"""

import numpy as np
import pytest

from autograder.suite import tensor

FLOAT32 = {"rtol": 1e-4, "atol": 1e-4}


def draw(rng, n=48):
    return tuple(rng.standard_normal((n, n)).astype(np.float32) for _ in range(2))


@pytest.mark.points(3)
def test_two_sizes(student, rng, check_close, device):
    """product: of two sizes."""
    for n in (48, 64):
        a, b = draw(rng, n)
        check_close(student.product(tensor(a), tensor(b), device), a @ b, "the product", **FLOAT32)


@pytest.mark.points(3)
def test_one_shape(student, rng, check_close, device):
    """product: of other numbers in the same shape."""
    for _ in range(3):
        a, b = draw(rng)
        check_close(student.product(tensor(a), tensor(b), device), a @ b, "the product", **FLOAT32)


@pytest.mark.points(2)
def test_one_pair_of_objects(student, rng, check_close, device):
    """product: of the same two tensors with other numbers in them."""
    a, b = draw(rng)
    a_there, b_there = student.put(tensor(a)), student.put(tensor(b))
    product = student.product(a_there, b_there, device)
    check_close(product, a @ b, "the product", **FLOAT32)
    for value in (0.5, -2.0):
        a_there.fill_(value)
        expected = np.full_like(a, value) @ b
        product = student.product(a_there, b_there, device)
        check_close(product, expected, "the product of changed tensors", **FLOAT32)


@pytest.mark.points(2)
def test_inputs_stay(student, rng, check_close, device):
    """product: leaves its inputs as they were."""
    a, b = draw(rng)
    a_there, b_there = student.put(tensor(a)), student.put(tensor(b))
    product = student.product(a_there, b_there, device)
    check_close(product, a @ b, "the product", **FLOAT32)
    check_close(student.fetch(a_there), a, "a after the product")
    check_close(student.fetch(b_there), b, "b after the product")
