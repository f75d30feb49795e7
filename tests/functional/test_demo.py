"""The demonstration class: every case ends with the score and outcome recorded with it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import autograder
from autograder.batch.engine import Engine
from autograder.batch.local import LocalEngine
from autograder.core.reproduction import result_digest
from autograder.core.results import SubmissionResult
from autograder.sandbox.base import Launcher
from autograder.sandbox.docker import OWNER_LABEL, DockerLauncher
from autograder.sandbox.local import LocalLauncher
from autograder.usecases import demo, grade
from autograder.usecases.engines import choose_engine

COURSE = Path(autograder.__file__).parent.parent / "assignments"


def graded(folder: Path, launcher: Launcher) -> dict[str, SubmissionResult]:
    """The demonstration's results by student; it must hold no surprise."""
    prepared = demo.prepare(COURSE, folder)
    results = list(demo.run(prepared, LocalEngine(launcher, 2)))
    assert demo.surprises(prepared, results) == []
    assert demo.finish(prepared).is_file()
    return {result.student: result for result in results}


@pytest.mark.slow
@pytest.mark.docker
def test_the_class_gets_its_recorded_scores_in_docker(
    tmp_path: Path, docker_launcher: DockerLauncher, client: Any
) -> None:
    """Correct variants 100, bugs less, adversaries end as expected, and no container is left."""
    results = graded(tmp_path, docker_launcher)
    assert {result.provenance.isolation for result in results.values()} == {"docker"}
    left = client.containers.list(all=True, filters={"label": OWNER_LABEL}, ignore_removed=True)
    assert [c for c in left if f":{os.getpid()}:" in c.labels[OWNER_LABEL]] == []


@pytest.mark.slow
def test_the_class_gets_the_same_scores_without_docker(tmp_path: Path) -> None:
    """The local sandbox judges alike, and says what it is."""
    results = graded(tmp_path, LocalLauncher())
    assert all(r.provenance.isolation.startswith("local") for r in results.values())


@pytest.mark.slow
def test_the_class_gets_identical_results_from_every_engine_and_sandbox(
    tmp_path: Path, any_launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bit by bit: scores, messages, notes. Cluster, containers, processes of this machine."""
    monkeypatch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # all of it on the loopback
    ray = pytest.importorskip("ray")
    prepared = demo.prepare(COURSE, tmp_path)
    resources = prepared.assignment.resources
    isolated = "docker" if isinstance(any_launcher, DockerLauncher) else "local"
    expected = {
        r.student: result_digest(r) for r in demo.run(prepared, LocalEngine(any_launcher, 2))
    }
    assert len(expected) == 24
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, _node_ip_address="127.0.0.1")
    try:
        for kind, sandbox in (("local", "local"), ("ray", isolated), ("ray", "local")):
            engine, _ = choose_engine(kind, sandbox, resources, parallel=2, address="")
            again = {r.student: r for r in regraded(prepared, engine)}
            assert {r.provenance.isolation.partition(" ")[0] for r in again.values()} == {sandbox}
            assert {name: result_digest(r) for name, r in again.items()} == expected, kind
    finally:
        ray.shutdown()


def regraded(prepared: demo.Demo, engine: Engine) -> Iterator[SubmissionResult]:
    """`grade --fresh`, with the same secret: equal work gets equal inputs."""
    submissions = [prepared.folder / "submissions"]
    with grade.grading(prepared.workspace, demo.SLUG, submissions, engine, fresh=True) as (
        _,
        found,
    ):
        yield from found


def test_the_demonstration_course_and_the_class_belong_together() -> None:
    """24 students, six of them adversaries, with marks for components that exist."""
    cohort = demo.read_cohort(COURSE / demo.SLUG / "cohort.toml")
    assert len(cohort) == 24
    assert len({member.id for member in cohort}) == 24
    names = {name for member in cohort for name in member.marks}
    assert names == {"seminars", "project"}
