"""q2, 12 points: gradients of operands that numpy has stretched."""

import numpy as np
import pytest

STRETCHED = [
    ((2, 3), (3,)),
    ((4, 2, 3), (3,)),
    ((4, 2, 3), (2, 3)),
    ((2, 3), ()),
    ((5,), ()),
    ((2, 3), (2, 1)),
    ((2, 3), (1, 3)),
    ((2, 3), (1, 1)),
    ((4, 1, 3), (1, 3)),
    ((3, 3), (3, 1)),
    ((3, 3), (3,)),
    ((4, 2, 3), (2, 1)),
    ((4, 2, 3), (4, 1, 3)),
    ((4, 2, 3), (1, 2, 1)),
    ((4, 2, 3), (1,)),
    ((1, 3), (3,)),
    ((1, 1, 2), (2,)),
]


def summed(grad, shape):
    """Each entry's copies, found by broadcasting the numbers of the entries, are added up."""
    sums = np.zeros(shape)
    numbers = np.broadcast_to(np.arange(sums.size).reshape(shape), grad.shape)
    np.add.at(sums.reshape(-1), numbers.reshape(-1), grad.reshape(-1))
    return sums


@pytest.mark.points(2)
@pytest.mark.hint("numpy aligns shapes on the right. Which axes has the operand never had?")
def test_new_axes(student, rng, check_close):
    """unbroadcast: axes that the operand did not have are summed over."""
    for large, small in STRETCHED:
        if 1 not in small:
            grad = rng.standard_normal(large)
            check_close(student.unbroadcast(grad, small), summed(grad, small), "unbroadcast")


@pytest.mark.points(3)
@pytest.mark.hint("What happens to an axis of length 1 when it is summed over? Is it still there?")
def test_axes_of_length_one(student, rng, check_close):
    """unbroadcast: axes of length 1 are summed over and kept."""
    for large, small in STRETCHED:
        if 1 in small:
            grad = rng.standard_normal(large)
            check_close(student.unbroadcast(grad, small), summed(grad, small), "unbroadcast")


@pytest.mark.points(1)
@pytest.mark.hint("What is left to do when nothing was stretched?")
def test_nothing_to_sum(student, rng, check_close):
    """unbroadcast: a gradient of the right shape keeps its values, and the caller's array too."""
    for shape in [(), (3,), (1, 4), (2, 3), (1, 1)]:
        grad = np.array(rng.standard_normal(shape))
        check_close(student.unbroadcast(grad, shape), grad, "unbroadcast to the same shape")
    grad = rng.standard_normal((2, 3))
    there = student.put(grad)
    check_close(student.unbroadcast(there, (1, 3)), summed(grad, (1, 3)), "unbroadcast")
    check_close(student.fetch(there), grad, "the given array afterwards")


@pytest.mark.points(3)
@pytest.mark.hint("Which shape has the gradient of a bias that was added to every row?")
def test_one_operand_stretched(check_operation, rng):
    """a + b and a * b: either operand may be the one that numpy stretches."""
    for large, small in STRETCHED[::2]:
        check_operation(
            "a + b",
            lambda a, b: a + b,
            np.add,
            lambda g, a, b: [g, summed(g, b.shape)],
            rng.standard_normal(large),
            np.array(rng.standard_normal(small)),
        )
    for large, small in STRETCHED[1::2]:
        check_operation(
            "a * b",
            lambda a, b: a * b,
            np.multiply,
            lambda g, a, b: [summed(g * b, a.shape), g * a],
            np.array(rng.standard_normal(small)),
            rng.standard_normal(large),
        )


@pytest.mark.points(3)
@pytest.mark.hint("A column and a row make a matrix. Which sums does each of the two get?")
def test_both_operands_stretched(check_operation, rng):
    """a - b and a / b: a column and a row, both stretched, also with further axes."""
    for first, second in [((4, 1), (1, 3)), ((4, 1), (3,)), ((2, 1, 3), (4, 1)), ((1,), (5, 1))]:
        a, b = rng.standard_normal(first), rng.uniform(0.5, 2.0, second)
        check_operation(
            "a - b",
            lambda a, b: a - b,
            np.subtract,
            lambda g, a, b: [summed(g, a.shape), summed(-g, b.shape)],
            a,
            b,
        )
        check_operation(
            "a / b",
            lambda a, b: a / b,
            np.divide,
            lambda g, a, b: [summed(g / b, a.shape), summed(-g * a / b**2, b.shape)],
            a,
            b,
        )
