"""File names from strangers: which are safe, which are distinct, which matter."""

import unicodedata
from collections.abc import Iterable
from pathlib import PurePath, PurePosixPath

from autograder.submissions.rejection import Refused, printable, shown

MAX_DEPTH = 16
MAX_PART_BYTES = 255
MAX_NAME_BYTES = 1024

SUFFIXES = (".ipynb", ".py", ".zip")
"""What a student may hand in."""

_DEVICES = {"CON", "PRN", "AUX", "NUL"} | {
    f"{port}{n}" for port in ("COM", "LPT") for n in "123456789"
}
_INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def student_of(path: PurePath) -> str:
    """The student's id: the name of the file without .ipynb, .py or .zip, or of the folder."""
    return printable(path.stem if path.suffix.lower() in SUFFIXES else path.name)


def check_name(name: str) -> None:
    """Raise :class:`Refused` unless `name` is a plain relative path on every file system.

    It is stricter than Linux needs: what would land elsewhere, or on another file, on Windows or
    macOS is refused here too, because the names are shown to people and files get copied.
    """
    parts = name.split("/")
    if name.startswith("/") or "\\" in name or ":" in name:
        raise _unsafe(name, "is an absolute path or has a backslash or colon in it")
    if any(part in ("", ".", "..") for part in parts):
        raise _unsafe(name, "does not stay inside the submission's folder")
    if len(parts) > MAX_DEPTH:
        raise _unsafe(name, f"lies more than {MAX_DEPTH} folders deep")
    for character in name:
        category = unicodedata.category(character)
        if category in _INVISIBLE:
            raise _unsafe(name, "has a control or invisible character in it")
        if category == "So" and ord(character) > 0xFFFF:
            raise _unsafe(name, "has an emoji in it")
    for part in parts:
        if part.endswith((".", " ")):
            raise _unsafe(name, "ends with a space or a dot")
        if part.split(".")[0].rstrip().upper() in _DEVICES:
            raise _unsafe(name, "is the name of a device on Windows")
        if len(part.encode()) > MAX_PART_BYTES:
            raise _unsafe(name, f"is longer than {MAX_PART_BYTES} bytes")
    if len(name.encode()) > MAX_NAME_BYTES:
        raise _unsafe(name, f"is longer than {MAX_NAME_BYTES} bytes")


def check_distinct(names: Iterable[str]) -> None:
    """Raise :class:`Refused` if two names are one file where case or Unicode form do not count."""
    spelling: dict[str, str] = {}
    files: set[str] = set()
    folders: set[str] = set()
    for name in names:
        path = PurePosixPath(name)
        if fold(name) in files:
            raise _clash(name, spelling[fold(name)])
        files.add(fold(name))
        folders.update(fold(str(parent)) for parent in path.parents)
        for part in (path, *path.parents):
            known = spelling.setdefault(fold(str(part)), str(part))
            if known != str(part):
                raise _clash(str(part), known)
    for both in sorted(files & folders):
        raise _clash(spelling[both], spelling[both] + "/")


def fold(name: str) -> str:
    """The name as a file system sees it that ignores case and Unicode form."""
    folded = unicodedata.normalize("NFC", name).casefold()
    return unicodedata.normalize("NFC", folded)


def is_ignored(name: str) -> bool:
    """Whether the file is there for people or machines, never for the student's code.

    Hidden files and folders (`.git`, `.OTTER_LOG`, `.ipynb_checkpoints`), what operating systems
    and otter's export add, compiled modules, and PDFs: none of them reach the sandbox or count in
    the digest.
    """
    parts = PurePosixPath(name).parts
    return (
        any(part.startswith(".") for part in parts)
        or not {"__MACOSX", "__pycache__"}.isdisjoint(parts)
        or parts[-1] in ("__zip_filename__", "Thumbs.db", "desktop.ini")
        or parts[-1].lower().endswith((".pdf", ".pyc", ".otter"))
    )


def without_common_folder(names: Iterable[str]) -> dict[str, str]:
    """Each name to its name below the folders that all files share."""
    paths = {name: PurePosixPath(name).parts for name in names}
    shared = 0
    while len({parts[shared] for parts in paths.values() if len(parts) > shared + 1}) == 1 and all(
        len(parts) > shared + 1 for parts in paths.values()
    ):
        shared += 1
    return {name: "/".join(parts[shared:]) for name, parts in paths.items()}


def _unsafe(name: str, why: str) -> Refused:
    return Refused(
        f"The file name {shown(name)} {why}. Rename it with letters, digits, “-” and “_”, "
        "keep it beside the notebook, and hand in again."
    )


def _clash(name: str, other: str) -> Refused:
    what = (
        f"The name {shown(name)} is there twice"
        if name == other
        else f"The names {shown(other)} and {shown(name)} are the same on some computers"
    )
    return Refused(f"{what}. Keep one, or give them clearly different names, and hand in again.")
