"""What a replayed ledger says of each student: attempts, marks, the course grade."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from autograder.core.policy import Lateness
from autograder.core.results import Outcome, SubmissionResult
from autograder.core.softmin import Explanation


class Standing(StrEnum):
    """Where the mark of an assignment comes from."""

    MISSING = "missing"
    """Nothing was submitted or given: 0."""
    PENDING = "pending"
    """Submitted, but the mark is not known yet: our fault, or a hand has to give it."""
    GRADED = "graded"
    OVERRIDDEN = "overridden"
    GIVEN = "given"


class Attempt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One submission of an assignment with the result that stands for it."""

    number: int
    at: datetime | None = None
    """When it was first graded."""
    result: SubmissionResult
    regrade: str = ""
    """The regrade run that the result comes from; empty: the first grading."""
    overridden: bool = False
    lateness: Lateness | None = None
    """None where deadline or arrival is not known: then it was in time."""
    mark: float | None
    """With what lateness takes, on the course's scale; None: pending."""

    @property
    def rejected(self) -> bool:
        """Refused at intake, and no instructor gave it a mark."""
        return self.result.outcome is Outcome.REJECTED and not self.overridden


class AssignmentRecord(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A student's attempts at one assignment and the mark that counts."""

    slug: str
    attempts: tuple[Attempt, ...] = ()
    effective: Attempt | None = None
    """The attempt that counts, by the assignment's policy."""
    standing: Standing = Standing.MISSING
    mark: float | None = 0.0
    """On the course's scale; None: pending."""
    why: str = ""
    """The reason of a mark that was overridden or given."""

    @property
    def handed_in(self) -> bool:
        """Something readable was submitted, or a mark above 0 was given by hand."""
        return bool(self.mark) or any(not attempt.rejected for attempt in self.attempts)


class StudentRecord(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that the ledger says of one student."""

    student: str
    name: str = ""
    email: str = ""
    enrolled: bool = False
    """Whether the roster lists the student."""
    assignments: dict[str, AssignmentRecord]
    """By slug: the course's assignments in its order, then others that were graded."""
    components: dict[str, float | None]
    """The unrounded mark by component; None: pending."""
    exam: float | None
    grade: Explanation | None
    """None while a component is pending."""


class Gradebook(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every student of the ledger, by name of account, sorted."""

    students: dict[str, StudentRecord]
