"""What the tests of one submission ask: one worker at a time, deadlines, blame."""

import math
import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from autograder.core.assignment import Limits
from autograder.core.results import Outcome
from autograder.protocol.codec import Malformed, Packer, TooLarge, Unpacker
from autograder.protocol.connection import Connection, frame, split
from autograder.protocol.messages import (
    Ask,
    Deliver,
    Exited,
    Raised,
    Reply,
    Request,
    SourceFile,
    WorkerLimits,
    decode_from_worker,
    encode,
)
from autograder.protocol.operations import Load, Operation
from autograder.protocol.values import Function, Handle, Value
from autograder.suite import blame
from autograder.suite.callbacks import Callbacks, no_reference, nothing_kept
from autograder.suite.clock import STEP, WAITS, Clock
from autograder.suite.control import UNREADABLE, AgentControl
from autograder.suite.line import Broken, WorkerLine
from autograder.suite.questions import names_asked
from autograder.suite.source import Source
from autograder.suite.usage import Usage, waited_by
from autograder.suite.verdict import Verdict

_SHORT = 0.1
"""Seconds: what a test waits in less is not worth asking for."""
_NOTES, _NOTE = 50, 300


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

    def __init__(
        self, connection: Connection, limits: Limits, usage: Usage, waits: float = WAITS
    ) -> None:
        self._agent = AgentControl(connection)
        self._usage = usage
        self._limits = limits
        self._clock = Clock(limits, waits)
        self._waited_here = 0.0
        self._source = Source({})
        self._asked: set[str] = set()
        self._parsed = b""
        self._line: WorkerLine | None = None
        """While a worker is alive."""
        self._loading = False
        self._ended: Verdict | None = None
        self._unused: Loaded | None = None
        self._reply_bytes = limits.reply_mb * 2**20
        self._callbacks = Callbacks(self._reply_bytes)
        self._on_gpu = False
        self.environment: tuple[tuple[str, str], ...] = ()
        """What the agent computes with; said before any student code was there."""
        self.requests = 0
        self.on_answer: Callable[[], None] = lambda: None
        """Called before what the student's code says to a test is looked at."""
        self.exchanging = False
        """In the middle of a frame, where an exception would lose the thread."""

    def deliver(
        self,
        files: Sequence[tuple[str, bytes]],
        entry: str,
        roots: Sequence[str],
        limits_memory: bool,
        gpu_share: float = 0.0,
    ) -> None:
        """Hand the submission over, once; `limits_memory`: the sandbox caps it by itself."""
        self.environment = self._agent.ready().environment
        self._source = Source.of(files, entry)
        self._on_gpu = gpu_share > 0
        limits = self._limits
        deliver = Deliver(
            files=tuple(SourceFile(name, len(content)) for name, content in files),
            entry=entry,
            roots=tuple(roots),
            limits=WorkerLimits(
                reply_bytes=self._reply_bytes,
                cpu_seconds=int(limits.submission_seconds) + 1,
                open_files=limits.open_files,
                file_bytes=limits.scratch_mb * 2**20,
                address_space=0 if limits_memory else limits.memory_mb * 2**20,
                gpu_share=gpu_share,
                gpu_bytes=(limits.gpu_memory_mb or 0) * 2**20,
            ),
        )
        self._agent.deliver(deliver, [content for _, content in files])

    def load(self, seconds: float) -> Loaded:
        """What the submission holds; the worker that has found out waits for the first test."""
        self._unused = self.begin(seconds)
        return self._unused

    def begin(self, seconds: float) -> Loaded:
        """A worker that has executed the submission, nothing else, with that time for its test."""
        self._clock.start(seconds)
        if self._unused is not None:
            loaded, self._unused = self._unused, None
            return loaded
        self._ended = None
        self._asked = set()
        self._callbacks = Callbacks(self._reply_bytes)
        self._loading = True
        if self._clock.all_used:
            raise self._timeout()
        if self._clock.all_computed:
            raise self._final(blame.out_of_cpu_time(self._limits, all_used=True))
        self._usage.begin()
        self._line = WorkerLine(self._agent.spawn(), self._agent, self._reply_bytes)
        self._clock.renew()
        self._waited_here = waited_by(os.getpid())
        packer = Packer(nothing_kept, self._reply_bytes)
        (answer,) = self.ask([Load(packer.pack(self._parsed))], Unpacker.unpack, packer.buffers)
        try:
            loaded = msgspec.convert(answer, Loaded)
        except msgspec.ValidationError:
            raise self._final(blame.violation("loaded nothing")) from None
        self._parsed = self._parsed or loaded.parsed
        self._loading = False
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
        data = frame(encode(Request(nonce, tuple(operations))), buffers)
        self._asked |= names_asked(operations)
        self.requests += 1
        try:
            message, rest = self._worker_says(data, nonce)
            while isinstance(message, Ask):
                message, rest = self._worker_says(self._call(message, rest), nonce)
            if isinstance(message, Raised):
                asked = frozenset(self._asked)
                verdict = blame.raised(message, self._limits, self._source, asked)
                raise self._final(verdict) if verdict.outcome is Outcome.OUT_OF_MEMORY else verdict
            if len(message.results) != len(operations):
                raise Malformed("another number of results than operations")
            with self._charged():
                unpacker = Unpacker(rest, lambda reference: resolve(_handle(reference)))
                results = [decode(unpacker, value) for value in message.results]
                unpacker.finish()
        except Broken as problem:
            what = repr(problem.__cause__) if problem.__cause__ else ""
            raise self._final(blame.violation(str(problem), what)) from problem
        except UNREADABLE as problem:
            raise self._final(blame.unreadable(repr(problem))) from problem
        return results

    def function(self, function: Callable[..., Any]) -> Function:
        """The reference by which this worker may call a function of the test's."""
        return self._callbacks.add(function)

    def end(self) -> Verdict | None:
        """Kill the worker; a verdict if it broke the protocol meanwhile, or computed too long."""
        if (line := self._line) is None:
            return None
        self.exchanging = True
        try:
            if self._clock.spent > _SHORT:  # the next tests have what this one has waited
                self._goes_on()
            self._agent.kill()
        except Verdict as forged:
            self._gone()
            return self._final(forged)
        finally:
            self.exchanging = False
        unasked = line.has_spoken()
        computed = self._gone()
        if unasked and self._ended is None:
            return self._final(blame.violation("sent something that nobody had asked for"))
        if computed > (self._limits.test_cpu_seconds or math.inf):
            return self._final(blame.out_of_cpu_time(self._limits, all_used=False))
        return None

    def rule_out_gpu(self, end: BaseException | None) -> None:
        """After `end()` of a test that ended so: SandboxLost if the fault may be the GPU's."""
        if self._on_gpu and blame.may_be_the_gpus(end):
            self._agent.ask_gpu()

    def _worker_says(self, data: bytes, nonce: int) -> tuple[Reply | Raised | Ask, memoryview]:
        said = self._exchange(data)
        if isinstance(said, Exited):
            self._gone()
            starved = self._usage.has_run_out_of_memory()
            raise self._final(blame.exited(said, starved, self._limits))
        if not self._loading:
            self.on_answer()
        with self._charged():
            header, rest = split(said)
            message = decode_from_worker(header)
        if message.nonce != nonce:
            raise Malformed("an answer to another question")
        return message, rest

    def _call(self, ask: Ask, buffers: memoryview) -> bytes:
        """A student may ask as often as the time of the test allows, the answers' time included."""
        with self._charged():
            try:
                return self._callbacks.answer(ask, buffers)
            except TooLarge as problem:
                what = f"asked for a value of {problem}"
                raise self._final(Verdict(Outcome.ERROR, f"Your code {what}.")) from problem

    def _exchange(self, data: bytes) -> memoryview | Exited:
        self.exchanging = True
        try:
            return self._answered(data)
        finally:
            self.exchanging = False

    def _answered(self, data: bytes) -> memoryview | Exited:
        assert self._line is not None
        self._line.ask(data)
        while True:
            asked, step = time.monotonic(), min(STEP, self._clock.left)
            said = self._line.answer(asked + step)
            if said is not None or not self._usage.is_frozen():
                self._clock.spend(min(time.monotonic() - asked, step))
            if said is not None:
                return said
            if not self._goes_on():
                raise self._out_of_time()

    def _goes_on(self) -> bool:
        """Whether the worker has time, what it has waited for a processor given back.

        It waits for this process as well.
        """
        waited = self._usage.waited_seconds() + waited_by(os.getpid()) - self._waited_here
        return self._clock.refund(waited, self._usage.computed_seconds())

    @contextmanager
    def _charged(self) -> Iterator[None]:
        """What this process computes for the student's code is taken from its time."""
        started = time.process_time()
        try:
            yield
        finally:
            self._clock.spend(time.process_time() - started)

    def _out_of_time(self) -> Verdict:
        self._agent.kill()
        self._gone()
        # A process that waits for a child which the kernel has killed has not run out of time.
        starved = self._usage.has_run_out_of_memory()
        return self._final(blame.out_of_memory(self._limits)) if starved else self._timeout()

    def _gone(self) -> float:
        """The worker is dead, and with it all that it started; what they have computed, in s."""
        assert self._line is not None
        self._line.close()
        self._line = None
        computed = self._usage.computed_seconds()
        self._clock.compute(computed)
        return computed

    def _timeout(self) -> Verdict:
        clock = self._clock
        return self._final(blame.out_of_time(clock.test_seconds, self._limits, clock.all_used))

    def _final(self, verdict: Verdict) -> Verdict:
        """A verdict after which this worker is asked nothing more."""
        self._ended = verdict
        return verdict


def _handle(reference: Any) -> Handle:
    return reference if isinstance(reference, Handle) else no_reference(reference)
