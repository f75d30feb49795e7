"""Grades the solutions of two assignments of the course, without training, several at a time.

    python benchmarks/assignments.py [--submissions 12] [--parallel 2]

Exits with 1 if a solution misses a test.
"""

import argparse
import sys
import time
from datetime import date
from pathlib import Path
from statistics import median

import msgspec
from measure import machine, write_section

from autograder.batch.grading import GradingJob
from autograder.batch.local import LocalEngine
from autograder.core.results import Outcome
from autograder.submissions.intake import Submission, read_submission
from autograder.usecases.sandboxes import choose_launcher
from autograder.usecases.workspace import Workspace

ROOT = Path(__file__).parent.parent
SLUGS = ("p1-layers", "p4-cnn")


def row(slug: str, submissions: int, parallel: int) -> str:
    """A line of the table; raises SystemExit if a solution misses a test."""
    workspace = Workspace(folder=ROOT / "assignments", database="")
    assignment = workspace.assignment(slug)
    solution = read_submission(ROOT / "solutions" / slug / f"{slug}.ipynb", assignment)
    assert isinstance(solution, Submission), solution
    jobs = [
        GradingJob(
            assignment=assignment,
            submission=msgspec.structs.replace(solution, student=f"s{number}"),
            secret=bytes([number]),
            suite_digest="",
            training="never",
        )
        for number in range(submissions)
    ]
    launcher, _ = choose_launcher("docker", assignment.resources, "cpu")
    start = time.perf_counter()
    results = list(LocalEngine(launcher, parallel).run(jobs))
    seconds = time.perf_counter() - start
    if any(result.outcome is not Outcome.PASSED for result in results):
        sys.exit(f"{slug}: a solution misses a test")
    cells = [
        f"`{slug}`",
        str(len(results[0].tests)),
        f"{seconds / submissions:.2f}",
        *(
            f"{median(getattr(result.phases, phase) for result in results):.2f}"
            for phase in ("sandbox", "load", "tests", "removal")
        ),
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Grade, print the table, write it into the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=12)
    parser.add_argument("--parallel", type=int, default=2)
    options = parser.parse_args()
    lines = [
        "| | tests | wall seconds per submission | waiting | loading | tests | removal |",
        "|---|---|---|---|---|---|---|",
        *(row(slug, options.submissions, options.parallel) for slug in SLUGS),
        "",
        f"{date.today()}: {options.submissions} submissions of the solution, {options.parallel} "
        f"parallel, the start of the first sandboxes included. {machine()}.",
    ]
    print("\n".join(lines))
    write_section("assignments", "\n".join(lines))


if __name__ == "__main__":
    main()
