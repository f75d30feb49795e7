"""What the kernel of this machine has counted for a sandbox: nothing that the sandbox says itself.

A container has control groups of its own, v1 or v2. Elsewhere the processes below the sandbox's
first one are looked at, where what ended unseen is not counted.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_COMPUTED: tuple[tuple[str, str, Callable[[str], float]], ...] = (
    ("", "cpu.stat", lambda text: int(_fields(text)["usage_usec"]) / 1e6),  # v2
    ("cpuacct", "cpuacct.usage", lambda text: int(text) / 1e9),  # v1
)
_OOM_KILLS = (("", "memory.events"), ("memory", "memory.oom_control"))
_FROZEN = (
    ("", "cgroup.events", lambda text: _fields(text)["frozen"] == "1"),
    ("freezer", "freezer.state", lambda text: text.strip() != "THAWED"),
)
_TICKS = os.sysconf("SC_CLK_TCK")


class Usage:
    """Counters of the sandbox whose first process has this id, since a worker began."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._groups = _groups_of(pid)
        self.begin()

    def begin(self) -> None:
        """A worker is about to begin: what was before it no longer counts."""
        self._before = frozenset(_tree(self._pid))
        self._computed_before = self._computed()
        self._kills_before = self._kills()

    def has_run_out_of_memory(self) -> bool:
        """Whether the kernel has killed one of its processes for memory."""
        return self._kills() > self._kills_before

    def computed_seconds(self) -> float:
        """Processor time of all its processes, user and system."""
        return self._computed() - self._computed_before

    def waited_seconds(self) -> float:
        """How long one that is alive had no processor to run on, by the thread that waited longest.

        0 where the kernel does not say.
        """
        return max(map(waited_by, set(_tree(self._pid)) - self._before), default=0.0)

    def is_frozen(self) -> bool:
        """Whether all its processes are held, as `docker pause` does."""
        for controller, name, frozen in _FROZEN:
            with contextlib.suppress(OSError, KeyError):
                return frozen(self._read(controller, name))
        return False

    def _kills(self) -> int:
        for controller, name in _OOM_KILLS:
            with contextlib.suppress(OSError, ValueError, KeyError):
                return int(_fields(self._read(controller, name))["oom_kill"])
        return 0

    def _computed(self) -> float:
        for controller, name, seconds in _COMPUTED:
            with contextlib.suppress(OSError, ValueError, KeyError):
                return seconds(self._read(controller, name))
        return sum(map(_seconds_of, _tree(self._pid)))

    def _read(self, controller: str, name: str) -> str:
        return (self._groups[controller] / name).read_text()


def _groups_of(pid: int) -> dict[str, Path]:
    """By controller (v2: ""), the control groups that are not this process's own as well."""
    theirs, ours = _group_names(pid), _group_names(os.getpid())
    groups = {}
    for controller, name in theirs.items():
        folder = _ROOT / controller / name.lstrip("/")
        if name != ours.get(controller) and folder.is_dir():
            groups[controller] = folder
    return groups


def _group_names(pid: int) -> dict[str, str]:
    names: dict[str, str] = {}
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
            _, controllers, name = line.split(":", 2)
            names |= dict.fromkeys(controllers.split(","), name)
    return names


def _tree(pid: int) -> Iterator[int]:
    """The process and all below it that are alive."""
    yield pid
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))


def _seconds_of(pid: int) -> float:
    """Of one process and of its children that were waited for."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / _TICKS
    return 0.0


def waited_by(pid: int) -> float:
    """How long the thread of a process that waited longest had no processor to run on, in s."""
    waited = 0
    with contextlib.suppress(OSError, ValueError, IndexError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            waited = max(waited, int((task / "schedstat").read_text().split()[1]))
    return waited / 1e9


def _fields(text: str) -> dict[str, str]:
    return dict(line.split() for line in text.splitlines())
