"""Options that several commands share, and what they make of them."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from autograder.reports.text import to_json, visible
from autograder.usecases.workspace import Workspace

CourseFolder = Annotated[
    Path,
    typer.Option("--course", help="Folder with course.toml and one folder per assignment."),
]
Database = Annotated[
    str, typer.Option("--db", help="URL of the ledger: SQLite by default, PostgreSQL as well.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines, nothing else.")]
Gpus = Annotated[
    str,
    typer.Option(
        envvar="AUTOGRADER_GPUS",
        help="Ids of the GPUs to use here, as `0,1`; all of them by default.",
    ),
]

DEFAULT_COURSE = Path("assignments")
DEFAULT_DATABASE = "sqlite:///results/ledger.sqlite3"
DEFAULT_JOBS = os.cpu_count() or 1
DEFAULT_REPORT = Path("results/report")


class SafeConsole(Console):
    """A terminal that no text can steer: neither a path nor what an error quotes."""

    def print(self, *objects: Any, **options: Any) -> None:
        """As rich prints it, but hidden characters of a string are escapes."""
        shown = (visible(o, multiline=True) if isinstance(o, str) else o for o in objects)
        super().print(*shown, **options)


console = SafeConsole(highlight=False)
notices = SafeConsole(stderr=True, highlight=False)


def workspace(course: Path, database: str) -> Workspace:
    """The course and the ledger that the options name."""
    return Workspace(folder=course, database=database)


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(to_json(value, indent=2))
