"""Grades the whole corpus at once, with the engine that grades students, in containers.

    corpus/*.toml            one file per group, one [[row]] per hostile submission
    corpus/honest.py         what a row with base = "honest" starts from: full marks
    corpus/wrong.py          what a row with base = "wrong" starts from: no point is deserved
    corpus/link.py           what a row with link = true finds its own connection with
    suite/hidden/            the hidden suite under attack

Behind each row an honest submission is graded, which must not notice.
"""

import itertools
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from msgspec import Struct, convert

from autograder.batch.grading import GradingJob
from autograder.batch.local import LocalEngine
from autograder.core.assignment import Assignment, Limits
from autograder.core.results import Outcome, SubmissionResult
from autograder.sandbox.docker import DockerLauncher
from autograder.submissions.intake import SourceFile, Submission, digest_of

collect_ignore = ["suite", "corpus"]

HERE = Path(__file__).parent
ENTRY = "submission.py"
ASSIGNMENT = Assignment(
    slug="suite",
    title="What is attacked",
    component="practicals",
    folder=HERE / "suite",
    requires=("Linear", "softmax"),
    limits=Limits(
        test_seconds=1.5,
        submission_seconds=20.0,
        memory_mb=256,
        processes=32,
        scratch_mb=8,
        scratch_files=64,
        reply_mb=4,
    ),
)


class Row(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One hostile submission and how it must end."""

    id: str
    does: str
    base: str
    outcome: Outcome
    score: float
    source: str
    link: bool = False
    files: dict[str, str] = {}


class Graded(Struct, frozen=True, kw_only=True):
    """The results by row, those of the honest submission behind each, and what was left over."""

    attacks: dict[str, SubmissionResult]
    neighbours: dict[str, SubmissionResult]
    processes: int
    containers: int


def read_rows() -> tuple[Row, ...]:
    """All rows of the corpus."""
    groups = [tomllib.loads(path.read_text()) for path in sorted(HERE.glob("corpus/*.toml"))]
    return tuple(convert(row, Row) for group in groups for row in group["row"])


ROWS = read_rows()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "row" in metafunc.fixturenames:
        metafunc.parametrize("row", ROWS, ids=lambda row: row.id)


def job(student: str, *parts: str, **files: str) -> GradingJob:
    """A submission whose module is made of the parts."""
    content = {name: text.encode() for name, text in files.items()}
    content[ENTRY] = "\n\n".join(parts).encode()
    return GradingJob(
        assignment=ASSIGNMENT,
        submission=Submission(
            student=student,
            digest=digest_of(content),
            files=tuple(SourceFile(name=name, content=content[name]) for name in sorted(content)),
            entry=ENTRY,
        ),
        secret=b"of the course",
        suite_digest="",
    )


def attack(row: Row) -> GradingJob:
    """The row as a submission."""
    parts = [row.base, *(["link"] if row.link else [])]
    texts = [(HERE / "corpus" / f"{part}.py").read_text() for part in parts]
    return job(row.id, *texts, row.source, **row.files)


def own_containers(launcher: DockerLauncher) -> int:
    """How many containers of this process there are."""
    found = launcher._client.containers.list(all=True, ignore_removed=True)
    mark = f":{os.getpid()}:"
    return sum(mark in label for c in found for label in c.labels.values())


@pytest.fixture(scope="session")
def graded(docker_launcher: DockerLauncher) -> Iterator[Graded]:
    """The corpus, graded once."""
    honest = (HERE / "corpus" / "honest.py").read_text()
    jobs = itertools.chain.from_iterable(
        (attack(row), job(f"after {row.id}", honest)) for row in ROWS
    )
    before = len(psutil.Process().children(recursive=True)), own_containers(docker_launcher)
    results = {r.student: r for r in LocalEngine(docker_launcher, 2).run(list(jobs))}
    yield Graded(
        attacks={row.id: results[row.id] for row in ROWS},
        neighbours={row.id: results[f"after {row.id}"] for row in ROWS},
        processes=len(psutil.Process().children(recursive=True)) - before[0],
        containers=own_containers(docker_launcher) - before[1],
    )
