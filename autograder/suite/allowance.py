"""What checking a submission may take of the examiner's own process: memory, processor time.

Small answers can be dear to check: two arrays of 16,000 numbers meet in a comparison of 2 GB. The
kernel holds this process to its limits, so that what is too much ends as an exception in the test,
and a call into C that never comes back ends the process, by a signal of its own.
"""

import ctypes
import gc
import math
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from autograder.core.assignment import Limits
from autograder.core.results import Outcome
from autograder.suite.clock import longest
from autograder.suite.verdict import Verdict

MEGABYTES = 192
"""Of memory for the values of a submission and all that is computed with them, beyond what the
examiner holds beforehand. The dearest test of the course, p4's accuracy on MNIST, takes 100."""
_RESERVE = 32 * 2**20
"""Bytes more, to put into words what went wrong."""
_AGAIN = 1.0
_GRACE = 2
"""Seconds of processor time after which the process ends, if the test has not."""
_STUCK = 120
"""Seconds more than the busiest machine takes."""
_PAGE = resource.getpagesize()
_libc = ctypes.CDLL(None)


class Exceeded(BaseException):
    """The processor time of a test's own is over; not an Exception, which a test might catch."""


class Allowance:
    """Limits of this process, to be held test by test; `busy` says when it cannot be interrupted.

    Checking a test may compute for twice as long as the student's code may run in it: what that
    code asks a test's functions for is taken from both.
    """

    def __init__(self, limits: Limits, waits: float, busy: Callable[[], bool]) -> None:
        self._memory = _data() + MEGABYTES * 2**20
        self._least = limits.test_seconds
        self._longest = longest(limits, waits)
        self._waits = waits
        self._busy = busy

    @contextmanager
    def test(self, seconds: float) -> Iterator[None]:
        """The code in the block is held to the limits; `seconds`: the student's in this test."""
        given = 2 * max(seconds, self._least)
        # A test that waits for nothing ends here, and with it this process.
        signal.alarm(math.ceil(self._longest + (1 + self._waits) * given) + _STUCK)
        signal.signal(signal.SIGPROF, self._over)
        _limit(resource.RLIMIT_CPU, math.ceil(time.process_time() + given) + _GRACE)
        _limit(resource.RLIMIT_DATA, self._memory)
        signal.setitimer(signal.ITIMER_PROF, given, _AGAIN)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            if _data() > self._memory - MEGABYTES * 2**19:
                # What a test has left behind is not taken from the next one.
                gc.collect()
                _libc.malloc_trim(0)

    @contextmanager
    def reserve(self) -> Iterator[None]:
        """Some memory more, and no interruption."""
        _limit(resource.RLIMIT_DATA, self._memory + _RESERVE)
        busy, self._busy = self._busy, lambda: True
        try:
            yield
        finally:
            self._busy = busy
            _limit(resource.RLIMIT_DATA, self._memory)

    def _over(self, number: int, frame: FrameType | None) -> None:
        if not self._busy():
            raise Exceeded


def too_dear(problem: BaseException) -> Verdict:
    """How a test ends in which MemoryError or Exceeded was raised, after the student's answer."""
    if isinstance(problem, MemoryError):
        return Verdict(
            Outcome.OUT_OF_MEMORY,
            f"What your code returned needs more than {MEGABYTES} MB to check. Has an array "
            "another shape than it should have?",
        )
    return Verdict(
        Outcome.TIMEOUT,
        "What your code returned takes too long to check. Is something larger than it should be?",
    )


def _limit(which: int, most: int) -> None:
    _, hard = resource.getrlimit(which)
    soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (soft, hard))


def _data() -> int:
    """Bytes of private, writable memory: what RLIMIT_DATA counts, and the stack."""
    return int(Path("/proc/self/statm").read_text().split()[5]) * _PAGE
