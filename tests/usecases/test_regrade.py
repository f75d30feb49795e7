"""Grading the same submissions again gives bit by bit the same, or says what is different."""

from pathlib import Path

import pytest

from autograder.batch.local import LocalEngine
from autograder.core.reproduction import NOTHING_CHANGED, result_digest
from autograder.core.results import Outcome, SubmissionResult
from autograder.sandbox.base import Launcher
from autograder.sandbox.local import LocalLauncher
from autograder.usecases import grade
from autograder.usecases.workspace import Workspace

LAYER = """
import numpy as np
class Linear:
    def __init__(self, W): self.W = W
    def forward(self, x): {forward}
    def backward(self, grad_output): {backward}
"""
RIGHT = {"forward": "return x @ self.W", "backward": "return grad_output @ self.W.T"}
TALK = """
        import os, stat
        for fd in range(3, 64):
            try:
                if stat.S_ISSOCK(os.fstat(fd).st_mode):
                    os.write(fd, bytes(99))
            except OSError:
                pass"""
ENDS: dict[str, tuple[Outcome, dict[str, str]]] = {
    "right": (Outcome.PASSED, RIGHT),
    "wrong": (Outcome.FAILED, RIGHT | {"backward": "return 2.0 * grad_output @ self.W.T"}),
    "noisy": (Outcome.FAILED, RIGHT | {"forward": "return np.random.randn(len(x), 3)"}),
    "loud": (Outcome.ERROR, RIGHT | {"forward": "raise ValueError(f'{object()} is no layer')"}),
    "stuck": (Outcome.TIMEOUT, RIGHT | {"backward": "\n        while True: pass"}),
    "greedy": (Outcome.OUT_OF_MEMORY, RIGHT | {"forward": "return np.ones(10**14)"}),
    "gone": (Outcome.CRASHED, RIGHT | {"forward": "import os; os._exit(3)"}),
    "forger": (
        Outcome.PROTOCOL_VIOLATION,
        RIGHT | {"forward": TALK},
    ),
}


@pytest.fixture
def one_of_each(tmp_path: Path) -> Path:
    """A submission for each way to end, and one that is refused."""
    folder = tmp_path / "each"
    folder.mkdir()
    for name, (_, methods) in ENDS.items():
        (folder / f"{name}.py").write_text(LAYER.format(**methods))
    (folder / "refused.py").write_text("x = 1\n")
    return folder


def graded(
    workspace: Workspace, folder: Path, launcher: Launcher, fresh: bool = False
) -> tuple[grade.Batch, dict[str, SubmissionResult]]:
    """What was to do, and the results by student."""
    with grade.grading(workspace, "linear", [folder], LocalEngine(launcher, 2), fresh) as (
        batch,
        results,
    ):
        return batch, {result.student: result for result in results}


@pytest.mark.parametrize("kind", ["local", pytest.param("docker", marks=pytest.mark.docker)])
def test_equal_work_gets_the_identical_result_however_it_ends(
    workspace: Workspace, one_of_each: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    """Scores and messages, in another process, sandbox and hour."""
    local = kind == "local"
    launcher = LocalLauncher() if local else request.getfixturevalue("docker_launcher")
    _, first = graded(workspace, one_of_each, launcher)
    outcomes = {name: first[name].outcome for name in ENDS}
    assert outcomes == {name: outcome for name, (outcome, _) in ENDS.items()}
    batch, again = graded(workspace, one_of_each, launcher, fresh=True)
    assert first["refused"].rejection
    assert {name: result_digest(result) for name, result in again.items()} == {
        name: result_digest(result) for name, result in first.items()
    }
    assert set(map(batch.change, again.values())) == {""}


def test_a_result_says_what_it_was_computed_with(workspace: Workspace, one_of_each: Path) -> None:
    _, results = graded(workspace, one_of_each / "right.py", LocalLauncher())
    named = dict(results["right"].provenance.environment)
    assert {"processor", "Python", "numpy", "examiner's numpy", "MNIST"} <= named.keys()
    assert all(named.values())


def test_another_suite_is_named_as_the_reason(workspace: Workspace, submissions: Path) -> None:
    """Only for those whose result it changes."""
    graded(workspace, submissions, LocalLauncher())
    suite = workspace.folder / "linear" / "hidden" / "test_linear.py"
    suite.write_text(suite.read_text().replace("points(40)", "points(30)"))
    batch, again = graded(workspace, submissions, LocalLauncher(), fresh=True)
    changes = {name: batch.change(result) for name, result in again.items()}
    assert changes["ada"].startswith("suite ") and "," not in changes["ada"]
    assert changes["cy"] == "", "refused as before"


def test_a_submission_that_draws_lots_is_told_from_a_changed_suite(
    workspace: Workspace, tmp_path: Path
) -> None:
    methods = RIGHT | {"forward": "return np.full((5, 3), np.random.default_rng().random())"}
    (tmp_path / "kim.py").write_text(LAYER.format(**methods))
    graded(workspace, tmp_path / "kim.py", LocalLauncher())
    batch, again = graded(workspace, tmp_path / "kim.py", LocalLauncher(), fresh=True)
    assert batch.change(again["kim"]) == NOTHING_CHANGED
