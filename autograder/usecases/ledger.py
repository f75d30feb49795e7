"""What instructors write into the ledger by hand, and the grades that follow from it."""

import csv
from datetime import UTC, datetime
from pathlib import Path

from autograder.core.gradebook import Gradebook, StudentRecord
from autograder.core.ledger import (
    Enrolled,
    Event,
    ExamMark,
    Extended,
    MarkGiven,
    Overridden,
    Received,
    check,
)
from autograder.errors import ConfigurationError
from autograder.usecases.workspace import Workspace


def gradebook(workspace: Workspace) -> Gradebook:
    """Everybody's marks."""
    with workspace.open() as repository:
        return workspace.gradebook(repository)


def student_record(workspace: Workspace, student: str) -> StudentRecord:
    """One student's marks; raises ConfigurationError for somebody the ledger does not know."""
    students = gradebook(workspace).students
    if student not in students:
        raise ConfigurationError(
            f"the ledger knows no student {student!r}; `autograder grades` lists the ones it knows"
        )
    return students[student]


def give_exam_mark(workspace: Workspace, student: str, mark: float | None, by: str) -> None:
    """The exam was sat with this mark; None takes it back."""
    _append(workspace, ExamMark(at=datetime.now(UTC), by=by, student=student, mark=mark))


def override(
    workspace: Workspace,
    student: str,
    assignment: str,
    mark: float | None,
    by: str,
    why: str,
    attempt: int | None,
) -> None:
    """An instructor's mark for an assignment, whatever the grader says; None takes it back."""
    event = Overridden(
        at=datetime.now(UTC),
        by=by,
        why=why,
        student=student,
        assignment=assignment,
        attempt=attempt,
        mark=mark,
    )
    _append(workspace, event)


def give_mark(
    workspace: Workspace,
    student: str,
    name: str,
    mark: float | None,
    by: str,
    why: str,
) -> None:
    """A mark given by hand for an assignment, or else for a component, of this name."""
    is_assignment = workspace.course().assignment(name) is not None
    event = MarkGiven(
        at=datetime.now(UTC),
        by=by,
        why=why,
        student=student,
        assignment=name if is_assignment else None,
        component=None if is_assignment else name,
        mark=mark,
    )
    _append(workspace, event)


def extend(
    workspace: Workspace, student: str, assignment: str, until: datetime | None, by: str, why: str
) -> None:
    """A deadline of the student's own; None takes it back."""
    event = Extended(
        at=datetime.now(UTC), by=by, why=why, student=student, assignment=assignment, until=until
    )
    _append(workspace, event)


def receive(workspace: Workspace, assignment: str, times: Path, by: str) -> int:
    """Note when work arrived, from a CSV file (columns student, submitted, attempt); how many.

    `submitted` is an ISO 8601 time with its zone; `attempt` may be empty or absent.
    """
    course, now, events = workspace.course(), datetime.now(UTC), []
    for number, row in enumerate(_rows(times, ("student", "submitted")), 2):
        attempt = (row.get("attempt") or "").strip()
        try:
            events.append(
                Received(
                    at=now,
                    by=by,
                    student=row["student"].strip(),
                    assignment=assignment,
                    attempt=int(attempt) if attempt else None,
                    submitted=moment(row["submitted"]),
                )
            )
            check(events[-1], course)
        except (ValueError, ConfigurationError) as problem:
            raise ConfigurationError(f"{times}, line {number}: {problem}") from problem
    with workspace.open() as repository:
        repository.append_all(events)
    return len(events)


def moment(text: str) -> datetime:
    """An ISO 8601 time with its zone; raises ValueError."""
    time = datetime.fromisoformat(text.strip())
    if time.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone; write 2026-10-05T23:59:00+03:00")
    return time


def enrol(workspace: Workspace, roster: Path, by: str) -> int:
    """Put the students of a CSV file (columns student, name, email) on the roster; how many."""
    now = datetime.now(UTC)
    events = [
        Enrolled(
            at=now,
            by=by,
            student=row["student"].strip(),
            name=(row.get("name") or "").strip(),
            email=(row.get("email") or "").strip(),
        )
        for row in _rows(roster, ("student",))
    ]
    with workspace.open() as repository:
        repository.append_all(events)
    return len(events)


def _rows(path: Path, needed: tuple[str, ...]) -> list[dict[str, str]]:
    """The rows of a CSV file in which the needed columns are filled; raises ConfigurationError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise ConfigurationError(f"{path} cannot be read: {problem}") from problem
    if not rows or not set(needed) <= rows[0].keys():
        raise ConfigurationError(f"{path} needs a first line with the columns {', '.join(needed)}")
    for number, row in enumerate(rows, 2):
        empty = [name for name in needed if not (row[name] or "").strip()]
        if empty:
            raise ConfigurationError(f"{path}, line {number}: no {' and no '.join(empty)}")
    return rows


def _append(workspace: Workspace, event: Event) -> None:
    check(event, workspace.course())
    with workspace.open() as repository:
        repository.append(event)
