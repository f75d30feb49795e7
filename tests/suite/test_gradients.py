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
    """And a few twice: each of three tensors at six points, and the base once more."""
    (result,) = examine(TESTS.format(extra=3 * 6 + 1), LINEAR).tests
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


BOTH_WAYS = """
@pytest.mark.points(1)
@pytest.mark.parametrize("referred", [True, False])
def test_gradients(student, rng, check_gradients, referred):
    W, b, x = rng.standard_normal((4, 3)), rng.standard_normal(3), rng.standard_normal((5, 4))
    layer = student.Linear(4, 3)
    layer.W = W
    layer.b = b
    {change}

    def reference(x, W=W, b=b):
        return np.maximum(x @ W + b, 0.0)

    check_gradients(layer, x, wrt=("x", "W", "b"), reference=reference if referred else None)
"""

RELU = """
class Linear:
    calls, noise = 0, np.random.default_rng()

    def __init__(self, d_in, d_out):
        self.W, self.b = np.zeros((d_in, d_out)), np.zeros(d_out)

    def forward(self, x):
        self.calls += 1
        self.x, self.z = x, x @ self.W + self.b
        y = np.maximum(self.z, 0.0)
        return y

    def backward(self, grad_output):
        back = grad_output * (self.z > 0)
        self.grad_W = self.x.T @ back
        self.grad_b = back.sum(axis=0)
        grad_x = back @ self.W.T
        return grad_x
"""


@pytest.mark.parametrize(
    ("change", "forward"),
    [
        ("pass", "y"),
        ("x[:2] = 0.0; b[:] = 0.0; layer.b = b", "y"),
        ("pass", "y * (1 + 2.0**-52 * self.noise.integers(-1, 2, y.shape))"),
    ],
    ids=["as it is", "kinks at the point", "rounds otherwise each time"],
)
def test_a_right_layer_passes_with_and_without_a_reference(
    examine: Examine, change: str, forward: str
) -> None:
    layer = RELU.replace("return y", f"return {forward}")
    for result in examine(BOTH_WAYS.format(change=change), layer).tests:
        assert result.outcome is Outcome.PASSED, result.message


WRONG = "grad_x[:, -1] = 123.0; return grad_x"


@pytest.mark.parametrize(
    ("forward", "backward", "words"),
    [
        ("y * (1 + 1e-12 * self.noise.uniform(size=y.shape))", "grad_x", "forward gives two ans"),
        ("y * (1 + 1e-12 * self.calls)", "grad_x", "forward gives two answers"),
        ("y * (1 + 1e-12 * (self.calls > 20))", "grad_x", "forward gives two answers"),
        ("y", "grad_x * (1 + 1e-12 * self.noise.uniform())", "backward gives two answers"),
        ("y + 1e-8 * np.sin(1e9 * x[:, -1:])", WRONG, ""),
        ("y + 1e12", WRONG, ""),
        ("y.astype(np.float32).astype(float)", WRONG, ""),
        ("y + 1e6 * (self.calls > 1) * (x[:, -1:] > 0)", WRONG, ""),
    ],
)
def test_what_forward_does_excuses_no_gradient_with_or_without_a_reference(
    examine: Examine, forward: str, backward: str, words: str
) -> None:
    backward = backward if "return" in backward else f"return {backward}"
    layer = RELU.replace("return y", f"return {forward}").replace("return grad_x", backward)
    results = examine(BOTH_WAYS.format(change="pass"), layer).tests
    assert len(results) == 2
    for result in results:
        assert (result.outcome, words in result.message) == (Outcome.FAILED, True), result.message


def test_a_reference_without_a_derivative_is_no_fault_of_the_student(examine: Examine) -> None:
    tests = BOTH_WAYS.replace("np.maximum(x @ W + b, 0.0)", "np.floor(1e9 * (x @ W + b))")
    examination = examine(tests.format(change="pass"), RELU)
    assert "own function for gradient by x has no derivative" in examination.suite_fault
