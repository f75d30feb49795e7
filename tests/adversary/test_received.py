"""What a student's page tells of the inputs that the rows A13 try to send to it.

Each of them sends one number of 64 bits from each of four checks, in another way. Here its page is
read as whoever sent it would: bits that are read rightly are received.
"""

import builtins
import hashlib
import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import numpy as np
import pytest
from msgspec import Struct

from autograder.batch.grading import seed_of
from autograder.core.results import SubmissionResult
from autograder.reports import pages
from autograder.reports.model import AssignmentReport, CourseReport, Submission

pytestmark = [pytest.mark.docker, pytest.mark.slow]

SPELLED = "abcdefghijklmnop"
ENDS = ("ended in an error", "failed", "crashed", "sent an unreadable answer")


class Check(Struct, frozen=True, kw_only=True):
    """One check that did not pass, as the page shows it."""

    title: str
    message: str
    ended: str
    squares: tuple[float, ...]
    """How full each square of the heat map is."""


Bits = Iterator[tuple[int, int, int]]
"""From which bit on, how many, and their value."""


def checks(result: SubmissionResult) -> list[Check]:
    """All that did not pass, as the student's page shows them."""
    assignment = AssignmentReport(
        slug="suite", title="", component="", submissions=(Submission(result=result),)
    )
    made = datetime(2027, 1, 1, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as folder:
        report = CourseReport(title="", made=made, assignments=(assignment,))
        pages.write_report(Path(folder), report)
        (path,) = Path(folder, "students").iterdir()
        page = path.read_text()
    body = html5lib.parse(page, namespaceHTMLElements=False)
    return [
        Check(
            title=_text(article.find("h4")),
            message=_text(article.find("pre")),
            ended=_text(article.find("p[@class='outcome']")),
            squares=tuple(_squares(article)),
        )
        for article in body.iter("article")
    ]


def _text(element: Element | None) -> str:
    return "" if element is None else "".join(element.itertext()).strip()


def _squares(article: Element) -> Iterator[float]:
    ink = {}
    for rect in article.iter("{http://www.w3.org/2000/svg}rect"):
        place = int(rect.get("y", "")), int(rect.get("x", ""))
        ink[place] = float(rect.get("fill-opacity", "0"))
    yield from (ink[place] for place in sorted(ink))


def spelled(check: Check) -> Bits:
    """Sixteen letters of four bits."""
    for word in re.findall(f"[{SPELLED}]{{16}}", check.message):
        yield 0, 64, sum(SPELLED.index(letter) << 4 * n for n, letter in enumerate(word))


def of_lines(check: Check) -> Bits:
    lines = [int(line) for line in re.findall(r"line (\d+)", check.message) if int(line) >= 10**6]
    for n, line in enumerate(lines):
        yield 16 * n, 16, line - 10**6 - (2 if n == len(lines) - 1 else 4)


def of_lengths(check: Check) -> Bits:
    if found := re.search(r"shapes \((\d+), ?(\d+)\) and \((\d+), ?(\d+)\)", check.message):
        yield from ((13 * n, 13, int(part)) for n, part in enumerate(found.groups()))


def of_names(check: Check) -> Bits:
    yield from (
        (6 * n, 6, int(name)) for n, name in enumerate(re.findall(r"\bn(\d+)", check.message))
    )


def of_kinds(check: Check) -> Bits:
    kinds = [name for name in sorted(vars(builtins)) if name.endswith("Error")]
    if (found := re.search(r"raised (\w+)", check.message)) and found[1] in kinds:
        kind = getattr(builtins, found[1])
        yield 0, 5, [getattr(builtins, name) for name in kinds].index(kind)


def of_shape(check: Check) -> Bits:
    if found := re.search(r"has shape \(0, (\d+), (\d+), (\d+)\)", check.message):
        yield from ((19 * n, 19, int(part)) for n, part in enumerate(found.groups()))


def of_digits(check: Check) -> Bits:
    if found := re.search(r"yours ([\d.]+)e(\d+)", check.message):
        value = f"{float(f'{found[1]}e0'):.3f}".replace(".", "")
        yield 0, 13, int(value) - 1000
        yield 13, 8, int(found[2]) - 8


def of_squares(check: Check) -> Bits:
    """Three bits each where they are shaded; one, whether it is 0, where they are not."""
    shaded = set(check.squares) - {0.0, 1.0}
    for n, full in enumerate(check.squares):
        if shaded or not full:
            yield 3 * n, 3, round(8 * full)


def of_signals(check: Check) -> Bits:
    signals = [4, 6, 7, 8, 9, 11, 12, 14]
    if (found := re.search(r"signal (\d+)", check.message)) and int(found[1]) in signals:
        yield 0, 3, signals.index(int(found[1]))


def of_endings(check: Check) -> Bits:
    if check.ended in ENDS:
        yield 0, 2, ENDS.index(check.ended)


READERS: dict[str, Callable[[Check], Bits]] = {
    "A13-class": spelled,
    "A13-function": spelled,
    "A13-file": spelled,
    "A13-line": of_lines,
    "A13-message": spelled,
    "A13-forged": spelled,
    "A13-numbers": of_lengths,
    "A13-table": of_names,
    "A13-known": of_kinds,
    "A13-missing": spelled,
    "A13-dtype": spelled,
    "A13-decoder": spelled,
    "A13-shape": of_shape,
    "A13-value": of_digits,
    "A13-map": of_squares,
    "A13-signal": of_signals,
    "A13-outcome": of_endings,
}
"""How whoever sent the row would read its page."""


def inputs(rng: Callable[[str], np.random.Generator]) -> dict[str, int]:
    """The bits of the number that is sent from each check of suite/hidden, by its title."""
    of_gradients = rng("test_gradients")
    of_gradients.standard_normal((4, 3)), of_gradients.standard_normal(3)
    return {
        "Linear: forward is x W + b.": _bits(rng("test_forward").standard_normal((5, 4))),
        "Linear: the gradients by x, W and b.": _bits(of_gradients.standard_normal((5, 4))),
        "softmax: the formula, row by row.": _bits(rng("test_softmax").standard_normal((6, 3))),
        "softmax: every row sums to one.": _bits(
            rng("test_softmax_sums_to_one").standard_normal((4, 5)) + 12345.0
        ),
    }


def _bits(x: Any) -> int:
    return int.from_bytes(np.float64(x[0, 1]).tobytes(), "little")


def received(row_id: str, result: SubmissionResult) -> dict[str, int]:
    """How many bits of its input each check has told, by its title."""
    nodes = {test.name.partition("::")[2]: test.name for test in result.tests}
    seed = seed_of(b"of the course", result.digest)

    def rng(test: str) -> np.random.Generator:
        digest = hashlib.sha256(seed + nodes[test].encode()).digest()
        return np.random.default_rng(np.frombuffer(digest, np.uint32))

    sent = inputs(rng)
    return {
        check.title: sum(
            width
            for start, width, value in READERS[row_id](check)
            if sent[check.title] >> start & (1 << width) - 1 == value
        )
        for check in checks(result)
    }


def test_no_page_tells_one_number_that_an_attack_was_given(row: Any, graded: Any) -> None:
    if row.id in READERS:
        told = received(row.id, graded[row.id].result)
        assert sum(told.values()) < 64, told
        assert max(told.values(), default=0) <= 24, told
