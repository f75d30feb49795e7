"""The engine of one machine: threads that wait, a pool of warm sandboxes, one examiner process."""

import queue
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing

from autograder.batch.engine import Engine, Place
from autograder.batch.grading import GradingJob, grade
from autograder.batch.patience import PAUSES, Patience
from autograder.batch.secondlook import SecondLooks, patient
from autograder.core.assignment import Assignment
from autograder.core.results import SubmissionResult
from autograder.sandbox.base import Launcher
from autograder.sandbox.pool import WarmPool
from autograder.suite.launcher import ExaminerProcess


class LocalEngine(Engine):
    """Grades on this machine, `parallel` submissions at a time, or as many as there is room for."""

    def __init__(self, launcher: Launcher, parallel: int, pauses: Sequence[float] = PAUSES) -> None:
        self.parallel = min(parallel, launcher.room or parallel)
        self.place = Place(
            isolation=launcher.isolation,
            image_digest=launcher.image_digest,
            device=launcher.device,
        )
        self._launcher = launcher
        self._patience = Patience(pauses)
        self._pool: WarmPool | None = None
        self._examiner: ExaminerProcess | None = None

    def warm_up(self, assignment: Assignment) -> None:
        self._examiner = ExaminerProcess()
        self._examiner.collect(str(assignment.suite))
        self._pool = WarmPool(
            self._launcher, assignment.limits, assignment.resources, ahead=self.parallel
        )

    def run(self, jobs: Sequence[GradingJob]) -> Iterator[SubmissionResult]:
        if not jobs:
            self.close()
            return
        if self._pool is None:
            self.warm_up(jobs[0].assignment)
        pool, examiner = self._pool, self._examiner
        assert pool is not None and examiner is not None
        pool.expect(len(jobs))
        looks = SecondLooks(alone=min(self.parallel, len(jobs)) == 1)

        def look(job: GradingJob) -> SubmissionResult:
            ((_, result),) = self._graded([patient(job)], pool, examiner)
            return result

        try:
            with closing(self._graded(jobs, pool, examiner)) as results:
                for job, result in results:
                    if not looks.keep(job, result):
                        yield result
            yield from looks.take(look)
        finally:
            self.close()

    def _graded(
        self, jobs: Sequence[GradingJob], pool: WarmPool, examiner: ExaminerProcess
    ) -> Generator[tuple[GradingJob, SubmissionResult]]:
        """Each job with its result, as they finish."""
        waiting: queue.SimpleQueue[GradingJob] = queue.SimpleQueue()
        for job in jobs:
            waiting.put(job)
        done: queue.SimpleQueue[tuple[GradingJob, SubmissionResult] | BaseException] = (
            queue.SimpleQueue()
        )
        stop = threading.Event()

        def work() -> None:
            while not stop.is_set():
                try:
                    job = waiting.get_nowait()
                except queue.Empty:
                    return
                try:
                    result = grade(job, pool.take, self._launcher, examiner, self._patience)
                    done.put((job, result))
                except BaseException as problem:
                    done.put(problem)

        threads = [
            threading.Thread(target=work, name="grading")
            for _ in range(min(self.parallel, len(jobs)))
        ]
        try:
            for thread in threads:
                thread.start()
            for _ in jobs:
                result = done.get()
                if isinstance(result, BaseException):
                    raise result
                yield result
        except BaseException:
            self._patience.end()
            examiner.close()
            raise
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def close(self) -> None:
        if self._examiner is not None:
            self._examiner.close()
        if self._pool is not None:
            self._pool.close()
