"""The engine of one machine: threads that wait, a pool of warm sandboxes, one examiner process."""

import queue
import threading
from collections.abc import Iterator, Sequence

from autograder.batch.grading import GradingJob, grade
from autograder.core.results import SubmissionResult
from autograder.sandbox.base import Launcher
from autograder.sandbox.pool import WarmPool
from autograder.suite.launcher import ExaminerProcess


class LocalEngine:
    """Grades `parallel` submissions of one assignment at a time on this machine."""

    def __init__(self, launcher: Launcher, parallel: int) -> None:
        self._launcher = launcher
        self._parallel = parallel

    def run(self, jobs: Sequence[GradingJob]) -> Iterator[SubmissionResult]:
        """Results as they finish, in any order; closing the iterator stops and cleans up."""
        if not jobs:
            return
        assignment = jobs[0].assignment
        waiting: queue.SimpleQueue[GradingJob] = queue.SimpleQueue()
        for job in jobs:
            waiting.put(job)
        done: queue.SimpleQueue[SubmissionResult | BaseException] = queue.SimpleQueue()
        stop = threading.Event()
        pool = WarmPool(
            self._launcher,
            assignment.limits,
            assignment.resources,
            ahead=self._parallel,
            total=len(jobs),
        )
        examiner = ExaminerProcess()

        def work() -> None:
            while not stop.is_set():
                try:
                    job = waiting.get_nowait()
                except queue.Empty:
                    return
                try:
                    done.put(grade(job, pool.take, self._launcher, examiner))
                except BaseException as problem:
                    done.put(problem)

        threads = [threading.Thread(target=work, name="grading") for _ in range(self._parallel)]
        try:
            for thread in threads:
                thread.start()
            for _ in jobs:
                result = done.get()
                if isinstance(result, BaseException):
                    raise result
                yield result
        finally:
            stop.set()
            examiner.close()
            for thread in threads:
                thread.join()
            pool.close()
