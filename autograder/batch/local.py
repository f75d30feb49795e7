"""The engine of one machine: threads that wait, a pool of warm sandboxes, one examiner process."""

import itertools
import queue
import threading
from collections.abc import Iterator, Sequence

from autograder.batch.engine import Engine, Jobs, Place
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
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._pool: WarmPool | None = None
        self._examiner: ExaminerProcess | None = None

    def warm_up(self, assignment: Assignment) -> None:
        self._examiner = ExaminerProcess()
        self._examiner.collect(str(assignment.suite))
        self._pool = WarmPool(
            self._launcher, assignment.limits, assignment.resources, ahead=self.parallel
        )
        self._pool.warm_up()

    def run(self, jobs: Jobs) -> Iterator[SubmissionResult]:
        coming = iter(jobs)
        if not len(jobs):
            self.close()
            return
        if self._pool is None:
            first = next(coming)
            self.warm_up(first.assignment)
            coming = itertools.chain([first], coming)
        pool, examiner = self._pool, self._examiner
        assert pool is not None and examiner is not None
        pool.expect(len(jobs))
        looks = SecondLooks(alone=min(self.parallel, len(jobs)) == 1)

        def look(job: GradingJob) -> SubmissionResult:
            ((_, result),) = self._graded(iter([patient(job)]), 1, pool, examiner)
            return result

        try:
            for job, result in self._graded(coming, self.parallel, pool, examiner):
                if not looks.keep(job, result):
                    yield result
            yield from looks.take(look)
        finally:
            self.close()

    def _graded(
        self,
        coming: Iterator[GradingJob],
        parallel: int,
        pool: WarmPool,
        examiner: ExaminerProcess,
    ) -> Iterator[tuple[GradingJob, SubmissionResult]]:
        """Each job with its result, as they finish."""
        taking = threading.Lock()
        done: queue.SimpleQueue[tuple[GradingJob, SubmissionResult] | BaseException | None]
        done = queue.SimpleQueue()

        def work() -> None:
            try:
                while not self._stop.is_set():
                    with taking:
                        job = next(coming, None)
                    if job is None:
                        break
                    result = grade(job, pool.take, self._launcher, examiner, self._patience)
                    done.put((job, result))
                    del job  # its bytes are not needed while the next one is read
            except BaseException as problem:
                done.put(problem)
            done.put(None)

        for _ in range(parallel):
            self._threads.append(threading.Thread(target=work, name="grading"))
            self._threads[-1].start()
        while parallel:
            ended = done.get()
            if isinstance(ended, BaseException):
                raise ended
            if ended is None:
                parallel -= 1
            else:
                yield ended

    def close(self) -> None:
        self._stop.set()
        self._patience.end()
        if self._examiner is not None:
            self._examiner.close()
        for thread in self._threads:
            if thread.ident:  # else it was interrupted before it started
                thread.join()
        if self._pool is not None:
            self._pool.close()
