"""Grades 200 submissions in one batch: is the grader's memory flat, and is anything left behind?

    python benchmarks/memory.py [--submissions 200] [--parallel 2]

Exits with 1 when the grader's or the examiner's peak in the last quarter of the batch is more than
a twentieth above that of the second quarter, or when a container, process, open file or temporary
folder is left.
"""

import argparse
import gc
import sys
import tempfile
from pathlib import Path

import psutil
from cohort import PEERS, cohort
from measure import machine, write_section
from rich.progress import track

from autograder.batch.local import LocalEngine
from autograder.core.assignment import Resources
from autograder.sandbox.docker import OWNER_LABEL, connect
from autograder.usecases import grade
from autograder.usecases.sandboxes import choose_launcher
from autograder.usecases.workspace import Workspace

GROWTH = 1.05


def main() -> None:
    """Grade, print the table, write it into the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--parallel", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "submissions").mkdir()
        for student, (code, _) in cohort(options.submissions).items():
            path = folder / "submissions" / f"{student}.py"
            path.write_text(f"import numpy as np\n\n\n{code}")
        _grade(folder, options.parallel, "warm-up", limit=4)
        before = leftovers()
        samples = _grade(folder, options.parallel, "batch")
        left = {what: seen - before[what] for what, seen in leftovers().items()}
    quarter = len(samples) // 4
    table = [
        "| | 1st quarter, MiB | 2nd | 3rd | 4th |",
        "|---|---|---|---|---|",
    ]
    flat = True
    for column, process in enumerate(("grader", "examiner")):
        peaks = [
            max(sample[column] for sample in samples[start : start + quarter])
            for start in range(0, 4 * quarter, quarter)
        ]
        flat &= peaks[3] <= GROWTH * peaks[1]
        table.append(f"| {process} | " + " | ".join(f"{peak:.1f}" for peak in peaks) + " |")
    table += [
        "",
        "Left behind: " + ", ".join(f"{what} {len(things)}" for what, things in left.items()) + ".",
        "",
        f"{len(samples)} submissions, {options.parallel} parallel, peak resident memory in each "
        f"quarter of the batch. {machine()}.",
    ]
    print("\n".join(table))
    write_section("memory", "\n".join(table))
    if not flat or any(left.values()):
        sys.exit(f"not flat, or something is left: {left}")


def leftovers() -> dict[str, set[str]]:
    """What a batch of this process might leave, by kind."""
    own = psutil.Process()
    client = connect()
    owned = [
        container.id
        for container in client.containers.list(
            all=True, filters={"label": OWNER_LABEL}, ignore_removed=True
        )
        if f":{own.pid}:" in container.labels[OWNER_LABEL]
    ]
    client.close()
    gc.collect()
    return {
        "containers": set(owned),
        "processes": {str(child.pid) for child in own.children(recursive=True)},
        "open files and sockets": set(map(str, range(own.num_fds()))),
        "temporary folders": {p.name for p in Path(tempfile.gettempdir()).glob("autograder-*")},
    }


def _grade(
    folder: Path, parallel: int, what: str, limit: int | None = None
) -> list[tuple[float, float]]:
    """Resident memory of grader and examiner, in MiB, after each result."""
    workspace = Workspace(
        folder=PEERS / "assignments", database=f"sqlite:///{folder / f'{what}.sqlite3'}"
    )
    paths = sorted((folder / "submissions").iterdir())[:limit]
    launcher, _ = choose_launcher("docker", Resources())
    samples = []
    engine = LocalEngine(launcher, parallel)
    with grade.grading(workspace, "linear", paths, engine) as (batch, results):
        for _ in track(results, what, total=batch.total):
            own = psutil.Process()
            examiner = sum(child.memory_info().rss for child in own.children())
            samples.append((own.memory_info().rss / 2**20, examiner / 2**20))
    return samples


if __name__ == "__main__":
    main()
