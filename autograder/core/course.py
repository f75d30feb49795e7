"""What a course is made of: components, the assignments in them, the parameters of its grade."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from autograder.core.policy import LatePolicy
from autograder.core.softmin import Formula


class Component(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the accumulated grade: seminars, practicals, project."""

    name: str
    constant: float
    """c_i of the softmin formula."""


class CourseAssignment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One assignment's place in the course."""

    slug: str
    component: str
    weight: float = 1.0
    """Its weight in the component's mean, relative to the component's other assignments."""
    marked: Literal["grader", "hand"] = "grader"
    """Whether the mark comes from graded submissions or is given by hand."""
    attempts: Literal["best", "latest"] = "best"
    """Which of several attempts counts."""
    optional: bool = False
    """Counted only where it raises the component's mean; not needed for the exemption."""
    deadline: Annotated[datetime, Meta(tz=True)] | None = None
    """Absent: nothing is ever late."""


class Course(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of `course.toml`; marks and thresholds are in points of `scale`."""

    title: str
    components: tuple[Component, ...] = field(name="component")
    assignments: tuple[CourseAssignment, ...] = field(name="assignment")
    scale: float = 10.0
    temperature: float = 20.0
    digits: int = 0
    """Digits after the decimal point that grades are rounded to."""
    exam_weight: float = 0.3
    exemption: float | None = None
    """The rounded accumulated grade from which the exam may be skipped; absent: never."""
    exemption_requires: tuple[str, ...] = ()
    """Components that must have been handed in for the exemption."""
    late: LatePolicy = LatePolicy()

    @property
    def formula(self) -> Formula:
        """The parameters of the course grade."""
        return Formula(
            constants={component.name: component.constant for component in self.components},
            temperature=self.temperature,
            scale=self.scale,
            digits=self.digits,
            exam_weight=self.exam_weight,
            exemption=self.exemption,
        )

    def assignment(self, slug: str) -> CourseAssignment | None:
        """The assignment's place in the course; None if `course.toml` does not list it."""
        return next((a for a in self.assignments if a.slug == slug), None)

    def assignments_of(self, component: str) -> tuple[CourseAssignment, ...]:
        """The component's assignments."""
        return tuple(a for a in self.assignments if a.component == component)
