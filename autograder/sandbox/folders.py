"""Temporary folders that say whose they are, so that what a killed grader leaves is found."""

import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "autograder-"


def make_folder() -> Path:
    """A new folder that only this user may enter."""
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))


def sweep_folders() -> int:
    """Remove the folders of processes that are gone; how many those were."""
    removed = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}[0-9]*-*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed
