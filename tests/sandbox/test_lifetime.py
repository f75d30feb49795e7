"""A sandbox leaves nothing behind, whoever dies first."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from autograder.core.assignment import Limits, Resources
from autograder.protocol.connection import frame
from autograder.protocol.messages import Request, encode
from autograder.protocol.operations import Call
from autograder.protocol.values import Handle
from autograder.sandbox.base import Launcher
from autograder.sandbox.docker import OWNER_LABEL

GRADER = """
import sys, time
from autograder.core.assignment import Limits, Resources
from autograder.sandbox.docker import DockerLauncher
from autograder.sandbox.local import LocalLauncher
launcher = DockerLauncher("numpy") if sys.argv[1] == "docker" else LocalLauncher()
sandbox = launcher.start(Limits(), Resources())
sandbox.socket.recv(1)  # the agent is ready
print("ready", flush=True)
time.sleep(600)
"""

BUSY = frame(encode(Request(1, (Call(Handle(0), ("run",), ("while True: pass",)),))))


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder of our own, with a path short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="t-"))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def containers(kind: str, request: pytest.FixtureRequest) -> Callable[[int], list[str]]:
    """Counts the containers that a process of this machine has started."""
    if kind != "docker":
        return lambda pid: []
    client = request.getfixturevalue("client")

    def count(pid: int) -> list[str]:
        found = client.api.containers(all=True, filters={"label": OWNER_LABEL})
        return [c["Id"] for c in found if c["Labels"][OWNER_LABEL].split(":")[-2] == str(pid)]

    return count


@pytest.fixture
def grader(kind: str, launcher: Launcher, temporary: Path) -> "Iterator[subprocess.Popen[str]]":
    """Another grader on this machine that has started a sandbox."""
    path = "" if kind == "local" else os.environ["PATH"]
    process = subprocess.Popen(
        [sys.executable, "-c", GRADER, kind],
        env={**os.environ, "TMPDIR": str(temporary), "PATH": path},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()
    launcher.sweep()


def until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


@pytest.mark.parametrize("when", ["at once", "while the submission is busy"])
def test_a_closed_sandbox_leaves_nothing(
    launcher: Launcher,
    bench: Any,
    temporary: Path,
    containers: Callable[[int], list[str]],
    when: str,
) -> None:
    def things() -> tuple[Any, ...]:
        running = {process.pid for process in psutil.Process().children(recursive=True)}
        # The client of the Docker engine keeps its connections.
        sockets = psutil.Process().num_fds() if launcher.isolation != "docker" else 0
        return running, containers(os.getpid()), sockets, list(temporary.iterdir())

    before = things()
    sandbox = launcher.start(Limits(), Resources())
    if when != "at once":
        busy = type(bench)(sandbox, launcher.limits_memory)
        busy.session.begin(5)
        busy.session._line.ask(BUSY)
        busy.session._line._take()
        busy.session._line.close()
    sandbox.close()
    sandbox.close()
    assert things() == before


def test_an_agent_that_is_silent_but_has_not_ended_is_nobodys_doing(launcher: Launcher) -> None:
    """On a machine too busy to start it in time: a fault of ours, and the batch goes on."""
    with launcher.start(Limits(), Resources()) as sandbox, pytest.MonkeyPatch.context() as patch:
        patch.setattr("autograder.sandbox.local._LAST_SECONDS", 0.1)
        assert not sandbox.death().out_of_memory


def test_what_a_killed_grader_left_is_removed(
    launcher: Launcher,
    grader: "subprocess.Popen[str]",
    temporary: Path,
    containers: Callable[[int], list[str]],
) -> None:
    agents = psutil.Process(grader.pid).children(recursive=True)
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    assert until(lambda: not any(agent.is_running() for agent in agents))
    launcher.sweep()
    assert containers(grader.pid) == []
    assert list(temporary.iterdir()) == []


def test_what_a_living_grader_uses_is_left_alone(
    launcher: Launcher,
    grader: "subprocess.Popen[str]",
    temporary: Path,
    containers: Callable[[int], list[str]],
) -> None:
    def things() -> tuple[Any, ...]:
        return containers(grader.pid), list(temporary.iterdir())

    before = things()
    launcher.sweep()
    assert things() == before
    assert any(before)
