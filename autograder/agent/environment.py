"""What the agent computes with, as far as it decides the last bits of a result."""

import os
import platform
import random
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from numpy import random as numpy_random  # numpy itself imports it when it is first used

_CUBLAS = "CUBLAS_WORKSPACE_CONFIG"
Environment = tuple[tuple[str, str], ...]


def describe(libraries: Iterable[ModuleType]) -> Environment:
    """Processor, Python and libraries, as pairs of a name and a value; student code has not run."""
    versions = ((library.__name__, str(library.__version__)) for library in libraries)
    return (("processor", _processor()), ("Python", platform.python_version()), *versions)


def settle(torch: Any) -> Environment:
    """Fix torch's choices between exact and fast, and say which they are; CUDA stays untouched.

    What has no deterministic form only warns: an exception would cost students points.
    """
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    os.environ[_CUBLAS] = ":4096:8"
    torch.use_deterministic_algorithms(True, warn_only=True)
    tf32 = torch.backends.cuda.matmul.allow_tf32 or torch.backends.cudnn.allow_tf32
    return (
        ("TF32", "on" if tf32 else "off"),
        ("deterministic", "yes" if torch.are_deterministic_algorithms_enabled() else "no"),
        ("cuBLAS workspace", os.environ[_CUBLAS]),
    )


def seed_generators() -> None:
    """In a fresh worker: code that forgot to seed draws the same in every run, on every device.

    A `default_rng()` without a seed stays random.
    """
    random.seed(0)
    numpy_random.seed(0)
    if torch := sys.modules.get("torch"):  # begins with another seed in each process
        torch.manual_seed(0)


def _processor() -> str:
    """Its model: numpy and BLAS choose their kernels by it."""
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()
