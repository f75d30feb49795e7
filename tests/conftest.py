"""What tests of several layers share: a Docker engine, a small course with submissions."""

import contextlib
import itertools
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from autograder.errors import EngineUnavailable
from autograder.sandbox.base import Launcher
from autograder.sandbox.docker import DockerLauncher, connect
from autograder.sandbox.images import build_image
from autograder.sandbox.local import LocalLauncher
from autograder.usecases.workspace import Workspace

# The same examples in every run, so that a red run means a change; on a slow machine as well.
# `make test PYTEST=--hypothesis-profile=explore` looks for new ones.
settings.register_profile("repeat", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("repeat")


@pytest.fixture(scope="session")
def client() -> Iterator[Any]:
    """A docker-py client; without an engine the test is skipped, or fails where one is required."""
    try:
        client = connect()
    except EngineUnavailable as problem:
        if os.environ.get("AUTOGRADER_REQUIRE_DOCKER") == "1":
            raise
        pytest.skip(str(problem))
    yield client
    client.close()


@pytest.fixture(scope="session")
def numpy_image(client: Any) -> str:
    """The id of the image `numpy`, built if these sources have none."""
    return build_image(client, "numpy")


@pytest.fixture(scope="session")
def docker_launcher(numpy_image: str) -> DockerLauncher:
    """Starts containers of the image `numpy`."""
    return DockerLauncher("numpy")


COURSE = """
title = "Layers"
exemption = 6
[[component]]
name = "practicals"
constant = 0.6
[[component]]
name = "project"
constant = 0.4
[[assignment]]
slug = "linear"
component = "practicals"
[[assignment]]
slug = "paper"
component = "project"
marked = "hand"
"""

ASSIGNMENT = """
title = "A linear layer"
component = "practicals"
requires = ["Linear"]
[limits]
test_seconds = 2.0
submission_seconds = 10.0
memory_mb = 256
"""

SUITE = '''
import pytest


@pytest.mark.points(60)
def test_forward(student, rng, check_close):
    """Linear: forward is x W."""
    W, x = rng.standard_normal((4, 3)), rng.standard_normal((5, 4))
    check_close(student.Linear(W).forward(x), x @ W, "y")


@pytest.mark.points(40)
@pytest.mark.hint("Which way round?")
def test_backward(student, rng, check_gradients):
    """Linear: backward is the gradient."""
    W, x = rng.standard_normal((4, 3)), rng.standard_normal((5, 4))
    check_gradients(student.Linear(W), x, reference=lambda x: x @ W)
'''

SOLUTION = """
import numpy as np

class Linear:
    def __init__(self, W):
        self.W = W

    def forward(self, x):
        return x @ self.W

    def backward(self, grad_output):
        return grad_output @ self.W.T
"""

WRONG = SOLUTION.replace("return grad_output @ self.W.T", "return -grad_output @ self.W.T")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """The course in a folder of its own, with an empty ledger."""
    folder = tmp_path / "assignments"
    hidden = folder / "linear" / "hidden"
    hidden.mkdir(parents=True)
    (folder / "course.toml").write_text(COURSE)
    (folder / "linear" / "assignment.toml").write_text(ASSIGNMENT)
    (hidden / "test_linear.py").write_text(SUITE)
    return Workspace(folder=folder, database=f"sqlite:///{tmp_path / 'ledger.sqlite3'}")


@pytest.fixture
def submissions(tmp_path: Path) -> Path:
    """ada is right, bo has a wrong sign, cy handed in something else, di a broken notebook."""
    folder = tmp_path / "submissions"
    folder.mkdir()
    (folder / "ada.py").write_text(SOLUTION)
    (folder / "bo.py").write_text(WRONG)
    (folder / "cy.py").write_text("x = 1\n")
    (folder / "di.ipynb").write_text('{"cells": [')
    return folder


class Disk:
    """A disk of its own, with room for some megabytes until it is filled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, room: int = 0) -> None:
        """Not a byte more, and not a file; or `room` bytes for two files."""
        with contextlib.suppress(OSError), (self.folder / "ballast").open("wb") as ballast:
            while ballast.write(b"." * 4096):
                ballast.flush()
        with contextlib.suppress(OSError):
            for number in itertools.count():
                (self.folder / f"ballast-{number}").touch()
        if room:
            os.truncate(self.folder / "ballast", (self.folder / "ballast").stat().st_size - room)
            for number in range(2):
                (self.folder / f"ballast-{number}").unlink()

    def free(self) -> None:
        """Room again."""
        for path in self.folder.glob("ballast*"):
            path.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Only root can have one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m,nr_inodes=64", "disk", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("only root can mount a disk, where the system lets it")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="session")
def any_launcher(request: pytest.FixtureRequest) -> Launcher:
    """Docker where an engine answers, else the local sandbox."""
    try:
        connect().close()
    except EngineUnavailable:
        if os.environ.get("AUTOGRADER_REQUIRE_DOCKER") == "1":
            raise
        return LocalLauncher()
    launcher: Launcher = request.getfixturevalue("docker_launcher")
    return launcher
