"""Every handout is built from its master and runs: blank, its tests say so; solved, they pass."""

from pathlib import Path
from typing import Any

import nbformat
import pytest

import autograder
from autograder.authoring.build import build
from autograder.authoring.public import by_question, practise

pytestmark = [pytest.mark.slow, pytest.mark.course]

ROOT = Path(autograder.__file__).parent.parent
SLUGS = sorted(path.parent.name for path in (ROOT / "assignments").glob("*/master.py"))


@pytest.mark.parametrize("slug", SLUGS)
def test_the_committed_template_and_solution_are_up_to_date(slug: str) -> None:
    folder = ROOT / "assignments" / slug
    assert build(folder, ROOT / "student_templates", ROOT / "solutions", check=True) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_the_solution_runs_in_jupyter_and_passes(
    slug: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nbclient = pytest.importorskip("nbclient")
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, str(tmp_path / "jupyter"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    folder = ROOT / "solutions" / slug
    for source in folder.rglob("*.*"):
        copy = tmp_path / source.relative_to(folder)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(source.read_bytes())
    notebook: Any = nbformat.reads((folder / f"{slug}.ipynb").read_text(), as_version=4)
    nbclient.NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    checks = [cell for cell in notebook.cells if "grader.check(" in cell.source]
    assert checks
    assert all("All test cases passed!" in str(cell.outputs) for cell in checks)


def test_a_solution_passes_outside_of_jupyter_too() -> None:
    """Of each question, every check; no cell raises."""
    practice = practise(ROOT / "solutions" / "p1-layers" / "p1-layers.ipynb")
    assert practice.passed
    assert practice.cells == ()


@pytest.mark.parametrize("slug", SLUGS)
def test_the_template_fails_each_question_and_names_what_is_blank(slug: str) -> None:
    practice = practise(ROOT / "student_templates" / slug / f"{slug}.ipynb")
    for question, checks in by_question(practice):
        assert any("still blank" in check.message for check in checks), question
    for cell in practice.cells:
        assert "still blank" in cell.message, "nothing else is wrong in a template"
