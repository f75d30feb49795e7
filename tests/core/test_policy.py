"""Lateness takes what the policy says, never more, and nothing within the grace."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.core.policy import LatePolicy, lateness

DEADLINE = datetime(2027, 3, 7, 23, 59, tzinfo=timezone(timedelta(hours=3)))
POLICY = LatePolicy(grace_minutes=15, per_day=0.1, most=0.5, closed_after_days=14)


@pytest.mark.parametrize(
    ("late", "days", "factor", "words"),
    [
        (timedelta(days=-3), 0, 1.0, ""),
        (timedelta(0), 0, 1.0, ""),
        (timedelta(minutes=15), 0, 1.0, ""),
        (timedelta(minutes=16), 1, 0.9, "1 day late: counts 90% of its mark"),
        (timedelta(days=1), 1, 0.9, "1 day late"),
        (timedelta(days=1, seconds=1), 2, 0.8, "2 days late: counts 80% of its mark"),
        (timedelta(days=9), 9, 0.5, "9 days late: counts 50% of its mark"),
        (timedelta(days=14), 14, 0.5, "14 days late"),
        (timedelta(days=14, seconds=1), 15, 0.0, "15 days late: closed"),
    ],
)
def test_each_begun_day_takes_its_share(
    late: timedelta, days: int, factor: float, words: str
) -> None:
    found = lateness(DEADLINE + late, DEADLINE, POLICY)
    assert (found.days, found.factor) == (days, pytest.approx(factor))
    assert found.describe().startswith(words)
    assert bool(found.describe()) == bool(words)


def test_times_of_different_zones_are_compared_as_moments() -> None:
    arrival = DEADLINE.astimezone(UTC)
    assert lateness(arrival, DEADLINE, POLICY).days == 0


@given(
    st.timedeltas(min_value=timedelta(days=-50), max_value=timedelta(days=50)),
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=5)),
)
def test_coming_later_never_pays(late: timedelta, more: timedelta) -> None:
    earlier = lateness(DEADLINE + late, DEADLINE, POLICY).factor
    later = lateness(DEADLINE + late + more, DEADLINE, POLICY).factor
    assert 0 <= later <= earlier <= 1
