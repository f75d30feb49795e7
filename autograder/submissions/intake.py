"""What a student handed in, as a value: a submission, or the reason why it was refused."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

import msgspec
from msgspec import Struct

from autograder.core.assignment import Assignment
from autograder.submissions.archive import unpack
from autograder.submissions.files import copy
from autograder.submissions.names import (
    check_distinct,
    check_name,
    is_ignored,
    student_of,
    without_common_folder,
)
from autograder.submissions.notebook import code_cells
from autograder.submissions.rejection import Refused, Rejection, shown

_BOM = b"\xef\xbb\xbf"


class SourceFile(Struct, frozen=True, kw_only=True):
    """One file of a submission."""

    name: str
    """Relative, with forward slashes."""
    content: bytes
    """As handed in; of a notebook, the sources of its code cells as a JSON list of strings."""


class Submission(Struct, frozen=True, kw_only=True):
    """What is graded: the main file and whatever travels along with it.

    Helper modules and data files travel along; other notebooks, PDFs and hidden files do not.
    """

    student: str
    digest: str
    """SHA-256 (hex) of `files`: not of outputs, metadata, cell ids, or how they were packed."""
    files: tuple[SourceFile, ...]
    """Sorted by name."""
    entry: str
    """The name of the main file, a notebook or a module."""


def read_submission(path: Path, assignment: Assignment) -> Submission | Rejection:
    """Read a `.ipynb`, `.py` or `.zip` file, or a folder that holds one of these.

    The student's id is the name of the file or folder, so a file that comes alone is renamed
    after the assignment. Raises :class:`autograder.errors.InfrastructureError` if the disk fails.
    """
    student, digest = student_of(path), ""
    cap = assignment.limits.upload_mb * 2**20
    try:
        handed_in = copy(path, cap)
        if isinstance(handed_in, bytes):
            files = {path.name: handed_in}
            digest = digest_of(files)
            files = _read_file(path.name, handed_in, cap, assignment)
        else:
            digest = digest_of(handed_in)
            files = _read_folder(handed_in, cap)
        check_name(path.name)
        entry = choose_entry(files, assignment.slug, assignment.main)
        files = {name: files[name] for name in files if name == entry or not _is_notebook(name)}
        files[entry] = _reduce(entry, files[entry])
    except Refused as refused:
        return Rejection(student=student, digest=digest, reason=str(refused))
    return Submission(
        student=student,
        digest=digest_of(files),
        files=tuple(SourceFile(name=name, content=files[name]) for name in sorted(files)),
        entry=entry,
    )


def digest_of(files: Mapping[str, bytes]) -> str:
    """SHA-256 (hex) of names and contents in the order of the names, each with its length."""
    digest = hashlib.sha256()
    for name in sorted(files):
        for part in (name.encode(errors="surrogateescape"), files[name]):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()


def choose_entry(names: Iterable[str], slug: str, main: str = "") -> str:
    """The main file: the one named after the assignment, else the only notebook, else the only .py.

    `main` is the name that an assignment demands of it; then notebooks are not looked at.

    “p1_layers.ipynb” is named after “p1-layers”; of a notebook and a module so named, the
    notebook is taken. Raises :class:`Refused` if there is none, or more than one.
    """
    names = sorted(names)
    notebooks = [name for name in names if _is_notebook(name)]
    modules = [name for name in names if name.lower().endswith(".py")]
    modules = [name for name in modules if PurePosixPath(name).name != "__init__.py"]
    if main:
        notebooks, modules = [], [name for name in modules if PurePosixPath(name).name == main]
        if not modules:
            raise Refused(f"There is no “{main}” in it: that is the file to be graded.")
    for candidates in (
        [name for name in notebooks if _is_named(name, slug)],
        [name for name in modules if _is_named(name, slug)],
        notebooks,
        modules,
    ):
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            listed = ", ".join(shown(name) for name in candidates[:5])
            more = f" and {len(candidates) - 5} more" if len(candidates) > 5 else ""
            suffix = PurePosixPath(candidates[0]).suffix.lower()
            raise Refused(
                f"It is not clear which file to grade: {listed}{more}. Name the main one "
                f"“{slug}{suffix}”, or hand in only that one."
            )
    archives = [name for name in names if name.lower().endswith(".zip")]
    if archives:
        raise Refused(
            f"There is no notebook in it, but another archive, {shown(archives[0])}. "
            "Hand in that one."
        )
    raise Refused(
        f"There is no notebook (.ipynb) and no module (.py) in it. Hand in “{slug}.ipynb”."
    )


def _read_file(name: str, content: bytes, cap: int, assignment: Assignment) -> dict[str, bytes]:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix == ".zip":
        return _relevant(unpack(content, cap))
    if suffix not in (".ipynb", ".py"):
        raise Refused(
            f"{shown(name)} cannot be graded. Hand in a notebook (.ipynb), a module (.py), or a "
            "zip archive (.zip) of one."
        )
    if assignment.main and suffix == ".py":
        return {assignment.main: content}
    return {assignment.slug + suffix: content}


def _read_folder(files: dict[str, bytes], cap: int) -> dict[str, bytes]:
    check_distinct(files)
    archives = [name for name in files if name.lower().endswith(".zip")]
    if len(archives) == 1 and not any(name.lower().endswith((".ipynb", ".py")) for name in files):
        files = unpack(files[archives[0]], cap)
    return _relevant(files)


def _relevant(files: Mapping[str, bytes]) -> dict[str, bytes]:
    below = without_common_folder(name for name in files if not is_ignored(name))
    return {below[name]: files[name] for name in below}


def _reduce(name: str, content: bytes) -> bytes:
    """The main file as it is graded: UTF-8 without a byte order mark; a notebook as its cells."""
    content = content.removeprefix(_BOM)
    if not content.strip():
        raise Refused(f"{shown(name)} is empty. Was it saved before it was handed in?")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Refused(
            f"{shown(name)} is not UTF-8 text (first at line {line}). Save it with the encoding "
            "UTF-8 and hand in again."
        ) from error
    if "\0" in text:
        raise Refused(f"{shown(name)} has zero bytes in it: it is not a text file.")
    return msgspec.json.encode(code_cells(name, content)) if _is_notebook(name) else content


def _is_notebook(name: str) -> bool:
    return name.lower().endswith(".ipynb")


def _is_named(name: str, slug: str) -> bool:
    stem = PurePosixPath(name).stem
    return stem.casefold().replace("_", "-") == slug.casefold().replace("_", "-")
