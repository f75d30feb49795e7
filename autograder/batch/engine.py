"""What every engine promises: one result for each job, and nothing left behind."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Protocol, Self

from msgspec import Struct

from autograder.batch.grading import GradingJob
from autograder.core.assignment import Assignment
from autograder.core.results import SubmissionResult


class Place(Struct, frozen=True, kw_only=True):
    """Where submissions run, as stamped on results."""

    isolation: str
    image_digest: str
    device: str


class Jobs(Protocol):
    """The jobs of a run, a list of them for example: taken one by one, as there is room for each.

    Who makes each only when it is asked for never has more of them in memory than are being graded.
    """

    def __len__(self) -> int:
        """So many jobs come at most."""

    def __iter__(self) -> Iterator[GradingJob]:
        """Called once, the iterator from several threads, but never by two at the same time."""


class Engine(ABC):
    """Grades the submissions of one assignment, in one run; never touches the ledger."""

    parallel: int
    """How many submissions are graded at the same time."""
    place: Place
    """Known once the engine is warm."""

    @abstractmethod
    def warm_up(self, assignment: Assignment) -> None:
        """Start what grading needs, while the caller still reads its input.

        Raises InfrastructureError where nothing can be graded at all.
        """

    @abstractmethod
    def run(self, jobs: Jobs) -> Iterator[SubmissionResult]:
        """Results as they finish, in any order; closing the iterator stops and cleans up."""

    @abstractmethod
    def close(self) -> None:
        """Stop what was started; calling it again does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
