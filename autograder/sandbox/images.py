"""Finds and builds the grading images; `grading_docker/Dockerfile` says what they hold.

An image's tag is a hash of all that it is made from, so that an image of another agent is never
used: it is missing until it is built.
"""

import hashlib
import io
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import msgspec
from docker.errors import APIError, DockerException, ImageNotFound
from requests.exceptions import RequestException

import autograder
from autograder.errors import ConfigurationError, EngineUnavailable, ImageMissing
from autograder.sandbox.wheelhouse import wheels

TARGETS = ("numpy", "torch-cpu", "torch-cuda")
BASE = "autograder-base:python3.11"
_AGENT_SOURCES = ("__init__.py", "errors.py", "protocol", "agent")
_BUILD_SECONDS = 3600  # the engine is silent while one step of a build runs

Progress = Callable[[str], None]


def docker_folder() -> Path:
    """The folder `grading_docker` beside the package; raises ConfigurationError."""
    folder = Path(autograder.__file__).parent.parent / "grading_docker"
    if not (folder / "Dockerfile").is_file():
        raise ConfigurationError(
            f"{folder} holds no Dockerfile: the grading images are built from a clone of the "
            "repository. Clone it and run `make setup` there, or use `--sandbox local`."
        )
    return folder


def seccomp_profile() -> str:
    """The seccomp profile of the grading containers as JSON, in the form the engine's API takes."""
    text = (docker_folder() / "seccomp.json").read_bytes()
    return msgspec.json.format(text, indent=-1).decode()


def image_name(target: str) -> str:
    """`autograder-<target>:<hash>` over the Dockerfile, the pins and the agent's sources.

    Raises ConfigurationError for a target that is not in TARGETS.
    """
    return _name(target, _sources(target))


def build_command(target: str) -> str:
    """What a person types to build the image."""
    return "make images" if target == "numpy" else f"make images TARGETS={target}"


def find_image(client: Any, target: str) -> str:
    """The id (`sha256:…`) of the image that belongs to these sources.

    Raises ImageMissing, and EngineUnavailable where no engine answers.
    """
    name = image_name(target)
    try:
        return str(client.images.get(name).id)
    except ImageNotFound:
        raise ImageMissing(
            f"the grading image {name} has not been built from these sources. "
            f"Build it with `{build_command(target)}`."
        ) from None
    except (DockerException, OSError) as problem:
        raise EngineUnavailable(
            f"the Docker engine did not answer when asked for image {name} ({problem}). "
            "`autograder doctor` checks the engine."
        ) from problem


def build_image(client: Any, target: str, progress: Progress = lambda line: None) -> str:
    """Download the wheels, make the base image, build; each only if it is not there yet.

    Returns the image's id; older images of the target are removed. `progress` gets a line per
    step. Raises ImageMissing with the end of the log, and EngineUnavailable.
    """
    sources = _sources(target)
    name = _name(target, sources)
    try:
        if not _exists(client, name):
            machine = str(client.version()["Arch"])
            libraries = _libraries(target)
            folders = [wheels(docker_folder(), part, machine, progress) for part in libraries]
            if not _exists(client, BASE):
                _make_base(progress)
            with tempfile.TemporaryFile() as context:
                _write_context(context, sources, folders)
                context.seek(0)
                _build(client, target, name, context, progress)
        _remove_older(client, target, name)
        return str(client.images.get(name).id)
    except (DockerException, RequestException) as problem:
        raise EngineUnavailable(
            f"the Docker engine failed while it built image {name} ({problem}). "
            "`autograder doctor` checks the engine."
        ) from problem


def _libraries(target: str) -> tuple[str, ...]:
    return ("numpy",) if target == "numpy" else ("numpy", target)


def _name(target: str, sources: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for path, content in sorted(sources.items()):
        digest.update(f"{path}\0{len(content)}\0".encode())
        digest.update(content)
    return f"autograder-{target}:{digest.hexdigest()[:12]}"


def _sources(target: str) -> dict[str, bytes]:
    """All that makes an image what it is, by the path it has in the repository."""
    if target not in TARGETS:
        raise ConfigurationError(
            f"there is no grading image {target!r}; resources.image is one of {', '.join(TARGETS)}."
        )
    folder = docker_folder()
    root = folder.parent
    files = [folder / "Dockerfile"]
    files += [folder / f"requirements-{part}.txt" for part in _libraries(target)]
    for part in _AGENT_SOURCES:
        path = root / "autograder" / part
        files += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def _write_context(stream: IO[bytes], sources: Mapping[str, bytes], folders: list[Path]) -> None:
    """The build context: equal sources give equal bytes, which is what the build cache looks at."""
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name in ("autograder/protocol", "autograder/agent"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(folder)
        for name, content in sorted(sources.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
        for folder_path in folders:
            for path in sorted(folder_path.glob("*.whl")):
                entry = tarfile.TarInfo(f"grading_docker/wheelhouse/{folder_path.name}/{path.name}")
                entry.size, entry.mode = path.stat().st_size, 0o644
                with path.open("rb") as wheel:
                    archive.addfile(entry, wheel)


def _exists(client: Any, name: str) -> bool:
    try:
        client.images.get(name)
    except ImageNotFound:
        return False
    return True


def _make_base(progress: Progress) -> None:
    progress(f"making the base image {BASE}")
    script = subprocess.Popen(
        [docker_folder() / "base.sh", BASE],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    assert script.stderr is not None
    lines = []
    for line in script.stderr:
        lines.append(line.rstrip())
        progress(lines[-1])
    if script.wait() != 0:
        raise ImageMissing("the base image could not be made:\n" + "\n".join(lines[-12:]))


def _build(client: Any, target: str, name: str, context: IO[bytes], progress: Progress) -> None:
    arguments = {"BASE": BASE} if target == "numpy" else {"BASE": BASE, "TORCH": target}
    progress(f"building {name}")
    log: list[str] = []
    for event in client.api.build(
        fileobj=context,
        custom_context=True,
        dockerfile="grading_docker/Dockerfile",
        target=target,
        buildargs=arguments,
        tag=name,
        network_mode="none",
        rm=True,
        forcerm=True,
        decode=True,
        timeout=_BUILD_SECONDS,
    ):
        line = str(event.get("error") or event.get("stream", "")).strip()
        if line:
            log.append(line)
            progress(line)
        if "error" in event:
            raise ImageMissing(f"the image {name} could not be built:\n" + "\n".join(log[-12:]))


def _remove_older(client: Any, target: str, name: str) -> None:
    for image in client.images.list(name=f"autograder-{target}"):
        for tag in image.tags:
            if tag != name:
                _remove_unless_used(client, tag)
    # What builds leave of their first stages is their cache: a day is enough.
    client.images.prune(filters={"dangling": True, "label": "autograder.stage", "until": "24h"})


def _remove_unless_used(client: Any, tag: str) -> None:
    try:
        client.images.remove(tag)
    except APIError as problem:
        if problem.status_code not in (404, 409):  # removed by another build; used by a container
            raise
