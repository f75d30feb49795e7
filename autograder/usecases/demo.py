"""A whole course in small: a synthetic class is written, graded, marked and reported."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from autograder.authoring.cohort import CohortWriter, Member, read_cohort
from autograder.batch.engine import Engine
from autograder.core.assignment import Assignment
from autograder.core.ledger import Enrolled, Event, ExamMark, MarkGiven, check
from autograder.core.results import SubmissionResult
from autograder.usecases import grade
from autograder.usecases.report import report
from autograder.usecases.workspace import Workspace

SLUG = "p1-layers"
_WHY = "invented for the demonstration"


class Demo(Struct, frozen=True, kw_only=True):
    """What the demonstration is made of."""

    workspace: Workspace
    cohort: tuple[Member, ...]
    assignment: Assignment
    folder: Path


def prepare(course: Path, folder: Path) -> Demo:
    """Write the class's submissions and an empty ledger into `folder`, replacing earlier ones."""
    workspace = Workspace(
        folder=course,
        database=f"sqlite:///{folder / 'ledger.sqlite3'}",
        course_file=course / "demo.toml",
    )
    cohort = read_cohort(course / SLUG / "cohort.toml")
    submissions = folder / "submissions"
    for old in (submissions, folder / "report"):
        shutil.rmtree(old, ignore_errors=True)
    for old in folder.glob("ledger.sqlite3*"):
        old.unlink()
    submissions.mkdir(parents=True)
    root = course.parent
    writer = CohortWriter(course / SLUG, root / "solutions", root / "student_templates")
    for member in cohort:
        writer.write(member, submissions)
    _mark(workspace, cohort)
    assignment = workspace.assignment(SLUG)
    return Demo(workspace=workspace, cohort=cohort, assignment=assignment, folder=folder)


def run(demo: Demo, engine: Engine) -> Iterator[SubmissionResult]:
    """Grade the class."""
    submissions = [demo.folder / "submissions"]
    with grade.grading(demo.workspace, SLUG, submissions, engine) as (_, results):
        yield from results


def finish(demo: Demo) -> Path:
    """Write the report; the path of its first page."""
    return report(demo.workspace, demo.folder / "report")


def surprises(demo: Demo, results: list[SubmissionResult]) -> list[str]:
    """Where a score or an outcome is not the one recorded with the case."""
    by_student = {result.student: result for result in results}
    found = []
    for member in demo.cohort:
        result = by_student.get(member.id)
        if result is None:
            found.append(f"{member.id}: no result")
        elif (result.outcome, result.earned) != (member.outcome, member.score):
            found.append(
                f"{member.id} ({member.about}): {result.earned:g} points, {result.outcome.value}; "
                f"expected {member.score:g}, {member.outcome.value} {result.fault}"
            )
    return found


def _mark(workspace: Workspace, cohort: tuple[Member, ...]) -> None:
    now = datetime.now(UTC)
    events: list[Event] = []
    for member in cohort:
        name = member.id.capitalize()
        events.append(Enrolled(at=now, by="demo", student=member.id, name=name))
        for component, mark in member.marks.items():
            events.append(
                MarkGiven(
                    at=now, by="demo", why=_WHY, student=member.id, component=component, mark=mark
                )
            )
        if member.exam is not None:
            events.append(ExamMark(at=now, by="demo", student=member.id, mark=member.exam))
    course = workspace.course()
    for event in events:
        check(event, course)
    with workspace.open() as repository:
        repository.append_all(events)
