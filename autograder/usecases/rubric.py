"""Marks given by a rubric: blank forms out, filled-in forms into the ledger."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from autograder.core.ledger import MarkGiven, check
from autograder.core.rubric import Form, Rubric, in_words, rubric_mark
from autograder.course import load_rubric
from autograder.course.rubric import blank_form, load_form
from autograder.errors import ConfigurationError
from autograder.submissions.names import check_name
from autograder.submissions.rejection import Refused
from autograder.usecases.workspace import Workspace


class RubricMark(Struct, frozen=True, kw_only=True):
    """What a form comes to."""

    form: Form
    points: float
    mark: float
    """On the course's scale."""


def rubric_of(workspace: Workspace, slug: str) -> Rubric:
    """The assignment's rubric; raises ConfigurationError where the course has no place for it."""
    path = workspace.folder / slug / "rubric.toml"
    rubric = load_rubric(path)
    place = workspace.course().assignment(rubric.assignment)
    if place is None or place.marked != "hand":
        raise ConfigurationError(
            f"{path}: assignment = {rubric.assignment!r} is not marked by hand in course.toml"
        )
    return rubric


def write_forms(rubric: Rubric, students: Sequence[str], folder: Path) -> list[Path]:
    """A blank form for each student, as STUDENT.toml; an existing one is never overwritten."""
    paths = []
    for student in students:
        try:
            check_name(student)
        except Refused as refused:
            raise ConfigurationError(f"no form can be named after a student: {refused}") from None
        path = folder / f"{student}.toml"
        if path.exists():
            raise ConfigurationError(f"{path} exists: fill it in, or remove it first")
        paths.append(path)
    for student, path in zip(students, paths, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(blank_form(student, rubric))
    return paths


def read_forms(workspace: Workspace, rubric: Rubric, paths: Sequence[Path]) -> list[RubricMark]:
    """The marks of complete forms, one of each student; else raises ConfigurationError."""
    scale = workspace.course().scale
    forms = [load_form(path, rubric) for path in paths]
    counts = Counter(form.student for form in forms)
    twice = [student for student, count in counts.items() if count > 1]
    if twice:
        raise ConfigurationError(f"several forms of {', '.join(twice)}: name one of each")
    return [
        RubricMark(
            form=form,
            points=sum(judgement.points for judgement in form.judgements.values()),
            mark=rubric_mark(form, rubric, scale),
        )
        for form in forms
    ]


def enter_marks(workspace: Workspace, rubric: Rubric, marks: Sequence[RubricMark], by: str) -> None:
    """Write the marks into the ledger, the judgements as their reason: all of them or none."""
    course, now = workspace.course(), datetime.now(UTC)
    events = [
        MarkGiven(
            at=now,
            by=by,
            why=in_words(given.form, rubric),
            student=given.form.student,
            assignment=rubric.assignment,
            mark=given.mark,
        )
        for given in marks
    ]
    for event in events:
        check(event, course)
    with workspace.open() as repository:
        repository.append_all(events)
