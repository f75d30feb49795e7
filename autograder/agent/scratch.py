"""The folder that workers may write to, made anew for each of them."""

import contextlib
import os
import secrets
import stat
from pathlib import Path

WORK = "work"
"""Where a worker starts, below the scratch folder."""
_DEVICES = Path("/dev")


def renew(folder: Path) -> None:
    """Leave nothing in `folder` but an empty folder `work`, and go there.

    Names, modes, times and flags that a worker has given to files are gone with them. Of the folder
    itself, which is root's in a container, a worker can change the times alone; they are changed
    once more here. A fork does all this: what it sees does not stay in the memory of the next
    worker.

    Raises:
        SystemExit: The folder could not be emptied.
    """
    child = os.fork()
    if child == 0:
        try:
            _make_anew(folder)
            os._exit(0)
        finally:
            os._exit(1)
    if os.waitpid(child, 0)[1] != 0:
        raise SystemExit(f"{folder} could not be emptied")
    os.chdir(folder / WORK)


def _make_anew(folder: Path) -> None:
    with contextlib.suppress(PermissionError):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
    _wipe(folder)
    (folder / WORK).mkdir(mode=0o700)
    os.utime(folder)
    _look_at(_DEVICES)


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
