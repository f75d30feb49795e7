"""Graphics processors, as far as a machine without one can tell."""

import json
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import docker
import pytest

from autograder.core.assignment import Limits, Resources
from autograder.core.results import Outcome
from autograder.errors import ImageMissing
from autograder.protocol.connection import Connection
from autograder.protocol.values import Handle
from autograder.sandbox.base import Launcher
from autograder.sandbox.docker import DockerLauncher, container_arguments, has_gpu
from autograder.sandbox.failure import is_gpu_fault, no_gpu
from autograder.sandbox.local import LocalLauncher
from autograder.sandbox.slots import SlotLauncher, cut
from autograder.suite.remote import Student
from autograder.suite.session import Session
from autograder.suite.usage import Usage
from autograder.suite.verdict import SandboxLost, Verdict

TORCH = Resources(image="torch-cpu", gpus=1.0)


class Recorder(BaseHTTPRequestHandler):
    """Writes down what would be created, and answers as an engine does."""

    created: list[Any]

    def do_POST(self) -> None:
        self.created.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer(201)

    def do_GET(self) -> None:
        self._answer(200)

    def address_string(self) -> str:
        return "a Unix socket"

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, code: int) -> None:
        body = json.dumps({"Id": "c0ffee", "Warnings": []}).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[tuple[Any, list[Any]]]:
    """A docker-py client, and the bodies that it has sent to create containers."""
    created: list[Any] = []
    handler = type("Handler", (Recorder,), {"created": created})
    with socketserver.UnixStreamServer(str(tmp_path / "engine"), handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        client = docker.DockerClient(base_url=f"unix://{tmp_path}/engine", version="1.43")
        yield client, created
        client.close()
        server.shutdown()
        serving.join()


def test_what_the_engine_is_sent_names_the_devices_and_changes_nothing_else(
    recorder: tuple[Any, list[Any]], tmp_path: Path
) -> None:
    """The body of POST /containers/create, as it goes over the wire."""
    client, created = recorder
    for gpus in ((), ("0", "GPU-8f3c")):
        client.containers.create(
            **container_arguments("image", Limits(), TORCH, tmp_path, "owner", gpus)
        )
    plain, gpu = created
    assert gpu["HostConfig"].pop("DeviceRequests") == [
        {
            "Driver": "nvidia",
            "Count": 0,
            "DeviceIDs": ["0", "GPU-8f3c"],
            "Capabilities": [["gpu", "compute", "utility"]],
            "Options": {},
        }
    ]
    assert not plain["HostConfig"].pop("DeviceRequests", None)
    assert gpu["Cmd"] == [*plain["Cmd"], "--gpu"]
    assert {**gpu, "Cmd": []} == {**plain, "Cmd": []}


def test_the_agent_of_a_gpu_has_torch_whatever_the_cpu_image_is(tmp_path: Path) -> None:
    arguments = container_arguments("image", Limits(), Resources(gpus=1), tmp_path, "o", ("0",))
    assert arguments["command"][-4:] == ["--warm", "numpy", "torch", "--gpu"]


@pytest.mark.parametrize(
    "said",
    [
        'could not select device driver "nvidia" with capabilities: [[gpu compute utility]]',
        "failed to create task: nvidia-container-cli: device error: 7:\n unknown device: unknown",
        "could not resolve CDI devices: unresolvable CDI devices nvidia.com/gpu=7",
    ],
)
def test_an_engine_that_fails_because_of_its_gpus_is_told_in_one_line(said: str) -> None:
    assert is_gpu_fault(said)
    told = str(no_gpu(("7",), said))
    assert told.startswith("no container gets GPU 7 (") and "--device cpu" in told
    assert "\n" not in told
    assert not is_gpu_fault("no space left on device")


@pytest.mark.slow
def test_a_sandbox_without_its_gpu_is_lost_before_student_code_is_there() -> None:
    """By our fault: the agent has tried it, and says what torch says."""
    torch = pytest.importorskip("torch")
    if torch.cuda.device_count():
        pytest.skip("this machine has a GPU")
    with LocalLauncher("cuda", ("0",)).start(Limits(), TORCH) as sandbox:
        session = Session(Connection(sandbox.socket), Limits(), Usage(sandbox.pid))
        with pytest.raises(SandboxLost, match="no GPU computes in the sandbox"):
            session.deliver([("a.py", b"")], "a.py", [], limits_memory=True, gpu_share=1.0)
        assert not sandbox.death().out_of_memory


@pytest.fixture(params=["local", pytest.param("docker", marks=pytest.mark.docker)])
def torch_launcher(request: pytest.FixtureRequest) -> Launcher:
    """Starts sandboxes with torch, on the CPU."""
    if request.param == "local":
        pytest.importorskip("torch")
        return LocalLauncher()
    request.getfixturevalue("client")
    try:
        return DockerLauncher("torch-cpu")
    except ImageMissing as problem:
        pytest.skip(str(problem))


GREEDY = b"""
import torch
def f(): raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")
def g(): return torch.empty(2), torch.backends.cudnn.allow_tf32, torch.cuda.is_initialized()
"""


@pytest.mark.slow
def test_a_full_gpu_is_another_thing_than_a_full_machine(torch_launcher: Launcher) -> None:
    """Whoever only says so gets no point either."""
    limits = Limits(memory_mb=2048, gpu_memory_mb=512)
    with torch_launcher.start(limits, TORCH) as sandbox:
        session = Session(Connection(sandbox.socket), limits, Usage(sandbox.pid))
        limited = torch_launcher.limits_memory
        session.deliver([("a.py", GREEDY)], "a.py", ["f"], limited, gpu_share=1.0)
        assert dict(session.environment)["TF32"] == "off"
        session.begin(30.0)
        student = Student(session, Handle(0))
        values, tf32, initialised = student.g()
        assert (values != values).all(), "deterministic: what nobody has filled is NaN"
        assert not tf32 and not initialised
        with pytest.raises(Verdict) as ended:
            student.f()
        assert ended.value.outcome is Outcome.OUT_OF_MEMORY
        assert ended.value.message == "Your code needed more than 512 MB of the GPU's memory."
        session.end()


@pytest.mark.slow
def test_a_gpu_that_is_lost_between_two_tests_is_no_fault_of_the_students() -> None:
    """A test that ended as one without its GPU would: a fork of the agent finds out that it is so.

    An end of another kind asks nobody.
    """
    if pytest.importorskip("torch").cuda.device_count():
        pytest.skip("this machine has a GPU")
    limits = Limits(memory_mb=2048)
    with LocalLauncher().start(limits, TORCH) as sandbox:
        session = Session(Connection(sandbox.socket), limits, Usage(sandbox.pid))
        text = b"def f(): raise ValueError\ndef g(): raise RuntimeError('No CUDA GPUs')"
        session.deliver([("a.py", text)], "a.py", ["f"], True, gpu_share=1.0)
        student = Student(session, Handle(0))

        def end_of(name: str) -> Verdict:
            session.begin(30.0)
            with pytest.raises(Verdict) as ended:
                getattr(student, name)()
            session.end()
            return ended.value

        session.rule_out_gpu(end_of("f"))
        with pytest.raises(SandboxLost, match="no GPU computes in the sandbox"):
            session.rule_out_gpu(end_of("g"))
        assert not sandbox.death().out_of_memory


# ── with a GPU, for real ─────────────────────────────────────────────────────────────────────

ON_GPU = b"""
import torch
def product(): return (torch.ones(64, 64, device="cuda") @ torch.ones(64, 64, device="cuda")).sum()
def fill(): return torch.ones(2**30, device="cuda")
"""
HALVES = Limits(memory_mb=8192, gpu_memory_mb=1024, test_seconds=120.0, submission_seconds=600.0)


@pytest.fixture(params=["local", pytest.param("docker", marks=pytest.mark.docker)])
def halves(request: pytest.FixtureRequest) -> Launcher:
    """Two slots that share the first GPU."""
    slots = cut(("0",), 0.5)
    if request.param == "local":
        if not pytest.importorskip("torch").cuda.device_count():
            pytest.skip("this machine has no GPU")
        return SlotLauncher([LocalLauncher("cuda", slot) for slot in slots])
    if not has_gpu(request.getfixturevalue("client")):
        pytest.skip("this engine has no NVIDIA runtime")
    try:
        return SlotLauncher([DockerLauncher("torch-cuda", "cuda", slot) for slot in slots])
    except ImageMissing as problem:
        pytest.skip(str(problem))


@pytest.mark.slow
def test_two_submissions_share_a_gpu_each_within_its_memory(halves: Launcher) -> None:
    """Worker after worker initialises CUDA; what it was computed with is told."""
    resources = Resources(image="torch-cpu", gpus=0.5)
    with halves.start(HALVES, resources) as one, halves.start(HALVES, resources) as other:
        for sandbox in (one, other):
            session = Session(Connection(sandbox.socket), HALVES, Usage(sandbox.pid))
            session.deliver([("a.py", ON_GPU)], "a.py", ["fill"], True, resources.gpu_share)
            told = dict(session.environment)
            assert told["GPU"] and told["CUDA"] and told["cuDNN"] and told["driver"] != "unknown"
            for _ in range(2):
                session.begin(HALVES.test_seconds)
                student = Student(session, Handle(0))
                assert student.product() == 64.0**3
                with pytest.raises(Verdict, match="more than 1024 MB of the GPU's memory"):
                    student.fill()
                session.end()
