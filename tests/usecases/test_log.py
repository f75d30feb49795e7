"""What a batch does is told to machines, a JSON line for each event."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.batch.local import LocalEngine
from autograder.errors import ConfigurationError
from autograder.sandbox.local import LocalLauncher
from autograder.usecases import grade
from autograder.usecases.log import log_to
from autograder.usecases.workspace import Workspace


@pytest.fixture(autouse=True)
def _silent_again() -> Iterator[None]:
    yield
    logger = logging.getLogger("autograder")
    for handler in logger.handlers:
        handler.close()
    logger.handlers.clear()
    logger.propagate = True


def events(path: Path) -> list[dict[str, object]]:
    """The lines of a log, parsed."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_batch_tells_how_it_begins_what_it_saves_and_how_it_ends(
    workspace: Workspace, submissions: Path, tmp_path: Path
) -> None:
    log_to(tmp_path / "log.jsonl")
    with grade.grading(workspace, "linear", [submissions], LocalEngine(LocalLauncher(), 2)) as (
        _,
        results,
    ):
        by_student = {result.student: result for result in results}
    first, *saved, last = events(tmp_path / "log.jsonl")
    assert (first["event"], first["to_grade"]) == ("batch begins", 4)
    assert str(first["isolation"]).startswith("local")
    assert last["event"] == "batch ends"
    assert {line["student"]: (line["outcome"], line["score"]) for line in saved} == {
        name: (result.outcome.value, result.earned) for name, result in by_student.items()
    }
    phases = next(line["phases"] for line in saved if line["student"] == "ada")
    assert isinstance(phases, dict)
    assert set(phases) == {"sandbox", "load", "tests", "removal"}
    assert phases["tests"] > 0


def test_a_batch_that_is_stopped_says_so(
    workspace: Workspace, submissions: Path, tmp_path: Path
) -> None:
    """By whatever ended it; a second batch goes on in the same file."""
    log_to(tmp_path / "log.jsonl")
    with (
        pytest.raises(KeyboardInterrupt),
        grade.grading(workspace, "linear", [submissions], LocalEngine(LocalLauncher(), 1)) as (
            _,
            results,
        ),
    ):
        next(results)
        raise KeyboardInterrupt
    last = events(tmp_path / "log.jsonl")[-1]
    assert (last["event"], last["by"], last["level"]) == (
        "batch stopped",
        "KeyboardInterrupt",
        "error",
    )


def test_a_log_that_cannot_be_written_is_refused_before_anything_is_graded(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="--log-file"):
        log_to(tmp_path / "no such folder" / "log.jsonl")
