import socket
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.protocol.codec import Malformed, TooLarge
from autograder.protocol.connection import (
    MAX_HEADER,
    MINIMUM,
    Closed,
    Connection,
    DeadlinePassed,
    body_size,
    frame,
    split,
)


@pytest.fixture
def ends() -> Iterator[tuple[Connection, socket.socket]]:
    """A connection and the bare socket at its other end."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with ours, theirs:
        yield Connection(ours), theirs


@given(st.binary(), st.lists(st.binary(), max_size=3))
def test_a_frame_arrives_as_it_was_sent(header: bytes, buffers: list[bytes]) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with ours, theirs:
        Connection(theirs).send(frame(header, buffers))
        body = Connection(ours).receive(2**20)
    head, rest = split(body)
    assert (bytes(head), bytes(rest)) == (header, b"".join(buffers))


@pytest.mark.parametrize("size", [0, 1, MINIMUM - 1, 2**20 + 1, 2**31, 2**32 - 1])
def test_a_length_out_of_bounds_is_malformed_before_anything_is_allocated(size: int) -> None:
    with pytest.raises(Malformed, match=str(size)):
        body_size(size.to_bytes(4, "big"), 2**20)


@pytest.mark.parametrize("size", [5, 100, 2**31, 2**32 - 1])
def test_a_header_longer_than_its_frame_is_malformed(size: int) -> None:
    with pytest.raises(Malformed):
        split(memoryview(size.to_bytes(4, "big") + b"1234"))


def test_a_header_over_the_limit_is_malformed_although_it_is_all_there() -> None:
    size = MAX_HEADER + 1
    with pytest.raises(Malformed):
        split(memoryview(size.to_bytes(4, "big") + bytes(size)))


def test_what_the_peer_would_refuse_is_not_sent() -> None:
    with pytest.raises(TooLarge):
        frame(bytes(MAX_HEADER + 1))
    with pytest.raises(TooLarge):
        frame(b"", [bytes(1000)], max_bytes=1000)


def test_a_peer_that_closes_is_told_apart(ends: tuple[Connection, socket.socket]) -> None:
    connection, peer = ends
    peer.sendall(frame(b"header")[:-1])
    peer.close()
    with pytest.raises(Closed):
        connection.receive(2**20)
    with pytest.raises(Closed):
        connection.send(b"x")


def test_one_deadline_holds_for_the_whole_frame(ends: tuple[Connection, socket.socket]) -> None:
    """A peer that sends a byte now and then does not win time."""
    connection, peer = ends
    stop = threading.Event()

    def drip() -> None:
        for byte in frame(bytes(10_000)):
            if stop.wait(0.01):
                return
            peer.sendall(bytes([byte]))

    thread = threading.Thread(target=drip)
    thread.start()
    with pytest.raises(DeadlinePassed):
        connection.receive(2**20, time.monotonic() + 0.2)
    stop.set()
    thread.join()


def test_a_deadline_that_has_passed_is_not_waited_for(
    ends: tuple[Connection, socket.socket],
) -> None:
    connection, peer = ends
    with pytest.raises(DeadlinePassed):
        connection.receive(2**20, time.monotonic() - 1)
    peer.sendall(frame(b"header"))
    assert bytes(split(connection.receive(2**20, time.monotonic() - 1))[0]) == b"header"


@given(st.integers(1, 60))
def test_what_stands_inside_of_a_frame_that_was_cut_off_is_not_taken_for_a_frame(cut: int) -> None:
    """Else a worker could answer twice, once of them late."""
    forged = frame(b"forged")
    honest, after = frame(b"", [forged * 4]), frame(b"true")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with ours, theirs:
        connection = Connection(ours)
        theirs.sendall(honest[:cut])
        with pytest.raises(DeadlinePassed):
            connection.receive(2**20, time.monotonic() + 0.001)
        theirs.sendall(honest[cut:] + after)
        bodies = [connection.receive(2**20) for _ in range(2)]
    assert bytes(split(bodies[0])[1]) == forged * 4
    assert bytes(split(bodies[1])[0]) == b"true"
