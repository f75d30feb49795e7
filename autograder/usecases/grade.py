"""Grades a folder of submissions into the ledger; what is there already is not graded again."""

import logging
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import asdict

import autograder
from autograder.batch.engine import Engine, Place
from autograder.batch.grading import GradingJob
from autograder.batch.patience import Patience
from autograder.core.assignment import Assignment
from autograder.core.gradebook import Attempt, Gradebook
from autograder.core.ledger import Event, Graded, Regraded
from autograder.core.replay import replay
from autograder.core.reproduction import what_changed
from autograder.core.results import Outcome, Provenance, SubmissionResult
from autograder.errors import InfrastructureError, LedgerGone, StoreError
from autograder.submissions.discovery import discover
from autograder.submissions.intake import read_submission
from autograder.submissions.rejection import Rejection
from autograder.usecases.batches import RunningBatch, told
from autograder.usecases.workspace import Workspace, suite_digest

if TYPE_CHECKING:
    from autograder.store import Repository

_BY = "autograder"
_log = logging.getLogger(__name__)


class Handed(Struct, frozen=True, kw_only=True):
    """A submission that is to be graded; its bytes are read when its turn comes."""

    path: Path
    digest: str
    """As it was when the batch began."""


class Batch(Struct, frozen=True, kw_only=True):
    """What a `grade` command has to do."""

    assignment: Assignment
    suite: str
    """Digest of the hidden suite."""
    submissions: tuple[Handed, ...]
    rejections: tuple[Rejection, ...]
    done: int
    """Submissions that the ledger has a result for."""
    outdated: int
    """Of those, the ones graded with another suite."""
    regrade: str
    """The id of this regrade; empty when what is done stays as it is."""
    earlier: dict[str, SubmissionResult]
    """By student: the results that stood for what is graded again."""
    attempts: dict[str, dict[str, int]]
    """By student: the numbers of earlier attempts by digest."""
    unread: list[str]
    """Grows: why submissions could not be read any more when their turn came."""

    @property
    def total(self) -> int:
        """Results to come."""
        return len(self.submissions) + len(self.rejections)

    def attempt(self, result: SubmissionResult) -> int:
        """Which attempt it is: the number of an equal earlier submission, else the next one."""
        numbers = self.attempts.get(result.student, {})
        return numbers.get(result.digest, max(numbers.values(), default=0) + 1)

    def change(self, result: SubmissionResult) -> str:
        """Why a regrade's result is not the identical one; empty if it is, or is the first."""
        before = self.earlier.get(result.student)
        return what_changed(before, result) if before and before.digest == result.digest else ""


@contextmanager
def grading(
    workspace: Workspace,
    slug: str,
    paths: Sequence[Path],
    engine: Engine,
    fresh: bool = False,
) -> Iterator[tuple[Batch, Iterator[SubmissionResult]]]:
    """What is to be done, and the results as they come; leaving the context stops everything.

    Each result is in the ledger before it is yielded. What the ledger has a result for is left
    out, unless `fresh`. Raises ConfigurationError; a broken submission becomes a rejection.
    """
    assignment = workspace.assignment(slug)
    found = discover(paths)
    with engine:
        engine.warm_up(assignment)
        with workspace.open() as repository:
            batch = _prepare(workspace, repository, assignment, found, fresh)
            about = {"assignment": slug, "to_grade": batch.total, "done_before": batch.done}
            _log.info("batch begins", extra=about | asdict(engine.place))
            running = RunningBatch(
                assignment=slug,
                database=workspace.ledger_name(),
                isolation=engine.place.isolation,
                parallel=engine.parallel,
                total=batch.total,
            )
            try:
                with told(running):
                    yield batch, _counted(running, _run(repository, batch, engine))
            except BaseException as end:
                _log.error("batch stopped", extra=about | {"by": type(end).__name__})
                raise
            _log.info("batch ends", extra=about)


def _counted(
    running: RunningBatch, results: Iterator[SubmissionResult]
) -> Iterator[SubmissionResult]:
    for result in results:
        running.count(result)
        yield result


