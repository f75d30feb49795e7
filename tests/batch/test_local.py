"""The engine of one machine: one result for each job, whatever breaks."""

import contextlib
import copy
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from autograder.batch.grading import GradingJob
from autograder.batch.local import LocalEngine
from autograder.core.assignment import Assignment, Limits, Resources
from autograder.core.results import Outcome
from autograder.errors import SandboxFailed
from autograder.sandbox.base import Launcher, Sandbox
from autograder.sandbox.docker import DockerLauncher, has_gpu
from autograder.sandbox.local import LocalLauncher
from autograder.sandbox.slots import SlotLauncher
from autograder.submissions.intake import SourceFile, Submission, digest_of

TESTS = """
import pytest

@pytest.mark.points(2)
def test_first(student):
    assert student.f() == 1

@pytest.mark.points(1)
def test_second(student):
    assert student.f() == 1
"""
SLOW = "import time\ndef f():\n    time.sleep(1.0)\n    return 1"
RIGHT = "def f(): return 1"

PAUSES = (0.01, 0.02)

Job = Callable[..., GradingJob]


class Unreliable(LocalLauncher):
    """Fails to start the first sandboxes."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.started: list[Sandbox] = []
        self._failures = failures
        self._lock = threading.Lock()

    def start(self, limits: Limits, resources: Resources) -> Sandbox:
        with self._lock:
            self._failures -= 1
            if self._failures >= 0:
                raise SandboxFailed("no sandbox today")
        sandbox = super().start(limits, resources)
        self.started.append(sandbox)
        return sandbox


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """`job(student, source, tests)`: a submission and the hidden suite it is graded with."""

    def make(
        student: str, source: str = RIGHT, tests: str = TESTS, seconds: float = 5.0
    ) -> GradingJob:
        (tmp_path / "hidden").mkdir(exist_ok=True)
        (tmp_path / "hidden" / "test_f.py").write_text(tests)
        files = {"f.py": source.encode()}
        return GradingJob(
            assignment=Assignment(
                slug=tmp_path.name,
                title="f",
                component="c",
                folder=tmp_path,
                requires=("f",),
                limits=Limits(memory_mb=256, test_seconds=seconds),
            ),
            submission=Submission(
                student=student,
                digest=digest_of(files),
                files=(SourceFile(name="f.py", content=files["f.py"]),),
                entry="f.py",
            ),
            secret=b"s",
            suite_digest="d",
        )

    return make


@pytest.fixture
def launcher(request: pytest.FixtureRequest) -> Launcher:
    """By its parameter: `local` or `docker`."""
    if request.param == "local":
        return LocalLauncher()
    docker_launcher: Launcher = request.getfixturevalue("docker_launcher")
    return docker_launcher


def leftovers() -> tuple[set[int], set[str]]:
    """Child processes and threads of this process."""
    children = {process.pid for process in psutil.Process().children(recursive=True)}
    return children, {t.name for t in threading.enumerate() if t is not threading.main_thread()}


@pytest.fixture(autouse=True)
def nothing_left_over() -> Iterator[None]:
    """No process and no thread outlives a run."""
    before = leftovers()
    yield
    assert leftovers() == before


def run(launcher: Launcher, *jobs: GradingJob, parallel: int = 2) -> dict[str, Any]:
    return {result.student: result for result in LocalEngine(launcher, parallel, PAUSES).run(jobs)}


def examiner_forks() -> list[psutil.Process]:
    """The examiner processes at work below this process."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            suite = process.parent()
            server = suite and suite.parent()
            if server and "autograder.suite.server" in " ".join(server.cmdline()):
                found.append(process)
    return found


def wait_for(find: Callable[[], list[Any]]) -> list[Any]:
    """What is found, once it is there."""
    deadline = time.monotonic() + 20
    while not (found := find()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.01)
    return found


def once(find: Callable[[], list[Any]], act: Callable[[Any], None]) -> threading.Thread:
    """Acts on the first thing that is found, while the caller goes on."""

    def work() -> None:
        found = wait_for(find)
        time.sleep(0.3)  # in the middle of a test
        act(found[0])

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_every_job_has_one_result(job: Job) -> None:
    jobs = [job(f"s{n}", RIGHT if n % 2 else "def f(): return 2") for n in range(7)]
    results = run(LocalLauncher(), *jobs, parallel=3)
    assert {student: result.earned for student, result in results.items()} == {
        f"s{n}": 3 if n % 2 else 0 for n in range(7)
    }
    assert {result.provenance.isolation for result in results.values()} == {
        LocalLauncher().isolation
    }


