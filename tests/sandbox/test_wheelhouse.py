import itertools
from pathlib import Path

import pytest

from autograder.errors import ImageMissing
from autograder.sandbox.images import docker_folder
from autograder.sandbox.wheelhouse import pip_arguments, wheels


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A `grading_docker` whose wheelhouse is complete."""
    (tmp_path / "requirements-numpy.txt").write_text("numpy==2.4.6\n")
    wheelhouse = tmp_path / "wheelhouse" / "numpy"
    wheelhouse.mkdir(parents=True)
    (wheelhouse / "numpy.whl").write_bytes(b"a wheel")
    (wheelhouse / "complete").write_text("amd64\nnumpy==2.4.6\n")
    return tmp_path


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "/nonexistent")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")


@pytest.mark.parametrize("target", ["numpy", "torch-cpu", "torch-cuda"])
def test_every_pin_is_exact(target: str) -> None:
    lines = (docker_folder() / f"requirements-{target}.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert pins
    assert all(line.count("==") == 1 and " " not in line for line in pins)


def test_wheels_are_for_the_python_and_the_machine_of_the_image() -> None:
    arguments = pip_arguments(Path("requirements-numpy.txt"), Path("there"), "arm64")
    assert arguments[arguments.index("--python-version") + 1] == "3.11"
    assert arguments[arguments.index("--abi") + 1] == "cp311"
    platforms = [b for a, b in itertools.pairwise(arguments) if a == "--platform"]
    assert "manylinux_2_28_aarch64" in platforms
    assert "manylinux2014_aarch64" in platforms
    assert all(platform.endswith("_aarch64") for platform in platforms)


def test_complete_pins_are_downloaded_alone_and_cuda_packages_are_resolved() -> None:
    complete = pip_arguments(Path("requirements-torch-cpu.txt"), Path("there"), "amd64")
    resolved = pip_arguments(Path("requirements-torch-cuda.txt"), Path("there"), "amd64")
    assert "--no-deps" in complete
    assert "--no-deps" not in resolved


def test_a_complete_wheelhouse_is_used_without_an_index(folder: Path, offline: None) -> None:
    said: list[str] = []
    found = wheels(folder, "numpy", "amd64", said.append)
    assert [path.name for path in found.glob("*.whl")] == ["numpy.whl"]
    assert said == []


@pytest.mark.parametrize(("pins", "machine"), [("numpy==2.4.5\n", "amd64"), (None, "arm64")])
def test_other_pins_or_another_machine_need_a_download_that_fails_with_its_cause(
    folder: Path, offline: None, pins: str | None, machine: str
) -> None:
    """The wheels that are there stay: the failure may be over in a minute."""
    if pins:
        (folder / "requirements-numpy.txt").write_text(pins)
    with pytest.raises(ImageMissing, match="No matching distribution"):
        wheels(folder, "numpy", machine, lambda line: None)
    assert [path.name for path in (folder / "wheelhouse").iterdir()] == ["numpy"]
    assert (folder / "wheelhouse" / "numpy" / "numpy.whl").exists()
