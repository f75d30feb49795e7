"""One worker: loads the submission, does what requests ask, answers with plain data."""

import os
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path as FilePath
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from autograder.agent.exceptions import printable, raised
from autograder.agent.extraction import Extraction, execute, extract, extract_definitions
from autograder.agent.gpu import is_out_of_memory
from autograder.agent.objects import (
    OPERATORS,
    Missing,
    assign,
    exception_named,
    follow,
    fresh,
    is_tensor,
    to_numpy,
    to_tensor,
)
from autograder.protocol.codec import Packer, TooLarge, Unpacker, Unsupported
from autograder.protocol.connection import Closed, Connection, frame, split
from autograder.protocol.messages import (
    Answer,
    Ask,
    Deliver,
    RaisedKind,
    Reply,
    Request,
    WorkerLimits,
    decode_to_worker,
    encode,
)
from autograder.protocol.operations import (
    Call,
    Fetch,
    Get,
    Load,
    Operate,
    Operation,
    Put,
    Read,
    Set,
    Sweep,
)
from autograder.protocol.values import Function, Handle, Result, Value


@dataclass(frozen=True)
class Submission:
    """The submitted files, as bytes that the agent itself never looks into."""

    files: dict[str, bytes]
    entry: str
    roots: tuple[str, ...]

    @classmethod
    def received(cls, message: Deliver, body: memoryview) -> "Submission":
        """From the message and the buffers behind it."""
        files, start = {}, 0
        for file in message.files:
            files[file.name] = bytes(body[start : start + file.size])
            start += file.size
        return cls(files, message.entry, message.roots)


