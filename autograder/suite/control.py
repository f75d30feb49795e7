"""The examiner's end of a sandbox as the agent's master; a worker's words pass unread."""

import time
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from autograder.protocol.codec import Malformed
from autograder.protocol.connection import (
    CONTROL,
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
from autograder.suite import blame
from autograder.suite.clock import STEP
from autograder.suite.verdict import SandboxLost, Verdict

_AGENT_SECONDS = 30.0
_MAX_CONTROL = 2**16
_ON_ITS_WAY = 2
"""Frames that an agent may have sent before it read what it was told last; one is the most."""
UNREADABLE = (Malformed, msgspec.MsgspecError, RecursionError, UnicodeError)

Said = tuple[int, memoryview]
"""Channel and body of a frame."""
Answer = TypeVar("Answer", Exited, Waited)


class AgentControl:
    """Tells the agent what to do. Raises SandboxLost when it hangs up, or does not answer.

    From the first worker on, the agent may be captured by student code. What an agent never says
    is a Verdict, and such an agent is told nothing more.
    """

    def __init__(self, connection: Connection, reply_bytes: int) -> None:
        self._connection = connection
        self._most = reply_bytes + _MAX_CONTROL
        self._captured: Verdict | None = None

    def ready(self) -> Ready:
        """Its first word, before any student code was there."""
        try:
            _, body = self._next()
            ready = self._decoded(body)
        except Verdict as problem:
            raise SandboxLost("the agent said something unreadable") from problem
        if not isinstance(ready, Ready):
            raise SandboxLost("the agent said something unexpected")
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
        if self._captured is not None:
            raise self._captured
        deadline = time.monotonic() + _AGENT_SECONDS
        try:
            self._connection.send(data, deadline)
        except (Closed, DeadlinePassed) as problem:
            raise SandboxLost(f"the agent takes nothing more: {problem!r}") from problem

    def receive(self, seconds: float) -> Said | None:
        """What comes from the worker, or is said about it, within these seconds."""
        try:
            return self._connection.receive(self._most, time.monotonic() + seconds)
        except DeadlinePassed:
            return None
        except Closed as problem:
            raise SandboxLost("the agent hung up") from problem
        except Malformed as problem:
            raise self._impossible() from problem

    def waited(self) -> tuple[Waited, Said | None]:
        """What the worker has waited for a processor; what came from it meanwhile."""
        self.tell(HasWaited())
        waited, before = self._answer(Waited)
        return waited, before[0] if before else None

    def kill(self) -> Exited:
        """End the worker and all that it started; an answer that comes too late is dropped."""
        self.tell(Kill())
        exited, before = self._answer(Exited)
        computed = sum(
            self.exited(body).cpu_seconds for channel, body in before if channel == CONTROL
        )
        return msgspec.structs.replace(exited, cpu_seconds=exited.cpu_seconds + computed)

    def exited(self, body: memoryview) -> Exited:
        """The agent's word when it can only be that the worker has ended."""
        exited = self._decoded(body)
        if not isinstance(exited, Exited):
            raise self._impossible()
        return exited

    def _answer(self, kind: type[Answer]) -> tuple[Answer, list[Said]]:
        """The answer to what the agent was told just now, and what had been on its way."""
        before: list[Said] = []
        for _ in range(_ON_ITS_WAY):
            channel, body = self._next()
            if channel == CONTROL:
                message = self._decoded(body)
                # A worker that ended by itself was not asked to.
                if isinstance(message, kind) and getattr(message, "asked", True):
                    return message, before
            before.append((channel, body))
        raise self._impossible()

    def _next(self) -> Said:
        """The next frame. The seconds are counted by steps: a stop of our own takes none."""
        for _ in range(int(_AGENT_SECONDS / STEP)):
            if (said := self.receive(STEP)) is not None:
                return said
        raise SandboxLost(f"the agent was silent for {_AGENT_SECONDS:g} s")

    def _decoded(self, body: memoryview) -> Ready | Exited | Waited:
        try:
            message: Ready | Exited | Waited = decode_from_agent(split(body)[0])
            return message
        except UNREADABLE as problem:
            raise self._impossible() from problem

    def _impossible(self) -> Verdict:
        self._captured = blame.violation("spoke in the place of the sandbox's agent")
        return self._captured
