"""A course's files and its ledger, opened together."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from autograder.core.assignment import Assignment
from autograder.core.course import Course
from autograder.core.gradebook import Gradebook
from autograder.core.replay import replay
from autograder.course import load_assignment, load_course
from autograder.errors import ConfigurationError

if TYPE_CHECKING:
    from autograder.store import Repository


class Workspace(Struct, frozen=True, kw_only=True):
    """Where a course lives: its folder of assignments and the URL of its ledger."""

    folder: Path
    database: str
    course_file: Path | None = None
    """In place of the folder's own `course.toml`."""

    def course(self) -> Course:
        """The course file, validated."""
        return load_course(self.course_file or self.folder / "course.toml")

    def assignment(self, slug: str) -> Assignment:
        """One assignment; raises ConfigurationError with the ones that exist."""
        if not (self.folder / slug / "assignment.toml").is_file():
            known = sorted(path.parent.name for path in self.folder.glob("*/assignment.toml"))
            raise ConfigurationError(
                f"there is no assignment {slug!r} in {self.folder}; "
                f"it holds {', '.join(known) or 'none'}. Name another with --course."
            )
        return load_assignment(self.folder / slug)

    def open(self) -> "Repository":
        """The ledger, made when it is missing."""
        # SQLAlchemy is slow to import: `grade` does it while its first containers start, and
        # commands without a ledger not at all.
        from autograder.store import Repository

        return Repository.open(self.database)

    def ledger_name(self) -> str:
        """The ledger's URL as people may see it, without its password."""
        from sqlalchemy import make_url

        return make_url(self.database).render_as_string(hide_password=True)

    def gradebook(self, repository: "Repository") -> Gradebook:
        """Everybody's marks as the ledger tells them."""
        return replay(repository.events(), self.course())


def suite_digest(assignment: Assignment) -> str:
    """SHA-256 (hex) of all that decides a result besides the submission: tests, names, limits."""
    digest = hashlib.sha256()
    files = [assignment.folder / "assignment.toml", *sorted(assignment.suite.rglob("*.py"))]
    for path in files:
        content = path.read_bytes()
        digest.update(
            f"{path.relative_to(assignment.folder).as_posix()}\0{len(content)}\0".encode()
        )
        digest.update(content)
    return digest.hexdigest()
