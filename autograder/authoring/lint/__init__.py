"""Finds where a hidden suite computes with a student's value whose form nobody has checked.

numpy broadcasts such values: two replies of 128 KB become an array of 2 GB in the examiner. The
lint reads the source and follows what comes from `student` through names, containers, functions and
fixtures of the suite, until a check of the suite API has looked at it. An expression that is safe
for another reason says so at the end of its line: `# checked: why`.
"""

import ast
import io
import tokenize
from collections.abc import Mapping

from msgspec import Struct

from autograder.authoring.lint.functions import Evaluator

_MARK = "# checked"


class Finding(Struct, frozen=True, order=True):
    """One place of a suite."""

    file: str
    line: int
    expression: str
    problem: str
    """What is wrong, and the remedy."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.expression}: {self.problem}"


def lint(files: Mapping[str, str]) -> tuple[Finding, ...]:
    """The findings in the files of one suite, by name; raises SyntaxError for what is no Python."""
    modules = {name: ast.parse(text, name) for name, text in files.items()}
    marks = {name: _marks(text) for name, text in files.items()}
    used: set[tuple[str, int]] = set()
    findings = []
    for use in Evaluator(modules).uses():
        lines = range(use.node.lineno, (use.node.end_lineno or use.node.lineno) + 1)
        marked = [line for line in lines if line in marks[use.file]]
        used.update((use.file, line) for line in marked)
        if not marked:
            text = ast.unparse(use.node)
            short = text if len(text) <= 60 else f"{text[:59]}…"
            findings.append(Finding(use.file, use.node.lineno, short, use.problem))
    for name, lines_of in marks.items():
        for line, reason in lines_of.items():
            if not reason:
                problem = "a mark without a reason: write `# checked: why this is safe`"
                findings.append(Finding(name, line, _MARK, problem))
            elif (name, line) not in used:
                findings.append(
                    Finding(name, line, _MARK, "nothing here needs this mark: remove it")
                )
    return tuple(sorted(findings))


def _marks(text: str) -> dict[int, str]:
    """The reasons that are given at the end of lines."""
    found = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and token.string.startswith(_MARK):
            found[token.start[0]] = token.string.removeprefix(_MARK).removeprefix(":").strip()
    return found
