"""What a student's code says, rebuilt from what is known beforehand, and what that may tell.

A message such as "shapes (8,4) and (3,4) not aligned" helps; but code that puts its input into a
message would read hidden inputs from its own report. So a message is quoted only where it is one of
`PHRASES` or a string of the submission; all that varies in it is a number, a name that stands in
the submission or one that we know. Each such choice is counted: `bits` is the length of the message
in a prefix code that a reader of the submission could write down, so that whoever picks among
messages of b bits in all tells no more than b bits (Kraft's inequality).
"""

import builtins
import re
from collections.abc import Callable, Collection, Sequence
from functools import cache
from math import log2

import numpy as np
from msgspec import Struct

from autograder.protocol.codec import DTYPES
from autograder.suite.phrases import PHRASES
from autograder.suite.source import Source, identifiers

_LONGEST = 300
_COMMON = 8
"""So many of each list of phrases are the common ones."""
_SLOT = re.compile(r"\{([a-z.]+)\}")
_PATTERNS = {
    "n": r"(\d{1,9})",
    "i": r"(-?\d{1,9})",
    "shape": r"([(\[][\d, ]{0,60}(?:newaxis)?[)\]])",
    "name": r"([^\W\d]\w*)",
    "names": r"('[^\W\d]\w*'(?:,? (?:and )?'[^\W\d]\w*'){0,7})",
    "call": r"([\w.<>]{1,120})",
    "module": r"([\w.]{1,120})",
    "type": r"([\w.]{1,80})",
    "ufunc": r"(\w+)",
    "dtype": r"(\w+)",
    "op": r"([^\s\w']{1,3}|\*\* or pow\(\))",
    "string": r"(.{1,200})",
    "asked": r"(.{1,200})",
    "s": r"(s?)",
    "were": r"(was|were)",
    "...": r"(.*)",
}
_COMMON_TYPES = ("NoneType", "int", "float", "str", "list", "tuple", "numpy.ndarray", "Tensor")
_TYPES = """
    bool dict set frozenset complex bytes range slice object type function method module super zip
    builtin_function_or_method method_descriptor wrapper_descriptor generator map filter enumerate
    reversed property ellipsis cell staticmethod classmethod dict_keys dict_values dict_items
    list_iterator numpy.float64 numpy.float32 numpy.int64 numpy.int32 numpy.bool numpy.str_
    numpy.ufunc numpy._ArrayFunctionDispatcher numpy.random._generator.Generator Generator
    numpy.random.mtrand.RandomState RandomState torch.FloatTensor torch.DoubleTensor
    torch.LongTensor torch.IntTensor torch.BoolTensor torch.Size torch.dtype torch.device Parameter
    Module ModuleList ModuleDict Linear Conv2d Sequential ReLU Tanh Sigmoid Dropout BatchNorm1d
    BatchNorm2d Embedding LSTM RNN GRU MaxPool2d Flatten SGD Adam DataLoader collections.deque
    collections.defaultdict defaultdict OrderedDict partial Path PosixPath
"""
_NUMERIC = {"n", "i", "shape"}
_OPERATORS = "+ - * / // % @ ** & | ^ << >> += -= *= /= //= %= @= **= &= |= ^= < > <= >= == != ~"
_TORCH_DTYPES = "Float Double Half BFloat16 Long Int Short Byte Bool float double long"
_VOCABULARY = {
    "type": frozenset(_TYPES.split()),
    "op": frozenset((*_OPERATORS.split(), "** or pow()")),
    "dtype": frozenset((*DTYPES, *_TORCH_DTYPES.split(), "object", "str")),
    "name": frozenset((*dir(builtins), "__call__", "__round__", "__getitem__")),
    "ufunc": frozenset(name for name in dir(np) if isinstance(getattr(np, name), np.ufunc)),
}


class Quote(Struct, frozen=True):
    """What may be shown, and at most how many bits of a choice it is."""

    text: str
    bits: float


Form = tuple[Quote, ...]
"""The parts of one message; a part that was told before tells less when it is told again."""


