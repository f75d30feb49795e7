"""Who computes on which GPU: a slot is what one submission gets of the host's devices."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

from autograder.core.assignment import Limits, Resources
from autograder.sandbox.base import Death, Launcher, Sandbox

Slot = tuple[str, ...]
"""The ids of its devices; slots that share a device name it both."""


def devices_here() -> tuple[str, ...]:
    """The GPUs of this host by their numbers; the driver is not asked, let alone CUDA."""
    count = len(list(Path("/dev").glob("nvidia[0-9]*")))
    return tuple(map(str, range(count)))


def cut(devices: Sequence[str], gpus: float) -> tuple[Slot, ...]:
    """The slots that devices make if each submission gets `gpus` of them.

    Whole numbers are exclusive devices; a fraction shares each among as many as fit, and the first
    slots are of different devices. Empty where there are too few.
    """
    if gpus < 1:
        sharers = int(1 / gpus + 1e-9)  # ten times 0.1 is one
        return tuple((device,) for _ in range(sharers) for device in devices)
    size = int(gpus)
    return tuple(
        tuple(devices[start : start + size]) for start in range(0, len(devices) - size + 1, size)
    )


class SlotLauncher(Launcher):
    """Starts a sandbox in whatever slot is free, and waits while none is.

    A slot is taken when the sandbox starts, for an engine hands devices to a container when it is
    made, and given back when the sandbox is closed.
    """

    def __init__(self, launchers: Sequence[Launcher]) -> None:
        """`launchers`: one for each slot, which hands its devices through."""
        self._any = launchers[0]
        self.isolation = self._any.isolation
        self.image_digest = self._any.image_digest
        self.device = self._any.device
        self.limits_memory = self._any.limits_memory
        self.room = len(launchers)
        self._free: SimpleQueue[Launcher] = SimpleQueue()
        for launcher in launchers:
            self._free.put(launcher)

    def start(self, limits: Limits, resources: Resources) -> Sandbox:
        launcher = self._free.get()
        try:
            sandbox = launcher.start(limits, resources)
        except BaseException:
            self._free.put(launcher)
            raise
        return _Lodger(sandbox, lambda: self._free.put(launcher))

    def sweep(self) -> int:
        return self._any.sweep()


class _Lodger(Sandbox):
    """A sandbox that leaves its slot when it is closed."""

    def __init__(self, sandbox: Sandbox, leave: Callable[[], None]) -> None:
        self.socket = sandbox.socket
        self.pid = sandbox.pid
        self._sandbox = sandbox
        self._end = ExitStack()
        self._end.callback(leave)

    def death(self) -> Death:
        return self._sandbox.death()

    def close(self) -> None:
        with self._end:
            self._sandbox.close()
