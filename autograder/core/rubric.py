"""Marks by a rubric: levels with points for each criterion, chosen by a person."""

from math import fsum

from msgspec import Struct, field


class Level(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How well a criterion may be met."""

    points: float
    title: str


class Criterion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that is looked at; its levels rise in points."""

    name: str
    title: str
    levels: tuple[Level, ...]


class Rubric(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A `rubric.toml`."""

    assignment: str
    """The assignment of `course.toml`, marked by hand, that the marks are for."""
    criteria: tuple[Criterion, ...] = field(name="criterion")

    @property
    def most(self) -> float:
        """Points of the best level of every criterion together."""
        return fsum(criterion.levels[-1].points for criterion in self.criteria)


class Judgement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The level that a student reached in a criterion, and the comment that they get to read."""

    points: float
    comment: str = ""


class Form(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A filled-in rubric of one student."""

    student: str
    judgements: dict[str, Judgement] = field(name="criterion")


def form_problems(form: Form, rubric: Rubric) -> list[str]:
    """What keeps a form from being a mark, in words; empty if nothing does."""
    names = [criterion.name for criterion in rubric.criteria]
    known = ", ".join(names)
    problems = [
        f"criterion.{name}: no such criterion: {name}; the criteria are {known}"
        for name in form.judgements
        if name not in names
    ]
    for criterion in rubric.criteria:
        judgement = form.judgements.get(criterion.name)
        points = [level.points for level in criterion.levels]
        listed = f"the levels: {', '.join(f'{value:g}' for value in points)}"
        if judgement is None or judgement.points == -1:
            problems.append(f"criterion.{criterion.name}: no level chosen; {listed}")
        elif judgement.points not in points:
            problems.append(f"criterion.{criterion.name}: {judgement.points:g} points; {listed}")
    return problems


def rubric_mark(form: Form, rubric: Rubric, scale: float) -> float:
    """The share of all points on the course's scale."""
    return scale * fsum(judgement.points for judgement in form.judgements.values()) / rubric.most


def in_words(form: Form, rubric: Rubric) -> str:
    """Criterion by criterion, for the ledger and the student."""
    lines = []
    for criterion in rubric.criteria:
        judgement = form.judgements[criterion.name]
        level = next(level for level in criterion.levels if level.points == judgement.points)
        said = f" – {judgement.comment.strip()}" if judgement.comment.strip() else ""
        best = criterion.levels[-1].points
        lines.append(f"{criterion.title}: {judgement.points:g} of {best:g} ({level.title}){said}")
    return "\n".join(lines)
