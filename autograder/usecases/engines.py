"""Chooses what grades: this machine, or a Ray cluster."""

import os
from functools import partial
from typing import Literal

from autograder.batch.engine import Engine
from autograder.batch.local import LocalEngine
from autograder.core.assignment import Resources
from autograder.errors import ConfigurationError
from autograder.sandbox.base import Launcher
from autograder.usecases.sandboxes import DeviceKind, SandboxKind, choose_launcher, slots_of

EngineKind = Literal["local", "ray"]


def choose_engine(
    kind: EngineKind,
    sandbox: SandboxKind,
    resources: Resources,
    device: DeviceKind = "auto",
    parallel: int = 0,
    address: str = "auto",
    gpus: str = "",
) -> tuple[Engine, str]:
    """The engine, and a warning ("" if there is none).

    It grades `parallel` submissions at a time; 0 is one for each core, or all that there is room
    for. `gpus` names those that may be used here, as `0,1`; "" is all. Raises ConfigurationError
    where Ray is not installed, and as `choose_launcher` does.
    """
    if kind == "local":
        launcher, warning = choose_launcher(sandbox, resources, device, slots_of(gpus, resources))
        return LocalEngine(launcher, parallel or os.cpu_count() or 1), warning
    try:
        from autograder.batch.ray import RayEngine
    except ImportError:
        raise ConfigurationError(
            "--engine ray needs Ray here and on the cluster's hosts: pip install 'autograder[ray]'"
        ) from None
    launcher_there = partial(_on_a_host, sandbox, resources, device)
    return RayEngine(launcher_there, address, parallel, use_gpus=device != "cpu"), ""


def _on_a_host(
    sandbox: SandboxKind, resources: Resources, device: DeviceKind, gpus: tuple[str, ...]
) -> Launcher:
    """What a grader of the cluster calls, with the device ids that are its own."""
    return choose_launcher(sandbox, resources, device, [gpus] if gpus else None)[0]
