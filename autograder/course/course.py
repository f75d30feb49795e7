"""`course.toml` → `Course`, refused where its grade would be wrong or unfair."""

from collections import Counter
from collections.abc import Iterator
from decimal import ROUND_CEILING, Context
from math import fsum
from pathlib import Path

from autograder.core.course import Course
from autograder.core.monotonicity import smallest_safe_temperature, steepest_drop
from autograder.core.policy import YEARS
from autograder.course.toml import MOST, SLUG, Problem, read, refuse

TOLERANCE = 1e-6
"""By how much the constants may miss a sum of 1."""

LEAST = 1e-6
"""No constant, weight, scale or temperature is smaller."""

MOST_DIGITS = 6


def load_course(path: Path) -> Course:
    """The course in `path`.

    Raises `ConfigurationError` that names file, field, value and remedy: unknown or mistyped
    fields, impossible numbers, a temperature with which a better mark can lower the grade.
    """
    course = read(path, Course)
    refuse(path, _number_problems(course))
    refuse(path, _reference_problems(course))
    refuse(path, _monotonicity_problems(course))
    return course


def _number_problems(course: Course) -> Iterator[Problem]:
    positive: dict[str, float] = {"scale": course.scale, "temperature": course.temperature}
    for i, component in enumerate(course.components):
        positive[f"component[{i}].constant"] = component.constant
    for i, assignment in enumerate(course.assignments):
        positive[f"assignment[{i}].weight"] = assignment.weight
    for name, value in positive.items():
        if not LEAST <= value <= MOST:
            yield Problem(name, value, f"not in {LEAST:g} … {MOST}", "give a positive number")
    for i, assignment in enumerate(course.assignments):
        if assignment.deadline is not None and assignment.deadline.year not in YEARS:
            yield Problem(
                f"assignment[{i}].deadline",
                assignment.deadline.isoformat(),
                f"not in the years {YEARS[0]} … {YEARS[-1]}",
                "correct the year",
            )
    late = course.late
    for name, share in (("late.per_day", late.per_day), ("late.most", late.most)):
        if not 0 <= share <= 1:
            yield Problem(name, share, "not in 0 … 1", "0.1 takes 10 % of the mark")
    spans = {"late.grace_minutes": late.grace_minutes}
    if late.closed_after_days is not None:
        spans["late.closed_after_days"] = late.closed_after_days
    for name, value in spans.items():
        if not 0 <= value <= MOST:
            yield Problem(name, value, f"not in 0 … {MOST}", "remove the line or give a number")
    if not 0 <= course.digits <= MOST_DIGITS:
        yield Problem("digits", course.digits, f"not in 0 … {MOST_DIGITS}", "0 gives whole grades")
    if not 0 <= course.exam_weight <= 1:
        yield Problem("exam_weight", course.exam_weight, "not in 0 … 1", "0.3 counts it 30 %")
    if course.exemption is not None and not 0 <= course.exemption <= course.scale:
        yield Problem(
            "exemption",
            course.exemption,
            f"not in 0 … {course.scale:g}, the scale",
            "remove the line if nobody is exempt",
        )


def _reference_problems(course: Course) -> Iterator[Problem]:
    names = [component.name for component in course.components]
    slugs = [assignment.slug for assignment in course.assignments]
    if not names:
        yield Problem("component", [], "no components", "add a [[component]] table")
        return
    for field, values in (("component.name", names), ("assignment.slug", slugs)):
        for value, count in Counter(values).items():
            if count > 1:
                yield Problem(field, value, f"{count} times", "keep one")
            if not SLUG.fullmatch(value):
                yield Problem(field, value, "not a slug", "use a-z, 0-9 and single hyphens")
    for i, assignment in enumerate(course.assignments):
        if assignment.component not in names:
            yield Problem(
                f"assignment[{i}].component",
                assignment.component,
                "no such component",
                f"the components are {', '.join(names)}",
            )
    for i, name in enumerate(names):
        if all(assignment.optional for assignment in course.assignments_of(name)):
            yield Problem(
                f"component[{i}].name",
                name,
                "no assignment in it that everybody has to do",
                'add an [[assignment]], with marked = "hand" if no grader marks it',
            )
    for name in course.exemption_requires:
        if name not in names:
            yield Problem(
                "exemption_requires",
                name,
                "no such component",
                f"the components are {', '.join(names)}",
            )
    constants = [component.constant for component in course.components]
    total = fsum(constants)
    if abs(total - 1) > TOLERANCE:
        yield Problem(
            "component.constant",
            constants,
            f"they sum to {total:.9g}, not 1",
            f"in the same proportions: {', '.join(f'{c / total:.6g}' for c in constants)}",
        )


def _monotonicity_problems(course: Course) -> Iterator[Problem]:
    constants = course.formula.constants
    drop = steepest_drop(constants, course.temperature, course.scale)
    if drop is not None:
        safe = smallest_safe_temperature(constants, course.scale)
        shown = Context(prec=4, rounding=ROUND_CEILING).create_decimal_from_float(safe)
        yield Problem(
            "temperature",
            course.temperature,
            f"a better mark can lower the grade: with every other mark 0, raising "
            f"{drop.component} from {drop.before:.4g} to {drop.after:.4g} takes the accumulated "
            f"grade from {drop.grade_before:.4g} down to {drop.grade_after:.4g} before rounding",
            f"the smallest safe temperature for these constants is {shown}",
        )