class Worker:
    """Executes requests until the connection closes or the process is killed."""

    def __init__(
        self, connection: Connection, submission: Submission, limits: WorkerLimits
    ) -> None:
        self._connection = connection
        self._submission = submission
        self._max_bytes = limits.reply_bytes
        self._module = types.ModuleType("submission")
        self._objects: list[Any] = [self._module]
        self._results: list[Any] = []
        self._nonce = 0

    def serve(self) -> None:
        """Answer requests, one reply each."""
        while True:
            try:
                request, buffers = self._receive()
            except Closed:
                return
            if isinstance(request, Request):  # an answer that nobody waits for any more is dropped
                self._connection.send(self._reply(request, buffers))

    def _receive(self) -> tuple[Request | Answer, memoryview]:
        header, buffers = split(self._connection.receive(2**31))
        return decode_to_worker(header), buffers

    def _reply(self, request: Request, buffers: memoryview) -> bytes:
        self._results, self._nonce = [], request.nonce
        unpacker = Unpacker(buffers, self._resolve, to_tensor)
        packer = Packer(lambda value: self._keep(value, packer), self._max_bytes)
        try:
            values = []
            for operation in request.operations:
                result = self._execute(operation, unpacker.unpack)
                self._results.append(result)
                values.append(self._pack(packer, operation, result))
            reply = encode(Reply(request.nonce, tuple(values)))
            return frame(reply, packer.buffers, self._max_bytes)
        except Missing as problem:
            return _told(request, "missing", problem)
        except Unsupported as problem:
            return _told(request, "unsupported", problem)
        except TooLarge as problem:
            return _told(request, "too_large", problem)
        except MemoryError as problem:
            return _told(request, "memory", problem)
        except BaseException as problem:  # SystemExit and KeyboardInterrupt are students' too
            kind: RaisedKind = "gpu_memory" if is_out_of_memory(problem) else "exception"
            return _told(request, kind, problem)

    def _execute(self, operation: Operation, unpack: Callable[[Value], Any]) -> Any:
        match operation:
            case Load(parsed):
                return self._load(unpack(parsed))
            case Get(target, path):
                return follow(self._resolve(target), path)
            case Set(target, path, value):
                assign(self._resolve(target), path, unpack(value))
                return None
            case Call():
                return self._prepare(operation, unpack)()
            case Operate(name, args):
                return OPERATORS[name](*map(unpack, args))
            case Put(value):
                return unpack(value)
            case Fetch(target):
                return self._resolve(target)
            case Read(path):
                return _read(path, self._max_bytes)
            case Sweep():
                return self._sweep(operation, unpack)

    def _load(self, parsed: bytes) -> dict[str, Any]:
        submission, module = self._submission, self._module
        entry, content = submission.entry, submission.files[submission.entry]
        for name, other in submission.files.items():
            if name != entry:
                _write(PurePosixPath(name), other)
        # What lies beside the main file is found as it was at home.
        folder = FilePath(entry).parent
        folder.mkdir(parents=True, exist_ok=True)
        os.chdir(folder)
        sys.path.insert(0, str(FilePath.cwd()))
        sys.modules[module.__name__] = module
        notes = []
        try:
            if parsed:
                extraction = Extraction.load(parsed)
            else:
                extraction = extract(entry, content, submission.roots)
            notes += execute(extraction, module.__dict__)
        except MemoryError:
            raise
        except Exception as problem:  # a module: as much of it as can be had
            name = module.__name__
            module.__dict__.clear()
            module.__dict__["__name__"] = name
            if not isinstance(problem, SyntaxError):  # which the notes tell by themselves
                notes.append(f"{entry} raised {type(problem).__name__} when it was imported")
            extraction = extract_definitions(entry, content, submission.roots)
            notes += execute(extraction, module.__dict__)
        names = [name for name in submission.roots if hasattr(module, name)]
        notes[:0] = extraction.notes
        return {"names": names, "notes": notes, "parsed": extraction.dump()}

    def _prepare(self, call: Call, unpack: Callable[[Value], Any]) -> Callable[[], Any]:
        function = follow(self._resolve(call.target), call.path)
        args = [unpack(value) for value in call.args]
        kwargs = {name: unpack(value) for name, value in call.kwargs}
        return lambda: function(*args, **kwargs)

    def _sweep(self, sweep: Sweep, unpack: Callable[[Value], Any]) -> Any:
        call = sweep.call
        owner = self._resolve(call.target)
        function = follow(owner, call.path)
        args = [unpack(value) for value in call.args]
        kwargs = {name: unpack(value) for name, value in call.kwargs}
        indices, values, points = (
            unpack(part) for part in (sweep.indices, sweep.values, sweep.points)
        )
        vary = sweep.vary
        base = args[vary] if isinstance(vary, int) else np.array(follow(owner, vary))
        if base.shape != points.shape[1:]:
            what = "an argument" if isinstance(vary, int) else ".".join(map(str, vary))
            raise Unsupported(f"{what} of shape {base.shape}, expected {points.shape[1:]}")
        outputs = []
        for number in range(len(indices) + len(points)):
            # Student code may change its arguments: each call gets fresh copies.
            given = list(map(fresh, args))
            if number < len(indices):
                point = base.copy()
                point.flat[indices[number]] = values[number]
            else:
                point = points[number - len(indices)]
            if isinstance(vary, int):
                given[vary] = point
            else:
                assign(owner, vary, point)
            output = function(*given, **kwargs)
            # A layer may hand out the same buffer each time.
            outputs.append(np.array(to_numpy(output)))
        if not isinstance(vary, int):
            assign(owner, vary, base)
        if len({(output.shape, output.dtype) for output in outputs}) > 1:
            raise Unsupported("outputs whose shape or dtype changes from call to call")
        return np.stack(outputs) if outputs else np.empty((0,))

    def _resolve(self, reference: Handle | Result | Function) -> Any:
        if isinstance(reference, Result):
            return self._results[reference.index]
        if isinstance(reference, Function):
            return partial(self._ask, reference.id)
        return self._objects[reference.id]

    def _ask(self, function: int, *args: Any, **kwargs: Any) -> Any:
        """The value of a function of the examiner's; student code calls this."""
        packer = Packer(lambda value: self._plain(value, packer), self._max_bytes)
        try:
            ask = Ask(
                self._nonce,
                function,
                tuple(map(packer.pack, args)),
                tuple((name, packer.pack(value)) for name, value in kwargs.items()),
            )
            asked = frame(encode(ask), packer.buffers, self._max_bytes)
        except (Unsupported, TooLarge) as problem:
            raise TypeError(f"this function cannot be called with {problem}") from None
        self._connection.send(asked)
        answer, buffers = self._receive()
        assert isinstance(answer, Answer)
        if answer.exception:
            raise exception_named(answer.exception)
        return Unpacker(buffers, self._resolve, to_tensor).unpack(answer.value)

    def _plain(self, value: Any, packer: Packer) -> Value:
        if is_tensor(value):
            return packer.pack_array(to_numpy(value), tensor=True)
        raise Unsupported(f"a {type(value).__name__}")

    def _pack(self, packer: Packer, operation: Operation, result: Any) -> Value:
        return self._handle(result) if isinstance(operation, Put) else packer.pack(result)

    def _keep(self, value: Any, packer: Packer) -> Value:
        if is_tensor(value):
            return packer.pack_array(to_numpy(value), tensor=True)
        return self._handle(value)

    def _handle(self, value: Any) -> Handle:
        self._objects.append(value)
        return Handle(len(self._objects) - 1, printable(type(value).__name__, 100))


def _told(request: Request, kind: RaisedKind, problem: BaseException) -> bytes:
    return frame(encode(raised(request.nonce, kind, problem)))


def _write(path: PurePosixPath, content: bytes) -> None:
    """Into the worker's scratch folder, which is its working directory."""
    target = FilePath(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def _read(path: str, max_bytes: int) -> bytes:
    """A regular file's content; raises Missing where there is none, TooLarge beyond the limit."""
    file = FilePath(path)
    if not file.is_file():
        raise Missing(f"submission has not written {path!r}")
    if file.stat().st_size > max_bytes:
        raise TooLarge(f"a file of more than {max_bytes / 2**20:g} MB")
    return file.read_bytes()
