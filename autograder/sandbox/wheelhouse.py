"""Downloads the wheels of an image on the host, where the package index can be reached."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from autograder.errors import ImageMissing

PYTHON = "3.11"
_GLIBC_MINOR = 36  # of the base image: it runs every manylinux wheel up to this
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


def wheels(folder: Path, target: str, machine: str, progress: Callable[[str], None]) -> Path:
    """The folder `wheelhouse/<target>` with the wheels that `requirements-<target>.txt` pins.

    `machine` is the engine's architecture in Docker's words, `amd64` or `arm64`. Downloads only
    when the pins or the architecture have changed. Raises ImageMissing.
    """
    requirements = folder / f"requirements-{target}.txt"
    wheelhouse = folder / "wheelhouse" / target
    stamp = wheelhouse / "complete"
    wanted = f"{machine}\n{requirements.read_text()}"
    if stamp.is_file() and stamp.read_text() == wanted:
        return wheelhouse

    progress(f"downloading the wheels of {requirements.name}")
    wheelhouse.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=wheelhouse.parent, prefix=f"{target}-") as temporary:
        download = Path(temporary) / target
        _run_pip(pip_arguments(requirements, download, machine))
        (download / stamp.name).write_text(wanted)
        shutil.rmtree(wheelhouse, ignore_errors=True)
        download.rename(wheelhouse)
    return wheelhouse


def pip_arguments(requirements: Path, destination: Path, machine: str) -> list[str]:
    """What `python -m pip` is told: wheels for the image's Python, whatever Python runs this."""
    processor = _MACHINES.get(machine, machine)
    platforms = [f"manylinux_2_{minor}_{processor}" for minor in range(_GLIBC_MINOR, 16, -1)]
    arguments = ["download", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]
    arguments += ["--implementation", "cp", "--abi", "cp" + PYTHON.replace(".", "")]
    arguments += ["--python-version", PYTHON]
    for platform in [*platforms, f"manylinux2014_{processor}"]:
        arguments += ["--platform", platform]
    if requirements.stem != "requirements-torch-cuda":  # the other files are complete
        arguments.append("--no-deps")
    return [*arguments, "--dest", str(destination), "--requirement", str(requirements)]


def _run_pip(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        env={**os.environ, "PIP_NO_INPUT": "1"},
        check=False,
    )
    if done.returncode != 0:
        last = "\n".join(done.stderr.strip().splitlines()[-8:])
        raise ImageMissing(
            f"pip could not download the wheels for the grading image:\n{last}\n"
            "Is a package index reachable (`pip config list`), and is pip installed for "
            f"{sys.executable}?"
        )
