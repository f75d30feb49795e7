"""The trusted side: runs hidden suites against a student's module that lives in a sandbox."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.suite.remote import tensor
    from autograder.suite.verdict import fail, finite

__all__ = ["fail", "finite", "tensor"]


def __getattr__(name: str) -> object:
    """What hidden suites import, once they do: the grader gets along without numpy."""
    where = {"tensor": "remote", "fail": "verdict", "finite": "verdict"}
    if name not in where:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{where[name]}"), name)
