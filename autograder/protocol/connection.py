"""Frames on a Unix socket.

    ┌──────────────┬───────────────┬────────┬─────────────┐
    │ length (u32) │ header length │ header │ raw buffers │
    └──────────────┴───────────────┴────────┴─────────────┘
                         u32         msgpack

The length counts everything behind it. The agent has one connection with the examiner, and each
worker one of its own, so that no worker can speak for the agent.
"""

import select
import socket
import struct
import time
from collections.abc import Sequence

from autograder.protocol.codec import Malformed, TooLarge

_LENGTH = struct.Struct("!I")
MINIMUM = _LENGTH.size
MAX_HEADER = 2**20
"""Bytes of a header: tiny items take many times that when decoded, and some 50 ms at most."""
MAX_FRAME = 2**31


class Closed(Exception):
    """The peer closed the connection."""


class DeadlinePassed(Exception):
    """The whole frame did not arrive, or was not taken, in time."""


def frame(header: bytes, buffers: Sequence[bytes] = (), max_bytes: int = MAX_FRAME) -> bytes:
    """The bytes of one frame; raises TooLarge for what the peer would refuse."""
    size = MINIMUM + len(header) + sum(map(len, buffers))
    if len(header) > MAX_HEADER or size > max_bytes:
        raise TooLarge(f"more than {max_bytes / 2**20:g} MB, or too many strings and objects")
    return b"".join((_LENGTH.pack(size), _LENGTH.pack(len(header)), header, *buffers))


def body_size(prefix: bytes | memoryview, max_bytes: int) -> int:
    """Bytes behind the prefix; raises Malformed before anything is allocated."""
    (size,) = _LENGTH.unpack(prefix)
    if not MINIMUM <= size <= max_bytes:
        raise Malformed(f"a frame of {size} bytes, where {MINIMUM} to {max_bytes} are allowed")
    return int(size)


def split(body: memoryview) -> tuple[memoryview, memoryview]:
    """Header and buffers of a frame's body; raises Malformed."""
    (size,) = _LENGTH.unpack(body[: _LENGTH.size])
    end = _LENGTH.size + size
    if end > len(body) or size > MAX_HEADER:
        raise Malformed(f"a header of {size} bytes")
    return body[_LENGTH.size : end], body[end:]


class Connection:
    """Frames on one connected stream socket, with one deadline for a whole frame.

    After DeadlinePassed the next `receive` goes on within the frame that was cut off: what a peer
    has put into its middle is never taken for a frame. Deadlines are `time.monotonic()` values;
    what is there already is taken even when the deadline has passed.
    """

    PREFIX = _LENGTH.size

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.socket.settimeout(None)
        self._in_body = False
        self._expect(self.PREFIX)

    @property
    def begun(self) -> bool:
        """Whether a part of the next frame is there."""
        return self._in_body or self._got > 0

    def send(self, data: bytes, deadline: float | None = None) -> None:
        """Send a frame."""
        left = memoryview(data)
        while left := left[self.send_some(left) :]:
            self._wait(select.POLLOUT, deadline)

    def send_some(self, data: memoryview) -> int:
        """So many of the bytes as the peer takes at once; how many those are."""
        try:
            return self.socket.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return 0
        except OSError as problem:
            raise Closed from problem

    def receive(self, max_bytes: int, deadline: float | None = None) -> memoryview:
        """The body of the next frame."""
        if not self._in_body:
            self._fill(deadline)
            self._expect(body_size(self._part, max_bytes))
            self._in_body = True
        self._fill(deadline)
        body = self._part
        self._in_body = False
        self._expect(self.PREFIX)
        return body

    def close(self) -> None:
        """Close the socket."""
        self.socket.close()

    def _expect(self, size: int) -> None:
        self._part = memoryview(bytearray(size))
        self._got = 0

    def _fill(self, deadline: float | None) -> None:
        while self._got < len(self._part):
            try:
                part = self._part[self._got :]
                count = self.socket.recv_into(part, 0, socket.MSG_DONTWAIT)
            except BlockingIOError:
                self._wait(select.POLLIN, deadline)
                continue
            except OSError as problem:
                raise Closed from problem
            if count == 0:
                raise Closed
            self._got += count

    def _wait(self, events: int, deadline: float | None) -> None:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise DeadlinePassed
        poll = select.poll()
        poll.register(self.socket, events)
        poll.poll(None if left is None else left * 1000)
