"""`autograder build` and `certify`."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from autograder.authoring.build import build as build_assignment
from autograder.authoring.certify import CaseResult, Certificate, Kind, certificate
from autograder.cli.grading import Device, Jobs, Sandbox
from autograder.cli.options import (
    DEFAULT_COURSE,
    DEFAULT_JOBS,
    AsJson,
    CourseFolder,
    Gpus,
    console,
    notices,
    print_json,
    workspace,
)
from autograder.usecases import certify as certification
from autograder.usecases.sandboxes import choose_launcher, slots_of


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(build)
    app.command()(lint)
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


def lint(
    slugs: Annotated[
        list[str] | None, typer.Argument(help="Assignments; all of the course by default.")
    ] = None,
    course: CourseFolder = DEFAULT_COURSE,
) -> None:
    """Find where hidden suites compute with a student's value whose form they have not checked.

    [dim]autograder lint[/]
    [dim]autograder lint p1-layers[/]
    """
    known = sorted(path.parent.name for path in course.glob("*/assignment.toml"))
    place, found = workspace(course, ""), 0
    for slug in slugs or known:
        findings = certification.lint_suite(place.assignment(slug))
        found += len(findings)
        for finding in findings:
            console.print(f"{slug}/hidden/{finding}", soft_wrap=True, markup=False)
    if found:
        raise typer.Exit(1)


def certify(
    slugs: Annotated[
        list[str] | None, typer.Argument(help="Assignments whose hidden suites are to be proved.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All assignments of the course, in one table.")
    ] = False,
    course: CourseFolder = DEFAULT_COURSE,
    seeds: Annotated[
        int, typer.Option(min=1, help="Runs of the solution, each on new inputs.")
    ] = 20,
    reduced: Annotated[
        bool,
        typer.Option(
            "--reduced", help="Every twelfth mutant, variants without training: a quick look."
        ),
    ] = False,
    blind: Annotated[
        int, typer.Option(min=0, help="Add so many random changes of the solution.")
    ] = 0,
    jobs: Jobs = DEFAULT_JOBS,
    sandbox: Sandbox = "auto",
    device: Device = "auto",
    gpus: Gpus = "",
    verbose: Annotated[
        bool,
        typer.Option("--verbose", "-v", help="List each mutant with the tests that caught it."),
    ] = False,
    json: AsJson = False,
) -> None:
    """Prove hidden suites: by solution, mutants, trivial answers, correct variants and the lint.

    [dim]autograder certify p1-layers[/]
    [dim]autograder certify p1-layers --seeds 3 --verbose[/]
    [dim]autograder certify p1-layers --blind 200[/]
    [dim]autograder certify --all[/]
    """
    known = sorted(path.parent.name for path in course.glob("*/assignment.toml"))
    if everything == bool(slugs):
        raise typer.BadParameter(f"name assignments or give --all; {course} has {', '.join(known)}")
    place = workspace(course, "")
    proofs: list[Certificate] = []
    chosen = slugs or known
    for slug in chosen:
        planned = certification.plan(place, slug, seeds, reduced, blind)
        resources = planned.assignment.resources
        slots = slots_of(gpus, resources)
        launcher, warning = choose_launcher(sandbox, resources, device, slots)
        if warning and not proofs:
            notices.print(f"[yellow]warning:[/] {escape(warning)}")
        if not notices.is_terminal:
            notices.print(f"{slug}: {len(planned.cases)} cases · {launcher.isolation}")
        results = track(
            certification.run(planned, launcher, jobs),
            description=f"{slug} · {launcher.isolation}",
            total=len(planned.cases),
            console=notices,
        )
        proofs.append(certificate(slug, results, planned.findings))
        if not json:
            _print(proofs[-1], verbose, len(chosen) == 1, reduced)
    if json:
        print_json([_as_json(proof) for proof in proofs] if len(proofs) > 1 else _as_json(*proofs))
    elif len(chosen) > 1:
        console.print(_overview(proofs))
    if not all(proof.proved for proof in proofs):
        raise typer.Exit(1)


def _overview(proofs: list[Certificate]) -> Table:
    """One line for each assignment."""
    table = Table(title="Hidden suites", title_justify="left", box=None, padding=(0, 1, 0, 0))
    table.add_column("assignment", no_wrap=True)
    columns = ("tests", "points", "mutants", "variants", "trivial", "seeds", "flakes", "seconds")
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    for proof in proofs:
        shares = [_share(proof.of(kind)) for kind in (Kind.MUTANT, Kind.VARIANT, Kind.TRIVIAL)]
        table.add_row(
            f"{'' if proof.proved else '[red]✘[/] '}{proof.slug}",
            *(str(proof.tests), f"{proof.points:g}", *shares, _share(proof.of(Kind.SOLUTION))),
            *(str(proof.flakes), f"{proof.seconds_per_submission:.2f}"),
        )
    return table


def _share(cases: tuple[CaseResult, ...]) -> str:
    good = sum(case.proved for case in cases)
    text = f"{good}/{len(cases)}"
    return text if good == len(cases) else f"[red]{text}[/]"


def _print(proof: Certificate, verbose: bool, table_too: bool, reduced: bool) -> None:
    """The table of one assignment, and what is wrong."""
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
        Kind.BLIND: f"{proof.excused} of them cannot be caught: see equivalent.toml",
    }
    for kind, remark in remarks.items():
        cases = proof.of(kind)
        if kind is Kind.BLIND and not cases:
            continue
        good = sum(case.proved for case in cases)
        colour = "green" if good == len(cases) and cases else "red"
        table.add_row(kind.value, f"[{colour}]{good} of {len(cases)}[/]", remark)
    found = len(proof.findings)
    remark = "values whose form nobody has checked" if found else "nothing to find"
    table.add_row("lint", f"[{'red' if found else 'green'}]{found} found[/]", remark)
    if table_too:
        console.print(table)
        console.print(f"seconds per submission {proof.seconds_per_submission:.2f}")
    if proof.idle_tests and not reduced:
        console.print(f"{proof.slug}: tests that catch no mutant: {', '.join(proof.idle_tests)}")
    if proof.points != 100:
        console.print(f"[red]{proof.slug}: points sum to {proof.points:g}, expected 100[/]")
    for finding in proof.findings:
        console.print(f"[red]✘[/] {proof.slug}/hidden/{escape(str(finding))}", soft_wrap=True)
    for case in proof.cases:
        if not case.proved:
            what = f"{proof.slug}, {case.case.kind.value}: {case.case.name} {case.case.about}"
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
        "lint": [str(finding) for finding in proof.findings],
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
