"""Blind mutants are valid Python, differ from the solution in one place, and are repeatable."""

import ast
from pathlib import Path

import pytest

import autograder
from autograder.authoring.blind import blind_mutants, read_equivalents
from autograder.errors import ConfigurationError

ROOT = Path(autograder.__file__).parent.parent
SOURCE = '''
"""A module."""
SIZE = 3


def f(x, flag=True):
    """A docstring with 1 + 1."""
    y = x.copy()
    if flag:
        y += 2 * x
    return -y if y.sum() > 0 else y.mean(axis=0)
'''


def changes(source: str) -> set[tuple[str, str]]:
    return {(mutant.old, mutant.new) for mutant in blind_mutants(source, 10_000)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("y = x.copy()", "y = x"),
        ("y = x.copy()", "pass"),
        ("if flag:", "if not (flag):"),
        ("y += 2 * x", "y -= 2 * x"),
        ("y += 2 * x", "y += (2 / x)"),
        ("y += 2 * x", "y += 3 * x"),
        ("y += 2 * x", "pass"),
        ("return -y if y.sum() > 0 else y.mean(axis=0)", "return None"),
        (
            "return -y if y.sum() > 0 else y.mean(axis=0)",
            "return -y if (y.sum() >= 0) else y.mean(axis=0)",
        ),
        (
            "return -y if y.sum() > 0 else y.mean(axis=0)",
            "return -y if y.sum() > 0 else y.mean()",
        ),
        ("def f(x, flag=True):", "def f(x, flag=False):"),
    ],
)
def test_operators_constants_conditions_and_statements_are_changed(old: str, new: str) -> None:
    assert (old, new) in changes(SOURCE)


def test_docstrings_and_what_stands_outside_of_definitions_stay() -> None:
    assert not {old for old, _ in changes(SOURCE)} & {"SIZE = 3", '"""A module."""'}
    assert not [old for old, _ in changes(SOURCE) if "docstring" in old]


def test_every_mutant_of_a_solution_parses_and_differs_from_all_others() -> None:
    source = (ROOT / "solutions" / "p1-layers" / "solution.py").read_text()
    mutants = blind_mutants(source, 10_000)
    assert len(mutants) > 150
    dumps = {ast.dump(ast.parse(mutant.text)) for mutant in mutants}
    assert len(dumps) == len(mutants)
    assert ast.dump(ast.parse(source)) not in dumps


def test_the_same_seed_chooses_the_same_mutants() -> None:
    few = blind_mutants(SOURCE, 5, seed=1)
    assert few == blind_mutants(SOURCE, 5, seed=1)
    assert len(few) == 5
    assert [mutant.line for mutant in few] == sorted(mutant.line for mutant in few)


def test_a_file_of_equivalents_is_read_strictly(tmp_path: Path) -> None:
    path = tmp_path / "equivalent.toml"
    assert read_equivalents(path) == ()
    path.write_text('[[equivalent]]\nold = "a"\nnew = "b"\nwhy = "c"\n')
    assert [e.why for e in read_equivalents(path)] == ["c"]
    path.write_text('[[equivalent]]\nold = "a"\nnew = "b"\n')
    with pytest.raises(ConfigurationError, match="why"):
        read_equivalents(path)
