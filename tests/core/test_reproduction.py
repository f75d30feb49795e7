"""Equal results have equal digests, and what makes others different is named."""

from typing import Any

import pytest
from msgspec.structs import replace

from autograder.core.reproduction import NOTHING_CHANGED, result_digest, what_changed
from autograder.core.results import (
    Heatmap,
    Outcome,
    Phases,
    Provenance,
    SubmissionResult,
    TestResult,
)

TEST = TestResult(name="t::a", title="a", points=3.0, outcome=Outcome.FAILED, message="W is wrong")
RESULT = SubmissionResult(
    assignment="p1",
    student="kim",
    digest="d",
    provenance=Provenance(
        isolation="docker",
        suite_digest="s" * 64,
        image_digest="sha256:" + "a" * 64,
        autograder_version="1.0",
        environment=(("processor", "A"), ("numpy", "2.1.0")),
    ),
    tests=(TEST,),
    notes=("a cell was left out",),
)


def made_with(**other: Any) -> SubmissionResult:
    """The result with another score, made with something else."""
    provenance = replace(RESULT.provenance, **other)
    return replace(RESULT, tests=(replace(TEST, outcome=Outcome.PASSED),), provenance=provenance)


def test_how_long_it_took_and_on_what_is_not_part_of_a_result() -> None:
    again = replace(
        RESULT,
        tests=(replace(TEST, seconds=2.0, detail="<function f at 0x7f31>"),),
        provenance=Provenance(isolation="local"),
        retries=1,
        seconds=5.0,
        phases=Phases(load=1.0),
    )
    assert result_digest(again) == result_digest(RESULT)
    assert what_changed(RESULT, again) == ""


@pytest.mark.parametrize(
    "other",
    [
        replace(RESULT, notes=()),
        replace(RESULT, rejection="not a notebook"),
        replace(RESULT, digest="another file"),
        replace(RESULT, tests=(TEST, replace(TEST, name="t::b"))),
        *(
            replace(RESULT, tests=(replace(TEST, **change),))
            for change in (
                {"outcome": Outcome.ERROR},
                {"points": 3.0000000000000004},
                {"message": "b is wrong"},
                {"hint": "look at b"},
                {"heatmap": Heatmap(tensor="W", rows=1, columns=1, errors=(0.5,))},
            )
        ),
    ],
)
def test_any_other_difference_is_another_result(other: SubmissionResult) -> None:
    assert result_digest(other) != result_digest(RESULT)


def test_everything_that_was_different_is_named() -> None:
    other = made_with(
        suite_digest="t" * 64, environment=(("processor", "A"), ("numpy", "2.2.0")), device="cuda"
    )
    assert what_changed(RESULT, other) == (
        "suite ssssssssssss → tttttttttttt, device cpu → cuda, numpy 2.1.0 → 2.2.0"
    )
    assert what_changed(RESULT, made_with(image_digest="sha256:" + "b" * 64)).startswith("image ")
    assert what_changed(RESULT, made_with(autograder_version="1.1")) == "agent 1.0 → 1.1"


def test_where_nothing_was_different_somebody_is_not_deterministic() -> None:
    assert what_changed(RESULT, made_with()) == NOTHING_CHANGED


def test_what_an_older_version_did_not_record_is_no_difference() -> None:
    old = replace(RESULT, provenance=replace(RESULT.provenance, environment=()))
    assert what_changed(old, made_with()) == NOTHING_CHANGED


def test_an_ungraded_submission_has_no_result_to_compare() -> None:
    assert what_changed(RESULT, replace(made_with(), fault="no engine")) == ""
    assert what_changed(replace(RESULT, fault="no engine"), made_with()) == ""
