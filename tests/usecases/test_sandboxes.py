"""Where submissions run follows from what is asked for and what is there."""

from pathlib import Path
from typing import Any

import pytest

from autograder.core.assignment import Limits, Resources
from autograder.errors import GpuUnavailable
from autograder.sandbox.docker import DockerLauncher, container_arguments, has_gpu
from autograder.usecases.sandboxes import choose_launcher

GPU = Resources(image="numpy", gpus=1)


def test_an_assignment_without_gpus_never_gets_one() -> None:
    launcher, warning = choose_launcher("local", Resources(), "cuda")
    assert (launcher.device, launcher.limits_memory) == ("cpu", False)
    assert "not against attackers" in warning


def test_docker_is_taken_where_an_engine_answers(docker_launcher: DockerLauncher) -> None:
    launcher, warning = choose_launcher("auto", Resources(), "auto")
    assert (launcher.isolation, warning) == ("docker", "")


def test_without_a_gpu_auto_falls_back_and_cuda_names_the_remedy(client: Any) -> None:
    if has_gpu(client):
        pytest.skip("this engine has the NVIDIA runtime")
    assert choose_launcher("docker", GPU, "auto")[0].device == "cpu"
    assert choose_launcher("docker", GPU, "cpu")[0].device == "cpu"
    with pytest.raises(GpuUnavailable, match="nvidia-container-toolkit"):
        choose_launcher("docker", GPU, "cuda")


def test_a_container_with_a_gpu_names_it_and_is_no_less_restricted(tmp_path: Path) -> None:
    """Everything else stays as it is."""
    plain, gpu = (
        container_arguments("image", Limits(), GPU, tmp_path, "owner", gpus)
        for gpus in ((), ("GPU-8f3c", "1"))
    )
    (request,) = gpu.pop("device_requests")
    assert request["DeviceIDs"] == ["GPU-8f3c", "1"]
    assert request["Capabilities"] == [["gpu", "compute", "utility"]]
    assert {**gpu, "name": ""} == {**plain, "name": ""}
