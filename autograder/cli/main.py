"""Runs the command line, and says how its failures end.

Exit codes: 0 done; 1 done, but something needs a look (a submission is ungraded, a suite is not
proved, a build has drifted, a check failed); 2 wrong input or configuration; 3 the machine is not
ready (no engine, no image, no database); 130 interrupted.
"""

import logging
import sys

from autograder.cli.interruption import interruptible
from autograder.errors import AutograderError, ConfigurationError, SuiteError


def main() -> None:
    """Run the command line; our own failures end in one line with the remedy."""
    logging.getLogger("autograder").addHandler(logging.NullHandler())  # silent without --log-file
    with interruptible() as signals:
        try:
            # Within reach of the handlers: to import all commands takes half a second.
            from autograder.cli.app import app

            app()
        except AutograderError as problem:
            from rich.markup import escape

            from autograder.cli.options import notices

            notices.print(f"[bold red]error:[/] {escape(str(problem))}")
            sys.exit(2 if isinstance(problem, ConfigurationError | SuiteError) else 3)
        except (KeyboardInterrupt, SystemExit):  # typer turns the one into the other
            if not signals:
                raise
            sys.stderr.write("interrupted\n")
            sys.exit(130)
