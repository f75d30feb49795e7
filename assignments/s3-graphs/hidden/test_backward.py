"""q4, 20 points: what backward leaves in the nodes. Most graphs are sums."""

import numpy as np
import pytest

from autograder.suite import fail


@pytest.mark.points(2)
@pytest.mark.hint("Which nodes receive gradients, and from how many arrows each?")
def test_worked_example(student, rng, check_close):
    """(a + 2b)(2b + c): the gradients by the inputs, by all nodes in between, and by y."""
    for a, b, c in [(1.0, 2.0, 3.0), rng.uniform(-3, 3, 3)]:
        inputs = [student.Node(value) for value in (a, b, c)]
        g = 2 * inputs[1]
        e, f = inputs[0] + g, g + inputs[2]
        y = e * f
        E, F = a + 2 * b, 2 * b + c
        check_close(y.data, E * F, "y")
        y.backward()
        expected = {
            "y itself": (y, 1.0),
            "e": (e, F),
            "f": (f, E),
            "g": (g, E + F),
            "a": (inputs[0], F),
            "b": (inputs[1], 2 * (E + F)),
            "c": (inputs[2], E),
        }
        for name, (node, grad) in expected.items():
            check_close(node.grad, grad, f"gradient by {name}")


@pytest.mark.points(2)
@pytest.mark.hint("x stands twice in one operation. How many edges lead from there to x?")
def test_same_operand_twice(student, rng, check_close):
    """x + x and x * x: both uses count."""
    a, g = rng.standard_normal((2, 3))
    for what, operation, slope in [
        ("x + x", lambda x: x + x, 2.0),
        ("x * x", lambda x: x * x, 2.0 * a),
        ("x * x * x", lambda x: x * x * x, 3.0 * a**2),
    ]:
        x = student.Node(a)
        operation(x).backward(g)
        check_close(x.grad, slope * g, f"gradient of {what}")


@pytest.mark.points(2)
@pytest.mark.hint("Do two nodes hold one and the same array? What does += do to it?")
def test_arrays_of_their_own(student, rng, check_close):
    """a + b hands one gradient to two operands: adding to one leaves the other as it is."""
    a, c, g = rng.standard_normal((3, 3))
    x, y, z = (student.Node(array) for array in (a, a, c))
    s = x + y
    t = s + z
    root = (t + x) + (z + x)
    root.backward(g)
    for name, node, uses in [
        ("x", x, 3.0),
        ("y", y, 1.0),
        ("z", z, 2.0),
        ("x + y", s, 1.0),
        ("(x + y) + z", t, 1.0),
        ("the root", root, 1.0),
    ]:
        check_close(node.grad, uses * g, f"gradient by {name}")


@pytest.mark.points(2)
@pytest.mark.hint("What is in grad when a backward begins, and what should be there?")
def test_again(student, rng, check_close):
    """backward twice on one root gives the same gradients twice; another upstream, others."""
    a, b, g, h = rng.standard_normal((4, 3))
    x, w = student.Node(a), student.Node(b)
    u = x + w
    y = (u + x) + u
    for upstream in (g, g, h):
        y.backward(upstream)
        check_close(y.grad, upstream, "gradient by the root")
        check_close(u.grad, 2.0 * upstream, "gradient by a node in between")
        check_close(x.grad, 3.0 * upstream, "gradient by x")
        check_close(w.grad, 2.0 * upstream, "gradient by w")


@pytest.mark.points(1)
@pytest.mark.hint("Does one of your operations keep something that a second backward meets again?")
def test_again_through_each_operation(student, rng, check_close):
    """A second backward through an operation gives the gradients of the second upstream alone."""
    a, b, g, h = rng.standard_normal((4, 3, 3))
    for what, operation, expected in [
        ("a + array", lambda x: x + b, h),
        ("a - array", lambda x: x - b, h),
        ("a * array", lambda x: x * b, h * b),
        ("a / array", lambda x: x / b, h / b),
        ("a ** 3", lambda x: x**3, 3.0 * h * a**2),
        ("exp", lambda x: x.exp(), h * np.exp(a)),
        ("relu", lambda x: x.relu(), np.where(a > 0, h, 0.0)),
        ("sigmoid", lambda x: x.sigmoid(), h / np.cosh(a / 2.0) ** 2 / 4.0),
        ("a @ a", lambda x: x @ x, h @ a.T + a.T @ h),
        ("transpose", lambda x: x.transpose(), h.T),
        ("a[[0, 0, 2]]", lambda x: x[[0, 0, 2]], np.stack([h[0] + h[1], 0.0 * h[1], h[2]])),
    ]:
        x = student.Node(a)
        y = operation(x)
        y.backward(g)
        y.backward(h)
        check_close(x.grad, expected, f"{what}: the gradient after a second backward")
        check_close(x.data, a, f"{what}: the data of a afterwards")


@pytest.mark.points(2)
@pytest.mark.hint("Of which root are the gradients in the nodes that two roots share?")
def test_two_roots(student, rng, check_close):
    """Two roots share nodes: after each backward these hold the gradients of that root."""
    a, b, g, h = rng.standard_normal((4, 3))
    x = student.Node(a)
    u = x + b
    first, second = (u + x) + u, u + u
    first.backward(g)
    check_close(x.grad, 3.0 * g, "gradient of the first root by x")
    second.backward(h)
    check_close(u.grad, 2.0 * h, "gradient of the second root by the shared node")
    check_close(x.grad, 2.0 * h, "gradient of the second root by x")
    u.backward(g)
    check_close(u.grad, g, "gradient of a node in between, taken as the root, by itself")
    check_close(x.grad, g, "gradient of a node in between, taken as the root, by x")


