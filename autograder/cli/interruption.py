"""Ctrl-C and SIGTERM: the first one stops the command, which cleans up; nothing disturbs it then.

A third one ends it at once, for whoever cannot wait: the next batch removes what it leaves behind.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_received: list[int] = []


@contextmanager
def interruptible() -> Iterator[list[int]]:
    """The signals that have come, of which the first one raises KeyboardInterrupt.

    Afterwards both end the process at once, as there is nothing left to clean up.
    """
    _received.clear()
    for number in _SIGNALS:
        signal.signal(number, _receive)
    sys.unraisablehook, before = _drop, sys.unraisablehook
    try:
        yield _received
    finally:
        sys.unraisablehook = before
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)


def check() -> None:
    """Raise KeyboardInterrupt if a signal has come.

    Python drops an exception that a handler raises inside a destructor or a callback from C.
    """
    if _received:
        raise KeyboardInterrupt


def _drop(unraisable: "sys.UnraisableHookArgs") -> None:
    """Say nothing of a dropped KeyboardInterrupt: `check` raises it again."""
    if not isinstance(unraisable.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)


def _receive(number: int, _: object) -> None:
    _received.append(number)
    if len(_received) == 1:
        raise KeyboardInterrupt
    if len(_received) == 2:
        os.write(2, b"cleaning up; once more ends it at once, and the next batch cleans up\n")
        return
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)
