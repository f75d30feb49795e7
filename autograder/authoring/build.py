"""Turns an assignment's master notebook into the students' template and the solution.

    assignments/<slug>/master.py        jupytext percent format with otter assign directives
        │  otter assign
        ├─► student_templates/<slug>/   <slug>.ipynb with blanks, tests/q1.py … (public tests)
        └─► solutions/<slug>/           <slug>.ipynb, tests/, solution.py (its definitions)

What lies in assignments/<slug>/template/ and …/solution/ is copied into the one and the other: an
assignment that hands in more than a notebook has its files there, and no solution.py is made.
Both folders are made from these sources alone; the same sources always give the same bytes.
"""

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from autograder.errors import ConfigurationError, SuiteError

MODULE_TAG = "module"
"""Marks the master's cells that belong into `solution.py` besides the solution cells."""

OTTER_ANSWER_TAG = "otter_answer_cell"
OTTER_SOLUTION_TAG = "otter_assign_solution_cell"
OTTER_SECONDS = 600
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}

_SOLUTION_MARK = re.compile(r"[ \t]*# ?(?:(?:BEGIN|END) )?SOLUTION(?: NO PROMPT)?[ \t]*$")
_PROMPT = re.compile(r'(?ms)^[ \t]*""" # BEGIN PROMPT$.*?""";? # END PROMPT\n?')


def build(
    assignment_folder: Path, templates_dir: Path, solutions_dir: Path, check: bool = False
) -> list[str]:
    """Bring the template and the solution up to date; return the paths that were not.

    With `check` nothing is written, and the public tests are not run on the solution; nor are they
    where it has files of its own, which otter does not know: `autograder check` runs them.
    Raises ConfigurationError when the `authoring` extra or the master is missing, SuiteError when
    otter assign refuses the master or the solution fails a public test.
    """
    template, solution = _make(
        assignment_folder, run_tests=not (check or (assignment_folder / "solution").is_dir())
    )
    homes = (templates_dir / assignment_folder.name, solutions_dir / assignment_folder.name)
    wanted = {
        home / name: content
        for home, files in zip(homes, (template, solution), strict=True)
        for name, content in files.items()
    }
    stale = {path for home in homes for path in home.glob("tests/*.py")} - wanted.keys()
    drifted = {path for path in wanted if not path.is_file() or path.read_bytes() != wanted[path]}
    if not check:
        for path in stale:
            path.unlink()
        for path in drifted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(wanted[path])
    return sorted(map(str, drifted | stale))


