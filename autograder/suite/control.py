"""The examiner's end of a sandbox as the agent's master; a worker's words pass unread."""

import time
from collections.abc import Sequence

import msgspec

from autograder.protocol.codec import Malformed
from autograder.protocol.connection import (
    CONTROL,
    WORKER,
    Closed,
    Connection,
    DeadlinePassed,
    frame,
    split,
)
from autograder.protocol.messages import (
    Deliver,
    Exited,
    HasWaited,
    Kill,
    Ready,
    Spawn,
    Waited,
    decode_from_agent,
    encode,
)
from autograder.suite.verdict import SandboxLost

_AGENT_SECONDS = 30.0
_MAX_CONTROL = 2**16
UNREADABLE = (Malformed, msgspec.MsgspecError, RecursionError, UnicodeError)

Said = tuple[int, memoryview]
"""Channel and body of a frame."""


class AgentControl:
    """Tells the agent what to do. Raises SandboxLost when it hangs up, or does not answer."""

    def __init__(self, connection: Connection, reply_bytes: int) -> None:
        self._connection = connection
        self._most = reply_bytes + _MAX_CONTROL

    def ready(self) -> Ready:
        """Its first word."""
        _, body = self._next()
        ready = self._decoded(body)
        if not isinstance(ready, Ready):
            raise _unexpected()
        if ready.fault:
            raise SandboxLost(ready.fault)
        return ready

    def tell(
        self, message: Deliver | Spawn | HasWaited | Kill, files: Sequence[bytes] = ()
    ) -> None:
        """Say something, with the files that belong to it."""
        self.send(frame(CONTROL, encode(message), files))

    def send(self, data: bytes) -> None:
        """A frame; the agent takes it whole whatever its worker does."""
        deadline = time.monotonic() + _AGENT_SECONDS
        try:
            self._connection.send(data, deadline)
        except (Closed, DeadlinePassed) as problem:
            raise SandboxLost(f"the agent takes nothing more: {problem!r}") from problem

    def receive(self, deadline: float) -> Said | None:
        """What comes from the worker, or is said about it, by then."""
        try:
            return self._connection.receive(self._most, deadline)
        except DeadlinePassed:
            return None
        except (Closed, Malformed) as problem:
            raise SandboxLost(f"the agent hung up: {problem}") from problem

    def waited(self) -> tuple[Waited, Said | None]:
        """What the worker has waited for a processor; what came from it meanwhile."""
        self.tell(HasWaited())
        said = None
        while True:
            channel, body = self._next()
            if channel == CONTROL and isinstance(message := self._decoded(body), Waited):
                return message, said
            said = channel, body

    def kill(self) -> Exited:
        """End the worker and all that it started; an answer that comes too late is dropped."""
        self.tell(Kill())
        computed = 0.0
        while True:
            channel, body = self._next()
            if channel == WORKER:
                continue
            exited = self.exited(body)
            computed += exited.cpu_seconds
            if exited.asked:
                return msgspec.structs.replace(exited, cpu_seconds=computed)

    def exited(self, body: memoryview) -> Exited:
        """The agent's word when it can only be that the worker has ended."""
        exited = self._decoded(body)
        if not isinstance(exited, Exited):
            raise _unexpected()
        return exited

    def _next(self) -> Said:
        said = self.receive(time.monotonic() + _AGENT_SECONDS)
        if said is None:
            raise SandboxLost(f"the agent was silent for {_AGENT_SECONDS:g} s")
        return said

    def _decoded(self, body: memoryview) -> Ready | Exited | Waited:
        try:
            message: Ready | Exited | Waited = decode_from_agent(split(body)[0])
            return message
        except UNREADABLE as problem:
            raise SandboxLost(f"the agent said something unreadable: {problem!r}") from problem


def _unexpected() -> SandboxLost:
    return SandboxLost("the agent said something unexpected")
