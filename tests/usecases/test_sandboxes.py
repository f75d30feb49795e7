"""Where submissions run follows from what is asked for and what is there."""

from typing import Any

import pytest

from autograder.core.assignment import Resources
from autograder.errors import GpuUnavailable, ImageMissing
from autograder.sandbox.docker import DockerLauncher, has_gpu
from autograder.usecases import sandboxes
from autograder.usecases.sandboxes import choose_launcher, slots_of

GPU = Resources(image="numpy", gpus=1)


def test_an_assignment_without_gpus_never_gets_one() -> None:
    launcher, warning = choose_launcher("local", Resources(), "cuda")
    assert (launcher.device, launcher.limits_memory) == ("cpu", False)
    assert "not against attackers" in warning


def test_docker_is_taken_where_an_engine_answers(docker_launcher: DockerLauncher) -> None:
    launcher, warning = choose_launcher("auto", Resources(), "auto")
    assert (launcher.isolation, warning) == ("docker", "")


def test_without_a_gpu_auto_falls_back_and_cuda_names_the_remedy(
    client: Any, numpy_image: str
) -> None:
    if has_gpu(client):
        pytest.skip("this engine has the NVIDIA runtime")
    assert choose_launcher("docker", GPU, "auto")[0].device == "cpu"
    assert choose_launcher("docker", GPU, "cpu")[0].device == "cpu"
    with pytest.raises(GpuUnavailable, match="nvidia-container-toolkit"):
        choose_launcher("docker", GPU, "cuda")


def test_where_there_is_a_gpu_its_image_is_used_and_enough_devices_are_needed(
    numpy_image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As far as an engine without one can tell."""
    monkeypatch.setattr(sandboxes, "has_gpu", lambda _: True)
    two = Resources(gpus=2)
    assert choose_launcher("docker", two, "cpu")[0].device == "cpu"
    with pytest.raises(GpuUnavailable, match="gets 2 GPUs, and there are fewer"):
        choose_launcher("docker", two, "cuda", slots_of("0", two))
    with pytest.raises(ImageMissing, match="autograder-torch-cuda"):
        choose_launcher("docker", two, "auto", slots_of("0, 1", two))


def test_the_gpus_that_are_named_make_the_slots() -> None:
    assert slots_of("0,GPU-8f3c", Resources(gpus=1)) == (("0",), ("GPU-8f3c",))
    assert slots_of("1", Resources(gpus=0.5)) == (("1",), ("1",))
    assert slots_of("", Resources(gpus=1)) is None, "all that there are"
    assert slots_of("0", Resources()) is None
