"""Evaluates the tests, fixtures and functions of a hidden suite, statement by statement."""

import ast
from collections.abc import Mapping, Sequence

from autograder.authoring.lint.calls import FIXTURES, Calls
from autograder.authoring.lint.expressions import decorators
from autograder.authoring.lint.uses import Use
from autograder.authoring.lint.values import (
    MODULE,
    OURS,
    Arguments,
    Class,
    External,
    Function,
    Instance,
    Known,
    Scope,
    Value,
    calling,
    container,
    join,
)


class Evaluator(Calls):
    """Evaluates the tests and fixtures of one suite, all files of it together."""

    def __init__(self, modules: Mapping[str, ast.Module]) -> None:
        super().__init__()
        self._calls: dict[tuple[Function, Arguments], Value] = {}
        self._fixtures: dict[tuple[str, str], Function] = {}
        self._tests: list[Function] = []
        for self._file, module in modules.items():
            scope = Scope()
            self._block(module.body, scope)
            for name, value in scope.names.items():
                for callee in value.callees:
                    match callee:
                        case Function() if _is_fixture(callee):
                            self._fixtures[self._file, name] = callee
                        case Function() if name.startswith("test"):
                            self._tests.append(callee)
                        case Class(methods=methods) if name.startswith("Test"):
                            made = calling(Instance(callee))
                            tests = (method.bind(made) for method in methods.values())
                            self._tests += tests

    def uses(self) -> tuple[Use, ...]:
        """All uses of unchecked values, in the order of the source."""
        for function in [*self._fixtures.values(), *self._tests]:
            self._file = function.file
            self._run(function)
        return tuple(use for _, use in sorted(self._uses.items()))

    # Functions

    def _run(self, function: Function) -> Value:
        """A test or fixture, with the fixtures that it asks for."""
        names = [argument.arg for argument in function.node.args.args[len(function.bound) :]]
        return self._apply(function, Arguments(tuple(map(self._fixture, names))))

    def _fixture(self, name: str) -> Value:
        if name == "student":
            return MODULE
        for file in (self._file, "conftest.py"):
            if (file, name) in self._fixtures:
                return self._run(self._fixtures[file, name])
        return calling(Known(name)) if name in FIXTURES else OURS

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
            if yielded and not _is_fixture(function):
                yielded = [container(join(*yielded))]
            result = join(*yielded, *returned)
        self._file = file
        if function.scope.is_module:
            self._calls[key] = result
        else:  # the names around it may hold something else at the next call
            del self._calls[key]
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
            case ast.Return(answer):
                return [OURS if answer is None else self._value(answer, scope)]
            case ast.Assign(targets, expression):
                value = self._value(expression, scope)
                for target in targets:
                    self._assign(target, value, scope)
            case ast.AnnAssign(target=target, value=ast.expr() as expression):
                self._assign(target, self._value(expression, scope), scope)
            case ast.AugAssign(target, op, expression):
                both = ast.copy_location(ast.BinOp(target, op, expression), node)
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
                for each in entered:
                    value = self._value(each.context_expr, scope)
                    if each.optional_vars is not None:
                        self._assign(each.optional_vars, value, scope)
                return self._block(body, scope)
            case ast.Try(body, handlers, orelse, final):
                returned = self._block([*body, *orelse], scope)
                for handler in handlers:
                    returned += self._block(handler.body, scope)
                return returned + self._block(final, scope)
            case ast.FunctionDef():
                scope.names[node.name] = calling(Function(node, scope, self._file))
            case ast.ClassDef():
                methods = {
                    each.name: Function(each, scope, self._file)
                    for each in node.body
                    if isinstance(each, ast.FunctionDef)
                }
                scope.names[node.name] = calling(Class(node, methods))
            case ast.Import(names):
                for alias in names:
                    name = alias.name.partition(".")[0]
                    scope.names[alias.asname or name] = calling(External(name))
            case ast.ImportFrom(module, names):
                ours = (module or "").split(".")[:2] == ["autograder", "suite"]
                for alias in names:
                    what = Known(alias.name) if ours else External(f"{module}.{alias.name}")
                    scope.names[alias.asname or alias.name] = calling(what)
            case _:
                returned = []
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.stmt):
                        returned += self._statement(child, scope)
                    elif isinstance(child, ast.expr):
                        self._value(child, scope)
                return returned
        return []


def _is_fixture(function: Function) -> bool:
    return any(name.endswith("fixture") for name in decorators(function.node))


def _leaves(body: Sequence[ast.stmt]) -> bool:
    """Whether nothing that comes after this branch sees what it did."""
    match body[-1]:
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return True
        case ast.Expr(ast.Call(ast.Name("fail"))):
            return True
    return False
