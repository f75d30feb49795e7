"""The demonstration class: every case ends with the score and outcome recorded with it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import autograder
from autograder.batch.engine import Engine
from autograder.batch.local import LocalEngine
from autograder.core.reproduction import result_digest
from autograder.core.results import SubmissionResult
from autograder.sandbox.base import Launcher
from autograder.sandbox.docker import OWNER_LABEL, DockerLauncher, connect
from autograder.usecases import demo, grade
from autograder.usecases.engines import choose_engine

COURSE = Path(autograder.__file__).parent.parent / "assignments"


@pytest.mark.slow
def test_the_class_gets_its_recorded_scores_identically_from_every_engine_and_sandbox(
    tmp_path: Path, any_launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Containers, processes of this machine, a cluster: bit by bit the same but for their name."""
    monkeypatch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # all of it on the loopback
    ray = pytest.importorskip("ray")
    isolated = "docker" if isinstance(any_launcher, DockerLauncher) else "local"
    before = own_containers(isolated)
    prepared = demo.prepare(COURSE, tmp_path)
    first = list(demo.run(prepared, LocalEngine(any_launcher, 2)))
    assert demo.surprises(prepared, first) == []
    assert demo.finish(prepared).is_file()
    expected = {result.student: result_digest(result) for result in first}
    assert len(expected) == 24
    ray.init(
        address="local",
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        _node_ip_address="127.0.0.1",
    )
    try:
        for kind, sandbox in (("local", "local"), ("ray", isolated)):
            engine, _ = choose_engine(kind, sandbox, prepared.assignment.resources, address="")
            again = {result.student: result for result in regraded(prepared, engine)}
            assert {r.provenance.isolation.partition(" ")[0] for r in again.values()} == {sandbox}
            assert {name: result_digest(r) for name, r in again.items()} == expected, kind
    finally:
        ray.shutdown()
    assert own_containers(isolated) <= before


def regraded(prepared: demo.Demo, engine: Engine) -> Iterator[SubmissionResult]:
    """`grade --fresh`, with the same secret: equal work gets equal inputs."""
    submissions = [prepared.folder / "submissions"]
    with grade.grading(prepared.workspace, demo.SLUG, submissions, engine, fresh=True) as (
        _,
        found,
    ):
        yield from found


def own_containers(sandbox: str) -> set[str]:
    """The ids of this process's containers."""
    if sandbox != "docker":
        return set()
    client = connect()
    found = client.containers.list(all=True, filters={"label": OWNER_LABEL}, ignore_removed=True)
    client.close()
    return {c.id for c in found if f":{os.getpid()}:" in c.labels[OWNER_LABEL]}


def test_the_demonstration_course_and_the_class_belong_together() -> None:
    """24 students, six of them adversaries, with marks for components that exist."""
    cohort = demo.read_cohort(COURSE / demo.SLUG / "cohort.toml")
    assert len(cohort) == 24
    assert len({member.id for member in cohort}) == 24
    names = {name for member in cohort for name in member.marks}
    assert names == {"seminars", "project"}
