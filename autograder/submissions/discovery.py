"""Which submissions the paths on the command line mean."""

import os
from collections.abc import Iterable
from pathlib import Path

from autograder.errors import ConfigurationError
from autograder.submissions.names import fold, student_of


def discover(paths: Iterable[Path]) -> list[tuple[str, Path]]:
    """One (student, path) for each submission, sorted by student.

    A path that is a file is one submission. A path that is a folder is a folder OF submissions:
    each file and each subfolder in it is the submission of one student, whatever it holds; only
    hidden ones are skipped. The student is the name of the file without .ipynb, .py or .zip, or
    the name of the subfolder. To grade one folder alone, name the folder that holds it. What
    comes up twice, as `submissions/` and `submissions/kim.ipynb`, is taken once.

    Raises
    ------
    ConfigurationError
        A path does not exist or cannot be listed, nothing was found, or a student has two
        submissions (also when their names differ in case only): none is graded then, because
        the wrong one might be.
    """
    found: dict[str, list[Path]] = {}
    seen: set[str] = set()
    for path in paths:
        for submission in _submissions(path):
            absolute = os.path.abspath(submission)  # noqa: PTH100 Path.resolve follows links
            if absolute not in seen:
                seen.add(absolute)
                found.setdefault(fold(student_of(submission)), []).append(submission)
    if not found:
        raise ConfigurationError(
            "No submissions found: name files (.ipynb, .py, .zip), or the folder that holds them."
        )
    twice = [", ".join(map(str, sorted(several))) for several in found.values() if len(several) > 1]
    if twice:
        raise ConfigurationError(
            f"Several submissions of one student: {'; '.join(sorted(twice))}. Keep one of each. "
            "(A folder on the command line is a folder of submissions: to grade folders that are "
            "one submission each, name the folder that holds them.)"
        )
    return sorted((student_of(path), path) for (path,) in found.values())


def _submissions(path: Path) -> list[Path]:
    try:
        if not path.is_dir():
            path.lstat()
            return [path]
        return sorted(entry for entry in path.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise ConfigurationError(
            f"Cannot read {path}: {error.strerror}. Name existing files or folders."
        ) from error
