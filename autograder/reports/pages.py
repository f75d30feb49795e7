"""The static pages: an index and a page per assignment for the staff, a page per student.

    index.html                    everything about the course
    assignments/<file_name>.html  one assignment of it
    students/<file_name>.html     what one student may see: nothing of others, no test names,
                                  no durations, no detail of the suite

The pages hold no script, no style attribute and no outside resource, and a Content-Security-Policy
that admits only their own style sheet. Whatever is printed passes `visible` and autoescaping.
"""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from autograder.core.results import Outcome
from autograder.reports import drawings
from autograder.reports.model import CourseReport
from autograder.reports.outcomes import WORDING, count, isolation
from autograder.reports.summary import groups, summarise
from autograder.reports.text import cut, file_name, number, visible


def write_report(folder: Path, report: CourseReport) -> Path:
    """Write all pages of a course into `folder` and return the path of `index.html`.

    Pages of an earlier report are overwritten; links are relative, so the folder can be moved.
    """
    pages = _environment()
    everyone = [(a, s) for a in report.assignments for s in a.submissions]
    sections = [(assignment, summarise(assignment)) for assignment in report.assignments]
    for name in ("assignments", "students"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for assignment, summary in sections:
        path = folder / "assignments" / f"{file_name(assignment.slug)}.html"
        _write(pages, path, "assignment.html", report, assignment=assignment, summary=summary)
    for student in students(report):
        path = folder / "students" / f"{file_name(student)}.html"
        work = [(a, s) for a, s in everyone if s.result.student == student]
        grades = [line for line in report.grades if line.student == student]
        marks = [given for given in report.hand_marks if given.student == student]
        mine = {"student": student, "work": work, "marks": marks, "grades": grades}
        _write(pages, path, "student.html", report, **mine)
    index = folder / "index.html"
    _write(
        pages,
        index,
        "index.html",
        report,
        sections=sections,
        faults=[(a, s) for a, s in everyone if s.result.outcome is Outcome.UNGRADED],
        components=_components(report),
        refused=[(a, s) for a, s in everyone if s.result.outcome is Outcome.REJECTED],
    )
    return index


def students(report: CourseReport) -> list[str]:
    """The ids of everyone with a submission, a mark or a grade, sorted."""
    submitted = {s.result.student for a in report.assignments for s in a.submissions}
    marked = {given.student for given in report.hand_marks}
    return sorted(submitted | marked | {line.student for line in report.grades})


def _components(report: CourseReport) -> list[str]:
    shares = (share for line in report.grades if line.grade for share in line.grade.shares)
    return list(dict.fromkeys(share.component for share in shares))


def _write(pages: Environment, path: Path, template: str, report: CourseReport, **v: Any) -> None:
    html = pages.get_template(template).render(report=report, **v)
    path.write_text(html, encoding="utf-8", newline="\n")


@cache
def _environment() -> Environment:
    pages = Environment(
        loader=PackageLoader("autograder.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    assert pages.loader is not None
    css = pages.loader.get_source(pages, "style.css")[0]
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode("ascii")
    pages.globals |= {
        "css": Markup(css),
        "policy": f"default-src 'none'; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'",
        "Outcome": Outcome,
        "WORDING": WORDING,
        "count": count,
        "isolation": isolation,
        "groups": groups,
        "histogram": drawings.histogram,
        "heat_grid": drawings.heat_grid,
    }
    pages.filters |= {"number": number, "cut": cut, "file_name": file_name}
    return pages


def _printable(value: object) -> object:
    """Every printed string, escaped afterwards; what the templates themselves made stays."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value, multiline=True)
    return value
