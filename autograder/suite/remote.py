"""Proxies that make the student's module look like a module to a hidden test."""

from typing import Any

from autograder.core.results import Outcome
from autograder.protocol.codec import Packer, Unpacker, Unsupported
from autograder.protocol.messages import (
    Call,
    Fetch,
    Get,
    Handle,
    Operation,
    Path,
    Put,
    Result,
    Set,
    Value,
)
from autograder.suite.session import Session
from autograder.suite.verdict import Verdict

_MAX_SENT = 2**30


class Batch:
    """Operations that go to the worker in one round trip; later ones may use earlier results."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._operations: list[Operation] = []
        self._packer = Packer(_reference, _MAX_SENT)

    def pack(self, value: Any) -> Value:
        """The wire form of an argument; remote objects and results become references."""
        return self._packer.pack(value)

    def add(self, operation: Operation) -> Result:
        """Append an operation; the reference to its result."""
        self._operations.append(operation)
        return Result(len(self._operations) - 1)

    def call(self, target: Handle | Result, path: Path, *args: Any, **kwargs: Any) -> Call:
        """A call operation, for `add` or for a sweep."""
        named = tuple((name, self.pack(value)) for name, value in kwargs.items())
        return Call(target, path, tuple(map(self.pack, args)), named)

    def send(self) -> list[Any]:
        """The decoded results of all operations."""
        return self._session.ask(
            self._operations,
            Unpacker.unpack,
            self._packer.buffers,
            lambda handle: RemoteObject(self._session, handle),
        )


class RemoteObject:
    """An object that stays in the student's worker; attribute access and calls go there and back.

    Arrays, numbers, strings and their lists, tuples and dicts come back as plain values, all else
    as another RemoteObject.
    """

    def __init__(self, session: Session, handle: Handle) -> None:
        # Past our own __setattr__, which assigns to the student's object.
        self.__dict__.update(session_=session, handle_=handle)

    def __getattr__(self, name: str) -> Any:
        if name.startswith(
            "__"
        ):  # copy, pickle and pytest ask for these; a student's object has none
            raise AttributeError(name)
        return _single(self.session_, Get(self.handle_, (name,)))

    def __setattr__(self, name: str, value: Any) -> None:
        batch = Batch(self.session_)
        batch.add(Set(self.handle_, (name,), batch.pack(value)))
        batch.send()

    def __getitem__(self, index: int) -> Any:
        return _single(self.session_, Get(self.handle_, (index,)))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        batch = Batch(self.session_)
        batch.add(batch.call(self.handle_, (), *args, **kwargs))
        return batch.send()[0]

    def __repr__(self) -> str:
        return f"<the student's {self.handle_.type_name or 'module'}>"


class Student(RemoteObject):
    """The student's module: `student.Linear(4, 3)` makes a Linear in the worker."""

    def put(self, value: Any) -> RemoteObject:
        """One object in the worker, to see later whether the student's code has changed it."""
        batch = Batch(self.session_)
        batch.add(Put(batch.pack(value)))
        (remote,) = batch.send()
        assert isinstance(remote, RemoteObject)
        return remote

    def fetch(self, remote: RemoteObject) -> Any:
        """What an object in the worker is now, as plain data."""
        if not isinstance(remote, RemoteObject):
            raise TypeError(f"fetch takes what put returned, not a {type(remote).__name__}")
        return _single(self.session_, Fetch(remote.handle_))


def require_remote(value: Any, what: str) -> RemoteObject:
    """The value itself if it is an object of the student's; else the test ends as failed."""
    if not isinstance(value, RemoteObject):
        raise Verdict(Outcome.FAILED, f"{what} is a {type(value).__name__}, not an object.")
    return value


def _single(session: Session, operation: Operation) -> Any:
    batch = Batch(session)
    batch.add(operation)
    return batch.send()[0]


def _reference(value: Any) -> Value:
    if isinstance(value, RemoteObject):
        return Handle(value.handle_.id)
    if isinstance(value, Result):
        return value
    raise Unsupported(f"a {type(value).__name__} cannot be sent to the student's code")
