"""q3, 15 points: graphs in which the order of the walk back matters. They consist of sums."""

import numpy as np
import pytest


@pytest.mark.points(3)
@pytest.mark.hint("When a node passes its gradient on, has everything that it receives arrived?")
def test_short_and_long_ways(student, rng, check_close):
    """A node that is reached by a short way and by a long way waits for both."""
    for long_first in (True, False):
        a, g = rng.standard_normal((2, 3))
        x = student.Node(a)
        u = x + x
        way = u
        for _ in range(4):
            way = (way + 1.0) + way
        y = way + u if long_first else u + way
        check_close(y.data, 34.0 * a + 15.0, "value")
        y.backward(g)
        check_close(u.grad, 17.0 * g, "gradient by the shared node")
        check_close(x.grad, 34.0 * g, "gradient by the input behind it")


@pytest.mark.points(2)
@pytest.mark.hint("Draw the graph. Which nodes have to be done before the one that both sides use?")
def test_ladder(student, rng, check_close):
    """A graph of triangles: each node is used by the next one and by the one after it."""
    for turned in (True, False):
        values = list(rng.standard_normal((2, 3)))
        nodes = [student.Node(value) for value in values]
        for _ in range(10):
            nodes.append(nodes[-1] + nodes[-2] if turned else nodes[-2] + nodes[-1])
            values.append(values[-1] + values[-2])
        check_close(nodes[-1].data, values[-1], "value")
        grads = np.zeros((12, 3))
        grads[-1] = rng.standard_normal(3)
        nodes[-1].backward(grads[-1])
        for i in reversed(range(10)):
            grads[i : i + 2] += grads[i + 2]
        for node, grad in zip(nodes, grads, strict=True):
            check_close(node.grad, grad, "gradient by a node of the ladder")


@pytest.mark.points(3)
@pytest.mark.hint(
    "Compare a small graph of yours, drawn on paper, with the order that you walk it."
)
def test_random_graphs(student, rng, check_close):
    """Random graphs of 30 sums: the gradients by all nodes count the paths that lead to them."""
    for _ in range(2):
        values = list(rng.standard_normal((3, 2)))
        nodes = [student.Node(value) for value in values]
        sums = [tuple(rng.integers(0, 3 + k, 2)) for k in range(30)]
        for i, j in sums:
            values.append(values[i] + values[j])
            nodes.append(nodes[i] + nodes[j])
        check_close(nodes[-1].data, values[-1], "value")
        grads = np.zeros((33, 2))
        grads[-1] = rng.standard_normal(2)
        nodes[-1].backward(grads[-1])
        for k in reversed(range(30)):
            for operand in sums[k]:
                grads[operand] += grads[3 + k]
        for node, grad in zip(nodes, grads, strict=True):
            if grad.any():
                check_close(node.grad, grad, "gradient by a node of a random graph")


@pytest.mark.points(3)
@pytest.mark.limit(seconds=10)
@pytest.mark.hint("Does the work grow with the number of arrows, or with the number of paths?")
def test_forty_diamonds(student, rng, check_close):
    """40 diamonds in a row, 2⁴⁰ paths: the time grows with the operations, not with the paths."""
    a, g = rng.standard_normal((2, 3))
    x = student.Node(a)
    y = x
    for _ in range(20):
        y = y + y
    check_close(y.data, a * 2.0**20, "value after 20 diamonds")
    for _ in range(20):
        y = (y + 1.0) + (y + 2.0)
    y.backward(g)
    check_close(x.grad, g * 2.0**40, "gradient by x")


@pytest.mark.points(1)
@pytest.mark.hint("Multiply by x, add the next coefficient: with which one does it begin?")
def test_polynomials(student, rng, check_close):
    """horner: values and derivatives of short polynomials."""
    for count in (2, 5):
        coefficients = list(rng.uniform(0.5, 1.5, count))
        a, g = rng.standard_normal((2, 4))
        x = student.Node(a)
        y = student.horner(x, coefficients)
        check_close(y.data, np.polyval(coefficients, a), "value of a polynomial")
        y.backward(g)
        check_close(x.grad, g * np.polyval(np.polyder(coefficients), a), "its derivative")


@pytest.mark.points(3)
@pytest.mark.hint("How deep may functions call each other in Python, and how long is this chain?")
def test_long_chain(student, rng, check_close):
    """A polynomial of degree 2,500: a chain of 5,000 operations."""
    a = rng.uniform(-0.99, 0.99)
    coefficients = list(rng.uniform(0.5, 1.5, 2501))
    x = student.Node(a)
    y = student.horner(x, coefficients)
    check_close(y.data, np.polyval(coefficients, a), "value")
    y.backward()
    check_close(x.grad, np.polyval(np.polyder(coefficients), a), "derivative")
