"""The lint finds each way of computing with a student's value that nobody has checked."""

from pathlib import Path

import pytest

import autograder
from autograder import suite
from autograder.authoring.lint import lint
from autograder.authoring.lint.calls import FIXTURES
from autograder.suite import fixtures
from autograder.usecases.certify import lint_suite
from autograder.usecases.workspace import Workspace

COURSE = Path(autograder.__file__).parent.parent / "assignments"
HEAD = """
import itertools
import numpy as np
import pytest
from autograder.suite import callback, distinct, fail, finite, integers, items
"""


def found(body: str, more: str = "", **files: str) -> list[str]:
    """What is reported for a test with this body, beside functions of the same file."""
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    text = f"{HEAD}{more}\ndef test_it(student, rng, note, check_close, check_gradient):\n{lines}\n"
    others = {f"{name}.py": f"{HEAD}{content}" for name, content in files.items()}
    return [finding.expression for finding in lint({"test_it.py": text, **others})]


@pytest.mark.parametrize(
    ("body", "expression"),
    [
        # comparisons
        ("if student.f() == 1: fail('')", "student.f() == 1"),
        ("a, b = student.f(), student.g()\nif np.allclose(a, b): fail('')", "np.allclose(a, b)"),
        ("if np.array_equal(student.f(), 1): fail('')", "np.array_equal(student.f(), 1)"),
        ("if 3 in student.f(): fail('')", "3 in student.f()"),
        ("assert student.layer.W.shape == (3,)", "student.layer.W.shape == (3,)"),
        ("assert len(student.f()) == 3", "len(student.f()) == 3"),
        ("assert abs(student.f()) < 1", "abs(student.f())"),
        # arithmetic and reductions
        ("x = np.ones(3) @ student.f()", "np.ones(3) @ student.f()"),
        ("x = -student.f()", "-student.f()"),
        ("y = student.f()\ny += 1", "y + 1"),
        ("np.outer(student.f(), np.ones(3))", "np.outer(student.f(), np.ones(3))"),
        ("student.layer.W.std()", "student.layer.W.std()"),
        ("x = sorted(student.f())", "sorted(student.f())"),
        ("x = max(student.f(), 1)", "max(student.f(), 1)"),
        ("np.unique(student.f())", "np.unique(student.f())"),
        ("np.stack([student.f() for _ in range(3)])", "np.stack([student.f() for _ in range(3)])"),
        # sizes, indices, loops, text
        ("x = np.zeros(student.f())", "np.zeros(student.f())"),
        ("x = 'x' * student.f()", "'x' * student.f()"),
        ("for i in range(student.f()): pass", "range(student.f())"),
        ("x = [0] * len(student.f())", "[0] * len(student.f())"),
        ("rng.standard_normal(np.shape(student.f()))", "np.shape(student.f())"),
        ("x = np.ones(3)[student.f()]", "student.f()"),
        ("x = np.ones(3)[: student.f()]", ":student.f()"),
        ("x = np.ones(3)\nx[student.f()] = 1", "student.f()"),
        ("for part in student.f(): pass", "student.f()"),
        ("first, *rest = student.f()", "(first, *rest)"),
        ("x = [*student.f()]", "student.f()"),
        ("fail(f'it is {student.f()}')", "student.f()"),
        ("note(student.f())", "note(student.f())"),
        # expected values
        ("y = student.f()\ncheck_close(student.f(), y, 'y')", "check_close(student.f(), y, 'y')"),
        ("y = student.f()\ncheck_close(y[0], 1.0, '')\nx = 1 + y", "1 + y"),
        # functions
        ("student.descend(lambda x: 2 * x)", "lambda x: 2 * x"),
        ("student.descend(np.cos, 1.0)", "np.cos"),
        ("def f(x): return x\nstudent.descend(function=f)", "f"),
    ],
)
def test_an_unchecked_use_is_found(body: str, expression: str) -> None:
    """Once, with the expression that is to blame."""
    assert found(body) == [expression]


