"""What a report is made from; the caller computes every mark, reports only lay them out."""

from datetime import datetime

from msgspec import Struct

from autograder.core.results import Outcome, SubmissionResult
from autograder.core.softmin import Explanation


class Attempt(Struct, frozen=True, kw_only=True):
    """One line of a student's history for an assignment."""

    number: int
    made: datetime | None = None
    outcome: Outcome
    score: float
    points: float
    note: str = ""
    """What happened in words for the student: `regraded: the suite changed`, `counts`."""


class Submission(Struct, frozen=True, kw_only=True):
    """The effective result of one student for one assignment."""

    result: SubmissionResult
    attempt: int = 1
    mark: float | None = None
    """What it counts on the course's scale; None: not known, or not to be shown."""
    mark_note: str = ""
    """Why the mark is not what the tests say, in words for the student."""
    history: tuple[Attempt, ...] = ()

    @property
    def graded(self) -> bool:
        """The tests stand: neither refused at intake nor lost by our fault."""
        return not (self.result.fault or self.result.rejection)


class AssignmentReport(Struct, frozen=True, kw_only=True):
    """One assignment with the effective result of every student who submitted."""

    slug: str
    title: str
    component: str
    submissions: tuple[Submission, ...]


class HandMark(Struct, frozen=True, kw_only=True):
    """A mark that a person gave one student for work that no suite has graded."""

    student: str
    slug: str
    title: str
    mark: float
    scale: float
    """The best mark there is."""
    why: str
    """The reason, in words for the student; by a rubric, criterion by criterion."""


class GradeLine(Struct, frozen=True, kw_only=True):
    """One student's course grade with every number that leads to it."""

    student: str
    grade: Explanation | None
    """None while a component has no mark yet."""
    remark: str = ""
    """What to add in words: why the exam may be skipped, what is pending."""


class CourseReport(Struct, frozen=True, kw_only=True):
    """Everything the pages and tables of one course show."""

    title: str
    made: datetime
    assignments: tuple[AssignmentReport, ...]
    grades: tuple[GradeLine, ...] = ()
    hand_marks: tuple[HandMark, ...] = ()
    names: dict[str, str] = {}
    """Student id -> the name to show; ids without a name are shown as they are."""
