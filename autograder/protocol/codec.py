"""Python values ↔ wire values and raw array buffers."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.protocol.values import (
    Array,
    Bytes,
    Dict,
    Function,
    Handle,
    List,
    Result,
    Slice,
    Tuple,
    Value,
)

_KINDS = {
    "int": (8, 16, 32, 64),
    "uint": (8, 16, 32, 64),
    "float": (16, 32, 64),
    "complex": (64, 128),
}
DTYPES = frozenset(["bool", *(f"{kind}{bits}" for kind in _KINDS for bits in _KINDS[kind])])
MAX_DIMENSIONS = 32
MAX_DEPTH = 32
MAX_ITEMS = 100_000
_TOO_MANY = f"more than {MAX_ITEMS:,} items or {MAX_DEPTH} levels"


class Unsupported(Exception):
    """A value of this type cannot cross the border."""


class TooLarge(Exception):
    """The value needs more bytes, items or depth than may cross the border."""


class Malformed(Exception):
    """Received bytes do not say what a well-behaved peer says."""


class Packer:
    """Turns Python values into wire values and gathers their array buffers.

    `keep` turns any other object into a handle or raises Unsupported; `max_bytes` bounds the
    buffers and strings together.
    """

    def __init__(self, keep: Callable[[Any], Value], max_bytes: int) -> None:
        self.buffers: list[bytes] = []
        self._keep = keep
        self._max_bytes = self._left = max_bytes
        self._items = MAX_ITEMS

    def pack(self, value: Any, depth: int = 0) -> Value:
        """The wire value; only exact built-in types are taken at their word."""
        kind = type(value)
        self._items -= 1
        if depth > MAX_DEPTH or self._items < 0:
            raise TooLarge(_TOO_MANY)
        if value is None or kind is bool or kind is float:
            return value  # type: ignore[no-any-return]
        if kind is int:
            if not -(2**63) <= value < 2**64:
                raise Unsupported("an integer of more than 64 bits")
            return value  # type: ignore[no-any-return]
        if kind is str:
            try:
                self._spend(len(value.encode()))
            except UnicodeEncodeError:
                raise Unsupported("a string that is not valid Unicode") from None
            return value  # type: ignore[no-any-return]
        if kind is bytes:
            self._spend(len(value))
            self.buffers.append(value)
            return Bytes(len(value))
        if kind is list or kind is tuple:
            items = tuple(self.pack(item, depth + 1) for item in value)
            return List(items) if kind is list else Tuple(items)
        if kind is dict and all(type(key) is str for key in value):
            return Dict(tuple((key, self.pack(item, depth + 1)) for key, item in value.items()))
        if kind is slice:
            return Slice(*map(self._index, (value.start, value.stop, value.step)))
        if isinstance(value, np.ndarray | np.generic):
            return self.pack_array(value)
        return self._keep(value)

    def pack_array(self, value: "np.ndarray[Any, Any] | np.generic", tensor: bool = False) -> Array:
        """An array, normalised to C order and the machine's byte order."""
        array = np.asarray(value)
        if type(array) is not np.ndarray:
            array = np.ndarray.view(array, np.ndarray)
        if array.dtype.name not in DTYPES:
            raise Unsupported(f"an array of dtype {array.dtype}")
        if array.ndim > MAX_DIMENSIONS:
            raise Unsupported(f"an array of {array.ndim} dimensions")
        self._spend(array.nbytes)
        array = array.astype(array.dtype.newbyteorder("="), order="C", copy=False)
        self.buffers.append(array.tobytes())
        return Array(array.dtype.name, array.shape, tensor)

    def _index(self, value: Any) -> int | None:
        if value is None or (type(value) is int and -(2**63) <= value < 2**63):
            return value
        raise Unsupported("a slice of other things than integers")

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise TooLarge(f"more than {self._max_bytes / 2**20:g} MB")


class Unpacker:
    """Turns wire values back into Python values; arrays are built from the frame's own bytes.

    Raises Malformed unless the buffers tile the body exactly, and for more items or depth than a
    Packer lets through.
    """

    def __init__(
        self,
        body: memoryview,
        resolve: Callable[[Handle | Result | Function], Any],
        tensor: Callable[["np.ndarray[Any, Any]"], Any] = lambda array: array,
    ) -> None:
        self._body = body
        self._offset = 0
        self._resolve = resolve
        self._tensor = tensor
        self._items = MAX_ITEMS

    def unpack(self, value: Value, depth: int = 0) -> Any:
        """The Python value; arrays are fresh, writable, C-ordered ndarrays."""
        self._items -= 1
        if depth > MAX_DEPTH or self._items < 0:
            raise Malformed(_TOO_MANY)
        match value:
            case Array():
                return self._array(value)
            case Bytes(size):
                return bytes(self._take(size))
            case List(items):
                return [self.unpack(item, depth + 1) for item in items]
            case Tuple(items):
                return tuple(self.unpack(item, depth + 1) for item in items)
            case Dict(items):
                result = {key: self.unpack(item, depth + 1) for key, item in items}
                if len(result) != len(items):
                    raise Malformed("a dict with duplicate keys")
                return result
            case Slice(start, stop, step):
                return slice(start, stop, step)
            case Handle() | Result() | Function():
                return self._resolve(value)
            case _:
                return value

    def finish(self) -> None:
        """Raises Malformed when bytes are left over."""
        if self._offset != len(self._body):
            raise Malformed(f"{len(self._body) - self._offset} bytes too many in the frame")

    def _take(self, size: int) -> memoryview:
        """The next buffer."""
        if not 0 <= size <= len(self._body) - self._offset:
            raise Malformed("a value larger than its frame")
        self._offset += size
        return self._body[self._offset - size : self._offset]

    def _array(self, header: Array) -> Any:
        if header.dtype not in DTYPES:
            raise Malformed(f"dtype {header.dtype[:40]!r} may not cross")
        if len(header.shape) > MAX_DIMENSIONS or any(n < 0 for n in header.shape):
            raise Malformed("an impossible shape")
        dtype = np.dtype(header.dtype)
        part = self._take(math.prod(header.shape) * dtype.itemsize)
        try:
            array = np.frombuffer(part, dtype).reshape(header.shape).copy()
        except ValueError as problem:
            raise Malformed("a shape that numpy refuses") from problem
        if dtype == np.bool_:
            # Any other byte than 0 and 1 would be a truth that counts for more than one.
            array = array.view(np.uint8).astype(np.bool_)
        return self._tensor(array) if header.tensor else array
