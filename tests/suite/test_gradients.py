"""The fixture `check_gradients`, against layers that are right and wrong."""

from collections.abc import Callable

import pytest

from autograder.core.results import Outcome
from autograder.suite.job import Examination

Examine = Callable[..., Examination]

TESTS = """
@pytest.mark.points(1)
def test_gradients(student, rng, check_gradients):
    W, b = rng.standard_normal((4, 3)), rng.standard_normal(3)
    layer = student.Linear(4, 3)
    layer.W = W
    layer.b = b

    def reference(x, W=W, b=b):
        return x @ W + b

    session = layer.session_
    before = session.requests
    check_gradients(layer, rng.standard_normal((5, 4)), wrt=("x", "W", "b"), reference=reference)
    assert session.requests == before + 1, "round trips"
    assert layer.calls <= 4 * (20 + 12 + 3) + 1 + {extra}, layer.calls
"""

LINEAR = """
class Linear:
    def __init__(self, d_in, d_out):
        self.W, self.b, self.calls = np.zeros((d_in, d_out)), np.zeros(d_out), 0

    def forward(self, x):
        self.calls += 1
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad_output):
        self.grad_W = self.x.T @ grad_output
        self.grad_b = grad_output.sum(axis=0)
        return grad_output @ self.W.T
"""


def test_all_is_asked_in_one_round_trip_with_four_evaluations_for_each_number(
    examine: Examine,
) -> None:
    """And a few in random directions."""
    (result,) = examine(TESTS.format(extra=3 * 4 * 8), LINEAR).tests
    assert result.outcome is Outcome.PASSED, result.detail


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        (".sum(axis=0)", ".mean(axis=0)", "grad_b"),
        (".sum(axis=0)", ".sum(axis=0) * 0 + 1", "grad_b"),
        ("grad_output @ self.W.T", "-grad_output @ self.W.T", "gradient by x"),
        ("self.x.T @ grad_output", "(self.x.T @ grad_output).T", "grad_W"),
        ("self.grad_b =", "self.grad_bias =", "no 'grad_b'"),
        ("x @ self.W + self.b", "x @ self.W", "forward"),
        ("x @ self.W + self.b", "(x @ self.W + self.b)[:, :2]", "forward has shape (5, 2)"),
        ("x @ self.W + self.b", "[1, 2]", "forward"),
        ("x @ self.W + self.b", "(x @ self.W + self.b).astype(np.float32)", "forward"),
        ("x @ self.W + self.b", "np.full((len(x), 3), np.nan)", "forward"),
    ],
)
def test_a_wrong_layer_fails_with_the_name_of_what_is_wrong(
    examine: Examine, right: str, wrong: str, words: str
) -> None:
    (result,) = examine(TESTS.format(extra=0), LINEAR.replace(right, wrong)).tests
    assert (result.outcome, words in result.message) == (Outcome.FAILED, True), result.message


def test_the_shape_of_forward_is_told_before_the_exception_that_it_causes(
    examine: Examine,
) -> None:
    wrong = LINEAR.replace("return x @", "x = x[:2]; return x @")
    (result,) = examine(TESTS.format(extra=0), wrong).tests
    assert result.outcome is Outcome.FAILED
    assert "forward has shape (2, 3), expected (5, 3)" in result.message
