"""The engine of a Ray cluster: two hosts on this machine, one of which may die."""

import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.batch.grading import GradingJob
from autograder.batch.local import LocalEngine
from autograder.core.assignment import Assignment, Limits
from autograder.core.results import Outcome, Phases, SubmissionResult
from autograder.errors import EngineUnavailable, ImageMissing, InfrastructureError
from autograder.sandbox.base import Launcher
from autograder.sandbox.local import LocalLauncher
from autograder.submissions.intake import SourceFile, Submission, digest_of

# Ray reads it when it is imported: everything stays on the loopback, as on a Mac.
os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
ray = pytest.importorskip("ray")
from ray.cluster_utils import Cluster  # noqa: E402

from autograder.batch.ray import RayEngine, pack, unpack  # noqa: E402  only where Ray is installed

pytestmark = pytest.mark.slow

# Ray's workers cannot import tests: what they call travels with the call.
ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])

TESTS = """
import pytest
from numbers_of_the_suite import ONE

@pytest.mark.points(2)
def test_first(student):
    assert student.f() == ONE

@pytest.mark.points(1)
def test_second(student, rng):
    x = rng.standard_normal(3)
    assert (student.g(x) == x).all()
"""
CONFTEST = "import sys, pathlib\nsys.path.insert(0, str(pathlib.Path(__file__).parent))\n"
SLOW = "import time\ndef f():\n    time.sleep(0.5)\n    return 1\ndef g(x): return x"
WRONG = "def f(): return 1\ndef g(x): return -x"
BROKEN_HOST = "AUTOGRADER_TEST_NO_IMAGE"


def local_launcher(gpus: tuple[str, ...]) -> Launcher:
    """What a grader calls on its host; the image is missing on the hosts that say so."""
    if os.environ.get(BROKEN_HOST):
        raise ImageMissing("the grading image has not been built")
    return LocalLauncher()


