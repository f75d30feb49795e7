"""Frames on a Unix socket.

    ┌──────────────┬─────────┬───────────────┬────────┬─────────────┐
    │ length (u32) │ channel │ header length │ header │ raw buffers │
    └──────────────┴─────────┴───────────────┴────────┴─────────────┘
                      u8          u32          msgpack

The length counts everything behind it. On the channel CONTROL the examiner talks with the agent;
what stands on the channel WORKER is relayed by the agent, which stamps the channel itself, so that
a worker cannot speak for the agent.
"""

import socket
import struct
import time
from collections.abc import Sequence

from autograder.protocol.codec import Malformed

CONTROL = 0
WORKER = 1

_PREFIX = struct.Struct("!IB")
_HEADER = struct.Struct("!I")
MINIMUM = 1 + _HEADER.size
MAX_HEADER = 4 * 2**20
"""Bytes of a header that a worker may send: tiny items grow many times over when decoded."""


class Closed(Exception):
    """The peer closed the connection."""


class DeadlinePassed(Exception):
    """The whole frame did not arrive, or was not taken, in time."""


def frame(channel: int, header: bytes, buffers: Sequence[bytes] = ()) -> bytes:
    """The bytes of one frame."""
    size = MINIMUM + len(header) + sum(map(len, buffers))
    return b"".join((_PREFIX.pack(size, channel), _HEADER.pack(len(header)), header, *buffers))


def body_size(prefix: bytes | memoryview, max_bytes: int) -> tuple[int, int]:
    """Bytes behind the prefix, and the channel; raises Malformed before anything is allocated."""
    size, channel = _PREFIX.unpack(prefix)
    if not MINIMUM <= size <= max_bytes:
        raise Malformed(f"a frame of {size} bytes, where {MINIMUM} to {max_bytes} are allowed")
    return size - 1, channel


def split(body: memoryview) -> tuple[memoryview, memoryview]:
    """Header and buffers of a frame's body; raises Malformed."""
    (size,) = _HEADER.unpack(body[: _HEADER.size])
    end = _HEADER.size + size
    if end > len(body) or size > MAX_HEADER:
        raise Malformed(f"a header of {size} bytes")
    return body[_HEADER.size : end], body[end:]


class Connection:
    """Blocking frames on one connected stream socket, with one deadline for a whole frame."""

    PREFIX = _PREFIX.size

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock

    def send(self, data: bytes, deadline: float | None = None) -> None:
        """Send a frame; `deadline` is a `time.monotonic()` value."""
        try:
            self.socket.settimeout(_remaining(deadline))
            self.socket.sendall(data)
        except TimeoutError:
            raise DeadlinePassed from None
        except OSError as problem:
            raise Closed from problem

    def receive(self, max_bytes: int, deadline: float | None = None) -> tuple[int, memoryview]:
        """Channel and body of the next frame."""
        size, channel = body_size(self._exactly(self.PREFIX, deadline), max_bytes)
        return channel, self._exactly(size, deadline)

    def close(self) -> None:
        """Close the socket."""
        self.socket.close()

    def _exactly(self, size: int, deadline: float | None) -> memoryview:
        view = memoryview(bytearray(size))
        got = 0
        while got < size:
            try:
                self.socket.settimeout(_remaining(deadline))
                count = self.socket.recv_into(view[got:])
            except TimeoutError:
                raise DeadlinePassed from None
            except OSError as problem:
                raise Closed from problem
            if count == 0:
                raise Closed
            got += count
        return view


def _remaining(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise DeadlinePassed
    return left
