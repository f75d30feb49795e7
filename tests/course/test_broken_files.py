"""Whatever is wrong with a TOML file, its reader says so, with the file and the field."""

import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from autograder.authoring.blind import read_equivalents
from autograder.authoring.cohort import read_cohort
from autograder.authoring.mutants import read_mutants
from autograder.core.course import Course
from autograder.core.ledger import ExamMark, MarkGiven, Received
from autograder.core.replay import replay
from autograder.core.rubric import Rubric, rubric_mark
from autograder.course import load_assignment, load_course, load_rubric
from autograder.course.rubric import load_form
from autograder.errors import ConfigurationError

COURSE = """
title = "Deep learning"
scale = 10.0
temperature = 20
digits = 0
exam_weight = 0.3
exemption = 6
exemption_requires = ["project"]
[late]
grace_minutes = 15
per_day = 0.1
most = 0.5
closed_after_days = 7
[[component]]
name = "practicals"
constant = 0.4
[[component]]
name = "project"
constant = 0.6
[[assignment]]
slug = "p1-layers"
component = "practicals"
weight = 2
attempts = "best"
deadline = 2027-03-01T12:00:00+00:00
[[assignment]]
slug = "project"
component = "project"
marked = "hand"
optional = false
"""
ASSIGNMENT = """
title = "Layers"
component = "practicals"
requires = ["Linear", "ReLU"]
main = "reproduce.py"
[limits]
test_seconds = 5
submission_cpu_seconds = 30
memory_mb = 512
cpus = 0.5
[resources]
image = "torch-cpu"
gpus = 0.5
"""
RUBRIC = """
assignment = "project"
[[criterion]]
name = "method"
title = "What was done"
levels = [{ points = 0, title = "unclear" }, { points = 30, title = "clear" }]
[[criterion]]
name = "writing"
title = "The text"
levels = [{ points = 0, title = "hard" }, { points = 10, title = "a joy" }]
"""
FORM = """
student = "kim"
[criterion.method]
points = 30
comment = "show the seeds"
[criterion.writing]
points = 0
"""
MUTANTS = """
[[mutant]]
id = "L5"
about = "grad_W averaged over the batch"
[[mutant.replace]]
old = "self._x.T @ grad_output"
new = "self._x.T"
count = 1
file = "metrics.json"
"""
EQUIVALENT = """
[[equivalent]]
old = "scale = 1 / (1 - self.p)"
new = "scale = 1 / (2 - self.p)"
why = "nobody sees it"
"""
COHORT = """
[[student]]
id = "ada"
about = "the reference solution"
source = "solution"
as = "notebook"
cell = '''x'''
outcome = "passed"
score = 100
marks = { seminars = 8, project = 7.5 }
exam = 6
"""

VALUES = [
    *("", "x", '""', '" "', '"x"', '"\\u0000\\u001b[31m\\u202e"', '"' + "x" * 10_000 + '"'),
    *("-1", "0", "1", "1.5", "nan", "inf", "-inf", "1e400", "1e308", "5e-324", "true"),
    *("9" * 20, "9" * 400, "9" * 5000, "0x" + "f" * 5000, "0x" + "f" * 300),
    *("[]", "[1]", '["x"]', "[[]]", "{}", "{ x = 1 }", '{ "a.b` - at `$.x" = 1 }', "[{}]"),
    *("[" * 500 + "]" * 500, "[" * 90 + "]" * 90, "{ x = " * 300 + "1" + "}" * 300),
    *("2027-03-01", "07:32:00", "2027-03-01T07:32:00", "2027-03-01T07:32:00Z"),
    *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"),
]
"""In place of a value; most are of a wrong type, or too large, for most fields."""
LINES = [
    *("x = 1", "'' = 1", '"a.b` - at `$.x" = 1', '"\\u202e" = 1', "[x]", "[[x]]", "[x.y]"),
    *("[limits]", "[[component]]", "[criterion]", "[criterion.x]", "]", "=", '"""', "\0", "#"),
]
"""Between two lines."""


def accepted_course(course: Course) -> None:
    """Grades follow from every course that is accepted."""
    now = datetime(2027, 3, 9, tzinfo=UTC)
    slugs = [assignment.slug for assignment in course.assignments]
    events: list[Any] = [
        Received(at=now, by="x", student="kim", assignment=slugs[0], submitted=now),
        ExamMark(at=now, by="x", student="kim", mark=course.scale),
    ]
    for mark in (0.0, course.scale):
        for c in course.components:
            given = MarkGiven(at=now, by="x", student="kim", component=c.name, mark=mark, why="x")
            events.append(given)
        assert replay(events, course).students["kim"].grade