def test_no_job_is_no_work() -> None:
    assert run(LocalLauncher()) == {}


def test_a_sandbox_that_does_not_start_is_tried_again(job: Job) -> None:
    result = run(Unreliable(1), job("s"))["s"]
    assert (result.outcome, result.earned) == (Outcome.PASSED, 3)


def test_without_a_sandbox_a_submission_stays_ungraded(job: Job) -> None:
    result = run(Unreliable(99), job("s"))["s"]
    assert (result.outcome, result.tests, result.retries) == (Outcome.UNGRADED, (), len(PAUSES))
    assert "no sandbox today" in result.fault


def test_a_killed_examiner_costs_nobody_a_point(job: Job) -> None:
    killer = once(examiner_forks, lambda fork: fork.kill())
    results = run(LocalLauncher(), job("s", SLOW), job("t", SLOW))
    killer.join()
    assert [results[name].earned for name in "st"] == [3, 3]
    assert sum(result.retries for result in results.values()) == 1


@pytest.mark.parametrize("generation", [0, 1], ids=["with the suite collected", "of all suites"])
def test_a_killed_examiner_server_costs_nobody_a_point(job: Job, generation: int) -> None:
    killer = once(examiner_forks, lambda fork: fork.parents()[generation].kill())
    results = run(LocalLauncher(), job("s", SLOW), job("t", SLOW), job("u"))
    killer.join()
    assert [results[name].earned for name in "stu"] == [3, 3, 3]


def test_a_killed_agent_costs_nobody_a_point(job: Job) -> None:
    launcher = Unreliable(0)
    killer = once(
        lambda: launcher.started[:1] if examiner_forks() else [],
        lambda sandbox: sandbox._process.kill(),
    )
    result = run(launcher, job("s", SLOW), parallel=1)["s"]
    killer.join()
    assert (result.outcome, result.earned, result.retries) == (Outcome.PASSED, 3, 1)


def test_an_examiner_that_was_stopped_costs_nobody_a_point(job: Job) -> None:
    """For longer than the test may take: a stop of our own is not the student's time."""

    def stop(fork: psutil.Process) -> None:
        fork.suspend()
        time.sleep(2.5)
        fork.resume()

    stopper = once(examiner_forks, stop)
    result = run(LocalLauncher(), job("s", SLOW, seconds=2.0), parallel=1)["s"]
    stopper.join()
    assert (result.earned, result.retries) == (3, 0)


@pytest.mark.docker
def test_a_paused_container_costs_nobody_a_point(
    docker_launcher: DockerLauncher, client: Any, job: Job
) -> None:
    def containers() -> list[Any]:
        mine = {"label": f"autograder.owner={docker_launcher._owner}"}
        return client.containers.list(filters=mine) if examiner_forks() else []

    def pause(container: Any) -> None:
        container.pause()
        time.sleep(2.5)
        container.unpause()

    stopper = once(containers, pause)
    result = run(docker_launcher, job("s", SLOW, seconds=2.0), parallel=1)["s"]
    stopper.join()
    assert (result.earned, result.retries) == (3, 0)


def test_a_time_out_beside_others_is_looked_at_again_alone(job: Job) -> None:
    """One sandbox more than there are submissions; and the same result."""
    launcher = Unreliable(0)
    loop = "def f():\n    while True: pass"
    results = run(launcher, job("s", loop, seconds=0.3), job("t"))
    assert [results[name].outcome for name in "st"] == [Outcome.TIMEOUT, Outcome.PASSED]
    assert len(launcher.started) == 3


def test_a_fault_of_the_suite_is_told_in_its_own_words(job: Job) -> None:
    broken = TESTS + "\n@pytest.mark.points(1)\ndef test_third(student):\n    1 / 0\n"
    result = run(LocalLauncher(), job("s", tests=broken))["s"]
    assert (result.outcome, result.earned) == (Outcome.UNGRADED, 0)
    assert "ZeroDivisionError" in result.fault and "test_third" in result.fault


def test_closing_the_iterator_early_stops_and_cleans_up(job: Job) -> None:
    """`nothing_left_over` looks."""
    jobs = [job(f"s{n}", SLOW) for n in range(6)]
    results = LocalEngine(LocalLauncher(), 2).run(jobs)
    next(results)
    results.close()


class Watched(Unreliable):
    """Knows how many of its sandboxes lived at the same time."""

    together = 0

    def start(self, limits: Limits, resources: Resources) -> Sandbox:
        sandbox = super().start(limits, resources)
        alive = sum(one._process.poll() is None for one in self.started)  # type: ignore[attr-defined]
        self.together = max(self.together, alive)
        return sandbox


