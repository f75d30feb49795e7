"""The engine of one machine: threads that wait, a pool of warm sandboxes, one examiner process."""

import queue
import threading
from collections.abc import Iterator, Sequence
from typing import Self

from autograder.batch.grading import GradingJob, grade
from autograder.core.assignment import Assignment
from autograder.core.results import SubmissionResult
from autograder.sandbox.base import Launcher
from autograder.sandbox.pool import WarmPool
from autograder.suite.launcher import ExaminerProcess


class LocalEngine:
    """Grades `parallel` submissions of one assignment at a time on this machine, in one run."""

    def __init__(self, launcher: Launcher, parallel: int) -> None:
        self._launcher = launcher
        self._parallel = parallel
        self._pool: WarmPool | None = None
        self._examiner: ExaminerProcess | None = None

    def warm_up(self, assignment: Assignment) -> None:
        """Start the first sandboxes and the examiner, while the caller still reads its input."""
        self._examiner = ExaminerProcess()
        self._pool = WarmPool(
            self._launcher, assignment.limits, assignment.resources, ahead=self._parallel
        )

    def run(self, jobs: Sequence[GradingJob]) -> Iterator[SubmissionResult]:
        """Results as they finish, in any order; closing the iterator stops and cleans up."""
        if not jobs:
            self.close()
            return
        if self._pool is None:
            self.warm_up(jobs[0].assignment)
        pool, examiner = self._pool, self._examiner
        assert pool is not None and examiner is not None
        pool.expect(len(jobs))
        waiting: queue.SimpleQueue[GradingJob] = queue.SimpleQueue()
        for job in jobs:
            waiting.put(job)
        done: queue.SimpleQueue[SubmissionResult | BaseException] = queue.SimpleQueue()
        stop = threading.Event()

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
            self.close()

    def close(self) -> None:
        """Stop what was warmed up; calling it again does nothing."""
        if self._examiner is not None:
            self._examiner.close()
        if self._pool is not None:
            self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
