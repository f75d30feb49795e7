"""Follows what comes from the student's code through the functions of a hidden suite."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from autograder.authoring.dataflow import (
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
    container,
    join,
    known,
)

ARITHMETIC = "computes with what the student's code returned: take it through finite() first"
COMPARISON = "compares what the student's code returned: check_close() or distinct() does it safely"
ARGUMENT = "hands over what the student's code returned: take it through finite() or integers()"
METHOD = "calls an array's method of what the student's code returned: take it through finite()"
INDEX = "uses what the student's code returned as an index: take it through integers()"
ITEMS = "goes through what the student's code returned: take it through items() or finite()"
EXPECTED = "expects what the student's code returned: take it through finite() or integers()"
MESSAGE = "writes what the student's code returned into a message: say what is wrong with it"
FUNCTION = "is a function that the student's code may call with anything: hand over callback()"

_FIXTURES = ("check_close", "check_gradients", "check_gradient", "check_accuracy")
_CHECKS = ("check_close", "check_gradient", "finite", "integers", "items")
"""They end the test unless their first argument has the right form."""
_ARRAY_METHODS = frozenset(
    "all any argmax argmin argsort astype choose clip compress copy cumprod cumsum diagonal dot fill"
    " flatten item max mean min nonzero prod ptp put ravel repeat reshape resize round searchsorted"
    " sort squeeze std sum swapaxes take tobytes tolist trace transpose var view".split()
)
_GROWING = ("add", "append", "appendleft", "extend", "insert", "setdefault", "update")
_TAKING = ("get", "pop", "popleft")
_HARMLESS = ("callable", "hasattr", "id", "isinstance", "setattr", "type")
_SAME_ITEMS = ("iter", "list", "reversed", "tuple")
_CONSTANTS = ("e", "inf", "nan", "newaxis", "pi")
_DTYPES = ("bool", "complex", "float", "int", "uint")


class Use(Struct, frozen=True):
    """An expression that uses an unchecked value."""

    file: str
    node: ast.expr
    problem: str


class Arguments(Struct, frozen=True):
    """What a function is called with."""

    positional: tuple[Value, ...] = ()
    named: tuple[tuple[str, Value], ...] = ()
    spread: Value | None = None
    """What the further ones hold, of which nobody knows how many there are: `*values`."""

    @property
    def all(self) -> tuple[Value, ...]:
        """Every one of them."""
        more = () if self.spread is None else (self.spread,)
        return (*self.positional, *(value for _, value in self.named), *more)


class Evaluator:
    """Evaluates the tests and fixtures of one suite, all files of it together."""

    def __init__(self, modules: Mapping[str, ast.Module]) -> None:
        self._uses: dict[tuple[str, int, int, str], Use] = {}
        self._calls: dict[tuple[Function, Arguments], Value] = {}
        self._fixtures: dict[str, Function] = {}
        self._functions: list[Function] = []
        self._yields: list[list[Value]] = []
        self._file = ""
        for name, module in modules.items():
            scope = Scope()
            self._file = name
            self._block(module.body, scope)
            for value in scope.names.values():
                for function in value.callees:
                    if isinstance(function, Function) and isinstance(
                        function.node, ast.FunctionDef
                    ):
                        self._functions.append(function)
                        if _is_fixture(function.node):
                            self._fixtures[function.node.name] = function

    def uses(self) -> tuple[Use, ...]:
        """All uses of unchecked values, in the order of the source."""
        for function in self._functions:
            node = function.node
            assert isinstance(node, ast.FunctionDef)
            if node.name.startswith("test_") or _is_fixture(node):
                self._run(function)
        return tuple(use for _, use in sorted(self._uses.items()))

    # Functions

    def _run(self, function: Function) -> Value:
        """A test or fixture, with the fixtures that it asks for."""
        names = [argument.arg for argument in function.node.args.args]
        return self._apply(function, Arguments(tuple(map(self._fixture, names))))

    def _fixture(self, name: str) -> Value:
        if name == "student":
            return OBJECT
        if name in self._fixtures:
            return self._run(self._fixtures[name])
        return known(name) if name in _FIXTURES else OURS

    def _apply(self, function: Function, arguments: Arguments) -> Value:
        """What the suite's own function returns."""
        key = (function, arguments)
        if key in self._calls:
            return self._calls[key]
        self._calls[key] = OURS  # what a recursive call adds is nothing new
        scope, file, self._file = Scope(function.scope), self._file, function.file
        self._bind(function, arguments, scope)
        if isinstance(function.node, ast.Lambda):
            result = self._value(function.node.body, scope)
        else:
            self._yields.append([])
            returned = self._block(function.node.body, scope)
            yielded = self._yields.pop()
            if yielded and not _is_fixture(function.node):
                yielded = [container(join(*yielded))]
            result = join(*yielded, *returned)
        self._file = file
        self._calls[key] = result
        return result

    def _bind(self, function: Function, arguments: Arguments, scope: Scope) -> None:
        args = function.node.args
        values = [*function.bound, *arguments.positional]
        names = [argument.arg for argument in [*args.posonlyargs, *args.args]]
        defaults: dict[str, ast.expr] = dict(
            zip(names[len(names) - len(args.defaults) :], args.defaults, strict=True)
        )
        for argument, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            names.append(argument.arg)
            if default is not None:
                defaults[argument.arg] = default
        for name, expression in defaults.items():
            scope.names[name] = self._value(expression, function.scope)
        positional = names[: len(names) - len(args.kwonlyargs)]
        for name, value in zip(positional, values, strict=False):
            scope.names[name] = value
        if arguments.spread is not None:
            for name in positional[len(values) :]:
                scope.names[name] = arguments.spread
        named = dict(arguments.named)
        scope.names.update((name, named.pop(name)) for name in names if name in named)
        for name in names:
            scope.names.setdefault(name, OURS)
        if args.vararg:
            further = values[len(positional) :]
            more = () if arguments.spread is None else (arguments.spread,)
            scope.names[args.vararg.arg] = container(*further, *more, ordered=not more)
        if args.kwarg:
            scope.names[args.kwarg.arg] = container(*named.values())

    # Statements

    def _block(self, body: Sequence[ast.stmt], scope: Scope) -> list[Value]:
        """Execute statements; what they return."""
        returned: list[Value] = []
        for statement in body:
            returned += self._statement(statement, scope)
        return returned

    def _statement(self, node: ast.stmt, scope: Scope) -> list[Value]:
        match node:
            case ast.Return(value):
                return [OURS if value is None else self._value(value, scope)]
            case ast.Assign(targets, expression):
                value = self._value(expression, scope)
                for target in targets:
                    self._assign(target, value, scope)
            case ast.AnnAssign(target=target, value=ast.expr() as expression):
                self._assign(target, self._value(expression, scope), scope)
            case ast.AugAssign(target, op, expression):
                both = ast.copy_location(ast.BinOp(_loaded(target), op, expression), node)
                self._assign(target, self._value(both, scope), scope)
            case ast.For(target, iterated, body, orelse):
                item = self._iterate(iterated, scope)
                before = dict(scope.names)
                returned = []
                for _ in range(2):  # what the end of the body has done is there at its beginning
                    self._assign(target, item, scope)
                    returned += self._block(body, scope)
                    scope.merge(before)
                return returned + self._block(orelse, scope)
            case ast.While(test, body, orelse):
                before = dict(scope.names)
                returned = []
                for _ in range(2):
                    self._value(test, scope)
                    returned += self._block(body, scope)
                    scope.merge(before)
                return returned + self._block(orelse, scope)
            case ast.If(test, body, orelse):
                self._value(test, scope)
                before = dict(scope.names)
                returned = self._block(body, scope)
                after, scope.names = scope.names, before
                returned += self._block(orelse, scope)
                if not _leaves(body):
                    scope.merge(after)
                return returned
            case ast.With(entered, body):
                for item in entered:
                    value = self._value(item.context_expr, scope)
                    if item.optional_vars is not None:
                        self._assign(item.optional_vars, value, scope)
                return self._block(body, scope)
            case ast.Try(body, handlers, orelse, final):
                returned = self._block([*body, *orelse], scope)
                for handler in handlers:
                    returned += self._block(handler.body, scope)
                return returned + self._block(final, scope)
            case ast.FunctionDef():
                function = Function(node, scope, self._file)
                scope.names[node.name] = Value(callees=frozenset([function]))
            case ast.ClassDef():
                methods = {
                    each.name: Function(each, scope, self._file)
                    for each in node.body
                    if isinstance(each, ast.FunctionDef)
                }
                scope.names[node.name] = Value(callees=frozenset([Class(node, methods)]))
            case ast.Import(names) | ast.ImportFrom(names=names):
                ours = isinstance(node, ast.ImportFrom) and node.module == "autograder.suite"
                for alias in names:
                    name = (alias.asname or alias.name).split(".")[0]
                    external = Value(callees=frozenset([External(name)]))
                    scope.names[name] = known(name) if ours else external
            case ast.Expr(expression):
                self._value(expression, scope)
            case ast.Assert(test, _):
                self._value(test, scope)
            case _:
                pass
        return []

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
                grown = container(*held.parts, value)
                self._set(node.id, grown, scope)

    @staticmethod
    def _set(name: str, value: Value, scope: Scope) -> None:
        """Where the name lives: a callback may fill a list of the function around it."""
        scope.home(name).names[name] = value

    # Expressions

    def _value(self, node: ast.expr, scope: Scope) -> Value:
        match node:
            case ast.Name(name):
                value = scope.get(name)
                return known(name) if value is None else value
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
            case ast.Dict(keys, values):
                for key in keys:
                    if key is not None:
                        self._value(key, scope)
                parts = [
                    self._value(value, scope) if key else self._iterate(value, scope)
                    for key, value in zip(keys, values, strict=True)
                ]
                return container(*parts)
            case ast.BinOp(left, op, right):
                return self._operation(node, op, [left, right], scope)
            case ast.UnaryOp(op, operand):
                if isinstance(op, ast.Not):
                    self._value(operand, scope)
                    return OURS
                return self._operation(node, op, [operand], scope)
            case ast.BoolOp(_, values):
                return join(*(self._value(each, scope) for each in values))
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
                return join(self._value(body, scope), self._value(orelse, scope))
            case ast.Lambda():
                return Value(callees=frozenset([Function(node, scope, self._file)]))
            case ast.ListComp(element, generators) | ast.SetComp(element, generators):
                return self._comprehension([element], generators, scope)
            case ast.GeneratorExp(element, generators):
                return self._comprehension([element], generators, scope)
            case ast.DictComp(key, value_, generators):
                return self._comprehension([key, value_], generators, scope)
            case ast.JoinedStr(values):
                for each in values:
                    if isinstance(each, ast.FormattedValue):
                        if self._value(each.value, scope).unchecked:
                            self._report(each.value, MESSAGE)
                return OURS
            case ast.NamedExpr(target, expression):
                value = self._value(expression, scope)
                self._assign(target, value, scope)
                return value
            case ast.Yield(expression):
                if expression is not None:
                    self._yields[-1].append(self._value(expression, scope))
                return OURS
            case ast.Slice(lower, upper, step):
                return join(*(self._value(each, scope) for each in (lower, upper, step) if each))
            case _:
                return OURS

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
                    found.append(Value(callees=frozenset([External(f"{module}.{name}")])))
                case Class(methods=methods) if name in methods:
                    method = methods[name]
                    bound = (value,) if _is_class_method(method.node) else ()
                    found.append(_method(method, bound))
                case Instance(of) if name in of.methods:
                    found.append(_method(of.methods[name], (value,)))
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

    # Calls

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        owner = (
            self._value(node.func.value, scope) if isinstance(node.func, ast.Attribute) else OURS
        )
        target = self._attribute(owner, method) if method else self._value(node.func, scope)
        arguments = self._arguments(node, scope)
        if target.origin is not Origin.SUITE:
            return self._ask(node, owner, method, arguments)
        if method and owner.origin is Origin.SUITE and not target.callees:
            return self._method_of_ours(node, owner, method, arguments, scope)
        results = []
        for callee in target.callees:
            match callee:
                case Function():
                    results.append(self._apply(callee, arguments))
                case Class(methods=methods):
                    made = Value(callees=frozenset([Instance(callee)]))
                    if "__init__" in methods:
                        init = methods["__init__"]
                        bound = Function(init.node, init.scope, init.file, (made,))
                        self._apply(bound, arguments)
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

    def _ask(self, node: ast.Call, owner: Value, method: str, arguments: Arguments) -> Value:
        """A call of the student's code; its arguments go back to where such values come from."""
        if owner.origin is Origin.STUDENT and method in _ARRAY_METHODS:
            self._report(node, METHOD)
            return OURS
        expressions = [*node.args, *(keyword.value for keyword in node.keywords)]
        for expression, value in zip(expressions, arguments.all, strict=False):
            if any(_may_be_called(callee) for callee in value.callees):
                self._report(expression, FUNCTION)
        if owner.origin is Origin.OBJECT:
            if method in ("read", "raises"):
                return OURS
            if method == "put" or method[:1].isupper():
                return OBJECT
        return THEIRS

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
        if name in _CHECKS or name in ("check_gradients", "check_accuracy", "distinct"):
            return self._check(name, node, arguments, scope)
        if name == "callback":
            self._evaluate_callbacks(values[:1])
            self._hand_over(node, Arguments(values[1:]))
            return OURS
        if name in _HARMLESS:
            return OURS
        if name == "len":
            return THEIRS if first.origin is not Origin.SUITE else OURS
        if name == "getattr":
            return self._dynamic_attribute(first)
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

    @staticmethod
    def _dynamic_attribute(value: Value) -> Value:
        if value.origin is not Origin.SUITE:
            return THEIRS
        kept = [callee.of.attributes for callee in value.callees if isinstance(callee, Instance)]
        return join(*(attribute for each in kept for attribute in each.values()))

    def _report(self, node: ast.expr, problem: str) -> None:
        key = (self._file, node.lineno, node.col_offset, problem)
        self._uses[key] = Use(self._file, node, problem)


