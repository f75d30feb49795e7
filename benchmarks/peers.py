"""The peers' task, graded side by side by otter-grader, nbgrader and this repository.

    python benchmarks/peers.py [--submissions 10] [--parallel 2] [--rounds 3] [--only NAME …]

Exits with 1 if a grader's scores differ from the expected ones.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from graders import (
    Autograder,
    Floor,
    Grader,
    Nbgrader,
    NbgraderByHand,
    Otter,
    Task,
    make_environment,
)
from measure import machine, sampled_memory, write_section

GRADERS: dict[str, type[Grader]] = {
    "autograder": Autograder,
    "otter": Otter,
    "nbgrader": Nbgrader,
    "nbgrader-by-hand": NbgraderByHand,
    "floor": Floor,
}


@dataclass
class Figures:
    """What was measured of one grader."""

    title: str
    isolation: str
    memory: float = 0.0
    """Peak, in MiB."""
    seconds: list[float] = field(default_factory=list)
    """Wall time of the whole batch, one entry per round."""
    wrong: list[str] = field(default_factory=list)
    """Scores that differed from the expected ones, in any run."""

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def measure(task: Task, names: list[str], rounds: int) -> dict[str, Figures]:
    """Each grader once to warm up, its memory sampled; then by turns with nothing but a clock."""
    graders = {name: GRADERS[name](task) for name in names}
    figures = {name: Figures(grader.title, grader.isolation) for name, grader in graders.items()}
    for name, grader in graders.items():
        with _run(task, grader, figures[name]) as folder, sampled_memory() as memory:
            grader.grade(folder)
        figures[name].memory = memory.peak
    for _ in range(rounds):
        for name, grader in graders.items():
            with _run(task, grader, figures[name]) as folder:
                start = time.perf_counter()
                grader.grade(folder)
                figures[name].seconds.append(time.perf_counter() - start)
    return figures


@contextmanager
def _run(task: Task, grader: Grader, figures: Figures) -> Iterator[Path]:
    """A prepared folder; afterwards the scores are compared with the expected ones."""
    with tempfile.TemporaryDirectory(dir=task.folder) as name:
        folder = Path(name)
        grader.prepare(folder)
        yield folder
        scores = grader.scores(folder)
    figures.wrong += [
        f"{student} got {scores.get(student)}, expected {expected}"
        for student, expected in task.expected.items()
        if scores.get(student) != expected
    ]


def table(task: Task, figures: dict[str, Figures]) -> str:
    """Markdown: a row per grader, times relative to otter and nbgrader, and to the floor."""
    lines = [
        "| | isolation | batch, s (range) | submissions / min "
        "| × otter | × nbgrader | of the floor | peak memory, MiB | scores |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, row in figures.items():
        low, high = min(row.seconds), max(row.seconds)
        cells = [
            row.title,
            row.isolation,
            f"{row.median:.2f} ({low:.2f}–{high:.2f})",
            f"{60 * len(task.expected) / row.median:.0f}",
            *(_ratio(figures.get(peer), row) for peer in ("otter", "nbgrader")),
            _ratio(row, figures.get("floor")),
            f"{row.memory:.0f}",
            "–" if name == "floor" else "**wrong**" if row.wrong else "as expected",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _ratio(slower: Figures | None, faster: Figures | None) -> str:
    if slower is None or faster is None:
        return "–"
    return f"{slower.median / faster.median:.2f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=10)
    parser.add_argument("--parallel", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3, help="timed runs of each grader")
    parser.add_argument("--only", nargs="+", choices=GRADERS, default=list(GRADERS))
    options = parser.parse_args()

    if not 1 <= options.parallel <= min(options.submissions, 10):
        parser.error("--parallel must be 1 to 10, and no more than --submissions")

    for peer in ("otter", "nbgrader"):
        make_environment(peer)
    with tempfile.TemporaryDirectory() as scratch:
        task = Task(Path(scratch), options.submissions, options.parallel)
        figures = measure(task, options.only, options.rounds)

    conditions = (
        f"{date.today()}: {options.submissions} submissions, median of {options.rounds} rounds "
        f"after one to warm up. {machine()}."
    )
    text = f"{table(task, figures)}\n\n{conditions}"
    print(text)
    if set(options.only) == set(GRADERS):
        write_section("peers", text)
    for name, row in figures.items():
        for difference in row.wrong:
            print(f"{name}: {difference}", file=sys.stderr)
    return int(any(row.wrong for row in figures.values()))


if __name__ == "__main__":
    sys.exit(main())
