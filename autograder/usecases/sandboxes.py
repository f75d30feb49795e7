"""Chooses where submissions run, and on what."""

import subprocess
import sys
from pathlib import Path
from typing import Literal

from autograder.core.assignment import Resources
from autograder.errors import EngineUnavailable, GpuUnavailable
from autograder.sandbox.base import Device, Launcher
from autograder.sandbox.docker import DockerLauncher, connect, has_gpu
from autograder.sandbox.local import LocalLauncher

SandboxKind = Literal["auto", "docker", "local"]
DeviceKind = Literal["auto", "cpu", "cuda"]

CUDA_IMAGE = "torch-cuda"
FIRST_GPU = ("0",)


def choose_launcher(
    kind: SandboxKind,
    resources: Resources,
    device: DeviceKind = "auto",
    gpus: tuple[str, ...] = (),
) -> tuple[Launcher, str]:
    """A launcher, orphans of dead runs removed, and a warning ("" if there is none).

    `auto` takes Docker when an engine answers, and a GPU when the assignment asks for one and there
    is one: the ones named, or else the first. Raises EngineUnavailable, ImageMissing and
    GpuUnavailable.
    """
    warning = ""
    launcher: Launcher
    if kind == "local":
        launcher = _local(resources, device)
    else:
        try:
            launcher = _docker(resources, device, gpus)
        except EngineUnavailable:
            if kind == "docker":
                raise
            launcher = _local(resources, device)
            warning = "no Docker engine answers"
    launcher.sweep()
    if isinstance(launcher, LocalLauncher):
        why = f"{warning}: " if warning else ""
        warning = (
            f"{why}submissions run in the {launcher.isolation} sandbox, which protects against "
            "accidents, not against attackers"
        )
    return launcher, warning


def _docker(resources: Resources, wanted: DeviceKind, gpus: tuple[str, ...]) -> DockerLauncher:
    client = connect()
    try:
        present = has_gpu(client)
    finally:
        client.close()
    device = _device(resources, wanted, present)
    if device == "cuda":
        return DockerLauncher(CUDA_IMAGE, device, gpus or FIRST_GPU)
    return DockerLauncher(resources.image)


def _local(resources: Resources, wanted: DeviceKind) -> LocalLauncher:
    asked = resources.gpus and wanted != "cpu"
    return LocalLauncher(_device(resources, wanted, bool(asked) and _torch_sees_a_gpu()))


def _torch_sees_a_gpu() -> bool:
    """The torch of this Python, asked in another process: here CUDA is never initialised."""
    if not Path("/dev/nvidiactl").exists():
        return False
    question = "import sys, torch; sys.exit(not torch.cuda.is_available())"
    return subprocess.run([sys.executable, "-c", question], capture_output=True).returncode == 0


def _device(resources: Resources, wanted: DeviceKind, present: bool) -> Device:
    if wanted == "cpu" or not resources.gpus:
        return "cpu"
    if present:
        return "cuda"
    if wanted == "cuda":
        raise GpuUnavailable(
            "no GPU can be handed to a sandbox here. With Docker install nvidia-container-toolkit "
            "and run `nvidia-ctk runtime configure --runtime=docker`; or grade within the CPU's "
            "budget by `--device cpu`. `autograder doctor` checks it."
        )
    return "cpu"
