"""`assignments/<slug>/assignment.toml` → `Assignment`."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from autograder.core.assignment import Assignment
from autograder.course.toml import MOST, SLUG, Problem, read, refuse


def load_assignment(folder: Path) -> Assignment:
    """The assignment in `folder`, whose name is the slug.

    Raises `ConfigurationError` that names file, field, value and remedy.
    """
    folder = folder.resolve()
    path = folder / "assignment.toml"
    assignment = read(path, Assignment, slug=folder.name, folder=folder)
    refuse(path, _problems(assignment))
    return assignment


def _problems(assignment: Assignment) -> Iterator[Problem]:
    if not SLUG.fullmatch(assignment.slug):
        yield Problem("folder", assignment.slug, "not a slug", "use a-z, 0-9 and single hyphens")
    for name in ("title", "component"):
        if not getattr(assignment, name).strip():
            yield Problem(name, getattr(assignment, name), "empty", "give it a name")
    for name in assignment.requires:
        if not name.isidentifier():
            yield Problem("requires", name, "not a Python name", "list classes and functions")
    if assignment.main and not re.fullmatch(r"[A-Za-z_]\w*\.py", assignment.main):
        yield Problem("main", assignment.main, "not the name of a module", 'write "reproduce.py"')
    for name, value in msgspec.structs.asdict(assignment.limits).items():
        if value is not None and not 0 < value <= MOST:
            yield Problem(
                f"limits.{name}", value, f"not above 0, up to {MOST}", "remove it for the default"
            )
    if not assignment.resources.image.strip():
        yield Problem("resources.image", assignment.resources.image, "empty", "name an image")
    if not 0 <= assignment.resources.gpus <= MOST:
        yield Problem(
            "resources.gpus", assignment.resources.gpus, f"not in 0 … {MOST}", "0 means the CPU"
        )
    elif assignment.resources.gpus > 1 and assignment.resources.gpus % 1:
        yield Problem(
            "resources.gpus",
            assignment.resources.gpus,
            "not whole",
            "above 1 a submission gets whole devices",
        )
