"""The fork server: one worker at a time, frames relayed, everything killed in between."""

import os
import select
import socket
import time
from pathlib import Path

from autograder.agent.environment import seed_generators
from autograder.agent.gpu import limit_memory
from autograder.agent.processes import harden_worker, kill_everything, wipe
from autograder.agent.usage import computed_seconds, oom_kills, waited_seconds
from autograder.agent.worker import Submission, Worker
from autograder.protocol.codec import Malformed
from autograder.protocol.connection import (
    CONTROL,
    WORKER,
    Closed,
    Connection,
    body_size,
    frame,
    split,
)
from autograder.protocol.messages import (
    Deliver,
    Exited,
    HasWaited,
    Kill,
    Spawn,
    Waited,
    WorkerLimits,
    decode_to_agent,
    encode,
)

_MAX_REQUEST = 2**31
_CHUNK = 2**20
_LAST_BREATH = 1.0
"""Seconds that a worker has to die in after it has hung up."""


class Server:
    """Serves one examiner until it hangs up."""

    def __init__(self, examiner: Connection, scratch: Path) -> None:
        self._examiner = examiner
        self._scratch = scratch

    def serve(self) -> None:
        """Answer Spawn and Kill, relay requests; returns when the examiner hangs up."""
        submission: Submission | None = None
        limits: WorkerLimits | None = None
        try:
            while True:
                channel, body = self._examiner.receive(_MAX_REQUEST)
                if channel == WORKER:  # its worker is gone already
                    continue
                header, rest = split(body)
                match message := decode_to_agent(header):
                    case Deliver():
                        limits = message.limits
                        submission = Submission.received(message, rest)
                    case Spawn():
                        assert submission is not None and limits is not None
                        _say(self._examiner, self._run_worker(submission, limits))
                    # The worker ended by itself a moment ago.
                    case HasWaited():
                        _say(self._examiner, Waited(0.0, 0.0))
                    case Kill():
                        _say(self._examiner, Exited(True, 0, 0, False, ""))
        except Closed:
            kill_everything()

    def _run_worker(self, submission: Submission, limits: WorkerLimits) -> Exited:
        oom_before, computed_before = oom_kills(), computed_seconds()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        pid = os.fork()
        if pid == 0:
            ours.close()
            self._examiner.close()
            _become_worker(theirs, submission, limits)
        theirs.close()
        relay = Relay(self._examiner, ours, pid, computed_before, limits.reply_bytes)
        pidfd = os.pidfd_open(pid)
        try:
            asked = relay.run(pidfd)
            # Its status must be read before everything else is reaped with it.
            dead, status = os.waitpid(pid, os.WNOHANG)
        finally:
            os.close(pidfd)
            ours.close()
            kill_everything()
            wipe(self._scratch)
        code = os.waitstatus_to_exitcode(status) if dead else 0
        return Exited(
            asked=asked,
            signal=max(-code, 0),
            exit_code=max(code, 0),
            out_of_memory=oom_kills() > oom_before,
            violation=relay.violation,
            cpu_seconds=computed_seconds() - computed_before,
        )


class Relay:
    """Passes frames between the examiner and one worker: at most one reply for each request."""

    def __init__(
        self,
        examiner: Connection,
        worker: socket.socket,
        pid: int,
        computed_before: float,
        max_reply: int,
    ) -> None:
        self.violation = ""
        self._examiner = examiner
        self._worker = worker
        self._worker.setblocking(False)
        self._pid = pid
        self._computed_before = computed_before
        self._max_reply = max_reply
        self._to_worker = memoryview(b"")
        self._from_worker = bytearray()
        self._awaited = False
        self._closed = False

    def run(self, pidfd: int) -> bool:
        """True when the examiner says Kill, False when an awaited reply can no longer come."""
        examiner, worker = self._examiner.socket.fileno(), self._worker.fileno()
        alive, last = True, 0.0
        while alive or not self._awaited:
            poll = select.poll()
            poll.register(examiner, select.POLLIN)
            if alive:
                poll.register(pidfd, select.POLLIN)
            if alive and not self._closed:
                wanted = select.POLLIN | select.POLLOUT if self._to_worker else select.POLLIN
                poll.register(worker, wanted)
            patience = None
            if self._closed and alive:  # whatever the examiner asks meanwhile
                last = last or time.monotonic() + _LAST_BREATH
                patience = max(last - time.monotonic(), 0.0) * 1000
            ready = {fd for fd, _ in poll.poll(patience)}
            if last and pidfd not in ready and time.monotonic() >= last:
                self.violation = "closed its connection"
            if worker in ready or pidfd in ready:
                # What it said before it died still counts.
                self._serve_worker()
            if self.violation and self._awaited:
                return False
            if pidfd in ready or self.violation:
                alive = False
            if examiner in ready and not self._serve_examiner():
                return True
        return False

    def _serve_examiner(self) -> bool:
        channel, body = self._examiner.receive(_MAX_REQUEST)
        if channel == CONTROL:
            if isinstance(decode_to_agent(split(body)[0]), Kill):
                return False
            computed = computed_seconds() - self._computed_before
            _say(self._examiner, Waited(waited_seconds(self._pid), computed))
            return True
        self._awaited = True
        self._to_worker = memoryview(
            (len(body) + 1).to_bytes(4, "big") + WORKER.to_bytes(1, "big") + body
        )
        return True

    def _serve_worker(self) -> None:
        try:
            while self._to_worker:
                sent = self._worker.send(self._to_worker[:_CHUNK])
                self._to_worker = self._to_worker[sent:]
        except BlockingIOError:
            pass
        except OSError:
            self._to_worker = memoryview(b"")
        try:
            while not self.violation:
                data = self._worker.recv(_CHUNK)
                if not data:
                    self._closed = True
                    return
                self._from_worker += data
                self._forward()
        except BlockingIOError:
            pass
        except OSError:
            self._closed = True

    def _forward(self) -> None:
        received = self._from_worker
        if not self._awaited:
            self.violation = "sent something that nobody had asked for"
            return
        if len(received) < Connection.PREFIX:
            return
        try:
            size, _ = body_size(bytes(received[: Connection.PREFIX]), self._max_reply)
        except Malformed as problem:
            self.violation = f"sent {problem}"
            return
        end = Connection.PREFIX + size
        if len(received) < end:
            return
        self._awaited = False
        prefix = (size + 1).to_bytes(4, "big") + WORKER.to_bytes(1, "big")
        self._examiner.send(prefix + received[Connection.PREFIX : end])
        del received[:end]
        if received:
            self.violation = "sent more than one reply"


def _say(examiner: Connection, message: Exited | Waited) -> None:
    examiner.send(frame(CONTROL, encode(message)))


def _become_worker(sock: socket.socket, submission: Submission, limits: WorkerLimits) -> None:
    """Never returns: the fork ends here."""
    try:
        harden_worker(limits)
        seed_generators()
        if limits.gpu_share:
            limit_memory(limits.gpu_share, limits.gpu_bytes)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        Worker(Connection(sock), submission, limits).serve()
    finally:
        os._exit(0)
