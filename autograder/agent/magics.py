"""Takes IPython's syntax out of a notebook cell, line for line, and leaves the Python."""

import ast
import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager

PYTHON_CELLS = {"time", "timeit", "capture", "prun", "memit"}
"""Cell magics whose cell is Python all the same."""

_CELL_MAGIC = re.compile(r"\s*%%(\w*)")
_TIME = re.compile(r"(?P<before>(?:\s*[\w.\[\], ]+=)?\s*)%time\s+(?P<code>.+)", re.DOTALL)
_LINE_SYNTAX = (
    re.compile(r"\s*[%!?]"),  # %magic, !shell, ?help
    re.compile(r"\s*[\w.*\[\]'\"]+\?\??\s*;?\s*$"),  # help?, help??
    re.compile(r"\s*[\w.\[\], ]+=\s*[%!](?!=)"),  # x = %magic, x = !shell
    re.compile(r"\s*(?:pip|conda|mamba|uv|ls|cd|cat|cp|mv|rm|mkdir|matplotlib)\s+[^=(\s]"),
)


def python_of(cell: str) -> tuple[ast.Module, list[tuple[int, str]]]:
    """The Python of a cell, line for line, and what was left out, as (line from 1, text).

    A cell that parses is returned as it is. Otherwise the line at fault is taken out if it is
    IPython's, until the cell parses: so `% b` inside of brackets stays a remainder, and a `!` in
    a string a `!`. The rule is stated in :mod:`autograder.agent.extraction`.

    Raises
    ------
    SyntaxError
        What is left is no Python.
    """
    lines = cell.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    left_out: list[tuple[int, str]] = []
    while True:
        source = "\n".join(lines)
        try:
            return parse(source), sorted(left_out)
        except IndentationError:
            # IPython runs a cell whose first line is indented.
            if not (indent := _indent(source.lstrip("\n"))):
                raise
            lines = [line.removeprefix(indent) for line in lines]
            continue
        except SyntaxError as error:
            problem = error
        first = min(max(problem.lineno or 1, 1), len(lines)) - 1
        # A backslash continues a magic, too.
        while first and lines[first - 1].endswith("\\"):
            first -= 1
        end = first + 1
        while lines[end - 1].endswith("\\") and end < len(lines):
            end += 1
        magic = _CELL_MAGIC.match(lines[first])
        if magic and magic[1] not in PYTHON_CELLS and not _has_code(lines[:first]):
            return ast.Module([], []), [
                (first + 1, f"{lines[first].strip()} and the rest of the cell")
            ]
        if (replacement := _python_line("\n".join(lines[first:end]))) is None:
            raise problem
        python, text = replacement
        lines[first:end] = [python] + [""] * (end - first - 1)
        left_out.append((first + 1, text))


def parse(source: str) -> ast.Module:
    """The syntax tree of Python source; whatever stops the parser is raised as SyntaxError."""
    try:
        with syntax_errors():
            return ast.parse(source)
    except SyntaxError as error:
        error.lineno = error.lineno or _line_beyond_the_parser(source)
        raise


def _line_beyond_the_parser(source: str) -> int:
    """The line, from 1, that is too much for the parser, which does not say which one it is.

    It is the longest one of the first top-level statement that cannot be parsed by itself.
    """
    lines = source.split("\n")
    starts = [n for n, line in enumerate(lines) if line[:1] not in (*" \t#)]}", "")]
    for start, end in itertools.pairwise([*starts, len(lines)]):
        try:
            ast.parse("\n".join(lines[start:end]))
        except SyntaxError:  # a part of a statement, or of a string
            continue
        except Exception:
            return max(range(start, end), key=lambda n: len(lines[n])) + 1
    return 1


@contextmanager
def syntax_errors() -> Iterator[None]:
    """What the compiler raises besides: for a NUL, an absurd nesting, a gigantic literal."""
    try:
        yield
    except SyntaxError:
        raise
    except Exception as error:
        raise SyntaxError(str(error) or "too deeply nested or too large") from error


def _python_line(text: str) -> tuple[str, str] | None:
    """What stands for a line with IPython's syntax, and what is left out; None if it has none."""
    if _CELL_MAGIC.match(text):
        return "", text.strip()
    if timed := _TIME.match(text):
        code = timed["before"] + timed["code"].replace("\\\n", " ")
        try:
            parse(code.strip())
            return code, "%time"
        except SyntaxError:
            pass
    if any(syntax.match(text) for syntax in _LINE_SYNTAX):
        return _indent(text) + "pass", text.strip()
    return None


def _indent(text: str) -> str:
    return text[: len(text) - len(text.lstrip(" \t"))]


def _has_code(lines: list[str]) -> bool:
    return any(line.strip() and not line.lstrip().startswith("#") for line in lines)
