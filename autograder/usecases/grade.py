"""Grades a folder of submissions into the ledger; what is there already is not graded again."""

import logging
import secrets
from collections.abc import Iterator, Sequence
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
from autograder.core.gradebook import Gradebook
from autograder.core.ledger import Event, Graded, Regraded
from autograder.core.reproduction import what_changed
from autograder.core.results import Outcome, Provenance, SubmissionResult
from autograder.errors import StoreError
from autograder.submissions.discovery import discover
from autograder.submissions.intake import Submission, read_submission
from autograder.submissions.rejection import Rejection
from autograder.usecases.batches import RunningBatch, told
from autograder.usecases.workspace import Workspace, suite_digest

if TYPE_CHECKING:
    from autograder.store import Repository

_BY = "autograder"
_log = logging.getLogger(__name__)


class Batch(Struct, frozen=True, kw_only=True):
    """What a `grade` command has to do."""

    assignment: Assignment
    suite: str
    """Digest of the hidden suite."""
    submissions: tuple[Submission, ...]
    rejections: tuple[Rejection, ...]
    done: int
    """Submissions that the ledger has a result for."""
    outdated: int
    """Of those, the ones graded with another suite."""
    regrade: str
    """The id of this regrade; empty when what is done stays as it is."""
    earlier: dict[str, SubmissionResult]
    """By student: the results that stood for what is graded again."""

    @property
    def total(self) -> int:
        """Results to come."""
        return len(self.submissions) + len(self.rejections)

    def change(self, result: SubmissionResult) -> str:
        """Why a regrade's result is not the identical one; empty if it is, or is the first."""
        before = self.earlier.get(result.student)
        return what_changed(before, result) if before else ""


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
        batch = _prepare(workspace, assignment, found, fresh)
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
                yield batch, _counted(running, _run(workspace, batch, engine))
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
    workspace: Workspace, assignment: Assignment, found: Sequence[tuple[str, Path]], fresh: bool
) -> Batch:
    slug, suite = assignment.slug, suite_digest(assignment)
    with workspace.open() as repository:
        gradebook = workspace.gradebook(repository)
    submissions, rejections, done, outdated = [], [], 0, 0
    regraded = {}
    for _, path in found:
        submission = read_submission(path, assignment)
        earlier = _earlier(gradebook, slug, submission.student, submission.digest)
        if earlier is not None and not fresh:
            done += 1
            outdated += earlier.provenance.suite_digest != suite
            continue
        if earlier is not None:
            regraded[submission.student] = earlier
        if isinstance(submission, Rejection):
            rejections.append(submission)
        else:
            submissions.append(submission)
    return Batch(
        assignment=assignment,
        suite=suite,
        submissions=tuple(submissions),
        rejections=tuple(rejections),
        done=done,
        outdated=outdated,
        regrade=f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}" if fresh else "",
        earlier=regraded,
    )


def _run(workspace: Workspace, batch: Batch, engine: Engine) -> Iterator[SubmissionResult]:
    with workspace.open() as repository:
        gradebook, secret = workspace.gradebook(repository), repository.secret()
        for rejection in batch.rejections:
            result = _rejected(batch, rejection, engine.place)
            _save(repository, gradebook, batch, result)
            yield result
        jobs = [
            GradingJob(
                assignment=batch.assignment,
                submission=submission,
                secret=secret,
                suite_digest=batch.suite,
            )
            for submission in batch.submissions
        ]
        for result in engine.run(jobs):
            _save(repository, gradebook, batch, result)
            yield result


def _earlier(gradebook: Gradebook, slug: str, student: str, digest: str) -> SubmissionResult | None:
    record = gradebook.students.get(student)
    work = record.assignments.get(slug) if record else None
    for attempt in work.attempts if work else ():
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
            if not patience.pause(retries):
                raise
            retries += 1
            _log.warning("saved again", extra={"fault": str(problem)})


def _save(
    repository: "Repository", gradebook: Gradebook, batch: Batch, result: SubmissionResult
) -> None:
    attempt = gradebook.attempt_number(result.student, result.assignment, result.digest)
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
