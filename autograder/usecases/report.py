"""Fills the reports from the ledger."""

from datetime import UTC, datetime
from pathlib import Path

from autograder.core.course import Course
from autograder.core.gradebook import AssignmentRecord, Gradebook, Standing, StudentRecord
from autograder.core.gradebook import Attempt as Graded
from autograder.errors import ConfigurationError
from autograder.reports.model import (
    AssignmentReport,
    Attempt,
    CourseReport,
    GradeLine,
    HandMark,
    Submission,
)
from autograder.reports.tables import write_grades_csv, write_results_csv
from autograder.usecases.workspace import Workspace

_STANDING = {
    Standing.OVERRIDDEN: "set by the instructor",
    Standing.GIVEN: "given by the instructor",
    Standing.PENDING: "not known yet, by no fault of yours",
}


def report(workspace: Workspace, folder: Path) -> Path:
    """Write the pages and tables of the course; the path of `index.html`."""
    course = workspace.course()
    with workspace.open() as repository:
        gradebook = workspace.gradebook(repository)
    content = course_report(workspace, course, gradebook)
    from autograder.reports.pages import write_report  # Jinja, which nothing else needs

    index = write_report(folder, content)
    write_grades_csv(folder / "grades.csv", content.grades)
    write_results_csv(folder / "results.csv", content)
    return index


def course_report(workspace: Workspace, course: Course, gradebook: Gradebook) -> CourseReport:
    """What the ledger says, as the pages show it."""
    students = gradebook.students.values()
    slugs = dict.fromkeys(slug for student in students for slug in student.assignments)
    assignments = tuple(
        _assignment(workspace, course, gradebook, slug)
        for slug in slugs
        if any(s.assignments[slug].attempts for s in students if slug in s.assignments)
    )
    return CourseReport(
        title=course.title,
        made=datetime.now(UTC),
        assignments=assignments,
        grades=grade_lines(gradebook),
        hand_marks=tuple(
            HandMark(
                student=student.student,
                slug=slug,
                title=_title(workspace, slug),
                mark=record.mark,
                scale=course.scale,
                why=record.why,
            )
            for student in students
            for slug, record in student.assignments.items()
            if record.standing is Standing.GIVEN and not record.attempts and record.mark is not None
        ),
        names={student.student: student.name for student in students if student.name},
    )


def grade_lines(gradebook: Gradebook) -> tuple[GradeLine, ...]:
    """Everybody's course grade with a remark on what it rests on."""
    return tuple(
        GradeLine(student=student.student, grade=student.grade, remark=remark(student))
        for student in gradebook.students.values()
    )


def remark(student: StudentRecord) -> str:
    """What a course grade rests on, in a few words."""
    if student.grade is None:
        pending = [name for name, mark in student.components.items() if mark is None]
        return f"pending: {', '.join(pending)}"
    return "the exam is still to come" if student.grade.final is None else ""


def _assignment(
    workspace: Workspace, course: Course, gradebook: Gradebook, slug: str
) -> AssignmentReport:
    placed = course.assignment(slug)
    records = [s.assignments[slug] for s in gradebook.students.values() if slug in s.assignments]
    return AssignmentReport(
        slug=slug,
        title=_title(workspace, slug),
        component=placed.component if placed else "",
        submissions=tuple(map(_submission, filter(lambda r: r.effective, records))),
    )


def _title(workspace: Workspace, slug: str) -> str:
    try:
        return workspace.assignment(slug).title
    except ConfigurationError:  # marked by hand, or graded once and its folder is gone
        return slug


def _late(attempt: Graded) -> str:
    return attempt.lateness.describe() if attempt.lateness else ""


def _submission(record: AssignmentRecord) -> Submission:
    counted = record.effective
    assert counted is not None
    note = _STANDING.get(record.standing, "") or _late(counted)
    return Submission(
        result=counted.result,
        attempt=counted.number,
        mark=record.mark,
        mark_note=f"{note}: {record.why}" if note and record.why else note,
        history=tuple(
            Attempt(
                number=attempt.number,
                made=attempt.at,
                outcome=attempt.result.outcome,
                score=attempt.result.earned,
                points=attempt.result.points,
                note=", ".join(filter(None, ["counts" * (attempt is counted), _late(attempt)])),
            )
            for attempt in record.attempts
        ),
    )
