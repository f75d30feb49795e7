"""What lateness costs: a pure function of deadline, arrival and the course's policy."""

from datetime import datetime, timedelta
from math import ceil

from msgspec import Struct

YEARS = range(2000, 3000)
"""A deadline or an arrival in another year is a slip of the pen."""

_DAY = timedelta(days=1)


class LatePolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[late]` of `course.toml`."""

    grace_minutes: float = 0.0
    """Lateness up to here costs nothing; beyond it, it counts from the deadline."""
    per_day: float = 0.1
    """The share of the mark that each begun day takes."""
    most: float = 0.5
    """No more than this share is taken, however late."""
    closed_after_days: float | None = None
    """Work that is later than this counts 0; absent: it never does."""


class Lateness(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How late an attempt arrived and what is left of its mark."""

    submitted: datetime
    deadline: datetime
    days: int
    """Days begun since the deadline; 0 when it was in time."""
    factor: float
    """The mark is multiplied by it; 1 when it was in time."""

    def describe(self) -> str:
        """In words for the student; empty when it was in time."""
        if not self.days:
            return ""
        late = f"{self.days} day{'s' if self.days > 1 else ''} late"
        return f"{late}: counts {self.factor:.0%} of its mark" if self.factor else f"{late}: closed"


def lateness(submitted: datetime, deadline: datetime, policy: LatePolicy) -> Lateness:
    """What the policy makes of an arrival; both times have a zone."""
    late = submitted - deadline
    days, factor = 0, 1.0
    if late > timedelta(minutes=policy.grace_minutes):
        days = max(ceil(late / _DAY), 1)
        factor = 1.0 - min(policy.per_day * days, policy.most)
        if policy.closed_after_days is not None and late > policy.closed_after_days * _DAY:
            factor = 0.0
    return Lateness(submitted=submitted, deadline=deadline, days=days, factor=factor)
