"""A master becomes a template without solutions and a solution without marks, byte for byte."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.authoring.build import build, normalised, with_named_blanks, without_marks
from autograder.errors import ConfigurationError, SuiteError

ROOT = Path(__file__).parents[2]

MASTER = """\
# %% [raw]
# # ASSIGNMENT CONFIG
# export_cell: false
# generate: true
# tests:
#   files: true
#   ok_format: false

# %% [markdown]
# # Twice

# %% tags=["module"]
import math

# %%
print("a cell that is no part of the module", math.pi)

# %% [raw]
# # BEGIN QUESTION
# name: q1

# %% [markdown]
# Write it.

# %% [raw]
# # BEGIN SOLUTION

# %%
def twice(x):
    \"\"\"x -> 2 x.\"\"\"
    # BEGIN SOLUTION
    return 2 * x
    # END SOLUTION

# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
def test_twice(twice):
    assert twice(3) == 6, "twice 3 is 6"

# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / "assignments" / "s0-twice").mkdir(parents=True)
    (tmp_path / "assignments" / "s0-twice" / "master.py").write_text(MASTER)
    return tmp_path


def built(course: Path, *, check: bool = False) -> list[str]:
    """Build, and give the paths relative to the course."""
    paths = build(
        course / "assignments" / "s0-twice",
        course / "student_templates",
        course / "solutions",
        check=check,
    )
    return [Path(path).relative_to(course).as_posix() for path in paths]


def sources(path: Path) -> str:
    notebook: Any = nbformat.reads(path.read_text(), as_version=4)
    nbformat.validate(notebook)
    return "\n".join(cell.source for cell in notebook.cells)


@pytest.mark.slow
def test_a_master_becomes_a_template_and_a_solution_that_drift_is_seen_in(course: Path) -> None:
    """One story, since each build costs seconds: build, compare, change, compare, build."""
    template, solution = course / "student_templates/s0-twice", course / "solutions/s0-twice"
    made = [
        "solutions/s0-twice/s0-twice.ipynb",
        "solutions/s0-twice/solution.py",
        "solutions/s0-twice/tests/q1.py",
        "student_templates/s0-twice/s0-twice.ipynb",
        "student_templates/s0-twice/tests/q1.py",
    ]
    assert built(course) == made

    blank = sources(template / "s0-twice.ipynb")
    assert "2 * x" not in blank
    assert 'raise NotImplementedError("twice is still blank")' in blank
    assert 'grader.check("q1")' in blank
    assert "twice 3 is 6" in (template / "tests/q1.py").read_text()

    solved = sources(solution / "s0-twice.ipynb")
    assert "2 * x" in solved
    assert "SOLUTION" not in solved
    module = (solution / "solution.py").read_text()
    assert module.endswith(
        'import math\n\n\ndef twice(x):\n    """x -> 2 x."""\n    return 2 * x\n'
    )
    assert "print" not in module

    assert built(course, check=True) == [], "the same master gives the same bytes"
    (solution / "solution.py").write_text("twice = None\n")
    (template / "tests/q1.py").unlink()
    (template / "tests/q2.py").write_text("# a question that is no more\n")
    drifted = [
        "solutions/s0-twice/solution.py",
        "student_templates/s0-twice/tests/q1.py",
        "student_templates/s0-twice/tests/q2.py",
    ]
    assert built(course, check=True) == drifted
    assert (template / "tests/q2.py").exists(), "a check changes nothing"
    assert built(course) == drifted
    assert not (template / "tests/q2.py").exists()
    assert "2 * x" in (solution / "solution.py").read_text()


@pytest.mark.slow
def test_a_solution_that_fails_a_public_test_is_not_built(course: Path) -> None:
    master = course / "assignments/s0-twice/master.py"
    master.write_text(MASTER.replace("2 * x", "3 * x"))
    with pytest.raises(SuiteError, match=r"(?s)master\.py: otter assign failed.*twice 3 is 6"):
        built(course)
    assert not (course / "solutions").exists()


def test_a_master_that_otter_refuses_is_named(course: Path) -> None:
    master = course / "assignments/s0-twice/master.py"
    master.write_text(MASTER.replace("# # END QUESTION", "# # END NOTHING"))
    master.write_text(master.read_text().replace("# # END TESTS", "# # END SOLUTION"))
    with pytest.raises(SuiteError, match=r"master\.py: otter assign failed"):
        built(course, check=True)


def test_a_folder_without_a_master_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"master\.py does not exist"):
        build(tmp_path, tmp_path / "templates", tmp_path / "solutions")


def test_without_the_authoring_extra_the_remedy_is_said(course: Path) -> None:
    """In a Python in which otter cannot be found."""
    program = (
        "import importlib.util as u, sys\n"
        "from pathlib import Path\n"
        "u.find_spec = lambda name, find=u.find_spec: None if name == 'otter' else find(name)\n"
        "from autograder.authoring.build import build\n"
        "from autograder.errors import ConfigurationError\n"
        "try:\n    build(Path(sys.argv[1]), Path('t'), Path('s'))\n"
        "except ConfigurationError as error:\n    print(error)\n"
    )
    folder = str(course / "assignments/s0-twice")
    done = subprocess.run(
        [sys.executable, "-c", program, folder], capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout == "building needs otter: pip install 'autograder[authoring]'\n"


def test_blanks_are_named_by_function_and_method() -> None:
    cell = (
        "class A:\n    def f(self):\n        '''Doc.'''\n        ...\n\ndef g():\n    ...\nx = ..."
    )
    assert with_named_blanks(cell) == (
        "class A:\n    def f(self):\n        '''Doc.'''\n"
        '        raise NotImplementedError("A.f is still blank")  # replace this line\n\n'
        'def g():\n    raise NotImplementedError("g is still blank")  # replace this line\nx = ...'
    )


def test_marks_of_otter_vanish_from_the_solution_and_nothing_else_does() -> None:
    cell = (
        "def f():\n    # BEGIN SOLUTION NO PROMPT\n    x = 1  # SOLUTION\n\n    # END SOLUTION\n"
        '    """ # BEGIN PROMPT\n    x = ...\n    """ # END PROMPT\n    return x  # the SOLUTION is'
    )
    assert without_marks(cell) == "def f():\n    x = 1\n\n    return x  # the SOLUTION is"


def test_equal_cells_get_different_ids_that_depend_on_the_text_alone() -> None:
    cells = [nbformat.v4.new_code_cell(text) for text in ("a", "b", "a")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    first = json.loads(normalised(notebook))
    ids = [cell["id"] for cell in first["cells"]]
    assert len(set(ids)) == 3
    notebook.cells.reverse()
    assert {cell["id"] for cell in json.loads(normalised(notebook))["cells"]} == set(ids)
