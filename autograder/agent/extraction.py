"""Turns the main file of a submission into the code that is executed.

A module (`.py`) is executed as it is, like an import. If that raises (it imports a package that is
not there, or opens a file of the student's), it is executed again by the rule for notebooks, as if
it were one cell.

A notebook is executed from top to bottom, but only those parts of it that the required names
rest on; so prints, plots and training cells cost no time, and a package that only they import
need not be there. The rule:

1. Only code cells count, numbered from 1 in the order of the notebook. Saved outputs, execution
   counts, cell ids and metadata play no part.
2. A cell that is Python is taken as it is. From any other cell IPython's syntax is taken out:
   - lines that begin with `%`, `!` or `?`, or end with `?`; `x = !command` and `x = %magic`; shell
     commands without `!`, such as `pip install …`. Of `%time f()` and `x = %time f()` the Python
     is kept.
   - `%%time`, `%%timeit`, `%%capture`, `%%prun` and `%%memit` lines; the rest of the cell is kept.
     With any other cell magic (`%%bash`, `%%html`, `%%writefile`, …) the whole cell goes.
   A cell that is no Python even then is left out whole, as it would not have run either.
3. Of the top-level statements those are kept, in order, that bind or change a required name, or a
   name that a kept statement uses (in the bodies of its functions, too), and so on:
   - imports (of `import a, b` only what is used), functions, classes, assignments, and any `if`,
     `for`, `while`, `with`, `try` or `match` statement, as a whole, in which such a name is bound
     or changed. Where a name is defined several times, all definitions are kept, so that the last
     one holds, as in a notebook run from top to bottom.
   - changes in place: `Linear.forward = fast`, `table[k] = v`, `total += 1`,
     `setattr(Linear, …)`; a method of a variable called as a statement, `table.append(v)`;
     decorators such as `@table.register`; calls of functions of the notebook that change a global
     name themselves.
   - settings of an imported package that is used anyway, by functions called `set…`, `seed` or
     `manual_seed`: `torch.set_default_dtype(torch.float64)`, `np.random.seed(0)`.
   - always: `from __future__ import …`, `from … import *`, `sys.setrecursionlimit(…)`.
   Everything else is left out. Without required names, all functions and classes are required.
4. A kept statement that raises loses only itself, and what it would have bound is missing; the
   next one is executed. (`del name` alone is left out: it could only take something away.)

Each part that was left out because it is no Python, and each exception, is said in a note. In
tracebacks the file is `cell 3` and the line the one in that cell.
"""

import __future__

import ast
import inspect
import linecache
import marshal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import CodeType
from typing import Any

import msgspec
from msgspec import Struct

from autograder.agent.dependencies import Statement, needed
from autograder.agent.magics import python_of, syntax_errors

_SHOWN = 200


class Unit(Struct, frozen=True, kw_only=True):
    """A module, or what is kept of one notebook cell."""

    label: str
    """The file name in tracebacks: `cell 3`, or the module's name."""
    source: str
    """The student's text, for tracebacks and `inspect.getsource`."""
    statements: tuple[tuple[int, CodeType], ...]
    """Line and code; a module is one piece."""


class Extraction(Struct, frozen=True, kw_only=True):
    """What of the main file is executed."""

    units: tuple[Unit, ...]
    notes: tuple[str, ...] = ()
    """For the student: what was left out because it is no Python, with cell and line."""
    tolerant: bool
    """A statement that raises loses only itself: so in notebooks, not in modules."""

    def dump(self) -> bytes:
        """For another worker of the same submission, which need not parse it again."""
        units = [(unit.label, unit.source, unit.statements) for unit in self.units]
        return marshal.dumps((units, self.notes, self.tolerant))

    @classmethod
    def load(cls, dump: bytes) -> "Extraction":
        """What `dump` wrote; only for use where the submission itself may run."""
        units, notes, tolerant = marshal.loads(dump)
        return cls(
            units=tuple(Unit(label=a, source=b, statements=c) for a, b, c in units),
            notes=notes,
            tolerant=tolerant,
        )


