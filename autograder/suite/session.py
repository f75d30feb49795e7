"""The examiner's end of a sandbox: one worker at a time, deadlines, blame."""

import math
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from autograder.core.assignment import Limits
from autograder.core.results import Outcome
from autograder.protocol.codec import Malformed, Packer, Unpacker, Unsupported
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
    Answer,
    Ask,
    Deliver,
    Exited,
    Function,
    Handle,
    Kill,
    Load,
    Operation,
    Raised,
    Ready,
    Reply,
    Request,
    SourceFile,
    Spawn,
    Value,
    WorkerLimits,
    decode_from_agent,
    decode_from_worker,
    encode,
)
from autograder.suite import blame
from autograder.suite.quoting import quoted
from autograder.suite.verdict import SandboxLost, Verdict

_AGENT_SECONDS = 30.0
_MAX_CONTROL = 2**16
_MAX_SENT = 2**30
_NOTES, _NOTE = 50, 300
_UNREADABLE = (Malformed, msgspec.MsgspecError, RecursionError, UnicodeError)


class Loaded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a worker says after it has executed the submission."""

    names: list[str]
    notes: list[str]
    parsed: bytes = b""


class Session:
    """Talks with one agent on behalf of the tests of one submission.

    What the student's code does wrong is raised as Verdict; SandboxLost means that the agent itself
    no longer answers.
    """

    def __init__(self, connection: Connection, limits: Limits) -> None:
        self._connection = connection
        self._limits = limits
        self._left = limits.submission_seconds
        self._cpu_left = limits.submission_cpu_seconds or math.inf
        self._test_left = 0.0
        self._test_seconds = 0.0
        self._parsed = b""
        self._alive = False
        self._ended: Verdict | None = None
        self._unused: Loaded | None = None
        self._functions: list[Callable[..., Any]] = []
        self.environment: tuple[tuple[str, str], ...] = ()
        """What the agent computes with; said before any student code was there."""
        self.requests = 0
        self.answers = 0

    def deliver(
        self,
        files: Sequence[tuple[str, bytes]],
        entry: str,
        roots: Sequence[str],
        limits_memory: bool,
        gpu_share: float = 0.0,
    ) -> None:
        """Hand the submission over, once; `limits_memory`: the sandbox caps it by itself."""
        ready = self._control(Ready)
        assert isinstance(ready, Ready)
        if ready.fault:
            raise SandboxLost(ready.fault)
        self.environment = ready.environment
        limits = self._limits
        deliver = Deliver(
            files=tuple(SourceFile(name, len(content)) for name, content in files),
            entry=entry,
            roots=tuple(roots),
            limits=WorkerLimits(
                reply_bytes=limits.reply_mb * 2**20,
                cpu_seconds=int(limits.submission_seconds) + 1,
                open_files=limits.open_files,
                file_bytes=limits.scratch_mb * 2**20,
                address_space=0 if limits_memory else limits.memory_mb * 2**20,
                gpu_share=gpu_share,
                gpu_bytes=(limits.gpu_memory_mb or 0) * 2**20,
            ),
        )
        data = frame(CONTROL, encode(deliver), [content for _, content in files])
        self._guard(lambda: self._connection.send(data, time.monotonic() + _AGENT_SECONDS))

    def load(self, seconds: float) -> Loaded:
        """What the submission holds; the worker that has found out waits for the first test."""
        self._unused = self.begin(seconds)
        return self._unused

    def begin(self, seconds: float) -> Loaded:
        """A worker that has executed the submission, nothing else, with that time for its test."""
        self._test_left = self._test_seconds = seconds
        if self._unused is not None:
            loaded, self._unused = self._unused, None
            return loaded
        self._ended = None
        self._functions = []
        if self._left <= 0:
            raise self._timeout()
        if self._cpu_left <= 0:
            raise self._final(blame.out_of_cpu_time(self._limits, all_used=True))
        self._guard(
            lambda: self._connection.send(
                frame(CONTROL, encode(Spawn())), time.monotonic() + _AGENT_SECONDS
            )
        )
        self._alive = True
        (answer,) = self.ask([Load(self._parsed)], Unpacker.unpack)
        try:
            loaded = msgspec.convert(answer, Loaded)
        except msgspec.ValidationError:
            raise self._final(blame.violation("loaded nothing")) from None
        self._parsed = self._parsed or loaded.parsed
        notes = [note[:_NOTE] for note in loaded.notes[:_NOTES]]
        return Loaded(loaded.names, notes)

    def ask(
        self,
        operations: Sequence[Operation],
        decode: Callable[[Unpacker, Value], Any],
        buffers: Sequence[bytes] = (),
        resolve: Callable[[Handle], Any] = lambda handle: handle,
    ) -> list[Any]:
        """Results of the operations, in one round trip; `decode` turns wire values into objects."""
        if self._ended is not None:
            raise self._ended
        nonce = secrets.randbits(63)
        data = frame(WORKER, encode(Request(nonce, tuple(operations))), buffers)
        self.requests += 1
        try:
            message, rest = self._worker_says(data, nonce)
            while isinstance(message, Ask):
                message, rest = self._worker_says(self._call(message, rest), nonce)
            if isinstance(message, Raised):
                verdict = blame.raised(message, self._limits)
                raise self._final(verdict) if verdict.outcome is Outcome.OUT_OF_MEMORY else verdict
            if len(message.results) != len(operations):
                raise Malformed("another number of results than operations")
            unpacker = Unpacker(rest, lambda reference: resolve(_handle(reference)))
            results = [decode(unpacker, value) for value in message.results]
            unpacker.finish()
        except _UNREADABLE as problem:
            what = quoted(str(problem), "no answer")
            raise self._final(blame.violation(f"sent {what}")) from problem
        self.answers += 1
        return results

    def function(self, function: Callable[..., Any]) -> Function:
        """The reference by which this worker may call a function of the test's."""
        self._functions.append(function)
        return Function(len(self._functions) - 1)

    def end(self) -> Verdict | None:
        """Kill the worker; a verdict if it broke the protocol meanwhile, or computed too long."""
        if not self._alive:
            return None
        self._alive = False
        exited = self._kill()
        if exited.violation and self._ended is None:
            return self._final(blame.violation(exited.violation))
        if exited.cpu_seconds > (self._limits.test_cpu_seconds or math.inf):
            return self._final(blame.out_of_cpu_time(self._limits, all_used=False))
        return None

    def _worker_says(self, data: bytes, nonce: int) -> tuple[Reply | Raised | Ask, memoryview]:
        channel, body = self._exchange(data)
        if channel == CONTROL:
            raise self._exited(body)
        header, rest = split(body)
        message = decode_from_worker(header)
        if message.nonce != nonce:
            raise Malformed("an answer to another question")
        return message, rest

    def _call(self, ask: Ask, buffers: memoryview) -> bytes:
        """Evaluate a function of the test's at arguments that student code chose."""
        unpacker = Unpacker(buffers, lambda reference: _handle(None))
        args = [unpacker.unpack(value) for value in ask.args]
        kwargs = {name: unpacker.unpack(value) for name, value in ask.kwargs}
        unpacker.finish()
        if not 0 <= ask.function < len(self._functions):
            raise Malformed("a call of a function that it was not given")
        packer = Packer(_nothing_kept, _MAX_SENT)
        started = time.monotonic()
        try:
            answer = Answer(packer.pack(self._functions[ask.function](*args, **kwargs)))
        except Unsupported:
            raise  # what the test's function returns is the test's fault
        except Exception as problem:
            answer = Answer(exception=type(problem).__name__)
        # A student may ask as often as the time of the test allows, the answers' time included.
        used = time.monotonic() - started
        self._left -= used
        self._test_left -= used
        return frame(WORKER, encode(answer), packer.buffers)

    def _exchange(self, data: bytes) -> tuple[int, memoryview]:
        started = time.monotonic()
        deadline = started + min(self._test_left, max(self._left, 0.0))
        try:
            # The agent takes whole requests whatever its worker does.
            self._guard(lambda: self._connection.send(data, started + _AGENT_SECONDS))
            return self._connection.receive(self._limits.reply_mb * 2**20 + _MAX_CONTROL, deadline)
        except DeadlinePassed:
            self._alive = False
            # A process that waits for a child which the kernel has killed has not run out of time.
            starved = self._kill().out_of_memory
            memory = blame.out_of_memory(self._limits)
            raise (self._final(memory) if starved else self._timeout()) from None
        except (Closed, Malformed) as problem:
            raise SandboxLost(f"the agent hung up: {problem}") from problem
        finally:
            used = time.monotonic() - started
            self._left -= used
            self._test_left -= used

    def _kill(self) -> Exited:
        deadline = time.monotonic() + _AGENT_SECONDS
        self._guard(lambda: self._connection.send(frame(CONTROL, encode(Kill())), deadline))
        exited = self._control(Exited)
        assert isinstance(exited, Exited)
        return exited

    def _control(self, expected: type[Ready] | type[Exited]) -> Ready | Exited:
        """The agent's next word; an answer of the worker that is still on its way is dropped."""
        deadline = time.monotonic() + _AGENT_SECONDS
        limit = self._limits.reply_mb * 2**20 + _MAX_CONTROL
        while True:
            channel, body = self._guard(lambda: self._connection.receive(limit, deadline))
            if channel == WORKER:
                continue
            message = self._decoded(body)
            if isinstance(message, Exited) and not message.asked:
                continue
            if not isinstance(message, expected):
                raise SandboxLost("the agent said something unexpected")
            return message

    def _decoded(self, body: memoryview) -> Ready | Exited:
        message: Ready | Exited = self._guard(lambda: decode_from_agent(split(body)[0]))
        if isinstance(message, Exited):
            self._cpu_left -= message.cpu_seconds
        return message

    def _guard(self, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except (Closed, DeadlinePassed, *_UNREADABLE) as problem:
            raise SandboxLost(f"the agent no longer answers ({problem!r})") from problem

    def _exited(self, body: memoryview) -> Verdict:
        exited = self._decoded(body)
        if not isinstance(exited, Exited):
            raise SandboxLost("the agent said something unexpected")
        self._alive = False
        return self._final(blame.exited(exited, self._limits))

    def _timeout(self) -> Verdict:
        return self._final(blame.out_of_time(self._test_seconds, self._limits, self._left <= 0))

    def _final(self, verdict: Verdict) -> Verdict:
        """A verdict after which this worker is asked nothing more."""
        self._ended = verdict
        return verdict


def _handle(reference: Any) -> Handle:
    if not isinstance(reference, Handle):
        raise Malformed("a reference without an object")
    return reference


def _nothing_kept(value: Any) -> Value:
    raise Unsupported(f"a function of the test's returned a {type(value).__name__}")
