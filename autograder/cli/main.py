"""The program `autograder`: its commands, and how their failures end.

Exit codes: 0 done; 1 done, but something needs a look (a submission is ungraded, a suite is not
proved, a build has drifted, a check failed); 2 wrong input or configuration; 3 the machine is not
ready (no engine, no image, no database); 130 interrupted.
"""

import logging
import signal
import sys
from typing import Annotated

import typer
from rich.markup import escape

import autograder
from autograder.cli import authoring, grades, grading, ledger, practice, setup
from autograder.cli.options import notices
from autograder.errors import AutograderError, ConfigurationError, SuiteError

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


def main() -> None:
    """Run the command line; our own failures end in one line with the remedy."""
    logging.getLogger("autograder").addHandler(logging.NullHandler())  # silent without --log-file
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever stops us so, as by Ctrl-C
    try:
        app()
    except AutograderError as problem:
        notices.print(f"[bold red]error:[/] {escape(str(problem))}")
        sys.exit(2 if isinstance(problem, ConfigurationError | SuiteError) else 3)