def extract(entry_name: str, content: bytes, roots: Sequence[str]) -> Extraction:
    """Choose what of the main file to execute, by the rule above.

    `content` is UTF-8: the source of a module, or a JSON list of the sources of a notebook's code
    cells where `entry_name` ends with `.ipynb`. `roots` are the required names.

    Raises
    ------
    SyntaxError
        A module is no Python.
    """
    if entry_name.lower().endswith(".ipynb"):
        cells = msgspec.json.decode(content, type=list[str])
        return _extract_cells({f"cell {n}": cell for n, cell in enumerate(cells, 1)}, roots)
    source = content.decode()
    with syntax_errors():
        code = compile(source, entry_name, "exec", dont_inherit=True)
    unit = Unit(label=entry_name, source=source, statements=((1, code),))
    return Extraction(units=(unit,), tolerant=False)


def extract_definitions(entry_name: str, content: bytes, roots: Sequence[str]) -> Extraction:
    """A module by the rule for notebooks, as if it were one cell."""
    return _extract_cells({entry_name: content.decode()}, roots)


def execute(extraction: Extraction, namespace: dict[str, Any]) -> list[str]:
    """Execute what was extracted in the `__dict__` of a module.

    Returns a note, for the student, for each statement of a notebook that raised. What a module
    raises propagates.
    """
    notes = []
    for unit in extraction.units:
        lines = unit.source.splitlines(keepends=True)
        linecache.cache[unit.label] = (len(unit.source), None, lines, unit.label)
        for line, code in unit.statements:
            try:
                _run(code, namespace)
            except (Exception, SystemExit) as error:
                if not extraction.tolerant:
                    raise
                notes.append(f"{unit.label}, line {line}: {_described(error)}")
    return notes


def _extract_cells(cells: Mapping[str, str], roots: Sequence[str]) -> Extraction:
    notes: list[str] = []
    statements: list[Statement] = []
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    for label, cell in cells.items():
        try:
            module, left_out = python_of(cell)
        except SyntaxError as error:
            notes.append(f"{label} was left out: line {error.lineno or 1}: {error.msg}")
            continue
        notes += [f"{label}, line {line} was left out: {text}" for line, text in left_out]
        for tree in _split(module.body):
            flags |= _future_flags(tree)
            try:
                with syntax_errors():
                    code = compile(ast.Module([tree], []), label, "exec", flags, dont_inherit=True)
            except SyntaxError as error:
                line = error.lineno or tree.lineno
                notes.append(f"{label}, line {line} was left out: {error.msg}")
            else:
                statements.append(Statement.of(tree, code, label))
    kept: dict[str, list[tuple[int, CodeType]]] = {}
    for statement in needed(statements, roots):
        kept.setdefault(statement.cell, []).append((statement.tree.lineno, statement.code))
    units = tuple(
        Unit(label=label, source=cells[label], statements=tuple(codes))
        for label, codes in kept.items()
    )
    return Extraction(units=units, notes=tuple(notes), tolerant=True)


def _split(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements, with an import of several names made several imports."""
    for tree in body:
        match tree:
            case ast.Import(names=[_, _, *_] as names):
                yield from (ast.copy_location(ast.Import([name]), tree) for name in names)
            case ast.ImportFrom(module=module, names=[_, _, *_] as names, level=level):
                for name in names:
                    yield ast.copy_location(ast.ImportFrom(module, [name], level), tree)
            case _:
                yield tree


def _future_flags(tree: ast.stmt) -> int:
    """The compiler flags that hold from this statement on, in later cells too."""
    if not (isinstance(tree, ast.ImportFrom) and tree.module == "__future__"):
        return 0
    feature = getattr(__future__, tree.names[0].name, None)
    return feature.compiler_flag if isinstance(feature, __future__._Feature) else 0


def _run(code: CodeType, namespace: dict[str, Any]) -> None:
    result = eval(code, namespace)
    if inspect.iscoroutine(result):
        import asyncio  # a slow import, for cells that await outside of functions

        asyncio.run(result)


def _described(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"[:_SHOWN]
    except Exception:  # the student's own __str__
        return type(error).__name__[:_SHOWN]
