# %% [raw]
# # ASSIGNMENT CONFIG
# init_cell: true
# export_cell: false
# generate: true
# tests:
#   files: true
#   ok_format: false

# %% [markdown]
# # Seminar 3 · Computational graphs and automatic differentiation
#
# Any formula that a computer can evaluate is a chain of small operations: sums, products,
# exponentials. Draw one vertex for each of them and an arrow from each operand to the operation
# that uses it, and you have a **computational graph**. It has no cycles, because nothing can be
# computed from itself.
#
# The graph is good for more than evaluation. Each vertex knows the derivatives of its own small
# operation, and the chain rule multiplies them along the arrows. Where several paths lead from a
# variable to the result, their contributions **add up**. Walking the arrows backwards once, from
# the result to the inputs, gives *all* partial derivatives for about the price of evaluating the
# formula. That is error back-propagation, and it is what `loss.backward()` does in every deep
# learning library.
#
# In this seminar you build such a library: a class `Node` for which
#
# ```python
# a, b, c = Node(1.0), Node(2.0), Node(3.0)
# y = (a + 2 * b) * (2 * b + c)
# y.backward()
# print(a.grad, b.grad, c.grad)  # 7.0 24.0 5.0
# ```
#
# just works, with arrays as well as with numbers.
#
# | question | you write | points in the hidden suite |
# |---|---|---|
# | q1 | arithmetic: `+ - * / **` | 21 |
# | q2 | broadcasting, backwards | 12 |
# | q3 | topological order: deep and entangled graphs | 15 |
# | q4 | `backward`, `detach`: gradients that accumulate, begin anew, stop at constants | 20 |
# | q5 | `exp`, `log`, `relu`, `sigmoid` | 12 |
# | q6 | `@`, `sum`, `mean` | 9 |
# | q7 | `reshape`, `transpose`, indexing | 7 |
# | q8 | vanishing gradients | 4 |

# %%
import matplotlib.pyplot as plt

# %% tags=["module"]
import numpy as np


# %%
def expect(actual, expected, what, remedy="", rtol=1e-6, atol=1e-9):
    """Compare a result with the right one; say the first thing that differs, and the remedy."""
    expected = np.asarray(expected, dtype=float)
    because = ": " + remedy if remedy else ""
    assert actual is not None, f"{what} is None{because or '. Is the `return` missing?'}"
    assert isinstance(actual, (np.ndarray, np.float64, float)), (
        f"{what} is of type {type(actual).__name__}, expected a numpy array{because}"
    )
    actual = np.asarray(actual)
    assert actual.shape == expected.shape, (
        f"{what} has shape {actual.shape}, expected {expected.shape}{because}"
    )
    assert actual.dtype == np.float64, f"{what} has dtype {actual.dtype}, expected float64{because}"
    wrong = np.argwhere(~np.isclose(actual, expected, rtol=rtol, atol=atol))
    if len(wrong):
        index = tuple(map(int, wrong[0]))
        where = str(list(index)) if index else ""
        raise AssertionError(
            f"{what}{where} is {actual[index]:.12g}, expected {expected[index]:.12g}{because}"
        )


# %% [markdown]
# ## The worked example
#
# The lecture's function $y = (a + 2b)(2b + c)$ at $a = 1$, $b = 2$, $c = 3$. Forward (blue), each
# vertex computes its value from its operands: $g = 2b = 4$, $e = a + g = 5$, $f = g + c = 7$,
# $y = ef = 35$. Backward (orange), each vertex first gathers what comes in along *all* its arrows,
# then hands every operand that gradient times the local derivative. Vertex $g$ was computed once
# and used twice, so it gathers 7 + 5 = 12, and $b$ gets $12 \cdot 2 = 24$.


# %%
def draw_graph(vertices, arrows):
    """vertices: name -> (x, y, label, value, gradient); arrows: (from, to, share of gradient)."""
    _, axes = plt.subplots(figsize=(11, 4))
    box = {"boxstyle": "round,pad=0.4", "fc": "#dbe9f6", "ec": "0.4"}
    patches = {}
    for name, (x, y, label, value, gradient) in vertices.items():
        text = axes.text(x, y, label, ha="center", va="center", bbox=box, zorder=3)
        patches[name] = text.get_bbox_patch()
        axes.text(x, y + 0.3, value, ha="center", va="bottom", color="C0", weight="bold")
        axes.text(x, y - 0.3, gradient, ha="center", va="top", color="C1", weight="bold")
    for start, end, share in arrows:
        (x0, y0, *_), (x1, y1, *_) = vertices[start], vertices[end]
        arrow = {"arrowstyle": "->", "color": "0.6", "shrinkA": 4, "shrinkB": 4}
        ends = {"patchA": patches[start], "patchB": patches[end]}
        axes.annotate("", (x1, y1), (x0, y0), arrowprops=arrow | ends)
        place = (0.5 * (x0 + x1), 0.5 * (y0 + y1))
        white = {"fc": "white", "ec": "none", "pad": 1}
        axes.text(*place, share, ha="center", va="center", color="C1", bbox=white)
    axes.text(4.3, 2.2, "blue, above: values, from left to right", ha="center", color="C0")
    axes.text(
        4.3, -2.4, "orange, below: gradients of y, from right to left", ha="center", color="C1"
    )
    axes.set(xlim=(-0.7, 9.3), ylim=(-2.5, 2.4))
    axes.axis("off")
    plt.show()


draw_graph(
    {
        "a": (0.0, 1.5, "a", "1", "7"),
        "b": (0.0, 0.0, "b", "2", "24"),
        "c": (0.0, -1.5, "c", "3", "5"),
        "g": (3.0, 0.0, "g = 2b", "4", "7 + 5 = 12"),
        "e": (6.0, 1.0, "e = a + g", "5", "7"),
        "f": (6.0, -1.0, "f = g + c", "7", "5"),
        "y": (8.7, 0.0, "y = ef", "35", "1"),
    },
    [
        ("a", "e", "7"),
        ("b", "g", "24"),
        ("g", "e", "7"),
        ("g", "f", "5"),
        ("c", "f", "5"),
        ("e", "y", "7"),
        ("f", "y", "5"),
    ],
)

