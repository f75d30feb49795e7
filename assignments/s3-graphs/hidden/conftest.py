"""What the hidden tests share: one operation on its own, its value and its gradients."""

import numpy as np
import pytest


@pytest.fixture
def check_operation(student, rng, check_close):
    """Check one operation on fresh nodes: its value, and its gradients under a random grad_output.

    `operation` makes a node of nodes, `forward` the same value of arrays; `shares(g, *arrays)` is
    the list of the gradients by the operands.
    """

    def check(what, operation, forward, shares, *arrays):
        operands = [student.Node(array) for array in arrays]
        y = operation(*operands)
        value = forward(*arrays)
        check_close(y.data, value, f"{what}: its value")
        g = np.array(rng.standard_normal(np.shape(value)))
        y.backward(g)
        for name, operand, share in zip("abcd", operands, shares(g, *arrays), strict=False):
            check_close(operand.grad, share, f"{what}: the gradient by {name}")
        check_close(y.grad, g, f"{what}: the gradient by the result itself")

    return check
