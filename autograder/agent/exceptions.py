"""What an exception of the student's code is to the examiner: plain, short data."""

import errno
import traceback
from pathlib import Path

from autograder.protocol.messages import Frame, Raised, RaisedKind

_MESSAGE_BYTES = 2048
_FRAMES = 8
_BASES = 8


def raised(nonce: int, kind: RaisedKind, problem: BaseException) -> Raised:
    """The exception by its classes, its words and the lines of the submission it came through."""
    frames = [
        Frame(printable(file, 200), entry.lineno or 0, printable(entry.name, 200))
        for entry in traceback.extract_tb(problem.__traceback__)
        if (file := _own_file(entry.filename))
    ]
    try:
        message = str(problem)
    except BaseException:  # the student's own __str__
        message = ""
    names = [printable(base.__name__, 200) for base in type(problem).__mro__[:_BASES]]
    return Raised(
        nonce,
        kind,
        tuple(names),
        printable(message, _MESSAGE_BYTES),
        tuple(frames[-_FRAMES:]),
        _errno(problem),
    )


def printable(text: str, size: int) -> str:
    """At most `size` bytes of valid UTF-8."""
    return text.encode(errors="replace")[:size].decode(errors="replace")


def _own_file(filename: str) -> str:
    """A traceback's file as the student knows it; empty for files that are not the student's."""
    if filename.startswith(prefix := f"{Path.cwd()}/"):
        return filename.removeprefix(prefix)
    return "" if filename.startswith(("/", "<")) else filename


def _errno(problem: BaseException) -> int:
    if isinstance(problem, OSError) and type(problem.errno) is int:
        return problem.errno
    starting = isinstance(problem, RuntimeError) and problem.args == ("can't start new thread",)
    return errno.EAGAIN if starting else 0
