"""The events that a gradebook is replayed from; each is written once and never changed.

    Enrolled        a student is on the roster
    Graded          a submission was graded as the student's n-th attempt
    Regraded        the same submission was graded again on purpose; replaces its result
    Overridden      an instructor sets the mark of one attempt, or of the whole assignment
    MarkGiven       a mark given by hand for an assignment, or for a whole component
    ExamMark        the exam was sat
    Received        when a student's work arrived, as the learning platform says
    Extended        a student has until then

Marks are in points of the course's scale; a mark of None takes an earlier one back.
"""

import hashlib
import json
from datetime import datetime, timedelta
from math import isfinite
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from autograder.core.course import Course
from autograder.core.policy import YEARS
from autograder.core.results import Outcome, SubmissionResult
from autograder.errors import ConfigurationError


class _Event(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="event"):
    at: Annotated[datetime, Meta(tz=True)]
    """When, in UTC."""
    by: str
    """Who: a person's login, or `autograder` for a batch."""
    why: str = ""

    def __post_init__(self) -> None:
        if self.at.utcoffset() != timedelta(0):
            raise ValueError(f"at = {self.at.isoformat()}: use UTC, datetime.now(UTC)")


class Enrolled(_Event, frozen=True, kw_only=True, tag="enrolled"):
    """A student is on the roster; enrolling again renews name and e-mail."""

    student: str
    name: str = ""
    email: str = ""


class Graded(_Event, frozen=True, kw_only=True, tag="graded"):
    """A submission was graded; the first result of a submission that is not `ungraded` stands."""

    attempt: int
    """1-based, per student and assignment."""
    result: SubmissionResult


class Regraded(_Event, frozen=True, kw_only=True, tag="regraded"):
    """A submission was graded again on purpose; the last regrade stands unless it is `ungraded`."""

    regrade: str
    """The id of the regrade run: one result per run and submission."""
    attempt: int
    result: SubmissionResult


class Overridden(_Event, frozen=True, kw_only=True, tag="overridden"):
    """An instructor's mark wins over every grading and regrading, earlier or later."""

    student: str
    assignment: str
    attempt: int | None = None
    """None: the assignment, whatever its attempts; else this one, which still competes."""
    mark: float | None


class MarkGiven(_Event, frozen=True, kw_only=True, tag="mark"):
    """A mark given by hand for an assignment, or for a component in place of its mean.

    Raises `ValueError` unless exactly one of `assignment` and `component` is given.
    """

    student: str
    assignment: str | None = None
    component: str | None = None
    mark: float | None

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.assignment is None) == (self.component is None):
            raise ValueError("a mark is given for an assignment or for a component, not both")


class ExamMark(_Event, frozen=True, kw_only=True, tag="exam"):
    """The exam was sat with this mark."""

    student: str
    mark: float | None


class Received(_Event, frozen=True, kw_only=True, tag="received"):
    """When an attempt arrived; without this event work is never late."""

    student: str
    assignment: str
    attempt: int | None = None
    """None: every attempt that has no time of its own."""
    submitted: Annotated[datetime, Meta(tz=True)]


class Extended(_Event, frozen=True, kw_only=True, tag="extended"):
    """A deadline of the student's own for an assignment; None takes it back."""

    student: str
    assignment: str
    until: Annotated[datetime, Meta(tz=True)] | None


Event = Enrolled | Graded | Regraded | Overridden | MarkGiven | ExamMark | Received | Extended

MOST_ATTEMPTS = 1_000_000
"""What is beyond is a slip of the pen."""

_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode(event: Event) -> str:
    """The event as JSON; where a file name brought lone surrogates in, its text made `plain`.

    Raises `ValueError` if the event would not decode again: a NaN, a value of the wrong type.
    """
    try:
        payload = msgspec.json.encode(event)
    except UnicodeEncodeError:
        payload = msgspec.json.encode(_plain(msgspec.to_builtins(event)))
    # Decoded and encoded again, an 8 is 8.0: equal events have equal text.
    return msgspec.json.encode(_decoder.decode(payload)).decode()


def decode(payload: str) -> Event:
    """The event that `encode` wrote. Raises `msgspec.ValidationError`, a `ValueError`."""
    return _decoder.decode(payload)