@pytest.mark.parametrize("failures", [0, 1])
def test_with_one_slot_everybody_is_graded_and_no_two_at_the_same_time(
    job: Job, failures: int
) -> None:
    """Warm sandboxes count, and a start that failed is made up for."""
    launcher = Watched(failures)
    engine = LocalEngine(SlotLauncher([launcher]), 4)
    assert engine.parallel == 1
    results = {r.student: r for r in engine.run([job(f"s{n}") for n in range(5)])}
    assert [result.fault for result in results.values()] == [""] * 5
    assert launcher.together == 1


def test_stopping_while_sandboxes_wait_for_a_slot_ends(job: Job) -> None:
    """`nothing_left_over` looks."""
    launchers = [LocalLauncher(), LocalLauncher()]
    results = LocalEngine(SlotLauncher(launchers), 4).run([job(f"s{n}", SLOW) for n in range(8)])
    next(results)
    results.close()


@pytest.mark.parametrize(
    "launcher", ["local", pytest.param("docker", marks=pytest.mark.docker)], indirect=True
)
def test_a_full_disk_costs_nobody_a_point(
    launcher: Launcher, disk: Any, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(disk.folder))
    disk.fill()
    result = run(launcher, job("s"))["s"]
    assert (result.outcome, result.retries) == (Outcome.UNGRADED, len(PAUSES))
    assert "No space left on device" in result.fault
    disk.free()
    assert run(launcher, job("s"))["s"].outcome is Outcome.PASSED
    assert list(disk.folder.iterdir()) == []


@pytest.mark.docker
def test_an_image_that_is_removed_after_it_was_found_costs_nobody_a_point(
    client: Any, docker_launcher: DockerLauncher, job: Job
) -> None:
    launcher = copy.copy(docker_launcher)
    container = client.containers.create(docker_launcher.image_digest)
    launcher.image_digest = container.commit().id
    container.remove()
    client.images.remove(launcher.image_digest, force=True)
    result = run(launcher, job("s"))["s"]
    assert (result.outcome, result.retries) == (Outcome.UNGRADED, len(PAUSES))
    assert "`autograder images`" in result.fault


@pytest.mark.docker
def test_an_engine_without_the_gpu_that_it_promised_costs_nobody_a_point(
    client: Any, numpy_image: str, job: Job
) -> None:
    """The engine's real words, in one line with the remedy; and no container is left."""
    if has_gpu(client):
        pytest.skip("this engine has the NVIDIA runtime")
    launcher = DockerLauncher("numpy", "cuda", ("0",))
    result = run(launcher, job("s"))["s"]
    assert (result.outcome, result.retries) == (Outcome.UNGRADED, len(PAUSES))
    assert 'could not select device driver "nvidia"' in result.fault
    assert "nvidia-ctk runtime configure" in result.fault and "\n" not in result.fault
    mine = {"label": f"autograder.owner={launcher._owner}"}
    assert client.containers.list(all=True, filters=mine) == []


@pytest.mark.docker
def test_a_container_that_is_killed_from_outside_costs_nobody_a_point(
    docker_launcher: DockerLauncher, client: Any, job: Job
) -> None:
    def containers() -> list[Any]:
        mine = {"label": f"autograder.owner={docker_launcher._owner}"}
        return client.containers.list(filters=mine) if examiner_forks() else []

    killer = once(containers, lambda container: container.kill())
    result = run(docker_launcher, job("s", SLOW), parallel=1)["s"]
    killer.join()
    assert (result.outcome, result.earned, result.retries) == (Outcome.PASSED, 3, 1)


@pytest.mark.docker
def test_memory_that_takes_the_container_along_is_the_students_doing(
    docker_launcher: DockerLauncher, job: Job
) -> None:
    hog = """
import os, sys
def f():
    open("/proc/self/oom_score_adj", "w").write("0")
    for descriptor in range(3, 20):  # whoever closes the connection has broken the protocol
        try:
            os.set_inheritable(descriptor, True)
        except OSError:
            pass
    hog = "import os; [os.write(f, bytes(2**20)) for _ in range(99)"
    hog += " for f in [os.memfd_create(str())] for _ in range(50)]"
    os.execv(sys.executable, ["python3", "-S", "-E", "-c", hog])
"""
    result = run(docker_launcher, job("s", hog))["s"]
    assert (result.outcome, result.earned) == (Outcome.OUT_OF_MEMORY, 0)
    assert result.points == 3
