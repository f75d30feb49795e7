"""The GPU, as far as the agent has to do with it: it never initialises CUDA itself.

A process that has, or that has only counted devices, forks workers that cannot use CUDA.
"""

import os
import re
import sys
from pathlib import Path
from typing import Any

import msgspec

from autograder.agent.environment import Environment

_DRIVER = Path("/proc/driver/nvidia/version")
_MEMORY_ALLOCATION = 2  # cudaErrorMemoryAllocation


class NoGpu(Exception):
    """No GPU computes in a fork of the agent."""


def ask() -> Environment:
    """GPU, memory, driver, CUDA and cuDNN, from a fork that computes on it as workers will.

    Raises NoGpu: before any student code is there, so that nobody loses a point by it.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        said = stream.read() or b'"it died"'
    os.waitpid(child, 0)
    answer: Environment | str = msgspec.json.decode(said, type=Environment | str)
    if isinstance(answer, str):
        raise NoGpu(f"no GPU computes in the sandbox ({answer})")
    return answer


def limit_memory(share: float, most: int) -> None:
    """In a fresh worker: its part of each device, for the moment when its code initialises CUDA.

    `share` of a device's memory, and at most so many bytes where `most` is not 0. torch's allocator
    keeps to it; code that is bent on it can get around.
    """
    torch = sys.modules["torch"]

    def limit() -> None:
        for device in range(torch.cuda.device_count()):
            total = torch.cuda.get_device_properties(device).total_memory
            torch.cuda.set_per_process_memory_fraction(part(total, share, most), device)

    # As torch's own seeding does: to initialise CUDA here would cost each worker its time.
    torch.cuda._lazy_call(limit)


def part(total: int, share: float, most: int) -> float:
    """The fraction of a device of `total` bytes that a worker may allocate."""
    return min(share, most / total) if most else share


def is_out_of_memory(problem: BaseException) -> bool:
    """Whether torch says that the GPU's memory, not the machine's, is used up."""
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    return isinstance(problem, torch.OutOfMemoryError) or (
        isinstance(problem, torch.AcceleratorError)
        and getattr(problem, "error_code", None) == _MEMORY_ALLOCATION
    )


def driver_version(text: str) -> str:
    """The number in the kernel module's `version` file."""
    found = re.search(r"Kernel Module.*?\s(\d+\.[\d.]+)", text)
    return found[1] if found else "unknown"


def _answer(channel: int) -> None:
    """Never returns: the fork ends here."""
    answer: Environment | str
    try:
        answer = _compute(sys.modules["torch"])
    except BaseException as problem:
        answer = f"{type(problem).__name__}: {problem}".partition("\n")[0]
    try:
        os.write(channel, msgspec.json.encode(answer))
    finally:
        os._exit(0)


def _compute(torch: Any) -> Environment:
    ones = torch.ones(64, 64, device="cuda")
    assert (ones @ ones).sum().item() == 64**3
    gpus = [torch.cuda.get_device_properties(n) for n in range(torch.cuda.device_count())]
    return (
        ("GPU", ", ".join(gpu.name for gpu in gpus)),
        ("GPU memory", ", ".join(f"{gpu.total_memory // 2**20} MB" for gpu in gpus)),
        ("driver", driver_version(_DRIVER.read_text()) if _DRIVER.exists() else "unknown"),
        ("CUDA", str(torch.version.cuda)),
        ("cuDNN", str(torch.backends.cudnn.version())),
    )
