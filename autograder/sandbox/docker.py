"""One container per submission, through docker-py."""

import contextlib
import os
import secrets
import shutil
import socket
import struct
import threading
import time
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.types import DeviceRequest, LogConfig, Ulimit
from requests.exceptions import RequestException

from autograder.core.assignment import Limits, Resources
from autograder.errors import EngineUnavailable, ImageMissing, SandboxFailed
from autograder.sandbox.base import Death, Device, Launcher, Sandbox, agent_arguments
from autograder.sandbox.failure import classify, is_gpu_fault, no_gpu
from autograder.sandbox.folders import make_folder, sweep_folders
from autograder.sandbox.images import find_image, seccomp_profile
from autograder.sandbox.owner import is_gone, owner_of

OWNER_LABEL = "autograder.owner"
USER = 10001
_SOCKET_FOLDER = "/run/autograder"
_SCRATCH = "/tmp"
_START_SECONDS = 60.0
_CREDENTIALS = struct.Struct("3i")
_DEATH_SECONDS = 5
_REMOVAL_PAUSES = (0.2, 1.0, 3.0, 10.0)
"""An engine that restarts is waited for; what is left all the same, the next batch sweeps."""


def container_arguments(
    image: str,
    limits: Limits,
    resources: Resources,
    socket_folder: Path,
    owner: str,
    gpus: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Keyword arguments of docker-py's `containers.create`: all that keeps a submission in.

    `gpus`: the ids of the devices that are handed through; the engine numbers them.
    """
    memory = f"{limits.memory_mb}m"
    # One inode each for the folder and the one in it where a worker starts.
    scratch = f"size={limits.scratch_mb}m,nr_inodes={limits.scratch_files + 2}"
    arguments: dict[str, Any] = {
        "image": image,
        "command": [
            *("--connect", f"{_SOCKET_FOLDER}/agent"),
            *("--scratch", _SCRATCH),
            *agent_arguments(resources, gpu=bool(gpus)),
        ],
        "name": f"autograder-{secrets.token_hex(8)}",
        "hostname": "sandbox",
        "labels": {OWNER_LABEL: owner},
        "user": f"{USER}:{USER}",
        "working_dir": _SCRATCH,
        # Its own network namespace, empty: with the mode alone the engine sets one up, at twice the
        # cost of everything else in starting a container.
        "network_disabled": True,
        "network_mode": "none",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges", f"seccomp={seccomp_profile()}"],
        "ipc_mode": "none",
        "mem_limit": memory,
        "memswap_limit": memory,
        "nano_cpus": int(limits.cpus * 1e9),
        "pids_limit": limits.processes,
        "ulimits": [
            Ulimit(name="nofile", soft=limits.open_files, hard=limits.open_files),
            Ulimit(name="core", soft=0, hard=0),
        ],
        "tmpfs": {
            # Root's, so that no worker can leave modes or flags at it for later ones.
            _SCRATCH: f"{scratch},mode=1777,noatime,nosuid,nodev,noexec",
            # In place of the engine's own, where workers could leave names for later ones.
            "/dev/mqueue": "ro,size=4k,mode=0555",
            # In place of counters of what earlier workers have used.
            "/sys/fs/cgroup": "ro,size=4k,mode=0555",
        },
        "volumes": {str(socket_folder): {"bind": _SOCKET_FOLDER, "mode": "ro"}},
        "log_config": LogConfig(type="none"),
        "stdin_open": False,
        "tty": False,
        "detach": True,
    }
    if gpus:
        arguments["device_requests"] = [
            DeviceRequest(
                driver="nvidia",
                device_ids=list(gpus),
                capabilities=[["gpu", "compute", "utility"]],
            )
        ]
    return arguments


class DockerSandbox(Sandbox):
    """A running container with a connected agent."""

    def __init__(self, container: Any, sock: socket.socket) -> None:
        self._container = container
        self._closed = False
        self.socket = sock
        self.pid = _peer(sock)

    def death(self) -> Death:
        try:
            # The connection ends a moment before the engine knows that the container has.
            with contextlib.suppress(RequestException):
                self._container.wait(timeout=_DEATH_SECONDS)
            self._container.reload()
            return classify(self._container.attrs["State"])
        except NotFound:
            return classify(None)
        except (DockerException, OSError) as problem:
            return Death(out_of_memory=False, description=f"the engine is gone: {problem}")

    def close(self) -> None:
        if self._closed:
            return
        self.socket.close()
        _remove(self._container)
        self._closed = True  # not before: whoever is interrupted here closes it once more


class DockerLauncher(Launcher):
    """Starts containers of one image."""

    isolation = "docker"
    limits_memory = True

    def __init__(self, image: str, device: Device = "cpu", gpus: tuple[str, ...] = ()) -> None:
        self._client = connect()
        self.device = device
        self._gpus = gpus
        self.image_digest = find_image(self._client, image)
        self._owner = owner_of(os.getpid())

    def start(self, limits: Limits, resources: Resources) -> Sandbox:
        outer = make_folder()
        inner = outer / "socket"
        container: Any = None
        try:
            # The outer folder keeps everybody out; the inner one is what the container sees.
            inner.mkdir(mode=0o755)
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
                listener.bind(str(inner / "agent"))
                (inner / "agent").chmod(0o666)
                listener.listen(1)
                container = self._client.containers.create(
                    **container_arguments(
                        self.image_digest, limits, resources, inner, self._owner, self._gpus
                    )
                )
                container.start()
                return DockerSandbox(container, _accept(listener, container))
        except SandboxFailed:
            _remove(container)
            raise
        except ImageNotFound as problem:
            raise ImageMissing(
                f"the image {self.image_digest[7:19]} is gone; `autograder images` builds it again"
            ) from problem
        except (DockerException, OSError) as problem:
            if container is not None:
                _remove(container)
            if self._gpus and is_gpu_fault(str(problem)):
                raise no_gpu(self._gpus, str(problem)) from problem
            raise SandboxFailed(
                f"a container did not start: {problem}; `autograder doctor` checks the engine"
            ) from problem
        finally:
            shutil.rmtree(outer, ignore_errors=True)

    def sweep(self) -> int:
        removed = sweep_folders()
        for container in self._client.containers.list(
            all=True, filters={"label": OWNER_LABEL}, ignore_removed=True
        ):
            if is_gone(container.labels[OWNER_LABEL]):
                _remove(container)
                removed += 1
        return removed


def has_gpu(client: Any) -> bool:
    """Whether the engine has the NVIDIA runtime."""
    return "nvidia" in client.info().get("Runtimes", {})


_connecting = threading.Lock()


def connect() -> Any:
    """A docker-py client of the engine in DOCKER_HOST or at the default socket.

    Raises EngineUnavailable with the remedy.
    """
    try:
        with _connecting:
            client = docker.from_env(timeout=120)
            client.ping()
    except (DockerException, OSError) as problem:
        raise EngineUnavailable(
            f"no Docker engine answers ({problem}). Start one with `make engine`, or grade without "
            "isolation by `--sandbox local`."
        ) from problem
    return client


def _peer(sock: socket.socket) -> int:
    """The id of the process that has connected: the container's first."""
    pid, _, _ = _CREDENTIALS.unpack(
        sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    )
    return int(pid)


def _accept(listener: socket.socket, container: Any) -> socket.socket:
    deadline = time.monotonic() + _START_SECONDS
    listener.settimeout(1.0)
    while time.monotonic() < deadline:
        try:
            return listener.accept()[0]
        except TimeoutError:
            container.reload()
            if container.status not in ("created", "running"):
                raise SandboxFailed(
                    f"the agent ended before it connected: {container.attrs['State']}"
                ) from None
    raise SandboxFailed(f"the agent did not connect within {_START_SECONDS:.0f} s")


def _remove(container: Any) -> None:
    """Kill and remove; a container that is gone already is what was wanted."""
    for pause in _REMOVAL_PAUSES:
        try:
            container.remove(force=True, v=True)
            return
        except NotFound:
            return
        except (APIError, DockerException, OSError):
            time.sleep(pause)
