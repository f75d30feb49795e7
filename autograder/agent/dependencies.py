"""Which top-level statements of a notebook its required names rest on."""

import ast
import dis
import re
from collections.abc import Iterable, Mapping, Sequence
from types import CodeType

from msgspec import Struct

_IMPORTS = (ast.Import, ast.ImportFrom)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SETTING = re.compile(r"set|(manual_)?seed")

# Operations on global names, with how far their argument is shifted to leave room for a flag.
_READS = {
    dis.opmap[name]: shift
    for name, shift in (("LOAD_NAME", 0), ("LOAD_GLOBAL", 1), ("LOAD_FROM_DICT_OR_GLOBALS", 0))
    if name in dis.opmap  # the last one only from Python 3.12 on
}
_WRITES = {dis.opmap["STORE_NAME"]: 0, dis.opmap["STORE_GLOBAL"]: 0}
_WRITES_INSIDE = {dis.opmap["STORE_GLOBAL"]: 0}


class Statement(Struct, frozen=True, kw_only=True):
    """A compiled top-level statement and the global names that it binds and reads."""

    cell: str
    """The label of its cell, or the name of its module."""
    tree: ast.stmt
    code: CodeType
    binds: frozenset[str]
    """Bound when the statement runs."""
    rebinds: frozenset[str]
    """Declared `global` and bound by a function in it."""
    uses: frozenset[str]
    """Read or rebound when the statement runs, or when a function in it is called."""

    @classmethod
    def of(cls, tree: ast.stmt, code: CodeType, cell: str) -> "Statement":
        """The statement; its names are those of the bytecode, where all scopes are resolved."""
        blocks = [code]
        for block in blocks:
            blocks += [const for const in block.co_consts if isinstance(const, CodeType)]
        rebinds = frozenset().union(*(_names(block, _WRITES_INSIDE) for block in blocks[1:]))
        return cls(
            cell=cell,
            tree=tree,
            code=code,
            binds=frozenset(_names(code, _WRITES)),
            rebinds=rebinds,
            uses=rebinds.union(*(_names(block, _READS) for block in blocks)),
        )


def needed(statements: Sequence[Statement], roots: Iterable[str]) -> list[Statement]:
    """The statements that `roots` rest on, in order; without roots, that the definitions rest on.

    The rule is stated in :mod:`autograder.agent.extraction`.
    """
    names = _Names(statements)
    touched = [names.touched(statement) for statement in statements]
    wanted = set(roots) or set(names.definitions)
    kept = [False] * len(statements)
    growing = True
    while growing:
        growing = False
        for number, statement in enumerate(statements):
            if not kept[number] and (
                not wanted.isdisjoint(touched[number]) or _is_always_kept(statement.tree)
            ):
                kept[number] = growing = True
                wanted |= statement.uses
    return [statement for statement, keep in zip(statements, kept, strict=True) if keep]


class _Names:
    """What the statements of a notebook do to its global names."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self.imported: set[str] = set()
        self.definitions: dict[str, list[Statement]] = {}
        self._effects: dict[str, set[str]] = {}
        for statement in statements:
            if isinstance(statement.tree, _IMPORTS):
                self.imported |= statement.binds
            elif isinstance(statement.tree, _DEFINITIONS):
                self.definitions.setdefault(statement.tree.name, []).append(statement)

    def touched(self, statement: Statement) -> set[str]:
        """The names that the statement binds, or whose objects it changes, when it runs."""
        tree = statement.tree
        touched = set(statement.binds)
        called = []
        if isinstance(tree, _DEFINITIONS):
            for decorator in tree.decorator_list:
                function = decorator.func if isinstance(decorator, ast.Call) else decorator
                if isinstance(function, ast.Name):
                    called.append(function.id)
                elif (owner := _owner(function)) not in self.imported:
                    touched.add(owner)
        else:
            nodes = list(ast.walk(tree))
            touched |= statement.rebinds | self._changed(nodes)
            for node in nodes:
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    called.append(node.func.id)
        return touched.union(*map(self._effects_of_calling, called))

    def _effects_of_calling(self, function: str) -> set[str]:
        if function not in self._effects:
            effects: set[str] = set()
            for statement in self.definitions.get(function, ()):
                changed = self._changed(ast.walk(statement.tree))
                effects |= statement.rebinds | (changed & statement.uses)
            self._effects[function] = effects
        return self._effects[function]

    def _changed(self, nodes: Iterable[ast.AST]) -> set[str]:
        """The names whose objects the nodes change in place, as far as that can be seen."""
        changed = set()
        for node in nodes:
            match node:
                case ast.Attribute() | ast.Subscript() if not isinstance(node.ctx, ast.Load):
                    changed.add(_owner(node))
                case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[target, *_]):
                    changed.add(_owner(target))
                case ast.Expr(value=ast.Call(func=ast.Attribute(attr=method) as function)):
                    owner = _owner(function)
                    is_setting = owner in self.imported and _SETTING.match(method)
                    if is_setting or owner not in self.imported | self.definitions.keys():
                        changed.add(owner)
        return changed - {""}


def _owner(node: ast.AST) -> str:
    """The name at the left of `name.attribute[index]…`; empty if there is none."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_always_kept(tree: ast.stmt) -> bool:
    """Whether all of the notebook may rest on it, whatever names it binds."""
    if isinstance(tree, ast.ImportFrom):
        return tree.module == "__future__" or tree.names[0].name == "*"
    match tree:
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(attr="setrecursionlimit") | ast.Name(id="setrecursionlimit")
            )
        ):
            return True
    return False


def _names(code: CodeType, operations: Mapping[int, int]) -> set[str]:
    """The names that the given operations of one code object are about."""
    names = set()
    extended = 0
    for operation, low in zip(code.co_code[::2], code.co_code[1::2], strict=True):
        argument = extended | low
        extended = argument << 8 if operation == dis.EXTENDED_ARG else 0
        if operation in operations:
            names.add(code.co_names[argument >> operations[operation]])
    return names