@pytest.mark.parametrize(
    "body",
    [
        "check_close(student.f(), 1.0, 'f')",
        "y = student.f()\ncheck_close(y, np.ones(3), 'y')\nx = y + 1",
        "W = finite(student.layer.W, (3, 2), 'W')\nx = (np.ones(3) @ W).sum()",
        "order = integers(student.order(), (3,), 'the order')\nx = np.ones(3)[order]",
        "a, b = items(student.f(), 2, 'f')\ncheck_close(a, b=1, expected=2)",
        "for a in items(student.f(), 2, 'f'):\n    check_close(a, 1.0, 'a')",
        "paths = [student.f(seed) for seed in range(3)]\nassert distinct(paths, (2,), 'path')",
        "assert len([student.f() for _ in range(3)]) == 3",
        "student.descend(callback(lambda x: 2 * x, (3,)), np.inf, np.float32)",
        "student.descend(callback(np.cos, (3,)), start=np.ones(3))",
        "if student.f() is None or not isinstance(student.f(), dict): fail('')",
        "check_gradient(student.f(), lambda w: 2 * w, np.ones(3), 'gradient')",
        "with student.raises('ValueError'):\n    student.f(student.g())",
        "content = student.read('a.json')\nx = content + b' '",
        # Objects stay in the worker: their operators are applied there.
        "a, b = student.Node(1.0), student.Node(2.0)\ny = 2 * a + b @ np.ones(3)\n(-y).backward()",
        "a = student.put(np.ones(3))\na.fill(0.0)\ncheck_close(student.fetch(a), 0.0, 'a')",
        "nodes = [student.Node(1)]\nnodes.append(nodes[0] * nodes[0])\nnodes[1].sum()",
    ],
)
def test_a_checked_value_may_be_used(body: str) -> None:
    """What a check has looked at, and what never leaves the worker."""
    assert found(body) == []


def test_a_value_is_followed_through_functions_of_the_suite() -> None:
    """Through arguments, results, generators and classes; the place of the use is told."""
    more = """
def double(value):
    return 2 * value
def outputs(layer):
    for _ in range(2):
        yield layer.forward(1.0)
class Model:
    def __init__(self, layer):
        self.weight, self.bias = layer.W, finite(layer.b, (2,), "b")
    def total(self):
        return self.weight + self.bias
"""
    assert found("double(1.0)\ndouble(student.f())", more) == ["2 * value"]
    assert found("double(finite(student.f(), (), 'f'))", more) == []
    assert found("x = [y + 1 for y in outputs(student.Layer())]", more) == ["y + 1"]
    assert found("x = Model(student.Layer()).total()", more) == ["self.weight + self.bias"]
    assert found("model, layer = (student.Layer(), 3), 4\nx = layer + 1") == []
    later = "y = 0.0\ndef double():\n    return 2 * y\ndouble()\ny = student.f()\ndouble()"
    assert found(later) == ["2 * y"]
    assert found("def down(n):\n    return down(n - 1) if n else student.f()\ndown(3) + 1") == [
        "down(3) + 1"
    ]


def test_a_value_is_followed_through_fixtures() -> None:
    """Those of conftest.py as well, and functions that they hand out."""
    conftest = """
@pytest.fixture
def weights(student):
    return student.Layer().W
@pytest.fixture
def check(student):
    def compare(operation):
        return operation(student.Layer(), student.f())
    return compare
"""
    test = "\ndef test_other(weights, check):\n    x = weights + 1\n    check(lambda a, b: b - b)\n"
    test += "    check(lambda a, b: a - b)\n"
    assert found("pass", more=test, conftest=conftest) == ["weights + 1", "b - b"]


def test_a_branch_or_a_round_of_a_loop_that_checks_nothing_is_seen() -> None:
    """A check counts where it has happened for certain."""
    assert found("y = student.f()\nif rng:\n    y = finite(y, (), 'y')\nx = y + 1") == ["y + 1"]
    assert found("y = 0.0\nfor _ in range(3):\n    x = y + 1\n    y = student.f()") == ["y + 1"]
    kept = "y = student.f()\nif y is None:\n    fail('none')\ny = finite(y, (), 'y')\ny + 1"
    assert found(kept) == []


def test_a_mark_excuses_a_line_and_must_say_why() -> None:
    """A mark that is empty, or that nothing needs, is a finding itself."""
    assert found("x = student.f() + 1  # checked: the sum of two numbers") == []
    assert found("x = student.f() + 1  # checked") == ["# checked"]
    assert found("x = 2 + 1  # checked: nothing of the student's is here") == ["# checked"]
    assert found("x = '# checked: in a string'\ny = student.f() + 1") == ["student.f() + 1"]


def test_a_finding_tells_place_expression_and_remedy() -> None:
    (finding,) = lint({"test_a.py": "def test_it(student):\n    x = student.f() + 1\n"})
    assert str(finding) == (
        "test_a.py:2: student.f() + 1: computes with what the student's code returned: take it "
        "through finite() first"
    )


def test_the_lint_knows_the_suite_api() -> None:
    """What it takes for a check is there."""
    assert {"callback", "distinct", "finite", "integers", "items"} < set(suite.__all__)
    assert all(hasattr(fixtures, name) for name in FIXTURES)


@pytest.mark.parametrize("slug", sorted(p.parent.name for p in COURSE.glob("*/assignment.toml")))
def test_the_suites_of_the_course_are_clean(slug: str) -> None:
    """No hidden test computes with a value whose form nobody has checked."""
    assignment = Workspace(folder=COURSE, database="").assignment(slug)
    assert [str(finding) for finding in lint_suite(assignment)] == []
