"""What the benchmarks share: the memory of a process tree, the machine, sections of the README."""

import os
import platform
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

README = Path(__file__).parent / "README.md"


@dataclass
class Memory:
    """The peak of a sampled process tree, in MiB."""

    peak: float = 0.0


@contextmanager
def sampled_memory(interval: float = 0.05) -> Iterator[Memory]:
    """Samples what this process starts, and the containers that start meanwhile.

    The sum of resident sets: pages that forked processes share are counted for each of them, so
    the peak is an upper bound. Container processes are found as children of containerd's shims,
    which needs an engine on this machine itself.
    """
    memory, finished = Memory(), threading.Event()
    strangers = set(_shims())

    def sample() -> None:
        while not finished.wait(interval):
            roots = [psutil.Process(), *(shim for shim in _shims() if shim not in strangers)]
            resident = 0
            for root in roots:
                with suppress(psutil.NoSuchProcess):
                    resident += sum(map(_resident, root.children(recursive=True)))
            memory.peak = max(memory.peak, resident / 2**20)

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        yield memory
    finally:
        finished.set()
        sampler.join()


def _shims() -> list[psutil.Process]:
    processes = psutil.process_iter(["name"])
    return [process for process in processes if "containerd-shim" in (process.info["name"] or "")]


def _resident(process: psutil.Process) -> int:
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        return int(process.memory_info().rss)
    return 0


def machine() -> str:
    """One line on the hardware, the system and the engine that figures were measured on."""
    memory = psutil.virtual_memory().total / 2**30
    parts = [
        f"{os.cpu_count()} cores ({_processor()})",
        f"{memory:.0f} GiB memory",
        f"{platform.system()} {platform.release()}",
        f"Python {platform.python_version()}",
        _engine(),
    ]
    return ", ".join(parts)


def _processor() -> str:
    with suppress(OSError):
        model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
        if model:
            return model[1]
    return platform.machine()


def _engine() -> str:
    template = "Docker {{.ServerVersion}} ({{.Driver}}, {{.DefaultRuntime}})"
    try:
        return subprocess.run(
            ["docker", "info", "--format", template], capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "no Docker engine"


def write_section(name: str, text: str) -> None:
    """Puts `text` between the README's markers `<!-- name -->` and `<!-- /name -->`.

    Raises ValueError if the markers are missing.
    """
    opening, closing = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = README.read_text(encoding="utf-8").partition(opening)
    _, found_end, after = rest.partition(closing)
    if not (found and found_end):
        raise ValueError(f"{README.name} lacks the markers {opening} and {closing}: put them back")
    README.write_text(f"{before}{opening}\n{text}\n{closing}{after}", encoding="utf-8")
