"""The GPU, as far as the agent has to do with it: it never initialises CUDA itself.

A process that has, or that has only counted devices, forks workers that cannot use CUDA.
"""

import os
import re
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from autograder.agent.environment import Environment

_DRIVER = Path("/proc/driver/nvidia/version")
_MEMORY_ALLOCATION = 2  # cudaErrorMemoryAllocation
_ENOUGH = 0.75
"""Of its share: the rest may have gone to the contexts of those who share the device."""
_PATIENCE = 2.0
"""Seconds in which the memory of processes that have ended is free again."""


class NoGpu(Exception):
    """No GPU computes in a fork of the agent, or others have taken its memory."""


def ask(share: float = 0.0, most: int = 0) -> Environment:
    """GPU, memory, driver, CUDA and cuDNN, from a fork that computes on it as workers do.

    It demands that most of a worker's share of each device is free: see `limit_memory`.

    Raises:
        NoGpu: The machine is at fault, or a neighbour: no student may lose a point by it.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(writing, share, most)
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


def _answer(channel: int, share: float, most: int) -> None:
    """Never returns: the fork ends here."""
    answer: Environment | str
    try:
        answer = _compute(sys.modules["torch"])
        _demand_memory(sys.modules["torch"], share, most)
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


def _demand_memory(torch: Any, share: float, most: int) -> None:
    """Raises MemoryError where less than most of a worker's part of a device is free."""
    deadline = time.monotonic() + _PATIENCE
    for device in range(torch.cuda.device_count()):
        while True:
            free, total = torch.cuda.mem_get_info(device)
            own = part(total, share, most) * total
            if free >= _ENOUGH * own:
                break
            if time.monotonic() > deadline:
                raise MemoryError(
                    f"{free // 2**20} MB of device {device} are free where a submission may use "
                    f"{own / 2**20:.0f} MB: others have taken the rest"
                )
            time.sleep(0.05)
