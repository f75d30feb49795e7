"""The handed-in metrics.json, 30 points: it follows the schema and claims something."""

import pytest

from autograder.core.claims import Metrics, parse_metrics
from autograder.suite import fail


def handed_in(submitted):
    """The claims of the submission; the test fails without them."""
    if "metrics.json" not in submitted:
        fail("The submission has no metrics.json beside reproduce.py.")
    metrics = parse_metrics(submitted["metrics.json"])
    if isinstance(metrics, str):
        fail(f"The handed-in {metrics}.")
    return metrics


@pytest.fixture(autouse=True)
def runs_at_all(student):
    """A submission whose main is blank has claimed nothing, whatever its files say."""
    student.main(seed=1, out="first.json")
    if isinstance(parse_metrics(student.read("first.json")), str):
        fail("main(seed, out) does not write what metrics.json has to hold.")


@pytest.mark.points(10)
@pytest.mark.hint("The handout shows the schema. Was the file written by reproduce.py itself?")
def test_the_file_follows_the_schema(submitted):
    """The handed-in metrics.json follows the schema."""
    assert isinstance(handed_in(submitted), Metrics)


@pytest.mark.points(5)
@pytest.mark.hint("Which numbers of the paper's table does your report talk about?")
def test_enough_claims(submitted):
    """There are at least three claims."""
    count = len(handed_in(submitted).claims)
    if count < 3:
        fail(f"metrics.json has {count} claims, expected three or more.")


@pytest.mark.points(15)
@pytest.mark.hint(
    "How far do ten seeds of your own lie apart? A claim that nothing can refute is none."
)
def test_tolerances_can_be_missed(submitted):
    """Each tolerance is above 0 and at most 0.03 or a fifth of the value."""
    for claim in handed_in(submitted).claims:
        most = max(0.03, abs(claim.value) / 5)
        if not 0 < claim.tolerance <= most:
            fail(
                f"The claim {claim.id} has the tolerance {claim.tolerance:g}, expected above 0 and "
                f"at most {most:g}."
            )
