"""Grades texts as submissions of the kit's own suites, by the functions that grade students."""

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from msgspec.structs import replace
from part import Part

from autograder.batch.grading import GradingJob, grade
from autograder.batch.patience import Patience
from autograder.core.assignment import Assignment, Limits, Resources
from autograder.core.results import Outcome, SubmissionResult
from autograder.sandbox.base import Launcher
from autograder.sandbox.local import LocalLauncher
from autograder.sandbox.pool import WarmPool
from autograder.submissions.intake import SourceFile, Submission, digest_of
from autograder.suite.launcher import ExaminerProcess

SUITES = Path(__file__).parent / "suites"
ENTRY = "submission.py"
REQUIRED = {"kernels": "product", "probe": "probe"}
LIMITS = Limits(test_seconds=40.0, submission_seconds=120.0, memory_mb=8192, scratch_mb=256)
AHEAD = max(min((os.cpu_count() or 1) // 4, 4), 1)
"""Sandboxes to warm, and to use at a time: more of them would be late on few processors."""
PASSED = "passed 10/10"
HONEST = """
import torch
def product(a, b, device):
    return a.to(device) @ b.to(device)
"""


def assignment(suite: str, gpus: float = 1.0, limits: Limits = LIMITS) -> Assignment:
    """One of the kit's own, for so many GPUs."""
    return Assignment(
        slug=suite,
        title="Of the GPU kit",
        component="practicals",
        folder=SUITES / suite,
        requires=(REQUIRED[suite],),
        limits=limits,
        resources=Resources(image="torch-cpu", gpus=gpus),
    )


def job(about: Assignment, text: str, student: str = "kit") -> GradingJob:
    """A module as a submission."""
    content = text.encode()
    submission = Submission(
        student=student,
        digest=digest_of({ENTRY: content}),
        files=(SourceFile(name=ENTRY, content=content),),
        entry=ENTRY,
    )
    return GradingJob(assignment=about, submission=submission, secret=b"kit", suite_digest="")


class Bench:
    """An examiner, and agents that are warm before they are needed.

    Its sandboxes share the first GPU without slots: an agent holds none of the card's memory, so
    more of them can wait than may compute.
    """

    def __init__(
        self,
        suite: str,
        device: str,
        ahead: int = AHEAD,
        launcher: Launcher | None = None,
        pauses: tuple[float, ...] = (0.5,),
    ) -> None:
        self._device = device
        self._about = assignment(suite)
        self._pauses = pauses
        self.launcher = launcher or LocalLauncher(
            "cuda" if device == "cuda" else "cpu", ("0",) if device == "cuda" else ()
        )
        self._examiner = ExaminerProcess()
        self._examiner.collect(str(self._about.suite))
        self._pool = WarmPool(self.launcher, LIMITS, self._about.resources, ahead)
        self._pool.expect(1000)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._examiner.close()
        self._pool.close()

    def grade(self, text: str, gpus: float = 1.0, limits: Limits = LIMITS) -> SubmissionResult:
        """The result of a module, which gets this share of the GPU."""
        about = replace(
            self._about, limits=limits, resources=replace(self._about.resources, gpus=gpus)
        )
        patience = Patience(self._pauses)
        return grade(job(about, text), self._pool.take, self.launcher, self._examiner, patience)

    def sound(self, part: Part) -> bool:
        """Whether an honest submission passes: else there is nothing to learn, and time to save."""
        return part.record.check("an honest submission", PASSED, words(self.grade(HONEST)))

    def probe(self, text: str, gpus: float = 1.0, limits: Limits = LIMITS) -> dict[str, Any]:
        """What the module's `probe` told; under `ended` how it ended where it did not."""
        return told(self.grade(text, gpus, limits))


def told(result: SubmissionResult) -> dict[str, Any]:
    """The dict that a probe's only test has noted."""
    if result.outcome is Outcome.PASSED:
        found: dict[str, Any] = json.loads(result.tests[0].message)
        return found
    return {"ended": words(result)}


def words(result: SubmissionResult) -> str:
    """How a result ended, in one line."""
    messages = dict.fromkeys(" ".join(t.message.split()) for t in result.tests if t.message)
    said = result.fault or result.rejection or " | ".join(messages)
    return f"{result.outcome.value} {result.earned:g}/{result.points:g} {said}".strip()[:300]


def together(*actions: Callable[[], Any]) -> list[Any]:
    """What each returned, or the exception that it ended with, all run at the same time."""
    answers: list[Any] = [None] * len(actions)

    def run(number: int) -> None:
        try:
            answers[number] = actions[number]()
        except Exception as problem:
            answers[number] = problem

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
