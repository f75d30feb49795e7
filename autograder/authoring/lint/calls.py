"""Evaluates the calls of a hidden suite: of the student's code, of helpers, of anything else."""

import ast
from abc import abstractmethod
from collections.abc import Iterator, Sequence

from autograder.authoring.lint.expressions import Expressions
from autograder.authoring.lint.uses import ARGUMENT, EXPECTED, FUNCTION, METHOD
from autograder.authoring.lint.values import (
    OBJECT,
    OURS,
    THEIRS,
    Arguments,
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

FIXTURES = ("check_close", "check_gradients", "check_gradient", "check_accuracy")
"""Those of the suite API that look at a student's values."""
_CHECKS = ("check_close", "check_gradient", "finite", "integers", "items")
"""They end the test unless their first argument has the right form."""
_ARRAY_METHODS = (
    *("all", "any", "argmax", "argmin", "argsort", "astype", "choose", "clip", "compress"),
    *("copy", "cumprod", "cumsum", "diagonal", "dot", "fill", "flatten", "item", "max"),
    *("mean", "min", "nonzero", "prod", "ptp", "put", "ravel", "repeat", "reshape"),
    *("resize", "round", "searchsorted", "sort", "squeeze", "std", "sum", "swapaxes"),
    *("take", "tobytes", "tolist", "trace", "transpose", "var", "view"),
)
_GROWING = ("add", "append", "appendleft", "extend", "insert", "setdefault", "update")
_TAKING = ("get", "pop", "popleft")
_HARMLESS = ("callable", "hasattr", "id", "isinstance", "setattr", "type")
_SAME_ITEMS = ("iter", "list", "reversed", "tuple")
_CONSTANTS = ("e", "inf", "nan", "newaxis", "pi")
_DTYPES = ("bool", "complex", "float", "int", "uint")


class Calls(Expressions):
    """Follows values through calls."""

    @abstractmethod
    def _apply(self, function: Function, arguments: Arguments) -> Value:
        """What a function of the suite's own returns."""

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        owner = (
            self._value(node.func.value, scope) if isinstance(node.func, ast.Attribute) else OURS
        )
        target = self._attribute(owner, method) if method else self._value(node.func, scope)
        arguments = self._arguments(node, scope)
        if target.origin is not Origin.SUITE:
            return self._ask(node, owner, method, scope)
        if method and owner.origin is Origin.SUITE and not target.callees:
            return self._method_of_ours(node, owner, method, arguments, scope)
        results = []
        for callee in target.callees:
            match callee:
                case Function():
                    results.append(self._apply(callee, arguments))
                case Class(methods=methods):
                    made = calling(Instance(callee))
                    if "__init__" in methods:
                        self._apply(methods["__init__"].bind(made), arguments)
                    results.append(made)
                case Known(name):
                    results.append(self._known(name, node, arguments, scope))
                case External() | Instance():
                    self._hand_over(node, arguments)
        if not target.callees:
            self._hand_over(node, arguments)
        return join(*results)

    def _arguments(self, node: ast.Call, scope: Scope) -> Arguments:
        positional: list[Value] = []
        spread = None
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                value = self._value(argument.value, scope)
                if value.ordered and spread is None:
                    positional += value.parts
                else:
                    item = self._items(value, argument)
                    spread = item if spread is None else join(spread, item)
            elif spread is None:
                positional.append(self._value(argument, scope))
            else:
                spread = join(spread, self._value(argument, scope))
        named = tuple(
            (keyword.arg or "**", self._value(keyword.value, scope)) for keyword in node.keywords
        )
        return Arguments(tuple(positional), named, spread)

    def _ask(self, node: ast.Call, owner: Value, method: str, scope: Scope) -> Value:
        """A call of the student's code; its arguments go back to where such values come from."""
        if owner.origin is Origin.STUDENT and method in _ARRAY_METHODS:
            self._report(node, METHOD)
            return OURS
        for expression in [*node.args, *(keyword.value for keyword in node.keywords)]:
            if any(map(_may_be_called, self._value(expression, scope).callees)):
                self._report(expression, FUNCTION)
        if Known("student") in owner.callees and method in ("read", "raises"):
            return OURS  # bytes, and a context
        makes_object = Known("student") in owner.callees and method == "put"
        return OBJECT if makes_object or method[:1].isupper() else THEIRS

    def _method_of_ours(
        self, node: ast.Call, owner: Value, method: str, arguments: Arguments, scope: Scope
    ) -> Value:
        """A method of an array, list or generator of the suite's own."""
        if method in _GROWING:
            assert isinstance(node.func, ast.Attribute)
            added = arguments.all
            if method in ("extend", "update"):
                added = tuple(self._items(value, node) for value in added)
            for value in added:
                self._grow(node.func.value, value, scope)
            return OURS
        if owner.parts:
            match method:
                case "items":
                    return container(container(OURS, owner.item, ordered=True))
                case "values" | "copy":
                    return container(owner.item)
                case _ if method in _TAKING:
                    return owner.item
        self._hand_over(node, arguments)
        return OURS

    def _hand_over(self, node: ast.Call, arguments: Arguments) -> None:
        if any(value.unchecked for value in arguments.all):
            self._report(node, ARGUMENT)

    def _known(self, name: str, node: ast.Call, arguments: Arguments, scope: Scope) -> Value:
        """Builtins, fixtures and helpers of the suite API."""
        values = arguments.all
        first = values[0] if values else OURS
        if name in (*_CHECKS, *FIXTURES, "distinct"):
            return self._check(name, node, arguments, scope)
        if name == "callback":
            self._evaluate_callbacks(values[:1])
            self._hand_over(node, Arguments(values[1:]))
            return OURS
        if name in _HARMLESS:
            return OURS
        if name == "len":
            return THEIRS if first.origin is not Origin.SUITE else OURS
        if name == "getattr" and first.origin is not Origin.SUITE:
            return THEIRS
        if name in _SAME_ITEMS and values:
            return container(self._items(first, node))
        if name == "next" and values:
            return self._items(first, node)
        if name == "enumerate" and values:
            return container(container(OURS, self._items(first, node), ordered=True))
        if name == "zip":
            spread = () if arguments.spread is None else (arguments.spread,)
            each = [self._items(value, node) for value in (*arguments.positional, *spread)]
            return container(container(*each, ordered=not spread))
        if name == "map" and values:
            item = Arguments(tuple(self._items(value, node) for value in values[1:]))
            return container(*self._call_all(first, item, node))
        self._hand_over(node, arguments)
        return OURS

    def _check(self, name: str, node: ast.Call, arguments: Arguments, scope: Scope) -> Value:
        """The first argument may be anything; all others must be the suite's own."""
        values = arguments.all
        self._evaluate_callbacks(values)
        if any(value.unchecked for value in values[1:]):
            self._report(node, EXPECTED)
        if name == "distinct" and values:
            self._items(values[0], node.args[0])
        if name == "items":
            checked = values[0] if values and values[0].parts else self._made_of_theirs(node)
        else:
            checked = OURS
        if name in _CHECKS and node.args and isinstance(node.args[0], ast.Name):
            scope.names[node.args[0].id] = checked
        return checked

    @staticmethod
    def _made_of_theirs(node: ast.Call) -> Value:
        match node.args:
            case [_, ast.Constant(int(count)), *_]:
                return container(*[THEIRS] * count, ordered=True)
        return container(THEIRS)

    def _evaluate_callbacks(self, values: Sequence[Value]) -> None:
        """Functions of the suite that get nothing but checked arguments."""
        for value in values:
            for callee in value.callees:
                if isinstance(callee, Function):
                    self._apply(callee, Arguments())

    def _call_all(self, value: Value, arguments: Arguments, node: ast.Call) -> Iterator[Value]:
        for callee in value.callees:
            if isinstance(callee, Function):
                yield self._apply(callee, arguments)
            else:
                self._hand_over(node, arguments)
        if value.origin is not Origin.SUITE:
            yield THEIRS


def _may_be_called(callee: object) -> bool:
    match callee:
        case Function():
            return True
        case External(name):
            last = name.rpartition(".")[2]
            return "." in name and not (last in _CONSTANTS or last.startswith(_DTYPES))
    return False
