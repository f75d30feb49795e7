"""The trusted side: runs hidden suites against a student's module that lives in a sandbox."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.suite.checks import callback, distinct, finite, integers, items
    from autograder.suite.remote import tensor
    from autograder.suite.verdict import fail

__all__ = ["callback", "distinct", "fail", "finite", "integers", "items", "tensor"]


def __getattr__(name: str) -> object:
    """What hidden suites import, once they do: the grader gets along without numpy."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = {"fail": "verdict", "tensor": "remote"}.get(name, "checks")
    return getattr(import_module(f"{__name__}.{module}"), name)
