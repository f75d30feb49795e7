"""A rubric becomes forms, filled forms become marks with reasons, half a form becomes nothing."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

import autograder
from autograder.course import load_rubric
from autograder.errors import ConfigurationError, StoreError
from autograder.usecases import rubric as rubrics
from autograder.usecases.ledger import gradebook
from autograder.usecases.workspace import Workspace

RUBRIC = """
assignment = "paper"
[[criterion]]
name = "method"
title = "What was done"
levels = [{ points = 0, title = "unclear" }, { points = 30, title = "clear" }]
[[criterion]]
name = "writing"
title = "The text"
levels = [
    { points = 0, title = "hard" },
    { points = 5, title = "fine" },
    { points = 10, title = "a joy" },
]
"""


@pytest.fixture
def course(workspace: Workspace) -> Workspace:
    """The small course, with a rubric beside its assignment."""
    (workspace.folder / "linear" / "rubric.toml").write_text(RUBRIC)
    return workspace


def filled(path: Path, *points: float, comment: str = "") -> Path:
    """The form with these points in its criteria."""
    text = path.read_text()
    for value in points:
        text = text.replace("points = -1", f"points = {value}", 1)
    path.write_text(text.replace('comment = ""', f'comment = "{comment}"', 1))
    return path


def test_a_filled_form_becomes_a_mark_whose_reason_the_student_can_read(
    course: Workspace, tmp_path: Path
) -> None:
    rubric = rubrics.rubric_of(course, "linear")
    (path,) = rubrics.write_forms(rubric, ["kim"], tmp_path)
    assert tomllib.loads(path.read_text())["student"] == "kim"
    marks = rubrics.read_forms(course, rubric, [filled(path, 30, 5, comment="show the seeds")])
    assert [(given.points, given.mark) for given in marks] == [(35, 8.75)]
    rubrics.enter_marks(course, rubric, marks, "owner")
    record = gradebook(course).students["kim"].assignments["paper"]
    assert record.mark == 8.75
    assert "What was done: 30 of 30 (clear) – show the seeds" in record.why
    assert "The text: 5 of 10 (fine)" in record.why


@pytest.mark.parametrize(
    ("points", "problem"),
    [
        ((30,), "writing: no level chosen"),
        ((30, 7), "writing: 7 points; the levels: 0, 5, 10"),
        ((31, 10), "method: 31 points"),
        ((-2, 10), "method: -2 points"),
    ],
)
def test_a_form_that_is_not_complete_enters_no_mark_at_all(
    course: Workspace, tmp_path: Path, points: tuple[float, ...], problem: str
) -> None:
    rubric = rubrics.rubric_of(course, "linear")
    good, bad = rubrics.write_forms(rubric, ["ada", "bo"], tmp_path)
    with pytest.raises(ConfigurationError, match=problem):
        rubrics.read_forms(course, rubric, [filled(good, 30, 10), filled(bad, *points)])
    assert gradebook(course).students == {}


def test_a_form_with_another_criterion_is_refused(course: Workspace, tmp_path: Path) -> None:
    rubric = rubrics.rubric_of(course, "linear")
    (path,) = rubrics.write_forms(rubric, ["kim"], tmp_path)
    filled(path, 30, 5)
    path.write_text(path.read_text() + "\n[criterion.style]\npoints = 5\n")
    with pytest.raises(ConfigurationError, match="no such criterion: style"):
        rubrics.read_forms(course, rubric, [path])


def test_two_forms_of_one_student_are_refused(course: Workspace, tmp_path: Path) -> None:
    """Nobody could tell which of them counts."""
    rubric = rubrics.rubric_of(course, "linear")
    paths = [
        filled(*rubrics.write_forms(rubric, ["kim"], tmp_path / folder), 30, points)
        for folder, points in (("first", 5), ("second", 10))
    ]
    with pytest.raises(ConfigurationError, match="several forms of kim"):
        rubrics.read_forms(course, rubric, paths)


def test_on_a_full_disk_no_mark_is_entered_at_all(
    course: Workspace, tmp_path: Path, disk: Any
) -> None:
    """Three hundred forms need more room than their first ones."""
    there = msgspec.structs.replace(course, database=f"sqlite:///{disk.folder}/ledger.sqlite3")
    rubric = rubrics.rubric_of(there, "linear")
    forms = rubrics.write_forms(rubric, [f"s{n}" for n in range(300)], tmp_path)
    marks = rubrics.read_forms(there, rubric, [filled(form, 30, 5) for form in forms])
    rubrics.enter_marks(there, rubric, marks[:1], "owner")
    disk.fill(room=120_000)
    with pytest.raises(StoreError, match="nothing was written"):
        rubrics.enter_marks(there, rubric, marks, "owner")
    disk.free()
    assert list(gradebook(there).students) == ["s0"]
    rubrics.enter_marks(there, rubric, marks, "owner")
    assert len(gradebook(there).students) == 300


def test_a_form_is_never_overwritten_nor_written_elsewhere(
    course: Workspace, tmp_path: Path
) -> None:
    rubric = rubrics.rubric_of(course, "linear")
    rubrics.write_forms(rubric, ["kim"], tmp_path)
    with pytest.raises(ConfigurationError, match="exists"):
        rubrics.write_forms(rubric, ["lee", "kim"], tmp_path)
    assert not (tmp_path / "lee.toml").exists()
    with pytest.raises(ConfigurationError, match="no form can be named"):
        rubrics.write_forms(rubric, ["../kim"], tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"paper"', '"linear"', "not marked by hand"),
        ('"paper"', '"essay"', "not marked by hand"),
        ('"writing"', '"method"', "not a slug of its own"),
        ("points = 30", "points = 0", "levels of rising points"),
        ("points = 5", "points = inf", "rising"),
        (
            'title = "clear"',
            'titel = "clear"',
            "titel = 'clear': unknown field; did you mean title",
        ),
    ],
)
def test_a_wrong_rubric_is_refused(course: Workspace, old: str, new: str, problem: str) -> None:
    path = course.folder / "linear" / "rubric.toml"
    path.write_text(RUBRIC.replace(old, new, 1))
    with pytest.raises(ConfigurationError, match=problem):
        rubrics.rubric_of(course, "linear")


def test_the_rubric_of_the_project_is_valid_and_has_100_points() -> None:
    folder = Path(autograder.__file__).parent.parent / "assignments"
    assert load_rubric(folder / "project" / "rubric.toml").most == 100