# %% [markdown]
# ## What is agreed on in this seminar
#
# 1. **Values.** `Node(data)` takes a number or an array and keeps a `float64` copy of it as
#    `node.data`, of any shape; a number has the shape `()`. Every operation computes at once and
#    gives a new node. `node.data` may be assigned; what is built from the node *afterwards* uses
#    the new value. (Change it after `backward`, not between a formula and its `backward`.)
# 2. **Operations.** `+ - * /` between nodes, or between a node and a plain number or numpy array
#    on either side, with broadcasting as in numpy; `-a`; `a ** n` with a plain number n; `a @ b`
#    of two matrices (2-D; one of them may be a numpy array); `a[index]` with whatever index numpy
#    takes; the methods `exp()`, `log()`, `relu()`, `sigmoid()`, `sum(axis=None)`,
#    `mean(axis=None)` (axis: None for all, or one integer, negative ones count from the end),
#    `reshape(shape)` (a tuple), `transpose(axes=None)` (None: reversed, or a tuple that permutes
#    the axes), `detach()`.
# 3. **Roots.** `root.backward()` is for a root that is a single number, of shape `()`. For other
#    roots give the gradient of the loss by the root: `root.backward(grad_output)`, an array of the
#    root's shape (a number for a single number), stands for the scalar
#    $\sum$ `grad_output · root`. Without it a root of several numbers raises `ValueError`: nothing
#    is summed silently.
# 4. **Gradients.** After `root.backward()`, `node.grad` is $\partial\,$root$/\partial\,$node for
#    the root itself and for every node that the root was computed from, those in between included:
#    `float64`, of the shape of `node.data`. Before any `backward`, `grad` is `None`.
# 5. **Uses add up.** A node that is used several times, also twice by one operation as in `x * x`,
#    gets the sum of what comes back from all its uses.
# 6. **Each `backward` begins anew.** It leaves in those nodes the gradients of *this* root, as if
#    no `backward` had been called before; there is nothing to reset. (PyTorch, by contrast, adds to
#    the gradients of its leaves from call to call, until `zero_grad`.)
# 7. **Constants.** `Node(data, requires_grad=False)` is a constant, plain numbers and arrays in a
#    formula are constants, and what is computed from constants alone is one, too; its
#    `requires_grad` is False, that of all other nodes is True. The `grad` of a constant stays
#    `None`. `node.detach()` is a new constant with the node's value: no gradient flows through it.
# 8. **Arrays stay apart.** `backward` changes no `data`, and no array of the caller: neither
#    those given to `Node` nor `grad_output`. Changing one's own array later changes no node.
# 9. **Numbers.** $\mathrm{ReLU}'(0) = 0$. The sigmoid and its gradient are finite for every finite
#    input, and its gradient has full *relative* precision as long as it can be represented:
#    $\sigma'(100) = 3.72 \cdot 10^{-44}$ is not 0.
# 10. **Effort.** `backward` takes time proportional to the number of operations, not of paths, and
#     goes through chains of thousands of operations.
#
# **What the hidden suite looks at.** Each operation alone, on random arrays of several shapes: its
# value, and its gradients under a random `grad_output`. Broadcasting of all kinds. Then graphs,
# mostly of `+`: shared nodes, short and long ways to the same node, random graphs, 40 diamonds in a
# row, a chain of 5,000 operations; repeated calls of `backward`; constants; extreme inputs of the
# sigmoid; whose arrays are changed. It uses `Node` only through the operators, methods and
# attributes of the list above, and calls `unbroadcast`, `horner` and `gradient_norms`. Everything
# else (the edges, further helpers, more attributes) you may change if you have a better idea; only
# four of the public tests below look at edges, and may then fail.

# %% [markdown]
# ## The vertex
#
# This class is given; run the cell and read it. It contains the grammar: that `a - b` means
# `subtract(a, b)` and `2 - b` means `subtract(Node(2), b)`. The functions that it calls are yours
# to write.
#
# A node that comes out of an operation remembers its **edges**: pairs `(operand, local)`, one for
# each use of an operand. `local` is a function: it gets `g`, the gradient by this node, and returns
# this edge's share of the gradient by the operand, that is, `g` times the local derivative. An
# operation is therefore little more than `return result(value, (a, …), (b, …))`. If the cosine were
# asked for, it would be
#
# ```python
# def cos(a):
#     return result(np.cos(a.data), (a, lambda g: -g * np.sin(a.data)))
# ```


# %% tags=["module"]
class Node:
    """A vertex of a computational graph.

    Attributes: data, the value, a float64 array; grad, of the same shape, or None;
    requires_grad, False for constants; edges, a list of pairs (operand, local).
    """

    __array_ufunc__ = None  # makes numpy leave `array + node` to Node.__radd__

    def __init__(self, data, requires_grad=True, edges=()):
        self.data = np.array(data, dtype=float)
        self.grad = None
        self.requires_grad = requires_grad
        self.edges = edges

    def __add__(self, other):
        return add(self, as_node(other))

    def __radd__(self, other):
        return add(as_node(other), self)

    def __sub__(self, other):
        return subtract(self, as_node(other))

    def __rsub__(self, other):
        return subtract(as_node(other), self)

    def __mul__(self, other):
        return multiply(self, as_node(other))

    def __rmul__(self, other):
        return multiply(as_node(other), self)

    def __truediv__(self, other):
        return divide(self, as_node(other))

    def __rtruediv__(self, other):
        return divide(as_node(other), self)

    def __matmul__(self, other):
        return matmul(self, as_node(other))

    def __rmatmul__(self, other):
        return matmul(as_node(other), self)

    def __neg__(self):
        return negative(self)

    def __pow__(self, n):
        return power(self, n)

    def __getitem__(self, key):
        return index(self, key)

    def exp(self):
        return exp(self)

    def log(self):
        return log(self)

    def relu(self):
        return relu(self)

    def sigmoid(self):
        return sigmoid(self)

    def sum(self, axis=None):
        return sum_of(self, axis)

    def mean(self, axis=None):
        return mean_of(self, axis)

    def reshape(self, shape):
        return reshape(self, shape)

    def transpose(self, axes=None):
        return transpose(self, axes)

    def detach(self):
        return detach(self)

    def backward(self, grad_output=None):
        backward(self, grad_output)


