"""`autograder grade`, `status` and `report`."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from msgspec import to_builtins
from msgspec.structs import asdict
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from autograder.batch.engine import Engine
from autograder.cli import interruption
from autograder.cli.options import (
    DEFAULT_COURSE,
    DEFAULT_DATABASE,
    DEFAULT_REPORT,
    AsJson,
    CourseFolder,
    Database,
    Gpus,
    console,
    notices,
    print_json,
    workspace,
)
from autograder.cli.summary import Summary
from autograder.core.reproduction import result_digest
from autograder.core.results import Outcome, SubmissionResult
from autograder.reports.model import Submission
from autograder.reports.outcomes import WORDING
from autograder.reports.terminal import render_submission, visible
from autograder.usecases import grade as grading
from autograder.usecases.batches import running
from autograder.usecases.engines import EngineKind, choose_engine
from autograder.usecases.report import report as write_report
from autograder.usecases.sandboxes import DeviceKind, SandboxKind

Paths = Annotated[
    list[Path],
    typer.Argument(help="Submissions (.ipynb, .py, .zip), or folders with one entry per student."),
]
Jobs = Annotated[int, typer.Option(min=1, help="Submissions graded at the same time.")]
Sandbox = Annotated[
    SandboxKind, typer.Option(envvar="AUTOGRADER_SANDBOX", help="Where submissions run.")
]
Device = Annotated[
    DeviceKind, typer.Option(help="For assignments that ask for a GPU: `auto` takes one if it can.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(grade)
    app.command()(status)
    app.command()(report)


def grade(
    slug: Annotated[str, typer.Argument(help="The assignment, for example p1-layers.")],
    paths: Paths,
    course: CourseFolder = DEFAULT_COURSE,
    db: Database = DEFAULT_DATABASE,
    jobs: Annotated[
        int,
        typer.Option(
            min=0, help="Submissions graded at the same time; 0: as many as there is room."
        ),
    ] = 0,
    sandbox: Sandbox = "auto",
    device: Device = "auto",
    gpus: Gpus = "",
    engine: Annotated[
        EngineKind, typer.Option(help="What grades: this machine, or a Ray cluster.")
    ] = "local",
    ray_address: Annotated[
        str, typer.Option(help="With --engine ray: host:port of the cluster.")
    ] = "auto",
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Grade again what the ledger has a result for.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Print each student's failed tests.")
    ] = False,
    log_file: Annotated[
        Path | None, typer.Option(help="Append one JSON line per event to this file.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Grade submissions; run again after an interruption, it continues where it was.

    [dim]autograder grade p1-layers submissions/[/]
    [dim]autograder grade p1-layers kim.ipynb --verbose[/]
    [dim]autograder grade p1-layers submissions/ --jobs 8 --db postgresql+psycopg://…[/]
    [dim]autograder grade p4-cnn submissions/ --engine ray --ray-address 10.0.0.1:6379[/]
    """
    place = workspace(course, db)
    if log_file:
        from autograder.usecases.log import log_to  # structlog takes as long as all the rest

        log_to(log_file)
    resources = place.assignment(slug).resources
    grader, warning = choose_engine(engine, sandbox, resources, device, jobs, ray_address, gpus)
    if warning:
        notices.print(f"[yellow]warning:[/] {escape(warning)}")
    rows = []
    with grading.grading(place, slug, paths, grader, fresh) as (batch, coming):
        summary = Summary(batch)
        if not json:
            _announce(batch, grader)
        for result in grading_progress(coming, batch.total, json):
            summary.count(result)
            if json:
                rows.append(_as_json(result, batch.change(result)))
            if verbose:
                console.print(render_submission(Submission(result=result)))
    if json:
        print_json(
            {
                "assignment": slug,
                "isolation": grader.place.isolation,
                "done_before": batch.done,
                "results": rows,
                "unread": batch.unread,
            }
        )
    else:
        summary.print()
    if summary.ungraded or batch.unread:
        raise typer.Exit(1)


def status(json: AsJson = False) -> None:
    """Show how far the batches on this machine are, from another terminal.

    [dim]autograder status[/]
    [dim]watch autograder status[/]
    """
    batches = running()
    if json:
        print_json(
            [to_builtins(batch) | {"done": batch.done, "killed": batch.killed} for batch in batches]
        )
        return
    if not batches:
        console.print("no batch runs on this machine")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("assignment", "done", "outcomes", "since", "left", "ledger"):
        table.add_column(name)
    for batch in batches:
        elapsed = datetime.now(UTC) - batch.began
        left = elapsed / batch.done * (batch.total - batch.done) if batch.done else None
        state = str(left).partition(".")[0] if left is not None else "–"
        table.add_row(
            escape(visible(batch.assignment)),
            f"{batch.done} / {batch.total}",
            "  ".join(f"{WORDING[Outcome(o)].sign} {n}" for o, n in batch.outcomes.items()),
            f"{batch.began.astimezone():%H:%M:%S}",
            "[red]killed: the same command continues[/]" if batch.killed else state,
            escape(visible(batch.database)),
        )
    console.print(table)


def report(
    course: CourseFolder = DEFAULT_COURSE,
    db: Database = DEFAULT_DATABASE,
    out: Annotated[Path, typer.Option(help="Folder for the pages and tables.")] = DEFAULT_REPORT,
) -> None:
    """Write the course's pages (HTML) and tables (CSV).

    [dim]autograder report --out results/report[/]
    """
    index = write_report(workspace(course, db), out)
    console.print(f"report: {index}", soft_wrap=True)


def _announce(batch: grading.Batch, engine: Engine) -> None:
    place = engine.place
    image = f" · image {place.image_digest[7:19]}" if place.image_digest else ""
    console.print(
        f"[bold]{batch.assignment.slug}[/] · {batch.total} to grade · {place.isolation}{image} · "
        f"{engine.parallel} parallel" + (f" · {batch.done} done before" if batch.done else "")
    )
    if batch.outdated:
        console.print(
            f"{batch.outdated} of these were graded with another version of the suite; "
            "`--fresh` grades them again"
        )


def grading_progress(
    results: Iterator[SubmissionResult], total: int, quiet: bool
) -> Iterator[SubmissionResult]:
    """Pass results on under a bar that counts them by outcome."""
    bar = Progress(
        SpinnerColumn(),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("eta"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[counts]}"),
        console=console,
        disable=quiet or total == 0,
        expand=True,
    )
    seen: Counter[Outcome] = Counter()
    with bar:
        task = bar.add_task("", total=total, counts="")
        try:
            for result in results:
                seen[result.outcome] += 1
                counts = "  ".join(f"{WORDING[o].sign} {seen[o]}" for o in Outcome if seen[o])
                bar.update(task, advance=1, counts=counts)
                yield result
                interruption.check()
        except KeyboardInterrupt:
            notices.print("the same command continues where it was")
            raise


def _as_json(result: SubmissionResult, change: str) -> dict[str, object]:
    return {
        "student": result.student,
        "outcome": result.outcome.value,
        "score": result.earned,
        "points": result.points,
        "digest": result.digest,
        "isolation": result.provenance.isolation,
        "environment": dict(result.provenance.environment),
        "result_digest": result_digest(result),
        "change": change,
        "rejection": result.rejection,
        "fault": result.fault,
        "notes": list(result.notes),
        "seconds": round(result.seconds, 3),
        "phases": {name: round(seconds, 3) for name, seconds in asdict(result.phases).items()},
        "tests": [
            {
                "name": test.name,
                "outcome": test.outcome.value,
                "points": test.points,
                "earned": test.earned,
                "message": test.message,
            }
            for test in result.tests
        ],
    }
