"""Blind mutants: small random changes of a solution, to find what its hidden suite overlooks.

Nobody chose them, so some change nothing that matters: whoever looks at a survivor adds the test
that catches it, or writes into `equivalent.toml` why no test can:

[[equivalent]]
old = "scale = 1 / (1 - self.p)"
new = "scale = 1 / (2 - self.p)"
why = "…"
"""

import ast
import random
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from autograder.course.toml import read

_BINARY: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
}
_COMPARE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}


class BlindMutant(Struct, frozen=True, kw_only=True):
    """One change; `old` and `new` are the statements' first changed lines, without indentation."""

    line: int
    old: str
    new: str
    text: str
    """The whole mutated solution."""

    @property
    def name(self) -> str:
        """Its place."""
        return f"line {self.line}"


class Equivalent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change that no test can see, and why."""

    old: str
    new: str
    why: str


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    equivalent: tuple[Equivalent, ...] = ()


def blind_mutants(source: str, count: int, seed: int = 0) -> tuple[BlindMutant, ...]:
    """At most `count` mutants in the order of their lines: equal arguments give equal mutants.

    Operators, comparisons, constants, conditions, signs and statements inside of functions and
    classes are changed, each by itself.
    """
    if not count:
        return ()
    found = {mutant.text: mutant for mutant in _all(source)}
    mutants = list(found.values())
    chosen = random.Random(seed).sample(mutants, min(count, len(mutants)))
    return tuple(sorted(chosen, key=lambda mutant: mutant.line))


def read_equivalents(path: Path) -> tuple[Equivalent, ...]:
    """What an `equivalent.toml` explains; nothing where there is no file."""
    if not path.is_file():
        return ()
    return read(path, _File).equivalent


def _all(source: str) -> Iterator[BlindMutant]:
    starts = [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    tree = ast.parse(source)
    for definition in tree.body:
        if isinstance(definition, ast.FunctionDef | ast.ClassDef):
            for node in ast.walk(definition):
                for text in _changes(node):
                    yield from _spliced(source, starts, node, text)
                if isinstance(node, ast.If | ast.While) and not isinstance(node.test, ast.Compare):
                    yield from _spliced(
                        source, starts, node.test, f"not ({ast.unparse(node.test)})"
                    )


def _spliced(source: str, starts: list[int], node: ast.AST, text: str) -> Iterator[BlindMutant]:
    """The source with the node's text replaced, unless that is no Python or changes nothing."""
    assert isinstance(node, ast.expr | ast.stmt)
    assert node.end_lineno is not None and node.end_col_offset is not None
    content = source.encode()
    start = starts[node.lineno - 1] + node.col_offset
    end = starts[node.end_lineno - 1] + node.end_col_offset
    mutated = (content[:start] + text.encode() + content[end:]).decode()
    try:
        same = ast.dump(ast.parse(mutated)) == ast.dump(ast.parse(source))
    except SyntaxError:
        return
    if same:
        return
    before, after = source.splitlines(), mutated.splitlines()
    first = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), 0)
    yield BlindMutant(
        line=first + 1, old=before[first].strip(), new=after[first].strip(), text=mutated
    )


def _changes(node: ast.AST) -> Iterator[str]:
    """Other texts for a node."""
    match node:
        case ast.BinOp(left, operator, right):
            for other in _BINARY.get(type(operator), ()):
                yield f"({ast.unparse(ast.BinOp(left, other(), right))})"
            if isinstance(operator, ast.Sub | ast.Div | ast.MatMult | ast.Pow):
                yield f"({ast.unparse(ast.BinOp(right, operator, left))})"
        case ast.AugAssign(target, operator, value):
            for other in _BINARY.get(type(operator), ()):
                yield ast.unparse(ast.AugAssign(target, other(), value))
            yield "pass"
        case ast.Compare(left, [operator], [right]):
            for comparison in _COMPARE.get(type(operator), ()):
                yield f"({ast.unparse(ast.Compare(left, [comparison()], [right]))})"
        case ast.BoolOp(operator, values):
            other_bool = ast.Or() if isinstance(operator, ast.And) else ast.And()
            yield f"({ast.unparse(ast.BoolOp(other_bool, values))})"
        case ast.UnaryOp(ast.USub() | ast.Not(), operand):
            yield f"({ast.unparse(operand)})"
        case ast.Constant(bool() as value):
            yield str(not value)
        case ast.Constant(int() | float() as value):
            yield from {repr(value + 1), repr(value * 2), repr(-value)} - {
                repr(value),
                "-0",
                "-0.0",
            }
        case ast.IfExp(test, body, orelse):
            yield f"({ast.unparse(ast.IfExp(test, orelse, body))})"
        case ast.Assign() | ast.AnnAssign():
            yield "pass"
        case ast.Expr(value) if not isinstance(value, ast.Constant):
            yield "pass"
        case ast.Return(value) if value is not None:
            yield "return None"
        case ast.Attribute(value, "T", ast.Load()):
            yield ast.unparse(value)
        case ast.Call(ast.Attribute(value, "copy"), [], []):
            yield ast.unparse(value)
        case ast.Call(function, arguments, keywords) if keywords:
            for dropped in keywords:
                kept = [keyword for keyword in keywords if keyword is not dropped]
                yield ast.unparse(ast.Call(function, arguments, kept))
