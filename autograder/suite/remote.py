"""Proxies that make the student's module look like a module to a hidden test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograder.core.results import Outcome
from autograder.protocol.codec import Packer, Unpacker, Unsupported
from autograder.protocol.operations import Call, Fetch, Get, Operate, Operation, Put, Read, Set
from autograder.protocol.values import Handle, Path, Result, Value
from autograder.suite import blame
from autograder.suite.session import Session
from autograder.suite.verdict import Verdict

_MAX_SENT = 2**30


class Tensor:
    """An array that arrives in the worker as a torch tensor; torch itself is not needed here."""

    def __init__(self, array: "np.ndarray[Any, Any]") -> None:
        self.array = np.asarray(array)


def tensor(array: "np.ndarray[Any, Any]") -> Tensor:
    """The array, marked for its way to the worker."""
    return Tensor(array)


class Batch:
    """Operations that go to the worker in one round trip; later ones may use earlier results."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._operations: list[Operation] = []
        self._packer = Packer(self._reference, _MAX_SENT)

    def pack(self, value: Any) -> Value:
        """The wire form of an argument; remote objects, results, functions become references."""
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

    def _reference(self, value: Any) -> Value:
        match value:
            case RemoteObject():
                return Handle(value.handle_.id)
            case Result():
                return value
            case Tensor():
                return self._packer.pack_array(value.array, tensor=True)
            case Callable():
                return self._session.function(value)
            case _:
                raise Unsupported(f"a {type(value).__name__} cannot be sent to the student's code")


class RemoteObject:
    """An object that stays in the student's worker; attribute access and calls go there and back.

    Arrays, numbers, strings and their lists, tuples and dicts come back as plain values, all else
    as another RemoteObject. Operators are those of the student's object, applied where it lives;
    what arithmetic with an object gives must be an object again, so that no array comes back which
    the next operator would broadcast here. Attributes with a capital letter that are no plain value
    are taken for classes: what they make must be an object as well.
    What belongs to a tensor, which would come as an array, is reached by a dotted name:
    `setattr(layer, "weight.grad", tensor(array))`.
    """

    __array_ufunc__ = None  # array @ remote is the remote's business
    __iter__ = None

    def __init__(self, session: Session, handle: Handle) -> None:
        # Past our own __setattr__, which assigns to the student's object.
        self.__dict__.update(session_=session, handle_=handle)

    def __getattr__(self, name: str) -> Any:
        if name.startswith(
            "__"
        ):  # copy, pickle and pytest ask for these; a student's object has none
            raise AttributeError(name)
        path = tuple(name.split("."))
        value = _single(self.session_, Get(self.handle_, path))
        if path[-1][:1].isupper() and isinstance(value, RemoteObject):
            return RemoteClass(value.session_, value.handle_)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        batch = Batch(self.session_)
        batch.add(Set(self.handle_, tuple(name.split(".")), batch.pack(value)))
        batch.send()

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, int):
            return _single(self.session_, Get(self.handle_, (index,)))
        return self._operate("getitem", self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        self._operate("setitem", self, index, value)

    def __len__(self) -> int:
        length = self._operate("len", self)
        if type(length) is not int or length < 0:
            raise Verdict(Outcome.FAILED, "len() of your object is no length.")
        return length

    def __bool__(self) -> bool:
        return True

    def __add__(self, other: Any) -> Any:
        return self._arithmetic("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return self._arithmetic("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return self._arithmetic("sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        return self._arithmetic("sub", other, self)

    def __mul__(self, other: Any) -> Any:
        return self._arithmetic("mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        return self._arithmetic("mul", other, self)

    def __truediv__(self, other: Any) -> Any:
        return self._arithmetic("truediv", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._arithmetic("truediv", other, self)

    def __pow__(self, other: Any) -> Any:
        return self._arithmetic("pow", self, other)

    def __rpow__(self, other: Any) -> Any:
        return self._arithmetic("pow", other, self)

    def __matmul__(self, other: Any) -> Any:
        return self._arithmetic("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return self._arithmetic("matmul", other, self)

    def __neg__(self) -> Any:
        return self._arithmetic("neg", self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        batch = Batch(self.session_)
        batch.add(batch.call(self.handle_, (), *args, **kwargs))
        return batch.send()[0]

    def _arithmetic(self, name: Any, *args: Any) -> "RemoteObject":
        return require_remote(self._operate(name, *args), "The result of an operator of yours")

    def _operate(self, name: Any, *args: Any) -> Any:
        batch = Batch(self.session_)
        batch.add(Operate(name, tuple(map(batch.pack, args))))
        return batch.send()[0]

    def __repr__(self) -> str:
        return "<an object of the student's>"


class RemoteClass(RemoteObject):
    """A class of the student's: what it makes is an object, which stays in the worker."""

    def __call__(self, *args: Any, **kwargs: Any) -> RemoteObject:
        return require_remote(super().__call__(*args, **kwargs), "What one of your classes makes")


class Student(RemoteObject):
    """The student's module: `student.Linear(4, 3)` makes a Linear in the worker."""

    def put(self, value: Any) -> RemoteObject:
        """One object in the worker, to see later whether the student's code has changed it."""
        batch = Batch(self.session_)
        batch.add(Put(batch.pack(value)))
        (remote,) = batch.send()
        if not isinstance(remote, RemoteObject):
            raise blame.violation("answered with a value where it had to keep one")
        return remote

    def fetch(self, remote: RemoteObject) -> Any:
        """What an object in the worker is now, as plain data."""
        if not isinstance(remote, RemoteObject):
            raise TypeError(f"fetch takes what put returned, not a {type(remote).__name__}")
        return _single(self.session_, Fetch(remote.handle_))

    def read(self, path: str) -> bytes:
        """The content of a file that the student's code has written in its working directory."""
        content = _single(self.session_, Read(path))
        if not isinstance(content, bytes):
            raise blame.violation(f"answered with something else than the bytes of {path}")
        return content

    @contextmanager
    def raises(self, *names: str) -> Iterator[None]:
        """The student's code must raise an exception of one of these classes in the block."""
        wanted = " or ".join(names)
        try:
            yield
        except Verdict as verdict:
            if set(names) & set(verdict.exceptions):
                return
            raise
        raise Verdict(Outcome.FAILED, f"Your code raised no {wanted} where it has to.")


def require_remote(value: Any, what: str) -> RemoteObject:
    """The value itself if it is an object of the student's; else the test ends as failed."""
    if not isinstance(value, RemoteObject):
        raise Verdict(Outcome.FAILED, f"{what} is a {type(value).__name__}, not an object.")
    return value


def _single(session: Session, operation: Operation) -> Any:
    batch = Batch(session)
    batch.add(operation)
    return batch.send()[0]
