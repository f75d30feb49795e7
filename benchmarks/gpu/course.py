"""Part: two assignments of the course on the card, and the same submissions on the CPU."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from msgspec.structs import asdict, replace
from part import ROOT, Part, first_line

from autograder.authoring.certify import Case, CaseResult, Kind
from autograder.batch.grading import GradingJob
from autograder.batch.local import LocalEngine
from autograder.core.reproduction import result_digest
from autograder.core.results import SubmissionResult
from autograder.usecases.certify import plan
from autograder.usecases.sandboxes import choose_launcher
from autograder.usecases.workspace import Workspace

SLUGS = ("p4-cnn", "p5-representation")
VARIANTS = 2
SHARE = 0.25
"""Of the card, while the scores are compared: four submissions at a time."""
REGRADES = 3


class Comparison:
    """The results of one assignment's cases on both devices; a row when both are there."""

    def __init__(self, part: Part, slug: str, cases: dict[str, Case]) -> None:
        self._part = part
        self._slug = slug
        self._cases = cases
        self._lock = threading.Lock()
        self._seen: dict[str, dict[str, SubmissionResult]] = {"device": {}, "cpu": {}}
        self._equal = 0

    def add(self, where: str, result: SubmissionResult) -> None:
        """One more result."""
        number = result.student
        with self._lock:
            self._seen[where][number] = result
            other = self._seen["cpu" if where == "device" else "device"].get(number)
            if other is not None:
                self._compare(
                    self._cases[number], self._seen["device"][number], self._seen["cpu"][number]
                )

    def sum_up(self) -> None:
        """How many cases agreed."""
        both = set(self._seen["device"]) & set(self._seen["cpu"])
        seconds = sorted(result.seconds for result in self._seen["device"].values())
        self._part.record.check(
            f"{self._slug}: cases judged alike on both devices",
            f"{len(self._cases)} of {len(self._cases)}",
            f"{self._equal} of {len(both)}",
            self._equal == len(self._cases),
            seconds_on_the_device=[round(s, 2) for s in seconds],
        )

    def _compare(self, case: Case, device: SubmissionResult, cpu: SubmissionResult) -> None:
        differing = [
            (here, there)
            for here, there in zip(device.tests, cpu.tests, strict=False)
            if here.outcome is not there.outcome
        ]
        outcomes = [f"{a.name} {a.outcome.value} / {b.outcome.value}" for a, b in differing]
        # A mutant's training is spared as soon as a test is lost, on either device.
        same = not outcomes and len(device.tests) == len(cpu.tests)
        faults = device.fault or cpu.fault
        proved = CaseResult(case=case, result=device).proved
        self._equal += same and proved and not faults
        self._part.record.check(
            f"{self._slug}: {case.kind.value} {case.name}",
            f"{cpu.earned:g} of {cpu.points:g}, as on the CPU",
            f"{device.earned:g} of {device.points:g}"
            + (f"; fault: {faults}" if faults else "")
            + ("" if proved else "; not proved")
            + (f"; device / CPU: {'; '.join(outcomes[:4])}" if outcomes else ""),
            same and proved and not faults,
            many=True,
            messages={here.name: [here.message, there.message] for here, there in differing},
            seconds=round(device.seconds, 2),
            cpu_seconds=round(cpu.seconds, 2),
            phases={name: round(s, 2) for name, s in asdict(device.phases).items()},
            digest=result_digest(device),
            notes=[test.message for test in device.tests if "accuracy" in test.message],
            cpu_notes=[test.message for test in cpu.tests if "accuracy" in test.message],
        )


