"""What `autograder grade` says at the end of a batch."""

from statistics import median

from msgspec.structs import asdict
from rich.markup import escape
from rich.table import Table

from autograder.cli.options import console
from autograder.core.results import Outcome, SubmissionResult
from autograder.reports.terminal import visible
from autograder.usecases.grade import Batch

_PHASES = {
    "sandbox": "waiting for a sandbox",
    "load": "loading",
    "tests": "tests",
    "removal": "removing the sandbox",
}


class Summary:
    """Keeps some numbers of each result, not the result: a class may be large."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._ungraded: list[tuple[str, str]] = []
        self._rejected: list[tuple[str, str]] = []
        self._scores: list[float] = []
        self._retried = 0
        self._seconds: list[tuple[float, str]] = []
        self._phases: dict[str, list[float]] = {name: [] for name in _PHASES}
        self._again = 0
        self._changed: list[tuple[str, str, str, str]] = []

    @property
    def ungraded(self) -> int:
        """Submissions that our own faults kept from being graded."""
        return len(self._ungraded)

    def count(self, result: SubmissionResult) -> None:
        """Take note of one more result."""
        student = escape(visible(result.student))
        self._retried += bool(result.retries)
        if result.outcome is Outcome.UNGRADED:
            self._ungraded.append((student, result.fault))
        elif result.outcome is Outcome.REJECTED:
            self._rejected.append((student, result.rejection))
        else:
            self._scores.append(result.earned)
        if result.tests:
            self._seconds.append((result.seconds, student))
            for name, seconds in asdict(result.phases).items():
                self._phases[name].append(seconds)
        if before := self._batch.earlier.get(result.student):
            self._again += 1
            if why := self._batch.change(result):
                scores = f"{before.earned:g}", f"{result.earned:g}"
                self._changed.append((student, *scores, escape(why)))

    def print(self) -> None:
        """Our own faults first, then what students should hear of, then numbers."""
        if self._ungraded:
            count = len(self._ungraded)
            console.print(f"[magenta]ungraded {count}[/] (our fault, nobody lost a point):")
            for student, reason in self._ungraded:
                fault = visible(reason.strip(), multiline=True).splitlines()
                console.print(f"  {student}: {escape(fault[0])}")
                for line in fault[-3:] if len(fault) > 1 else ():
                    console.print(f"      {escape(line)}")
        if self._batch.unread:
            console.print(f"[magenta]not read {len(self._batch.unread)}[/], and nothing saved:")
            for problem in self._batch.unread:
                console.print(f"  {escape(visible(problem))}")
        if self._rejected:
            console.print(f"[yellow]rejected {len(self._rejected)}[/]:")
            for student, reason in self._rejected:
                console.print(f"  {student}: {escape(visible(reason))}")
        if self._scores:
            console.print(
                f"{len(self._scores)} graded, median {median(self._scores):g}, {self._retried} "
                "retried. `autograder report` writes the pages."
            )
        if self._seconds:
            phases = (
                f"{words} {median(self._phases[name]):.2f}" for name, words in _PHASES.items()
            )
            slowest, student = max(self._seconds)
            console.print(
                f"{median(seconds for seconds, _ in self._seconds):.2f} s per submission (median): "
                f"{', '.join(phases)}; slowest: {student}, {slowest:.2f}"
            )
        self._print_changes()

    def _print_changes(self) -> None:
        if self._again:
            same = self._again - len(self._changed)
            console.print(f"{self._again} graded again, {same} of them with the identical result")
        if self._changed:
            table = Table(title="changed", title_justify="left", box=None, padding=(0, 2, 0, 0))
            for name in ("student", "before", "now", "what is different"):
                table.add_column(name, justify="right" if name in ("before", "now") else "left")
            for row in self._changed:
                table.add_row(*row)
            console.print(table)