def _method(function: Function, bound: tuple[Value, ...]) -> Value:
    made = Function(function.node, function.scope, function.file, bound)
    return Value(callees=frozenset([made]))


def _decorators(node: ast.FunctionDef) -> Iterator[str]:
    for decorator in node.decorator_list:
        yield ast.unparse(decorator).partition("(")[0]


def _is_fixture(node: ast.FunctionDef) -> bool:
    return "pytest.fixture" in _decorators(node)


def _is_class_method(node: ast.FunctionDef | ast.Lambda) -> bool:
    return isinstance(node, ast.FunctionDef) and "classmethod" in _decorators(node)


def _may_be_called(callee: object) -> bool:
    match callee:
        case Function():
            return True
        case External(name):
            last = name.rpartition(".")[2]
            return "." in name and not (last in _CONSTANTS or last.startswith(_DTYPES))
    return False


def _leaves(body: Sequence[ast.stmt]) -> bool:
    """Whether nothing that comes after this branch sees what it did."""
    match body[-1]:
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return True
        case ast.Expr(ast.Call(ast.Name("fail"))):
            return True
    return False


def _loaded(target: ast.expr) -> ast.expr:
    """The target of `a += b` as an expression."""
    copy = ast.parse(ast.unparse(target), mode="eval").body
    return ast.copy_location(copy, target)
