"""`autograder check`: the public tests, for students and authors."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from autograder.authoring.public import Practice, by_question, practise
from autograder.cli.options import AsJson, console, notices, print_json
from autograder.reports.terminal import visible


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(check)


def check(
    path: Annotated[Path, typer.Argument(help="Your notebook; its folder holds `tests/`.")],
    tests: Annotated[
        Path | None, typer.Option(help="The folder of public tests, if it lies elsewhere.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Run a notebook from top to bottom, then its public tests, on this machine.

    The code runs as you, as it does in Jupyter: check only notebooks that you trust.

    [dim]autograder check p1-layers.ipynb[/]
    [dim]autograder check solutions/p1-layers/p1-layers.ipynb[/]
    """
    with notices.status(f"running {escape(path.name)}"):
        practice = practise(path, tests)
    if json:
        print_json(_as_json(practice))
    else:
        _print(path, practice)
    if not practice.passed:
        raise typer.Exit(1)


def _print(path: Path, practice: Practice) -> None:
    for question, checks in by_question(practice):
        good = sum(check.passed for check in checks)
        sign = "[green]✔[/]" if good == len(checks) else "[red]✘[/]"
        console.print(f"{sign} [bold]{question}[/] · {good} of {len(checks)} checks passed")
        for check in checks:
            if not check.passed:
                console.print(f"    {escape(check.name)}: {_told(check.message)}", soft_wrap=True)
    for cell in practice.cells:
        console.print(f"[yellow]cell {cell.number}[/] raised {_told(cell.message)}", soft_wrap=True)
    good = sum(check.passed for check in practice.checks)
    console.print(
        f"{escape(path.name)}: {good} of {len(practice.checks)} checks passed; the cells took "
        f"{practice.seconds:.1f} s"
    )


def _told(message: str) -> str:
    return escape(visible(message, multiline=True)).replace("\n", "\n      ")


def _as_json(practice: Practice) -> dict[str, object]:
    return {
        "passed": practice.passed,
        "seconds": round(practice.seconds, 3),
        "checks": [
            {"question": c.question, "name": c.name, "passed": c.passed, "message": c.message}
            for c in practice.checks
        ],
        "cells": [{"number": c.number, "message": c.message} for c in practice.cells],
    }
