"""The names that a test's own question holds: an answer may say that one of them is missing."""

from collections.abc import Iterable, Iterator

from autograder.protocol.operations import Call, Get, Operation, Read, Set, Sweep


def names_asked(operations: Iterable[Operation]) -> frozenset[str]:
    """Attributes, functions, keyword arguments and files, not values."""
    return frozenset(name for operation in operations for name in _names(operation))


def _names(operation: Operation) -> Iterator[str]:
    match operation:
        case Get(path=path) | Set(path=path):
            yield from _steps(path)
        case Read(path):
            yield path
        case Call(path=path, kwargs=kwargs):
            yield from _steps(path)
            yield from (name for name, _ in kwargs)
        case Sweep(call=call, vary=vary):
            yield from _names(call)
            if not isinstance(vary, int):
                yield from _steps(vary)
                yield ".".join(map(str, vary))


def _steps(path: Iterable[str | int]) -> Iterator[str]:
    return (step for step in path if isinstance(step, str))