def _make(assignment_folder: Path, *, run_tests: bool) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The files of the template and those of the solution, by their path inside their folder."""
    missing = [name for name in ("otter", "jupytext", "ipykernel") if find_spec(name) is None]
    if missing:
        raise ConfigurationError(
            f"building needs {', '.join(missing)}: pip install 'autograder[authoring]'"
        )
    master = assignment_folder / "master.py"
    if not master.is_file():
        raise ConfigurationError(f"{master} does not exist: an assignment is built from it")
    import jupytext

    slug = assignment_folder.name
    notebook = f"{slug}.ipynb"
    with TemporaryDirectory(prefix="autograder-build-") as name:
        workplace = Path(name)
        source = jupytext.read(master, fmt="py:percent")
        source.metadata["kernelspec"] = KERNEL
        jupytext.write(source, workplace / notebook)
        _otter_assign(workplace, notebook, master, run_tests=run_tests)
        student, grader = workplace / "out" / "student", workplace / "out" / "autograder"
        blank, solved = jupytext.read(student / notebook), jupytext.read(grader / notebook)
        template, solution = _other_files(student), _other_files(grader)
    for cell in blank.cells:
        if OTTER_ANSWER_TAG in _tags(cell):
            cell.source = with_named_blanks(cell.source)
    for cell in solved.cells:
        cell.source = without_marks(cell.source)
    template[notebook] = normalised(blank)
    solution[notebook] = normalised(solved)
    template |= _files_of(assignment_folder / "template")
    given = _files_of(assignment_folder / "solution")
    solution |= given or {"solution.py": _module(solved, slug)}
    return template, solution


def _otter_assign(workplace: Path, notebook: str, master: Path, *, run_tests: bool) -> None:
    """Run `otter assign` on a notebook in the workplace, into workplace/out.

    It runs as a process of its own: otter changes the working directory and global state. The
    kernel and every folder that Jupyter, IPython and matplotlib write to lie in the workplace.
    """
    kernel = workplace / "jupyter" / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.write_text(json.dumps(KERNEL | {"argv": launch}))
    jupyter = [f"JUPYTER_{name}" for name in ("PATH", "DATA_DIR", "CONFIG_DIR", "RUNTIME_DIR")]
    private = dict.fromkeys([*jupyter, "IPYTHONDIR", "MPLCONFIGDIR"], str(workplace / "jupyter"))
    command = [sys.executable, "-m", "otter", "assign", notebook, "out", "--no-pdfs"]
    try:
        done = subprocess.run(
            command if run_tests else [*command, "--no-run-tests"],
            cwd=workplace,
            env=os.environ | private | {"OMP_NUM_THREADS": "1"},  # as in the sandbox
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=OTTER_SECONDS,
        )
    except subprocess.TimeoutExpired as cause:
        raise SuiteError(
            f"{master}: otter assign did not end within {OTTER_SECONDS} s; does a cell hang?"
        ) from cause
    if done.returncode != 0:
        said = "\n".join(done.stderr.strip().splitlines()[-15:])
        raise SuiteError(f"{master}: otter assign failed (exit status {done.returncode}):\n{said}")


def _other_files(folder: Path) -> dict[str, bytes]:
    """What otter made besides the notebook and its zip for another grader."""
    files = {}
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix not in (".ipynb", ".zip"):
            content = path.read_bytes()
            test = path.parent.name == "tests"
            files[path.relative_to(folder).as_posix()] = (
                content.rstrip() + b"\n" if test else content
            )
    return files


def _files_of(folder: Path) -> dict[str, bytes]:
    paths = [path for path in sorted(folder.rglob("[!_.]*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _module(notebook: Any, slug: str) -> bytes:
    """The solution cells and the cells tagged `module`, as one Python module."""
    title = f'"""The definitions of the solution of {slug}, made by `autograder build`."""\n\n'
    kept = (
        cell.source.strip()
        for cell in notebook.cells
        if cell.cell_type == "code" and {OTTER_SOLUTION_TAG, MODULE_TAG} & _tags(cell)
    )
    return (title + "\n\n\n".join(kept) + "\n").encode()


def _tags(cell: Any) -> set[str]:
    return set(cell.metadata.get("tags", []))


def without_marks(source: str) -> str:
    """A cell of the solution without otter's solution and prompt marks."""
    lines = _PROMPT.sub("", source).split("\n")
    kept = (_SOLUTION_MARK.sub("", line) for line in lines)
    return "\n".join(new for new, old in zip(kept, lines, strict=True) if new.strip() or not old)


def with_named_blanks(source: str) -> str:
    """A cell of the template in which each function that ends in `...` raises, with its name.

    A blank that returned None would surface later, somewhere else, as another error.
    """
    lines = source.split("\n")
    for name, function in _functions(ast.parse(source), ""):
        last = function.body[-1]
        if (
            isinstance(last, ast.Expr)
            and isinstance(last.value, ast.Constant)
            and last.value.value is Ellipsis
        ):
            lines[last.lineno - 1] = (
                " " * last.col_offset
                + f'raise NotImplementedError("{name} is still blank")  # replace this line'
            )
    return "\n".join(lines)


def _functions(node: ast.AST, prefix: str) -> list[tuple[str, ast.FunctionDef]]:
    """All functions under a node with their dotted names."""
    found = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            found.append((prefix + child.name, child))
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            found += _functions(child, f"{prefix}{child.name}.")
    return found


def normalised(notebook: Any) -> bytes:
    """A notebook as bytes that depend on its cells alone: no outputs, random ids or versions."""
    cells: list[dict[str, Any]] = []
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[digest] += 1
        kept = {
            "cell_type": cell.cell_type,
            "id": digest if seen[digest] == 1 else f"{digest}-{seen[digest]}",
            "metadata": {k: v for k, v in cell.metadata.items() if k != "lines_to_next_cell"},
            "source": cell.source.splitlines(keepends=True),
        }
        if cell.cell_type == "code":
            kept |= {"outputs": [], "execution_count": None}
        cells.append(kept)
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    if "otter" in notebook.metadata:
        metadata["otter"] = notebook.metadata["otter"]
    made = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
