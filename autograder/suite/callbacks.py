"""Functions of a test's that the student's code may call: they stay here, and are asked."""

from collections.abc import Callable
from typing import Any

from autograder.protocol.codec import Malformed, Packer, Unpacker, Unsupported
from autograder.protocol.connection import frame
from autograder.protocol.messages import Answer, Ask, encode
from autograder.protocol.values import Function, Value


class Callbacks:
    """What one worker was given to call, each by its number."""

    def __init__(self, most_bytes: int) -> None:
        """`most_bytes`: of one answer."""
        self._most_bytes = most_bytes
        self._functions: list[Callable[..., Any]] = []

    def add(self, function: Callable[..., Any]) -> Function:
        """The reference by which the worker may call a function."""
        self._functions.append(function)
        return Function(len(self._functions) - 1)

    def answer(self, ask: Ask, buffers: memoryview) -> bytes:
        """The frame that answers a call, at arguments that student code chose.

        Raises:
            Malformed: The call is none that a well-behaved worker makes.
            TooLarge: What the function returned may not cross.
            Unsupported, MemoryError: The test's own fault; more than checking may take.
        """
        unpacker = Unpacker(buffers, no_reference)
        args = [unpacker.unpack(value) for value in ask.args]
        kwargs = {name: unpacker.unpack(value) for name, value in ask.kwargs}
        unpacker.finish()
        if not 0 <= ask.function < len(self._functions):
            raise Malformed("a call of a function that it was not given")
        try:
            returned = self._functions[ask.function](*args, **kwargs)
        except (Unsupported, MemoryError):
            raise
        except Exception as problem:
            return frame(encode(Answer(exception=type(problem).__name__)))
        packer = Packer(nothing_kept, self._most_bytes)
        return frame(encode(Answer(packer.pack(returned))), packer.buffers)


def nothing_kept(value: Any) -> Value:
    """For a Packer of our own values, none of which can stay here and be referred to."""
    raise Unsupported(f"a function of the test's returned a {type(value).__name__}")


def no_reference(reference: Any) -> Any:
    """For an Unpacker of values that hold no reference to an object."""
    raise Malformed("a reference without an object")
