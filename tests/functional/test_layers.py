"""Folders are layers: the contracts of pyproject.toml hold."""

from pathlib import Path

from importlinter import cli

import autograder


def test_imports_point_down_and_siblings_never_import_each_other() -> None:
    """As `make check` proves it; here, so that CI does too."""
    root = Path(autograder.__file__).parent.parent
    assert cli.lint_imports(config_filename=str(root / "pyproject.toml"), no_cache=True) == 0
