"""What grading ends in: a closed set of outcomes, one result per test, one per submission."""

from enum import StrEnum
from typing import ClassVar

from msgspec import Struct


class Outcome(StrEnum):
    """How a test, or a whole submission, ended."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    PROTOCOL_VIOLATION = "protocol_violation"
    REJECTED = "rejected"
    UNGRADED = "ungraded"


# From mild to grave: a submission's outcome is the gravest outcome among its tests.
GRAVITY: tuple[Outcome, ...] = tuple(Outcome)


class Heatmap(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a tensor is wrong: a small matrix of errors, drawn in the student's report."""

    tensor: str
    rows: int
    columns: int
    errors: tuple[float, ...]
    """Row-major, `rows * columns` values in [0, 1]: 1 is off by the size of the value or more."""


class TestResult(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One hidden test of one submission."""

    __test__: ClassVar[bool] = False  # not a test class for pytest

    name: str
    """The pytest name within the suite, `test_linear.py::test_forward`; unique."""
    title: str
    """What holds when the test passes, as shown to people."""
    points: float
    outcome: Outcome
    message: str = ""
    """For the student: never a hidden input, a host path or a stack trace of ours."""
    hint: str = ""
    detail: str = ""
    """For the instructor only: what pytest says of the failure."""
    heatmap: Heatmap | None = None
    seconds: float = 0.0

    @property
    def earned(self) -> float:
        """Points won: all of them or none."""
        return self.points if self.outcome is Outcome.PASSED else 0.0


class Provenance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a result was made with, so that a regrade can name what changed."""

    isolation: str
    """`docker` or `local`: how far the submission was kept apart from the machine."""
    suite_digest: str = ""
    image_digest: str = ""
    autograder_version: str = ""
    device: str = "cpu"
    environment: tuple[tuple[str, str], ...] = ()
    """What else decides the last bits: processor, libraries, GPU, settings; as (name, value)."""


class Phases(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the wall seconds of a submission went, of its last try in a sandbox."""

    sandbox: float = 0.0
    """Waiting for one that is ready; near 0 while the pool keeps up."""
    load: float = 0.0
    """Handing the submission over and importing it, for the first of the tests."""
    tests: float = 0.0
    removal: float = 0.0
    """Killing whatever still ran, and removing the sandbox."""


class SubmissionResult(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One graded submission: every test of the suite stands in it, run or not."""

    assignment: str
    student: str
    digest: str
    """SHA-256 (hex) of the submitted files: equal digests are equal submissions."""
    provenance: Provenance
    tests: tuple[TestResult, ...] = ()
    rejection: str = ""
    """Why the submission was refused, in words for the student; empty if it was not."""
    fault: str = ""
    """Why OUR side could not grade it, in words for the instructor; empty if it could."""
    notes: tuple[str, ...] = ()
    """What the student should know besides the tests: cells left out, for example."""
    retries: int = 0
    seconds: float = 0.0
    phases: Phases = Phases()

    @property
    def outcome(self) -> Outcome:
        """`ungraded`, `rejected`, or the gravest outcome among the tests."""
        if self.fault:
            return Outcome.UNGRADED
        if self.rejection:
            return Outcome.REJECTED
        return max((test.outcome for test in self.tests), key=GRAVITY.index, default=Outcome.FAILED)

    @property
    def earned(self) -> float:
        """Points won over all tests."""
        return sum(test.earned for test in self.tests)

    @property
    def points(self) -> float:
        """Points that could be won: a missing or crashed test stays in the denominator."""
        return sum(test.points for test in self.tests)
