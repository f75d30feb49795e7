"""Grades one submission: a fresh sandbox, one examination, more tries after our own faults."""

import hashlib
import logging
import time
from collections.abc import Callable

import msgspec
from msgspec import Struct

import autograder
from autograder.batch.patience import Patience
from autograder.core.assignment import Assignment
from autograder.core.results import Outcome, Phases, Provenance, SubmissionResult, TestResult
from autograder.errors import InfrastructureError, SandboxFailed, SuiteError
from autograder.sandbox.base import Death, Launcher, Sandbox
from autograder.submissions.intake import Submission
from autograder.suite.clock import WAITS
from autograder.suite.job import Examination, Job, Training
from autograder.suite.launcher import ExaminerProcess

_log = logging.getLogger(__name__)


class GradingJob(Struct, frozen=True, kw_only=True):
    """One submission of one assignment."""

    assignment: Assignment
    submission: Submission
    secret: bytes
    """The course's: with the submission's digest it makes the seed of every hidden input."""
    suite_digest: str
    training: Training = "always"
    waits: float = WAITS
    """How many times its limits the submission may wait for the machine."""


def seed_of(secret: bytes, digest: str) -> bytes:
    """Equal submissions get equal inputs, which nobody can foresee without the course's secret."""
    return hashlib.sha256(secret + digest.encode()).digest()


def grade(
    job: GradingJob,
    take: Callable[[], Sandbox],
    launcher: Launcher,
    examiner: ExaminerProcess,
    patience: Patience,
) -> SubmissionResult:
    """The result of a submission; `ungraded` when our side keeps failing in fresh sandboxes."""
    started = time.monotonic()
    blank = _blank(job, launcher.isolation, launcher.image_digest, launcher.device)
    retries = 0
    while True:
        try:
            examination, phases = _examine(job, take, launcher, examiner)
            break
        except SuiteError as fault:
            return msgspec.structs.replace(blank, fault=f"the hidden suite failed: {fault}")
        except (InfrastructureError, OSError) as fault:  # a full disk, too many open files
            if not patience.pause(retries):
                return msgspec.structs.replace(blank, fault=str(fault), retries=retries)
            retries += 1
            about = {"student": job.submission.student, "fault": str(fault)}
            _log.warning("tried again in a fresh sandbox", extra=about)
    patience.worked()
    provenance = msgspec.structs.replace(blank.provenance, environment=examination.environment)
    return msgspec.structs.replace(
        blank,
        provenance=provenance,
        tests=examination.tests,
        rejection=examination.rejection,
        notes=(*examination.notes, *_budget(job.assignment, launcher)),
        retries=retries,
        seconds=time.monotonic() - started,
        phases=phases,
    )


def ungraded(job: GradingJob, isolation: str, fault: str) -> SubmissionResult:
    """The result of a submission that never came to be graded, by our fault."""
    return msgspec.structs.replace(_blank(job, isolation), fault=fault)


def _blank(
    job: GradingJob, isolation: str, image_digest: str = "", device: str = "cpu"
) -> SubmissionResult:
    return SubmissionResult(
        assignment=job.assignment.slug,
        student=job.submission.student,
        digest=job.submission.digest,
        provenance=Provenance(
            isolation=isolation,
            suite_digest=job.suite_digest,
            image_digest=image_digest,
            autograder_version=autograder.__version__,
            device=device,
        ),
    )


def _budget(assignment: Assignment, launcher: Launcher) -> tuple[str, ...]:
    if not assignment.resources.gpus or launcher.device == "cuda":
        return ()
    return ("graded on the CPU, within the CPU's budget: this assignment would rather have a GPU",)


def _examine(
    job: GradingJob, take: Callable[[], Sandbox], launcher: Launcher, examiner: ExaminerProcess
) -> tuple[Examination, Phases]:
    submission, assignment = job.submission, job.assignment
    asked = time.monotonic()
    with take() as sandbox:
        taken = time.monotonic()
        examination = examiner.examine(
            Job(
                suite=str(assignment.suite),
                files=tuple((file.name, file.content) for file in submission.files),
                entry=submission.entry,
                requires=assignment.requires,
                limits=assignment.limits,
                seed=seed_of(job.secret, submission.digest),
                limits_memory=launcher.limits_memory,
                pid=sandbox.pid,
                device=launcher.device,
                gpu_share=assignment.resources.gpu_share if launcher.device == "cuda" else 0.0,
                training=job.training,
                waits=job.waits,
            ),
            sandbox.socket,
        )
        if examination.suite_fault:
            raise SuiteError(examination.suite_fault)
        if examination.lost:
            examination = blame(examination, sandbox.death())
        examined = time.monotonic()
    return examination, Phases(
        sandbox=taken - asked,
        load=examination.load_seconds,
        tests=max(examined - taken - examination.load_seconds, 0.0),
        removal=time.monotonic() - examined,
    )


def blame(examination: Examination, death: Death) -> Examination:
    """Tests that the lost sandbox cut off: out of memory, or (SandboxFailed) our own fault."""
    if not death.out_of_memory:
        raise SandboxFailed(f"{examination.lost}; {death.description}")

    def judged(test: TestResult) -> TestResult:
        if test.outcome is not Outcome.UNGRADED:
            return test
        return msgspec.structs.replace(
            test,
            outcome=Outcome.OUT_OF_MEMORY,
            message="Your code filled the memory of the whole sandbox in this test or before it.",
        )

    return msgspec.structs.replace(
        examination, tests=tuple(map(judged, examination.tests)), lost=""
    )
