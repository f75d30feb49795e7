"""Pauses between tries, which end when nothing works any more."""

import threading
import time

import pytest

from autograder.batch.patience import Patience


def test_each_try_has_its_pause_and_behind_the_last_there_is_none() -> None:
    patience = Patience((0.0, 0.0))
    assert [patience.pause(retries) for retries in range(3)] == [True, True, False]


def test_after_a_minute_without_success_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    patience = Patience((0.0, 0.0))
    assert patience.pause(0)
    now += 61
    assert not patience.pause(0)
    patience.worked()
    assert patience.pause(0)


def test_who_waits_is_woken_at_the_end() -> None:
    patience = Patience((600.0,))
    answers: list[bool] = []
    waiting = threading.Thread(target=lambda: answers.append(patience.pause(0)))
    waiting.start()
    patience.end()
    waiting.join(timeout=10)
    assert answers == [False]
