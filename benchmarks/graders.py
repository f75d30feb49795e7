"""The graders that are compared, each doing the same task with its own command."""

import csv
import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jupytext
from cohort import PEERS, cohort, filled_in, master_notebook

from autograder.sandbox.images import image_name
from autograder.store import Repository

ROOT = Path(__file__).parent.parent
Scores = dict[str, float]


class Task:
    """The submissions on disk, `submissions/<student>.ipynb`, and the scores they deserve."""

    def __init__(self, folder: Path, size: int, parallel: int) -> None:
        self.folder = folder
        self.parallel = parallel
        self.submissions = folder / "submissions"
        self.course = folder / "nbgrader"
        students = cohort(size)
        self.expected: Scores = {student: score for student, (_, score) in students.items()}

        # Every grader gets the same notebooks: nbgrader's handout, filled in.
        source = self.course / "source" / "linear"
        source.mkdir(parents=True)
        jupytext.write(master_notebook(), source / "linear.ipynb")
        nbgrader(self.course, "generate_assignment", "linear")
        handout = jupytext.read(self.course / "release" / "linear" / "linear.ipynb")
        self.submissions.mkdir()
        for student, (code, _) in students.items():
            jupytext.write(filled_in(handout, code), self.submissions / f"{student}.ipynb")


class Grader(ABC):
    """One contender; `prepare` and `scores` are outside the clock, `grade` inside."""

    title: str
    isolation: str

    def __init__(self, task: Task) -> None:
        self.task = task

    @abstractmethod
    def prepare(self, folder: Path) -> None:
        """Sets up a fresh run in an empty folder."""

    @abstractmethod
    def grade(self, folder: Path) -> None:
        """Grades all submissions once."""

    @abstractmethod
    def scores(self, folder: Path) -> Scores:
        """What the last `grade` found, per student."""


class Autograder(Grader):
    """This repository's `autograder grade`."""

    isolation = "a container per submission"

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.title = f"`autograder grade`, {task.parallel} parallel"

    def prepare(self, folder: Path) -> None:
        """An empty ledger, as nbgrader's course has its database already."""
        Repository.open(f"sqlite:///{folder / 'grades.sqlite3'}").close()

    def grade(self, folder: Path) -> None:
        command = [
            *(str(Path(sys.executable).parent / "autograder"), "grade", "linear"),
            str(self.task.submissions),
            *("--course", str(PEERS / "assignments")),
            *("--jobs", str(self.task.parallel)),
            *("--sandbox", "docker"),
            *("--db", f"sqlite:///{folder / 'grades.sqlite3'}"),
            *("--fresh", "--json"),
        ]
        (folder / "results.json").write_text(_run(command), encoding="utf-8")

    def scores(self, folder: Path) -> Scores:
        results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        return {result["student"]: float(result["score"]) for result in results["results"]}


class Otter(Grader):
    """`otter run`, once per submission; `otter grade` needs an image built over the network."""

    isolation = "none"

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.title = f"`otter run`, {task.parallel} processes"

    def prepare(self, folder: Path) -> None:
        with zipfile.ZipFile(folder / "autograder.zip", "w") as archive:
            for file in ("otter_config.json", "tests/linear.py"):
                archive.write(PEERS / "otter" / file, file)
        for student in self.task.expected:
            (folder / student).mkdir()

    def grade(self, folder: Path) -> None:
        def grade_one(student: str) -> None:
            submission = self.task.submissions / f"{student}.ipynb"
            options = ["--no-logo", "-a", folder / "autograder.zip", "-o", folder / student]
            _run_peer("otter", "run", *map(str, options), str(submission))

        _in_parallel(self.task.parallel, grade_one, self.task.expected)

    def scores(self, folder: Path) -> Scores:
        def score(student: str) -> float:
            results = json.loads((folder / student / "results.json").read_text(encoding="utf-8"))
            return float(sum(test.get("score", 0) for test in results["tests"]))

        return {student: score(student) for student in self.task.expected}


class Nbgrader(Grader):
    """`nbgrader autograde` over the whole class, as its documentation says to run it."""

    title = "`nbgrader autograde`, serial"
    isolation = "none"

    def prepare(self, folder: Path) -> None:
        shutil.copytree(self.task.course, folder, dirs_exist_ok=True)
        for student in self.task.expected:
            handed_in = folder / "submitted" / student / "linear"
            handed_in.mkdir(parents=True)
            shutil.copy(self.task.submissions / f"{student}.ipynb", handed_in / "linear.ipynb")

    def grade(self, folder: Path) -> None:
        nbgrader(folder, "autograde", "linear")

    def scores(self, folder: Path) -> Scores:
        nbgrader(folder, "export", "--to", str(folder / "grades.csv"))
        with (folder / "grades.csv").open(encoding="utf-8", newline="") as table:
            return {row["student_id"]: float(row["score"]) for row in csv.DictReader(table)}


class NbgraderByHand(Nbgrader):
    """nbgrader has no parallel mode; this is one process per part of the class, one gradebook."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.title = f"`nbgrader autograde`, {task.parallel} processes started by hand"

    def grade(self, folder: Path) -> None:
        endings = ["0123456789"[part :: self.task.parallel] for part in range(self.task.parallel)]
        _in_parallel(
            self.task.parallel,
            lambda ending: nbgrader(folder, "autograde", "linear", f"--student=*[{ending}]"),
            endings,
        )


class Floor(Grader):
    """Not a grader: what starting one bare container per submission costs."""

    isolation = "a container per submission"

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.title = f"floor: bare `docker run`, {task.parallel} parallel"

    def prepare(self, folder: Path) -> None:
        pass

    def grade(self, folder: Path) -> None:
        container = ["docker", "run", "--rm", "--pull", "never", "--network", "none"]
        import_numpy = ["--entrypoint", "python3", image_name("numpy"), "-c", "import numpy"]
        _in_parallel(
            self.task.parallel, lambda _: _run([*container, *import_numpy]), self.task.expected
        )

    def scores(self, folder: Path) -> Scores:
        return self.task.expected


def nbgrader(course: Path, *arguments: str) -> None:
    """Runs an nbgrader command in a course folder."""
    _run_peer("nbgrader", arguments[0], f"--CourseDirectory.root={course}", *arguments[1:])


def make_environment(peer: str) -> None:
    """Makes the peer's own venv from its pinned requirements, unless it is already like them."""
    requirements = (PEERS / f"requirements-{peer}.txt").read_text(encoding="utf-8")
    folder = ROOT / f".venv-{peer}"
    installed = folder / "installed.txt"
    if installed.is_file() and installed.read_text(encoding="utf-8") == requirements:
        return
    print(f"making .venv-{peer} …", file=sys.stderr)
    venv.create(folder, clear=True, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    _run([*pip, "-r", str(PEERS / f"requirements-{peer}.txt")])
    installed.write_text(requirements, encoding="utf-8")


def _run_peer(peer: str, *arguments: str) -> None:
    programs = ROOT / f".venv-{peer}" / "bin"
    # nbgrader calls alembic by name; the kernel has to be the venv's, not one the user installed.
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "JUPYTER_PREFER_ENV_PATH": "1"}
    _run([str(programs / peer), *arguments], environment)


def _in_parallel(workers: int, do: Callable[[str], object], items: Iterable[str]) -> None:
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(do, items))


def _run(command: list[str], environment: Mapping[str, str] | None = None) -> str:
    """The command's standard output; RuntimeError with the end of its words if it fails."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        words = (done.stdout + done.stderr)[-2000:]
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{words}")
    return done.stdout
