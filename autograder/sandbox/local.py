"""A child process where there is no Docker: protection against accidents, not against attackers.

With bubblewrap installed the agent gets its own user, process and network namespaces and sees only
Python, its own sources and a scratch folder; without it, it is an ordinary process with resource
limits and a scrubbed environment.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import autograder
from autograder.core.assignment import Limits, Resources
from autograder.errors import SandboxFailed
from autograder.sandbox.base import Death, Device, Launcher, Sandbox, agent_arguments
from autograder.sandbox.folders import make_folder, sweep_folders

_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "agg",
}

_LAST_SECONDS = 5.0
"""For an agent whose connection is closed to end by itself."""


def bubblewrap_arguments(
    limits: Limits, scratch: str, device: Device = "cpu", gpus: tuple[str, ...] = ()
) -> list[str]:
    """The command in front of the agent's: a root made of Python and the agent's sources alone."""
    package = Path(autograder.__file__).parent
    visible = [Path(name) for name in ("/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache")]
    visible += [Path(sys.base_prefix), Path(sys.prefix)]
    visible += [package / part for part in ("__init__.py", "errors.py", "protocol", "agent")]
    binds = [
        argument for path in visible if path.exists() for argument in ("--ro-bind", path, path)
    ]
    return [
        *("bwrap", "--unshare-all", "--as-pid-1", "--die-with-parent", "--new-session"),
        *("--cap-drop", "ALL", "--clearenv"),
        *(part for name, value in environment(gpus).items() for part in ("--setenv", name, value)),
        *map(str, binds),
        *("--proc", "/proc", "--dev", "/dev"),
        *(part for gpu in gpu_files(device) for part in ("--dev-bind", gpu, gpu)),
        *("--size", str(limits.scratch_mb * 2**20), "--tmpfs", scratch),
        # Nothing but the scratch folder is writable: the agent wipes only that.
        *("--remount-ro", "/dev", "--remount-ro", "/"),
        *("--chdir", scratch, "--"),
    ]


def environment(gpus: tuple[str, ...]) -> dict[str, str]:
    """The agent's variables, of which CUDA reads the devices it may see; without any, none."""
    visible = {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": ",".join(gpus)}
    return _ENVIRONMENT | visible


def gpu_files(device: Device) -> list[str]:
    """NVIDIA's device files, where they are asked for."""
    return sorted(map(str, Path("/dev").glob("nvidia*"))) if device == "cuda" else []


class LocalSandbox(Sandbox):
    """A running agent process and its scratch folder."""

    def __init__(
        self, process: "subprocess.Popen[bytes]", sock: socket.socket, scratch: Path
    ) -> None:
        self._process = process
        self._scratch = scratch
        self.socket = sock
        self.pid = process.pid

    def death(self) -> Death:
        try:
            code = self._process.wait(timeout=_LAST_SECONDS)
        except subprocess.TimeoutExpired:  # the machine is too busy for it, or it is stopped
            return Death(out_of_memory=False, description="the agent's process is still there")
        return Death(out_of_memory=False, description=f"the agent ended with code {code}")

    def close(self) -> None:
        # The agent kills what its worker started when its connection closes.
        self.socket.close()
        try:
            self._process.wait(timeout=_LAST_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        shutil.rmtree(self._scratch, ignore_errors=True)


class LocalLauncher(Launcher):
    """Starts agents as child processes, in namespaces where bubblewrap is installed."""

    image_digest = ""

    def __init__(self, device: Device = "cpu", gpus: tuple[str, ...] = ()) -> None:
        self.device = device
        self._gpus = gpus
        # CUDA reserves more addresses than any limit leaves.
        self.limits_memory = device == "cuda"
        self._bubblewrap = _bubblewrap_works()
        self.isolation = "local (bubblewrap)" if self._bubblewrap else "local"

    def start(self, limits: Limits, resources: Resources) -> Sandbox:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        scratch = make_folder()
        inside = "/scratch" if self._bubblewrap else str(scratch)
        front: list[str] = []
        if self._bubblewrap:
            front = bubblewrap_arguments(limits, inside, self.device, self._gpus)
        warm = agent_arguments(resources, gpu=self.device == "cuda")
        agent = [sys.executable, "-s", "-P", "-m", "autograder.agent", "--fd", str(theirs.fileno())]
        try:
            process = subprocess.Popen(
                [*front, *agent, "--scratch", inside, *warm],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment(self._gpus),
                cwd=scratch,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        except OSError as problem:
            ours.close()
            shutil.rmtree(scratch)
            raise SandboxFailed(f"the agent's process did not start: {problem}") from problem
        finally:
            theirs.close()
        return LocalSandbox(process, ours, scratch)

    def sweep(self) -> int:
        return sweep_folders()


def _bubblewrap_works() -> bool:
    """Installed, and allowed to make namespaces here."""
    if shutil.which("bwrap") is None:
        return False
    command = [*bubblewrap_arguments(Limits(), "/scratch"), sys.executable, "-I", "-c", ""]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
