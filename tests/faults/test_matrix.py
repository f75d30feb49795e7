"""Whatever dies at whatever moment: nothing is lost, nothing is there twice, nothing is left."""

import itertools
import signal
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from faulty import IN_A_TEST, STATES, VICTIMS

pytestmark = [pytest.mark.docker, pytest.mark.slow]

EXPECTED = [("ada", 100.0, ""), ("bo", 60.0, ""), ("cy", 100.0, "")]

# A component is killed at every moment at which it is there.
WHOLE_BATCH = STATES
WHILE_GRADING = STATES[: STATES.index("its sandbox is removed") + 1]
MOMENTS = {
    "the grader": WHOLE_BATCH,
    "the examiner": WHILE_GRADING,
    "the suite's process": WHILE_GRADING[1:],
    "a submission's examiner": [IN_A_TEST],
    "the containers": WHILE_GRADING[1:],
    "the engine": WHILE_GRADING,
}
MATRIX = [
    pytest.param(victim, state, id=f"{victim}, when {state}")
    for victim, states in MOMENTS.items()
    for state in states
    if victim not in ("the grader", "the engine")
]


def test_every_component_has_its_moments() -> None:
    assert set(MOMENTS) == set(VICTIMS)
    assert set(itertools.chain(*MOMENTS.values())) == set(STATES)


@pytest.mark.parametrize("state", MOMENTS["the grader"])
def test_a_killed_grader_goes_on_where_it_was(pupils: Any, state: str) -> None:
    assert pupils.grade("the grader", state).returncode == -9
    before = pupils.ledger()
    again = pupils.grade()
    assert again.returncode == 0, again.stderr
    assert sorted(pupils.ledger()) == EXPECTED
    assert pupils.ledger()[: len(before)] == before
    assert pupils.leftovers() == ([], [], [])


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_grader_cleans_up_and_says_how_to_go_on(pupils: Any, stop: int) -> None:
    for path in pupils.submissions.iterdir():
        path.write_text(path.read_text().replace("sleep(0.3)", "sleep(1.5)"))
    grading = pupils.start()
    while not pupils.ledger():
        time.sleep(0.05)
    grading.send_signal(stop)
    _, errors = grading.communicate(timeout=60)
    assert (grading.returncode, "the same command continues" in errors) == (130, True)
    assert pupils.leftovers() == ([], [], [])
    assert 1 <= len(pupils.ledger()) < 3
    assert pupils.grade().returncode == 0
    assert sorted(pupils.ledger()) == EXPECTED


@pytest.mark.parametrize("pause", [0.0, 0.1])
def test_a_second_signal_does_not_keep_warm_sandboxes_from_being_removed(
    pupils: Any, pause: float
) -> None:
    """Both come while the first sandboxes start, before anything is graded."""
    grading = pupils.start()
    while not list(pupils.temporary.glob("autograder-*")):  # the folder of the first one's socket
        time.sleep(0.01)
    for number in (signal.SIGINT, signal.SIGTERM):
        time.sleep(pause)
        grading.send_signal(number)
    _, errors = grading.communicate(timeout=60)
    assert (grading.returncode, "Traceback" in errors) == (130, False), errors
    assert pupils.leftovers() == ([], [], [])


@pytest.mark.parametrize(("victim", "state"), MATRIX)
def test_a_killed_component_is_replaced_within_the_batch(
    pupils: Any, victim: str, state: str
) -> None:
    grading = pupils.grade(victim, state)
    assert grading.returncode == 0, grading.stdout + grading.stderr
    assert sorted(pupils.ledger()) == EXPECTED
    assert pupils.leftovers() == ([], [], [])


@pytest.mark.parametrize("state", MOMENTS["the engine"])
def test_an_engine_that_starts_again_is_waited_for(
    pupils: Any, private_engine: Any, state: str
) -> None:
    there = msgspec.structs.replace(pupils, environment=private_engine.environment)
    grading = there.grade("the engine", state)
    assert grading.returncode == 0, grading.stdout + grading.stderr
    assert sorted(there.ledger()) == EXPECTED
    private_engine.client().close()
    assert there.leftovers() == ([], [], [])
