"""A TOML file read into a frozen value, with errors that name file, field, value and remedy."""

import difflib
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar, get_args

import msgspec

from autograder.errors import ConfigurationError

T = TypeVar("T", bound=msgspec.Struct)

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""What names an assignment in folders, addresses and the ledger."""


class Problem(msgspec.Struct, frozen=True):
    """One wrong field of a file; `field` is its path, `component[0].constant`."""

    field: str
    value: object
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.field} = {self.value!r}: {self.reason}; {self.remedy}"


def refuse(path: Path, problems: Iterable[Problem]) -> None:
    """Raises one `ConfigurationError` that lists the problems, if there are any."""
    lines = [str(problem) for problem in problems]
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
    refuse(
        path,
        (
            Problem(name, data[name], f"always {str(value)!r} here", "remove the line")
            for name, value in given.items()
            if name in data
        ),
    )
    try:
        return msgspec.convert(data | given, model, dec_hook=lambda _, value: value)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{path}: {_explained(str(error), data, model)}") from error


def _explained(message: str, data: dict[str, Any], model: type[msgspec.Struct]) -> str:
    """msgspec's message with the value and the remedy; its `$.a[0].b` leads to both."""
    reason, _, where = message.partition(" - at ")
    value: Any = data
    kind: Any = model
    trail = where.strip("`").removeprefix("$").lstrip(".")
    for name, index in re.findall(r"([^.\[\]]+)|\[(\d*)\]", trail):
        if name:
            value, kind = value[name], _field_types(kind)[name]
        else:
            value, kind = value[int(index)], get_args(kind)[0]
    place = trail or "top level"
    if unknown := re.search(r"unknown field `(.*)`", reason):
        known = list(_field_types(kind))
        close = difflib.get_close_matches(unknown[1], known, 1)
        remedy = f"did you mean {close[0]}?" if close else f"the fields are {', '.join(known)}"
        return f"{place}: unknown field {unknown[1]} = {value[unknown[1]]!r}; {remedy}"
    if missing := re.search(r"missing required field `(.*)`", reason):
        return f"{place}: {missing[1]} is missing; add it"
    choices = [repr(choice) for choice in get_args(kind) if isinstance(choice, str)]
    remedy = f"give {' or '.join(choices)}" if choices else "correct the value"
    return f"{place} = {value!r}: {reason[:1].lower()}{reason[1:]}; {remedy}"


def _field_types(kind: Any) -> dict[str, Any]:
    return {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
