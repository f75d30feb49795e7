"""What the examiner is told about one submission, and what it answers."""

from typing import Literal

from msgspec import Struct

from autograder.core.assignment import Limits
from autograder.core.results import TestResult
from autograder.suite.clock import WAITS

Training = Literal["always", "unless lost", "never"]


class Job(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One submission to examine; the connected socket travels beside it."""

    suite: str
    """The folder of hidden tests."""
    files: tuple[tuple[str, bytes], ...]
    entry: str
    requires: tuple[str, ...]
    limits: Limits
    seed: bytes
    """Course secret and submission digest hashed together: equal seeds give equal inputs."""
    limits_memory: bool
    """Whether the sandbox holds the submission to its memory limit by itself."""
    pid: int
    """Of the sandbox's first process: the kernel's counters are found by it."""
    device: str = "cpu"
    """What the submission may compute on."""
    gpu_share: float = 0.0
    """Of the memory of each of its GPUs."""
    training: Training = "always"
    """Whether tests marked `training` run; `unless lost`: not once another has not passed."""
    waits: float = WAITS
    """How many times its limits the submission may wait for the machine."""


class Examination(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of a job, or has come of it so far."""

    tests: tuple[TestResult, ...] = ()
    under_way: tuple[TestResult, ...] = ()
    """The test at hand and those behind it, as yet ungraded; none when all is done."""
    answered: bool = False
    """Whether the student's code has said something in the test at hand."""
    notes: tuple[str, ...] = ()
    rejection: str = ""
    suite_fault: str = ""
    """A hidden test or its collection failed by itself."""
    lost: str = ""
    """The agent hung up in the middle; the launcher finds out why."""
    environment: tuple[tuple[str, str], ...] = ()
    """What decided the last bits, in the sandbox and here: see Provenance."""
    round_trips: int = 0
    load_seconds: float = 0.0
    """Until the submission was there and imported, or could not be."""
    seconds: float = 0.0
    ended: "Ended | None" = None
    """What the examination took of its own process."""


class Ended(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the process ended that made an examination."""

    signal: int
    exit_code: int
    memory: int
    """Bytes: the most that it held at a time."""
    cpu_seconds: float
