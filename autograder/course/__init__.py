"""The instructor's files, `course.toml` and `assignment.toml`, read into frozen values."""

from autograder.course.assignment import load_assignment
from autograder.course.course import load_course
from autograder.course.rubric import load_rubric

__all__ = ["load_assignment", "load_course", "load_rubric"]
