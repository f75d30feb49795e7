"""`autograder exam`, `mark`, `rubric`, `override`, `extend`, `times` and `roster`."""

import getpass
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from autograder.cli.options import (
    DEFAULT_COURSE,
    DEFAULT_DATABASE,
    CourseFolder,
    Database,
    console,
    workspace,
)
from autograder.reports.terminal import visible
from autograder.reports.text import number
from autograder.usecases import ledger as events
from autograder.usecases import rubric as rubrics

Student = Annotated[str, typer.Argument(help="The student's id: the name of the submission.")]
Mark = Annotated[
    str, typer.Argument(help="In points of the course's scale; `none` takes an earlier one back.")
]
Why = Annotated[str, typer.Option(help="The reason; it stays in the ledger.")]
By = Annotated[str, typer.Option(help="Who decides; your login by default.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (exam, mark, rubric, override, extend, times, roster):
        app.command()(command)


def exam(
    student: Student,
    mark: Mark,
    course: CourseFolder = DEFAULT_COURSE,
    db: Database = DEFAULT_DATABASE,
    by: By = "",
) -> None:
    """Record an exam mark.

    [dim]autograder exam kim 7.5[/]
    """
    events.give_exam_mark(workspace(course, db), student, _mark(mark), by or _login())


def mark(
    student: Student,
    name: Annotated[str, typer.Argument(help="An assignment marked by hand, or a component.")],
    mark: Mark,
    why: Why,
    course: CourseFolder = DEFAULT_COURSE,
    db: Database = DEFAULT_DATABASE,
    by: By = "",
) -> None:
    """Give a mark by hand, for an assignment or for a whole component.

    [dim]autograder mark kim project 8 --why "rubric of 3 June"[/]
    """
    events.give_mark(workspace(course, db), student, name, _mark(mark), by or _login(), why)


def rubric(
    slug: Annotated[str, typer.Argument(help="The assignment whose folder holds rubric.toml.")],
    forms: Annotated[list[Path] | None, typer.Argument(help="Filled-in forms.")] = None,
    new: Annotated[
        list[str] | None, typer.Option(help="Make a blank form for this student; repeatable.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for blank forms.")] = Path("results/rubrics"),
    check: Annotated[
        bool, typer.Option("--check", help="Only check the forms; enter no marks.")
    ] = False,
    course: CourseFolder = DEFAULT_COURSE,
    db: Database = DEFAULT_DATABASE,
    by: By = "",
) -> None:
    """Mark by a rubric: make blank forms, check filled-in ones and enter their marks.

    [dim]autograder rubric project --new kim --new lee[/]
    [dim]autograder rubric project results/rubrics/*.toml --check[/]
    [dim]autograder rubric project results/rubrics/*.toml[/]
    """
    place = workspace(course, db)
    found = rubrics.rubric_of(place, slug)
    if bool(forms) == bool(new):
        raise typer.BadParameter("name filled-in forms, or students with --new")
    for path in rubrics.write_forms(found, new, out) if new else ():
        console.print(f"written: {path}", soft_wrap=True)
    if forms:
        marks = rubrics.read_forms(place, found, forms)
        table = Table(title=f"{found.assignment} by rubric", title_justify="left")
        for name in ("student", "points", "mark"):
            table.add_column(name, justify="left" if name == "student" else "right")
        for given in marks:
            points = f"{given.points:g} / {found.most:g}"
            table.add_row(escape(visible(given.form.student)), points, number(given.mark))
        console.print(table)
        if check:
            console.print("checked; no mark was entered")
        else:
            rubrics.enter_marks(place, found, marks, by or _login())


def override(
    student: Student,
    slug: Annotated[str, typer.Argument(help="The assignment.")],
    mark: Mark,
    why: Why,
    attempt: Annotated[
        int | None, typer.Option(help="Only this attempt; else the assignment as a whole.")
    ] = None,
    course: CourseFolder = DEFAULT_COURSE,
    db: Database = DEFAULT_DATABASE,
    by: By = "",
) -> None:
    """Set an assignment's mark whatever the grader says.

    [dim]autograder override kim p1-layers 9 --why "cell order, see mail"[/]
    """
    place = workspace(course, db)
    events.override(place, student, slug, _mark(mark), by or _login(), why, attempt)


def extend(
    student: Student,
    slug: Annotated[str, typer.Argument(help="The assignment.")],
    until: Annotated[
        str, typer.Argument(help="ISO 8601 with the zone; `none` takes an extension back.")
    ],
    why: Why,
    course: CourseFolder = DEFAULT_COURSE,
    db: Database = DEFAULT_DATABASE,
    by: By = "",
) -> None:
    """Give a student a later deadline for an assignment.

    [dim]autograder extend kim p1-layers 2026-10-12T23:59:00+03:00 --why "was ill"[/]
    """
    try:
        time = None if until == "none" else events.moment(until)
    except ValueError as problem:
        raise typer.BadParameter(f"{problem}") from problem
    events.extend(workspace(course, db), student, slug, time, by or _login(), why)


def times(
    slug: Annotated[str, typer.Argument(help="The assignment.")],
    file: Annotated[Path, typer.Argument(help="CSV with the columns student, submitted, attempt.")],
    course: CourseFolder = DEFAULT_COURSE,
    db: Database = DEFAULT_DATABASE,
    by: By = "",
) -> None:
    """Note when work arrived; only what has a time here can be late.

    [dim]autograder times p1-layers submitted.csv[/]
    """
    count = events.receive(workspace(course, db), slug, file, by or _login())
    console.print(f"{count} arrivals noted")


def roster(
    file: Annotated[Path, typer.Argument(help="CSV with the columns student, name, email.")],
    course: CourseFolder = DEFAULT_COURSE,
    db: Database = DEFAULT_DATABASE,
    by: By = "",
) -> None:
    """Put students on the roster: who submits nothing then stands in the grades with 0.

    [dim]autograder roster students.csv[/]
    """
    count = events.enrol(workspace(course, db), file, by or _login())
    console.print(f"{count} on the roster")


def _mark(text: str) -> float | None:
    if text.lower() == "none":
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a number, nor `none`") from None


def _login() -> str:
    return getpass.getuser()
