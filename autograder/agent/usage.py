"""What the kernel has counted: processor time, waits for a processor, kills for want of memory."""

import contextlib
import os
import resource
from collections.abc import Callable
from pathlib import Path

_GROUP = Path("/sys/fs/cgroup")
_COMPUTED: tuple[tuple[Path, Callable[[str], float]], ...] = (
    (_GROUP / "cpu.stat", lambda text: int(_fields(text)["usage_usec"]) / 1e6),  # cgroup v2
    (_GROUP / "cpuacct/cpuacct.usage", lambda text: int(text) / 1e9),  # cgroup v1
)
_OOM_COUNTERS = (_GROUP / "memory.events", _GROUP / "memory/memory.oom_control")


def oom_kills() -> int:
    """How often the kernel killed a process of this container for memory; 0 where unknown."""
    for counter in _OOM_COUNTERS:
        with contextlib.suppress(OSError, ValueError):
            return int(_fields(counter.read_text()).get("oom_kill", 0))
    return 0


def computed_seconds() -> float:
    """Processor time of all workers up to now; outside a container, of those that were reaped."""
    if os.getpid() == 1:  # elsewhere the counters are those of strangers as well
        own = resource.getrusage(resource.RUSAGE_SELF)
        for counter, seconds in _COMPUTED:
            with contextlib.suppress(OSError, ValueError, KeyError):
                return seconds(counter.read_text()) - own.ru_utime - own.ru_stime
    reaped = resource.getrusage(resource.RUSAGE_CHILDREN)
    return reaped.ru_utime + reaped.ru_stime


def waited_seconds(pid: int) -> float:
    """How long a process could have run and had no processor, by the thread that waited longest.

    0 where the kernel does not say.
    """
    waited = 0
    with contextlib.suppress(OSError, ValueError, IndexError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            waited = max(waited, int((task / "schedstat").read_text().split()[1]))
    return waited / 1e9


def _fields(text: str) -> dict[str, str]:
    return dict(line.split() for line in text.splitlines())