def as_node(x):
    """The node itself; of a number or an array, a constant node."""
    return x if isinstance(x, Node) else Node(x, requires_grad=False)


def result(value, *edges):
    """The node that an operation returns; edges to constants are dropped."""
    edges = [(operand, local) for operand, local in edges if operand.requires_grad]
    return Node(value, bool(edges), edges)


# %% [raw]
# # BEGIN QUESTION
# name: q1

# %% [markdown]
# ## q1 · Arithmetic
#
# For $y = f(a, b)$ and the gradient $g$ by $y$, the operands' shares are
# $g\,\partial f/\partial a$ and $g\,\partial f/\partial b$, elementwise:
#
# | operation | share of a | share of b |
# |---|---|---|
# | $a + b$ | $g$ | $g$ |
# | $a - b$ | $g$ | $-g$ |
# | $a \cdot b$ | $g\,b$ | $g\,a$ |
# | $a / b$ | $g / b$ | $-g\,a / b^2$ |
# | $-a$ | $-g$ | |
# | $a^n$, n a number | $g\,n\,a^{n-1}$ | |
#
# In all functions but `power` the operands are nodes already: `as_node` has seen to that. Write the
# shares as if the operands had the shape of the result; broadcasting is the business of q2.

# %% [raw]
# # BEGIN SOLUTION


# %%
def add(a, b):
    """Nodes a, b -> the node a + b."""
    # BEGIN SOLUTION
    return result(a.data + b.data, (a, lambda g: g), (b, lambda g: g))
    # END SOLUTION


def subtract(a, b):
    """Nodes a, b -> the node a - b."""
    # BEGIN SOLUTION
    return result(a.data - b.data, (a, lambda g: g), (b, lambda g: -g))
    # END SOLUTION


def multiply(a, b):
    """Nodes a, b -> the node a * b."""
    # BEGIN SOLUTION
    return result(a.data * b.data, (a, lambda g: g * b.data), (b, lambda g: g * a.data))
    # END SOLUTION


def divide(a, b):
    """Nodes a, b -> the node a / b."""
    # BEGIN SOLUTION
    value = a.data / b.data
    return result(value, (a, lambda g: g / b.data), (b, lambda g: -g * value / b.data))
    # END SOLUTION


def negative(a):
    """Node a -> the node -a."""
    # BEGIN SOLUTION
    return result(-a.data, (a, lambda g: -g))
    # END SOLUTION


def power(a, n):
    """Node a, a plain number n -> the node a ** n."""
    # BEGIN SOLUTION
    return result(a.data**n, (a, lambda g: g * n * a.data ** (n - 1)))
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [markdown]
# The tests use this helper: it looks at the value of a node, and at what its edges hand to the
# operands when the gradient `g` comes in.


# %%
def expect_shares(y, value, g, operands, shares, formula):
    """Check y.data, and the shares of the gradient along the edges of y, in any order."""
    assert isinstance(y, Node), f"{formula} is of type {type(y).__name__}, expected a Node"
    expect(y.data, value, f"the value of {formula}")
    for name, (operand, share) in zip("ab", zip(operands, shares, strict=True), strict=False):
        found = [local(g) for node, local in y.edges if node is operand]
        assert len(found) == 1, f"{formula} has {len(found)} edges to {name}, expected 1"
        expect(found[0], share, f"{formula}: the share of {name}")


# %% [raw]
# # BEGIN TESTS


# %%
def test_sums(Node, expect_shares, np):
    a, b, g = Node([1.0, 2.0]), Node([3.0, -4.0]), np.array([5.0, 0.5])
    expect_shares(a + b, [4.0, -2.0], g, [a, b], [g, g], "a + b")
    expect_shares(a - b, [-2.0, 6.0], g, [a, b], [g, -g], "a - b")
    expect_shares(-a, [-1.0, -2.0], g, [a], [-g], "-a")


# %%
def test_products(Node, expect_shares, np):
    a, b, g = Node([1.0, 2.0]), Node([4.0, -2.0]), np.array([8.0, 0.5])
    expect_shares(a * b, [4.0, -4.0], g, [a, b], [[32.0, -1.0], [8.0, 1.0]], "a * b")
    expect_shares(a / b, [0.25, -1.0], g, [a, b], [[2.0, -0.25], [-0.5, -0.25]], "a / b")


# %%
def test_powers(Node, expect_shares, np):
    a, g = Node([2.0, -1.0]), np.array([3.0, 0.5])
    expect_shares(a**3, [8.0, -1.0], g, [a], [[36.0, 1.5]], "a ** 3")
    expect_shares(a**-1, [0.5, -1.0], g, [a], [[-0.75, -0.5]], "a ** -1")


# %%
def test_numbers_and_arrays_on_the_left(Node, expect, np):
    a = Node([1.0, 2.0])
    expect((10 - a).data, [9.0, 8.0], "10 - a")
    expect((10 / a).data, [10.0, 5.0], "10 / a")
    expect((np.array([3.0, 4.0]) - a).data, [2.0, 2.0], "array - a")
    expect((Node([1, 2]) / Node([2, 4])).data, [0.5, 0.5], "a quotient of integers")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q2

