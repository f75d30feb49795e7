"""The examiner process: has pytest and numpy imported, forks for each submission, trusts nobody.

`python -m autograder.suite.server FD`: with each byte on the socket FD come two descriptors, the
agent's socket and a channel: a Job is read from the channel, an Examination is written to it.
"""

import ctypes
import importlib
import os
import signal
import socket
import sys

import msgspec
from _pytest.config import default_plugins

import autograder.suite.fixtures  # noqa: F401  imported once here, not in every fork
from autograder.suite.examiner import examine
from autograder.suite.job import Job

_NOBODY = 65534
_CAP_DAC_READ_SEARCH = 1 << 2
_CAPABILITY_VERSION_3 = 0x20080522
_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_SET_NO_NEW_PRIVS = 38
_GRACE_SECONDS = 120


def main() -> None:
    """Serve until the grader hangs up."""
    sys.dont_write_bytecode = True
    _import_early()
    control = socket.socket(fileno=int(sys.argv[1]))
    drop_privileges()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the grader decides when to stop
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a fork ended
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 1, 2)
        if not data:
            return
        agent, channel = (socket.socket(fileno=descriptor) for descriptor in descriptors)
        if os.fork() == 0:
            control.close()
            _serve(agent, channel)
        agent.close()
        channel.close()


def _import_early() -> None:
    """What pytest and numpy would import in every fork."""
    for plugin in default_plugins:
        importlib.import_module(f"_pytest.{plugin}")
    importlib.import_module("numpy.ma")


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


def _serve(agent: socket.socket, channel: socket.socket) -> None:
    """One submission; never returns."""
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        with channel.makefile("rb") as stream:
            job = msgspec.msgpack.decode(stream.read(), type=Job)
        # A hidden test that loops by itself ends here, and with it this fork.
        signal.alarm(int(job.limits.submission_seconds) + _GRACE_SECONDS)
        channel.sendall(msgspec.msgpack.encode(examine(job, agent)))
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
