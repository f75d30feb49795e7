"""Grading a folder into the ledger."""

import sqlite3
import threading
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from autograder.batch.engine import Engine, Jobs, Place
from autograder.batch.grading import ungraded
from autograder.batch.local import LocalEngine
from autograder.core.assignment import Assignment
from autograder.core.results import Outcome, SubmissionResult
from autograder.errors import ConfigurationError, LedgerGone
from autograder.sandbox.local import LocalLauncher
from autograder.usecases import grade
from autograder.usecases.ledger import gradebook, student_record
from autograder.usecases.workspace import Workspace, suite_digest


def graded(workspace: Workspace, folder: Path, fresh: bool = False) -> dict[str, SubmissionResult]:
    """Results by student of one `grade` command."""
    with grade.grading(workspace, "linear", [folder], LocalEngine(LocalLauncher(), 2), fresh) as (
        _,
        results,
    ):
        return {result.student: result for result in results}


def test_every_submission_gets_its_result_and_the_broken_ones_are_refused(
    workspace: Workspace, submissions: Path
) -> None:
    """Right, wrong, nothing of what was asked, not even a notebook."""
    results = graded(workspace, submissions)
    assert {name: (r.outcome, r.earned) for name, r in results.items()} == {
        "ada": (Outcome.PASSED, 100),
        "bo": (Outcome.FAILED, 60),
        "cy": (Outcome.REJECTED, 0),
        "di": (Outcome.REJECTED, 0),
    }
    (wrong,) = (test for test in results["bo"].tests if test.outcome is not Outcome.PASSED)
    assert "sign" in wrong.message
    assert wrong.hint == "Which way round?"
    assert "defines none of what this assignment asks for (Linear)" in results["cy"].rejection


def test_a_second_run_grades_only_what_is_new(workspace: Workspace, submissions: Path) -> None:
    """The ledger resumes a batch; an equal file is not graded twice."""
    graded(workspace, submissions)
    assert graded(workspace, submissions) == {}
    (submissions / "ada.py").write_text((submissions / "bo.py").read_text())
    assert list(graded(workspace, submissions)) == ["ada"]
    attempts = student_record(workspace, "ada").assignments["linear"].attempts
    assert [attempt.number for attempt in attempts] == [1, 2]


class Reader(Engine):
    """Looks at each submission, and grades none."""

    parallel = 1
    place = Place(isolation="none", image_digest="", device="cpu")

    def warm_up(self, assignment: Assignment) -> None:
        """Nothing to start."""

    def run(self, jobs: Jobs) -> Iterator[SubmissionResult]:
        for job in jobs:
            assert len(job.submission.files[0].content) == 2**22
            yield ungraded(job, "none", "not asked to")
            del job

    def close(self) -> None:
        """Nothing to stop."""