# %% [markdown]
# ## q2 · Broadcasting, backwards
#
# When numpy adds a `b` of shape (3,) to an array of shape (2, 3), it uses each entry of `b` twice,
# once per row. Uses add up: the gradient by `b` is the **sum** over the copies. The gradient that
# comes back has the shape (2, 3) of the result and has to be summed down to the shape of `b`.
#
# numpy aligns shapes on the right. So there are two kinds of axes to sum over:
#
# - axes that the operand did not have: the *first* `grad.ndim - len(shape)` ones;
# - axes on which the operand had length 1: they are summed, too, but they stay, with length 1
#   (`keepdims=True`).
#
# ```text
# result (4, 2, 3)         (2, 3)           (2, 3)
# operand      (3,)         (2, 1)           ()
#         sum over 0, 1     sum over 1       sum over all
# ```

# %% [raw]
# # BEGIN SOLUTION


# %%
def unbroadcast(grad, shape):
    """grad, an array of a shape to which numpy broadcasts `shape` -> its sums, of that `shape`.

    The given array stays as it is. With nothing to sum, the values come back unchanged.
    """
    # BEGIN SOLUTION
    added = grad.ndim - len(shape)
    grad = grad.sum(axis=tuple(range(added)))
    stretched = [axis for axis, length in enumerate(shape) if length == 1]
    return grad.sum(axis=tuple(stretched), keepdims=True)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_new_axes(unbroadcast, expect, np):
    grad = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
    expect(unbroadcast(grad, (2, 3)), grad, "unbroadcast to the same shape", "there is no sum")
    expect(unbroadcast(grad, (3,)), [11.0, 22.0, 33.0], "unbroadcast of (2, 3) to (3,)")
    expect(unbroadcast(grad, ()), 66.0, "unbroadcast of (2, 3) to ()")


# %%
def test_axes_of_length_one(unbroadcast, expect, np):
    grad = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
    expect(unbroadcast(grad, (2, 1)), [[6.0], [60.0]], "unbroadcast of (2, 3) to (2, 1)")
    expect(unbroadcast(grad, (1, 3)), [[11.0, 22.0, 33.0]], "unbroadcast of (2, 3) to (1, 3)")
    cube = np.ones((4, 2, 3))
    expect(unbroadcast(cube, (2, 1)), [[12.0], [12.0]], "unbroadcast of (4, 2, 3) to (2, 1)")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q3

# %% [markdown]
# ## q3 · The order of the walk
#
# How many paths lead from $x$ to $y$ below? Each diamond doubles their number: with 40 diamonds
# there are $2^{40}$, a million million. Following each path on its own, as the chain rule is
# written, would take days. Following each *arrow* once takes 80 steps. The trick is dynamic
# programming: a node hands its gradient on only **after** everything that it receives has arrived.
#
# ```text
#      ┌───┐   ┌───┐          ┌───┐
#    x ┤   ├ ● ┤   ├ ●  …   ● ┤   ├ y
#      └───┘   └───┘          └───┘
# ```
#
# So we need an order in which every node stands after all its operands (a *topological order*); the
# walk back takes it from the end. Depth-first search gives one: a node is appended when all its
# operands have been. Merely collecting nodes "as they are met" does not: a short way to a node may
# be met long before the long way to the same node is through.
#
# **No recursion here.** Python gives up at about 1,000 nested calls, and a network unrolled over
# time is deeper than that. Keep a list of your own as a stack. One way: put pairs (node, finished)
# on it; a node that is taken for the first time is put back as finished, with its operands on top
# of it; a node that is taken as finished is appended to the order.
#
# **A deep graph to try it on** is Horner's way to evaluate a polynomial. It starts with the leading
# coefficient and, again and again, multiplies by x and adds the next one:
# $$3x^2 + 5x + 7 = (3 \cdot x + 5) \cdot x + 7 .$$
# As a graph that is a chain of two operations per coefficient, which uses $x$ at every other step.
# You only write the loop. The derivative of the polynomial will come by itself.

# %% [raw]
# # BEGIN SOLUTION


# %%
def topological_order(root):
    """All nodes that root was computed from, and root: a list, each once, operands first."""
    # BEGIN SOLUTION
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((operand, False) for operand, _ in node.edges)
    return order
    # END SOLUTION


def horner(x, coefficients):
    """The polynomial of the node x, elementwise, as a node.

    coefficients: a list of at least two numbers, that of the highest power first.
    """
    # BEGIN SOLUTION
    y = coefficients[0]
    for c in coefficients[1:]:
        y = y * x + c
    return y
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_order(Node, topological_order):
    x = Node(1.0)
    u = x + x
    long_way = ((u + x) + x) + u
    y = u + long_way
    order = topological_order(y)
    assert isinstance(order, list), f"{type(order).__name__}, expected a list of nodes"
    values = [float(node.data) for node in order]
    assert len(order) == len({id(node) for node in order}), f"a node is listed twice: {values}"
    assert len(order) == 6, f"{len(order)} nodes, expected 6: x, u, three of the long way, y"
    assert order[-1] is y, "the root comes last"
    places = {id(node): i for i, node in enumerate(order)}
    for node in order:
        for operand, _ in node.edges:
            assert places[id(operand)] < places[id(node)], (
                f"the node of value {float(node.data)} stands before its operand of value "
                f"{float(operand.data)}; the order is {values}"
            )


# %%
def test_diamonds(Node, topological_order):
    x = Node(1.0)
    for _ in range(12):
        x = x + x
    order = topological_order(x)
    assert len(order) == 13, f"{len(order)} nodes in 12 diamonds, expected 13: each node only once"


# %%
def test_horner(Node, horner, expect):
    y = horner(Node([2.0, -1.0, 0.0]), [3.0, 5.0, 7.0])
    expect(y.data, [29.0, 5.0, 7.0], "3x² + 5x + 7 at 2, -1 and 0")


# %%
def test_a_long_chain(Node, horner, topological_order, expect):
    x = Node(1.0)
    y = horner(x, [1.0] * 2501)
    expect(y.data, 2501.0, "x²⁵⁰⁰ + … + x + 1 at 1")
    try:
        order = topological_order(y)
    except RecursionError:
        raise AssertionError("too deep for recursion: keep a stack in a list instead") from None
    assert any(node is x for node in order), "x is missing: the root was computed from it"
    assert order[-1] is y, "the root comes last"


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q4

