"""Every handout runs: blank, its public tests say so; solved, they all pass."""

from pathlib import Path

import pytest

import autograder
from autograder.authoring.public import by_question, practise

ROOT = Path(autograder.__file__).parent.parent
SLUGS = sorted(path.parent.name for path in (ROOT / "assignments").glob("*/master.py"))


@pytest.mark.slow
@pytest.mark.parametrize("slug", SLUGS)
def test_the_solution_runs_from_top_to_bottom_and_passes(slug: str) -> None:
    practice = practise(ROOT / "solutions" / slug / f"{slug}.ipynb")
    assert [cell.message for cell in practice.cells] == []
    assert [check for check in practice.checks if not check.passed] == []


@pytest.mark.slow
@pytest.mark.parametrize("slug", SLUGS)
def test_the_template_fails_each_question_and_names_what_is_blank(slug: str) -> None:
    practice = practise(ROOT / "student_templates" / slug / f"{slug}.ipynb")
    for question, checks in by_question(practice):
        assert any("still blank" in check.message for check in checks), question
    for cell in practice.cells:
        assert "still blank" in cell.message, "nothing else is wrong in a template"
