"""A refused submission: an exception inside this package, a value outside it."""

from msgspec import Struct

MAX_SHOWN = 80


class Rejection(Struct, frozen=True, kw_only=True):
    """A submission that was refused at intake; nothing of it was executed."""

    student: str
    digest: str
    """SHA-256 (hex) of the bytes as handed in; empty if they could not be read."""
    reason: str
    """For the student: what is wrong, where, and what to do; printable characters only."""


class Refused(Exception):
    """The reason of a rejection; never leaves this package."""


def printable(text: str) -> str:
    """The text with control, direction and surrogate characters spelled out (`\\n`, `\\u202e`)."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown(name: str) -> str:
    """A hostile file name, quoted, cut and printable, for use in a reason."""
    text = printable(name[: MAX_SHOWN + 1])
    return f"“{text[:MAX_SHOWN]}…”" if len(text) > MAX_SHOWN else f"“{text}”"


def too_large(name: str, cap: int) -> Refused:
    """The refusal of a file, or of all files up to this one, beyond `cap` bytes."""
    remedy = (
        "Clear the outputs (Kernel → Restart Kernel and Clear Outputs), save"
        if name.lower().endswith(".ipynb")
        else "Leave out data, pictures and saved outputs"
    )
    return Refused(
        f"The submission is larger than {cap / 2**20:g} MB (the limit was reached at "
        f"{shown(name)}). {remedy} and hand in again."
    )
