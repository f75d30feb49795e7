"""The examiner's end of a sandbox as the agent's master; what workers say never comes this way."""

import socket
import time
from collections.abc import Sequence

import msgspec

from autograder.protocol.codec import Malformed
from autograder.protocol.connection import Closed, Connection, DeadlinePassed, frame, split
from autograder.protocol.messages import (
    Deliver,
    Exited,
    Kill,
    Ready,
    Spawn,
    decode_from_agent,
    encode,
)
from autograder.suite.verdict import SandboxLost

_AGENT_SECONDS = 30.0
_MAX_MESSAGE = 2**16
UNREADABLE = (Malformed, msgspec.MsgspecError, RecursionError, UnicodeError)


class AgentControl:
    """Tells the agent what to do. Raises SandboxLost when it hangs up, or does not answer in time.

    After the first instruction of a submission the agent counts as captured: all that it can say is
    that a worker has ended.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def fileno(self) -> int:
        """For `poll`: readable when the agent has something to say."""
        return self._connection.socket.fileno()

    def ready(self) -> Ready:
        """Its first word."""
        ready = self._next(time.monotonic() + _AGENT_SECONDS)
        if not isinstance(ready, Ready):
            raise SandboxLost("the agent said something unexpected")
        if ready.fault:
            raise SandboxLost(ready.fault)
        return ready

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
        exited = self._next(deadline or time.monotonic() + _AGENT_SECONDS)
        if not isinstance(exited, Exited):
            raise SandboxLost("the agent said something unexpected")
        if exited.fault:
            raise SandboxLost(exited.fault)
        return exited

    def _tell(self, message: Deliver | Spawn | Kill, files: Sequence[bytes] = ()) -> None:
        try:
            data = frame(encode(message), files)
            self._connection.send(data, time.monotonic() + _AGENT_SECONDS)
        except (Closed, DeadlinePassed) as problem:
            raise SandboxLost(f"the agent takes nothing more: {problem!r}") from problem

    def _next(self, deadline: float) -> Ready | Exited:
        try:
            header, _ = split(self._connection.receive(_MAX_MESSAGE, deadline))
            message: Ready | Exited = decode_from_agent(header)
            return message
        except DeadlinePassed:
            raise SandboxLost(f"the agent was silent for {_AGENT_SECONDS:g} s") from None
        except Closed as problem:
            raise SandboxLost("the agent hung up") from problem
        except UNREADABLE as problem:
            raise SandboxLost(f"the agent said something unreadable: {problem!r}") from problem
