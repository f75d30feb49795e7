"""Hostile text made harmless to look at, numbers for people, file names from anything."""

import hashlib
import json
import re
import unicodedata
from typing import Any

MESSAGE_CHARACTERS = 4_000
MESSAGE_LINES = 60

_JOINERS = "\u200c\u200d"  # Persian and Hindi names need them; they hide and reorder nothing
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_RESERVED = {"con", "prn", "aux", "nul", *(f"{p}{n}" for p in ("com", "lpt") for n in range(10))}


def visible(text: str, *, multiline: bool = False) -> str:
    r"""Write control, format and surrogate characters as escapes: ESC becomes `\x1b`.

    That covers C0, C1, ANSI and OSC sequences and the bidirectional overrides. `multiline` keeps
    newlines and tabs.
    """
    if text.isascii() and text.isprintable():
        return text
    kept = _JOINERS + ("\n\t" if multiline else "")
    return "".join(
        character if character in kept or not _is_hidden(character) else _escape(ord(character))
        for character in text
    )


def to_json(value: Any, **options: Any) -> str:
    r"""A JSON document for machines that does nothing where a person sees it.

    Letters of any script stand for themselves; control, format and surrogate characters, those
    that JSON allows too, are escapes such as `\u202e`. The `options` are those of `json.dumps`.
    """
    text = json.dumps(value, ensure_ascii=False, **options)
    return "".join(
        character if character == "\n" or not _is_hidden(character) else _units(character)
        for character in text
    )


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN


def _units(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def _escape(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def cut(text: str, characters: int = MESSAGE_CHARACTERS, lines: int = MESSAGE_LINES) -> str:
    """Shorten a long message, saying how much of it there was."""
    kept = "\n".join(text[:characters].split("\n")[:lines])
    if len(kept) == len(text):
        return text
    return f"{kept}\n… cut: {len(text):,} characters in all"


def number(value: float, digits: int = 2) -> str:
    """A number without trailing zeros and with a true minus sign: `78`, `81.5`, `−0.25`."""
    text = f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


def file_name(identifier: str) -> str:
    """A file name (no suffix) for a student's id or a slug: distinct ids give distinct names.

    Lower-case ASCII letters, digits, inner dots and hyphens stand for themselves, every other byte
    is `_` and two hex digits; a long id is cut and marked `_x` and its SHA-256. Holds on file
    systems that ignore case, and for the device names of Windows.
    """
    raw = identifier.encode("utf-8", "surrogatepass")
    safe = re.sub(rb"[^a-z0-9.-]", lambda match: b"_%02x" % match[0][0], raw).decode("ascii")
    if safe.startswith((".", "-")) or safe.partition(".")[0] in _RESERVED:
        safe = f"_{ord(safe[0]):02x}{safe[1:]}"
    if len(safe) > 100:
        return f"{safe[:60]}_x{hashlib.sha256(raw).hexdigest()}"
    return safe or "_"
