"""The grader's handle on the examiner process."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from typing import Self

import msgspec

from autograder.errors import ExaminerFailed
from autograder.protocol.codec import Malformed
from autograder.protocol.connection import MAX_FRAME, Closed, Connection, split
from autograder.suite.ending import concluded
from autograder.suite.files import DATA_FOLDER
from autograder.suite.job import Ended, Examination, Job

_ENVIRONMENT = ("PATH", "LANG", "TMPDIR", "HOME", DATA_FOLDER)


class ExaminerProcess:
    """One examiner server, started again when it was killed.

    `examine` may be called from several threads at once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed = False
        self._start()

    def _start(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        threads = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "autograder.suite.server", str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            # Ctrl-Z stops what belongs to the terminal: the grader, but no clock of a student's.
            start_new_session=True,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ} | threads,
        )
        theirs.close()

    def collect(self, suite: str) -> None:
        """Have this folder of hidden tests collected beforehand."""
        with contextlib.suppress(OSError):  # then the first job finds the examiner dead
            self._ask(suite, [])

    def examine(self, job: Job, agent: socket.socket) -> Examination:
        """Run the job's suite against the agent on this socket; raises ExaminerFailed."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with ours:
            try:
                with theirs:
                    self._ask(job.suite, [agent.fileno(), theirs.fileno()])
                ours.sendall(msgspec.msgpack.encode(job))
                ours.shutdown(socket.SHUT_WR)
                return _heard(Connection(ours))
            except (OSError, Closed, Malformed, msgspec.MsgspecError) as problem:
                raise ExaminerFailed(
                    f"the examiner ended without a result ({problem!r}); was it killed?"
                ) from problem

    def _ask(self, suite: str, descriptors: list[int]) -> None:
        with self._lock:
            if self._process.poll() is not None and not self._closed:
                self._control.close()
                self._start()
            socket.send_fds(self._control, [suite.encode()], descriptors)

    def close(self) -> None:
        """Stop the server and whatever it is running."""
        with self._lock:
            self._closed = True
            self._control.close()
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _heard(examiner: Connection) -> Examination:
    """The last that an examination said of itself, and what follows from how it ended."""
    last = memoryview(msgspec.msgpack.encode(Examination()))
    while True:
        header, rest = split(examiner.receive(MAX_FRAME))
        if header:  # only the end has one
            ended = msgspec.msgpack.decode(header, type=Ended)
            return concluded(msgspec.msgpack.decode(last, type=Examination), ended)
        last = rest
