"""Part: what the machine is, and what a CUDA context costs."""

import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from part import ROOT, Part, first_line

from autograder.core.assignment import Resources
from autograder.protocol.connection import Connection
from autograder.sandbox.base import agent_arguments
from autograder.sandbox.local import environment
from autograder.suite.control import AgentControl
from autograder.suite.verdict import SandboxLost

LIBRARIES = (
    *("torch", "numpy", "pytest", "scikit-learn", "msgspec", "sqlalchemy", "alembic", "docker"),
    *("structlog", "nbformat", "typer", "rich"),
)
CGROUP = Path("/sys/fs/cgroup")

# In a process that has torch imported, as an agent has, a fork does what a worker does first.
CONTEXT = """
import json, os, time
import torch, torch._dynamo
torch.set_num_threads(1)
reading, writing = os.pipe()
if os.fork() == 0:
    told, start = {}, time.perf_counter()
    def lap(name):
        global start
        torch.cuda.synchronize()
        told[name], start = round(time.perf_counter() - start, 3), time.perf_counter()
    x = torch.ones(64, 64, device="cuda"); lap("context and first tensor")
    (x + x).sum().item(); lap("first kernel")
    x @ x; lap("first matmul (cuBLAS)")
    image = torch.ones(8, 3, 28, 28, device="cuda", requires_grad=True)
    layer = torch.nn.Conv2d(3, 6, 5).to("cuda")
    layer(image).sum().backward(); lap("first conv (cuDNN)")
    x @ x; lap("next matmul")
    os.write(writing, json.dumps(told).encode()); os._exit(0)
os.close(writing)
print(os.read(reading, 65536).decode() or "the fork died")
os.wait()
started = time.perf_counter()
if os.fork() == 0:
    torch.ones(1, device="cuda"); os._exit(0)
os.wait()
print(f"a second fork, from its start to its end: {time.perf_counter() - started:.3f} s")
print("initialised in the parent:", torch.cuda.is_initialized())
"""


def said(*command: str | Path, seconds: float = 60.0, **options: object) -> str:
    """What a command prints, both streams, or why it did not end."""
    try:
        done = subprocess.run(  # type: ignore[call-overload]
            command, capture_output=True, text=True, timeout=seconds, check=False, **options
        )
        return str(done.stdout + done.stderr).strip()
    except (OSError, subprocess.TimeoutExpired) as problem:
        return first_line(problem)


def machine(part: Part) -> None:
    """Versions, memory, control groups and tools."""
    record = part.record
    record.measure("card", part.card.name(), memory_mib=part.card.total() // 2**20)
    record.measure("memory in use before", f"{part.card.used() // 2**20} MiB")
    record.measure("processor", f"{os.cpu_count()} cores, {_line('/proc/cpuinfo', 'model name')}")
    record.measure("kernel", platform.release())
    record.measure("python", f"{platform.python_version()} {sys.base_prefix}")
    record.measure("libraries", ", ".join(f"{name} {_version(name)}" for name in LIBRARIES))
    record.measure("libcuda", os.environ.get("KIT_LIBCUDA", "unknown"))
    has_cgroups = (CGROUP / "cgroup.controllers").exists()
    controllers = _text(CGROUP / "cgroup.controllers").split() if has_cgroups else []
    record.measure("cgroup controllers", " ".join(controllers) or "no cgroup v2")
    record.measure(
        "dmem", "there: " + _text(CGROUP / "dmem.capacity") if "dmem" in controllers else "no"
    )
    record.measure("cgroup can be written", _cgroup_can_be_written() if has_cgroups else "no")
    found = {
        name: shutil.which(name) or "no" for name in ("docker", "podman", "crun", "unshare", "nvcc")
    }
    real = shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin") or "no"
    record.measure("tools", " ".join(f"{n}={p}" for n, p in {**found, "bwrap": real}.items()))
    record.measure("unshare -m", said("unshare", "-m", "true") or "works")


def driver(part: Part) -> None:
    """The driver's own words."""
    if not part.needs_card("driver", "device files", "NVML memory limits"):
        return
    query = "driver_version,compute_mode,mig.mode.current,persistence_mode,ecc.mode.current,pstate"
    part.record.measure(
        "driver", said("nvidia-smi", f"--query-gpu={query}", "--format=csv,noheader")
    )
    part.record.measure("device files", " ".join(sorted(map(str, Path("/dev").glob("nvidia*")))))
    import pynvml

    limits = [name for name in dir(pynvml) if "MemoryLimit" in name or "MemLimit" in name]
    part.record.measure("NVML memory limits", ", ".join(limits) or "none in this nvidia-ml-py")


def context(part: Part) -> None:
    """Whether torch computes with the sandbox's environment, and what a context costs."""
    if not part.needs_card("CUDA with the sandbox's environment", "seconds of a context"):
        return
    bare = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    question = "import torch; print(float(torch.ones(2, device='cuda').sum()))"
    answer = said(sys.executable, "-s", "-P", "-c", question, env=bare)
    part.record.check("CUDA with the sandbox's environment", "2.0", answer[-300:])
    part.record.measure("seconds of a context", said(sys.executable, "-c", CONTEXT)[-600:])


def agent(part: Part) -> None:
    """An agent as the local sandbox starts it, but its words go to the log: elsewhere none do."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch, ours:
        arguments = agent_arguments(Resources(image="torch-cpu", gpus=1.0), part.on_card)
        command = [sys.executable, "-s", "-P", "-m", "autograder.agent", "--fd", theirs.fileno()]
        process = subprocess.Popen(
            [*map(str, command), "--scratch", scratch, *arguments],
            env=environment(("0",) if part.on_card else ()),
            pass_fds=[theirs.fileno()],
            cwd=scratch,
        )
        theirs.close()
        try:
            ready = AgentControl(Connection(ours)).ready()
            got = " · ".join(f"{name} {value}" for name, value in ready.environment)
            part.record.check("an agent, with its GPU", "ready", "ready")
            part.record.measure(
                "an agent is ready after", f"{time.monotonic() - began:.1f} s: {got}"
            )
        except SandboxLost as lost:
            part.record.check("an agent, with its GPU", "ready", str(lost))
        ours.close()
        process.wait(10.0)


def doctor(part: Part) -> None:
    """What the program says of this machine."""
    began = time.monotonic()
    words = said(sys.executable, "-m", "autograder.cli", "doctor", cwd=ROOT, seconds=40.0)
    print(words)
    first = " / ".join(" ".join(line.split()) for line in words.splitlines()[:6])
    part.record.measure("doctor", f"{time.monotonic() - began:.1f} s: {first}")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _cgroup_can_be_written() -> str:
    folder = CGROUP / f"gpu-kit-{os.getpid()}"
    try:
        folder.mkdir()
        folder.rmdir()
        return "yes"
    except OSError as problem:
        return first_line(problem)


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError as problem:
        return first_line(problem)


def _line(path: str, key: str) -> str:
    lines = _text(Path(path)).splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "?")


if __name__ == "__main__":
    this = Part()
    for look in (machine, driver, agent, context, doctor):
        try:
            look(this)
        except Exception as problem:
            this.record.check(look.__name__, "no exception", first_line(problem))
            traceback.print_exc()
