"""Every message that crosses the border between the examiner and the sandbox.

    examiner ──Deliver, Spawn, Kill, AskGpu─▶ agent   on one connection
    examiner ◀────────Ready, Exited, GpuAsked── agent
    examiner ──Request, Answer─────▶ worker           on another, which came with Spawn
    examiner ◀─Reply, Raised, Ask─── worker

An Ask is a worker's call of a function that lives with the examiner; its Answer comes before the
worker's Reply to the request that it is working on.

Structs travel as msgpack arrays with unknown fields forbidden, so that no key can be sent twice.
There is no field for a verdict: nothing that a student writes can claim to have passed.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from autograder.protocol.operations import Operation
from autograder.protocol.values import Value, Wire

# ── examiner → agent ─────────────────────────────────────────────────────────────────────────


class SourceFile(Wire, frozen=True):
    """One submitted file; its bytes are the next buffer of the frame."""

    name: str
    size: int


class WorkerLimits(Wire, frozen=True):
    """What the kernel and the agent hold each worker to."""

    reply_bytes: int
    cpu_seconds: int
    open_files: int
    file_bytes: int
    address_space: int
    """Bytes beyond what the warm agent holds; 0 where the container's own limit does this work."""
    gpu_share: float
    """Of each device's memory; 0 without a GPU."""
    gpu_bytes: int
    """At most so many of that; 0: the whole share."""


class Deliver(Wire, frozen=True):
    """The submission, once, before the first worker."""

    files: tuple[SourceFile, ...]
    entry: str
    roots: tuple[str, ...]
    limits: WorkerLimits


class Spawn(Wire, frozen=True):
    """Fork a fresh worker; one byte follows, and with it the descriptor of its connection."""


class Kill(Wire, frozen=True):
    """End the worker and everything it started; answered by Exited."""


class AskGpu(Wire, frozen=True):
    """Between two workers: have a fork compute on the GPU as they do; answered by GpuAsked."""


class Request(Wire, frozen=True):
    """Operations for the worker, answered by one Reply or Raised with the same nonce."""

    nonce: int
    operations: tuple[Operation, ...]


class Answer(Wire, frozen=True):
    """What the examiner's function returned, or the name of the built-in exception it raised."""

    value: Value = None
    exception: str = ""


# ── agent or worker → examiner ───────────────────────────────────────────────────────────────


class Ready(Wire, frozen=True):
    """The agent is warm: its version, and what it computes with as (name, value)."""

    version: str
    environment: tuple[tuple[str, str], ...]
    fault: str = ""
    """Why no submission can be graded in this sandbox; the agent ends after it has said so."""


class Exited(Wire, frozen=True):
    """The worker is gone, and all that it started."""

    asked: bool
    """True in answer to Kill, False when the worker ended by itself."""
    signal: Annotated[int, Meta(ge=0, le=64)]
    """That ended it; 0 if none did."""
    fault: Annotated[str, Meta(max_length=500)] = ""
    """Why the worker never got as far as student code: our fault, and the agent ends."""


class GpuAsked(Wire, frozen=True):
    """What the fork has found out."""

    fault: str
    """Why no worker could have computed, or had its share of the memory: our fault.

    The agent ends after it has said so. Empty if one could have.
    """


class Reply(Wire, frozen=True):
    """What the operations returned."""

    nonce: int
    results: tuple[Value, ...]


class Frame(Wire, frozen=True):
    """One line of the student's own code in a traceback."""

    file: str
    line: int
    function: str


RaisedKind = Literal["exception", "memory", "gpu_memory", "missing", "unsupported", "too_large"]


class Raised(Wire, frozen=True):
    """An operation did not return a value."""

    nonce: int
    kind: RaisedKind
    type_names: tuple[str, ...]
    """The exception's class and its bases, the class itself first."""
    message: str
    frames: tuple[Frame, ...]
    errno: int = 0
    """Of an OSError: it tells which limit of the system was met."""


class Ask(Wire, frozen=True):
    """The student's code calls a function of the examiner's and waits for its Answer."""

    nonce: int
    function: int
    args: tuple[Value, ...]
    kwargs: tuple[tuple[str, Value], ...]


ToAgent = Deliver | Spawn | Kill | AskGpu
FromAgent = Ready | Exited | GpuAsked
ToWorker = Request | Answer
FromWorker = Reply | Raised | Ask

encode = msgspec.msgpack.Encoder().encode
decode_to_agent = msgspec.msgpack.Decoder(ToAgent).decode
decode_from_agent = msgspec.msgpack.Decoder(FromAgent).decode
decode_to_worker = msgspec.msgpack.Decoder(ToWorker).decode
decode_from_worker = msgspec.msgpack.Decoder(FromWorker).decode
