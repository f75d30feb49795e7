"""The engine of a Ray cluster: a grader for each slot of each host, submissions sent by value.

The cluster's hosts have this version of the package and, for the docker sandbox, an engine and the
image; they share no disk with each other. A host that lacks something says so and is avoided. What
a lost host or grader was busy with is graded again elsewhere.
"""

import itertools
import logging
import shutil
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import ray
from msgspec import Struct
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

import autograder
from autograder.batch.engine import Engine, Jobs, Place
from autograder.batch.grading import GradingJob, grade, ungraded
from autograder.batch.patience import Patience
from autograder.batch.secondlook import SecondLooks, patient
from autograder.core.assignment import Assignment
from autograder.core.results import SubmissionResult
from autograder.errors import AutograderError, EngineUnavailable, InfrastructureError
from autograder.sandbox.base import Launcher
from autograder.sandbox.folders import make_folder
from autograder.sandbox.pool import WarmPool
from autograder.suite.launcher import ExaminerProcess

MakeLauncher = Callable[[tuple[str, ...]], Launcher]
"""Called on a host with the device ids that Ray gives the grader there."""
TRIES = 3
"""So often a submission is sent out before it is `ungraded`."""
_PATIENCE = 2.0
"""Seconds between two looks at which hosts there are."""
_AS_MANY_AS_COME = 2**31
_log = logging.getLogger(__name__)


class RayEngine(Engine):
    """Grades on the cluster at `address`, at most `parallel` submissions at a time (0: no limit).

    `address` is `auto`, `host:port`, or empty where Ray runs in this process already.
    """

    def __init__(
        self, make_launcher: MakeLauncher, address: str, parallel: int = 0, use_gpus: bool = True
    ) -> None:
        self._make_launcher = make_launcher
        self._address = address
        self._most = parallel
        self._use_gpus = use_gpus
        self._slots: dict[Any, _Slot] = {}
        self._avoided: dict[str, str] = {}
        self._failures: dict[str, int] = {}
        self._running: dict[Any, tuple[_Slot, _Task | None]] = {}
        self._free: list[_Slot] = []
        self._looked = 0.0

    def warm_up(self, assignment: Assignment) -> None:
        if not ray.is_initialized():
            try:
                _knock(self._address)
                ray.init(address=self._address, log_to_driver=False, logging_level=logging.ERROR)
            except (OSError, RuntimeError, ValueError) as problem:
                raise EngineUnavailable(
                    f"no Ray cluster answers at {self._address!r} ({problem}). Start one with "
                    "`ray start --head`, or grade on this machine by `--engine local`."
                ) from problem
        self._assignment = assignment
        self._suite = ray.put(pack(assignment.suite))
        self._recruit()
        while not self._free:
            self._recruit()  # elsewhere, where the first host was unfit
            if not self._slots:
                raise InfrastructureError(self._nobody())
            list(self._settle(deque()))
        self.parallel = len(self._slots)

    def run(self, jobs: Jobs) -> Iterator[SubmissionResult]:
        looks = SecondLooks(alone=False)
        try:
            for job, result in self._graded(_Task(job=job) for job in jobs):
                if not looks.keep(job, result):
                    yield result
            yield from looks.take(self._look)
        finally:
            self.close()

    def _look(self, job: GradingJob) -> SubmissionResult:
        ((_, result),) = self._graded(iter([_Task(job=job, alone=True)]))
        return result

    def _graded(self, coming: "Iterator[_Task]") -> Iterator[tuple[GradingJob, SubmissionResult]]:
        """Each task's job with its result, as they finish."""
        waiting: deque[_Task] = deque()

        def more() -> bool:
            """Whether a task waits; of those to come, only one is there before it is sent out."""
            if not waiting:
                waiting.extend(itertools.islice(coming, 1))
            return bool(waiting)

        if more() and not self._slots:
            self.warm_up(waiting[0].job.assignment)
        while more() or any(task for _, task in self._running.values()):
            while self._free and more():
                slot, task = self._free.pop(), waiting.popleft()
                task.tries += 1
                answer = slot.grader.grade.remote(task.job, task.alone)
                self._running[answer] = (slot, task)
            yield from self._settle(waiting)
            self._recruit()
            if not self._slots:
                while more():
                    yield self._ungraded(waiting.popleft().job, self._nobody())

    def close(self) -> None:
        slots, self._slots = self._slots, {}
        self._running, self._free = {}, []
        goodbyes = [slot.grader.close.remote() for slot in slots.values()]
        if goodbyes:
            ray.wait(goodbyes, num_returns=len(goodbyes), timeout=30)
        for slot in slots.values():
            ray.kill(slot.grader)

    def _settle(self, waiting: "deque[_Task]") -> Iterator[tuple[GradingJob, SubmissionResult]]:
        """Wait for whatever ends next: a result, a grader that is ready, or one that is lost."""
        done, _ = ray.wait(list(self._running), num_returns=1, timeout=_PATIENCE)
        for answer in done:
            slot, task = self._running.pop(answer)
            try:
                value = ray.get(answer)
            except RayError as problem:
                self._dismiss(slot)
                yield from self._again(task, slot, problem, waiting)
                continue
            if isinstance(value, SubmissionResult):
                assert task is not None
                yield task.job, value
            elif isinstance(value, Place):
                self.place = value
            else:
                self._avoid(slot, value)
                continue
            self._free.append(slot)

    def _again(
        self, task: "_Task | None", slot: "_Slot", problem: RayError, waiting: "deque[_Task]"
    ) -> Iterator[tuple[GradingJob, SubmissionResult]]:
        why = f"a grader on {slot.host} was lost ({type(problem).__name__})"
        if task is None:
            self._failures[slot.node] = self._failures.get(slot.node, 0) + 1
            if self._failures[slot.node] >= TRIES:
                self._avoid(slot, f"{slot.host}: no grader starts there: {problem}")
        elif task.tries < TRIES:
            about = {"student": task.job.submission.student, "fault": why}
            _log.warning("sent out again", extra=about)
            waiting.appendleft(task)
        else:
            yield self._ungraded(task.job, f"{why}, {TRIES} times in a row")

    def _recruit(self) -> None:
        """A grader for every slot that the hosts of this moment have and that is not taken."""
        if self._slots and time.monotonic() < self._looked + _PATIENCE:
            return
        self._looked = time.monotonic()
        limits, resources = self._assignment.limits, self._assignment.resources
        gpus = resources.gpus if self._use_gpus else 0.0
        need = {"CPU": limits.cpus, "GPU": gpus}
        nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]  # as published
        for node in nodes:
            name = node["NodeID"]
            mine = [slot for slot in self._slots.values() if slot.node == name]
            if not node["Alive"]:
                for slot in mine:
                    self._dismiss(slot)
                continue
            if name in self._avoided:
                continue
            has = node["Resources"]
            room = min(int(has.get(kind, 0) / amount) for kind, amount in need.items() if amount)
            for _ in range(room - len(mine)):
                if len(self._slots) >= self._most > 0:
                    return
                grader = _Remote.options(
                    num_cpus=limits.cpus,
                    num_gpus=gpus,
                    max_restarts=0,
                    scheduling_strategy=NodeAffinitySchedulingStrategy(name, soft=False),
                ).remote(self._make_launcher, self._assignment, self._suite, autograder.__version__)
                slot = _Slot(grader=grader, node=name, host=node["NodeManagerHostname"])
                self._slots[id(slot)] = slot
                self._running[grader.ready.remote()] = (slot, None)

    def _dismiss(self, slot: "_Slot") -> None:
        self._slots.pop(id(slot), None)
        self._free = [free for free in self._free if free is not slot]

    def _avoid(self, slot: "_Slot", problem: str) -> None:
        """No more graders on this host; the ones that wait there for nothing are ended."""
        if slot.node not in self._avoided:
            _log.warning("host avoided", extra={"host": slot.host, "fault": problem})
        self._avoided[slot.node] = problem
        self._dismiss(slot)
        ray.kill(slot.grader)

    def _ungraded(self, job: GradingJob, fault: str) -> tuple[GradingJob, SubmissionResult]:
        return job, ungraded(job, self.place.isolation, fault)

    def _nobody(self) -> str:
        problems = "; ".join(dict.fromkeys(self._avoided.values())) or "it has no free slot"
        return f"no host of the Ray cluster can grade: {problems}"


