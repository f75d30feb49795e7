"""Copies what lies on disk into memory: first the copy, then every check on the copy."""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import InfrastructureError
from autograder.submissions.names import check_name, is_ignored
from autograder.submissions.rejection import Refused, shown, too_large

MAX_FILES = 1000

# O_NONBLOCK: opening a named pipe must not wait for a writer.
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_OURS = {errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOENT, errno.ESTALE}


def copy(path: Path, cap: int) -> bytes | dict[str, bytes]:
    """The bytes of a file, or of every relevant file below a folder by its relative name.

    No link is followed, and nothing but regular files and folders is read; at most `cap` bytes in
    all and `MAX_FILES` files and folders.

    Raises
    ------
    Refused
        What lies there is the student's to repair.
    InfrastructureError
        The disk failed, or the submission is gone.
    """
    descriptor = _open(str(path), None, path.name)
    try:
        if not _is_folder(descriptor):
            return _read(descriptor, path.name, cap, cap)
        files: dict[str, bytes] = {}
        left = cap
        for count, (name, entry) in enumerate(_walk(descriptor), start=1):
            if count > MAX_FILES:
                raise Refused(
                    f"The folder holds more than {MAX_FILES} files. Hand in only the notebook and "
                    "the files it needs."
                )
            if not _is_folder(entry):
                files[name] = _read(entry, name, left, cap)
                left -= len(files[name])
        return files
    finally:
        os.close(descriptor)


def _walk(folder: int, prefix: str = "") -> Iterator[tuple[str, int]]:
    """Name and open descriptor of each relevant file and folder below, in the order of names."""
    for entry in sorted(os.listdir(folder)):
        name = prefix + entry
        if is_ignored(name):
            continue
        check_name(name)
        descriptor = _open(entry, folder, name)
        try:
            yield name, descriptor
            if _is_folder(descriptor):
                yield from _walk(descriptor, name + "/")
        finally:
            os.close(descriptor)


def _is_folder(descriptor: int) -> bool:
    return stat.S_ISDIR(os.fstat(descriptor).st_mode)


def _open(path: str, folder: int | None, name: str) -> int:
    try:
        return os.open(path, _FLAGS, dir_fd=folder)
    except OSError as error:
        raise refusal(error, name) from error


def _read(descriptor: int, name: str, left: int, cap: int) -> bytes:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise Refused(f"{shown(name)} is not an ordinary file. Hand in the file itself.")
    try:
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(left + 1)
    except OSError as error:
        raise refusal(error, name) from error
    if len(content) > left:
        raise too_large(name, cap)
    return content


def refusal(error: OSError, name: str) -> Refused | InfrastructureError:
    """Whose fault it is that a file could not be read: the student's, or ours."""
    if error.errno in _OURS:
        return InfrastructureError(
            f"Cannot read the submission {shown(name)}: {error.strerror}. Check the disk and the "
            "folder of submissions, then run the same command again."
        )
    if error.errno == errno.ELOOP:
        return Refused(f"{shown(name)} is a link. Hand in the file itself.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return Refused(f"{shown(name)} may not be read. Allow reading it and hand in again.")
    return Refused(f"{shown(name)} is not an ordinary file. Hand in the file itself.")
