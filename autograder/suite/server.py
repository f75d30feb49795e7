"""The examiner process: has pytest and numpy imported, forks for each submission, trusts nobody.

`python -m autograder.suite.server FD`: each packet on the socket FD names the folder of a suite. A
fork collects it, once, and forks in turn for each submission: with the packet come two descriptors,
the agent's socket and a channel. A Job is read from the channel, Examinations are written to it: as
far as it has come, and in the end the whole. How that process has ended is written behind it by
the one that has forked it. A packet without descriptors has a suite collected beforehand.
"""

import contextlib
import ctypes
import gc
import os
import select
import signal
import socket
import sys
from typing import NoReturn

import msgspec
import numpy as np

import autograder.suite.fixtures  # noqa: F401  imported once here, not in every fork
from autograder.protocol.connection import frame
from autograder.suite.collection import Suite, collect
from autograder.suite.examiner import examine
from autograder.suite.job import Ended, Examination, Job

_NOBODY = 65534
_CAP_DAC_READ_SEARCH = 1 << 2
_CAPABILITY_VERSION_3 = 0x20080522
_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_SET_NO_NEW_PRIVS = 38
_GRACE_SECONDS = 120
_LONGEST_PATH = 4096


def main() -> None:
    """Serve until the grader hangs up."""
    sys.dont_write_bytecode = True
    control = socket.socket(fileno=int(sys.argv[1]))
    drop_privileges()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the grader decides when to stop
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a suite's process ended
    np.ones((64, 64)) @ np.ones((64, 64))  # the library's buffer is no submission's memory
    folder, suite = b"", None
    while True:
        asked, descriptors, _, _ = socket.recv_fds(control, _LONGEST_PATH, 2)
        if not asked:
            return
        if suite is None or asked != folder or _hung_up(suite):
            if suite is not None:
                suite.close()  # it ends with the last submission that it is busy with
            folder, suite = asked, _collected(asked.decode(), [control.fileno(), *descriptors])
        socket.send_fds(suite, [asked], descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _hung_up(peer: socket.socket) -> bool:
    poll = select.poll()
    poll.register(peer, 0)
    return bool(poll.poll(0))


def drop_privileges() -> None:
    """As root: become nobody, who may read every file but cannot write to the engine's socket."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.geteuid() != 0:
        return
    libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(_NOBODY, _NOBODY, _NOBODY)
    os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    # The suite and Python itself may lie in a home folder that only root may enter.
    kept = _CAP_DAC_READ_SEARCH
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    data = (ctypes.c_uint32 * 6)(kept, kept, 0, 0, 0, 0)
    if libc.capset(header, data) != 0:
        raise OSError(ctypes.get_errno(), "the examiner could not drop its capabilities")


def _collected(folder: str, foreign: list[int]) -> socket.socket:
    """A fork that has the suite collected, and takes what is sent to the socket.

    `foreign`: descriptors that are none of its business.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        try:
            for descriptor in (*foreign, ours.fileno()):
                os.close(descriptor)
            _die_with_parent()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.alarm(_GRACE_SECONDS)  # for a suite that never ends loading
            collect(folder, lambda suite: _serve(suite, theirs))
        finally:
            os._exit(0)
    theirs.close()
    return ours


def _serve(suite: Suite, requests: socket.socket) -> None:
    """A fork for each submission, until nobody asks for more and the last one has ended."""
    signal.alarm(0)
    gc.freeze()  # a collection in a fork would copy every page of what was imported here
    forks: dict[int, tuple[int, socket.socket]] = {}
    poll = select.poll()
    poll.register(requests, select.POLLIN)
    asked = b"for more"
    while asked or forks:
        for ready, _ in poll.poll():
            if ready in forks:
                poll.unregister(ready)
                os.close(ready)
                _tell_end(*forks.pop(ready))
                continue
            asked, descriptors, _, _ = socket.recv_fds(requests, _LONGEST_PATH, 2)
            if not asked:
                poll.unregister(requests)
            if descriptors:
                agent, channel = (socket.socket(fileno=descriptor) for descriptor in descriptors)
                pid = os.fork()
                if pid == 0:
                    for foreign in (requests, *(other for _, other in forks.values())):
                        foreign.close()
                    _examine(suite, agent, channel)
                agent.close()
                ended = os.pidfd_open(pid)
                forks[ended] = pid, channel
                poll.register(ended, select.POLLIN)


def _tell_end(pid: int, channel: socket.socket) -> None:
    _, status, used = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    ended = Ended(
        signal=max(-code, 0),
        exit_code=max(code, 0),
        memory=used.ru_maxrss * 1024,
        cpu_seconds=used.ru_utime + used.ru_stime,
    )
    with channel, contextlib.suppress(OSError):  # the grader has gone
        channel.sendall(frame(msgspec.msgpack.encode(ended)))


def _examine(suite: Suite, agent: socket.socket, channel: socket.socket) -> NoReturn:
    """One submission."""

    def tell(examination: Examination) -> None:
        channel.sendall(frame(b"", [msgspec.msgpack.encode(examination)]))

    code = 1
    try:
        _die_with_parent()
        with channel.makefile("rb") as stream:
            job = msgspec.msgpack.decode(stream.read(), type=Job)
        tell(examine(job, suite, agent, tell))
        code = 0
    finally:
        os._exit(code)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


if __name__ == "__main__":
    main()
