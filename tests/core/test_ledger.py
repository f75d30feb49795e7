"""Events: what they may hold, how they are written, what makes two of them one."""

from datetime import UTC, datetime, timedelta, timezone
from math import inf, nan

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.core.course import Component, Course, CourseAssignment
from autograder.core.ledger import (
    Enrolled,
    Event,
    ExamMark,
    Extended,
    Graded,
    MarkGiven,
    Overridden,
    Received,
    Regraded,
    check,
    decode,
    encode,
    graded_key,
    key,
    plain,
    subject,
)
from autograder.core.results import Heatmap, Outcome, Provenance, SubmissionResult, TestResult
from autograder.errors import ConfigurationError

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
COURSE = Course(
    title="Course",
    components=(Component(name="practicals", constant=1.0),),
    assignments=(CourseAssignment(slug="p1", component="practicals"),),
)


def result(
    student: str = "kim", digest: str = "d1", suite: str = "s1", image: str = "i1", fault: str = ""
) -> SubmissionResult:
    return SubmissionResult(
        assignment="p1",
        student=student,
        digest=digest,
        provenance=Provenance(isolation="docker", suite_digest=suite, image_digest=image),
        tests=(
            TestResult(
                name="test_a.py::test_a",
                title="a",
                points=4,
                outcome=Outcome.FAILED,
                message="grad_b[2] is −0.08",
                heatmap=Heatmap(tensor="grad_b", rows=1, columns=2, errors=(0.0, 1.0)),
            ),
        ),
        fault=fault,
    )


def graded(attempt: int = 1, **about: str) -> Graded:
    return Graded(at=NOON, by="autograder", attempt=attempt, result=result(**about))


def override(attempt: int) -> Overridden:
    return Overridden(
        at=NOON, by="o", why="w", student="kim", assignment="p1", attempt=attempt, mark=1
    )


FAR = datetime(9999, 12, 31, tzinfo=UTC)
EVENTS: list[Event] = [
    Enrolled(at=NOON, by="owner", student="kim", name="Kim Ли", email="kim@example.org"),
    graded(),
    Regraded(at=NOON, by="owner", why="suite", regrade="r1", attempt=1, result=result()),
    Overridden(at=NOON, by="owner", why="typo", student="kim", assignment="p1", mark=9.5),
    MarkGiven(at=NOON, by="owner", why="oral", student="kim", component="practicals", mark=None),
    ExamMark(at=NOON, by="owner", student="kim", mark=7),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_survives_json(event: Event) -> None:
    assert decode(encode(event)) == event


@given(st.text(), st.text(st.characters(codec=None)))
def test_any_text_is_written_and_read_again(why: str, student: str) -> None:
    """Lone surrogates too: they come from file names that are not UTF-8."""
    event = ExamMark(at=NOON, by="owner", why=why, student=student, mark=None)
    restored = decode(encode(event))
    assert plain(subject(restored)[0]) == plain(student)
    assert key(restored) == key(event)


def test_the_key_of_a_graded_event_is_the_same_before_and_after_json_for_a_broken_name() -> None:
    event = graded(student="caf\udce9")
    assert key(decode(encode(event))) == key(event)


@pytest.mark.parametrize("mark", [nan, inf])
def test_an_event_that_could_not_be_read_again_is_not_written(mark: float) -> None:
    with pytest.raises(ValueError, match="got `null`"):
        encode(
            Graded(
                at=NOON, by="x", attempt=1, result=msgspec.structs.replace(result(), seconds=mark)
            )
        )


@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=3))])
def test_times_are_utc(zone: timezone | None) -> None:
    with pytest.raises(ValueError, match="use UTC"):
        ExamMark(at=datetime(2025, 3, 1, tzinfo=zone), by="owner", student="kim", mark=1)


def test_unknown_fields_and_kinds_are_refused() -> None:
    payload = encode(EVENTS[-1])
    with pytest.raises(ValueError, match="unknown field"):
        decode(payload.replace('"mark"', '"marks"'))
    with pytest.raises(ValueError, match="Invalid value 'exams'"):
        decode(payload.replace('"exam"', '"exams"'))


