"""A spreadsheet gets numbers as numbers and never a formula from a student."""

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.core.results import Outcome
from autograder.reports.model import GradeLine
from autograder.reports.tables import defused, write_grades_csv, write_results_csv, write_table

FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ('=HYPERLINK("http://x","y")', '\'=HYPERLINK("http://x","y")'),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\n'=1"),
        ("  =1", "'  =1"),
        ("\xa0=1", "'\xa0=1"),
        ("＝1", "'＝1"),
        ("kim\n=1", "'kim\n'=1"),
        ("kim\r\n@x", "'kim\n'@x"),
        ("kim;=1", "kim;'=1"),
        ("\u200b=1", "\\u200b=1"),
    ],
)
def test_formulas_are_defused(cell: str, written: str) -> None:
    assert defused(cell) == written


@pytest.mark.parametrize("cell", ["kim", "two\nlines", "a = b", "5 - 3", "", -1.5, 0, True, None])
def test_harmless_text_and_real_numbers_stay_as_they_are(cell) -> None:
    assert defused(cell) == cell


@given(st.lists(st.text(st.characters(), min_size=1), min_size=1, max_size=5))
def test_no_cell_or_line_of_a_cell_begins_like_a_formula(tmp_path_factory, cells) -> None:
    path = write_table(tmp_path_factory.getbasetemp() / "cells.csv", ["h"] * len(cells), [cells])
    with path.open(encoding="utf-8", newline="") as file:
        header, row = list(csv.reader(file))
    assert len(row) == len(header)
    for cell in row:
        assert not any(FORMULA.match(line) for line in re.split(r"[\n;\t]", cell))


@given(st.from_regex(r"[ab;\t\"' =+\r\n-]{0,20}", fullmatch=True))
def test_importers_that_split_at_semicolons_or_tabs_see_no_formula(text: str) -> None:
    assert not any(FORMULA.match(part) for part in re.split(r"[\n;\t]", str(defused(text))))


def test_grades_hold_every_number_that_leads_to_the_final_one(build, tmp_path: Path) -> None:
    lines = [build.grade("kim"), GradeLine(student="=lee", grade=None)]
    kim, lee = _read(write_grades_csv(tmp_path / "grades.csv", lines))
    assert (kim["seminars"], kim["exempt"], kim["final"]) == ("4", "yes", "6.0")
    assert float(kim["accumulated (raw)"]) == pytest.approx(6.475, abs=5e-4)
    assert float(kim["weight of project"]) == pytest.approx(0.4648, abs=5e-5)
    assert (lee["student"], lee["final"]) == ("'=lee", None)


def test_results_have_a_row_per_test_and_one_for_a_submission_without(build, tmp_path) -> None:
    failed = build.test("t2", outcome=Outcome.FAILED, message="=1+1", detail="assert x == y")
    report = build.report(
        build.submission("kim", tests=(build.test(), failed), mark=5.0),
        build.submission("lee", rejection="not a notebook"),
    )
    rows = _read(write_results_csv(tmp_path / "results.csv", report))
    assert [(r["student"], r["test outcome"], r["earned"], r["mark"]) for r in rows] == [
        ("kim", "passed", "4.0", "5.0"),
        ("kim", "failed", "0.0", "5.0"),
        ("lee", "", "", ""),
    ]
    assert (rows[1]["message"], rows[1]["detail"]) == ("'=1+1", "assert x == y")
    assert (rows[2]["outcome"], rows[2]["message"]) == ("rejected", "not a notebook")
