"""What the agent fixes and says before any student code is there."""

import subprocess
import sys
import types

import numpy as np
import pytest

from autograder.agent.environment import describe, seed_generators

WARM_UP = """
import importlib, torch

def asked(*_):
    raise AssertionError("the driver was asked, so no fork of this process can use CUDA")

torch.cuda.is_available = torch.cuda.device_count = torch.cuda._lazy_init = asked
from autograder.agent.environment import settle
importlib.import_module("torch._dynamo")
settings = dict(settle(torch))
assert settings == {"TF32": "off", "deterministic": "yes", "cuBLAS workspace": ":4096:8"}, settings
assert torch.backends.cudnn.deterministic and not torch.backends.cudnn.benchmark
assert torch.is_deterministic_algorithms_warn_only_enabled()
assert not torch.cuda.is_initialized()
"""


def test_torchs_settings_are_fixed_and_told_without_touching_cuda() -> None:
    """In a process of its own, as the agent warms up."""
    pytest.importorskip("torch")
    done = subprocess.run([sys.executable, "-c", WARM_UP], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_processor_python_and_libraries_are_told() -> None:
    library = types.ModuleType("mathlib")
    library.__version__ = "2.1"  # type: ignore[attr-defined]
    told = dict(describe([library]))
    assert told["mathlib"] == "2.1"
    assert told["Python"] == ".".join(map(str, sys.version_info[:3]))
    assert told["processor"]


def test_torch_draws_the_same_in_every_process() -> None:
    """Its generator begins anywhere; weights of one sandbox would not be those of the next."""
    pytest.importorskip("torch")
    draw = (
        "import torch; from autograder.agent.environment import seed_generators\n"
        "seed_generators(); print(torch.rand(3).tolist(), torch.cuda.is_initialized())"
    )
    drawn = {
        subprocess.run(
            [sys.executable, "-c", draw], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    }
    assert len(drawn) == 1 and "False" in drawn.pop()


def test_a_worker_without_a_seed_draws_what_every_other_one_draws() -> None:
    before = np.random.get_state()
    try:
        draws = []
        for _ in range(2):
            seed_generators()
            draws.append(np.random.standard_normal(3))
        assert np.array_equal(*draws)
    finally:
        np.random.set_state(before)
