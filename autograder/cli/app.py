"""The program `autograder`: its commands."""

from typing import Annotated

import typer

import autograder
from autograder.cli import authoring, grades, grading, ledger, practice, setup

app = typer.Typer(
    name="autograder",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Grades the homework of a deep-learning course.\n\n"
    "Exit codes: 0 done · 1 done, something needs a look · 2 wrong input · 3 the machine is not "
    "ready · 130 interrupted.",
)
for commands in (practice, grading, grades, ledger, authoring, setup):
    commands.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(autograder.__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options before the command."""
