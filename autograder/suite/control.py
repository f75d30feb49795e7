"""The examiner's end of a sandbox as the agent's master; what workers say never comes this way."""

import socket
import time
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from autograder.protocol.codec import Malformed
from autograder.protocol.connection import Closed, Connection, DeadlinePassed, frame, split
from autograder.protocol.messages import (
    AskGpu,
    Deliver,
    Exited,
    GpuAsked,
    Kill,
    Ready,
    Spawn,
    decode_from_agent,
    encode,
)
from autograder.suite import blame
from autograder.suite.clock import STEP
from autograder.suite.verdict import SandboxLost, Verdict

_Said = TypeVar("_Said", Ready, Exited, GpuAsked)
_AGENT_SECONDS = 30.0
_MAX_MESSAGE = 2**16
UNREADABLE = (Malformed, msgspec.MsgspecError, RecursionError, UnicodeError)


class AgentControl:
    """Tells the agent what to do. Raises SandboxLost when it hangs up, or does not answer in time.

    From the first worker on the agent may be captured by student code: all that it can say is that
    a worker has ended, or that its own side has failed. What an agent never says is a Verdict, and
    it is told nothing more.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._captured: Verdict | None = None

    def fileno(self) -> int:
        """For `poll`: readable when the agent has something to say."""
        return self._connection.socket.fileno()

    def ready(self) -> Ready:
        """Its first word, before any student code was there."""
        try:
            return self._next(Ready)
        except Verdict as problem:
            raise SandboxLost("the agent said something unreadable") from problem

    def deliver(self, message: Deliver, files: Sequence[bytes]) -> None:
        """Hand the submission over."""
        self._tell(message, files)

    def spawn(self) -> socket.socket:
        """Fork a fresh worker; the examiner's end of its connection."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            self._tell(Spawn())
            try:
                socket.send_fds(self._connection.socket, [b"\0"], [theirs.fileno()])
            except OSError as problem:
                ours.close()
                raise SandboxLost(f"the agent takes nothing more: {problem!r}") from problem
        return ours

    def kill(self) -> Exited:
        """End the worker and all that it started; how it ended by itself, if it did before."""
        self._tell(Kill())
        first = self.exited()
        if not first.asked and not self.exited().asked:
            raise self._impossible()
        return first

    def exited(self) -> Exited:
        """The agent's word when it can only be that the worker has ended."""
        return self._next(Exited)

    def ask_gpu(self) -> None:
        """Between two workers: SandboxLost unless a GPU computes, most of the share being free."""
        self._tell(AskGpu())
        self._next(GpuAsked)

    def _tell(self, message: Deliver | Spawn | Kill | AskGpu, files: Sequence[bytes] = ()) -> None:
        if self._captured is not None:
            raise self._captured
        try:
            data = frame(encode(message), files)
            self._connection.send(data, time.monotonic() + _AGENT_SECONDS)
        except (Closed, DeadlinePassed) as problem:
            raise SandboxLost(f"the agent takes nothing more: {problem!r}") from problem

    def _next(self, kind: type[_Said]) -> _Said:
        """The next word. The seconds are counted by steps: a stop of our own takes none."""
        for _ in range(int(_AGENT_SECONDS / STEP)):
            try:
                body = self._connection.receive(_MAX_MESSAGE, time.monotonic() + STEP)
                message = decode_from_agent(split(body)[0])
                break
            except DeadlinePassed:
                continue
            except Closed as problem:
                raise SandboxLost("the agent hung up") from problem
            except UNREADABLE as problem:
                raise self._impossible() from problem
        else:
            raise SandboxLost(f"the agent was silent for {_AGENT_SECONDS:g} s")
        if not isinstance(message, kind):
            raise self._impossible()
        if message.fault:
            raise SandboxLost(message.fault)
        return message

    def _impossible(self) -> Verdict:
        self._captured = blame.violation("spoke in the place of the sandbox's agent")
        return self._captured
