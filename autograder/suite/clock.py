"""The time a submission has left: of its test, of all its tests, and of the processor."""

import math

from autograder.core.assignment import Limits

_MOST_REFUNDED = 2.0
_LEAST_REFUNDED = 0.05


def longest(limits: Limits) -> float:
    """Seconds after which a submission is out of time on a machine however busy."""
    return (1 + _MOST_REFUNDED) * limits.submission_seconds


class Clock:
    """Seconds that are left; it runs while the student's code has something to do.

    What that code has waited for a processor is refunded where it is the machine's doing: not when
    the student's processes had all that `cpus` allows, and at most twice the limit.
    """

    def __init__(self, limits: Limits) -> None:
        self.test_seconds = 0.0
        """What the test at hand was given."""
        self._test_left = 0.0
        self._left = limits.submission_seconds
        self._cpu_left = limits.submission_cpu_seconds or math.inf
        self._cpus = limits.cpus
        self._spent = 0.0
        self._refunded = 0.0
        self._refundable = _MOST_REFUNDED * limits.submission_seconds

    def start(self, seconds: float) -> None:
        """The time of one test."""
        self.test_seconds = self._test_left = seconds

    def renew(self) -> None:
        """A fresh worker, which has not waited yet."""
        self._spent = self._refunded = 0.0

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
        self._spent += seconds

    def compute(self, seconds: float) -> None:
        """The student's processes used so much processor time."""
        self._cpu_left -= seconds

    def refund(self, waited: float, computed: float) -> bool:
        """Whether there is time again, now that the worker has waited and computed for so long.

        A few hundredths of the test's limit are not worth going on.
        """
        withheld = min(waited, self._spent - computed / self._cpus)
        due = min(withheld, _MOST_REFUNDED * self.test_seconds) - self._refunded
        due = min(due, self._refundable)
        if due < _LEAST_REFUNDED * self.test_seconds:
            return False
        self._refunded += due
        self._refundable -= due
        self._test_left += due
        self._left += due
        return True
