"""What `autograder grade --fresh` says of results that are not what they were."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from autograder.cli.options import console
from autograder.core.results import SubmissionResult
from autograder.reports.terminal import visible
from autograder.usecases.grade import Batch


def print_changes(batch: Batch, results: Sequence[SubmissionResult]) -> None:
    """How many regrades gave the identical result, and a line for each of the others."""
    again = [result for result in results if result.student in batch.earlier]
    changed = [(result, why) for result in again if (why := batch.change(result))]
    if again:
        same = len(again) - len(changed)
        console.print(f"{len(again)} graded again, {same} of them with the identical result")
    if changed:
        table = Table(title="changed", title_justify="left", box=None, padding=(0, 2, 0, 0))
        for name in ("student", "before", "now", "what is different"):
            table.add_column(name, justify="right" if name in ("before", "now") else "left")
        for result, why in changed:
            before = batch.earlier[result.student]
            scores = f"{before.earned:g}", f"{result.earned:g}"
            table.add_row(escape(visible(result.student)), *scores, escape(why))
        console.print(table)
