"""`autograder grades`: the course's grades, and how one of them came about."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from autograder.cli.options import (
    DEFAULT_COURSE,
    DEFAULT_DATABASE,
    AsJson,
    CourseFolder,
    Database,
    console,
    print_json,
    workspace,
)
from autograder.core.gradebook import StudentRecord
from autograder.core.softmin import Explanation
from autograder.reports.tables import write_grades_csv
from autograder.reports.terminal import visible
from autograder.reports.text import number
from autograder.usecases import ledger as events
from autograder.usecases.report import grade_lines, remark


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(grades)


def grades(
    course: CourseFolder = DEFAULT_COURSE,
    db: Database = DEFAULT_DATABASE,
    explain: Annotated[
        str | None, typer.Option(metavar="STUDENT", help="Show how one student's grade came about.")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the table to this CSV file.")] = None,
    json: AsJson = False,
) -> None:
    """Course grades: component marks, softmin weights, exemption, final grade.

    [dim]autograder grades[/]
    [dim]autograder grades --explain kim[/]
    [dim]autograder grades --csv grades.csv[/]
    """
    place = workspace(course, db)
    if explain is not None:
        record = events.student_record(place, explain)
        if json:
            print_json(msgspec.to_builtins(record.grade))
        else:
            console.print(explanation(record), soft_wrap=True)
        return
    gradebook = events.gradebook(place)
    if csv is not None:
        write_grades_csv(csv, grade_lines(gradebook))
    if json:
        print_json([_as_json(record) for record in gradebook.students.values()])
    elif csv is None:
        console.print(grades_table(list(gradebook.students.values())))
    else:
        console.print(f"written: {csv}", soft_wrap=True)


def grades_table(records: list[StudentRecord]) -> Table:
    """One row per student."""
    table = Table(title="Course grades", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("student")
    components = list(records[0].components) if records else []
    for name in [*components, "accumulated", "exam", "final"]:
        table.add_column(name, justify="right", no_wrap=True)
    for record in records:
        grade = record.grade
        marks = [_number(record.components[name]) for name in components]
        table.add_row(
            escape(visible(record.student)),
            *marks,
            f"{number(grade.raw)} → {number(grade.accumulated)}" if grade else "pending",
            _exam(record),
            f"[bold]{_number(grade.final)}[/]" if grade else "pending",
        )
    return table


def _exam(record: StudentRecord) -> str:
    grade = record.grade
    if record.exam is None and grade is not None and grade.exempt:
        return f"[dim]exempt[/] {_number(grade.exam_used)}"
    return _number(record.exam)


def explanation(record: StudentRecord) -> str:
    """Every number between a student's component marks and the final grade."""
    grade = record.grade
    if grade is None:
        return f"{escape(visible(record.student))}: {remark(record)}"
    lines = [_marks_line(grade), *_softmin_lines(grade), *_exam_lines(grade)]
    gains = ", ".join(f"{s.component} {s.one_more_point:+.2f}" for s in grade.shares)
    return "\n".join([*lines, f"  one more point in: {gains}"])


def _marks_line(grade: Explanation) -> str:
    formula = grade.formula
    marks = ", ".join(f"{share.component} {number(share.mark)}" for share in grade.shares)
    constants = " ".join(f"{share.constant:g}" for share in grade.shares)
    return f"{marks}    T = {formula.temperature:g}, c = {constants}, scale {formula.scale:g}"


def _softmin_lines(grade: Explanation) -> list[str]:
    T = grade.formula.temperature
    powers = "  ".join(f"{s.constant:g}·e^(−{number(s.mark)}/{T:g})" for s in grade.shares)
    values = "  ".join(f"{s.s:.4f}" for s in grade.shares)
    weights = "  ".join(f"{s.weight:.4f}" for s in grade.shares)
    terms = " + ".join(f"{s.weight:.4f}·{number(s.mark)}" for s in grade.shares)
    return [
        f"  s = {powers} = {values}",
        f"  w = {weights}",
        f"  accumulated = {terms} = {grade.raw:.3f} → {number(grade.accumulated)}",
    ]


def _exam_lines(grade: Explanation) -> list[str]:
    e = grade.formula.exam_weight
    lines = []
    if grade.exam is not None:
        lines.append(f"  exam sat: {number(grade.exam)}")
    elif grade.exempt:
        lines.append(f"  exempt from the exam: it counts as {number(grade.accumulated)}")
    if grade.exam_used is None or grade.final is None or grade.final_raw is None:
        return [*lines, "  final: pending, the exam is still to come"]
    return [
        *lines,
        f"  final = {1 - e:g}·{number(grade.accumulated)} + {e:g}·{number(grade.exam_used)} "
        f"= {grade.final_raw:.2f} → {number(grade.final)}",
    ]


def _as_json(record: StudentRecord) -> dict[str, object]:
    grade = record.grade
    return {
        "student": record.student,
        "components": record.components,
        "accumulated": grade.accumulated if grade else None,
        "exempt": grade.exempt if grade else None,
        "exam": grade.exam_used if grade else record.exam,
        "final": grade.final if grade else None,
        "remark": remark(record),
    }


def _number(value: float | None) -> str:
    return "–" if value is None else number(value)
