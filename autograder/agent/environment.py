"""What the agent computes with, as far as it decides the last bits of a result."""

import platform
import random
import re
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import numpy as np

Environment = tuple[tuple[str, str], ...]


def describe(libraries: Iterable[ModuleType]) -> Environment:
    """Processor, Python and libraries, as pairs of a name and a value; student code has not run."""
    versions = ((library.__name__, str(library.__version__)) for library in libraries)
    return (("processor", _processor()), ("Python", platform.python_version()), *versions)


def seed_generators() -> None:
    """In a fresh worker: code that forgot to seed numpy or `random` draws the same in every run.

    torch begins with a fixed seed by itself; a `default_rng()` without one stays random.
    """
    random.seed(0)
    np.random.seed(0)


def _processor() -> str:
    """Its model: numpy and BLAS choose their kernels by it."""
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()