class Kind(Struct, frozen=True):
    """A kind of file: a right one, its reader, and what is done with what was read."""

    name: str
    right: str
    read: Callable[[Path], Any]
    use: Callable[[Any], object] = repr


def kinds(rubric: Rubric) -> list[Kind]:
    return [
        Kind("course.toml", COURSE, load_course, accepted_course),
        Kind("assignment.toml", ASSIGNMENT, lambda path: load_assignment(path.parent)),
        Kind("rubric.toml", RUBRIC, load_rubric, lambda rubric: 1 / rubric.most),
        Kind(
            "kim.toml",
            FORM,
            lambda path: load_form(path, rubric),
            lambda form: rubric_mark(form, rubric, 10),
        ),
        Kind("mutants.toml", MUTANTS, read_mutants),
        Kind("equivalent.toml", EQUIVALENT, read_equivalents),
        Kind("cohort.toml", COHORT, read_cohort),
    ]


@pytest.fixture
def rubric(tmp_path: Path) -> Rubric:
    """The one that the form is filled in from."""
    path = tmp_path / "rubric.toml"
    path.write_text(RUBRIC)
    return load_rubric(path)


def broken_values(right: str) -> Iterator[str]:
    """Each value in turn replaced by each wrong one."""
    for at, line in enumerate(lines := right.splitlines()):
        for field in re.finditer(r"([\w]+) = ([^,}]+)", line):
            for value in VALUES:
                changed = line[: field.start(2)] + value + line[field.end(2) :]
                yield "\n".join([*lines[:at], changed, *lines[at + 1 :]])


def broken_texts(right: str, count: int) -> Iterator[bytes]:
    """Lines lost, doubled, moved and slipped in; bytes lost, changed and slipped in."""
    lines = right.splitlines()
    for at, line in enumerate(lines):
        yield "\n".join(lines[:at] + lines[at + 1 :]).encode()
        for slipped_in in (line, *LINES):
            yield "\n".join([*lines[:at], slipped_in, *lines[at:]]).encode()
    draw = random.Random(right)
    for _ in range(count):
        content = bytearray(right.encode())
        for _ in range(draw.randint(1, 3)):
            at = draw.randrange(len(content))
            content[at : at + draw.choice((0, 1, 1, 5))] = draw.choice(
                (b"", b"\xff", b"\0", b'"', b"[", b"]", b"=", b".", b"-", b"1", b"\n", b"{", b"x")
            )
        yield bytes(content)


def refusal(path: Path, kind: Kind, content: bytes) -> str:
    """What the reader says of the file; empty where it takes it."""
    path.write_bytes(content)
    try:
        found = kind.read(path)
    except ConfigurationError as problem:
        return str(problem)
    kind.use(found)
    return ""


def test_every_right_file_is_taken(tmp_path: Path, rubric: Rubric) -> None:
    """Else nothing would follow from the refusals below."""
    for kind in kinds(rubric):
        (tmp_path / "p1").mkdir(exist_ok=True)
        assert refusal(tmp_path / "p1" / kind.name, kind, kind.right.encode()) == ""


@pytest.mark.parametrize("which", range(7))
def test_a_wrong_value_is_refused_with_file_field_and_remedy(
    tmp_path: Path, rubric: Rubric, which: int
) -> None:
    kind = kinds(rubric)[which]
    (tmp_path / "p1").mkdir()
    path = tmp_path / "p1" / kind.name
    refused = 0
    fields = re.findall(r"\w+(?= = )|(?<=\[)[\w.]+(?=\])", kind.right)
    for text in broken_values(kind.right):
        said = refusal(path, kind, text.encode())
        refused += bool(said)
        assert not said or str(path) in said
        if said and "not TOML" not in said and "digits;" not in said and "nested" not in said:
            named = rf"\b({'|'.join(fields)})(\[\d+\])?( = |: )"
            assert re.search(named, said), said
        assert said.replace("\n", "").isprintable(), said
    assert refused > 50


@pytest.mark.parametrize("which", range(7))
def test_a_file_that_was_cut_and_pasted_badly_is_taken_or_refused(
    tmp_path: Path, rubric: Rubric, which: int
) -> None:
    kind = kinds(rubric)[which]
    (tmp_path / "p1").mkdir()
    path = tmp_path / "p1" / kind.name
    said = [refusal(path, kind, content) for content in broken_texts(kind.right, 100)]
    assert all(str(path) in line for line in said if line)
    assert len([line for line in said if line]) > 50
