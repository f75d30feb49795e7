"""The examiner's end of a worker's connection: who has hung up, and why."""

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from autograder.protocol.connection import Closed, Connection, frame
from autograder.protocol.messages import Exited, encode
from autograder.suite import line
from autograder.suite.control import AgentControl
from autograder.suite.line import Broken, WorkerLine

DIED, KILLED = Exited(False, 9), Exited(True, 0)

Make = Callable[..., WorkerLine]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """`make(*words)`: a line whose worker has hung up; told to kill, the agent says the words."""
    monkeypatch.setattr(line, "_LAST_BREATH", 0.1)
    agent, agents = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    worker, workers = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    threads = []

    def made(*words: Exited) -> WorkerLine:
        def answer() -> None:
            connection = Connection(agents)
            try:
                connection.receive(2**10)
            except Closed:
                return
            for word in words:
                connection.send(frame(encode(word)))

        threads.append(threading.Thread(target=answer))
        threads[0].start()
        workers.close()
        return WorkerLine(worker, AgentControl(Connection(agent)), 2**20)

    with agents, worker:
        with agent:
            yield made
        agents.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()


def test_a_worker_that_is_alive_when_it_is_killed_has_closed_its_connection(make: Make) -> None:
    asked = make(KILLED)
    asked.ask(frame(b"question"))
    with pytest.raises(Broken, match="closed its connection"):
        asked.answer(time.monotonic() + 60)


def test_a_worker_that_a_slow_machine_lets_die_has_not(make: Make) -> None:
    """The agent had no time to say so before it was told to kill."""
    asked = make(DIED, KILLED)
    asked.ask(frame(b"question"))
    assert asked.answer(time.monotonic() + 60) == DIED


def test_the_last_breath_is_waited_for_without_a_busy_loop(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the time of the question is over before."""
    waits: list[float] = []
    wait = WorkerLine._wait
    monkeypatch.setattr(WorkerLine, "_wait", lambda self, end: (waits.append(end), wait(self, end)))
    asked = make(KILLED)
    asked.ask(frame(b"question"))
    with pytest.raises(Broken):
        asked.answer(time.monotonic() + 0.01)
    assert len(waits) <= 3
