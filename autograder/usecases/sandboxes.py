"""Chooses where submissions run, and on what."""

import contextlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from autograder.core.assignment import Resources
from autograder.errors import EngineUnavailable, GpuUnavailable
from autograder.sandbox.base import Device, Launcher
from autograder.sandbox.docker import DockerLauncher, connect, has_gpu
from autograder.sandbox.failure import GPU_REMEDY
from autograder.sandbox.local import LocalLauncher
from autograder.sandbox.slots import Slot, SlotLauncher, cut, devices_here

SandboxKind = Literal["auto", "docker", "local"]
DeviceKind = Literal["auto", "cpu", "cuda"]

CUDA_IMAGE = "torch-cuda"
FIRST_GPU = ("0",)
"""What an engine has at least that has the runtime, and runs where its devices are not seen."""


def choose_launcher(
    kind: SandboxKind,
    resources: Resources,
    device: DeviceKind = "auto",
    slots: Sequence[Slot] | None = None,
) -> tuple[Launcher, str]:
    """A launcher, orphans of dead runs removed, and a warning ("" if there is none).

    `auto` takes Docker when an engine answers, and a GPU when the assignment asks for one and there
    is one. `slots`: the devices of each submission; None: what the GPUs of this host make. Raises
    EngineUnavailable, ImageMissing and GpuUnavailable.
    """
    if slots is None and resources.gpus:
        slots = cut(devices_here() or FIRST_GPU, resources.gpus)
    warning = ""
    launcher: Launcher
    if kind == "local":
        launcher = _local(resources, device, slots or ())
    else:
        try:
            launcher = _docker(resources, device, slots or ())
        except EngineUnavailable:
            if kind == "docker":
                raise
            launcher = _local(resources, device, slots or ())
            warning = "no Docker engine answers"
    launcher.sweep()
    if launcher.isolation.startswith("local"):
        why = f"{warning}: " if warning else ""
        warning = (
            f"{why}submissions run in the {launcher.isolation} sandbox, which protects against "
            "accidents, not against attackers"
        )
    return launcher, warning


def slots_of(gpus: str, resources: Resources) -> tuple[Slot, ...] | None:
    """What the named GPUs make; None where none is named or asked for."""
    devices = tuple(name.strip() for name in gpus.split(",") if name.strip())
    return cut(devices, resources.gpus) if devices and resources.gpus else None


def _docker(resources: Resources, wanted: DeviceKind, slots: Sequence[Slot]) -> Launcher:
    present = bool(resources.gpus) and wanted != "cpu" and _engine_has_a_gpu()
    if _device(resources, wanted, slots, present) == "cpu":
        return DockerLauncher(resources.image)
    return SlotLauncher([DockerLauncher(CUDA_IMAGE, "cuda", slot) for slot in slots])


def _local(resources: Resources, wanted: DeviceKind, slots: Sequence[Slot]) -> Launcher:
    present = bool(resources.gpus) and wanted != "cpu" and _torch_sees_a_gpu()
    if _device(resources, wanted, slots, present) == "cpu":
        return LocalLauncher()
    return SlotLauncher([LocalLauncher("cuda", slot) for slot in slots])


def _engine_has_a_gpu() -> bool:
    with contextlib.closing(connect()) as client:
        return has_gpu(client)


def _torch_sees_a_gpu() -> bool:
    """The torch of this Python, asked in another process: here CUDA is never initialised."""
    if not Path("/dev/nvidiactl").exists():
        return False
    question = "import sys, torch; sys.exit(not torch.cuda.is_available())"
    return subprocess.run([sys.executable, "-c", question], capture_output=True).returncode == 0


def _device(
    resources: Resources, wanted: DeviceKind, slots: Sequence[Slot], present: bool
) -> Device:
    if wanted == "cpu" or not resources.gpus:
        return "cpu"
    if present and slots:
        return "cuda"
    if wanted == "cuda":
        if present:
            raise GpuUnavailable(
                f"a submission gets {resources.gpus:g} GPUs, and there are fewer. Name more with "
                "`--gpus`, lower `gpus` in assignment.toml, or grade by `--device cpu`."
            )
        raise GpuUnavailable(f"no GPU can be handed to a sandbox here. {GPU_REMEDY}")
    return "cpu"