@pytest.mark.points(2)
@pytest.mark.hint("Which single number would backward() differentiate here?")
def test_roots(student, rng, check_close):
    """backward() without grad_output: 1 for a single number, ValueError for several."""
    a, b, g = rng.standard_normal((3, 2, 3))
    x = student.Node(a)
    y = (x + b) + x
    with student.raises("ValueError"):
        y.backward()
    y.backward(g)
    check_close(x.grad, 2.0 * g, "gradient under a given grad_output")
    k = student.Node(a[0, 0])
    z = (k + b[0, 0]) + k
    z.backward()
    check_close(z.grad, 1.0, "gradient of a single number by itself")
    check_close(k.grad, 2.0, "gradient of a single number")
    z.backward(float(g[0, 0]))
    check_close(z.grad, g[0, 0], "gradient by a single number with a given grad_output")
    check_close(k.grad, 2.0 * g[0, 0], "gradient of a single number, with a grad_output")


@pytest.mark.points(2)
@pytest.mark.hint("Who decides whether the result of an operation needs a gradient?")
def test_constants(student, rng, check_close):
    """Constants, and what is computed from constants alone, get no gradient; all others do."""
    a, b, c, g = rng.standard_normal((4, 3))
    x = student.Node(a)
    k = student.Node(b, requires_grad=False)
    n = student.Node(c, requires_grad=False)
    total = 2.0 + (k + n)
    y = (total + x) + k
    nodes = {"a node": x, "a constant": k, "a sum of constants": total, "the root": y}
    for name, node in nodes.items():
        if node.grad is not None:
            fail(f"grad of {name} is not None before any backward")
    check_close(total.data, 2.0 + b + c, "a sum of constants")
    y.backward(g)
    check_close(x.grad, g, "gradient by a node to which constants were added")
    for name, node in [("a constant", k), ("another", n), ("a sum of constants", total)]:
        if node.grad is not None:
            fail(f"grad of {name} is not None after backward")
    check_close(
        [node.requires_grad for node in (x, k, total, y)],
        [True, False, False, True],
        "requires_grad of a node, a constant, a sum of constants, a sum with a node",
    )


@pytest.mark.points(2)
@pytest.mark.hint("What does x.detach() remember of how x was computed?")
def test_detach(student, rng, check_close):
    """detach: the value goes on, the gradient does not."""
    a, b, g = rng.standard_normal((3, 3))
    x = student.Node(a)
    u = x + b
    stopped = u.detach()
    check_close(stopped.data, a + b, "value of a detached node")
    y = (u + stopped) + (stopped + x)
    check_close(y.data, 4.0 * a + 3.0 * b, "value of a sum with a detached node")
    y.backward(g)
    check_close(u.grad, g, "gradient by the node that was detached")
    check_close(x.grad, 2.0 * g, "gradient by the input")
    if stopped.grad is not None:
        fail("grad of a detached node is not None")
    u.backward(g)
    check_close(x.grad, g, "gradient by the input, of a node that has been detached")


@pytest.mark.points(2)
@pytest.mark.hint("Which arrays do your nodes share with the caller, and who writes into them?")
def test_arrays_of_the_caller(student, rng, check_close):
    """Arrays given to Node and to backward stay unchanged, and may be changed afterwards."""
    a, b, g = rng.standard_normal((3, 2, 3))
    a_there, g_there = student.put(a), student.put(g)
    x, w = student.Node(a_there), student.Node(b)
    y = x * w + x
    y.backward(g_there)
    check_close(student.fetch(a_there), a, "the array given to Node, after backward")
    check_close(student.fetch(g_there), g, "grad_output after backward")
    check_close(x.data, a, "data of x after backward")
    check_close(y.data, a * b + a, "data of the root after backward")
    g_there.fill(0.25)
    a_there.fill(0.25)
    check_close(y.grad, g, "gradient by the root, after the caller has changed grad_output")
    check_close(x.data, a, "data of x, after the caller has changed the array")
    y.backward(g)
    check_close(w.grad, g * a, "gradient by w, after the caller has changed the array")
    check_close(x.grad, g * (b + 1.0), "gradient by x, after the caller has changed the array")


@pytest.mark.points(1)
@pytest.mark.hint("Is anything remembered from the first step that the second one uses?")
def test_steps_of_descent(student, rng, check_close):
    """Three steps of gradient descent: data is assigned, the graph is built anew each time."""
    w, b = rng.standard_normal((2, 3))
    x, g = rng.standard_normal((2, 3))
    weight, bias, inputs = student.Node(w), student.Node(b), student.Node(x)
    for _ in range(3):
        error = weight * inputs + bias
        check_close(error.data, w * x + b, "value with the latest weights")
        (error * error).backward(g)
        slope = 2.0 * g * (w * x + b)
        check_close(weight.grad, slope * x, "gradient by the weights")
        check_close(bias.grad, slope, "gradient by the bias")
        w, b = w - 0.1 * slope * x, b - 0.1 * slope
        weight.data, bias.data = w, b
