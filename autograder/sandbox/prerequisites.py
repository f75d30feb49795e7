"""What `autograder doctor` says of this machine: `observe` looks, `judge` decides.

observe() -> Machine -> judge(machine) -> Check, Check, ...
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docker.errors import DockerException
from msgspec import Struct

from autograder.agent import landlock
from autograder.errors import AutograderError, ImageMissing
from autograder.sandbox.docker import connect
from autograder.sandbox.images import TARGETS, build_command, find_image, seccomp_profile

_LIMITS = {
    "MemoryLimit": "memory",
    "SwapLimit": "swap",
    "CpuCfsQuota": "cpu",
    "PidsLimit": "processes",
}
_FREE_BYTES = 3 * 10**9  # the torch image while it is built
_RUNC_WITHOUT_LEAK = (1, 1, 12)  # CVE-2024-21626


class Check(Struct, frozen=True, kw_only=True):
    """One line of `autograder doctor`."""

    name: str
    ok: bool | None
    """None: reported only, for something that not every course needs."""
    found: str
    remedy: str = ""
    """What to do about it; empty if nothing."""


class Engine(Struct, frozen=True, kw_only=True):
    """What a Docker engine says of itself."""

    version: str
    runc: str
    cgroup: str
    seccomp: bool
    missing_limits: tuple[str, ...]
    nvidia: bool
    images: dict[str, str]
    """Target to image id, for the images that were built from these sources."""


class Machine(Struct, frozen=True, kw_only=True):
    """What was seen."""

    engine: Engine | None
    engine_problem: str = ""
    profile_problem: str = ""
    bubblewrap: str | None = None
    """None: not installed; empty: it works; else why it does not."""
    landlock: int
    """Its version in this machine's kernel; 0: none."""
    free_bytes: dict[str, int]
    """By folder."""


def check_prerequisites(required: tuple[str, ...] = ("numpy",)) -> tuple[Check, ...]:
    """Every check of engine, images, seccomp, GPU runtime, bubblewrap and disk, in this order.

    `required` are the images that the course's assignments name. Without an engine its images,
    limits and runtimes are not mentioned.
    """
    return tuple(judge(observe(), required))


def observe() -> Machine:
    """Look at this machine; a thing that is missing is an observation, not an exception."""
    engine, engine_problem, profile_problem = None, "", ""
    folders = [Path(tempfile.gettempdir())]
    try:
        client = connect()
        try:
            info = client.info()
            engine = _engine(client, info)
            folders.append(Path(info["DockerRootDir"]))
        finally:
            client.close()
    except (AutograderError, DockerException, OSError) as problem:
        engine_problem = str(problem)
    try:
        seccomp_profile()
    except (AutograderError, OSError, ValueError) as problem:
        profile_problem = str(problem)
    return Machine(
        engine=engine,
        engine_problem=engine_problem,
        profile_problem=profile_problem,
        bubblewrap=_bubblewrap(),
        landlock=landlock.version(),
        # The engine's folder lies elsewhere when the engine runs in a virtual machine.
        free_bytes={str(f): shutil.disk_usage(f).free for f in folders if f.is_dir()},
    )


def judge(machine: Machine, required: tuple[str, ...] = ("numpy",)) -> Iterator[Check]:
    """Decide what is good, what is not, and what to do about it."""
    if machine.engine is None:
        yield Check(
            name="Docker engine",
            ok=False,
            found=machine.engine_problem,
            remedy="sudo grading_docker/engine.sh",
        )
    else:
        yield from _judge_engine(machine.engine, required)
    yield Check(
        name="seccomp profile",
        ok=not machine.profile_problem,
        found=machine.profile_problem or "grading_docker/seccomp.json",
        remedy="restore grading_docker/ from the repository" if machine.profile_problem else "",
    )
    yield _judge_bubblewrap(machine.bubblewrap)
    yield _judge_landlock(machine.landlock)
    for folder, free in machine.free_bytes.items():
        enough = free >= _FREE_BYTES
        yield Check(
            name=f"disk {folder}",
            ok=enough,
            found=f"{free / 1e9:.1f} GB free",
            remedy="" if enough else f"free {_FREE_BYTES / 1e9:.0f} GB; `docker system df` helps",
        )


