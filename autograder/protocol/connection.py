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

from autograder.protocol.codec import Malformed, TooLarge

CONTROL = 0
WORKER = 1

_PREFIX = struct.Struct("!IB")
_HEADER = struct.Struct("!I")
MINIMUM = 1 + _HEADER.size
MAX_HEADER = 2**20
"""Bytes of a header: tiny items take many times that when decoded, and some 50 ms at most."""
MAX_FRAME = 2**31


class Closed(Exception):
    """The peer closed the connection."""


class DeadlinePassed(Exception):
    """The whole frame did not arrive, or was not taken, in time."""


def frame(
    channel: int, header: bytes, buffers: Sequence[bytes] = (), max_bytes: int = MAX_FRAME
) -> bytes:
    """The bytes of one frame; raises TooLarge for what the peer would refuse."""
    size = MINIMUM + len(header) + sum(map(len, buffers))
    if len(header) > MAX_HEADER or size > max_bytes:
        raise TooLarge(f"more than {max_bytes / 2**20:g} MB, or too many strings and objects")
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
    """Blocking frames on one connected stream socket, with one deadline for a whole frame.

    After DeadlinePassed the next `receive` goes on within the frame that was cut off: what a peer
    has put into its middle is never taken for a frame.
    """

    PREFIX = _PREFIX.size

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self._channel: int | None = None
        self._expect(self.PREFIX)

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
        if self._channel is None:
            self._fill(deadline)
            size, self._channel = body_size(self._part, max_bytes)
            self._expect(size)
        self._fill(deadline)
        channel, body = self._channel, self._part
        self._channel = None
        self._expect(self.PREFIX)
        return channel, body

    def close(self) -> None:
        """Close the socket."""
        self.socket.close()

    def _expect(self, size: int) -> None:
        self._part = memoryview(bytearray(size))
        self._got = 0

    def _fill(self, deadline: float | None) -> None:
        while self._got < len(self._part):
            try:
                self.socket.settimeout(_remaining(deadline))
                count = self.socket.recv_into(self._part[self._got :])
            except TimeoutError:
                raise DeadlinePassed from None
            except OSError as problem:
                raise Closed from problem
            if count == 0:
                raise Closed
            self._got += count


def _remaining(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise DeadlinePassed
    return left
