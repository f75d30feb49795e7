"""Small builders: every argument has a harmless default."""

from datetime import UTC, datetime
from typing import Any

import pytest

from autograder.core.results import Outcome, Provenance, SubmissionResult, TestResult
from autograder.core.softmin import Formula, explain
from autograder.reports.model import AssignmentReport, CourseReport, GradeLine, Submission

FORMULA = Formula(constants={"seminars": 0.2, "practicals": 0.3, "project": 0.5})


class Build:
    """Makes the values that reports are made from."""

    def test(self, name: str = "test_linear.py::test_forward", **changes: Any) -> TestResult:
        passed = {"title": "Forward is xW + b", "points": 4.0, "outcome": Outcome.PASSED}
        return TestResult(name=name, **{**passed, **changes})

    def submission(self, student: str = "kim", isolation: str = "docker", **changes: Any):
        about = {
            k: changes.pop(k) for k in ("attempt", "mark", "mark_note", "history") & changes.keys()
        }
        graded = {"tests": (self.test(),)} | changes
        if "fault" in graded or "rejection" in graded:
            graded["tests"] = ()
        result = SubmissionResult(
            assignment="p1-layers",
            student=student,
            digest="0" * 64,
            provenance=Provenance(isolation=isolation),
            **graded,
        )
        return Submission(result=result, **about)

    def assignment(self, *submissions: Submission, slug: str = "p1-layers") -> AssignmentReport:
        return AssignmentReport(
            slug=slug, title="Layers", component="practicals", submissions=submissions
        )

    def grade(self, student: str = "kim", exam: float | None = None) -> GradeLine:
        marks = {"seminars": 4, "practicals": 6, "project": 8}
        return GradeLine(
            student=student, grade=explain(marks, exam=exam, submitted=True, formula=FORMULA)
        )

    def report(self, *submissions: Submission, **changes: Any) -> CourseReport:
        course = {
            "title": "Deep learning",
            "made": datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
            "assignments": (self.assignment(*submissions),),
        }
        return CourseReport(**{**course, **changes})


@pytest.fixture(scope="session")
def build() -> Build:
    return Build()