def _judge_engine(engine: Engine, required: tuple[str, ...]) -> Iterator[Check]:
    yield Check(
        name="Docker engine",
        ok=True,
        found=f"{engine.version}, cgroup v{engine.cgroup}",
    )
    old = _version(engine.runc) < _RUNC_WITHOUT_LEAK
    yield Check(
        name="runc",
        ok=None if old or not engine.runc else True,
        found=engine.runc or "not named by the engine",
        remedy="CVE-2024-21626 was fixed in 1.1.12 and in distributions' packages of older "
        "versions: install the security updates"
        if old and engine.runc
        else "",
    )
    yield Check(
        name="container limits",
        ok=not engine.missing_limits,
        found="not enforced: " + ", ".join(engine.missing_limits)
        if engine.missing_limits
        else ", ".join(_LIMITS.values()),
        remedy="boot with cgroup v2, or with the kernel options cgroup_enable=memory swapaccount=1"
        if engine.missing_limits
        else "",
    )
    yield Check(
        name="seccomp",
        ok=engine.seccomp,
        found="supported" if engine.seccomp else "the engine cannot filter system calls",
        remedy="" if engine.seccomp else "use a kernel and an engine built with seccomp",
    )
    for target in TARGETS:
        present = target in engine.images
        if target == "torch-cuda" and not (present or engine.nvidia or target in required):
            continue
        yield Check(
            name=f"image {target}",
            ok=True if present else False if target in required else None,
            found=engine.images[target][:19] if present else "not built from these sources",
            remedy="" if present else build_command(target),
        )
    yield Check(
        name="GPU runtime",
        ok=True if engine.nvidia else None,
        found="nvidia" if engine.nvidia else "none: assignments are graded on the CPU",
        remedy=""
        if engine.nvidia
        else "for assignments with GPUs install nvidia-container-toolkit, then: "
        "nvidia-ctk runtime configure --runtime=docker, and restart the engine",
    )


def _judge_bubblewrap(problem: str | None) -> Check:
    """Only the local sandbox uses it, and does without where it must."""
    if problem is None:
        found, remedy = "not installed: --sandbox local shares files with you", "install bubblewrap"
    elif problem:
        found = f"does not work: {problem}"
        remedy = "allow user namespaces, e.g. sysctl kernel.unprivileged_userns_clone=1"
    else:
        found, remedy = "works", ""
    return Check(name="bubblewrap", ok=None if remedy else True, found=found, remedy=remedy)


def _judge_landlock(version: int) -> Check:
    """Every sandbox uses it where it is there; docs/security.md says what is open without."""
    if version:
        return Check(name="Landlock", ok=True, found=f"version {version}")
    return Check(
        name="Landlock",
        ok=None,
        found="not in this kernel: tests of a submission can read what earlier ones computed",
        remedy="boot Linux 5.13 or newer with landlock in the kernel option lsm=",
    )


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def _engine(client: Any, info: dict[str, Any]) -> Engine:
    version = client.version()
    components = {part["Name"]: part["Version"] for part in version.get("Components", ())}
    images = {}
    for target in TARGETS:
        try:
            images[target] = find_image(client, target)
        except ImageMissing:
            continue
    return Engine(
        version=version["Version"],
        runc=components.get("runc", ""),
        cgroup=info.get("CgroupVersion", "1"),
        seccomp=any("name=seccomp" in option for option in info.get("SecurityOptions") or ()),
        missing_limits=tuple(words for key, words in _LIMITS.items() if not info.get(key)),
        nvidia="nvidia" in (info.get("Runtimes") or {}),
        images=images,
    )


def _bubblewrap() -> str | None:
    program = shutil.which("bwrap")
    if program is None:
        return None
    tried = subprocess.run(
        [program, "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", program, "--version"],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    return "" if tried.returncode == 0 else tried.stderr.strip() or f"code {tried.returncode}"
