"""Folders are layers: the contracts of pyproject.toml hold."""

import subprocess
import sys
from pathlib import Path

import autograder


def test_imports_point_down_and_siblings_never_import_each_other() -> None:
    """As `make check` proves it, so that CI does too; apart, as the linter silences our logs."""
    root = Path(autograder.__file__).parent.parent
    linter = "import sys; from importlinter import cli; sys.exit(cli.lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", linter], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
