"""Runs a notebook and its public tests as Jupyter would, in a process of the user's own.

Nothing is graded here and nothing is kept apart: it is the student's code on the student's machine,
or the author's on the author's.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from msgspec import Struct

from autograder.errors import ConfigurationError
from autograder.submissions.notebook import code_cells
from autograder.submissions.rejection import Refused

SECONDS = 600.0
"""For the whole notebook with its tests."""


class Check(Struct, frozen=True, kw_only=True):
    """One public test of a question."""

    question: str
    name: str
    """What holds when it passes, in words."""
    message: str = ""
    """Why it does not pass; empty if it does."""

    @property
    def passed(self) -> bool:
        """Nothing is wrong."""
        return not self.message


class BrokenCell(Struct, frozen=True, kw_only=True):
    """A cell that raised; the ones behind it ran all the same."""

    number: int
    """Counted from 1 among the code cells."""
    message: str


class Practice(Struct, frozen=True, kw_only=True):
    """What came of a notebook and its public tests."""

    checks: tuple[Check, ...]
    cells: tuple[BrokenCell, ...]
    seconds: float
    """Wall time of the cells alone."""

    @property
    def passed(self) -> bool:
        """All checks passed."""
        return all(check.passed for check in self.checks)


def practise(path: Path, tests: Path | None = None, seconds: float = SECONDS) -> Practice:
    """Run all code cells of a notebook, then the public tests beside it (`tests/q1.py` …).

    Raises ConfigurationError where there is no notebook, no test, or no end within the time.
    """
    folder = tests or path.parent / "tests"
    files = sorted(folder.glob("*.py"), key=_in_order)
    if path.suffix != ".ipynb" or not path.is_file():
        raise ConfigurationError(f"{path} is not a notebook (.ipynb); name the one you work in")
    if not files:
        raise ConfigurationError(
            f"{folder} holds no public tests: keep the folder `tests` of the template beside the "
            "notebook, or name it with --tests"
        )
    try:
        cells = code_cells(path.name, path.read_bytes())
    except Refused as refused:
        raise ConfigurationError(f"{path}: {refused}") from refused
    with TemporaryDirectory(prefix="autograder-check-") as name:
        work = {"cells": cells, "tests": {file.stem: file.read_text() for file in files}}
        (Path(name) / "work.json").write_text(json.dumps(work))
        command = [sys.executable, "-m", "autograder.authoring.publicrun", name]
        # One thread, as in the sandbox: several on busy cores are many times slower.
        fixed = {"MPLBACKEND": "agg", "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1"}
        try:
            done = subprocess.run(
                command,
                cwd=path.parent,
                env=os.environ | fixed,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
            )
        except subprocess.TimeoutExpired as cause:
            raise ConfigurationError(
                f"{path} did not end within {seconds:g} s: is there a loop that does not end?"
            ) from cause
        result = Path(name) / "practice.json"
        if not result.is_file():
            said = "\n".join(done.stderr.strip().splitlines()[-5:])
            raise ConfigurationError(f"{path} ended its own process ({done.returncode}):\n{said}")
        return msgspec.json.decode(result.read_bytes(), type=Practice)


def by_question(practice: Practice) -> Iterator[tuple[str, list[Check]]]:
    """The checks of each question, in order."""
    for question in dict.fromkeys(check.question for check in practice.checks):
        yield question, [check for check in practice.checks if check.question == question]


def _in_order(path: Path) -> tuple[int, str]:
    """q2 before q10."""
    number = "".join(filter(str.isdigit, path.stem))
    return int(number or 0), path.stem
