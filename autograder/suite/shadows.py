"""Submitted files with the name of a library, which Python may import in its place."""

import sys
from collections.abc import Iterator
from pathlib import PurePosixPath

from autograder.suite.job import Job

_LIBRARIES = {"msgspec", "numpy", "torch", "autograder"}
_HARMLESS = {"test", "this", "antigravity", "idlelib", "turtledemo"}
"""Modules of Python's own that nobody imports."""


def hidden_libraries(job: Job) -> Iterator[str]:
    """A note for the student on each module or package beside the main file that hides a library.

    Here a library that is loaded already wins, at home the file does.
    """
    folder = PurePosixPath(job.entry).parent
    for path in (PurePosixPath(name) for name, _ in job.files if name != job.entry):
        if path.name == "__init__.py" and path.parent.parent == folder:
            name, file = path.parent.name, f"{path.parent.name}/"
        elif path.suffix == ".py" and path.parent == folder:
            name, file = path.stem, path.name
        else:
            continue
        if name in _LIBRARIES or name in sys.stdlib_module_names - _HARMLESS:
            yield (
                f"Your {file} has the name of the library {name}: `import {name}` may find either "
                "of them, here another one than at home. Rename yours."
            )
