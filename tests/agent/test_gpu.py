"""What can be said of the GPU where there is none."""

import os
import types
from typing import Any

import psutil
import pytest

from autograder.agent import gpu

torch = pytest.importorskip("torch")

OPEN = """NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.124.06  Release Build  (dvs)
GCC version:  gcc version 12.3.0 (Ubuntu 12.3.0-1ubuntu1~22.04)
"""
CLOSED = """NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.54.03  Tue Jun  6 22:20:39 UTC 2023
GCC version:  gcc version 11.4.0
"""


@pytest.mark.skipif(torch.cuda.device_count() > 0, reason="this machine has a GPU")
def test_a_gpu_that_does_not_answer_is_noticed_in_a_fork() -> None:
    """The agent itself still has not touched CUDA, and has no child left."""
    before = psutil.Process().children()
    with pytest.raises(gpu.NoGpu, match=r"no GPU computes in the sandbox \(AssertionError: Torch"):
        gpu.ask()
    assert not torch.cuda.is_initialized()
    assert psutil.Process().children() == before


def test_a_fork_that_dies_of_its_question_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "_compute", lambda _: os._exit(1))
    with pytest.raises(gpu.NoGpu, match="it died"):
        gpu.ask()


def devices_with(*free: int) -> Any:
    """torch, as far as it tells of devices of 1,000 MB, of which so many are free."""
    cuda = types.SimpleNamespace(
        device_count=lambda: len(free),
        mem_get_info=lambda device: (free[device] * 2**20, 1000 * 2**20),
    )
    return types.SimpleNamespace(cuda=cuda)


@pytest.mark.parametrize(
    ("free", "share", "most"),
    [
        ((1000,), 1.0, 0),
        ((200,), 0.25, 0),
        ((100,), 0.5, 100 * 2**20),
        ((1000, 900), 1.0, 0),
        ((0,), 0.0, 0),
        ((), 1.0, 0),
    ],
)
def test_a_share_that_is_mostly_free_was_there_to_be_had(
    free: tuple[int, ...], share: float, most: int
) -> None:
    gpu._demand_memory(devices_with(*free), share, most)


@pytest.mark.parametrize(
    ("free", "share", "most", "told"),
    [
        ((700,), 1.0, 0, "700 MB of device 0 are free where a submission may use 1000 MB"),
        ((180,), 0.25, 0, "180 MB of device 0 are free where a submission may use 250 MB"),
        ((70,), 0.5, 100 * 2**20, "may use 100 MB"),
        ((1000, 3), 1.0, 0, "3 MB of device 1"),
    ],
)
def test_a_share_that_others_have_taken_is_no_students_fault(
    free: tuple[int, ...], share: float, most: int, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu, "_PATIENCE", 0.0)
    with pytest.raises(MemoryError, match=told):
        gpu._demand_memory(devices_with(*free), share, most)


def test_a_fork_tells_that_the_memory_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a device that is no more than what torch is said to tell of it."""
    monkeypatch.setattr(gpu, "_PATIENCE", 0.0)
    monkeypatch.setattr(gpu, "_compute", lambda _: (("GPU", "a device"),))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (0, 2**30))
    assert gpu.ask() == (("GPU", "a device"),)
    with pytest.raises(gpu.NoGpu, match="0 MB of device 0 are free"):
        gpu.ask(0.5)


@pytest.mark.parametrize(
    ("share", "most", "expected"), [(1.0, 0, 1.0), (0.5, 0, 0.5), (0.5, 4, 0.25), (0.5, 12, 0.5)]
)
def test_a_worker_gets_its_share_and_no_more_than_its_limit(
    share: float, most: int, expected: float
) -> None:
    assert gpu.part(16, share, most) == expected


def test_the_limit_waits_until_student_code_initialises_cuda() -> None:
    waiting = len(torch.cuda._queued_calls)
    try:
        gpu.limit_memory(0.5, 0)
        assert len(torch.cuda._queued_calls) == waiting + 1
        assert not torch.cuda.is_initialized()
    finally:
        del torch.cuda._queued_calls[waiting:]


def test_the_memory_of_the_gpu_is_told_from_other_faults() -> None:
    full = torch.AcceleratorError("CUDA error: out of memory")
    full.error_code = 2
    broken = torch.AcceleratorError("CUDA error: an illegal memory access was encountered")
    broken.error_code = 700
    assert gpu.is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory."))
    assert gpu.is_out_of_memory(full)
    assert not gpu.is_out_of_memory(broken)
    assert not gpu.is_out_of_memory(MemoryError())


@pytest.mark.parametrize(
    ("text", "version"), [(OPEN, "570.124.06"), (CLOSED, "535.54.03"), ("", "unknown")]
)
def test_the_drivers_version_is_read_from_the_kernel_module(text: str, version: str) -> None:
    assert gpu.driver_version(text) == version
