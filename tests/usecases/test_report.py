"""From the ledger to pages and tables."""

import csv
from pathlib import Path

from autograder.batch.local import LocalEngine
from autograder.sandbox.local import LocalLauncher
from autograder.usecases import grade
from autograder.usecases.ledger import give_exam_mark, give_mark, override
from autograder.usecases.report import report
from autograder.usecases.workspace import Workspace


def test_the_report_holds_what_the_ledger_says(
    workspace: Workspace, submissions: Path, tmp_path: Path
) -> None:
    """Scores, marks by hand, overrides with their reason, final grades."""
    with grade.grading(workspace, "linear", [submissions], LocalEngine(LocalLauncher(), 2)) as (
        _,
        results,
    ):
        assert len(list(results)) == 4
    give_mark(workspace, "ada", "paper", 8, "kim", "rubric")
    give_mark(workspace, "bo", "paper", 4, "kim", "Method: 4 of 10\nclear, but no seeds")
    override(workspace, "bo", "linear", 7.5, "kim", "right but for a sign", None)
    give_exam_mark(workspace, "bo", 5, "kim")
    index = report(workspace, tmp_path / "report")
    page = index.read_text()
    assert "accident protection" in page, "the local sandbox is labelled"
    with (tmp_path / "report" / "grades.csv").open(newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert rows["ada"]["practicals"] == "10.0"
    assert rows["bo"]["practicals"] == "7.5"
    assert rows["bo"]["exam"] == "5.0"
    student = (tmp_path / "report" / "students" / "bo.html").read_text()
    assert "right but for a sign" in student
    assert "marked by hand" in student and "<li>clear, but no seeds</li>" in student
    assert "ada" not in student, "a page tells of its own student only"
