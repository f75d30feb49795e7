"""`rubric.toml` and the forms that are filled in from it."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from autograder.core.rubric import Form, Rubric, form_problems
from autograder.course.toml import MOST, SLUG, Problem, read, refuse


def load_rubric(path: Path) -> Rubric:
    """The rubric in `path`; raises ConfigurationError that names field, value and remedy."""
    rubric = read(path, Rubric)
    refuse(path, _problems(rubric))
    return rubric


def load_form(path: Path, rubric: Rubric) -> Form:
    """A form that is complete; raises ConfigurationError with all that is missing or wrong."""
    form = read(path, Form)
    problems = form_problems(form, rubric)
    if not form.student.strip():
        problems.insert(0, f"student = {form.student!r}: empty; give the name of the submission")
    refuse(path, problems)
    return form


def blank_form(student: str, rubric: Rubric) -> str:
    """A form to fill in: the levels stand beside each criterion."""
    lines = [f"student = {json.dumps(student, ensure_ascii=False)}", ""]
    for criterion in rubric.criteria:
        lines += [f"[criterion.{criterion.name}]", f"# {criterion.title}"]
        lines += [f"#   {level.points:g}  {level.title}" for level in criterion.levels]
        lines += ["points = -1", 'comment = ""', ""]
    return "\n".join(lines)


def _problems(rubric: Rubric) -> Iterator[Problem]:
    counts = Counter(criterion.name for criterion in rubric.criteria)
    if not counts:
        yield Problem("criterion", [], "none", "add a [[criterion]] table")
    for i, criterion in enumerate(rubric.criteria):
        points = [level.points for level in criterion.levels]
        if not SLUG.fullmatch(criterion.name) or counts[criterion.name] > 1:
            yield Problem(
                f"criterion[{i}].name",
                criterion.name,
                "not a slug of its own",
                "use a-z, 0-9 and single hyphens, each name once",
            )
        rising = points == sorted(set(points))
        if len(points) < 2 or not rising or not all(0 <= value <= MOST for value in points):
            yield Problem(
                f"criterion[{i}].levels",
                points,
                f"not two or more levels of rising points in 0 … {MOST}",
                "list them from worst to best",
            )
