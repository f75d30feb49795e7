"""Grades every row of the corpus in a container and sees what it leaves behind.

    corpus/*.toml            one file per group, one [[row]] per hostile submission
    corpus/honest.py         what a row with base = "honest" starts from: full marks
    corpus/wrong.py          what a row with base = "wrong" starts from: no point is deserved
    corpus/link.py           what a row with link = true finds its own connection with
    corpus/secret.py         what a row with secret = true spells its inputs with
    suite/hidden/            the hidden suite under attack
    weak/hidden/             the same tasks in a suite without any care, for the tripwires and for
                             rows that make comparisons dear (suite = "weak")
    channels/                ways to tell the next test something, and a suite that asks for it

    test_corpus.py           the rows of code: how each ends, and that it harms nobody
    test_intake.py           rows that are files: refused or disarmed before anything runs
    test_feedback.py         what people read of a row: no secret, nothing that does something
    test_channels.py         what one test can tell the next
    test_tripwires.py        the same attacks where a protection is missing: there they succeed

Behind each row of code an honest submission is graded, which must not notice.
"""

import hashlib
import itertools
import json
import os
import socket
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import psutil
import pytest
from msgspec import Struct, convert
from msgspec.structs import replace

import autograder
from autograder.batch.grading import GradingJob, grade
from autograder.batch.patience import Patience
from autograder.core.assignment import Assignment, Limits
from autograder.core.results import Outcome, SubmissionResult
from autograder.sandbox import docker
from autograder.sandbox.base import Sandbox
from autograder.sandbox.docker import DockerLauncher, DockerSandbox
from autograder.sandbox.pool import WarmPool
from autograder.submissions.intake import SourceFile, Submission, digest_of, read_submission
from autograder.suite.job import Examination, Job
from autograder.suite.launcher import ExaminerProcess

collect_ignore = ["suite", "weak", "corpus", "channels"]

HERE = Path(__file__).parent
ENTRY = "submission.py"
ASSIGNMENT = Assignment(
    slug="suite",
    title="What is attacked",
    component="practicals",
    folder=HERE / "suite",
    requires=("Linear", "softmax"),
    limits=Limits(
        test_seconds=2.0,
        submission_seconds=20.0,
        memory_mb=256,
        processes=32,
        scratch_mb=8,
        scratch_files=64,
        reply_mb=4,
        upload_mb=1,
    ),
)
Change = Callable[[dict[str, Any]], dict[str, Any]]
GROWTH = 16 * 2**20
"""Bytes by which the examiner may grow."""


