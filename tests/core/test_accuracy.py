"""An accuracy is reached or missed only where chance cannot explain it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from autograder.core.accuracy import judge, wilson

COUNTS = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS)
def test_bounds_are_those_of_scipy(counts: tuple[int, int]) -> None:
    correct, total = counts
    theirs = binomtest(correct, total).proportion_ci(0.95, method="wilson")
    assert wilson(correct, total) == pytest.approx((theirs.low, theirs.high), abs=1e-6)


@given(COUNTS, st.floats(0, 1))
def test_a_verdict_agrees_with_its_bounds(counts: tuple[int, int], threshold: float) -> None:
    verdict = judge(*counts, threshold)
    lower, upper = verdict.bounds
    assert lower - 1e-12 <= verdict.estimate <= upper + 1e-12
    assert (verdict.decision == "reached") == (lower >= threshold)
    assert (verdict.decision == "missed") == (lower < threshold and upper < threshold)


@pytest.mark.parametrize(
    ("correct", "total", "decision"),
    [(352, 360, "reached"), (345, 360, "open"), (300, 360, "missed"), (1, 1, "open")],
)
def test_few_objects_leave_a_threshold_of_95_percent_open(
    correct: int, total: int, decision: str
) -> None:
    assert judge(correct, total, 0.95).decision == decision


@pytest.mark.parametrize(("correct", "total"), [(-1, 5), (6, 5), (0, 0)])
def test_a_share_of_nothing_is_refused(correct: int, total: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        wilson(correct, total)