class _Slot(Struct, eq=False):
    """A grader on a host."""

    grader: Any
    node: str
    host: str


class _Task(Struct, eq=False):
    """A job, and how often it was sent out."""

    job: GradingJob
    alone: bool = False
    """Nothing else of the batch runs meanwhile."""
    tries: int = 0


class Grader:
    """Lives on a host, in a process of its own, and grades one submission after the other."""

    def __init__(
        self,
        make_launcher: MakeLauncher,
        assignment: Assignment,
        suite: Mapping[str, bytes],
        version: str,
    ) -> None:
        self._make_launcher = make_launcher
        self._assignment = assignment
        self._suite = suite
        self._version = version

    def ready(self) -> Place | str:
        """Where submissions run here, or in words why none can."""
        try:
            if autograder.__version__ != self._version:
                raise InfrastructureError(
                    f"has autograder {autograder.__version__}, and {self._version} is asked for"
                )
            ids = ray.get_runtime_context().get_accelerator_ids().get("GPU", [])
            self._launcher = self._make_launcher(tuple(ids))
            self._folder = make_folder()
            unpack(self._suite, self._folder / "hidden")
            self._examiner = ExaminerProcess()
            self._examiner.collect(str(self._folder / "hidden"))
            limits, resources = self._assignment.limits, self._assignment.resources
            self._patience = Patience()
            self._pool = WarmPool(self._launcher, limits, resources, ahead=1)
            self._pool.warm_up()
            self._pool.expect(_AS_MANY_AS_COME)
        except (AutograderError, OSError) as problem:
            return f"{socket.gethostname()}: {problem}"
        return Place(
            isolation=self._launcher.isolation,
            image_digest=self._launcher.image_digest,
            device=self._launcher.device,
        )

    def grade(self, job: GradingJob, alone: bool = False) -> SubmissionResult:
        """The result, made with the suite as it was sent."""
        job = patient(job) if alone else job
        here = msgspec.structs.replace(job.assignment, folder=self._folder)
        job = msgspec.structs.replace(job, assignment=here)
        return grade(job, self._pool.take, self._launcher, self._examiner, self._patience)

    def close(self) -> None:
        """Remove containers and folder before the process ends."""
        if hasattr(self, "_pool"):
            self._examiner.close()
            self._pool.close()
            shutil.rmtree(self._folder, ignore_errors=True)


_Remote: Any = ray.remote(Grader)


def _knock(address: str) -> None:
    """Raise OSError where nobody listens: Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), timeout=_PATIENCE).close()


def pack(folder: Path) -> dict[str, bytes]:
    """The files of a hidden suite by their path in it."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def unpack(files: Mapping[str, bytes], folder: Path) -> None:
    """Write packed files into a new folder, for this user alone."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
