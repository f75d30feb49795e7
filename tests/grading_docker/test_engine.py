"""engine.sh on engines of its own: their data, sockets and pid files lie in a temporary folder."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "grading_docker" / "engine.sh"
NOBODY = 65534

needs_dockerd = pytest.mark.skipif(
    shutil.which("dockerd") is None or os.geteuid() != 0,
    reason="starting an engine needs root and dockerd",
)


class Engine:
    """A private engine that engine.sh starts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pidfile = folder / "docker.pid"
        self.log = folder / "dockerd.log"
        self.host = f"unix://{folder}/docker.sock"
        self.environment = {**os.environ, "DOCKER_HOST": self.host, "DOCKERD_LOG": str(self.log)}

    def ensure(self) -> "subprocess.CompletedProcess[str]":
        options = ["--data-root", self.folder / "data", f"--exec-root={self.folder / 'exec'}"]
        options += ["--pidfile", self.pidfile, "--host", self.host]
        return subprocess.run(
            [SCRIPT, *map(str, options)],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def pid(self) -> int:
        return int(self.pidfile.read_text())

    def answers(self) -> bool:
        info = subprocess.run(
            ["docker", "info"], env=self.environment, capture_output=True, check=False
        )
        return info.returncode == 0

    def stop(self) -> None:
        if self.answers():
            _end(self.pid, signal.SIGTERM)
        mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
        for mount in reversed(mounts):  # what a killed engine left
            if mount.startswith(str(self.folder)):
                subprocess.run(["umount", "--lazy", mount], check=True)


def _end(pid: int, how: signal.Signals) -> None:
    os.kill(pid, how)
    with contextlib.suppress(OSError):
        while "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text():
            time.sleep(0.05)


def run_without_rights(environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    root = os.geteuid() == 0
    return subprocess.run(
        [SCRIPT],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        user=NOBODY if root else None,
        group=NOBODY if root else None,
        extra_groups=[] if root else None,
    )


@pytest.fixture
def engine() -> Iterator[Engine]:
    # A Unix socket's path is short: pytest's own folders can be too deep.
    with tempfile.TemporaryDirectory(prefix="engine-") as folder:
        engine = Engine(Path(folder))
        yield engine
        engine.stop()


@pytest.mark.docker
@pytest.mark.slow
@needs_dockerd
def test_an_engine_is_started_once_and_outlives_the_script(engine: Engine) -> None:
    assert not engine.answers()
    first = engine.ensure()
    assert first.returncode == 0, first.stderr
    assert engine.answers()
    pid = engine.pid

    second = engine.ensure()
    assert second.returncode == 0
    assert second.stderr == ""
    assert engine.pid == pid


@pytest.mark.docker
@needs_dockerd
def test_a_user_who_may_not_use_the_engine_is_told_so(engine: Engine) -> None:
    assert engine.ensure().returncode == 0
    done = run_without_rights(engine.environment)
    assert done.returncode == 2
    assert "may not use it" in done.stderr


@pytest.mark.docker
@pytest.mark.slow
@needs_dockerd
def test_a_killed_engine_is_replaced_and_its_stale_pid_file_harms_nobody(engine: Engine) -> None:
    """The number in a stale pid file may belong to another program by now."""
    assert engine.ensure().returncode == 0
    _end(engine.pid, signal.SIGKILL)
    bystander = subprocess.Popen(["sleep", "600"])
    try:
        engine.pidfile.write_text(str(bystander.pid))
        again = engine.ensure()
        assert again.returncode == 0, again.stderr
        assert engine.answers()
        assert engine.pid != bystander.pid
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.docker
@needs_dockerd
def test_an_engine_that_cannot_start_ends_with_code_4_and_its_log(engine: Engine) -> None:
    (engine.folder / "data").write_text("a file where a folder should be")
    done = engine.ensure()
    assert done.returncode == 4
    assert "does not answer" in done.stderr
    assert engine.log.read_text().splitlines()[-1] in done.stderr


def test_a_user_who_cannot_start_an_engine_is_told_what_to_do() -> None:
    done = run_without_rights(
        {"PATH": os.environ["PATH"], "DOCKER_HOST": "unix:///nonexistent/docker.sock"}
    )
    assert done.returncode == 2
    assert "only root can start one" in done.stderr
    assert "docker info" in done.stderr
