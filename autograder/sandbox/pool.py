"""Sandboxes that are started before they are needed; each serves one submission."""

import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from autograder.core.assignment import Limits, Resources
from autograder.errors import SandboxFailed
from autograder.sandbox.base import Launcher, Sandbox


class WarmPool:
    """Keeps up to `ahead` sandboxes warm until as many were started as are expected to be taken."""

    def __init__(
        self, launcher: Launcher, limits: Limits, resources: Resources, ahead: int
    ) -> None:
        self._launch = partial(launcher.start, limits, resources)
        self._starter = ThreadPoolExecutor(ahead, thread_name_prefix="sandbox-start")
        self._lock = threading.Lock()
        self._warm: deque[Future[Sandbox]] = deque()
        self._untaken: set[Sandbox] = set()
        self._closed = False
        self._ahead = self._to_start = ahead

    def warm_up(self) -> None:
        """Start the first ones."""
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
        sandbox = future.result()
        self._untaken.discard(sandbox)
        return sandbox

    def close(self) -> None:
        """Remove the sandboxes that nobody took; one that is still being started removes itself.

        Where this is interrupted, calling it again does the rest.
        """
        with self._lock:
            self._closed = True
        self._starter.shutdown(wait=True, cancel_futures=True)
        while self._untaken:
            sandbox = next(iter(self._untaken))
            sandbox.close()
            self._untaken.discard(sandbox)

    def _start_one(self) -> None:
        if self._to_start > 0:
            self._to_start -= 1
            self._warm.append(self._starter.submit(self._start))

    def _start(self) -> Sandbox:
        sandbox = self._launch()
        with self._lock:
            if not self._closed:
                self._untaken.add(sandbox)
                return sandbox
        # An interrupted `submit` leaves a thread that nobody waits for.
        sandbox.close()
        raise SandboxFailed("nobody takes a sandbox any more")


def _has_failed(future: Future[Sandbox]) -> bool:
    return future.done() and future.exception() is not None
