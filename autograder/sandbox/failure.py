"""Decides from a container's last state who is to blame for its end."""

from collections.abc import Mapping
from typing import Any

from autograder.errors import GpuUnavailable
from autograder.sandbox.base import Death

GPU_REMEDY = (
    "With Docker install nvidia-container-toolkit and run `nvidia-ctk runtime configure "
    "--runtime=docker`; or grade within the CPU's budget by `--device cpu`. `autograder doctor` "
    "checks it."
)


def classify(state: Mapping[str, Any] | None) -> Death:
    """The `State` of `docker inspect`, or None when the engine does not know the container.

    A submission cannot signal PID 1 of its own container, nor read its memory; what it can do is
    to exhaust the memory so far that the kernel takes PID 1 as well.
    """
    if state is None:
        return Death(out_of_memory=False, description="the container has vanished")
    if state.get("OOMKilled"):
        return Death(out_of_memory=True, description="the container ran out of memory")
    if state.get("Running"):
        return Death(out_of_memory=False, description="the agent hung up in a running container")
    code, error = state.get("ExitCode"), state.get("Error", "")
    return Death(out_of_memory=False, description=f"the container ended with code {code} {error}")


def is_gpu_fault(problem: str) -> bool:
    """Whether an engine that was asked for GPUs failed because of them, by its own words."""
    return any(word in problem for word in ("device driver", "nvidia", "CDI device"))


def no_gpu(gpus: tuple[str, ...], problem: str) -> GpuUnavailable:
    """In one line: which devices, what the engine said, and the remedy."""
    said = " ".join(problem.split())
    return GpuUnavailable(f"no container gets GPU {', '.join(gpus)} ({said}). {GPU_REMEDY}")
