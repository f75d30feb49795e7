"""The file of an SQLite ledger: it appears complete or not at all, and is known again."""

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from autograder.errors import LedgerGone, StoreError

SMALLEST = 512
"""Bytes of an SQLite database at least: one page."""

_WITHOUT_LINKS = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}


class LedgerFile:
    """The file that stands at a path now; whoever removes or replaces it is noticed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity = _identity(path)

    def check(self, consequence: str) -> None:
        """Raise `LedgerGone` unless the same file stands there still."""
        found = _identity(self._path)
        if found != self._identity:
            raise LedgerGone(
                f"{self._path}: the ledger was {'replaced' if found else 'removed'} while this "
                f"command ran. {consequence}; what the command saved before went with it. Put that "
                f"file back, or leave it as it is now, and run the same command again: it does "
                f"what is missing"
            )


def ensure(path: Path, fill: Callable[[Path], None]) -> None:
    """Where nothing stands at the path, have a new ledger made there, by `fill` in an empty file.

    Raises `StoreError` where it cannot be made; where a ledger went away without its log, which
    SQLite would write into the new one; for a file too small to be a ledger, of which SQLite would
    make a new one.
    """
    try:
        size = path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        log = path.with_name(f"{path.name}-wal")
        if log.exists():
            raise StoreError(
                f"{path} is gone, but not {log.name}, its newest part: put the ledger back beside "
                f"it; to begin a new one, remove {log.name} and {path.name}-shm"
            ) from None
        _make(path, fill)
        return
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}; give another path") from error
    if size < SMALLEST:
        raise StoreError(
            f"{path}: a file of {size} bytes is no ledger: was it cut off, or made by another "
            "program? Put a copy of the ledger back; to begin a new one, with a new secret and no "
            "results, remove the file"
        )


def _make(path: Path, fill: Callable[[Path], None]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        os.close(descriptor)  # mode 0600: grades and the secret are nobody else's to read
        fresh = Path(name)
        try:
            fill(fresh)
            _name(fresh, path)
        finally:
            for left in path.parent.iterdir():  # with SQLite's own files beside it
                if left.name.startswith(fresh.name):
                    left.unlink()
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be created: {error.strerror}; give a path that can be written"
        ) from error


def _name(fresh: Path, path: Path) -> None:
    """Give the complete file its name; where another process was faster, its file stays."""
    try:
        os.link(fresh, path)
    except FileExistsError:
        return
    except OSError as error:
        if error.errno not in _WITHOUT_LINKS:
            raise
        if not path.exists():
            fresh.rename(path)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
