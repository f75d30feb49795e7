"""`autograder doctor`, `images`, `data` and `demo`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import track
from rich.status import Status
from rich.table import Table

from autograder.batch.local import LocalEngine
from autograder.cli.grades import grades_table
from autograder.cli.grading import Jobs, Sandbox, grading_progress
from autograder.cli.options import (
    DEFAULT_COURSE,
    DEFAULT_JOBS,
    AsJson,
    CourseFolder,
    console,
    notices,
    print_json,
    workspace,
)
from autograder.reports.outcomes import WORDING
from autograder.suite.files import DATA_FOLDER, MNIST_FILES
from autograder.usecases import data as data_sets
from autograder.usecases import demo as demonstration
from autograder.usecases import doctor as checks
from autograder.usecases.ledger import gradebook
from autograder.usecases.sandboxes import choose_launcher

_SIGNS = {True: "[green]✔[/]", False: "[red]✘[/]", None: "[dim]·[/]"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (doctor, images, data, demo):
        app.command()(command)


def doctor(
    course: CourseFolder = DEFAULT_COURSE,
    db: Annotated[str, typer.Option("--db", help="Check that this ledger can be opened.")] = "",
    json: AsJson = False,
) -> None:
    """Check engine, images, sandboxes, database and course files; name each remedy.

    [dim]autograder doctor[/]
    """
    found = checks.examine(workspace(course, db))
    if json:
        print_json(
            [{"name": c.name, "ok": c.ok, "found": c.found, "remedy": c.remedy} for c in found]
        )
    else:
        table = Table(show_header=False, box=None, padding=(0, 1))
        for check in found:
            remedy = f"\n[bold]→ {escape(check.remedy)}[/]" if check.remedy else ""
            table.add_row(_SIGNS[check.ok], check.name, f"{escape(check.found)}{remedy}")
        console.print(table)
    if any(check.ok is False for check in found):
        raise typer.Exit(1)


def images(
    targets: Annotated[
        list[str] | None, typer.Argument(help="numpy, torch-cpu, torch-cuda; numpy by default.")
    ] = None,
) -> None:
    """Build the grading images; what exists already is kept.

    [dim]autograder images[/]
    [dim]autograder images numpy torch-cpu[/]
    """
    for target in targets or ["numpy"]:
        with console.status("") as status:

            def show(line: str, status: Status = status, target: str = target) -> None:
                status.update(f"image {target}: {escape(line[:70])}")

            digest = checks.build_image(target, show)
        console.print(f"{target}: {digest}")


def data(
    folder: Annotated[Path, typer.Argument(help="Where the files are to lie.")] = Path("data"),
    mirror: Annotated[str, typer.Option(help="Fetch them from this URL.")] = data_sets.MIRROR,
) -> None:
    """Fetch MNIST for the hidden tests that train on it where it is there; others need nothing.

    [dim]autograder data[/]
    [dim]autograder data /srv/mnist --mirror https://ossci-datasets.s3.amazonaws.com/mnist[/]
    """
    files = track(
        data_sets.fetch_mnist(folder, mirror),
        description="MNIST",
        total=len(MNIST_FILES),
        console=notices,
    )
    for path in files:
        console.print(f"{path.name}: as its checksum says", soft_wrap=True)
    console.print(
        f"use it: [bold]export {DATA_FOLDER}={escape(str(folder.resolve()))}[/]", soft_wrap=True
    )


def demo(
    course: CourseFolder = DEFAULT_COURSE,
    out: Annotated[Path, typer.Option(help="Folder for submissions, ledger and report.")] = Path(
        "results/demo"
    ),
    jobs: Jobs = DEFAULT_JOBS,
    sandbox: Sandbox = "auto",
) -> None:
    """Grade a synthetic class of 24, hostile students included, and write its report.

    [dim]autograder demo[/]
    [dim]autograder demo --sandbox local[/]
    """
    prepared = demonstration.prepare(course, out)
    launcher, warning = choose_launcher(sandbox, prepared.assignment.resources)
    if warning:
        notices.print(f"[yellow]warning:[/] {escape(warning)}")
    console.print(
        f"[bold]{demonstration.SLUG}[/] · {len(prepared.cohort)} submissions · "
        f"{launcher.isolation} · {jobs} parallel"
    )
    results = list(
        grading_progress(
            demonstration.run(prepared, LocalEngine(launcher, jobs)),
            len(prepared.cohort),
            quiet=False,
        )
    )
    by_student = {result.student: result for result in results}
    table = Table()
    table.add_column("student")
    table.add_column("hands in")
    table.add_column("score", justify="right")
    table.add_column("outcome", no_wrap=True)
    for member in prepared.cohort:
        result = by_student[member.id]
        wording = WORDING[result.outcome]
        outcome = f"{wording.sign} {result.outcome.value.replace('_', ' ')}"
        table.add_row(member.id, member.about, f"{result.earned:g}", outcome)
    console.print(table)
    console.print(grades_table(list(gradebook(prepared.workspace).students.values())))
    unexpected = demonstration.surprises(prepared, results)
    for line in unexpected:
        notices.print(f"[red]✘[/] {escape(line)}")
    if not unexpected:
        console.print(
            f"All {len(results)} scores and outcomes are the ones recorded with the cases "
            f"(isolation: {launcher.isolation})."
        )
    console.print(f"report: {demonstration.finish(prepared)}", soft_wrap=True)
    if unexpected:
        raise typer.Exit(1)
