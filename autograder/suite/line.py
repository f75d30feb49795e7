"""The examiner's end of the connection with one worker: a question, then at most one answer."""

import select
import socket
import time

from autograder.protocol.codec import Malformed
from autograder.protocol.connection import Closed, Connection, DeadlinePassed
from autograder.protocol.messages import Exited
from autograder.suite.control import AgentControl

_LAST_BREATH = 1.0
"""Seconds that a worker has to end after it has hung up, before it is killed."""


class Broken(Exception):
    """The worker broke the protocol; says in our words what it did, as in "sent too much"."""


class WorkerLine:
    """Asks one worker, and hears from the agent when it has ended meanwhile."""

    def __init__(self, sock: socket.socket, agent: AgentControl, max_reply: int) -> None:
        self._worker = Connection(sock)
        self._agent = agent
        self._max_reply = max_reply
        self._question = memoryview(b"")
        self._hung_up: float | None = None
        self._exited: Exited | None = None

    def ask(self, question: bytes) -> None:
        """Begin to send a frame; raises Broken if the worker has spoken already."""
        if self.has_spoken():
            raise Broken("sent something that nobody had asked for")
        self._question = memoryview(question)

    def answer(self, deadline: float) -> memoryview | Exited | None:
        """The body of the answer, or that the worker has ended; None once the deadline has passed.

        What the worker said before it ended still counts. Raises Broken. A worker that has hung up
        is not told apart by the clock alone, which runs on while a busy machine lets it die.
        """
        while True:
            if (body := self._take()) is not None:
                return body
            if self._exited is not None:
                return self._exited
            end = deadline if self._hung_up is None else self._hung_up + _LAST_BREATH
            if time.monotonic() < end:
                self._wait(end)
            elif self._hung_up is None:
                return None
            elif (exited := self._agent.kill()).asked:
                raise Broken("closed its connection")
            else:
                return exited

    def has_spoken(self) -> bool:
        """Whether there is something of the worker's that was not asked for."""
        if self._worker.begun:
            return True
        try:
            return bool(self._worker.socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except OSError:
            return False

    def close(self) -> None:
        """Hang up."""
        self._worker.close()

    def _take(self) -> memoryview | None:
        """The answer if all of it is there; sends what the worker takes."""
        if self._hung_up is not None:
            return None
        try:
            if self._question:
                self._question = self._question[self._worker.send_some(self._question) :]
                if self._question and self.has_spoken():
                    raise Broken("sent something that nobody had asked for")
                if self._question:
                    return None
            return self._worker.receive(self._max_reply, deadline=0.0)
        except DeadlinePassed:
            return None
        except Malformed as problem:
            raise Broken("sent an unreadable answer") from problem
        except Closed:
            self._hung_up = time.monotonic()
            return None

    def _wait(self, end: float) -> None:
        """Until one of them has something to say, the worker takes more, or the time is over."""
        poll = select.poll()
        poll.register(self._agent, select.POLLIN)
        if self._hung_up is None:
            wanted = select.POLLIN | select.POLLOUT if self._question else select.POLLIN
            poll.register(self._worker.socket, wanted)
        ready = dict(poll.poll(max(end - time.monotonic(), 0.0) * 1000))
        if self._agent.fileno() in ready:
            self._exited = self._agent.exited()
