"""Sandboxes that are started before they are needed; each serves one submission."""

import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor

from autograder.core.assignment import Limits, Resources
from autograder.sandbox.base import Launcher, Sandbox


class WarmPool:
    """Keeps up to `ahead` sandboxes warm until as many were started as are expected to be taken."""

    def __init__(
        self, launcher: Launcher, limits: Limits, resources: Resources, ahead: int
    ) -> None:
        self._start = lambda: launcher.start(limits, resources)
        self._starter = ThreadPoolExecutor(ahead, thread_name_prefix="sandbox-start")
        self._lock = threading.Lock()
        self._warm: deque[Future[Sandbox]] = deque()
        self._ahead = self._to_start = ahead

    def warm_up(self) -> None:
        """Start the first ones; `close` knows of all that were started if this is interrupted."""
        for _ in range(self._ahead):
            self._start_one()

    def expect(self, total: int) -> None:
        """So many sandboxes will be taken in all."""
        with self._lock:
            self._to_start += total - len(self._warm)

    def take(self) -> Sandbox:
        """A warm sandbox that nobody has used; the caller closes it. Raises InfrastructureError."""
        with self._lock:
            while self._warm and _has_failed(self._warm[0]):  # what ailed it may be over by now
                self._warm.popleft()
                self._to_start += 1
            future = self._warm.popleft() if self._warm else self._starter.submit(self._start)
            self._start_one()
        return future.result()

    def close(self) -> None:
        """Remove the sandboxes that nobody took."""
        self._starter.shutdown(wait=True, cancel_futures=True)
        for future in self._warm:
            if not future.cancelled() and future.exception() is None:
                future.result().close()

    def _start_one(self) -> None:
        if self._to_start > 0:
            self._to_start -= 1
            self._warm.append(self._starter.submit(self._start))


def _has_failed(future: Future[Sandbox]) -> bool:
    return future.done() and future.exception() is not None
