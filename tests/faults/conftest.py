"""A class whose code takes its time, a place for it to be graded in, and an engine to be killed."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import psutil
import pytest
from msgspec import Struct

from autograder.core.ledger import Graded
from autograder.store import Repository
from autograder.usecases.workspace import Workspace

HERE = Path(__file__).parent
EXPECTED = {"ada": 100.0, "bo": 60.0, "cy": 100.0}


class Class(Struct, frozen=True, kw_only=True):
    """Three submissions, graded by real commands in a world of their own."""

    workspace: Workspace
    submissions: Path
    temporary: Path
    environment: dict[str, str]

    def grade(self, *faulty: str) -> "subprocess.CompletedProcess[str]":
        """`autograder grade`, with the fault if one is given, to its end."""
        grading = self.start(*faulty)
        output, errors = grading.communicate(timeout=120)
        return subprocess.CompletedProcess(grading.args, grading.returncode, output, errors)

    def start(self, *faulty: str) -> "subprocess.Popen[str]":
        """`autograder grade`, begun."""
        program = [str(HERE / "faulty.py"), *faulty] if faulty else ["-m", "autograder.cli"]
        return subprocess.Popen(
            [
                *(sys.executable, *program, "grade", "linear", str(self.submissions)),
                *("--course", str(self.workspace.folder), "--db", self.workspace.database),
                *("--sandbox", "docker", "--jobs", "2"),
            ],
            env=os.environ | {"TMPDIR": str(self.temporary)} | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ledger(self) -> list[tuple[str, float, str]]:
        """Student, points and fault of each result, in the order of saving."""
        with Repository.open(self.workspace.database) as repository:
            events = [event for event in repository.events() if isinstance(event, Graded)]
        return [(e.result.student, e.result.earned, e.result.fault) for e in events]

    def leftovers(self) -> tuple[list[str], list[str], list[str]]:
        """Processes, containers and temporary folders of commands that have ended."""
        mine = f"TMPDIR={self.temporary}"
        processes = []
        for process in psutil.process_iter():
            try:
                environment = Path(f"/proc/{process.pid}/environ").read_text()
                if mine in environment.split("\0"):
                    processes.append(" ".join(process.cmdline()))
            except (OSError, psutil.Error):
                continue
        client = docker.from_env(environment=os.environ | self.environment)
        containers = [
            container.name
            for container in client.containers.list(all=True, ignore_removed=True)
            if any(str(self.temporary) in mount["Source"] for mount in container.attrs["Mounts"])
        ]
        client.close()
        return processes, containers, [path.name for path in self.temporary.iterdir()]


@pytest.fixture
def pupils(workspace: Workspace, submissions: Path, numpy_image: str) -> Iterator[Class]:
    """Right, wrong, right; each test takes a third of a second of sleep."""
    right, wrong = ((submissions / name).read_text() for name in ("ada.py", "bo.py"))
    shutil.rmtree(submissions)
    submissions.mkdir()
    for student, source in zip(EXPECTED, (right, wrong, right), strict=True):
        slow = source.replace("self.W = W", "self.W = W\n        __import__('time').sleep(0.3)")
        (submissions / f"{student}.py").write_text(slow)
    temporary = Path(tempfile.mkdtemp(prefix="faults-"))  # sockets in it need short paths
    temporary.chmod(0o755)
    yield Class(workspace=workspace, submissions=submissions, temporary=temporary, environment={})
    shutil.rmtree(temporary)


class PrivateEngine:
    """A Docker engine beside the one that everybody uses; started again whenever it dies."""

    def __init__(self, folder: Path) -> None:
        self.environment = {
            "DOCKER_HOST": f"unix://{folder / 'socket'}",
            "ENGINE_PID": str(folder / "pid"),
        }
        self._command = [
            *("dockerd", "--bridge=none", "--iptables=false", f"--pidfile={folder / 'pid'}"),
            *(f"--data-root={folder / 'data'}", f"--exec-root={folder / 'run'}"),
            f"--host={self.environment['DOCKER_HOST']}",
        ]
        self._closing = threading.Event()
        self._watch = threading.Thread(target=self._keep_alive)
        self._watch.start()

    def client(self) -> Any:
        """A docker-py client, once the engine answers."""
        for _ in range(300):
            try:
                client = docker.from_env(environment=os.environ | self.environment, timeout=120)
                client.ping()
                return client
            except (docker.errors.DockerException, OSError):
                time.sleep(0.1)
        raise TimeoutError("the private engine does not answer")

    def close(self) -> None:
        """Stop the engine and everything it has started."""
        self._closing.set()
        self._watch.join()

    def _keep_alive(self) -> None:
        while not self._closing.is_set():
            engine = subprocess.Popen(self._command, stderr=subprocess.DEVNULL)
            while engine.poll() is None and not self._closing.wait(0.1):
                pass
            if self._closing.is_set():
                engine.terminate()
            engine.wait()


@pytest.fixture(scope="session")
def private_engine(client: Any, numpy_image: str) -> Iterator[PrivateEngine]:
    """With the image `numpy`; only root can start one."""
    if os.geteuid() != 0 or shutil.which("dockerd") is None:
        pytest.skip("only root can start a second Docker engine, where dockerd is installed")
    folder = Path(tempfile.mkdtemp(prefix="engine-"))
    engine = PrivateEngine(folder)
    try:
        name = client.images.get(numpy_image).tags[0]
        private = engine.client()
        private.images.load(client.api.get_image(name))
        private.close()
        yield engine
    finally:
        engine.close()
        shutil.rmtree(folder, ignore_errors=True)
