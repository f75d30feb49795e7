import json
import shutil
from pathlib import Path
from typing import Any

import docker
import pytest

import autograder
from autograder.errors import ConfigurationError, EngineUnavailable, ImageMissing
from autograder.sandbox.images import (
    TARGETS,
    build_image,
    docker_folder,
    find_image,
    image_name,
    seccomp_profile,
)

REPOSITORY = Path(autograder.__file__).parent.parent

INSPECTION = """
import importlib.util, json, os, stat, sys
bad = []
for folder, folders, files in os.walk("/"):
    if folder in ("/proc", "/sys", "/dev"):
        folders.clear()
        continue
    for name in files:
        path = os.path.join(folder, name)
        mode = os.lstat(path).st_mode
        if stat.S_ISREG(mode):
            if mode & (stat.S_ISUID | stat.S_ISGID):
                bad.append(path)
            if "security.capability" in os.listxattr(path):
                bad.append(path)
agent = importlib.util.find_spec("autograder.agent").origin
print(json.dumps({
    "privileged": bad,
    "uid": os.getuid(),
    "agent": agent,
    "agent_mode": os.stat(agent).st_mode & 0o777,
    "agent_uid": os.stat(agent).st_uid,
    "modules": [m for m in ("torch", "pip", "autograder.suite") if importlib.util.find_spec(m)],
    "programs": sorted(os.listdir("/usr/bin") + os.listdir("/usr/local/bin")),
    "hash": hash("equal in every container"),
    "threads": [os.environ.get(f"{l}_NUM_THREADS") for l in ("OMP", "OPENBLAS", "MKL")],
    "cached": importlib.util.find_spec("numpy").cached,
    "is_cached": os.path.exists(importlib.util.find_spec("numpy").cached),
}))
"""


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A second clone of the repository, as far as images are concerned."""
    for part in ("__init__.py", "errors.py"):
        (tmp_path / "autograder").mkdir(exist_ok=True)
        shutil.copy(REPOSITORY / "autograder" / part, tmp_path / "autograder" / part)
    for part in ("autograder/agent", "autograder/protocol", "grading_docker"):
        shutil.copytree(
            REPOSITORY / part, tmp_path / part, ignore=shutil.ignore_patterns("torch-*")
        )
    monkeypatch.setattr(autograder, "__file__", str(tmp_path / "autograder" / "__init__.py"))
    return tmp_path


def run(client: Any, image: str, program: str) -> str:
    output: bytes = client.containers.run(
        image, ["-s", "-P", "-c", program], entrypoint=["python3"], remove=True, network_mode="none"
    )
    return output.decode()


def test_equal_sources_have_equal_names_in_every_clone(clone: Path) -> None:
    here = [image_name(target) for target in TARGETS]
    autograder.__file__ = str(REPOSITORY / "autograder" / "__init__.py")
    assert here == [image_name(target) for target in TARGETS]


@pytest.mark.parametrize(
    "changed",
    [
        "autograder/agent/__main__.py",
        "autograder/protocol/messages.py",
        "autograder/errors.py",
        "grading_docker/Dockerfile",
        "grading_docker/requirements-numpy.txt",
    ],
)
def test_a_change_of_what_an_image_is_made_of_changes_its_name(clone: Path, changed: str) -> None:
    before = image_name("numpy")
    with (clone / changed).open("a") as file:
        file.write("\n")
    assert image_name("numpy") != before


def test_the_pins_of_torch_do_not_touch_the_numpy_image(clone: Path) -> None:
    numpy, torch = image_name("numpy"), image_name("torch-cpu")
    (clone / "grading_docker" / "requirements-torch-cpu.txt").write_text("torch==0.0.0\n")
    assert image_name("numpy") == numpy
    assert image_name("torch-cpu") != torch


def test_compiled_files_beside_the_sources_do_not_change_the_name(clone: Path) -> None:
    before = image_name("numpy")
    cache = clone / "autograder" / "agent" / "__pycache__"
    cache.mkdir(exist_ok=True)
    (cache / "new.pyc").write_bytes(b"x")
    assert image_name("numpy") == before


def test_an_unknown_image_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match=r"'tensorflow'.*numpy, torch-cpu, torch-cuda"):
        image_name("tensorflow")


def test_an_installation_without_the_repository_says_so(clone: Path) -> None:
    shutil.rmtree(clone / "grading_docker")
    with pytest.raises(ConfigurationError, match="clone"):
        docker_folder()


def test_the_seccomp_profile_is_one_line_of_json() -> None:
    profile = seccomp_profile()
    assert "\n" not in profile
    assert json.loads(profile)["syscalls"]


def test_an_engine_that_does_not_answer_is_not_taken_for_a_missing_image() -> None:
    client = docker.DockerClient(base_url="unix:///nonexistent/docker.sock", version="1.41")
    with pytest.raises(EngineUnavailable, match="autograder doctor"):
        find_image(client, "numpy")


@pytest.mark.docker
def test_an_image_of_other_sources_is_missing_and_the_remedy_is_named(
    client: Any, clone: Path
) -> None:
    build_image(client, "numpy")
    (clone / "autograder" / "errors.py").write_text("# another\n")
    with pytest.raises(ImageMissing, match="`make images`"):
        find_image(client, "numpy")


@pytest.mark.docker
def test_building_again_changes_nothing_and_removes_older_images(client: Any) -> None:
    image = build_image(client, "numpy")
    client.images.get(image).tag("autograder-numpy", "000000000000")

    assert build_image(client, "numpy") == image
    assert find_image(client, "numpy") == image
    tags = {tag for found in client.images.list(name="autograder-numpy") for tag in found.tags}
    assert image_name("numpy") in tags
    assert "autograder-numpy:000000000000" not in tags


@pytest.mark.docker
def test_a_build_that_fails_tells_the_end_of_its_log(client: Any, clone: Path) -> None:
    build_image(client, "numpy")  # makes base image and wheelhouse
    (clone / "grading_docker" / "Dockerfile").write_text(
        "ARG BASE\nFROM ${BASE} AS numpy\nRUN echo the reason; exit 3\n"
    )
    with pytest.raises(ImageMissing, match=r"(?s)the reason.*non-zero code: 3"):
        build_image(client, "numpy")


@pytest.mark.docker
def test_the_numpy_image_holds_the_agent_and_nothing_that_helps_an_attacker(client: Any) -> None:
    image = build_image(client, "numpy")
    seen = json.loads(run(client, image, INSPECTION))
    assert seen["privileged"] == []
    assert seen["uid"] == 10001
    assert (seen["agent_uid"], seen["agent_mode"]) == (0, 0o644)
    assert seen["modules"] == []
    assert [p for p in seen["programs"] if not p.startswith("python")] == []
    assert seen["threads"] == ["1", "1", "1"]
    assert seen["is_cached"], seen["cached"]


@pytest.mark.docker
def test_hashes_of_strings_are_equal_in_every_container(client: Any) -> None:
    image = build_image(client, "numpy")
    program = "print(hash('equal'))"
    assert run(client, image, program) == run(client, image, program)


@pytest.mark.docker
def test_the_agent_is_the_entry_point_and_found_in_isolated_mode(client: Any) -> None:
    image = build_image(client, "numpy")
    usage = client.containers.run(image, ["--help"], remove=True, network_mode="none")
    assert b"autograder.agent" in usage
    isolated = ["python3", "-I", "-c", "import autograder.agent, sys; print(sys.flags.isolated)"]
    output = client.containers.run(image, entrypoint=isolated, remove=True, network_mode="none")
    assert output == b"1\n"