@pytest.mark.parametrize("targets", [{}, {"assignment": "p1", "component": "practicals"}])
def test_a_mark_is_given_for_exactly_one_thing(targets: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="not both"):
        MarkGiven(at=NOON, by="owner", student="kim", mark=1, **targets)


def test_equal_work_has_one_key_whoever_delivers_it_and_when() -> None:
    late = Graded(at=NOON + timedelta(days=9), by="another host", attempt=2, result=result())
    assert key(late) == key(graded())
    assert key(graded()) == graded_key(
        assignment="p1", student="kim", digest="d1", suite_digest="s1", image_digest="i1"
    )


@pytest.mark.parametrize("change", ["student", "digest", "suite", "image"])
def test_other_work_has_another_key(change: str) -> None:
    assert key(graded(**{change: "other"})) != key(graded())


def test_the_parts_of_a_key_cannot_run_together() -> None:
    assert key(graded(suite="a", image="bc")) != key(graded(suite="ab", image="c"))


def test_an_ungraded_result_does_not_take_the_key_of_the_real_one() -> None:
    assert key(graded(fault="engine down")) != key(graded())


def test_each_regrade_run_has_its_own_key() -> None:
    def regraded(regrade: str) -> Regraded:
        return Regraded(at=NOON, by="owner", regrade=regrade, attempt=1, result=result())

    keys = {key(graded()), key(regraded("r1")), key(regraded("r2"))}
    assert len(keys) == 3
    assert key(regraded("r1")) in keys


def test_the_same_mark_given_twice_at_other_times_is_two_events() -> None:
    first = ExamMark(at=NOON, by="owner", student="kim", mark=8)
    again = ExamMark(at=NOON + timedelta(seconds=1), by="owner", student="kim", mark=8)
    assert key(first) != key(again)
    assert key(first) == key(decode(encode(first)))


def test_subjects_are_student_and_assignment() -> None:
    subjects = [subject(event) for event in EVENTS]
    assert subjects == [("kim", None)] + [("kim", "p1")] * 3 + [("kim", None)] * 2


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (ExamMark(at=NOON, by="o", student="kim", mark=85), "85 is outside 0 … 10"),
        (ExamMark(at=NOON, by="o", student="kim", mark=nan), "nan is outside"),
        (
            Overridden(at=NOON, by="o", student="kim", assignment="p1", mark=-1, why="w"),
            "-1 is outside",
        ),
        (
            Overridden(at=NOON, by="o", student="kim", assignment="p1", mark=1, why=" "),
            "no reason given",
        ),
        (
            MarkGiven(at=NOON, by="o", student="kim", assignment="p9", mark=1, why="w"),
            "'p9' is not in course.toml; it lists p1",
        ),
        (
            MarkGiven(at=NOON, by="o", student="kim", component="exam", mark=1, why="w"),
            "'exam' is not in course.toml; it lists practicals",
        ),
        (ExamMark(at=NOON, by="o", student="", mark=1), "student '': the id is empty"),
        (ExamMark(at=NOON, by="o", student=" \n", mark=1), "the id is empty; give the name"),
        (override(attempt=0), "attempt of kim: 0 is outside 1"),
        (override(attempt=-1), "attempt of kim: -1 is outside 1"),
        (override(attempt=10**30), "is outside 1 … 1000000; the first one is 1"),
        (
            Received(at=NOON, by="o", student="kim", assignment="p1", submitted=FAR),
            "time of kim: 9999-12-31T.* is outside the years 2000 … 2999; correct the year",
        ),
        (
            Extended(at=NOON, by="o", why="w", student="kim", assignment="p1", until=FAR),
            "is outside the years",
        ),
    ],
)
def test_what_the_course_has_no_place_for_is_refused(event: Event, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        check(event, COURSE)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_proper_events_are_accepted(event: Event) -> None:
    check(event, COURSE)
