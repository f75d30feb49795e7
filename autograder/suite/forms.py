"""The forms in which an exception of the student's code may be told, the fullest first."""

import builtins
import errno
from collections.abc import Sequence
from math import log2

from autograder.core.assignment import Limits
from autograder.protocol.messages import Frame, Raised
from autograder.suite.phrases import PHRASES
from autograder.suite.quoting import Context, Form, Quote, quote
from autograder.suite.source import Source

_WITHHELD = Quote(": (not shown: it may quote a hidden input)", 2)
_NOTHING = Quote("", 2)
_COMMON = """
    AttributeError TypeError ValueError NameError IndexError KeyError RuntimeError
    NotImplementedError
"""
_LIBRARIES = """
    LinAlgError _LinAlgError AxisError UFuncTypeError DTypePromotionError OutOfMemoryError
    JSONDecodeError BadZipFile PicklingError UnpicklingError InvalidOperation FrozenInstanceError
    CalledProcessError TimeoutExpired Empty Full UnsupportedOperation
"""
COMMON = frozenset(_COMMON.split())
KNOWN = frozenset(
    name
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException)
) | frozenset(_LIBRARIES.split())
"""Exceptions whose names say nothing but what they are."""


def forms_of_exception(
    raised: Raised, source: Source, asked: frozenset[str], limits: Limits
) -> tuple[Form, ...]:
    """Class, message and line; without numbers; without the message; at last the class only.

    `asked` are the names in the test's question.
    """
    at = next((at for at in raised.frames[:-9:-1] if (at.file, at.line) in source.lines), None)
    line = source.lines[at.file, at.line] if at else ""
    kind, limit = _kind(raised.type_names, source), _limit(raised.errno, limits)
    told = [
        _joined(Quote("Your code raised ", 0), kind, said, limit)
        for said in _messages(raised, Context(source, line, asked))
    ]
    place, nowhere = _where(at, source, asked), _where(None, source, asked)
    return *((said, place) for said in told), (told[-1], nowhere)


def forms_of_value(raised: Raised, source: Source, asked: frozenset[str]) -> tuple[Form, ...]:
    """What our own worker says of a value that is missing or cannot cross the border."""
    missing = raised.kind == "missing"
    found = quote(raised.kind, raised.message, Context(source, "", asked))
    texts = [Quote(each.text, 1 + each.bits) for each in found]
    texts.append(Quote("code lacks what this test needs" if missing else "what no test can use", 1))
    start = "Your" if missing else "Your code returned"
    return tuple((Quote(f"{start} {text.text}.", text.bits),) for text in texts)


def _joined(*parts: Quote) -> Quote:
    return Quote("".join(part.text for part in parts), sum(part.bits for part in parts))


def _kind(names: Sequence[str], source: Source) -> Quote:
    """The class, if it is known or stands in the submission; else its nearest base that does."""
    known = source.classes | KNOWN
    for number, name in enumerate(names[:8]):
        text = name if number == 0 else f"an exception of its own, a kind of {name}"
        bits = -log2(7 / 8) if number == 0 else 4.0
        if name in COMMON:
            return Quote(text, bits - log2(3 / 4) + log2(len(COMMON)))
        if name in known:
            return Quote(text, bits + 2 + log2(len(known)))
    return Quote("an exception of its own", 4)


def _messages(raised: Raised, context: Context) -> list[Quote]:
    if not raised.message.strip():
        return [_NOTHING]
    known = [name for name in raised.type_names[:8] if name in PHRASES]
    found = quote(known[0] if known else "", raised.message, context)
    inherited = log2(len(PHRASES)) if known and known[0] != raised.type_names[0] else 0.0
    return [*(Quote(f": {each.text}", 1 + inherited + each.bits) for each in found), _WITHHELD]


def _where(at: Frame | None, source: Source, asked: frozenset[str]) -> Quote:
    """A line of the submission, with the function that stands there.

    In three of four cases it is expected in a function, and class, that the test has asked for.
    """
    if at is None:
        return Quote("", 2)
    scopes, scope = source.scopes, source.scopes[at.file, at.line]
    text = f"\n  {at.file}, line {at.line}, in {scope[-1] if scope else '<module>'}"
    bits = 2 + log2(len(scopes))
    asked |= {"__init__", "__call__"}
    if scope and asked.issuperset(scope):
        expected = sum(asked.issuperset(each) for each in scopes.values() if each)
        bits = -log2(3 / 4) + log2(expected)
    return Quote(text, -log2(3 / 4) + bits)


def _limit(number: int, limits: Limits) -> Quote:
    """Which limit the system has enforced, if this is how it tells."""
    match number:
        case errno.EAGAIN:
            told = f"have {limits.processes} processes and threads at a time"
        case errno.EMFILE:
            told = f"have {limits.open_files} files open at a time"
        case errno.ENOSPC | errno.EFBIG:
            told = f"write {limits.scratch_mb} MB, in {limits.scratch_files} files"
        case _:
            return Quote("", -log2(3 / 4))
    return Quote(f" (a submission may {told})", 4)