def _prepare(
    workspace: Workspace,
    repository: "Repository",
    assignment: Assignment,
    found: Sequence[tuple[str, Path]],
    fresh: bool,
) -> Batch:
    """A first look at every submission, of which no byte is kept: together they may be large."""
    slug, suite = assignment.slug, suite_digest(assignment)
    known = _known(replay(repository.events(assignment=slug), workspace.course()), slug)
    submissions, rejections, done, outdated = [], [], 0, 0
    regraded = {}
    for _, path in found:
        submission = read_submission(path, assignment)
        student, digest = submission.student, submission.digest
        earlier = _earlier(known.get(student, ()), digest)
        if earlier is not None and not fresh:
            done += 1
            outdated += earlier.provenance.suite_digest != suite
            continue
        if earlier is not None:
            regraded[student] = earlier
        if isinstance(submission, Rejection):
            rejections.append(submission)
        else:
            submissions.append(Handed(path=path, digest=digest))
    return Batch(
        assignment=assignment,
        suite=suite,
        submissions=tuple(submissions),
        rejections=tuple(rejections),
        done=done,
        outdated=outdated,
        regrade=f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}" if fresh else "",
        earlier=regraded,
        attempts={
            student: {attempt.result.digest: attempt.number for attempt in attempts}
            for student, attempts in known.items()
        },
        unread=[],
    )


class _Jobs:
    """The jobs of a batch, each made when it is asked for, from the bytes as they are then."""

    def __init__(self, batch: Batch, secret: bytes) -> None:
        self._batch = batch
        self._secret = secret
        self.refused: list[Rejection] = []
        """Submissions that have become unreadable for the student to repair."""

    def __len__(self) -> int:
        return len(self._batch.submissions)

    def __iter__(self) -> Iterator[GradingJob]:
        return filter(None, map(self._job, self._batch.submissions))

    def _job(self, handed: Handed) -> GradingJob | None:
        batch = self._batch
        try:
            submission = read_submission(handed.path, batch.assignment)
        except InfrastructureError as problem:
            batch.unread.append(str(problem))
            return None
        if submission.digest != handed.digest:
            about = {"student": submission.student, "digest": submission.digest}
            _log.warning("changed since the batch began: taken as it is now", extra=about)
        if isinstance(submission, Rejection):
            self.refused.append(submission)
            return None
        return GradingJob(
            assignment=batch.assignment,
            submission=submission,
            secret=self._secret,
            suite_digest=batch.suite,
        )


def _run(repository: "Repository", batch: Batch, engine: Engine) -> Iterator[SubmissionResult]:
    jobs = _Jobs(batch, repository.secret())

    def results() -> Iterator[SubmissionResult]:
        for rejection in batch.rejections:
            yield _rejected(batch, rejection, engine.place)
        yield from engine.run(jobs)
        for rejection in jobs.refused:
            yield _rejected(batch, rejection, engine.place)

    for result in results():
        _save(repository, batch, result)
        yield result


def _known(gradebook: Gradebook, slug: str) -> dict[str, tuple[Attempt, ...]]:
    """By student: the attempts at the assignment."""
    works = {name: record.assignments.get(slug) for name, record in gradebook.students.items()}
    return {student: work.attempts for student, work in works.items() if work}


def _earlier(attempts: Iterable[Attempt], digest: str) -> SubmissionResult | None:
    for attempt in attempts:
        if attempt.result.digest == digest and attempt.result.outcome is not Outcome.UNGRADED:
            return attempt.result
    return None


def _rejected(batch: Batch, rejection: Rejection, place: Place) -> SubmissionResult:
    return SubmissionResult(
        assignment=batch.assignment.slug,
        student=rejection.student,
        digest=rejection.digest,
        provenance=Provenance(
            isolation=place.isolation,
            suite_digest=batch.suite,
            image_digest=place.image_digest,
            autograder_version=autograder.__version__,
        ),
        rejection=rejection.reason,
    )


def _append(repository: "Repository", event: Event) -> None:
    """Save the event; a ledger that is locked or away for some seconds is waited for."""
    patience, retries = Patience(), 0
    while True:
        try:
            repository.append(event)
            return
        except StoreError as problem:
            if isinstance(problem, LedgerGone) or not patience.pause(retries):
                raise
            retries += 1
            _log.warning("saved again", extra={"fault": str(problem)})


def _save(repository: "Repository", batch: Batch, result: SubmissionResult) -> None:
    attempt = batch.attempt(result)
    now = datetime.now(UTC)
    event: Event
    if batch.regrade:
        event = Regraded(at=now, by=_BY, regrade=batch.regrade, attempt=attempt, result=result)
    else:
        event = Graded(at=now, by=_BY, attempt=attempt, result=result)
    _append(repository, event)
    _log.log(
        logging.ERROR if result.fault else logging.INFO,
        "result saved",
        extra={
            "assignment": result.assignment,
            "student": result.student,
            "attempt": attempt,
            "digest": result.digest,
            "outcome": result.outcome.value,
            "score": result.earned,
            "points": result.points,
            "fault": result.fault,
            "retries": result.retries,
            "seconds": round(result.seconds, 3),
            "phases": {name: round(s, 3) for name, s in asdict(result.phases).items()},
        },
    )
