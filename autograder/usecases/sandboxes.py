"""Chooses where submissions run."""

from typing import Literal

from autograder.errors import EngineUnavailable
from autograder.sandbox.base import Launcher
from autograder.sandbox.docker import DockerLauncher
from autograder.sandbox.local import LocalLauncher

SandboxKind = Literal["auto", "docker", "local"]


def choose_launcher(kind: SandboxKind, image: str) -> tuple[Launcher, str]:
    """A launcher, orphans of dead runs removed, and a warning ("" if there is none).

    `auto` takes Docker when an engine answers. Raises EngineUnavailable and ImageMissing.
    """
    warning = ""
    launcher: Launcher
    if kind == "local":
        launcher = LocalLauncher()
    else:
        try:
            launcher = DockerLauncher(image)
        except EngineUnavailable:
            if kind == "docker":
                raise
            launcher = LocalLauncher()
            warning = "no Docker engine answers"
    launcher.sweep()
    if isinstance(launcher, LocalLauncher):
        why = f"{warning}: " if warning else ""
        warning = (
            f"{why}submissions run in the {launcher.isolation} sandbox, which protects against "
            "accidents, not against attackers"
        )
    return launcher, warning