class Context(Struct, frozen=True):
    """What a message may be made of."""

    source: Source
    line: str = ""
    """Of the submission, where it was raised."""
    asked: frozenset[str] = frozenset()
    """The names in the test's question."""


def quote(kind: str, said: str, context: Context) -> tuple[Quote, ...]:
    """The first line of what an exception of this class (or a kind of Raised) says, if it is known.

    In full, then, if there are numbers in it, with `…` for each of them.
    """
    line = said.partition("\n")[0][:_LONGEST].strip()
    phrases = _phrases(kind)
    for number, phrase in enumerate(phrases):
        if found := phrase.read(line, context):
            among = _COMMON if number < _COMMON else len(phrases)
            return tuple(Quote(each.text, 2 + log2(among) + each.bits) for each in found)
    return tuple(Quote(each.text, 1 + each.bits) for each in _string(line, context))


def number_bits(number: int) -> float:
    """The length of a natural number in a prefix code, which is short for small ones."""
    if number < 8:
        return 3 - log2(3 / 4)
    return 9.0 if number < 64 else 4.0 + 2 * int(log2(number - 63))


class _Phrase:
    def __init__(self, text: str) -> None:
        parts = _SLOT.split(text)
        self._texts, self._slots = parts[::2], parts[1::2]
        parts[::2] = map(re.escape, self._texts)
        parts[1::2] = (_PATTERNS[slot] for slot in self._slots)
        self._pattern = re.compile("".join(parts))

    def read(self, line: str, context: Context) -> tuple[Quote, ...]:
        """The line in canonical form, if all its slots hold what they may."""
        if (match := self._pattern.fullmatch(line)) is None:
            return ()
        found = [
            _READERS[slot](value, context)
            for slot, value in zip(self._slots, match.groups(), strict=True)
        ]
        return _with_and_without_numbers(self._texts, found, self._slots)


@cache
def _phrases(kind: str) -> tuple[_Phrase, ...]:
    return tuple(map(_Phrase, (*PHRASES.get(kind, ()), *PHRASES[""])))


def _woven(texts: Sequence[str], found: Sequence[Quote | None]) -> Quote | None:
    """The texts with what was found between them, if each was."""
    shown, bits = texts[0], 0.0
    for quote, text in zip(found, texts[1:], strict=True):
        if quote is None:
            return None
        shown, bits = shown + quote.text + text, bits + quote.bits
    return Quote(shown.strip(), bits)


def _with_and_without_numbers(
    texts: Sequence[str], found: Sequence[Quote | None], slots: Sequence[str]
) -> tuple[Quote, ...]:
    if (full := _woven(texts, found)) is None:
        return ()
    if not _NUMERIC & set(slots):
        return (full,)
    bare = [
        Quote("…", 0) if slot in _NUMERIC else quote
        for slot, quote in zip(slots, found, strict=True)
    ]
    both = full, _woven(texts, bare)
    return tuple(Quote(each.text, 1 + each.bits) for each in both if each)


def _listed(found: Sequence[Quote | None], between: str) -> Quote | None:
    listed = _woven(["", *[between] * (len(found) - 1), ""], found)
    return listed and Quote(listed.text, listed.bits + number_bits(len(found)))


def _one_of(value: str, *groups: Collection[str]) -> Quote | None:
    """The value, if a group holds it; which one costs a bit more each, but for the last."""
    for number, group in enumerate(groups, 1):
        if value in group:
            return Quote(value, min(number, len(groups) - 1) + log2(len(group)))
    return None


def _name(value: str, context: Context) -> Quote | None:
    groups = (
        identifiers(context.line),
        context.source.identifiers,
        context.asked,
        _VOCABULARY["name"],
    )
    return _one_of(value, *groups)


def _names(value: str, context: Context) -> Quote | None:
    names = [_name(name, context) for name in re.findall(r"'(\w+)'", value)]
    return _listed([name and Quote(f"'{name.text}'", name.bits) for name in names], ", ")


