"""The hidden suites of the course are proved by their own cases."""

from pathlib import Path

import pytest

import autograder
from autograder.authoring.certify import certificate
from autograder.sandbox.base import Launcher
from autograder.usecases import certify
from autograder.usecases.workspace import Workspace

COURSE = Path(autograder.__file__).parent.parent / "assignments"


@pytest.mark.slow
def test_the_suite_of_p1_layers_is_proved(any_launcher: Launcher) -> None:
    """Solution and variants get 100, template and trivial answers 0, every mutant loses points.

    Reduced to two seeds; `make certify` runs twenty.
    """
    planned = certify.plan(Workspace(folder=COURSE, database=""), "p1-layers", 2)
    proof = certificate("p1-layers", certify.run(planned, any_launcher, parallel=2))
    assert [f"{c.case.name}: {c.problem}" for c in proof.cases if not c.proved] == []
    assert proof.flakes == 0
    assert proof.proved
