"""The time a submission has left: of its test, of all its tests, and of the processor."""

import math

from autograder.core.assignment import Limits

STEP = 0.5
"""Seconds that an answer is waited for at a time: what it takes longer is a stop of our own."""
WAITS = 2.0
"""How many times its limits a submission may wait for the machine."""
_LEAST = 0.05
"""Of a test's limit: with less time left it does not go on."""


def longest(limits: Limits, waits: float = WAITS) -> float:
    """Seconds after which a submission is out of time on a machine however busy."""
    return (1 + waits) * limits.submission_seconds


class Clock:
    """Seconds that are left; it runs while the student's code has something to do.

    What the machine takes meanwhile is not the student's: a time in which the examiner itself was
    stopped or the sandbox was frozen, without bounds; a wait for a processor, up to `waits` times
    the limits.
    """

    def __init__(self, limits: Limits, waits: float = WAITS) -> None:
        self.test_seconds = 0.0
        """What the test at hand was given."""
        self._test_left = 0.0
        self._left = limits.submission_seconds
        self._cpu_left = limits.submission_cpu_seconds or math.inf
        self._cpus = limits.cpus
        self._waits = waits
        self._refundable = waits * limits.submission_seconds
        self.spent = 0.0
        """By the worker at hand, refunds not counted."""
        self._refunded = 0.0

    def start(self, seconds: float) -> None:
        """The time of one test."""
        self.test_seconds = self._test_left = seconds

    def renew(self) -> None:
        """A fresh worker, which has not waited yet."""
        self.spent = self._refunded = 0.0

    @property
    def left(self) -> float:
        """Seconds until the test or the whole submission is out of time."""
        return max(min(self._test_left, self._left), 0.0)

    @property
    def all_used(self) -> bool:
        """Whether the submission's time is over, not only that of the test."""
        return self._left <= 0

    @property
    def all_computed(self) -> bool:
        """Whether the submission's processor time is over."""
        return self._cpu_left <= 0

    def spend(self, seconds: float) -> None:
        """The student's code ran, or was answered, for so long."""
        self._test_left -= seconds
        self._left -= seconds
        self.spent += seconds

    def compute(self, seconds: float) -> None:
        """The student's processes used so much processor time."""
        self._cpu_left -= max(seconds, 0.0)

    def refund(self, waited: float, computed: float) -> bool:
        """Give back what the worker has waited, it having computed so much; whether it goes on."""
        over = self.left <= 0
        withheld = min(waited, self.spent - max(computed, 0.0) / self._cpus)
        due = min(withheld, self._waits * self.test_seconds) - self._refunded
        due = max(min(due, self._refundable), 0.0)
        self._refunded += due
        self._refundable -= due
        self._test_left += due
        self._left += due
        return not over or self.left >= _LEAST * self.test_seconds
