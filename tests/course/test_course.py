"""`course.toml`: what is accepted, and what the refusals say."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograder
from autograder.core.course import Course
from autograder.core.monotonicity import is_monotone
from autograder.course import load_assignment, load_course
from autograder.errors import ConfigurationError

REAL = Path(__file__).parents[2] / "assignments" / "course.toml"

GOOD = """
title = "Deep learning"
temperature = 20
exemption = 6
exemption_requires = ["project"]

[[component]]
name = "practicals"
constant = 0.4

[[component]]
name = "project"
constant = 0.6

[[assignment]]
slug = "p1-layers"
component = "practicals"

[[assignment]]
slug = "project"
component = "project"
marked = "hand"
"""


def load(tmp_path: Path, text: str) -> Course:
    path = tmp_path / "course.toml"
    path.write_text(text, encoding="utf-8")
    return load_course(path)


def test_the_real_course_is_the_formula_of_the_lectures() -> None:
    course = load_course(REAL)
    formula = course.formula
    assert formula.constants == {"seminars": 0.2, "practicals": 0.3, "project": 0.5}
    assert (formula.temperature, formula.scale, formula.digits) == (20, 10, 0)
    assert (formula.exam_weight, formula.exemption) == (0.3, 6)
    assert course.exemption_requires == ("project",)


def test_a_short_file_gets_the_defaults(tmp_path: Path) -> None:
    course = load(tmp_path, GOOD)
    layers = course.assignment("p1-layers")
    assert layers is not None
    assert (layers.weight, layers.marked, layers.attempts) == (1, "grader", "best")
    assert (course.scale, course.digits, course.exam_weight) == (10, 0, 0.3)
    assert course.assignments_of("project") == (course.assignment("project"),)
    assert course.assignment("p9") is None


def test_without_an_exemption_line_nobody_is_exempt(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD.replace("exemption = 6", "")).formula.exemption is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("temperature", "temprature", "temprature = 20: unknown field; did you mean temperature?"),
        ("0.4", "0.4\ncolour = 1", r"component[0].colour = 1: unknown field; the fields are name"),
        ('title = "Deep learning"', "", "top level: title is missing; add it"),
        ('slug = "project"', "", "assignment[1]: slug is missing; add it"),
        ("0.4", "'much'", "component[0].constant = 'much': expected `float`, got `str`"),
        ('"hand"', '"robot"', "assignment[1].marked = 'robot': invalid enum value"),
        ('"hand"', '"robot"', "give 'grader' or 'hand'"),
        ("0.4", "nan", "component[0].constant = nan: not in 1e-06 … 1000000"),
        ("0.4", "-0.4", "component[0].constant = -0.4: not in 1e-06 … 1000000"),
        ("= 20", "= 0", "temperature = 0.0: not in 1e-06 … 1000000"),
        ("= 20", "= 20\nscale = inf", "scale = inf: not in 1e-06 … 1000000"),
        ("= 20", "= 20\ndigits = -1", "digits = -1: not in 0 … 6"),
        ("= 20", "= 20\nexam_weight = 30", "exam_weight = 30.0: not in 0 … 1"),
        ("= 20", "= 20\nexam_weight = nan", "exam_weight = nan: not in 0 … 1"),
        ("= 6\n", "= 60\n", "exemption = 60.0: not in 0 … 10, the scale"),
        ("0.4", "0.5", "they sum to 1.1, not 1; in the same proportions: 0.454545, 0.545455"),
        ('"practicals"\n\n', '"practical"\n\n', "'practical': no such component; the components"),
        ('["project"]', '["projekt"]', "exemption_requires = 'projekt': no such component"),
        ('slug = "project"', 'slug = "p1-layers"', "assignment.slug = 'p1-layers': 2 times"),
        ('"p1-layers"', '"../p1"', "assignment.slug = '../p1': not a slug"),
        ('component = "project"', 'component = "practicals"', "no assignment in it"),
        ('slug = "project"', 'slug = "project"\noptional = true', "that everybody has to do"),
        ('slug = "project"', 'slug = "project"\ndeadline = 2027-03-07T23:59:00', "timezone"),
        ('slug = "project"', 'slug = "project"\ndeadline = "soon"', "deadline = 'soon'"),
        (
            'slug = "project"',
            'slug = "project"\ndeadline = 0206-03-07T23:59:00Z',
            "not in the years 2000",
        ),
        ("= 20", "= [", "not TOML: "),
    ],
)
def test_a_wrong_file_is_refused_with_field_value_and_remedy(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in GOOD
    with pytest.raises(ConfigurationError) as refusal:
        load(tmp_path, GOOD.replace(old, new, 1))
    assert str(tmp_path / "course.toml") in str(refusal.value)
    assert message in str(refusal.value)


def test_a_course_without_components_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no components"):
        load(tmp_path, 'title = "x"\ncomponent = []\nassignment = []')


def test_all_wrong_numbers_are_listed_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("= 20", "= -1").replace("0.4", "0")
    with pytest.raises(ConfigurationError, match=r"(?s)temperature.*component\[0\]\.constant"):
        load(tmp_path, text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"course\.toml: cannot be read: No such file"):
        load_course(tmp_path / "course.toml")


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_bytes('title = "Курс"'.encode("cp1251"))
    with pytest.raises(ConfigurationError, match="byte 9 is not UTF-8; save the file as UTF-8"):
        load_course(tmp_path / "course.toml")


def test_a_temperature_that_punishes_a_better_mark_is_refused_with_an_example(
    tmp_path: Path,
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load(tmp_path, GOOD.replace("= 20", "= 5"))
    message = str(refusal.value)
    assert "temperature = 5.0: a better mark can lower the grade" in message
    assert "raising practicals from 6.003 to 10" in message
    assert "the smallest safe temperature for these constants is 8.329" in message


@given(st.floats(0.01, 0.5), st.sampled_from([1.0, 10.0, 100.0, 12.5]))
def test_the_temperature_that_the_refusal_names_is_accepted(
    tmp_path_factory: pytest.TempPathFactory, constant: float, scale: float
) -> None:
    text = (
        GOOD.replace("0.4", repr(constant))
        .replace("0.6", repr(1 - constant))
        .replace("exemption = 6", f"scale = {scale}")
    )
    folder = tmp_path_factory.mktemp("course")
    with pytest.raises(ConfigurationError, match="smallest safe temperature") as refusal:
        load(folder, text.replace("= 20", f"= {scale / 10}"))
    named = str(refusal.value).rsplit(" ", 1)[1]
    accepted = load(folder, text.replace("= 20", f"= {named}"))
    assert is_monotone(accepted.formula.constants, float(named), scale)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("per_day = 10", "late.per_day = 10.0: not in 0 … 1"),
        ("most = -1", "late.most = -1.0: not in 0 … 1"),
        ("grace_minutes = -5", "late.grace_minutes = -5.0: not in 0 … 1000000"),
        ("closed_after_days = -1", "late.closed_after_days = -1.0: not in 0 … 1000000"),
        ("per_week = 1", "late.per_week = 1: unknown field; the fields are grace_minutes"),
    ],
)
def test_a_wrong_late_policy_is_refused(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load(tmp_path, GOOD.replace("[[component]]", f"[late]\n{line}\n[[component]]", 1))
    assert message in str(refusal.value)


def test_the_course_of_the_repository_is_valid_and_dated() -> None:
    """Every assignment that the grader marks has a folder and a deadline."""
    folder = Path(autograder.__file__).parent.parent / "assignments"
    course = load_course(folder / "course.toml")
    graded = {a.slug: a for a in course.assignments if a.marked == "grader"}
    assert graded.keys() == {path.parent.name for path in folder.glob("*/assignment.toml")}
    assert all(assignment.deadline for assignment in graded.values())
    for slug, place in graded.items():
        assert load_assignment(folder / slug).component == place.component