# %% [markdown]
# ## q4 · Backward
#
# Now everything is in place:
#
# 1. Without `grad_output` the root has to be one number, or else there is a `ValueError`; its own
#    gradient is 1, because $\partial y / \partial y = 1$.
# 2. All nodes of the graph begin with a gradient of zeros, of the shape of their data (agreement
#    6), but for the root, which begins with `grad_output`.
# 3. From the root back, each node hands out its gradient along its edges: `local(node.grad)`,
#    summed down to the shape of the operand (q2), is **added** to the operand's gradient.
#
# Two traps. Assigning instead of adding keeps only the last of several uses; in the worked example
# $b$ would get 10 or 14 instead of 24. And `operand.grad += share` adds *in place*: if an array is
# shared, say because `a + b` handed one and the same `g` to both of its operands, then adding to
# the one changes the other. `operand.grad = operand.grad + share` makes a new array each time.
#
# `detach` gives the value without its past. It is what you want when a network's own output serves
# as a target or as a fixed weight: the number is used, the gradient does not flow there.

# %% [raw]
# # BEGIN SOLUTION


# %%
def backward(root, grad_output):
    """Set the grad of root and of all nodes that it was computed from.

    grad_output: the gradient by root, of its shape, or None if root is one number.
    Raises ValueError if it is None otherwise.
    """
    # BEGIN SOLUTION
    if grad_output is None:
        if root.data.shape != ():
            raise ValueError(f"backward of shape {root.data.shape} needs grad_output")
        grad_output = 1.0
    order = topological_order(root)
    for node in order:
        node.grad = np.zeros(node.data.shape)
    root.grad = root.grad + grad_output
    for node in reversed(order):
        for operand, local in node.edges:
            operand.grad = operand.grad + unbroadcast(local(node.grad), operand.data.shape)
    # END SOLUTION


def detach(a):
    """Node a -> a new constant node of the same value."""
    # BEGIN SOLUTION
    return Node(a.data, requires_grad=False)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_worked_example(Node, expect):
    a, b, c = Node(1.0), Node(2.0), Node(3.0)
    g = 2 * b
    e, f = a + g, g + c
    y = e * f
    y.backward()
    expect(y.data, 35.0, "y")
    expect(y.grad, 1.0, "the gradient by y itself")
    expect(a.grad, 7.0, "the gradient by a")
    expect(c.grad, 5.0, "the gradient by c")
    expect(
        g.grad, 12.0, "the gradient by g", "g is used twice: 7 along one arrow, 5 along the other"
    )
    expect(b.grad, 24.0, "the gradient by b", "2 · 12")


# %%
def test_shared_nodes(Node, expect):
    x = Node(3.0)
    (x * x * x).backward()
    expect(x.grad, 27.0, "the gradient of x * x * x", "all uses of x add up, also in x * x")
    a, b = Node(1.0), Node(2.0)
    s = a + b
    (s + a).backward()
    expect(a.grad, 2.0, "the gradient of (a + b) + a by a")
    expect(b.grad, 1.0, "the gradient of (a + b) + a by b", "is an array shared between nodes?")
    expect(s.grad, 1.0, "the gradient of (a + b) + a by a + b", "is an array shared between nodes?")


