"""`python -m autograder.authoring.publicrun FOLDER`: the process that executes a notebook.

Reads FOLDER/work.json (cells, tests), writes FOLDER/practice.json. `otter` is replaced by a
stand-in of a few lines: all that is wanted of it here is that `grader.check` stops nothing.
"""

import contextlib
import inspect
import json
import sys
import time
import traceback
import types
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from autograder.agent.magics import python_of

_MESSAGE = 2000


class Notebook:
    """Stands in for `otter.Notebook`."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def check(self, *_: Any, **__: Any) -> None:
        """The tests run at the end."""

    check_all = export = check


def test_case(*_: Any, **__: Any) -> Callable[[Any], Any]:
    """Stands in for `otter.test_files.test_case`: marks a function as a test."""

    def mark(function: Any) -> Any:
        function.is_public_test = True
        return function

    return mark


def main(folder: Path) -> None:
    """Execute cells and tests; what they print is nobody's business here."""
    work = json.loads((folder / "work.json").read_text())
    sys.modules["otter"] = otter = types.ModuleType("otter")
    sys.modules["otter.test_files"] = files = types.ModuleType("otter.test_files")
    vars(otter).update(Notebook=Notebook, test_files=files)
    vars(files).update(test_case=test_case)
    sys.path.insert(0, str(Path.cwd()))
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    vars(module)["display"] = lambda *_, **__: None
    started = time.monotonic()
    cells = []
    with contextlib.redirect_stdout(None):
        for number, cell in enumerate(work["cells"], 1):
            if problem := _attempt(partial(_execute, cell, number, module)):
                cells.append({"number": number, "message": problem})
        seconds = time.monotonic() - started
        checks = [
            {"question": question, "name": name, "message": message}
            for question, source in work["tests"].items()
            for name, message in _run_tests(question, source, vars(module))
        ]
    practice = {"checks": checks, "cells": cells, "seconds": seconds}
    (folder / "practice.json").write_text(json.dumps(practice))


def _execute(cell: str, number: int, module: types.ModuleType) -> None:
    tree, _ = python_of(cell)
    exec(compile(tree, f"cell {number}", "exec"), vars(module))


def _run_tests(question: str, source: str, names: dict[str, Any]) -> list[tuple[str, str]]:
    """(name in words, what is wrong) of each test in a file of otter's."""
    namespace: dict[str, Any] = {"__name__": question}
    exec(compile(source, f"tests of {question}", "exec"), namespace)
    tests = [value for value in namespace.values() if hasattr(value, "is_public_test")]
    return [
        (
            _words(test.__name__),
            _attempt(partial(_call, test, names)),
        )
        for test in tests
    ]


def _words(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")


def _call(test: Callable[..., Any], names: dict[str, Any]) -> None:
    wanted = inspect.signature(test).parameters
    missing = [name for name in wanted if name not in names]
    if missing:
        raise AssertionError(f"the notebook defines no {' and no '.join(missing)}")
    test(**{name: names[name] for name in wanted})


def _attempt(action: Callable[[], None]) -> str:
    """What went wrong, in words with the place in the notebook; empty if nothing did."""
    try:
        action()
    except (AssertionError, NotImplementedError) as problem:
        return str(problem)[:_MESSAGE] or "an assertion does not hold"
    except KeyboardInterrupt:
        raise
    except BaseException as problem:  # a notebook may call sys.exit
        own = [
            frame
            for frame in traceback.extract_tb(problem.__traceback__)
            if frame.filename.startswith("cell ")
        ]
        where = f" ({own[-1].filename}, line {own[-1].lineno}, in {own[-1].name})" if own else ""
        return f"{type(problem).__name__}: {problem}"[:_MESSAGE] + where
    return ""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