class Row(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One hostile submission and how it must end."""

    id: str
    does: str
    base: str
    outcome: Outcome
    score: float
    source: str
    suite: Literal["suite", "weak"] = "suite"
    """The folder of hidden tests that it attacks."""
    link: bool = False
    secret: bool = False
    files: dict[str, str] = {}
    cells: tuple[str, ...] = ()
    """The row is a notebook, with these cells between its base and its source."""
    told: str = ""
    """What the student must read of it."""


class Graded(Struct, frozen=True, kw_only=True):
    """What came of a row."""

    result: SubmissionResult
    harm: tuple[str, ...]
    """What was not as before."""
    memory: int
    """Bytes: the most that the process of an examination held."""
    neighbour: SubmissionResult
    """The honest submission behind it."""


def read_rows() -> tuple[Row, ...]:
    """All rows of the corpus."""
    groups = [tomllib.loads(path.read_text()) for path in sorted(HERE.glob("corpus/*.toml"))]
    return tuple(convert(row, Row) for group in groups for row in group["row"])


ROWS = read_rows()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "row" in metafunc.fixturenames:
        metafunc.parametrize("row", ROWS, ids=lambda row: row.id)


def base(name: str) -> str:
    """The text of `corpus/<name>.py`."""
    return (HERE / "corpus" / f"{name}.py").read_text()


def parts_of(row: Row) -> list[str]:
    """What stands between the row's base and its own source."""
    wanted = {"link": row.link, "secret": row.secret}
    return [base(name) for name in wanted if wanted[name]]


def submission(row: Row) -> Submission:
    """The row as intake would have it."""
    parts = [base(row.base), *parts_of(row), *row.cells, row.source]
    if row.cells:
        return notebook(row.id, parts)
    files = {name: text.encode() for name, text in row.files.items()}
    files[ENTRY] = "\n\n".join(parts).encode()
    return Submission(
        student=row.id,
        digest=digest_of(files),
        files=tuple(SourceFile(name=name, content=files[name]) for name in sorted(files)),
        entry=ENTRY,
    )


def notebook(student: str, cells: Sequence[str]) -> Submission:
    """A notebook of code cells, read from the file that a student hands in."""
    content = {"cells": [{"cell_type": "code", "source": cell} for cell in cells]}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{student}.ipynb")
        path.write_text(json.dumps(content))
        read = read_submission(path, ASSIGNMENT)
    assert isinstance(read, Submission), read
    return read


class MeasuredExaminer(ExaminerProcess):
    """Knows what the greatest of its examinations held."""

    memory = 0

    def examine(self, job: Job, agent: socket.socket) -> Examination:
        examination = super().examine(job, agent)
        assert examination.ended is not None
        self.memory = max(self.memory, examination.ended.memory)
        return examination


class Bench:
    """One examiner and its warm sandboxes, grading one submission after the other."""

    def __init__(self, launcher: DockerLauncher, assignment: Assignment = ASSIGNMENT) -> None:
        self._launcher = launcher
        self._assignment = assignment
        self._server = MeasuredExaminer()
        self.examiner = psutil.Process(self._server._process.pid)
        self._pool = WarmPool(launcher, assignment.limits, assignment.resources, ahead=1)
        self._pool.expect(10_000)
        self._containers: list[str] = []
        self.grade_row(HONEST)
        (self._suite,) = self.examiner.children()  # has the tests collected, and forks
        self._before = self._examiners_state()
        self._files = digest_of_the_host()

    def __enter__(self) -> "Bench":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()
        self._pool.close()

    def grade_row(self, row: Row) -> SubmissionResult:
        """The result of the row as a submission."""
        job = GradingJob(
            assignment=self._assignment,
            submission=submission(row),
            secret=b"of the course",
            suite_digest="",
        )
        self._containers = []
        return grade(job, self._take, self._launcher, self._server, Patience())

    def attack(self, row: Row) -> Graded:
        """The row, what it took and left behind, and the honest submission that comes next."""
        self._server.memory = 0
        result, harm = self.grade_row(row), tuple(self.harm())
        neighbour = self.grade_row(HONEST)
        return Graded(result=result, harm=harm, memory=self._server.memory, neighbour=neighbour)

    def harm(self) -> Iterator[str]:
        """What is not as it was before the last submission."""
        if any(map(_is_dead, (self.examiner, self._suite))):
            yield "the examiner was killed"
            return
        _, alive = psutil.wait_procs(self._suite.children(), timeout=5)
        if alive:
            yield f"the examiner still has {len(alive)} processes"
        state, before = self._examiners_state(), self._before
        if state["memory"] - before["memory"] > GROWTH:
            yield f"the examiner's memory grew from {before['memory']} to {state['memory']} bytes"
        for what in ("descriptors", "threads"):
            if state[what] != before[what]:
                yield f"the examiner had {before[what]} {what}, and has {state[what]}"
        for container in self._containers:
            if left := processes_of(container):
                yield f"processes of the container are left: {left}"
        if digest_of_the_host() != self._files:
            yield "files of the host have changed"

    def _take(self) -> Sandbox:
        sandbox = self._pool.take()
        assert isinstance(sandbox, DockerSandbox)
        self._containers.append(sandbox._container.id)
        return sandbox

    def _examiners_state(self) -> dict[str, int]:
        both = (self.examiner, self._suite)
        return {
            "memory": sum(process.memory_info().rss for process in both),
            "descriptors": sum(process.num_fds() for process in both),
            "threads": sum(process.num_threads() for process in both),
        }


HONEST = Row(
    id="honest", does="", base="honest", outcome=Outcome.PASSED, score=10, source="# honest"
)


def _is_dead(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def processes_of(container: str) -> list[int]:
    """The processes in the container's cgroup."""
    found = []
    for pid in psutil.pids():
        try:
            if container in Path(f"/proc/{pid}/cgroup").read_text():
                found.append(pid)
        except OSError:
            continue
    return found


def digest_of_the_host() -> str:
    """Of files that no submission may change: the grader, the hidden suites, the host's users."""
    folders = (Path(autograder.__file__).parent, HERE / "suite", HERE / "weak", HERE / "corpus")
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    digest = hashlib.sha256()
    for path in [Path("/etc/passwd"), *sorted(files)]:
        if path.suffix != ".pyc":
            digest.update(f"{path} {path.stat().st_mode} ".encode() + path.read_bytes())
    return digest.hexdigest()


@pytest.fixture(scope="session")
def graded(request: pytest.FixtureRequest, docker_launcher: DockerLauncher) -> dict[str, Graded]:
    """What came of each row that a selected test is about; two benches share them."""
    calls = [item.callspec for item in request.session.items if hasattr(item, "callspec")]
    wanted = {call.params["row"].id for call in calls if "row" in call.params}
    rows = [row for row in ROWS if row.id in wanted]

    def in_turn(rows: Sequence[Row]) -> list[tuple[str, Graded]]:
        done = []
        for suite, its in itertools.groupby(rows, key=lambda row: row.suite):
            with Bench(docker_launcher, replace(ASSIGNMENT, folder=HERE / suite)) as bench:
                done += [(row.id, bench.attack(row)) for row in its]
        return done

    rows.sort(key=lambda row: row.suite)
    with ThreadPoolExecutor(2) as threads:
        halves = threads.map(in_turn, (rows[::2], rows[1::2]))
        return dict(itertools.chain.from_iterable(halves))


@pytest.fixture(scope="module")
def grader(docker_launcher: DockerLauncher) -> Iterator[Bench]:
    """A bench for single rows."""
    with Bench(docker_launcher) as bench:
        yield bench


@pytest.fixture(scope="session")
def rows() -> dict[str, Row]:
    """The rows by id."""
    return {row.id: row for row in ROWS}


@pytest.fixture(scope="session")
def bench() -> Callable[..., Bench]:
    """`bench(launcher, folder=…, limits=…)`: a bench for a changed assignment."""
    return lambda launcher, **changes: Bench(launcher, replace(ASSIGNMENT, **changes))


@pytest.fixture
def weaken(monkeypatch: pytest.MonkeyPatch) -> Callable[[Change], None]:
    """`weaken(change)`: containers start with changed arguments."""
    arguments = docker.container_arguments

    def weakened(change: Change) -> None:
        def start_with(*args: Any) -> dict[str, Any]:
            return (ours := arguments(*args)) | change(ours)

        monkeypatch.setattr(docker, "container_arguments", start_with)

    return weakened


@pytest.fixture(scope="session")
def containers(client: Any) -> Callable[[], int]:
    """Counts the containers of this process."""
    mark = f":{os.getpid()}:"

    def count() -> int:
        found = client.containers.list(all=True, ignore_removed=True)
        return sum(mark in label for c in found for label in c.labels.values())

    return count