def cases_of(part: Part, slug: str) -> dict[str, tuple[Case, GradingJob]]:
    """The cases asked for, by the student's name.

    By default the solution, the first variants and evenly chosen mutants.
    """
    everything = plan(Workspace(folder=ROOT / "assignments", database=""), slug, seeds=1).cases
    of_kind = {kind: [c for c in everything if c[0].kind is kind] for kind in Kind}
    bugs = of_kind[Kind.MUTANT]
    chosen = [
        *of_kind[Kind.SOLUTION],
        *of_kind[Kind.VARIANT][:VARIANTS],
        *(bugs[number * len(bugs) // part.mutants] for number in range(part.mutants)),
    ]
    if part.cases:
        chosen = [c for c in everything if part.wants(c[0].name, c[0].kind.value)]
    return {job.submission.student: (case, job) for case, job in chosen}


def grade_all(
    part: Part,
    device: str,
    share: float,
    parallel: int,
    jobs: list[GradingJob],
    use: Callable[[SubmissionResult], None],
) -> None:
    """Grade by the engine that grades students, in the local sandbox, while there is time."""
    resources = replace(jobs[0].assignment.resources, gpus=share)
    assignment = replace(jobs[0].assignment, resources=resources)
    launcher, _ = choose_launcher("local", resources, device)  # type: ignore[arg-type]
    results = LocalEngine(launcher, parallel, pauses=(0.5,)).run(
        [replace(job, assignment=assignment) for job in jobs]
    )
    for result in results:
        use(result)
        if part.left < 0:
            break


def by_command(part: Part, slug: str, folder: Path, again: bool) -> dict[str, Any]:
    """The solution by `autograder grade`, as an instructor would; its JSON."""
    file = folder / f"{slug}.py"
    shutil.copy(ROOT / "solutions" / slug / "solution.py", file)
    command = [
        *(sys.executable, "-m", "autograder.cli", "grade", slug, file),
        *("--course", ROOT / "assignments", "--db", f"sqlite:///{folder}/{slug}.sqlite3"),
        *("--sandbox", "local", "--device", part.device, "--json"),
        *(["--fresh"] if again else []),
    ]
    began = time.monotonic()
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=max(part.left, 5.0), check=False
    )
    try:
        (result,) = json.loads(done.stdout)["results"]
    except (ValueError, KeyError) as problem:
        raise RuntimeError(f"`grade` gave no result: {done.stderr[-800:]}") from problem
    return {**result, "wall": time.monotonic() - began}


def solutions(part: Part, folder: Path) -> dict[str, dict[str, Any]]:
    """Each solution alone on the card: points, seconds, phases, what it was graded with."""
    first = {}
    for slug in SLUGS:
        try:
            result = first[slug] = by_command(part, slug, folder, again=False)
        except Exception as problem:
            part.record.check(f"{slug}: `grade` of the solution", "a result", first_line(problem))
            print(problem)
            continue
        lost = [f"{t['name']}: {t['message']}" for t in result["tests"] if t["outcome"] != "passed"]
        part.record.check(
            f"{slug}: `grade` of the solution, alone",
            "100 of 100",
            f"{result['score']:g} of {result['points']:g}",
            result["score"] == 100,
            fault=result["fault"],
            lost=lost,
            environment=result["environment"],
            messages={t["name"]: t["message"] for t in result["tests"] if t["message"]},
        )
        if result["fault"] or lost:
            part.record.measure(
                f"{slug}: what was lost", (result["fault"] or "; ".join(lost))[:400]
            )
        phases = ", ".join(f"{name} {seconds:.2f}" for name, seconds in result["phases"].items())
        part.record.measure(
            f"{slug}: seconds", f"{result['seconds']:.2f} ({phases}); command {result['wall']:.2f}"
        )
        notes = [t["message"] for t in result["tests"] if "accuracy" in t["message"]]
        part.record.measure(f"{slug}: accuracy", " | ".join(notes)[:300] or "not told")
        if slug == SLUGS[0]:
            told = " · ".join(f"{name} {value}" for name, value in result["environment"].items())
            part.record.measure("recorded environment", told)
    return first


def regrades(part: Part, slug: str, folder: Path, first: dict[str, Any]) -> None:
    """The same again, while others compute on the card: the same bits?"""
    digests, differences = [], []
    for _ in range(REGRADES):
        if part.left < 10:
            break
        again = by_command(part, slug, folder, again=True)
        digests.append(again["result_digest"])
        before = {test["name"]: test for test in first["tests"]}
        differences += [
            f"{test['name']}: {before[test['name']]['message']!r} → {test['message']!r}"
            for test in again["tests"]
            if any(test[k] != before[test["name"]][k] for k in ("outcome", "message"))
        ]
    equal = sum(digest == first["result_digest"] for digest in digests)
    part.record.check(
        f"{slug}: regrades with an equal digest",
        f"{REGRADES} of {REGRADES}",
        f"{equal} of {len(digests)}" + (f"; {differences[0]}" if differences else ""),
        equal == len(digests) == REGRADES,
        differences=differences,
    )


def main() -> None:
    """The CPU's pass goes on beside all others: it needs other processors.

    Where cases are asked for, they are compared and nothing else is done.
    """
    part = Part()
    chosen = {slug: cases for slug in SLUGS if (cases := cases_of(part, slug))}
    comparisons = {
        slug: Comparison(part, slug, {number: case for number, (case, _) in cases.items()})
        for slug, cases in chosen.items()
    }
    cores = os.cpu_count() or 1

    def guarded(what: str, action: Callable[[], object]) -> None:
        try:
            action()
        except BaseException as problem:
            part.record.check(what, "no exception", first_line(problem))
            traceback.print_exc()

    def pass_of(where: str, device: str, share: float, parallel: int) -> None:
        for slug, cases in chosen.items():
            jobs = [job for _, job in cases.values()]
            guarded(
                f"{slug}: pass of the {where}",
                lambda slug=slug, jobs=jobs: grade_all(
                    part, device, share, parallel, jobs, lambda r: comparisons[slug].add(where, r)
                ),
            )

    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(4) as threads:
        folder = Path(name)
        on_cpu = threads.submit(pass_of, "cpu", "cpu", 1.0, max(cores // 3, 1))
        first = {} if part.cases else solutions(part, folder)
        later = [threads.submit(pass_of, "device", part.device, SHARE, min(4, cores))]
        later += [
            threads.submit(
                guarded, f"{slug}: regrades", lambda s=slug, r=result: regrades(part, s, folder, r)
            )
            for slug, result in first.items()
        ]
        for future in (*later, on_cpu):
            future.result()
    for comparison in comparisons.values():
        comparison.sum_up()


if __name__ == "__main__":
    main()
