"""What every sandbox promises: a connected agent, an end without leftovers, a cause of death."""

import socket
from abc import ABC, abstractmethod
from typing import Literal, Self

from msgspec import Struct

from autograder.core.assignment import Limits, Resources

Device = Literal["cpu", "cuda"]


def agent_arguments(resources: Resources, gpu: bool) -> list[str]:
    """What the agent warms up: its part of the command line."""
    warm = ["numpy"] if resources.image == "numpy" and not gpu else ["numpy", "torch"]
    return ["--warm", *warm, *(["--gpu"] if gpu else [])]


class Death(Struct, frozen=True, kw_only=True):
    """How a sandbox ended before it was told to."""

    out_of_memory: bool
    """The submission filled its memory: the student's doing. Everything else is ours."""
    description: str


class Sandbox(ABC):
    """One warm agent, for one submission."""

    socket: socket.socket
    """Connected to the agent; nobody else holds the other end."""
    pid: int
    """Of its first process, as this machine numbers it."""

    @abstractmethod
    def death(self) -> Death:
        """Why the agent hung up; only asked after it did."""

    @abstractmethod
    def close(self) -> None:
        """Kill everything in the sandbox and remove it; calling it again does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Launcher(ABC):
    """Starts sandboxes of one kind."""

    isolation: str
    """How far a submission is kept apart, as stamped on every result."""
    image_digest: str
    """The image's content digest, empty where there is no image."""
    device: Device
    """What submissions compute on: `cuda` where a GPU is handed through."""
    limits_memory: bool
    """Whether the sandbox itself holds the submission to its memory limit."""
    room: int = 0
    """So many sandboxes at a time, and starting one more waits; 0: no limit of its own."""

    @abstractmethod
    def start(self, limits: Limits, resources: Resources) -> Sandbox:
        """A sandbox whose agent is warm; raises InfrastructureError."""

    @abstractmethod
    def sweep(self) -> int:
        """Remove the sandboxes and folders that a killed grader left behind; how many."""
