"""Time-outs that the machine may have made: the submission is graded again, alone.

A verdict must not depend on what else the machine has to do. While a batch runs, submissions share
its cores, caches and disks; so a time-out is said when it has happened twice, the second time with
nothing else of the batch beside it and with patience for what else runs on the machine.
"""

import math
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec.structs import replace

from autograder.batch.grading import GradingJob
from autograder.core.results import Outcome, SubmissionResult
from autograder.suite.clock import WAITS

_LEAST_SECONDS = 60.0
_MOST_BYTES = 128 * 2**20
"""Of submissions that are kept for a second look."""
_BUSY, _BUSIEST = 1.25, 10.0
"""Times longer: with less the machine has had room for one submission, for more nobody waits."""
_LOOKS, _PAUSE = 10, 0.02


class SecondLooks:
    """Keeps the results of a batch that need a second look, and takes it in the end.

    Second looks take as long as the batch has taken, at the most: students whose loops do not end
    shall not hold up a class. The quickest come first; what is left over stands as it was, as does
    what would not fit into memory.
    """

    def __init__(self, alone: bool) -> None:
        """`alone`: the batch grades one submission at a time."""
        self._alone = alone
        self._began = time.monotonic()
        self._last = math.inf
        self._kept: list[tuple[GradingJob, SubmissionResult]] = []
        self._room = _MOST_BYTES

    def keep(self, job: GradingJob, result: SubmissionResult) -> bool:
        """Whether the result is kept back."""
        if job.training != "always":  # a mutant, of which a lost test is all that is wanted
            return False
        size = sum(len(file.content) for file in job.submission.files)
        if size > self._room or all(test.outcome is not Outcome.TIMEOUT for test in result.tests):
            return False
        self._room -= size
        self._kept.append((job, result))
        return True

    def take(self, grade: Callable[[GradingJob], SubmissionResult]) -> Iterator[SubmissionResult]:
        """The results that are to be said; nothing else of the batch may run meanwhile."""
        now = time.monotonic()
        self._last = now + max(now - self._began, _LEAST_SECONDS)
        for job, first in sorted(self._kept, key=lambda kept: kept[1].seconds):
            undisturbed = self._alone and slowdown() < _BUSY
            yield first if undisturbed or time.monotonic() > self._last else grade(job)


def patient(job: GradingJob) -> GradingJob:
    """The job with time to wait for what this machine has to do besides."""
    return replace(job, waits=WAITS * min(slowdown(), _BUSIEST))


def slowdown() -> float:
    """How many times longer one more process takes here, for what others have to do already.

    1 where the kernel does not tell how many processes are ready to run.
    """
    try:
        ready = []
        for _ in range(_LOOKS):
            lines = Path("/proc/stat").read_text().splitlines()
            ready += [int(line.split()[1]) for line in lines if line.startswith("procs_running")]
            time.sleep(_PAUSE)
        # The process that reads is one of them, and stands for the one to come.
        return max(sum(ready) / len(ready) / (os.cpu_count() or 1), 1.0)
    except (OSError, ValueError, ZeroDivisionError):
        return 1.0
