"""From the events of a ledger to a gradebook: pure, and deaf to duplicate and late deliveries."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from math import fsum

from msgspec.structs import replace

from autograder.core.course import Course, CourseAssignment
from autograder.core.gradebook import (
    AssignmentRecord,
    Attempt,
    Gradebook,
    Standing,
    StudentRecord,
)
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
    key,
    subject,
)
from autograder.core.policy import Lateness, lateness
from autograder.core.results import Outcome, SubmissionResult
from autograder.core.softmin import explain


def replay(events: Iterable[Event], course: Course) -> Gradebook:
    """The gradebook after the events, in ledger order; an event seen before changes nothing.

    - A submission (student, assignment, digest) is one attempt. Its first real result stands,
      until a regrade; `ungraded` never replaces a real result.
    - An override of an attempt wins over its results; a mark given for the assignment wins over
      its attempts; a mark given for a component wins over its assignments. The last mark counts.
    - A component's mark is the weighted mean over its assignments in the course; what is missing
      counts 0, and what is pending makes the component pending. An optional assignment is taken
      into the mean where that raises it.
    - What the grader marked loses by the course's late policy where both its arrival and its
      deadline (or the student's own extension) are known; what a person marked does not.
    """
    histories: defaultdict[str, _History] = defaultdict(_History)
    seen: set[str] = set()
    for event in events:
        if (identity := key(event)) not in seen:
            seen.add(identity)
            histories[subject(event)[0]].apply(event)
    return Gradebook(
        students={
            student: histories[student].record(student, course) for student in sorted(histories)
        }
    )


class _History:
    """One student's events, gathered."""

    def __init__(self) -> None:
        self.roster: Enrolled | None = None
        self.exam: float | None = None
        self.submissions: defaultdict[str, dict[str, Attempt]] = defaultdict(dict)
        """By assignment, then by digest; marks are filled in at the end."""
        self.attempt_marks: dict[tuple[str, int], Overridden] = {}
        self.assignment_marks: dict[str, Overridden | MarkGiven] = {}
        self.component_marks: dict[str, float | None] = {}
        self.arrivals: dict[tuple[str, int | None], datetime] = {}
        self.extensions: dict[str, datetime | None] = {}

    def apply(self, event: Event) -> None:
        match event:
            case Enrolled():
                self.roster = event
            case Graded(attempt=number, result=result):
                self._grade(event.at, number, result)
            case Regraded(attempt=number, result=result, regrade=regrade):
                self._grade(event.at, number, result, regrade)
            case Overridden(assignment=assignment, attempt=int(number)):
                self.attempt_marks[assignment, number] = event
            case Overridden(assignment=str(assignment)) | MarkGiven(assignment=str(assignment)):
                self.assignment_marks[assignment] = event
            case MarkGiven(component=str(component), mark=mark):
                self.component_marks[component] = mark
            case ExamMark(mark=mark):
                self.exam = mark
            case Received(assignment=assignment, attempt=which, submitted=submitted):
                self.arrivals[assignment, which] = submitted
            case Extended(assignment=assignment, until=until):
                self.extensions[assignment] = until

    def _grade(
        self, at: datetime, number: int, result: SubmissionResult, regrade: str = ""
    ) -> None:
        attempts = self.submissions[result.assignment]
        known = attempts.get(result.digest)
        if known is None:
            # Two graders at once may have given two submissions one number: neither is lost.
            taken = [attempt.number for attempt in attempts.values()]
            if number in taken:
                number = max(taken) + 1
            known = Attempt(number=number, at=at, result=result, regrade=regrade, mark=None)
        elif result.outcome is not Outcome.UNGRADED and (
            regrade or known.result.outcome is Outcome.UNGRADED
        ):
            known = replace(known, result=result, regrade=regrade)
        attempts[result.digest] = known

    def record(self, student: str, course: Course) -> StudentRecord:
        places = {a.slug: a for a in course.assignments}
        for slug in sorted(self.submissions.keys() - places.keys()):
            places[slug] = CourseAssignment(slug=slug, component="")
        work = {slug: self._assignment(place, course) for slug, place in places.items()}
        components = {
            component.name: self._component(component.name, course, work)
            for component in course.components
        }
        known = {name: mark for name, mark in components.items() if mark is not None}
        submitted = all(
            bool(self.component_marks.get(name))
            or all(work[a.slug].handed_in for a in course.assignments_of(name) if not a.optional)
            for name in course.exemption_requires
        )
        return StudentRecord(
            student=student,
            name=self.roster.name if self.roster else "",
            email=self.roster.email if self.roster else "",
            enrolled=self.roster is not None,
            assignments=work,
            components=components,
            exam=self.exam,
            grade=(
                explain(known, exam=self.exam, submitted=submitted, formula=course.formula)
                if known.keys() == components.keys()
                else None
            ),
        )

    def _component(
        self, name: str, course: Course, work: dict[str, AssignmentRecord]
    ) -> float | None:
        given = self.component_marks.get(name)
        if given is not None:
            return given
        places = course.assignments_of(name)
        needed = [place for place in places if not place.optional]
        marks = {place.slug: work[place.slug].mark for place in places}
        if any(marks[place.slug] is None for place in needed):
            return None
        points = fsum(place.weight * (marks[place.slug] or 0.0) for place in needed)
        weight = fsum(place.weight for place in needed)
        extra = [(marks[p.slug] or 0.0, p.weight) for p in places if p.optional]
        for mark, share in sorted(extra, reverse=True):
            if mark * weight > points:
                points, weight = points + share * mark, weight + share
        return points / weight

    def _assignment(self, place: CourseAssignment, course: Course) -> AssignmentRecord:
        attempts = tuple(
            self._marked(attempt, place, course)
            for attempt in sorted(self.submissions[place.slug].values(), key=lambda a: a.number)
        )
        record = AssignmentRecord(slug=place.slug, attempts=attempts)
        if attempts:
            effective, mark = _effective(attempts, place.attempts)
            standing = Standing.PENDING if mark is None else Standing.GRADED
            why = ""
            if effective.overridden and mark is not None:
                standing = Standing.OVERRIDDEN
                why = self.attempt_marks[place.slug, effective.number].why
            record = replace(record, effective=effective, mark=mark, standing=standing, why=why)
        given = self.assignment_marks.get(place.slug)
        if given is not None and given.mark is not None:
            overridden = isinstance(given, Overridden)
            record = replace(
                record,
                mark=given.mark,
                standing=Standing.OVERRIDDEN if overridden else Standing.GIVEN,
                why=given.why,
            )
        return record

    def _marked(self, attempt: Attempt, place: CourseAssignment, course: Course) -> Attempt:
        override = self.attempt_marks.get((place.slug, attempt.number))
        if override is not None and override.mark is not None:
            return replace(attempt, mark=override.mark, overridden=True)
        result = attempt.result
        if result.outcome is Outcome.UNGRADED or place.marked == "hand":
            return attempt
        mark = course.scale * result.earned / result.points if result.points else 0.0
        late = self._lateness(attempt.number, place, course)
        return replace(attempt, mark=mark * late.factor if late else mark, lateness=late)

    def _lateness(self, attempt: int, place: CourseAssignment, course: Course) -> Lateness | None:
        deadline = self.extensions.get(place.slug) or place.deadline
        arrival = self.arrivals.get((place.slug, attempt)) or self.arrivals.get((place.slug, None))
        if deadline is None or arrival is None:
            return None
        return lateness(arrival, deadline, course.late)


def _effective(attempts: tuple[Attempt, ...], policy: str) -> tuple[Attempt, float | None]:
    """The attempt that counts and its mark; None where a pending attempt may yet decide.

    A rejected attempt counts only where there is no other.
    """
    readable = [attempt for attempt in attempts if not attempt.rejected] or list(attempts)
    if policy == "latest":
        return readable[-1], readable[-1].mark
    marks = [-1.0 if attempt.mark is None else attempt.mark for attempt in readable]
    best = readable[marks.index(max(marks))]
    return best, None if -1.0 in marks else best.mark
