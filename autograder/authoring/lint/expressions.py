"""Evaluates expressions and assignments of a hidden suite to what they may be."""

import ast
from abc import ABC, abstractmethod
from collections.abc import Sequence

from autograder.authoring.lint.uses import ARITHMETIC, COMPARISON, INDEX, ITEMS, MESSAGE, Use
from autograder.authoring.lint.values import (
    OBJECT,
    OURS,
    THEIRS,
    Class,
    External,
    Function,
    Instance,
    Known,
    Origin,
    Scope,
    Value,
    calling,
    container,
    join,
)


class Expressions(ABC):
    """Follows values through everything but calls."""

    def __init__(self) -> None:
        self._uses: dict[tuple[str, int, int, str], Use] = {}
        self._yields: list[list[Value]] = []
        self._file = ""

    @abstractmethod
    def _call(self, node: ast.Call, scope: Scope) -> Value:
        """What a call returns."""

    def _report(self, node: ast.expr, problem: str) -> None:
        key = (self._file, node.lineno, node.col_offset, problem)
        self._uses[key] = Use(self._file, node, problem)

    def _value(self, node: ast.expr, scope: Scope) -> Value:
        match node:
            case ast.Name(name):
                held = scope.get(name)
                return calling(Known(name)) if held is None else held
            case ast.Attribute(base, name):
                return self._attribute(self._value(base, scope), name)
            case ast.Subscript(base, index):
                return self._subscript(node, base, index, scope)
            case ast.Tuple(elements) | ast.List(elements):
                if any(isinstance(each, ast.Starred) for each in elements):
                    return container(*(self._element(each, scope) for each in elements))
                return container(*(self._value(each, scope) for each in elements), ordered=True)
            case ast.Set(elements):
                return container(*(self._element(each, scope) for each in elements))
            case ast.Dict(keys, held_values):
                for key in filter(None, keys):
                    self._value(key, scope)
                parts = [
                    self._value(each, scope) if key else self._iterate(each, scope)
                    for key, each in zip(keys, held_values, strict=True)
                ]
                return container(*parts)
            case ast.BinOp(left, op, right):
                return self._operation(node, op, [left, right], scope)
            case ast.UnaryOp(op, operand):
                if isinstance(op, ast.Not):
                    self._value(operand, scope)
                    return OURS
                return self._operation(node, op, [operand], scope)
            case ast.Compare(left, ops, comparators):
                values = [self._value(each, scope) for each in (left, *comparators)]
                by_identity = all(isinstance(op, ast.Is | ast.IsNot) for op in ops)
                there = any(value.origin is Origin.OBJECT for value in values)
                if not (by_identity or there) and any(value.unchecked for value in values):
                    self._report(node, COMPARISON)
                return OURS
            case ast.Call():
                return self._call(node, scope)
            case ast.IfExp(test, body, orelse):
                self._value(test, scope)
                return join(*(self._value(each, scope) for each in (body, orelse)))
            case ast.Lambda():
                return calling(Function(node, scope, self._file))
            case ast.ListComp(element, generators) | ast.SetComp(element, generators):
                return self._comprehension([element], generators, scope)
            case ast.GeneratorExp(element, generators):
                return self._comprehension([element], generators, scope)
            case ast.DictComp(key, value_, generators):
                return self._comprehension([key, value_], generators, scope)
            case ast.JoinedStr(pieces):
                for each in pieces:
                    formatted = each.value if isinstance(each, ast.FormattedValue) else each
                    if self._value(formatted, scope).unchecked:
                        self._report(formatted, MESSAGE)
                return OURS
            case ast.NamedExpr(target, expression):
                value = self._value(expression, scope)
                self._assign(target, value, scope)
                return value
            case ast.Yield(expression):
                self._yields[-1].append(self._value(expression, scope) if expression else OURS)
                return OURS
            case _:
                inside = [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)]
                return join(*(self._value(each, scope) for each in inside))

    def _element(self, node: ast.expr, scope: Scope) -> Value:
        """What an element of a display brings in."""
        if isinstance(node, ast.Starred):
            return self._iterate(node.value, scope)
        return self._value(node, scope)

    def _iterate(self, node: ast.expr, scope: Scope) -> Value:
        return self._items(self._value(node, scope), node)

    def _items(self, value: Value, node: ast.expr) -> Value:
        """What each item may be; an unchecked value may have any number of them."""
        if value.origin is not Origin.SUITE:
            self._report(node, ITEMS)
            return THEIRS
        return value.item

    def _comprehension(
        self, elements: Sequence[ast.expr], generators: Sequence[ast.comprehension], scope: Scope
    ) -> Value:
        inner = Scope(scope)
        for generator in generators:
            self._assign(generator.target, self._iterate(generator.iter, inner), inner)
            for condition in generator.ifs:
                self._value(condition, inner)
        return container(*(self._value(each, inner) for each in elements))

    def _operation(
        self, node: ast.expr, op: ast.AST, operands: Sequence[ast.expr], scope: Scope
    ) -> Value:
        values = [self._value(each, scope) for each in operands]
        if any(value.origin is Origin.OBJECT for value in values):
            return OBJECT
        ours = all(value.origin is Origin.SUITE for value in values)
        if ours and isinstance(op, ast.Add | ast.Mult):  # lists that are joined or repeated
            return container(*(part for value in values for part in value.parts))
        if any(value.unchecked for value in values):
            self._report(node, ARITHMETIC)
        return OURS

    def _attribute(self, value: Value, name: str) -> Value:
        if value.origin is not Origin.SUITE:
            return THEIRS
        found = []
        for callee in value.callees:
            match callee:
                case External(module):
                    found.append(calling(External(f"{module}.{name}")))
                case Class(methods=methods) if name in methods:
                    method = methods[name]
                    bound = (value,) if "classmethod" in decorators(method.node) else ()
                    found.append(calling(method.bind(*bound)))
                case Instance(of) if name in of.methods:
                    method = of.methods[name]
                    bound = () if "staticmethod" in decorators(method.node) else (value,)
                    found.append(calling(method.bind(*bound)))
                case Instance(of):
                    found.append(of.attributes.get(name, OURS))
        return join(*found)

    def _subscript(self, node: ast.expr, base: ast.expr, index: ast.expr, scope: Scope) -> Value:
        value = self._value(base, scope)
        if value.origin is not Origin.OBJECT:
            self._index(index, scope)
        if value.origin is not Origin.SUITE:
            return THEIRS
        match index:
            case ast.Constant(int(number)) if value.ordered and number < len(value.parts):
                return value.parts[number]
            case ast.Slice():
                return container(*value.parts)
        return value.item

    def _index(self, node: ast.expr, scope: Scope) -> None:
        index = self._value(node, scope)
        if index.unchecked and index.origin is not Origin.OBJECT:  # an object may be a dict's key
            self._report(node, INDEX)

    # Names

    def _assign(self, target: ast.expr, value: Value, scope: Scope) -> None:
        match target:
            case ast.Name(name):
                scope.names[name] = value
            case ast.Tuple(targets) | ast.List(targets):
                for each, part in zip(targets, self._unpack(target, value), strict=True):
                    self._assign(each, part, scope)
            case ast.Starred(inner):
                self._assign(inner, value, scope)
            case ast.Subscript(base, index):
                self._index(index, scope)
                self._grow(base, value, scope)
            case ast.Attribute(base, name):
                for callee in self._value(base, scope).callees:
                    if isinstance(callee, Instance):
                        kept = callee.of.attributes
                        kept[name] = join(kept[name], value) if name in kept else value

    def _unpack(self, target: ast.Tuple | ast.List, value: Value) -> list[Value]:
        """What each of several targets gets; without a star they take no more items than that."""
        targets = target.elts
        starred = [i for i, each in enumerate(targets) if isinstance(each, ast.Starred)]
        if not starred:
            if value.ordered and len(value.parts) == len(targets):
                return list(value.parts)
            theirs = value.origin is not Origin.SUITE
            return [THEIRS if theirs else value.item] * len(targets)
        at, rest = starred[0], len(value.parts) - len(targets) + 1
        if value.ordered and rest >= 0:
            middle = container(*value.parts[at : at + rest], ordered=True)
            return [*value.parts[:at], middle, *value.parts[at + rest :]]
        item = self._items(value, target)
        return [container(item) if i == at else item for i in range(len(targets))]

    def _grow(self, node: ast.expr, value: Value, scope: Scope) -> None:
        """A container of the suite's has got another item."""
        if isinstance(node, ast.Name) and value.notable:
            held = scope.get(node.id) or OURS
            if held.origin is Origin.SUITE:
                # A function may fill a list of the function around it.
                scope.home(node.id).names[node.id] = container(*held.parts, value)


def decorators(node: ast.FunctionDef | ast.Lambda) -> tuple[str, ...]:
    """The names of a function's decorators, `pytest.fixture` for example."""
    written = () if isinstance(node, ast.Lambda) else node.decorator_list
    return tuple(ast.unparse(each).partition("(")[0] for each in written)
