"""What an expression of a hidden suite may be, as far as its source tells."""

from __future__ import annotations

import ast
from enum import IntEnum

from msgspec import Struct


class Origin(IntEnum):
    """Who has made a value."""

    SUITE = 0
    """The suite itself, or the student's code once a check has looked at its form."""
    OBJECT = 1
    """An object that stays in the worker: its operators are applied there."""
    STUDENT = 2
    """The student's code: it may be anything."""


class Function(Struct, frozen=True):
    """A function or lambda of the suite, with the names around it."""

    node: ast.FunctionDef | ast.Lambda
    scope: Scope
    file: str
    bound: tuple[Value, ...] = ()
    """What comes before the arguments of a call: `self`."""

    def bind(self, *values: Value) -> Function:
        """The function as a method."""
        return Function(self.node, self.scope, self.file, values)


class Class(Struct, frozen=True, eq=False):
    """A class of the suite; its objects share what is known of their attributes."""

    node: ast.ClassDef
    methods: dict[str, Function]
    attributes: dict[str, Value] = {}


class Instance(Struct, frozen=True):
    """An object of a class of the suite."""

    of: Class


class Known(Struct, frozen=True):
    """Something whose meaning the lint knows: a builtin, a fixture, a helper of the suite API."""

    name: str


class External(Struct, frozen=True):
    """What a module outside of the suite defines, `numpy.linalg.norm` for example."""

    name: str


Callee = Function | Class | Instance | Known | External


class Value(Struct, frozen=True):
    """What an expression may be."""

    origin: Origin = Origin.SUITE
    parts: tuple[Value, ...] = ()
    """What a list, tuple or dict that the suite has made holds; none if nothing is the student's"""
    ordered: bool = False
    """Whether the parts stand for the items one by one, not for each of them."""
    callees: frozenset[Callee] = frozenset()

    @property
    def unchecked(self) -> bool:
        """Whether something of the student's is in it."""
        return self.origin is not Origin.SUITE or any(part.unchecked for part in self.parts)

    @property
    def notable(self) -> bool:
        """Whether anything is to be remembered of it."""
        return self.unchecked or bool(self.callees) or any(part.notable for part in self.parts)

    @property
    def item(self) -> Value:
        """What each item of this container may be."""
        return join(*self.parts)


class Arguments(Struct, frozen=True):
    """What a function is called with."""

    positional: tuple[Value, ...] = ()
    named: tuple[tuple[str, Value], ...] = ()
    spread: Value | None = None
    """What the further ones may be, whose number the source does not tell: `*values`."""

    @property
    def all(self) -> tuple[Value, ...]:
        """Every one of them."""
        more = () if self.spread is None else (self.spread,)
        return (*self.positional, *(value for _, value in self.named), *more)


OURS = Value()
OBJECT = Value(origin=Origin.OBJECT)
THEIRS = Value(origin=Origin.STUDENT)
MODULE = Value(origin=Origin.OBJECT, callees=frozenset([Known("student")]))
"""What the fixture `student` gives."""


def join(*values: Value) -> Value:
    """What a value may be that is one of these."""
    if not values:
        return OURS
    if len(set(values)) == 1:
        return values[0]
    origins = {value.origin for value in values}
    origin = origins.pop() if len(origins) == 1 else Origin.STUDENT
    parts = [value.parts for value in values if value.parts]
    ordered = len(parts) == len(values) and all(value.ordered for value in values)
    if ordered and len({len(each) for each in parts}) == 1:
        merged = tuple(join(*items) for items in zip(*parts, strict=True))
    else:
        ordered = False
        merged = (join(*(part for each in parts for part in each)),) if parts else ()
    callees = frozenset[Callee]().union(*(value.callees for value in values))
    return Value(origin, merged, ordered, callees)


def container(*items: Value, ordered: bool = False) -> Value:
    """A list, tuple or dict of such items."""
    if not any(item.notable for item in items):
        return OURS
    return Value(parts=items if ordered else (join(*items),), ordered=ordered)


def calling(callee: Callee) -> Value:
    """Something that can be called."""
    return Value(callees=frozenset([callee]))


class Scope:
    """Names and what they hold, within the scope around them."""

    def __init__(self, around: Scope | None = None) -> None:
        self.names: dict[str, Value] = {}
        self.is_module = around is None
        self._around = around

    def get(self, name: str) -> Value | None:
        """What a name holds; None where nothing has defined it."""
        value = self.names.get(name)
        if value is None and self._around is not None:
            return self._around.get(name)
        return value

    def home(self, name: str) -> Scope:
        """The scope that a name belongs to; this one, where nothing has defined it."""
        if name in self.names or self._around is None or self._around.get(name) is None:
            return self
        return self._around.home(name)

    def merge(self, other: dict[str, Value]) -> None:
        """After a branch that may have been taken, or not."""
        for name in {*self.names, *other}:
            here, there = self.names.get(name), other.get(name)
            self.names[name] = join(*(value for value in (here, there) if value is not None))
