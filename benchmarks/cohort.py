"""The submissions of the peers' task: a class `Linear`, right in four styles, wrong in six ways."""

import copy
from itertools import cycle, islice
from pathlib import Path

import jupytext
from nbformat import NotebookNode

PEERS = Path(__file__).parent / "peers"
TASK_CELL = "linear"

SOLUTION = '''\
class Linear:
    """y = x W + b for a batch x of shape (N, D); W has shape (D, K)."""

    def __init__(self, n_in, n_out):
        rng = np.random.default_rng(0)
        self.W = rng.standard_normal((n_in, n_out)) / np.sqrt(n_in)
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad_output):
        self.grad_W = self.x.T @ grad_output
        self.grad_b = grad_output.sum(axis=0)
        return grad_output @ self.W.T
'''

WITH_EINSUM = """\
class Linear:
    def __init__(self, n_in, n_out):
        self.W = np.random.normal(0, 0.01, size=(n_in, n_out))
        self.b = np.zeros((n_out,))

    def forward(self, x):
        self.cache = x.copy()
        return np.einsum("nd,dk->nk", x, self.W) + self.b

    def backward(self, grad_output):
        self.grad_W = np.einsum("nd,nk->dk", self.cache, grad_output)
        self.grad_b = np.einsum("nk->k", grad_output)
        return np.einsum("nk,dk->nd", grad_output, self.W)
"""

WITH_LOOPS = """\
class Linear:
    def __init__(self, n_in, n_out):
        self.W = np.ones((n_in, n_out)) / n_in
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        y = np.zeros((len(x), len(self.b)))
        for n in range(len(x)):
            for k in range(len(self.b)):
                y[n, k] = sum(x[n, d] * self.W[d, k] for d in range(x.shape[1])) + self.b[k]
        return y

    def backward(self, grad_output):
        self.grad_W = np.zeros_like(self.W)
        self.grad_b = np.zeros_like(self.b)
        grad_x = np.zeros_like(self.x)
        for n, row in enumerate(grad_output):
            self.grad_W += np.outer(self.x[n], row)
            self.grad_b += row
            grad_x[n] = self.W @ row
        return grad_x
"""

WITH_HELPERS = """\
def affine(x, W, b):
    return np.dot(x, W) + b


def affine_gradients(x, W, grad_output):
    ones = np.ones(x.shape[0])
    return np.dot(x.T, grad_output), ones @ grad_output, np.dot(grad_output, W.T)


class Module:
    def __call__(self, x):
        return self.forward(x)


class Linear(Module):
    def __init__(self, n_in, n_out, scale=0.1):
        self.W = scale * np.random.randn(n_in, n_out)
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.last_input = x
        return affine(x, self.W, self.b)

    def backward(self, grad_output):
        self.grad_W, self.grad_b, grad_x = affine_gradients(
            self.last_input, self.W, grad_output
        )
        return grad_x
"""


def _with(**replacements: tuple[str, str]) -> str:
    """The solution with named bugs, each a text replacement that must apply."""
    source = SOLUTION
    for bug, (right, wrong) in replacements.items():
        if right not in source:
            raise ValueError(f"bug {bug!r}: {right!r} is not in the solution")
        source = source.replace(right, wrong)
    return source


_GRAD_W = "self.x.T @ grad_output"
_GRAD_B = "grad_output.sum(axis=0)"
_GRAD_X = "grad_output @ self.W.T"

# (source of the class, how many of the four hidden tests it passes)
SUBMISSIONS: tuple[tuple[str, int], ...] = (
    (SOLUTION, 4),
    (WITH_EINSUM, 4),
    (WITH_LOOPS, 4),
    (WITH_HELPERS, 4),
    (_with(bias_gradient_averaged=(_GRAD_B, "grad_output.mean(axis=0)")), 3),
    (
        _with(
            weight_gradient_averaged=(_GRAD_W, f"{_GRAD_W} / len(self.x)"),
            bias_gradient_averaged=(_GRAD_B, "grad_output.mean(axis=0)"),
        ),
        2,
    ),
    (_with(weight_gradient_transposed=(_GRAD_W, "grad_output.T @ self.x")), 3),
    (_with(upstream_ignored=(_GRAD_X, "np.ones_like(grad_output) @ self.W.T")), 3),
    (
        _with(
            bias_forgotten=("x @ self.W + self.b", "x @ self.W"),
            input_gradient_sign=(_GRAD_X, f"-{_GRAD_X}"),
        ),
        2,
    ),
    (
        _with(
            forward_blank=("return x @ self.W + self.b", "raise NotImplementedError"),
            backward_blank=(f"return {_GRAD_X}", "raise NotImplementedError"),
        ),
        0,
    ),
)


def cohort(size: int) -> dict[str, tuple[str, int]]:
    """`size` students with their source and expected score; from the eleventh on, copies."""
    submissions = islice(cycle(SUBMISSIONS), size)
    return {f"student{n:03}": submission for n, submission in enumerate(submissions, start=1)}


def master_notebook() -> NotebookNode:
    """The instructor's notebook, with solution and hidden tests in nbgrader's form."""
    notebook: NotebookNode = jupytext.read(PEERS / "nbgrader" / "linear.md")
    return notebook


def filled_in(handout: NotebookNode, source: str) -> NotebookNode:
    """The student's copy of the handout with the class written into its cell."""
    notebook = copy.deepcopy(handout)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == TASK_CELL:
            cell.source = source
    return notebook