def _call(value: str, context: Context) -> Quote | None:
    """The function, with its class: `Linear.forward`."""
    parts = [part for part in value.split(".") if part != "<locals>"]
    return _listed([_function(part, context) for part in parts[-2:]], ".")


def _function(value: str, context: Context) -> Quote | None:
    if value == "<lambda>":
        return Quote(value, 1)
    name = value if value.startswith("__") else value.removeprefix("_")  # numpy's own `_sum`
    found = _name(name, context) or _one_of(name, _VOCABULARY["ufunc"])
    return found and Quote(found.text, 2 + found.bits)


def _module(value: str, context: Context) -> Quote | None:
    return _listed([_name(part, context) for part in value.split(".")], ".")


def _type(value: str, context: Context) -> Quote | None:
    return _one_of(value, _COMMON_TYPES, context.source.classes, _VOCABULARY["type"])


def _integer(value: str, context: Context) -> Quote:
    number = int(value)
    return Quote(str(number), 1 + number_bits(abs(number)))


def _shape(value: str, context: Context) -> Quote | None:
    lengths = re.findall(r"\d+|newaxis", value)
    if any(len(length) > 9 for length in lengths):
        return None
    numbers = [int(length) for length in lengths if length != "newaxis"]
    shown = [*map(str, numbers), *["-1"] * (len(numbers) < len(lengths))]
    text = ", ".join(shown) + ("," if len(shown) == 1 and value[0] == "(" else "")
    bits = 4 if "newaxis" in value else -log2(15 / 16)
    bits += 1 if len(numbers) == 2 else 1 + number_bits(len(numbers))
    bits += sum(map(number_bits, numbers))
    return Quote(f"({text})" if value[0] == "(" else f"[{text}]", bits)


def _string(value: str, context: Context) -> tuple[Quote, ...]:
    """The value, if the submission holds it as a string, or an f-string that it can be."""
    strings = context.source.strings
    if value in strings:
        return (Quote(value, 1 + log2(len(strings))),)
    for string in context.source.patterns:
        if found := _filled(string, value, context):
            bits = 1 + log2(len(strings))
            return tuple(Quote(each.text, bits + each.bits) for each in found)
    return ()


def _filled(string: str, value: str, context: Context) -> tuple[Quote, ...]:
    """The value, if it is the string with numbers, shapes and names in its braces."""
    first, *texts = re.split(r"\{[^{}]*\}", string)
    if not value.startswith(first) or not all(texts[:-1]) or not value.endswith(texts[-1]):
        return ()
    left, parts = value.removeprefix(first).removesuffix(texts[-1]), list[str]()
    for text in texts[:-1]:
        part, _, left = left.partition(text)
        parts.append(part)
    parts.append(left)
    slots = [_slot_of(part) for part in parts]
    found = [_READERS[slot](part, context) for slot, part in zip(slots, parts, strict=True)]
    inserted = [each and Quote(each.text, 2 + each.bits) for each in found]
    return _with_and_without_numbers([first, *texts], inserted, slots)


def _slot_of(value: str) -> str:
    found = (slot for slot in ("i", "shape", "name") if re.fullmatch(_PATTERNS[slot], value))
    return next(found, "type")


_READERS: dict[str, Callable[[str, Context], Quote | None]] = {
    "n": lambda value, context: Quote(str(int(value)), number_bits(int(value))),
    "i": _integer,
    "shape": _shape,
    "name": _name,
    "names": _names,
    "call": _call,
    "module": _module,
    "type": _type,
    "ufunc": lambda value, context: _one_of(value, _VOCABULARY["ufunc"]),
    "dtype": lambda value, context: _one_of(value, _VOCABULARY["dtype"]),
    "op": lambda value, context: _one_of(value, _VOCABULARY["op"]),
    "string": lambda value, context: next(iter(_string(value, context)), None),
    "asked": lambda value, context: _one_of(value, context.asked),
    "s": lambda value, context: Quote(value, 1),
    "were": lambda value, context: Quote(value, 1),
    "...": lambda value, context: Quote("", 0),
}
