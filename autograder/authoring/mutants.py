"""Mutants: named bugs, applied to a solution by replacing text, that a hidden suite has to catch.

[[mutant]]
id = "L5"
about = "grad_W averaged over the batch"
[[mutant.replace]]
old = "self._x.T @ grad_output"
new = "self._x.T @ grad_output / len(grad_output)"
count = 1                        # the default: how often `old` stands in the solution
file = "metrics.json"            # another file than the module, where the solution has one
"""

import ast
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from autograder.course.toml import MOST, read
from autograder.errors import ConfigurationError


class Replacement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every occurrence of `old` becomes `new`; there must be exactly `count` of them."""

    old: str
    new: str
    count: Annotated[int, msgspec.Meta(ge=1, le=MOST)] = 1
    file: str = ""


class Mutant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A bug as a student would make it."""

    id: str
    about: str
    replace: tuple[Replacement, ...]


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    mutant: tuple[Mutant, ...]


def read_mutants(path: Path) -> tuple[Mutant, ...]:
    """The mutants of a `mutants.toml`, in its order; ConfigurationError where it is wrong."""
    mutants = read(path, _File).mutant
    twice = [id for id, count in Counter(mutant.id for mutant in mutants).items() if count > 1]
    if twice:
        raise ConfigurationError(f"{path}: more than one mutant is called {', '.join(twice)}")
    return mutants


def mutate(files: Mapping[str, str], mutant: Mutant) -> dict[str, str]:
    """The solution's files by name, the module under the empty name, with the bug in them.

    Raises ConfigurationError when a text is not found as often as the mutant says, when nothing
    changes, or when the module is no Python any more: such a mutant would prove nothing.
    """
    mutated = dict(files)
    for replacement in mutant.replace:
        name = replacement.file
        found = mutated.get(name, "").count(replacement.old)
        if found != replacement.count:
            raise ConfigurationError(
                f"mutant {mutant.id}: the text below stands {found} times in "
                f"{name or 'the solution'}, expected {replacement.count}; "
                f"adapt `old` or `count`\n{replacement.old}"
            )
        mutated[name] = mutated[name].replace(replacement.old, replacement.new)
    if mutated == files:
        raise ConfigurationError(f"mutant {mutant.id} changes nothing")
    try:
        ast.parse(mutated[""])
    except SyntaxError as cause:
        raise ConfigurationError(
            f"mutant {mutant.id} is no Python at line {cause.lineno}: {cause.msg}"
        ) from cause
    return mutated
