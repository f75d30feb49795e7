"""What people read of an attack tells no secret, and does nothing where it is read."""

import csv
import io
import re
import tempfile
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import html5lib
import pytest
from msgspec import Struct
from msgspec.structs import replace
from rich.console import Console

from autograder.core.results import Phases, Provenance, SubmissionResult
from autograder.reports import pages, tables
from autograder.reports.model import AssignmentReport, CourseReport, Submission
from autograder.reports.terminal import render_submission

pytestmark = [pytest.mark.docker, pytest.mark.slow]

HIDDEN = ("CANARY", "7f3a9", "31337", "12345", "test_", ".py", "Traceback")
"""Text and inputs of the hidden suite, and what our own traces are made of."""
PLACES = (str(Path(__file__).parents[2]), tempfile.gettempdir(), "/home", "/root")
"""Of our machine."""
FORMULA = re.compile(r"\s*[=+\-@]")
OUR_LINK = re.compile(r"(\.\./)?(index|(students|assignments)/[a-z0-9_.-]+)\.html")
ACTIVE = {"script", "img", "iframe", "object", "embed", "form", "input", "base", "link", "audio"}


class Shown(Struct, frozen=True, kw_only=True):
    """What people read of a result."""

    pages: tuple[str, ...]
    """All HTML; the student's own page comes first."""
    cells: tuple[str, ...]
    """Of the table for a spreadsheet."""
    terminal: str

    @property
    def told(self) -> str:
        """All that the student reads, without the name of the student's own file."""
        (body,) = html5lib.parse(self.pages[0], namespaceHTMLElements=False).iter("body")
        return ("".join(body.itertext()) + self.terminal).replace("submission.py", "")


def show(result: SubmissionResult) -> Shown:
    """The result as page, table and terminal show it, without what it was made with."""
    provenance = Provenance(isolation=result.provenance.isolation)
    submission = Submission(result=replace(result, provenance=provenance))
    assignment = AssignmentReport(
        slug="suite",
        title="What is attacked",
        component="practicals",
        submissions=(submission,),
    )
    report = CourseReport(
        title="Adversaries", made=datetime(2027, 1, 1, tzinfo=UTC), assignments=(assignment,)
    )
    terminal = io.StringIO()
    console = Console(file=terminal, width=500, color_system=None)
    console.print(render_submission(submission))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pages.write_report(folder, report)
        table = tables.write_results_csv(folder / "results.csv", report)
        with table.open(encoding="utf-8", newline="") as file:
            cells = [cell for line in csv.reader(file) for cell in line]
        html = [*folder.glob("students/*"), *folder.glob("*.html"), *folder.glob("assignments/*")]
        return Shown(
            pages=tuple(page.read_text(encoding="utf-8") for page in html),
            cells=tuple(cells),
            terminal=terminal.getvalue(),
        )


def active(page: str) -> list[str]:
    """What of a page does something and is not its templates' own."""
    found = []
    for element in html5lib.parse(page, namespaceHTMLElements=False).iter():
        found += [element.tag] if element.tag in ACTIVE else []
        found += [name for name in element.attrib if name.startswith(("on", "style", "src"))]
        found += [] if OUR_LINK.fullmatch(element.get("href", "index.html")) else ["href"]
    return found


def formulas(shown: Shown) -> list[str]:
    """Lines of cells that a spreadsheet would compute."""
    lines = [line for cell in shown.cells for line in cell.splitlines()]
    return [line for line in lines if FORMULA.match(line)]


def test_an_attack_learns_nothing_of_the_hidden_suite(row: Any, graded: Any) -> None:
    told = show(graded[row.id].result).told
    for name in row.files:  # a note may name the student's own
        told = told.replace(name, "")
    assert [word for word in HIDDEN + PLACES if word in told] == []
    assert row.told in told


def test_what_is_shown_of_an_attack_does_nothing(row: Any, graded: Any) -> None:
    shown = show(graded[row.id].result)
    assert [found for page in shown.pages for found in active(page)] == []
    assert formulas(shown) == []
    assert {c for c in shown.terminal if unicodedata.category(c) in ("Cc", "Cf")} <= {"\n"}
    assert [line for line in shown.terminal.splitlines() if line.startswith(("::", "##"))] == []


def test_tripwire_i01_a_page_that_escapes_nothing_holds_the_script(
    grader: Any, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    careless = pages._environment().overlay(autoescape=False, cache_size=0)
    monkeypatch.setattr(pages, "_environment", lambda: careless)
    shown = show(grader.grade_row(rows["I01"]))
    assert {"script", "img", "onerror", "href"} <= set(active(shown.pages[0]))


def test_tripwire_i02_a_table_as_it_comes_holds_the_formulas(
    grader: Any, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "defused", lambda cell: cell)
    assert formulas(show(grader.grade_row(rows["I02"])))


def test_a07_how_long_an_attack_took_is_not_told(grader: Any, rows: Any) -> None:
    """The row sleeps for one bit of its input."""
    result = grader.grade_row(rows["A07"])
    assert any(test.seconds > 0 for test in result.tests)
    slow = tuple(replace(test, seconds=test.seconds + 1234.5) for test in result.tests)
    later = replace(result, tests=slow, seconds=1234.5, phases=Phases(tests=1234.5))
    assert show(later).told == show(result).told


def test_a08_a_changed_submission_is_asked_something_else(grader: Any, rows: Any) -> None:
    """What a student learns of one attempt says nothing of the next."""
    row = rows["A06"]
    first, again, changed = (
        [
            re.sub("0x[0-9A-Fa-f]+", "", test.detail)
            for test in grader.grade_row(replace(row, source=source)).tests
        ]
        for source in (row.source, row.source, row.source + "# changed")
    )
    assert "31337" in first[0]
    assert first == again
    assert first[0] != changed[0]
