"""A TOML file read into a frozen value, with errors that name file, field, value and remedy."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator
from enum import EnumMeta
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import msgspec

from autograder.errors import ConfigurationError

T = TypeVar("T", bound=msgspec.Struct)

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""What names an assignment in folders, addresses and the ledger."""

MOST = 1_000_000
"""No number in a course's files is larger: so many seconds are 11 days, so many MB a terabyte."""

_MOST_DIGITS = 4300
"""Python reads no longer integer."""
_MOST_SHOWN = 60


class Problem(msgspec.Struct, frozen=True):
    """One wrong field of a file; `field` is its path, `component[0].constant`."""

    field: str
    value: object
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.field} = {_shown(self.value)}: {self.reason}; {self.remedy}"


def refuse(path: Path, problems: Iterable[object]) -> None:
    """Raises one `ConfigurationError` that lists the problems, if there are any."""
    lines = [_printable(str(problem)) for problem in problems]
    if lines:
        raise ConfigurationError("\n  ".join([f"{path}:", *lines]))


def read(path: Path, model: type[T], **given: object) -> T:
    """The file as a `model`; `given` are fields that the file itself must not set.

    Raises `ConfigurationError`: no such file, not TOML, unknown, missing or mistyped fields.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be read: {error.strerror}; create it or give another path"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: not TOML: {error}; correct that line") from error
    except ValueError as error:
        raise ConfigurationError(
            f"{path}: a number of more than {_MOST_DIGITS} digits; none may be over {MOST}"
        ) from error
    except RecursionError as error:
        raise ConfigurationError(
            f"{path}: brackets are nested too deeply to be read; no field needs more than three"
        ) from error
    refuse(
        path,
        (
            Problem(name, data[name], f"always {str(value)!r} here", "remove the line")
            for name, value in given.items()
            if name in data
        ),
    )
    refuse(path, _mismatches(data | given, model, ""))
    return msgspec.convert(data | given, model, dec_hook=_unchanged)


def _mismatches(value: Any, kind: Any, place: str) -> Iterator[Problem | str]:
    """What keeps a value out of a type, field by field; `place` is the value's path."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict):
        fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
        for name in [name for name in value if name not in fields]:
            close = difflib.get_close_matches(name, fields, 1)
            remedy = f"did you mean {close[0]}?" if close else f"the fields are {', '.join(fields)}"
            yield Problem(_below(place, name), value[name], "unknown field", remedy)
        for name, field in fields.items():
            if name in value:
                yield from _mismatches(value[name], field.type, _below(place, name))
            elif field.required:
                yield f"{place or 'top level'}: {name} is missing; add it"
    elif get_origin(kind) is tuple and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _mismatches(item, get_args(kind)[0], f"{place}[{index}]")
    elif get_origin(kind) is dict and isinstance(value, dict):
        for name, item in value.items():
            yield from _mismatches(item, get_args(kind)[1], _below(place, name))
    else:
        try:
            msgspec.convert(value, kind, dec_hook=_unchanged)
        except (msgspec.ValidationError, OverflowError) as error:
            reason = str(error).partition(" '")[0]  # the value comes by itself
            choices = list(kind) if isinstance(kind, EnumMeta) else get_args(kind)
            known = [repr(str(choice)) for choice in choices if isinstance(choice, str)]
            remedy = f"give {' or '.join(known)}" if known else "correct the value"
            yield Problem(place, value, reason[:1].lower() + reason[1:], remedy)


def _unchanged(_: type, value: object) -> object:
    """Paths are given, not read."""
    return value


def _below(place: str, name: str) -> str:
    shown = name if re.fullmatch(r"[\w-]+", name) else _shown(name)
    return f"{place}.{shown}" if place else shown


def _printable(text: str) -> str:
    """On a terminal: control characters in the names that a file gives are spelled out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # of a number written in hexadecimal digits
        return f"a number of more than {_MOST_DIGITS} digits"
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
