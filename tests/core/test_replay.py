"""The gradebook that follows from a ledger."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from autograder.core.course import Component, Course, CourseAssignment
from autograder.core.gradebook import AssignmentRecord, Standing, StudentRecord
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
)
from autograder.core.policy import LatePolicy
from autograder.core.replay import replay
from autograder.core.results import Outcome, Provenance, SubmissionResult, TestResult

START = datetime(2025, 3, 1, tzinfo=UTC)
_ticks = count()

COURSE = Course(
    title="Course",
    components=(
        Component(name="seminars", constant=0.2),
        Component(name="practicals", constant=0.3),
        Component(name="project", constant=0.5),
    ),
    assignments=(
        CourseAssignment(slug="s1", component="seminars", marked="hand"),
        CourseAssignment(slug="p1", component="practicals", weight=1),
        CourseAssignment(slug="p2", component="practicals", weight=3, attempts="latest"),
        CourseAssignment(slug="project", component="project", marked="hand"),
    ),
    exemption=6,
    exemption_requires=("project",),
)


def at() -> datetime:
    return START + timedelta(seconds=next(_ticks))


def result(
    earned: int, digest: str = "d1", assignment: str = "p1", **fields: str
) -> SubmissionResult:
    """`earned` of 100 points."""
    return SubmissionResult(
        assignment=assignment,
        student="kim",
        digest=digest,
        provenance=Provenance(isolation="docker", suite_digest=fields.pop("suite", "s")),
        tests=tuple(
            TestResult(name=str(i), title=str(i), points=points, outcome=outcome)
            for i, (points, outcome) in enumerate(
                [(earned, Outcome.PASSED), (100 - earned, Outcome.FAILED)]
            )
        ),
        **fields,
    )


def graded(earned: int, attempt: int = 1, **about: str) -> Graded:
    about.setdefault("digest", f"d{attempt}")
    return Graded(at=at(), by="autograder", attempt=attempt, result=result(earned, **about))


def regraded(earned: int, run: str = "r1", attempt: int = 1, **about: str) -> Regraded:
    about.setdefault("digest", f"d{attempt}")
    return Regraded(
        at=at(), by="owner", regrade=run, attempt=attempt, result=result(earned, **about)
    )


def overridden(mark: float | None, attempt: int | None = None, slug: str = "p1") -> Overridden:
    return Overridden(
        at=at(), by="owner", why="typo", student="kim", assignment=slug, attempt=attempt, mark=mark
    )


def given_mark(mark: float | None, **target: str) -> MarkGiven:
    return MarkGiven(at=at(), by="owner", why="oral", student="kim", mark=mark, **target)


def exam(mark: float | None) -> ExamMark:
    return ExamMark(at=at(), by="owner", student="kim", mark=mark)


def kim(*events: Event) -> StudentRecord:
    return replay(events, COURSE).students["kim"]


def p1(*events: Event) -> AssignmentRecord:
    return kim(*events).assignments["p1"]


def test_an_empty_ledger_has_no_students() -> None:
    assert replay([], COURSE).students == {}


def test_students_are_sorted_and_know_whether_they_are_enrolled() -> None:
    book = replay(
        [graded(50), Enrolled(at=at(), by="owner", student="ada", name="Ada", email="a@b")], COURSE
    )
    assert list(book.students) == ["ada", "kim"]
    assert (book.students["ada"].name, book.students["ada"].enrolled) == ("Ada", True)
    assert not book.students["kim"].enrolled


def test_a_graded_submission_gets_its_share_of_the_scale() -> None:
    record = p1(graded(78))
    assert (record.mark, record.standing) == (7.8, Standing.GRADED)


def test_what_was_not_submitted_counts_zero() -> None:
    student = kim(Enrolled(at=at(), by="owner", student="kim"))
    assert student.components == {"seminars": 0, "practicals": 0, "project": 0}
    assert student.assignments["p1"].standing is Standing.MISSING


def test_a_component_is_the_weighted_mean_of_its_assignments() -> None:
    """(1·8 + 3·4) / 4."""
    student = kim(graded(80), graded(40, assignment="p2"))
    assert student.components["practicals"] == pytest.approx(5)


def test_the_best_attempt_counts_where_the_policy_says_best() -> None:
    record = p1(graded(60, 1), graded(90, 2), graded(70, 3))
    assert record.effective is not None
    assert (record.effective.number, record.mark) == (2, 9)
    assert [attempt.mark for attempt in record.attempts] == [6, 9, 7]


def test_the_latest_attempt_counts_where_the_policy_says_latest() -> None:
    student = kim(graded(90, 1, assignment="p2"), graded(70, 2, assignment="p2"))
    assert student.assignments["p2"].mark == 7


def test_the_attempt_number_and_not_the_arrival_decides_which_is_latest() -> None:
    student = kim(graded(70, 2, assignment="p2"), graded(90, 1, assignment="p2"))
    assert student.assignments["p2"].mark == 7


@pytest.mark.parametrize("slug", ["p1", "p2"])
def test_a_rejected_upload_does_not_displace_a_graded_one(slug: str) -> None:
    rejected = Graded(
        at=at(),
        by="autograder",
        attempt=2,
        result=result(0, "d2", slug, rejection="not a notebook"),
    )
    student = kim(graded(60, 1, assignment=slug), rejected)
    assert student.assignments[slug].mark == 6
    alone = kim(rejected).assignments[slug]
    assert (alone.mark, alone.standing, alone.handed_in) == (0, Standing.GRADED, False)


@pytest.mark.parametrize("slug", ["p1", "p2"])
def test_an_ungraded_attempt_makes_the_component_pending_not_zero(slug: str) -> None:
    student = kim(graded(60, 1, assignment=slug), graded(0, 2, assignment=slug, fault="engine"))
    assert student.assignments[slug].mark is None
    assert student.assignments[slug].standing is Standing.PENDING
    assert student.components["practicals"] is None
    assert student.grade is None


def test_a_superseded_ungraded_attempt_does_not_matter_where_the_latest_counts() -> None:
    student = kim(graded(0, 1, assignment="p2", fault="engine"), graded(70, 2, assignment="p2"))
    assert student.assignments["p2"].mark == 7


def test_the_retry_replaces_an_ungraded_result_and_never_the_other_way_round() -> None:
    fault, real = graded(0, fault="engine"), graded(78)
    assert p1(fault, real).mark == 7.8
    assert p1(real, fault).mark == 7.8


def test_a_second_result_of_a_submission_without_a_regrade_changes_nothing() -> None:
    assert p1(graded(78), graded(10, suite="other")).mark == 7.8


def test_a_regrade_replaces_the_result_and_the_last_regrade_stands() -> None:
    record = p1(graded(50), regraded(60, "r1"), regraded(40, "r2"))
    assert record.mark == 4
    assert [attempt.regrade for attempt in record.attempts] == ["r2"]


def test_an_ungraded_regrade_leaves_the_result_as_it_was() -> None:
    assert p1(graded(50), regraded(0, fault="engine")).mark == 5


def test_a_result_that_arrives_after_its_regrade_changes_nothing() -> None:
    assert p1(regraded(60), graded(50)).mark == 6


def test_an_override_wins_over_regrades_before_and_after_it() -> None:
    record = p1(graded(50), regraded(60, "r1"), overridden(9), regraded(10, "r2"))
    assert (record.mark, record.standing, record.why) == (9, Standing.OVERRIDDEN, "typo")
    assert record.effective is not None
    assert record.effective.mark == 1


def test_an_override_of_one_attempt_competes_with_the_others() -> None:
    events = [graded(50, 1), overridden(7, attempt=1)]
    assert (p1(*events).mark, p1(*events).why) == (7, "typo")
    assert p1(*events, graded(90, 2)).mark == 9
    assert p1(*events, graded(90, 2)).standing is Standing.GRADED


def test_an_override_taken_back_gives_the_result_again() -> None:
    assert p1(graded(50), overridden(9), overridden(None)).mark == 5
    assert p1(graded(50), overridden(9, 1), overridden(None, 1)).mark == 5


def test_an_override_settles_what_was_pending() -> None:
    assert p1(graded(0, fault="engine"), overridden(5)).mark == 5


def test_hand_marked_work_is_pending_once_submitted_until_its_mark_is_given() -> None:
    submitted = graded(100, assignment="s1")
    assert kim(submitted).assignments["s1"].mark is None
    marked = kim(submitted, given_mark(8, assignment="s1")).assignments["s1"]
    assert (marked.mark, marked.standing, marked.why) == (8, Standing.GIVEN, "oral")


def test_a_mark_for_a_component_stands_in_place_of_its_mean() -> None:
    events = [graded(0, fault="engine"), given_mark(8, component="practicals")]
    assert kim(*events).components["practicals"] == 8
    assert kim(*events, given_mark(None, component="practicals")).components["practicals"] is None


def test_a_graded_assignment_outside_the_course_is_recorded_and_not_counted() -> None:
    student = kim(graded(100, assignment="extra"))
    assert student.assignments["extra"].mark == 10
    assert student.components == {"seminars": 0, "practicals": 0, "project": 0}


def test_two_submissions_with_one_number_are_both_kept() -> None:
    record = p1(graded(50, 1, digest="a"), graded(90, 1, digest="b"))
    assert [(a.number, a.mark) for a in record.attempts] == [(1, 5), (2, 9)]


def full(seminars: float, practicals: float, project: float) -> list[Event]:
    return [
        given_mark(seminars, component="seminars"),
        given_mark(practicals, component="practicals"),
        given_mark(project, assignment="project"),
    ]


def test_the_course_grade_follows_from_the_components() -> None:
    grade = kim(*full(4, 6, 8)).grade
    assert grade is not None
    assert (round(grade.raw, 3), grade.exempt, grade.final) == (6.475, True, 6)


def test_exemption_asks_for_the_project_however_good_the_rest() -> None:
    lenient = replace(COURSE, exemption=3)
    without = full(10, 10, 0)[:2]
    student = replay(without, lenient).students["kim"]
    assert student.grade is not None
    assert (student.grade.accumulated, student.grade.exempt) == (4, False)
    assert student.grade.final is None
    with_project = [*without, graded(1, assignment="project"), given_mark(0, assignment="project")]
    student = replay(with_project, lenient).students["kim"]
    assert student.grade is not None
    assert (student.grade.accumulated, student.grade.exempt, student.grade.final) == (4, True, 4)


def test_a_rejected_project_was_not_handed_in() -> None:
    rejected = graded(0, assignment="project", rejection="not a zip")
    events = [*full(10, 10, 0)[:2], rejected, given_mark(0, assignment="project")]
    grade = replay(events, replace(COURSE, exemption=3)).students["kim"].grade
    assert grade is not None
    assert not grade.exempt


def test_the_last_exam_mark_counts_and_can_be_taken_back() -> None:
    assert kim(*full(4, 6, 8), exam(2), exam(10)).grade.final == 7  # type: ignore[union-attr]
    assert kim(*full(4, 6, 8), exam(2), exam(None)).exam is None


def some_events() -> list[Event]:
    return [
        Enrolled(at=at(), by="owner", student="kim", name="Kim"),
        graded(50, 1),
        graded(0, 2, fault="engine"),
        graded(70, 2),
        graded(30, 1, assignment="p2"),
        regraded(60, "r1"),
        overridden(9, 1),
        *full(4, 6, 8),
        exam(5),
        exam(7),
    ]


@given(st.data())
def test_duplicate_deliveries_change_nothing(data: st.DataObject) -> None:
    """A copy of any event, delivered at any later time, even after newer ones."""
    events = some_events()
    book = replay(events, COURSE)
    for _ in range(data.draw(st.integers(1, 6))):
        source = data.draw(st.integers(0, len(events) - 1))
        events.insert(data.draw(st.integers(source + 1, len(events))), events[source])
    assert replay(events, COURSE) == book


@given(st.permutations([graded(50, 1), graded(60, 2), graded(40, 3), graded(0, 2, fault="x")]))
def test_the_order_in_which_results_arrive_does_not_matter(events: list[Event]) -> None:
    record = p1(*events)
    assert [(a.number, a.mark) for a in record.attempts] == [(1, 5), (2, 6), (3, 4)]


@given(st.lists(st.integers(0, 100), min_size=1, max_size=8))
def test_another_attempt_never_lowers_the_best(points: list[int]) -> None:
    events = [graded(earned, number) for number, earned in enumerate(points, 1)]
    assert p1(*events).mark == max(points) / 10


DUE = START + timedelta(days=7)
DATED = replace(
    COURSE,
    assignments=tuple(
        replace(a, deadline=DUE) if a.slug == "p1" else a for a in COURSE.assignments
    ),
    late=LatePolicy(per_day=0.1, most=0.5),
)


def received(days_late: float, attempt: int | None = None) -> Received:
    submitted = DUE + timedelta(days=days_late)
    return Received(
        at=at(), by="lms", student="kim", assignment="p1", attempt=attempt, submitted=submitted
    )


def dated(*events: Event) -> AssignmentRecord:
    return replay(events, DATED).students["kim"].assignments["p1"]


def test_work_is_late_only_where_its_arrival_is_known() -> None:
    assert dated(graded(80)).mark == 8
    assert dated(graded(80), received(-1)).mark == 8
    late = dated(graded(80), received(1.5))
    assert late.mark == pytest.approx(8 * 0.8)
    assert late.effective is not None
    assert late.effective.lateness is not None
    assert late.effective.lateness.days == 2


def test_an_extension_moves_the_deadline_and_can_be_taken_back() -> None:
    def extended(days: int | None) -> Extended:
        until = None if days is None else DUE + timedelta(days=days)
        return Extended(at=at(), by="x", why="ill", student="kim", assignment="p1", until=until)

    events = (graded(80), received(1.5))
    assert dated(*events, extended(2)).mark == 8
    assert dated(*events, extended(1)).mark == pytest.approx(8 * 0.9)
    assert dated(*events, extended(2), extended(None)).mark == pytest.approx(8 * 0.8)


def test_an_attempt_in_time_may_beat_a_better_one_that_is_late() -> None:
    """The best attempt is the one with the best mark after the policy."""
    record = dated(graded(80), graded(90, attempt=2), received(-1, 1), received(3, 2))
    assert record.effective is not None
    assert (record.effective.number, record.mark) == (1, 8)


def test_a_mark_that_a_person_sets_is_not_reduced() -> None:
    override = Overridden(at=at(), by="x", why="y", student="kim", assignment="p1", mark=8)
    assert dated(graded(50), received(4), override).mark == 8


def test_optional_work_counts_only_where_it_helps() -> None:
    course = replace(
        COURSE,
        assignments=(
            *COURSE.assignments,
            CourseAssignment(slug="p6", component="practicals", weight=2, optional=True),
        ),
    )

    def practicals(*events: Event) -> float | None:
        return replay(events, course).students["kim"].components["practicals"]

    base = (graded(40), graded(80, assignment="p2"))
    assert practicals(*base) == 7
    assert practicals(*base, graded(20, assignment="p6")) == 7
    assert practicals(*base, graded(100, assignment="p6")) == pytest.approx((4 + 24 + 20) / 6)
    pending = Graded(
        at=at(), by="x", attempt=1, result=replace(result(1, assignment="p6"), fault="engine")
    )
    assert practicals(*base, pending) == 7, "what is pending may only help"
