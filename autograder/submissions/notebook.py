"""Reduces a notebook to the sources of its code cells; outputs and metadata are not even built."""

import re

import msgspec
from msgspec import Struct

from autograder.submissions.rejection import Refused, printable, shown

MAX_CELLS = 2000

_SAVE_AGAIN = "Open it in Jupyter, save it again, and hand in the saved file."


class _Cell(Struct):
    cell_type: str
    source: str | list[str] = ""
    input: str | list[str] = ""
    """The source in nbformat 3."""


class _Worksheet(Struct):
    """Where nbformat 3 keeps its cells."""

    cells: list[_Cell]


class _Notebook(Struct):
    cells: list[_Cell] | None = None
    worksheets: list[_Worksheet] | None = None


def code_cells(name: str, content: bytes) -> list[str]:
    """The sources of the code cells of a notebook (nbformat 3 or 4), in order, empty ones too.

    `name` is for the reason. Raises :class:`Refused` if it is no notebook, or has no code.
    """
    notebook = _decode(name, content)
    if notebook.cells is None and notebook.worksheets is None:
        raise _no_notebook(name, "it has no list of cells")
    cells = list(notebook.cells or ())
    for worksheet in notebook.worksheets or ():
        cells += worksheet.cells
    if len(cells) > MAX_CELLS:
        raise Refused(f"{shown(name)} has {len(cells)} cells; at most {MAX_CELLS} are graded.")
    sources = ["".join(cell.source or cell.input) for cell in cells if cell.cell_type == "code"]
    if not any(source.strip() for source in sources):
        raise Refused(f"{shown(name)} has no code in it. Was it saved before it was handed in?")
    return sources


def _decode(name: str, content: bytes) -> _Notebook:
    try:
        return _parse(content)
    except RecursionError as error:
        raise _no_notebook(name, "it is nested far too deeply") from error
    except msgspec.ValidationError as error:
        raise _no_notebook(name, printable(str(error))) from error
    except msgspec.DecodeError as error:
        line, column = _position(content, str(error))
        what = str(error).removeprefix("JSON is malformed: ").split(" (byte")[0].lower()
        raise Refused(
            f"{shown(name)} is not valid JSON: {what} at line {line}, column {column}. "
            + _SAVE_AGAIN
        ) from error


def _parse(content: bytes) -> _Notebook:
    try:
        return msgspec.json.decode(content, type=_Notebook)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        if b"NaN" not in content and b"Infinity" not in content:
            raise
        return msgspec.json.decode(_without_nan(content), type=_Notebook)


def _without_nan(content: bytes) -> bytes:
    """The same bytes with NaN and Infinity outside of strings, which JSON lacks, made 0.

    Jupyter writes them into the outputs of plotting libraries. Offsets stay as they are. The time
    grows with the length alone, whatever stands in the bytes: none of it is a loop in Python.
    """
    import numpy as np  # not needed for most classes, and as slow to import as all the rest

    # Without escapes, a byte is in a string if an odd number of quotes stands before it.
    unescaped = content.replace(b"\\\\", b"__").replace(b'\\"', b"__")
    quotes = np.frombuffer(unescaped, np.uint8) == ord('"')
    in_string = np.logical_xor.accumulate(quotes)
    patched = np.frombuffer(content, np.uint8).copy()
    for number in (b"NaN", b"Infinity"):
        if number not in content:
            continue
        found = ~in_string[: len(content) - len(number) + 1]
        for offset, letter in enumerate(number):
            found &= patched[offset : offset + len(found)] == letter
        starts = np.flatnonzero(found)
        for offset in range(1, len(number)):
            patched[starts + offset] = ord(" ")
        patched[starts] = ord("0")
    return patched.tobytes()


def _position(content: bytes, message: str) -> tuple[int, int]:
    """Line and column, from 1, of the byte that msgspec's message names, else of the end."""
    byte = re.search(r"\(byte (\d+)\)", message)
    before = content[: int(byte[1]) if byte else len(content)]
    line_start = before.rfind(b"\n") + 1
    return before.count(b"\n") + 1, len(before[line_start:].decode(errors="replace")) + 1


def _no_notebook(name: str, why: str) -> Refused:
    return Refused(f"{shown(name)} is JSON, but not a notebook: {why}. {_SAVE_AGAIN}")
