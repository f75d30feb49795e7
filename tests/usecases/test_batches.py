"""Another terminal sees how far a batch is, and which one was killed."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from autograder.batch.local import LocalEngine
from autograder.sandbox.local import LocalLauncher
from autograder.sandbox.owner import owner_of
from autograder.usecases import grade
from autograder.usecases.batches import RunningBatch, running, told
from autograder.usecases.workspace import Workspace


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def batch(**fields: object) -> RunningBatch:
    """A batch of ten, of a process of mine."""
    known = {"assignment": "linear", "database": "sqlite:///l", "isolation": "local"}
    return msgspec.convert(known | {"parallel": 2, "total": 10} | fields, RunningBatch)


def owner_of_a_dead_process() -> str:
    """What a process was called that has ended."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        return owner_of(process.pid)


def test_a_batch_is_seen_while_it_runs_and_not_afterwards(
    workspace: Workspace, submissions: Path
) -> None:
    """Each result is counted by its outcome."""
    with grade.grading(workspace, "linear", [submissions], LocalEngine(LocalLauncher(), 1)) as (
        _,
        results,
    ):
        list(results)
        (seen,) = running()
        assert (seen.assignment, seen.done, seen.total) == ("linear", 4, 4)
        assert seen.outcomes == {"passed": 1, "failed": 1, "rejected": 2}
        assert not seen.killed
    assert running() == []


def test_a_killed_batch_is_told_until_the_same_command_runs_again() -> None:
    """Another assignment, or another ledger, does not take its place."""
    batch(owner=owner_of_a_dead_process()).write()
    (dead,) = running()
    assert dead.killed
    with told(batch(assignment="conv")):
        assert [seen.assignment for seen in running()] == ["linear", "conv"]
    with told(batch()):
        (seen,) = running()
        assert not seen.killed
    assert running() == []


def test_a_batch_goes_on_where_nobody_can_be_told(tmp_path: Path) -> None:
    """The state folder cannot be made: that is no reason to lose a result."""
    (tmp_path / "state").write_text("a file in its place")
    with told(batch()) as mine:
        mine.write()
        assert running() == []


def test_a_file_of_another_version_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "autograder" / "batches"
    folder.mkdir(parents=True)
    (folder / "other.json").write_text('{"version": 7}')
    assert running() == []


def test_the_password_of_a_ledger_is_not_told(workspace: Workspace) -> None:
    place = Workspace(folder=workspace.folder, database="postgresql+psycopg://kim:secret@db/grades")
    assert place.ledger_name() == "postgresql+psycopg://kim:***@db/grades"


def test_an_owner_is_told_from_a_later_process_of_its_number() -> None:
    mine = owner_of(os.getpid())
    assert mine == owner_of(os.getpid())
    assert owner_of_a_dead_process() != owner_of(os.getpid())
