"""The folder that workers may write to, made anew for each of them."""

import contextlib
import ctypes
import os
import secrets
import stat
from pathlib import Path

WORK = "work"
"""Where a worker starts, below the scratch folder."""
_DEVICES = Path("/dev")
_TWO_ENTRIES = 2 * 24
_libc = ctypes.CDLL(None)


def renew(folder: Path) -> None:
    """Leave nothing in `folder` but an empty folder `work`, and go there.

    Names, modes, times and flags that a worker has given to files are gone with them. Of the folder
    itself, which is root's in a container, a worker can change the times alone; they are changed
    once more here. What a worker has chosen is not read by this process, of which the next worker
    is a copy: where something is left, a fork wipes it.

    Raises:
        SystemExit: The folder could not be emptied.
    """
    with contextlib.suppress(PermissionError):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
    with contextlib.suppress(OSError):
        (folder / WORK).rmdir()
    if not _is_empty(folder):
        _wipe_in_a_fork(folder)
    (folder / WORK).mkdir(mode=0o700)
    os.utime(folder)
    _look_at(_DEVICES)
    os.chdir(folder / WORK)


def _is_empty(folder: Path) -> bool:
    """Whether the kernel lists "." and ".." alone; no other name stays in this process.

    The buffer has room for these two (24 bytes each), and for no third one.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    room = ctypes.create_string_buffer(_TWO_ENTRIES)
    try:
        first = _libc.getdents64(descriptor, room, _TWO_ENTRIES)
        return bool(first == _TWO_ENTRIES and _libc.getdents64(descriptor, room, _TWO_ENTRIES) == 0)
    finally:
        ctypes.memset(room, 0, _TWO_ENTRIES)
        os.close(descriptor)


def _wipe_in_a_fork(folder: Path) -> None:
    child = os.fork()
    if child == 0:
        try:
            _wipe(folder)
            os._exit(0)
        finally:
            os._exit(1)
    if os.waitpid(child, 0)[1] != 0:
        raise SystemExit(f"{folder} could not be emptied")


def _wipe(folder: Path) -> None:
    """Remove everything, however deep: children move up before their parent goes."""
    token = secrets.token_hex(8)
    moved = 0
    while entries := list(folder.iterdir()):
        for path in entries:
            if not stat.S_ISDIR(path.lstat().st_mode):
                path.unlink()
                continue
            path.chmod(0o700)
            for inner in path.iterdir():
                if stat.S_ISDIR(inner.lstat().st_mode):
                    inner.chmod(0o700)  # its owner may move a directory only if it may write to it
                moved += 1
                inner.rename(folder / f"{token}-{moved}")
            path.rmdir()


def _look_at(folder: Path) -> None:
    """Make now the time at which folders and links were last read, whoever has read them before."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_symlink():
                Path(entry).readlink()
            elif entry.is_dir(follow_symlinks=False):
                _look_at(Path(entry))
