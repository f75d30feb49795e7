"""The fork server: one worker at a time, everything killed and wiped in between.

A worker's connection comes from the examiner and goes straight to the worker: this process, of
which every worker is a copy, never sees a byte of what is asked or answered. What else an earlier
worker could leave in its memory, the names of files for example, is seen by forks of it alone.
"""

import os
import select
import socket
from pathlib import Path

from autograder.agent import gpu
from autograder.agent.environment import seed_generators
from autograder.agent.processes import harden_worker, kill_everything
from autograder.agent.scratch import renew
from autograder.agent.worker import Submission, Worker
from autograder.protocol.connection import Closed, Connection, frame, split
from autograder.protocol.messages import (
    AskGpu,
    Deliver,
    Exited,
    GpuAsked,
    Kill,
    Spawn,
    WorkerLimits,
    decode_to_agent,
    encode,
)

_MAX_MESSAGE = 2**31


class Server:
    """Serves one examiner until it hangs up."""

    def __init__(self, examiner: Connection, scratch: Path) -> None:
        self._examiner = examiner
        self._scratch = scratch

    def serve(self) -> None:
        """Answer the examiner until it hangs up, or no worker or GPU can be had."""
        submission: Submission | None = None
        limits: WorkerLimits | None = None
        try:
            while True:
                header, rest = split(self._examiner.receive(_MAX_MESSAGE))
                match message := decode_to_agent(header):
                    case Deliver():
                        limits = message.limits
                        submission = Submission.received(message, rest)
                        renew(self._scratch)
                    case Spawn():
                        assert submission is not None and limits is not None
                        exited = self._run_worker(submission, limits)
                        self._say(exited)
                        if exited.fault:
                            return
                    case Kill():  # the worker ended by itself a moment ago
                        self._say(Exited(asked=True, signal=0))
                    case AskGpu():
                        assert limits is not None
                        fault = _fault_of_gpu(limits)
                        self._say(GpuAsked(fault))
                        if fault:
                            return
        except Closed:
            kill_everything()

    def _run_worker(self, submission: Submission, limits: WorkerLimits) -> Exited:
        _, (descriptor, *_), _, _ = socket.recv_fds(self._examiner.socket, 1, 1)
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            self._examiner.close()
            _become_worker(socket.socket(fileno=descriptor), writing, submission, limits)
        os.close(descriptor)
        os.close(writing)
        try:
            if fault := _all_of(reading):
                return Exited(asked=False, signal=0, fault=fault)
            asked = self._wait(pid)
            # Its status must be read before everything else is reaped with it.
            status = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG)
        finally:
            kill_everything()
            renew(self._scratch)
        killed = status is not None and status.si_code != os.CLD_EXITED
        return Exited(asked=asked, signal=status.si_status if killed and status else 0)

    def _wait(self, pid: int) -> bool:
        """True when the examiner says Kill, False when the worker has ended before."""
        pidfd = os.pidfd_open(pid)
        try:
            poll = select.poll()
            poll.register(self._examiner.socket, select.POLLIN)
            poll.register(pidfd, select.POLLIN)
            if pidfd in dict(poll.poll()):
                return False
        finally:
            os.close(pidfd)
        message = decode_to_agent(split(self._examiner.receive(_MAX_MESSAGE))[0])
        assert isinstance(message, Kill)
        return True

    def _say(self, message: Exited | GpuAsked) -> None:
        self._examiner.send(frame(encode(message)))


def _fault_of_gpu(limits: WorkerLimits) -> str:
    try:
        gpu.ask(limits.gpu_share, limits.gpu_bytes)
    except gpu.NoGpu as problem:
        return str(problem)
    return ""


def _all_of(reading: int) -> str:
    """What is written into a pipe until nobody can write any more."""
    with os.fdopen(reading) as stream:
        return stream.read()


def _become_worker(
    sock: socket.socket, fault: int, submission: Submission, limits: WorkerLimits
) -> None:
    """Never returns: the fork ends here. `fault` takes in words why it does before it begins."""
    try:
        try:
            harden_worker(limits)
        except OSError as problem:
            os.write(fault, f"a worker could not be kept in: {problem}".encode())
            return
        os.close(fault)
        seed_generators()
        if limits.gpu_share:
            gpu.limit_memory(limits.gpu_share, limits.gpu_bytes)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        Worker(Connection(sock), submission, limits).serve()
    finally:
        os._exit(0)
