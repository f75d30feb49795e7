"""How long our own faults are waited out before a submission goes ungraded."""

import threading
import time
from collections.abc import Sequence

PAUSES = (0.5, 3.0, 12.0)
"""Seconds before the second, third and fourth try: an engine that restarts is back by then."""
_WITHOUT_SUCCESS = 60.0


class Patience:
    """The pauses between tries, shared by all submissions of a batch.

    Once nothing has worked for a minute, there are no more: an engine that is gone for good shall
    not cost each of five hundred submissions all pauses.
    """

    def __init__(self, pauses: Sequence[float] = PAUSES) -> None:
        self._pauses = pauses
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._trouble_since: float | None = None

    def pause(self, retries: int) -> bool:
        """Wait before the next try of a submission; False, at once, if it should get none."""
        with self._lock:
            self._trouble_since = self._trouble_since or time.monotonic()
            lasted = time.monotonic() - self._trouble_since
        if retries >= len(self._pauses) or lasted > _WITHOUT_SUCCESS:
            return False
        return not self._stop.wait(self._pauses[retries])

    def worked(self) -> None:
        """A submission was graded."""
        with self._lock:
            self._trouble_since = None

    def end(self) -> None:
        """Nobody waits any longer."""
        self._stop.set()