@pytest.fixture(scope="module")
def head() -> Iterator[Cluster]:
    """A cluster without slots for graders."""
    here = {"node_ip_address": "127.0.0.1", "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **here})
    ray.init(address=cluster.address, log_to_driver=False, _node_ip_address="127.0.0.1")
    yield cluster
    ray.shutdown()
    cluster.shutdown()


@pytest.fixture
def cluster(head: Cluster) -> Iterator[Cluster]:
    """The cluster, whose hosts go when the test ends."""
    yield head
    for host in list(head.worker_nodes):
        head.remove_node(host, allow_graceful=False)


@pytest.fixture
def jobs(tmp_path: Path) -> list[GradingJob]:
    """Eight submissions, slow enough that a host can die in the middle."""
    hidden = tmp_path / "linear" / "hidden"
    hidden.mkdir(parents=True)
    (hidden / "test_it.py").write_text(TESTS)
    (hidden / "conftest.py").write_text(CONFTEST)
    (hidden / "numbers_of_the_suite.py").write_text("ONE = 1\n")
    assignment = Assignment(
        slug="linear",
        title="Linear",
        component="practicals",
        folder=tmp_path / "linear",
        requires=("f", "g"),
        limits=Limits(test_seconds=5),
    )
    return [
        submission(assignment, f"s{i}", f"{WRONG if i == 3 else SLOW}\n# {i}") for i in range(8)
    ]


def submission(assignment: Assignment, student: str, text: str) -> GradingJob:
    """A job."""
    files = {"work.py": text.encode()}
    return GradingJob(
        assignment=assignment,
        submission=Submission(
            student=student,
            digest=digest_of(files),
            files=(SourceFile(name="work.py", content=files["work.py"]),),
            entry="work.py",
        ),
        secret=b"s",
        suite_digest="d",
    )


def add_host(cluster: Cluster, cpus: int, **environment: str) -> object:
    """One more host with so many slots."""
    return cluster.add_node(num_cpus=cpus, node_ip_address="127.0.0.1", env_vars=environment)


def verdict(result: SubmissionResult) -> object:
    """All but the times."""
    tests = [(t.name, t.outcome, t.points, t.message, t.hint) for t in result.tests]
    return result.student, result.digest, tests, result.notes, result.provenance, result.fault


def test_a_cluster_that_does_not_answer_is_named() -> None:
    """The first test: afterwards this process belongs to a cluster that does."""
    with pytest.raises(EngineUnavailable, match=r"127\.0\.0\.1:9.*ray start"):
        RayEngine(local_launcher, "127.0.0.1:9").warm_up(
            Assignment(slug="a", title="", component="", folder=Path(), requires=())
        )


def test_a_cluster_grades_as_this_machine_does(cluster: Cluster, jobs: list[GradingJob]) -> None:
    """Equal scores and messages; the suite travels with its helper files."""
    add_host(cluster, 1)
    add_host(cluster, 1)
    there = list(RayEngine(local_launcher, cluster.address).run(jobs))
    here = list(LocalEngine(LocalLauncher(), 2).run(jobs))
    assert sorted(map(verdict, there), key=str) == sorted(map(verdict, here), key=str)
    assert {r.earned for r in there} == {3, 2}
    assert all(result.phases != Phases() for result in there)


def test_what_a_lost_host_was_busy_with_is_graded_elsewhere(
    cluster: Cluster, jobs: list[GradingJob]
) -> None:
    """Nothing lost, nothing twice."""
    add_host(cluster, 1)
    doomed = add_host(cluster, 1)
    results = []
    for result in RayEngine(local_launcher, cluster.address).run(jobs):
        results.append(result)
        if len(results) == 2:
            cluster.remove_node(doomed, allow_graceful=False)
    assert sorted(r.student for r in results) == [f"s{i}" for i in range(8)]
    assert [r.fault for r in results] == [""] * 8


def test_a_host_without_the_image_is_avoided(cluster: Cluster, jobs: list[GradingJob]) -> None:
    """Also where it is asked first, and only one grader is wanted."""
    add_host(cluster, 1, **{BROKEN_HOST: "1"})
    add_host(cluster, 1)
    with RayEngine(local_launcher, cluster.address, parallel=1) as engine:
        engine.warm_up(jobs[0].assignment)
        results = list(engine.run(jobs[:3]))
    assert [r.fault for r in results] == [""] * 3


def test_without_any_host_that_can_grade_the_reason_is_told(
    cluster: Cluster, jobs: list[GradingJob]
) -> None:
    """Before anything is graded, and with the host's name."""
    add_host(cluster, 1, **{BROKEN_HOST: "1"})
    with (
        RayEngine(local_launcher, cluster.address) as engine,
        pytest.raises(InfrastructureError, match=rf"{socket.gethostname()}: the grading image"),
    ):
        engine.warm_up(jobs[0].assignment)


def test_when_the_last_host_is_lost_the_rest_is_ungraded(
    cluster: Cluster, jobs: list[GradingJob]
) -> None:
    """By our fault, and never a zero: the same command grades it later."""
    host = add_host(cluster, 1)
    results = []
    for result in RayEngine(local_launcher, cluster.address).run(jobs):
        results.append(result)
        if len(results) == 1:
            cluster.remove_node(host, allow_graceful=False)
    assert sorted(r.student for r in results) == [f"s{i}" for i in range(8)]
    ungraded = [r for r in results if r.outcome is Outcome.UNGRADED]
    assert 1 <= len(ungraded) < 8, "the host may get one more done before it is gone"
    assert "no host of the Ray cluster can grade" in ungraded[-1].fault
    assert all(r.earned in (2, 3) for r in results if r not in ungraded)


def test_a_killed_grader_is_replaced(cluster: Cluster, jobs: list[GradingJob]) -> None:
    """Its submission goes out once more."""
    add_host(cluster, 1)
    engine = RayEngine(local_launcher, cluster.address)
    results = []
    for result in engine.run(jobs[:4]):
        results.append(result)
        if len(results) == 1:
            (slot,) = engine._slots.values()
            threading.Timer(0.2, ray.kill, [slot.grader]).start()
    assert sorted(r.student for r in results) == ["s0", "s1", "s2", "s3"]
    assert [r.fault for r in results] == [""] * 4


def test_a_suite_is_packed_whole_and_without_byte_code(tmp_path: Path) -> None:
    suite = tmp_path / "hidden"
    (suite / "data" / "__pycache__").mkdir(parents=True)
    (suite / "test_a.py").write_text("a")
    (suite / "data" / "x.npz").write_bytes(b"\x00")
    (suite / "data" / "__pycache__" / "a.pyc").write_bytes(b"")
    files = pack(suite)
    assert files == {"test_a.py": b"a", "data/x.npz": b"\x00"}
    unpack(files, tmp_path / "there")
    assert pack(tmp_path / "there") == files