def graded_key(
    *, assignment: str, student: str, digest: str, suite_digest: str, image_digest: str
) -> str:
    """Equal for equal work: a submission that has this key in the ledger need not be graded."""
    return _key("graded", assignment, student, digest, suite_digest, image_digest)


def key(event: Event) -> str:
    """What makes a second delivery of the event a duplicate.

    An `ungraded` result never takes the place of the real one that a retry brings.
    """
    match event:
        case Graded(result=result) | Regraded(result=result) if result.outcome is Outcome.UNGRADED:
            return _key("ungraded", encode(event))
        case Graded(result=result):
            return graded_key(
                assignment=result.assignment,
                student=result.student,
                digest=result.digest,
                suite_digest=result.provenance.suite_digest,
                image_digest=result.provenance.image_digest,
            )
        case Regraded(regrade=regrade, result=result):
            return _key("regraded", regrade, result.assignment, result.student, result.digest)
        case _:
            return _key(type(event).__name__.lower(), encode(event))


def subject(event: Event) -> tuple[str, str | None]:
    """The student that the event is about, and the assignment if it is about one."""
    match event:
        case Graded() | Regraded():
            return event.result.student, event.result.assignment
        case Overridden() | MarkGiven() | Received() | Extended():
            return event.student, event.assignment
        case _:
            return event.student, None


def check(event: Event, course: Course) -> None:
    """Refuses a hand-made event that the course has no place for, before it is written.

    Raises `ConfigurationError`: nobody it is about, a mark outside the scale, an attempt or a year
    that cannot be, an unknown assignment or component, a mark without a reason.
    """
    student = subject(event)[0]
    if not student.strip():
        raise ConfigurationError(
            f"student {student!r}: the id is empty; give the name of the submission"
        )
    mark = event.mark if isinstance(event, Overridden | MarkGiven | ExamMark) else None
    if mark is not None and not (isfinite(mark) and 0 <= mark <= course.scale):
        raise ConfigurationError(
            f"mark of {student}: {mark} is outside 0 … {course.scale:g}; "
            f"give it in points of the course's scale"
        )
    attempt = event.attempt if isinstance(event, Overridden | Received) else None
    if attempt is not None and not 1 <= attempt <= MOST_ATTEMPTS:
        raise ConfigurationError(
            f"attempt of {student}: {attempt} is outside 1 … {MOST_ATTEMPTS}; the first one is 1"
        )
    time = event.submitted if isinstance(event, Received) else None
    time = event.until if isinstance(event, Extended) else time
    if time is not None and time.year not in YEARS:
        raise ConfigurationError(
            f"time of {student}: {time.isoformat()} is outside the years {YEARS[0]} … {YEARS[-1]}; "
            f"correct the year"
        )
    if isinstance(event, Overridden | MarkGiven | Extended) and not event.why.strip():
        raise ConfigurationError(f"{event.student}: no reason given; say why, somebody may ask")
    slug = None if isinstance(event, Graded | Regraded) else subject(event)[1]
    if slug is not None and course.assignment(slug) is None:
        slugs = ", ".join(a.slug for a in course.assignments)
        raise ConfigurationError(f"assignment {slug!r} is not in course.toml; it lists {slugs}")
    if isinstance(event, MarkGiven) and event.component is not None:
        names = [component.name for component in course.components]
        if event.component not in names:
            raise ConfigurationError(
                f"component {event.component!r} is not in course.toml; it lists {', '.join(names)}"
            )


def plain(text: str) -> str:
    """Text that JSON and every database can hold: lone surrogates, NUL in escaped letters."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", r"\x00")


def _key(kind: str, *parts: str) -> str:
    # JSON of a list: no two lists of parts look alike.
    parts_as_json = json.dumps([plain(part) for part in parts])
    return f"{kind}:{hashlib.sha256(parts_as_json.encode()).hexdigest()}"


def _plain(value: object) -> object:
    match value:
        case str():
            return plain(value)
        case dict():
            return {k: _plain(v) for k, v in value.items()}
        case list() | tuple():
            return [_plain(v) for v in value]
        case _:
            return value