def test_a_batch_of_large_submissions_has_few_of_them_in_memory(
    workspace: Workspace, tmp_path: Path
) -> None:
    """Small archives inflate to three times as much as may be taken here."""
    folder = tmp_path / "large"
    folder.mkdir()
    for n in range(30):
        with zipfile.ZipFile(folder / f"s{n}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("data.bin", bytes(2**22))
            archive.writestr("linear.py", f"x = {n}")
    with workspace.open():
        pass  # what the database needs once is not counted
    tracemalloc.start()
    try:
        with grade.grading(workspace, "linear", [folder], Reader()) as (batch, results):
            assert sum(1 for _ in results) == batch.total == 30
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * 2**22, f"{peak / 2**20:.0f} MB"


def test_what_changes_while_a_batch_runs_is_taken_as_it_is_then(
    workspace: Workspace, submissions: Path
) -> None:
    """Whole, under its own digest; what is gone is said, and leaves no attempt behind."""
    engine = LocalEngine(LocalLauncher(), 1)
    with grade.grading(workspace, "linear", [submissions], engine) as (batch, coming):
        (submissions / "ada.py").write_text((submissions / "bo.py").read_text() + "# ada's")
        (submissions / "bo.py").write_bytes(b"\xff")
        (submissions / "cy.py").unlink()
        results = {result.student: result for result in coming}
    assert {name: (r.outcome, r.earned) for name, r in results.items()} == {
        "ada": (Outcome.FAILED, 60),
        "bo": (Outcome.REJECTED, 0),
        "di": (Outcome.REJECTED, 0),
    }
    (unread,) = batch.unread
    assert "“cy.py”: No such file" in unread
    assert set(gradebook(workspace).students) == {"ada", "bo", "di"}
    assert graded(workspace, submissions) == {}, "each is known by what was graded of it"


def test_a_ledger_that_is_taken_away_ends_the_batch(
    workspace: Workspace, submissions: Path
) -> None:
    """At once: no result is reported that nobody will find."""
    path = Path(workspace.database.removeprefix("sqlite:///"))
    engine = LocalEngine(LocalLauncher(), 1)
    with grade.grading(workspace, "linear", [submissions], engine) as (_, results):
        next(results)
        path.rename(path.with_name("away"))
        with pytest.raises(LedgerGone, match="was removed while this command ran"):
            next(results)
    path.with_name("away").rename(path)
    assert len(gradebook(workspace).students) == 1
    assert len(graded(workspace, submissions)) == 3


def test_an_interrupted_run_keeps_what_was_graded(workspace: Workspace, submissions: Path) -> None:
    """Each result is in the ledger before it is shown; the rest comes with the next run."""
    with grade.grading(workspace, "linear", [submissions], LocalEngine(LocalLauncher(), 1)) as (
        _,
        results,
    ):
        seen = {next(results).student for _ in range(3)}
    assert set(gradebook(workspace).students) == seen
    assert set(graded(workspace, submissions)) == {"ada", "bo", "cy", "di"} - seen


def test_a_ledger_that_is_locked_for_a_while_is_waited_for(
    workspace: Workspace, submissions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than the database itself waits."""
    monkeypatch.setattr("autograder.store.engine.BUSY_SECONDS", 0.05)
    with grade.grading(workspace, "linear", [submissions], LocalEngine(LocalLauncher(), 1)) as (
        _,
        results,
    ):
        seen = [next(results).student]
        other = sqlite3.connect(
            workspace.database.removeprefix("sqlite:///"),
            isolation_level=None,
            check_same_thread=False,
        )
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.7, other.rollback).start()
        seen += [result.student for result in results]
    other.close()
    assert set(gradebook(workspace).students) == set(seen) == {"ada", "bo", "cy", "di"}


def test_a_ledger_whose_disk_is_full_for_a_while_is_waited_for(
    workspace: Workspace, submissions: Path, disk: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """There is room again once the wait for it was logged."""

    def is_waited_for() -> bool:
        return any("disk is full" in getattr(r, "fault", "") for r in caplog.records)

    def free_when_waited_for() -> None:
        while not is_waited_for() and not ended.wait(0.05):
            pass
        disk.free()

    ended = threading.Event()
    there = msgspec.structs.replace(workspace, database=f"sqlite:///{disk.folder}/ledger.sqlite3")
    with grade.grading(there, "linear", [submissions], LocalEngine(LocalLauncher(), 1)) as (
        _,
        results,
    ):
        seen = [next(results).student]
        disk.fill()
        freeing = threading.Thread(target=free_when_waited_for)
        freeing.start()
        try:
            seen += [result.student for result in results]
        finally:
            ended.set()
            freeing.join()
    assert is_waited_for()
    assert set(gradebook(there).students) == set(seen) == {"ada", "bo", "cy", "di"}


def test_grading_afresh_replaces_results_and_gives_the_same_ones(
    workspace: Workspace, submissions: Path
) -> None:
    """Equal submission, suite and secret: equal scores and messages."""
    first = graded(workspace, submissions)
    again = graded(workspace, submissions, fresh=True)
    assert set(again) == set(first)
    for student, result in again.items():
        told = [(t.name, t.outcome, t.message) for t in result.tests]
        assert told == [(t.name, t.outcome, t.message) for t in first[student].tests]
    assert len(student_record(workspace, "ada").assignments["linear"].attempts) == 1


def test_a_broken_suite_leaves_everybody_ungraded_and_costs_nobody_a_point(
    workspace: Workspace, submissions: Path
) -> None:
    """Our fault: the marks stay pending, and the next run grades them."""
    suite = workspace.folder / "linear" / "hidden" / "test_linear.py"
    text = suite.read_text()
    suite.write_text("import nothing_of_this_name\n" + text)
    results = graded(workspace, submissions)
    assert results["ada"].outcome is Outcome.UNGRADED
    assert "nothing_of_this_name" in results["ada"].fault
    record = student_record(workspace, "ada")
    assert record.components["practicals"] is None
    assert record.grade is None
    suite.write_text(text)
    assert graded(workspace, submissions)["ada"].outcome is Outcome.PASSED
    assert student_record(workspace, "ada").components["practicals"] == 10


def test_the_digest_of_a_suite_changes_with_tests_and_limits(workspace: Workspace) -> None:
    """Results of another suite can be told apart."""
    digests = {suite_digest(workspace.assignment("linear"))}
    for name in ("hidden/test_linear.py", "assignment.toml", "hidden/helpers.py"):
        path = workspace.folder / "linear" / name
        path.write_text((path.read_text() if path.exists() else "") + "\n# changed\n")
        digests.add(suite_digest(workspace.assignment("linear")))
    assert len(digests) == 4


def test_an_unknown_assignment_is_refused_with_the_known_ones(workspace: Workspace) -> None:
    """A typing error ends before anything is graded."""
    with (
        pytest.raises(ConfigurationError, match="it holds linear"),
        grade.grading(workspace, "lineer", [workspace.folder], LocalEngine(LocalLauncher(), 1)),
    ):
        pass
