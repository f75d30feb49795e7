"""What instructors write into the ledger by hand, and the grades that follow from it."""

import csv
from datetime import UTC, datetime
from pathlib import Path

from autograder.core.gradebook import Gradebook, StudentRecord
from autograder.core.ledger import Enrolled, Event, ExamMark, MarkGiven, Overridden, check
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


def enrol(workspace: Workspace, roster: Path, by: str) -> int:
    """Put the students of a CSV file (columns student, name, email) on the roster; how many."""
    try:
        with roster.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise ConfigurationError(f"{roster} cannot be read: {problem}") from problem
    if not rows or "student" not in rows[0]:
        raise ConfigurationError(
            f"{roster} needs a first line with the columns student, name, email"
        )
    now = datetime.now(UTC)
    with workspace.open() as repository:
        for row in rows:
            student = (row["student"] or "").strip()
            if not student:
                raise ConfigurationError(f"{roster}: a row without a student: {row}")
            repository.append(
                Enrolled(
                    at=now,
                    by=by,
                    student=student,
                    name=(row.get("name") or "").strip(),
                    email=(row.get("email") or "").strip(),
                )
            )
    return len(rows)


def _append(workspace: Workspace, event: Event) -> None:
    check(event, workspace.course())
    with workspace.open() as repository:
        repository.append(event)
