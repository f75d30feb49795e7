"""`autograder build` and `certify`."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from autograder.authoring.build import build as build_assignment
from autograder.authoring.certify import Certificate, Kind, certificate
from autograder.cli.grading import Jobs, Sandbox
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
from autograder.usecases import certify as certification
from autograder.usecases.sandboxes import choose_launcher


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(build)
    app.command()(certify)


def build(
    slugs: Annotated[
        list[str] | None, typer.Argument(help="Assignments; all of the course by default.")
    ] = None,
    course: CourseFolder = DEFAULT_COURSE,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if something has drifted.")
    ] = False,
) -> None:
    """Make the students' templates and the solutions from the masters, through otter assign.

    [dim]autograder build p1-layers[/]
    [dim]autograder build --check[/]
    """
    known = sorted(path.parent.name for path in course.glob("*/master.py"))
    drifted: list[str] = []
    for slug in slugs or known:
        assignment = workspace(course, "").assignment(slug)
        drifted += build_assignment(
            assignment.folder,
            course.parent / "student_templates",
            course.parent / "solutions",
            check,
        )
    for path in drifted:
        console.print(f"{'differs' if check else 'written'}: {path}", soft_wrap=True)
    if check and drifted:
        notices.print("run `autograder build` and commit what it writes")
        raise typer.Exit(1)


def certify(
    slug: Annotated[str, typer.Argument(help="The assignment whose hidden suite is to be proved.")],
    course: CourseFolder = DEFAULT_COURSE,
    seeds: Annotated[
        int, typer.Option(min=1, help="Runs of the solution, each on new inputs.")
    ] = 20,
    jobs: Jobs = DEFAULT_JOBS,
    sandbox: Sandbox = "auto",
    verbose: Annotated[
        bool,
        typer.Option("--verbose", "-v", help="List each mutant with the tests that caught it."),
    ] = False,
    json: AsJson = False,
) -> None:
    """Prove a hidden suite: by its solution, its mutants, trivial answers and correct variants.

    [dim]autograder certify p1-layers[/]
    [dim]autograder certify p1-layers --seeds 3 --verbose[/]
    """
    planned = certification.plan(workspace(course, ""), slug, seeds)
    launcher, warning = choose_launcher(sandbox, planned.assignment.resources.image)
    if warning:
        notices.print(f"[yellow]warning:[/] {escape(warning)}")
    results = track(
        certification.run(planned, launcher, jobs),
        description=f"{slug} · {launcher.isolation}",
        total=len(planned.cases),
        console=notices,
    )
    proof = certificate(slug, results)
    if json:
        print_json(_as_json(proof))
    else:
        _print(proof, verbose)
    if not proof.proved:
        raise typer.Exit(1)


def _print(proof: Certificate, verbose: bool) -> None:
    table = Table(
        title=f"{proof.slug}: {proof.tests} tests, {proof.points:g} points", title_justify="left"
    )
    table.add_column("cases")
    table.add_column("proved", justify="right")
    table.add_column("")
    remarks = {
        Kind.SOLUTION: f"{proof.points:g} points over {len(proof.of(Kind.SOLUTION))} seeds, "
        f"{proof.flakes} flakes",
        Kind.TEMPLATE: "0 points",
        Kind.TRIVIAL: "pass no test",
        Kind.VARIANT: f"{proof.points:g} points",
        Kind.MUTANT: _fewest_killers(proof),
    }
    for kind, remark in remarks.items():
        cases = proof.of(kind)
        good = sum(case.proved for case in cases)
        colour = "green" if good == len(cases) and cases else "red"
        table.add_row(kind.value, f"[{colour}]{good} of {len(cases)}[/]", remark)
    console.print(table)
    console.print(f"seconds per submission {proof.seconds_per_submission:.2f}")
    if proof.idle_tests:
        console.print(f"tests that catch no mutant: {', '.join(proof.idle_tests)}")
    if proof.points != 100:
        console.print(f"[red]points sum to {proof.points:g}, expected 100[/]")
    for case in proof.cases:
        if not case.proved:
            what = f"{case.case.kind.value}: {case.case.name} {case.case.about}"
            console.print(f"[red]✘[/] {escape(what)}: {escape(case.problem)}")
    if verbose:
        for case in proof.of(Kind.MUTANT):
            killers = ", ".join(test.name for test in case.killers)
            console.print(f"{case.case.name}  {escape(case.case.about)}\n    {killers}")


def _fewest_killers(proof: Certificate) -> str:
    caught = [case for case in proof.of(Kind.MUTANT) if case.killers]
    if not caught:
        return ""
    fewest = min(caught, key=lambda case: len(case.killers))
    count = len(fewest.killers)
    return f"fewest killers: {fewest.case.name}, {count} test{'s' * (count > 1)}"


def _as_json(proof: Certificate) -> dict[str, object]:
    return {
        "assignment": proof.slug,
        "proved": proof.proved,
        "tests": proof.tests,
        "points": proof.points,
        "flakes": proof.flakes,
        "seconds_per_submission": round(proof.seconds_per_submission, 3),
        "cases": [
            {
                "kind": case.case.kind.value,
                "name": case.case.name,
                "proved": case.proved,
                "earned": case.result.earned,
                "outcome": case.result.outcome.value,
                "killers": [test.name for test in case.killers],
                "problem": case.problem,
            }
            for case in proof.cases
        ],
    }
