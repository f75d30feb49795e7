"""The hidden suites of the course are proved by their own cases."""

from pathlib import Path

import pytest

import autograder
from autograder.authoring.certify import certificate
from autograder.sandbox.docker import DockerLauncher
from autograder.sandbox.images import build_image
from autograder.sandbox.local import LocalLauncher
from autograder.usecases import certify
from autograder.usecases.sandboxes import choose_launcher
from autograder.usecases.workspace import Workspace

COURSE = Path(autograder.__file__).parent.parent / "assignments"
SLUGS = sorted(path.parent.name for path in COURSE.glob("*/mutants.toml"))
CASES = [
    pytest.param(slug, marks=[] if slug == "p1-layers" else [pytest.mark.course]) for slug in SLUGS
]


@pytest.mark.slow
@pytest.mark.parametrize("slug", CASES)
def test_the_hidden_suite_is_proved(slug: str, request: pytest.FixtureRequest) -> None:
    """Solution and variants get 100, template and trivial answers 0, mutants lose points.

    Reduced: one seed, every twelfth mutant, variants without training. `make certify` runs all of
    it with twenty seeds.
    """
    planned = certify.plan(Workspace(folder=COURSE, database=""), slug, 1, reduced=True)
    image = planned.assignment.resources.image
    if isinstance(request.getfixturevalue("any_launcher"), DockerLauncher):
        build_image(request.getfixturevalue("client"), image)
        launcher, _ = choose_launcher("docker", planned.assignment.resources, "cpu")
    else:
        launcher = LocalLauncher()
    proof = certificate(slug, certify.run(planned, launcher, parallel=2), planned.findings)
    assert [f"{c.case.name}: {c.problem}" for c in proof.cases if not c.proved] == []
    assert proof.proved
