"""The doctor looks at the course's files too, and names the remedy."""

import pytest

from autograder.suite.files import DATA_FOLDER
from autograder.usecases.doctor import examine
from autograder.usecases.workspace import Workspace


def test_a_component_that_two_files_disagree_on_is_named(workspace: Workspace) -> None:
    """Marks are counted by course.toml; who reads assignment.toml would believe otherwise."""
    check = next(check for check in examine(workspace) if check.name == "linear")
    assert check.ok, check.remedy
    path = workspace.folder / "linear" / "assignment.toml"
    path.write_text(path.read_text().replace('component = "practicals"', 'component = "seminars"'))
    check = next(check for check in examine(workspace) if check.name == "linear")
    assert check.ok is False
    assert "practicals" in check.remedy and "seminars" in check.remedy


def test_mnist_is_reported_but_not_required(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Suites fall back on scikit-learn's digits."""
    monkeypatch.delenv(DATA_FOLDER, raising=False)
    check = next(check for check in examine(workspace) if check.name == "MNIST")
    assert check.ok is None
