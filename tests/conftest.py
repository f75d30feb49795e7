"""Fixtures of every test that needs a Docker engine."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from autograder.errors import EngineUnavailable
from autograder.sandbox.docker import DockerLauncher, connect
from autograder.sandbox.images import build_image


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
