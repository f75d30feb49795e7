"""Public tests tell a student what is wrong, cell by cell and check by check."""

import json
from pathlib import Path

import pytest

from autograder.authoring.public import by_question, practise
from autograder.errors import ConfigurationError

TESTS = """
from otter.test_files import test_case
OK_FORMAT = False
name = "{name}"
points = None

@test_case(points=None, hidden=False)
def test_twice_{name}(twice, np):
    assert twice(np.ones(2)).tolist() == [2.0, 2.0], "twice 1 is 2"
"""


def notebook(folder: Path, *cells: str, questions: tuple[str, ...] = ("q1",)) -> Path:
    """A notebook with these code cells and a public test for each question."""
    start = "import otter\ngrader = otter.Notebook('n.ipynb')"
    document = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {"cell_type": "code", "source": cell, "metadata": {}, "outputs": []}
            for cell in (start, "import numpy as np", *cells, "grader.check('q1')")
        ],
    }
    (folder / "tests").mkdir(exist_ok=True)
    for name in questions:
        (folder / "tests" / f"{name}.py").write_text(TESTS.format(name=name))
    path = folder / "n.ipynb"
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("def twice(x): return 2 * x", ""),
        ("def twice(x): return x", "twice 1 is 2"),
        ("def twice(x): raise NotImplementedError('twice is still blank')", "twice is still blank"),
        ("def twice(x):\n    return x / y", "NameError: name 'y' is not defined (cell 3, line 2,"),
        ("def thrice(x): return 3 * x", "the notebook defines no twice"),
        ("%matplotlib inline\n!ls\ndef twice(x): return 2 * x", ""),
        ("def twice(x):\n    import sys\n    sys.exit()", "SystemExit"),
    ],
)
def test_a_check_says_what_is_wrong_and_where(tmp_path: Path, cell: str, message: str) -> None:
    practice = practise(notebook(tmp_path, cell))
    (check,) = practice.checks
    assert (check.question, check.name) == ("q1", "twice q1")
    assert check.passed is (message == "")
    assert message in check.message


def test_a_broken_cell_is_reported_and_the_others_run(tmp_path: Path) -> None:
    cells = ("1 / 0", "def twice(x): return 2 * x", "def broken(:")
    practice = practise(notebook(tmp_path, *cells))
    assert practice.passed
    assert [cell.number for cell in practice.cells] == [3, 5]
    assert "ZeroDivisionError" in practice.cells[0].message


def test_questions_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    path = notebook(tmp_path, "def twice(x): return 2 * x", questions=("q10", "q2", "q1"))
    assert [name for name, _ in by_question(practise(path))] == ["q1", "q2", "q10"]


def test_what_cannot_be_checked_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = notebook(tmp_path, "def twice(x): return 2 * x")
    with pytest.raises(ConfigurationError, match="not a notebook"):
        practise(tmp_path / "n.py")
    with pytest.raises(ConfigurationError, match="holds no public tests"):
        practise(path, tmp_path / "elsewhere")
    with pytest.raises(ConfigurationError, match="ended its own process"):
        practise(notebook(tmp_path, "import os\nos._exit(3)"))
    with pytest.raises(ConfigurationError, match="did not end within 2 s"):
        practise(notebook(tmp_path, "while True: pass"), seconds=2)
    path.write_text("{")
    with pytest.raises(ConfigurationError, match="JSON"):
        practise(path)
