"""Grades a large class, then the same class again while the grader is killed at random moments.

    python benchmarks/batch.py [--submissions 200] [--kills 2] [--parallel 2] [--seed 1]

The class is the demonstration's, copied until it is large enough; the assignment is `p1-layers`.
Exits with 1 when the grader's or the examiner's memory in the last quarter of the first batch is
more than a twentieth above that of the second quarter, when a container, process or temporary
folder is left behind, or when the two ledgers differ.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from statistics import median

import psutil
from measure import machine, write_section
from msgspec.structs import asdict

from autograder.core.ledger import Graded
from autograder.core.reproduction import result_digest
from autograder.core.results import SubmissionResult
from autograder.sandbox.docker import connect
from autograder.store import Repository
from autograder.usecases import demo

ROOT = Path(__file__).parent.parent
GROWTH = 1.05
INTERVAL = 0.5  # seconds between two samples of memory


class Class:
    """Submissions of many, and the commands that grade them, with a folder for their leftovers."""

    def __init__(self, folder: Path, size: int, parallel: int) -> None:
        demonstration = demo.prepare(ROOT / "assignments", folder / "demo")
        self._submissions = folder / "submissions"
        self._submissions.mkdir()
        originals = sorted((folder / "demo" / "submissions").iterdir())
        for number in range(size):
            original = originals[number % len(originals)]
            name = f"{original.stem}-{number:04d}{original.suffix}"
            copy = shutil.copytree if original.is_dir() else shutil.copy
            copy(original, self._submissions / name)
        self._slug = demonstration.assignment.slug
        self._parallel = parallel
        self._folder = folder
        self.temporary = folder / "t"
        self.temporary.mkdir()
        folder.chmod(0o755)
        # Both ledgers begin with the same secret, so that equal work gets equal inputs.
        with Repository.open(self.database("first")) as repository:
            repository.secret()
        for path in folder.glob("first.sqlite3*"):
            shutil.copy(path, folder / path.name.replace("first", "killed"))

    def database(self, name: str) -> str:
        """The URL of a ledger."""
        return f"sqlite:///{self._folder / name}.sqlite3"

    def start(self, name: str) -> "subprocess.Popen[bytes]":
        """`autograder grade`, which goes on where the ledger ends."""
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "autograder.cli", "grade", self._slug),
                *(str(self._submissions), "--course", str(ROOT / "assignments")),
                *("--db", self.database(name), "--sandbox", "docker"),
                *("--jobs", str(self._parallel)),
            ],
            env=os.environ | {"TMPDIR": str(self.temporary)},
            stdout=subprocess.DEVNULL,
        )

    def results(self, name: str) -> list[SubmissionResult]:
        """What the ledger holds, each result as often as it was saved."""
        with Repository.open(self.database(name)) as repository:
            return [event.result for event in repository.events() if isinstance(event, Graded)]

    def left_behind(self) -> dict[str, int]:
        """How much of commands that have ended is still there, by kind."""
        mine = f"TMPDIR={self.temporary}".encode()
        processes = 0
        for process in psutil.process_iter():
            try:
                processes += mine in Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
            except OSError:
                continue
        client = connect()
        containers = [
            container.id
            for container in client.containers.list(all=True, ignore_removed=True)
            if any(str(self.temporary) in mount["Source"] for mount in container.attrs["Mounts"])
        ]
        client.close()
        return {
            "containers": len(containers),
            "processes": processes,
            "temporary folders": len(list(self.temporary.iterdir())),
        }


def watched(grading: "subprocess.Popen[bytes]") -> list[tuple[float, float]]:
    """Resident memory of grader and examiner, in MiB, sampled until the command ends."""
    samples = []
    process = psutil.Process(grading.pid)
    while grading.poll() is None:
        try:
            examiner = sum(
                relative.memory_info().rss
                for child in process.children()
                if "autograder.suite.server" in child.cmdline()
                for relative in (child, *child.children())
            )
            samples.append((process.memory_info().rss / 2**20, examiner / 2**20))
        except psutil.Error:
            pass  # it has just ended
        time.sleep(INTERVAL)
    return samples


def killed(pupils: Class, kills: int, seconds: float, seed: int) -> list[float]:
    """Grade with so many SIGKILLs at random moments, then to the end; when each of them struck."""
    moments = random.Random(seed)
    struck: list[float] = []
    while len(struck) < kills:
        grading = pupils.start("killed")
        try:
            after = moments.uniform(0.5, 1.8 * seconds / (kills + 1))
            grading.wait(after)
        except subprocess.TimeoutExpired:
            struck.append(after)
            grading.kill()
            grading.wait()
        else:
            break  # it was done before
    pupils.start("killed").wait()
    return struck


def main() -> None:
    """Grade twice, print what happened, write it into the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--parallel", type=int, default=2)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="batch-") as name:
        pupils = Class(Path(name), options.submissions, options.parallel)
        start = time.perf_counter()
        samples = watched(pupils.start("first"))
        seconds = time.perf_counter() - start
        left = pupils.left_behind()
        struck = killed(pupils, options.kills, seconds, options.seed)
        left_by_killed = pupils.left_behind()
        first, again = pupils.results("first"), pupils.results("killed")

    text, flat = memory_table(samples)
    phases = [asdict(result.phases) for result in first if result.tests]
    digests = [{r.student: result_digest(r) for r in results} for results in (first, again)]
    different = sorted(name for name in digests[0] if digests[0][name] != digests[1].get(name))
    identical = not different and len(first) == len(again) == options.submissions
    text += (
        f"\n\n{len(first)} submissions of `p1-layers` in {seconds:.0f} s, {options.parallel} "
        f"parallel: {seconds / len(first):.2f} s each. Median seconds of a submission by phase: "
        + ", ".join(f"{name} {median(p[name] for p in phases):.2f}" for name in phases[0])
        + f". Left behind: {_told(left)}.\n\n"
        f"The same class with {len(struck)} SIGKILLs of the grader, after "
        + ", ".join(f"{after:.1f}" for after in struck)
        + f" s of each run (seed {options.seed}), and the command given again each time: "
        f"{len(again)} results saved, the ledgers are {'' if identical else 'NOT '}identical "
        f"(each student once, equal result digests). Left behind: {_told(left_by_killed)}.\n\n"
        f"{date.today()}: {machine()}."
    )
    print(text)
    write_section("batch", text)
    for name in different:
        print(f"not the same in both ledgers: {name}", file=sys.stderr)
    if not flat or not identical or any((*left.values(), *left_by_killed.values())):
        sys.exit("memory is not flat, something is left, or the ledgers differ: see above")


def memory_table(samples: list[tuple[float, float]]) -> tuple[str, bool]:
    """Peak memory in each quarter of the batch, and whether it is flat."""
    quarter = len(samples) // 4
    lines = [
        "| peak memory, MiB | 1st quarter | 2nd | 3rd | 4th |",
        "|---|---|---|---|---|",
    ]
    flat = True
    for column, process in enumerate(("grader", "examiner")):
        peaks = [
            max(sample[column] for sample in samples[start : start + quarter])
            for start in range(0, 4 * quarter, quarter)
        ]
        flat &= peaks[3] <= GROWTH * peaks[1]
        lines.append(f"| {process} | " + " | ".join(f"{peak:.1f}" for peak in peaks) + " |")
    return "\n".join(lines), flat


def _told(left: dict[str, int]) -> str:
    return ", ".join(f"{what} {count}" for what, count in left.items())


if __name__ == "__main__":
    main()
