"""A synthetic class: submissions of known quality, with the outcome and score that each must get.

[[student]]
id = "ada"
about = "the reference solution"
source = "solution"              # or "template", "variant:NAME", "mutant:ID", "text"
as = "notebook"                  # or "module", "zip", "folder"
cell = '''…'''                   # appended to the source; with "text", the whole file
outcome = "passed"
score = 100
marks = { seminars = 8, project = 7 }    # invented marks of what is not graded here
exam = 6                                 # optional
"""

import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from msgspec import Struct, field

from autograder.authoring.mutants import Mutant, mutate, read_mutants
from autograder.core.results import Outcome
from autograder.course.toml import SLUG, Problem, read, refuse
from autograder.errors import ConfigurationError

_SEPARATOR = "\n# ─── next cell ───\n"


class Member(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One student of the class."""

    id: str
    about: str
    source: str
    form: Literal["notebook", "module", "zip", "folder"] = field(default="notebook", name="as")
    cell: str = ""
    outcome: Outcome
    score: float
    marks: dict[str, float] = {}
    exam: float | None = None


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    student: tuple[Member, ...]


def read_cohort(path: Path) -> tuple[Member, ...]:
    """The class in a `cohort.toml`; raises ConfigurationError."""
    members = read(path, _File).student
    refuse(path, _problems(members))
    return members


def _problems(members: tuple[Member, ...]) -> Iterator[Problem]:
    counts = Counter(member.id for member in members)
    for i, member in enumerate(members):
        if not SLUG.fullmatch(member.id) or counts[member.id] > 1:
            yield Problem(
                f"student[{i}].id",
                member.id,
                "not a name of its own for a file",
                "use a-z, 0-9 and single hyphens, each name once",
            )


class CohortWriter:
    """Writes the members' submissions of one assignment as students would hand them in."""

    def __init__(self, assignment: Path, solutions: Path, templates: Path) -> None:
        slug = assignment.name
        self._slug = slug
        self._solution = _code_cells(solutions / slug / f"{slug}.ipynb")
        self._template = _code_cells(templates / slug / f"{slug}.ipynb")
        self._module = (solutions / slug / "solution.py").read_text()
        self._variants = assignment / "variants"
        self._mutants = {m.id: m for m in read_mutants(assignment / "mutants.toml")}

    def write(self, member: Member, folder: Path) -> Path:
        """The member's submission in `folder`; its name is the member's id."""
        if member.source == "text":
            path = folder / f"{member.id}.ipynb"
            path.write_text(member.cell)
            return path
        cells = self._cells(member.source, as_module=member.form == "module")
        cells += [member.cell] if member.cell else []
        if member.form == "notebook":
            return _write_notebook(folder / f"{member.id}.ipynb", cells)
        if member.form == "module":
            path = folder / f"{member.id}.py"
            path.write_text("\n\n".join(cells) + "\n")
            return path
        if member.form == "folder":
            (folder / member.id).mkdir(exist_ok=True)
            _write_notebook(folder / member.id / f"{self._slug}.ipynb", cells)
            return folder / member.id
        path = folder / f"{member.id}.zip"
        notebook = _write_notebook(folder / f"{member.id}.ipynb", cells)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(notebook, f"{self._slug}.ipynb")
        notebook.unlink()
        return path

    def _cells(self, source: str, as_module: bool) -> list[str]:
        kind, _, name = source.partition(":")
        solution = [self._module] if as_module else self._solution
        match kind:
            case "solution":
                return list(solution)
            case "template":
                return list(self._template)
            case "variant" if (self._variants / f"{name}.py").is_file():
                return [(self._variants / f"{name}.py").read_text()]
            case "mutant" if name in self._mutants:
                return _mutate_cells(solution, self._mutants[name])
        raise ConfigurationError(
            f"cohort: there is no source {source!r}; take solution, template, variant:NAME, "
            "mutant:ID or text"
        )


def _mutate_cells(cells: list[str], mutant: Mutant) -> list[str]:
    return mutate({"": _SEPARATOR.join(cells)}, mutant)[""].split(_SEPARATOR)


def _code_cells(path: Path) -> list[str]:
    import nbformat  # slow, and only demonstrations write notebooks

    try:
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, json.JSONDecodeError, nbformat.ValidationError) as problem:
        raise ConfigurationError(
            f"{path} cannot be read ({problem}); `autograder build` makes it"
        ) from problem
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def _write_notebook(path: Path, cells: list[str]) -> Path:
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    code = [new_code_cell(source) for source in cells]  # type: ignore[no-untyped-call]
    nbformat.write(new_notebook(cells=code), path)  # type: ignore[no-untyped-call]
    return path
