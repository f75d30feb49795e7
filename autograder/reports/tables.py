"""Tables for a spreadsheet: real numbers stay numbers, text can never become a formula."""

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.core.softmin import Explanation
from autograder.reports.model import CourseReport, GradeLine
from autograder.reports.text import cut, visible

Value = str | int | float | bool | None

# What a spreadsheet may take for the beginning of a formula, after any blanks; = + - @ also in
# full width. Tab and carriage return move the rest into the next cell.
_FORMULA = re.compile(r"[\s\u200c\u200d]*[=+\-@＝＋－＠\t\r]")
# Where the importer's separator is not the comma, a formula may begin in mid-cell.
_INNER_FORMULA = re.compile(r"([;\t][^\S\t]*)(?=[=+\-@＝＋－＠])")
_LINE_END = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def defused(value: Value) -> Value:
    """A cell that a spreadsheet shows as it stands: `'` before each line that could be a formula.

    Numbers, negative ones too, are returned as they are. Controls other than newlines and tabs
    are made visible, every kind of line end becomes a newline.
    """
    if not isinstance(value, str):
        return value
    lines = [visible(line, multiline=True) for line in _LINE_END.split(value)]
    mark = "'" if "\r" in value or any(map(_FORMULA.match, lines)) else ""
    return "\n".join(mark + _INNER_FORMULA.sub(r"\1'", line) for line in lines)


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[Value]]) -> Path:
    """Write a CSV file in UTF-8 with every cell defused; return its path."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for row in (header, *rows):
            writer.writerow([defused(cell) for cell in row])
    return path


def write_grades_csv(path: Path, grades: Sequence[GradeLine]) -> Path:
    """One row per student: mark and weight of each component, then how the final grade came.

    A grade that is pending leaves its cells empty.
    """
    known = [line.grade for line in grades if line.grade is not None]
    names = tuple(dict.fromkeys(share.component for grade in known for share in grade.shares))
    header = ["student", *names, *(f"weight of {name}" for name in names)]
    header += ["accumulated (raw)", "accumulated", "exempt", "exam", "final (raw)", "final"]
    return write_table(
        path, header, ([line.student, *_cells(line.grade, names)] for line in grades)
    )


def _cells(grade: Explanation | None, names: Sequence[str]) -> list[Value]:
    if grade is None:
        return []
    shares = {share.component: share for share in grade.shares}
    return [
        *(shares[name].mark if name in shares else None for name in names),
        *(shares[name].weight if name in shares else None for name in names),
        grade.raw,
        grade.accumulated,
        "yes" if grade.exempt else "no",
        grade.exam_used,
        grade.final_raw,
        grade.final,
    ]


def write_results_csv(path: Path, report: CourseReport) -> Path:
    """One row per test of each submission, for the staff: it holds the suite's own details.

    A rejected or ungraded submission without tests has one row, with the reason as message.
    """
    header = ["assignment", "student", "attempt", "score", "of", "mark", "outcome", "isolation"]
    header += ["test", "title", "points", "earned", "test outcome", "message", "detail"]
    rows: list[list[Value]] = []
    for assignment in report.assignments:
        for s in assignment.submissions:
            result = s.result
            whole: list[Value] = [assignment.slug, result.student, s.attempt]
            whole += [result.earned, result.points, s.mark]
            whole += [result.outcome.value, result.provenance.isolation]
            for t in result.tests:
                test: list[Value] = [t.name, t.title, t.points, t.earned, t.outcome.value]
                rows.append([*whole, *test, cut(t.message), cut(t.detail)])
            if not result.tests:
                rows.append([*whole, *[None] * 5, cut(result.fault or result.rejection), None])
    return write_table(path, header, rows)
