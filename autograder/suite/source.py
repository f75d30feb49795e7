"""What stands in the submitted files, read as text: nothing here is parsed as Python."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import PurePosixPath

import msgspec

_MOST = 2**20
_LONG_LINE = re.compile(rb"[^\n]{10000,}")
_PATTERNS = 1000
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_CLASS = re.compile(r"\bclass\s+([^\W\d]\w*)")
_DEFINITION = re.compile(r"\s*(?:async\s+)?(?:def|class)\s+([^\W\d]\w*)")
_LITERAL = re.compile(r"""[fFrRuU]{0,2}(?:"([^"\\\n]{0,300})"|'([^'\\\n]{0,300})')""")


class Source:
    """Lines, identifiers, classes and strings of a submission, by the names tracebacks give.

    Of very large submissions only the beginning is looked at, without lines that hold data.
    """

    def __init__(self, texts: Mapping[str, str | bytes]) -> None:
        self._texts: dict[str, str] = {}
        left = _MOST
        for label, text in texts.items():
            content = text.encode(errors="replace") if isinstance(text, str) else text
            short = _LONG_LINE.sub(b"", content)[:left]
            self._texts[label] = short.decode(errors="replace")
            left -= len(short)

    @classmethod
    def of(cls, files: Sequence[tuple[str, bytes]], entry: str) -> "Source":
        """The submitted modules and cells; paths count from the folder of the main file."""
        folder, texts = PurePosixPath(entry).parent, dict[str, str | bytes]()
        for name, content in sorted(files, key=lambda file: file[0] != entry):
            if name == entry and name.lower().endswith(".ipynb"):
                cells = msgspec.json.decode(content, type=list[str])
                texts |= {f"cell {number}": cell for number, cell in enumerate(cells, 1)}
            elif name == entry:
                texts[name] = content
            elif name.endswith(".py") and PurePosixPath(name).is_relative_to(folder):
                texts[str(PurePosixPath(name).relative_to(folder))] = content
        return cls(texts)

    @cached_property
    def lines(self) -> dict[tuple[str, int], str]:
        """Every line that is not blank, by file and number."""
        return {
            (label, number): line
            for label, text in self._texts.items()
            for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1)
            if line.strip()
        }

    @cached_property
    def identifiers(self) -> frozenset[str]:
        """Every word that could be a name."""
        return frozenset(name for text in self._texts.values() for name in identifiers(text))

    @cached_property
    def classes(self) -> frozenset[str]:
        """Every `X` of a `class X`."""
        return frozenset(name for text in self._texts.values() for name in _CLASS.findall(text))

    @cached_property
    def strings(self) -> frozenset[str]:
        """Every string of one line without a backslash; neighbours are joined, as Python does."""
        found: set[str] = set()
        for text in self._texts.values():
            end, joined = -1, ""
            for match in _LITERAL.finditer(text):
                string = match[1] if match[1] is not None else match[2]
                adjacent = end >= 0 and not text[end : match.start()].strip()
                joined = joined + string if adjacent and len(joined) < 600 else string
                found |= {string, joined}
                end = match.end()
        return frozenset(found - {""})

    @cached_property
    def patterns(self) -> tuple[str, ...]:
        """The strings with something in braces, as f-strings have it."""
        return tuple(sorted(s for s in self.strings if re.search(r"\{[^{}]*\}", s))[:_PATTERNS])

    @cached_property
    def scopes(self) -> dict[tuple[str, int], tuple[str, ...]]:
        """The functions and classes around each line, by the indentation, the outermost first."""
        scopes: dict[tuple[str, int], tuple[str, ...]] = {}
        label, around = "", list[tuple[int, str]]()
        for (file, number), line in self.lines.items():
            if file != label:
                label, around = file, []
            depth = len(line) - len(line.lstrip())
            while around and around[-1][0] >= depth:
                around.pop()
            names = tuple(name for _, name in around)
            if definition := _DEFINITION.match(line):
                around.append((depth, definition[1]))
                if not line.rstrip().endswith((":", ",", "(")):  # with its body in the same line
                    names = (*names, definition[1])
            scopes[file, number] = names
        return scopes


def identifiers(line: str) -> frozenset[str]:
    """The words of a line that could be names."""
    return frozenset(_IDENTIFIER.findall(line))
