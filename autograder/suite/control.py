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
from autograder.suite.verdict import SandboxLost

_Said = TypeVar("_Said", Ready, Exited, GpuAsked)
_AGENT_SECONDS = 30.0
_MAX_MESSAGE = 2**16
UNREADABLE = (Malformed, msgspec.MsgspecError, RecursionError, UnicodeError)


class AgentControl:
    """Tells the agent what to do. Raises SandboxLost when it hangs up, or does not answer in time.

    After the first instruction of a submission the agent counts as captured: all that it can say is
    that a worker has ended, or that its own side has failed.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def fileno(self) -> int:
        """For `poll`: readable when the agent has something to say."""
        return self._connection.socket.fileno()

    def ready(self) -> Ready:
        """Its first word."""
        return self._next(Ready)

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
        """End the worker and all that it started."""
        deadline = time.monotonic() + _AGENT_SECONDS
        self._tell(Kill())
        while True:
            exited = self.exited(deadline)
            if exited.asked:
                return exited
            if time.monotonic() > deadline:
                raise SandboxLost("the agent never said that the worker has ended")

    def exited(self, deadline: float | None = None) -> Exited:
        """The agent's word when it can only be that the worker has ended."""
        return self._next(Exited, deadline)

    def ask_gpu(self) -> None:
        """Between two workers: SandboxLost unless a GPU computes, most of the share being free."""
        self._tell(AskGpu())
        self._next(GpuAsked)

    def _tell(self, message: Deliver | Spawn | Kill | AskGpu, files: Sequence[bytes] = ()) -> None:
        try:
            data = frame(encode(message), files)
            self._connection.send(data, time.monotonic() + _AGENT_SECONDS)
        except (Closed, DeadlinePassed) as problem:
            raise SandboxLost(f"the agent takes nothing more: {problem!r}") from problem

    def _next(self, kind: type[_Said], deadline: float | None = None) -> _Said:
        deadline = deadline or time.monotonic() + _AGENT_SECONDS
        try:
            header, _ = split(self._connection.receive(_MAX_MESSAGE, deadline))
            message = decode_from_agent(header)
        except DeadlinePassed:
            raise SandboxLost(f"the agent was silent for {_AGENT_SECONDS:g} s") from None
        except Closed as problem:
            raise SandboxLost("the agent hung up") from problem
        except UNREADABLE as problem:
            raise SandboxLost(f"the agent said something unreadable: {problem!r}") from problem
        if not isinstance(message, kind):
            raise SandboxLost("the agent said something unexpected")
        if message.fault:
            raise SandboxLost(message.fault)
        return message