# %%
def test_broadcasting(Node, expect, np):
    x, b = Node([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), Node([1.0, 0.0, -1.0])
    grad_output = np.array([[1.0, 0.0, 2.0], [3.0, 1.0, 0.0]])
    (x * b).backward(grad_output)
    expect(x.grad, grad_output * [1.0, 0.0, -1.0], "the gradient of x * b by x")
    expect(b.grad, [13.0, 5.0, 6.0], "the gradient of x * b by b", "b is used once per row")


# %%
def test_roots_and_repetition(Node, expect, np):
    x = Node([2.0, 3.0])
    y = x * x
    try:
        y.backward()
        raised = False
    except ValueError:
        raised = True
    assert raised, "backward() of two numbers has to raise ValueError: which gradient is meant?"
    for _ in range(2):
        y.backward(np.array([1.0, 10.0]))
        expect(x.grad, [4.0, 60.0], "the gradient by x", "each backward begins anew")


# %%
def test_constants(Node, expect):
    x, k = Node(3.0), Node(5.0, requires_grad=False)
    y = k * x * x.detach()
    y.backward()
    expect(x.grad, 15.0, "the gradient of 5 · x · x.detach()", "detach stops the gradient")
    assert k.grad is None, f"the grad of a constant is {k.grad}, expected None"


# %%
def test_deep_graphs(Node, horner, expect):
    x = Node(1.0)
    y = x
    for _ in range(10):
        y = y + y
    y.backward()
    expect(x.grad, 1024.0, "the gradient through 10 diamonds")
    horner(x, [1.0] * 2501).backward()
    expect(x.grad, 2500 * 2501 / 2, "the derivative of x²⁵⁰⁰ + … + x + 1 at 1")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q5

# %% [markdown]
# ## q5 · Functions of one number
#
# $$(e^a)' = e^a, \qquad (\ln a)' = \frac1a, \qquad
#   \mathrm{ReLU}'(a) = \begin{cases} 1, & a > 0 \\ 0, & a \le 0 \end{cases}, \qquad
#   \sigma'(a) = \sigma(a)\,(1 - \sigma(a)) = \frac{e^{-a}}{(1 + e^{-a})^2} .$$
#
# **Numbers.** Two things go wrong with the sigmoid in `float64`. For $a = -1000$, $e^{-a}$ is
# infinite, and ∞/∞ is NaN. And for $a = 100$, $\sigma(a)$ is *rounded* to 1, so that
# $1 - \sigma(a)$ is exactly 0, although $\sigma'(100) = 3.72 \cdot 10^{-44}$ is a number that
# `float64` can represent well; already at $a = 10$ the subtraction costs five of sixteen digits.
# Both go away if only $t = e^{-|a|}$ is computed, which lies between 0 and 1. As σ′ is symmetric,
# $$\sigma(a) = \begin{cases} 1/(1 + t), & a \ge 0 \\ t/(1 + t), & a < 0 \end{cases}, \qquad
#   \sigma'(a) = \frac{t}{(1 + t)^2} \quad \text{for either sign, with nothing subtracted.}$$

# %% [raw]
# # BEGIN SOLUTION


# %%
def exp(a):
    """Node a -> the node of its exponentials."""
    # BEGIN SOLUTION
    value = np.exp(a.data)
    return result(value, (a, lambda g: g * value))
    # END SOLUTION


def log(a):
    """Node a, positive -> the node of its natural logarithms."""
    # BEGIN SOLUTION
    return result(np.log(a.data), (a, lambda g: g / a.data))
    # END SOLUTION


def relu(a):
    """Node a -> the node max(0, a); the derivative at 0 is 0."""
    # BEGIN SOLUTION
    return result(np.maximum(a.data, 0.0), (a, lambda g: g * (a.data > 0)))
    # END SOLUTION


def sigmoid(a):
    """Node a -> the node σ(a), with the relative precision of σ′ kept (agreement 9)."""
    # BEGIN SOLUTION
    t = np.exp(-np.abs(a.data))
    value = np.where(a.data >= 0, 1.0, t) / (1.0 + t)
    return result(value, (a, lambda g: g * t / (1.0 + t) ** 2))
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_exp_and_log(Node, expect, np):
    a = Node([0.0, np.log(2.0), -1.0])
    y = a.exp()
    y.backward(np.array([3.0, 0.5, 1.0]))
    expect(y.data, [1.0, 2.0, np.exp(-1.0)], "exp(a)")
    expect(a.grad, [3.0, 1.0, np.exp(-1.0)], "the gradient of exp(a)")
    b = Node([1.0, 0.5, 4.0])
    y = b.log()
    y.backward(np.array([3.0, 2.0, 1.0]))
    expect(y.data, [0.0, -np.log(2.0), np.log(4.0)], "log(b)")
    expect(b.grad, [3.0, 4.0, 0.25], "the gradient of log(b)")


# %%
def test_relu(Node, expect, np):
    a = Node([-2.0, 0.0, 3.0])
    y = a.relu()
    y.backward(np.array([5.0, 5.0, -5.0]))
    expect(y.data, [0.0, 0.0, 3.0], "relu(a)")
    expect(a.grad, [0.0, 0.0, -5.0], "the gradient of relu(a)", "g where a > 0, and 0 elsewhere")


# %%
def test_sigmoid(Node, expect, np):
    a = Node([0.0, np.log(3.0), -np.log(3.0), 1000.0, -1000.0])
    y = a.sigmoid()
    y.backward(np.array([4.0, 16.0, 16.0, 1.0, 1.0]))
    expect(y.data, [0.5, 0.75, 0.25, 1.0, 0.0], "sigmoid(a)", "compute only exp(-|a|)")
    expect(a.grad, [1.0, 3.0, 3.0, 0.0, 0.0], "the gradient of sigmoid(a)")


# %%
def test_two_sigmoids(Node, expect):
    a, b, c = Node(9.0), Node(1.0), Node(100.0)
    y = ((a + b).sigmoid() + (b * c).sigmoid()).sigmoid()
    y.backward()
    precise = {"rtol": 1e-9, "atol": 0.0}
    remedy = "1 - σ(a) loses the digits: write σ' as t / (1 + t)² with t = exp(-|a|)"
    expect(y.data, 0.880792311410, "y", **precise)
    expect(a.grad, 4.766433410856e-6, "the gradient by a", remedy, **precise)
    expect(b.grad, 4.766433410856e-6, "the gradient by b", remedy, **precise)
    expect(c.grad, 3.905976191935e-45, "the gradient by c", remedy, **precise)


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# The last test is the lecture's second example, $y = \sigma(\sigma(a + b) + \sigma(bc))$ at
# $(9, 1, 100)$. The lecture says that its gradient is evidently about (0, 0, 0). Look at it with
# your own nodes: small, but not zero, and of very different sizes. Each σ that the gradient passes
# multiplies it by at most 1/4, and by next to nothing where the σ is *saturated*, far from 0. Were
# $y$ a loss, $c$ would never be learnt. Look at the digits, too: with the naive
# $\sigma(1 - \sigma)$ the gradient by $a$ would be wrong from the thirteenth digit on, and the one
# by $c$ exactly 0.

# %%
a, b, c = Node(9.0), Node(1.0), Node(100.0)
p, q = a + b, b * c
u, v = p.sigmoid(), q.sigmoid()
s = u + v
y = s.sigmoid()
y.backward()


def vertex(x, height, label, node):
    return x, height, label, f"{node.data:.6g}", f"{node.grad:.3g}"


draw_graph(
    {
        "a": vertex(0.0, 1.5, "a", a),
        "b": vertex(0.0, 0.0, "b", b),
        "c": vertex(0.0, -1.5, "c", c),
        "p": vertex(1.9, 1.0, "a + b", p),
        "q": vertex(1.9, -1.0, "bc", q),
        "u": vertex(4.0, 1.0, "σ", u),
        "v": vertex(4.0, -1.0, "σ", v),
        "s": vertex(6.2, 0.0, "+", s),
        "y": vertex(8.7, 0.0, "y = σ", y),
    },
    [(*pair, "") for pair in ["ap", "bp", "bq", "cq", "pu", "qv", "us", "vs", "sy"]],
)

# %% [raw]
# # BEGIN QUESTION
# name: q6

# %% [markdown]
# ## q6 · Matrix products, sums and means
#
# For $Y = AB$ and the gradient $G$ by $Y$,
# $$\frac{\partial L}{\partial A} = G B^\top, \qquad \frac{\partial L}{\partial B} = A^\top G .$$
# Only this arrangement has the right shapes. (The lecture's layer in columns, $h = Wx$, is the same
# rule: $\nabla_W = \nabla_h\, x^\top$; mind the transpose, it is easily lost.)
#
# A sum over an axis is broadcasting the other way round: each summand enters with the factor 1, so
# the gradient is **copied** back along the axis that has vanished. `np.expand_dims(g, axis)` puts
# the axis back with length 1, and `np.broadcast_to(…, shape)` stretches it. With `axis=None`, `g`
# is one number. A mean is a sum divided by the number of summands.

# %% [raw]
# # BEGIN SOLUTION


# %%
def matmul(a, b):
    """Nodes a (N, D), b (D, K) -> the node a @ b (N, K)."""
    # BEGIN SOLUTION
    return result(a.data @ b.data, (a, lambda g: g @ b.data.T), (b, lambda g: a.data.T @ g))
    # END SOLUTION


def sum_of(a, axis):
    """Node a -> the node of its sum over all entries (None), or over one axis, which vanishes."""

    # BEGIN SOLUTION
    def local(g):
        if axis is not None:
            g = np.expand_dims(g, axis)
        return np.broadcast_to(g, a.data.shape)

    return result(a.data.sum(axis=axis), (a, local))
    # END SOLUTION


def mean_of(a, axis):
    """Node a -> the node of its mean over all entries (None), or over one axis, which vanishes."""
    # BEGIN SOLUTION
    total = sum_of(a, axis)
    return total / (a.data.size / total.data.size)
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_matmul(Node, expect, np):
    a, b = Node([[1.0, 2.0, 0.0], [0.0, -1.0, 3.0]]), Node([[1.0], [2.0], [-1.0]])
    y = a @ b
    y.backward(np.array([[1.0], [10.0]]))
    expect(y.data, [[5.0], [-5.0]], "a @ b")
    expect(a.grad, [[1.0, 2.0, -1.0], [10.0, 20.0, -10.0]], "the gradient of a @ b by a", "G Bᵀ")
    expect(b.grad, [[1.0], [-8.0], [30.0]], "the gradient of a @ b by b", "Aᵀ G")
    expect((np.ones((1, 2)) @ a).data, [[1.0, 1.0, 3.0]], "array @ a")


# %%
def test_sum(Node, expect, np):
    a = Node([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    y = a.sum()
    y.backward(7.0)
    expect(y.data, 21.0, "a.sum()")
    expect(a.grad, [[7.0] * 3] * 2, "the gradient of a.sum()", "each summand enters with factor 1")
    for axis, value, grad_output, grad in [
        (0, [5.0, 7.0, 9.0], [1.0, 2.0, 3.0], [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]),
        (1, [6.0, 15.0], [1.0, 2.0], [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]),
    ]:
        y = a.sum(axis)
        y.backward(np.array(grad_output))
        expect(y.data, value, f"a.sum({axis})")
        expect(a.grad, grad, f"the gradient of a.sum({axis})", "copied along the vanished axis")


# %%
def test_mean(Node, expect, np):
    a = Node([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    y = a.mean()
    y.backward()
    expect(y.data, 3.5, "a.mean()")
    expect(a.grad, [[1 / 6] * 3] * 2, "the gradient of a.mean()", "1 over the number of entries")
    y = a.mean(1)
    y.backward(np.array([3.0, 6.0]))
    expect(y.data, [2.0, 5.0], "a.mean(1)")
    expect(a.grad, [[1.0] * 3, [2.0] * 3], "the gradient of a.mean(1)", "a row has 3 entries")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q7

# %% [markdown]
# ## q7 · Moving entries around
#
# These operations compute nothing; they only say which entry goes where. Backward, each gradient
# goes back to where its entry came from:
#
# - `reshape`: into the old shape;
# - `transpose`: by the *inverse* permutation. Output axis `i` was input axis `axes[i]`, so that
#   `np.argsort(axes)` undoes it. For two axes a permutation is its own inverse; for three it need
#   not be, and $(1, 2, 0)$ is not;
# - `index`: into an array of zeros, at the index. If the index picks an entry several times, as
#   `a[[0, 0, 2]]` does, its gradients **add up**: `share[key] += g` would count only one of them,
#   `np.add.at(share, key, g)` counts them all.

# %% [raw]
# # BEGIN SOLUTION


# %%
def reshape(a, shape):
    """Node a, a tuple -> the node of the same entries in this shape."""
    # BEGIN SOLUTION
    return result(a.data.reshape(shape), (a, lambda g: g.reshape(a.data.shape)))
    # END SOLUTION


def transpose(a, axes):
    """Node a -> the node with its axes reversed (None) or permuted (a tuple)."""
    # BEGIN SOLUTION
    inverse = None if axes is None else np.argsort(axes)
    return result(a.data.transpose(axes), (a, lambda g: g.transpose(inverse)))
    # END SOLUTION


def index(a, key):
    """Node a, an index as numpy takes it -> the node a[key]."""

    # BEGIN SOLUTION
    def local(g):
        share = np.zeros(a.data.shape)
        np.add.at(share, key, g)
        return share

    return result(a.data[key], (a, local))
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_reshape(Node, expect, np):
    a = Node([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    y = a.reshape((3, 2))
    y.backward(np.array([[10.0, 20.0], [30.0, 40.0], [50.0, 60.0]]))
    expect(y.data, [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "a.reshape((3, 2))")
    expect(a.grad, [[10.0, 20.0, 30.0], [40.0, 50.0, 60.0]], "the gradient of a reshaped array")


# %%
def test_transpose(Node, expect, np):
    a, grad_output = Node([[1.0, 2.0, 3.0]]), [[10.0], [20.0], [30.0]]
    y = a.transpose()
    y.backward(np.array(grad_output))
    expect(y.data, [[1.0], [2.0], [3.0]], "a.transpose()")
    expect(a.grad, [[10.0, 20.0, 30.0]], "the gradient of a.transpose()")
    cube = np.arange(24.0).reshape(2, 3, 4)
    b = Node(cube)
    y = b.transpose((1, 2, 0))
    expect(y.data, cube.transpose(1, 2, 0), "b.transpose((1, 2, 0))")
    y.backward(10.0 * cube.transpose(1, 2, 0))
    expect(b.grad, 10.0 * cube, "the gradient of b.transpose((1, 2, 0))", "undo the permutation")


# %%
def test_index(Node, expect, np):
    a = Node([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    y = a[1, :2]
    y.backward(np.array([7.0, 8.0]))
    expect(y.data, [4.0, 5.0], "a[1, :2]")
    expect(a.grad, [[0.0, 0.0, 0.0], [7.0, 8.0, 0.0]], "the gradient of a[1, :2]")
    b = Node([1.0, 2.0, 3.0])
    y = b[[0, 0, 2]]
    y.backward(np.array([1.0, 10.0, 100.0]))
    expect(y.data, [1.0, 1.0, 3.0], "b[[0, 0, 2]]")
    expect(b.grad, [11.0, 0.0, 100.0], "the gradient of b[[0, 0, 2]]", "entry 0 is used twice")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [raw]
# # BEGIN QUESTION
# name: q8

# %% [markdown]
# ## q8 · Vanishing gradients
#
# Now use your library for an experiment. A deep network of the same kind of layer, over and over:
# $$h_0 = x, \qquad h_k = \varphi(h_{k-1} W_k), \quad k = 1, \dots, L, \qquad
#   y = \text{the sum of all entries of } h_L .$$
# How large is the gradient of $y$ by each of the layers $h_0, \dots, h_L$? Measure it by the norm
# $\lVert \partial y / \partial h_k \rVert$: the root of the sum of squares of all its entries.

# %% [raw]
# # BEGIN SOLUTION


# %%
def gradient_norms(x, weights, activation):
    """The norms of ∂y/∂h_k for k = 0 … L, an array of shape (L + 1,).

    x: an array (N, D); weights: a list of L arrays W_k, each of the shape (width before, width
    after); activation: "sigmoid" or "relu", the name of the method of Node to apply.
    """
    # BEGIN SOLUTION
    layers = [Node(x)]
    for W in weights:
        layers.append(getattr(layers[-1] @ W, activation)())
    layers[-1].sum().backward()
    return np.array([np.linalg.norm(h.grad) for h in layers])
    # END SOLUTION


# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS


# %%
def test_norms(gradient_norms, expect, np):
    x = np.array([[1.0, 2.0]])
    weights = [np.array([[2.0, 0.0], [0.0, -1.0]]), np.array([[3.0], [1.0]])]
    norms = gradient_norms(x, weights, "relu")
    expect(
        norms,
        [6.0, np.sqrt(10.0), 1.0],
        "the norms",
        "the first is that of x, the last that of h_L",
    )
    norms = gradient_norms(np.zeros((4, 3)), [np.zeros((3, 4)), np.eye(4)], "sigmoid")
    expect(norms[2], 4.0, "the norm by h_2", "16 entries, each with the gradient 1")
    slope = np.exp(-0.5) / (1.0 + np.exp(-0.5)) ** 2
    expect(norms[1], 4.0 * slope, "the norm by h_1", "each entry passes one σ, whose input is 1/2")
    expect(norms[0], 0.0, "the norm by x", "the first weights are all zero")


# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# Thirty layers of width 32, with weights of a size that keeps the *values* in a healthy range all
# the way. With ReLU the gradient at the first layer is about as large as at the last. With the
# sigmoid each layer divides it by about four, and the first layers would hardly learn at all: this
# is the **vanishing gradient**, and the reason why deep networks use ReLU.

# %%
generator = np.random.default_rng(0)
depth, width = 30, 32
x = generator.normal(size=(16, width))
draws = [generator.normal(size=(width, width)) / np.sqrt(width) for _ in range(depth)]
plt.figure(figsize=(8, 3.4))
for activation, scale in [("relu", np.sqrt(2.0)), ("sigmoid", 1.0)]:
    norms = gradient_norms(x, [scale * W for W in draws], activation)
    plt.semilogy(norms / norms[-1], "o-", markersize=3, label=activation)
plt.semilogy(
    0.25 ** (depth - np.arange(depth + 1.0)), "--", color="0.6", label="a factor 1/4 a layer"
)
plt.xlabel("layer k: 0 is the input, 30 the last")
plt.ylabel("‖∂y/∂h_k‖ / ‖∂y/∂h_30‖")
plt.legend()
plt.show()

# %% [markdown]
# **Everything together.** A network with one hidden layer, a mean squared error, and steps
# *against* the gradient: a training loop in which every derivative comes from your own graph. (To
# the optimizers of the coming practicals it makes no difference where gradients come from.)

# %%
x = np.linspace(-2.5, 2.5, 60)[:, None]
target = np.sin(2.0 * x)
W1, b1 = Node(generator.normal(0, 3, (1, 16))), Node(generator.normal(0, 3, 16))
W2, b2 = Node(generator.normal(0, 0.5, (16, 1))), Node(np.zeros(1))
history = []
for _ in range(4000):
    output = (x @ W1 + b1).sigmoid() @ W2 + b2
    loss = ((output - target) ** 2).mean()
    loss.backward()
    for parameter in (W1, b1, W2, b2):
        parameter.data -= 0.1 * parameter.grad
    history.append(float(loss.data))

_, (left, right) = plt.subplots(1, 2, figsize=(11, 3.2))
left.semilogy(history)
left.set(xlabel="step", title="mean squared error")
right.plot(x, target, "o", markersize=3, label="sin 2x")
right.plot(x, output.data, label="network")
right.legend()
plt.show()

# %% [markdown]
# ## How to submit
#
# 1. *Kernel → Restart and run all*: every `grader.check` above should say that it passed (without
#    `edges`, q1 and q3 cannot). Questions left blank cost their own points only, and those of what
#    is built on them: without `backward` no gradient can be looked at.
# 2. Save, and hand in this one file, `s3-graphs.ipynb`, where your course collects homework.
#
# Taken from your notebook are `Node`, `unbroadcast`, `horner`, `gradient_norms` and whatever they
# use; prints, plots and training loops are left out. Only numpy is installed where they run.
