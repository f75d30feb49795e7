"""A student's objects behave in a hidden test as they would at home."""

from collections.abc import Callable

import pytest

from autograder.core.results import Outcome, TestResult
from autograder.suite.job import Examination

Examine = Callable[..., Examination]

VECTOR = """
class Vector:
    __array_ufunc__ = None
    def __init__(self, values): self.values = np.asarray(values, dtype=float)
    def __add__(self, other): return Vector(self.values + getattr(other, "values", other))
    __radd__ = __add__
    def __sub__(self, other): return Vector(self.values - getattr(other, "values", other))
    def __rsub__(self, other): return Vector(other - self.values)
    def __mul__(self, other): return Vector(self.values * getattr(other, "values", other))
    __rmul__ = __mul__
    def __truediv__(self, other): return Vector(self.values / other)
    def __rtruediv__(self, other): return Vector(other / self.values)
    def __pow__(self, power): return Vector(self.values ** power)
    def __rpow__(self, base): return Vector(base ** self.values)
    def __matmul__(self, other): return Vector(self.values @ getattr(other, "values", other))
    def __rmatmul__(self, other): return Vector(other @ self.values)
    def __neg__(self): return Vector(-self.values)
    def __getitem__(self, index): return Vector(self.values[index])
    def __setitem__(self, index, value): self.values[index] = value
    def __len__(self): return len(self.values)
"""


def only(examination: Examination) -> TestResult:
    assert not examination.suite_fault, examination.suite_fault
    (result,) = examination.tests
    return result


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("v + v", "[2.0, 4.0, 6.0]"),
        ("1 + v", "[2.0, 3.0, 4.0]"),
        ("np.ones(3) + v", "[2.0, 3.0, 4.0]"),
        ("v - 1", "[0.0, 1.0, 2.0]"),
        ("1 - v", "[0.0, -1.0, -2.0]"),
        ("2 * v * v", "[2.0, 8.0, 18.0]"),
        ("v / 2", "[0.5, 1.0, 1.5]"),
        ("6 / v", "[6.0, 3.0, 2.0]"),
        ("v ** 2", "[1.0, 4.0, 9.0]"),
        ("2 ** v", "[2.0, 4.0, 8.0]"),
        ("v @ np.eye(3)", "[1.0, 2.0, 3.0]"),
        ("np.eye(3) @ v", "[1.0, 2.0, 3.0]"),
        ("-v", "[-1.0, -2.0, -3.0]"),
        ("v[1:]", "[2.0, 3.0]"),
        ("v[::2]", "[1.0, 3.0]"),
        ("v[[2, 2]]", "[3.0, 3.0]"),
        ("v[np.array([0, 2])]", "[1.0, 3.0]"),
    ],
)
def test_operators_are_the_student_s(examine: Examine, expression: str, value: str) -> None:
    tests = f"""
@pytest.mark.points(1)
def test_it(student, check_close):
    v = student.Vector([1.0, 2.0, 3.0])
    check_close(({expression}).values, np.array({value}), "result")
    """
    assert only(examine(tests, VECTOR)).outcome is Outcome.PASSED


def test_items_are_assigned_and_lengths_asked_where_the_object_lives(examine: Examine) -> None:
    tests = """
@pytest.mark.points(1)
def test_it(student, check_close):
    v = student.Vector([1.0, 2.0, 3.0])
    v[1] = 7.0
    check_close(v.values, np.array([1.0, 7.0, 3.0]), "values")
    check_close(len(v), 3, "length")
    if not v:
        fail("an object is not empty")
    """
    assert only(examine(tests, VECTOR)).outcome is Outcome.PASSED


def test_a_function_of_the_test_is_evaluated_by_the_examiner(examine: Examine) -> None:
    """Arrays, numbers and keywords go there and back; the calls are counted where they arrive."""
    tests = """
@pytest.mark.points(1)
def test_it(student, check_close):
    seen = []
    def square(x, shift=0.0):
        seen.append(x)
        return (x ** 2).sum() + shift
    check_close(student.slopes(square, np.array([1.0, -2.0])), np.array([2.0, -4.0]), "slopes",
                rtol=1e-6)
    check_close(len(seen), 4, "calls")
    """
    submission = """
def slopes(f, x):
    steps = 1e-4 * np.eye(len(x))
    return np.array([(f(x + h, shift=1.0) - f(x - h, shift=1.0)) / 2e-4 for h in steps])
    """
    assert only(examine(tests, submission)).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("submission", "outcome", "said"),
    [
        ("def use(f): return f('text')", "error", "TypeError: the function that your code was"),
        ("def use(f): return f(object())", "error", "TypeError: this function cannot be called"),
        ("def use(f): return f(np.zeros(10**7))", "error", "TypeError: this function cannot be"),
        ("def use(f):\n    while True: f(1.0)", "timeout", "Stopped after"),
        ("def use(f):\n    try: f([])\n    except TypeError: return 2.0", "passed", ""),
    ],
)
def test_a_function_of_the_test_takes_no_nonsense(
    examine: Examine, submission: str, outcome: str, said: str
) -> None:
    tests = """
@pytest.mark.points(1)
def test_it(student, check_close):
    check_close(student.use(lambda x: x * 2.0), 2.0, "result")
    """
    result = only(examine(tests, submission))
    assert result.outcome == Outcome(outcome), result
    assert said in result.message


def test_a_function_that_was_not_given_cannot_be_called(examine: Examine) -> None:
    """The number in an Ask is the worker's; another number is a violation, not our fault."""
    tests = """
@pytest.mark.points(1)
def test_it(student, check_close):
    check_close(student.use(lambda x: x), 2.0, "result")
    """
    submission = """
def use(f):
    import functools
    return functools.partial(f.func, 99)(1.0)
    """
    assert only(examine(tests, submission)).outcome is Outcome.PROTOCOL_VIOLATION


@pytest.mark.parametrize(
    ("submission", "outcome"),
    [
        ("def go(): raise ValueError('no')", "passed"),
        ("class Mine(ValueError): pass\ndef go(): raise Mine('no')", "passed"),
        ("def go(): raise KeyError('no')", "error"),
        ("def go(): return 1.0", "failed"),
        ("def go():\n    import os\n    os._exit(0)", "crashed"),
    ],
)
def test_an_exception_can_be_demanded(examine: Examine, submission: str, outcome: str) -> None:
    tests = """
@pytest.mark.points(1)
def test_it(student):
    with student.raises("ValueError"):
        student.go()
    """
    assert only(examine(tests, submission)).outcome == Outcome(outcome)
