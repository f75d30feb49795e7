"""Linux process control for the agent: hardening itself and its workers, killing everything."""

import contextlib
import ctypes
import os
import resource
import signal
import time
from pathlib import Path

from autograder.agent.landlock import hide_counters
from autograder.protocol.messages import WorkerLimits

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_OOM_SCORE = Path("/proc/self/oom_score_adj")
_FIRST_TO_DIE = "1000"
_libc = ctypes.CDLL(None, use_errno=True)


def harden_server() -> None:
    """Make the agent unreadable to its workers, and the reaper of what they leave behind."""
    # Not dumpable: /proc/<agent>/mem and /fd belong to root although the uid is the workers' own.
    _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def harden_worker(limits: WorkerLimits) -> None:
    """Limits of one worker process; called in the fresh fork, before any student code.

    Raises:
        OSError: The kernel refuses one of them: then no student code may run.
    """
    os.setsid()
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # Only who is dumpable may write to its own files in /proc.
    _libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)
    # The kernel then kills the worker, not the agent, when the container's memory is full.
    _OOM_SCORE.write_text(_FIRST_TO_DIE)
    for which, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
    ):
        _lower(which, value)
    # The soft limit first: SIGXCPU tells a time-out from other deaths.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    if limits.address_space:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        _lower(resource.RLIMIT_AS, pages * resource.getpagesize() + limits.address_space)
    if not limits.gpu_share:  # CUDA looks for its driver in /proc and /sys
        hide_counters()


def _lower(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (ceiling, ceiling))


def kill_everything(patience: float = 10.0) -> None:
    """SIGKILL and reap every other process of the container, or every descendant outside one."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if os.getpid() == 1:
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
        else:
            for child in _children():
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(child, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.001)
    raise SystemExit("processes of a worker could not be killed")


def _children() -> list[int]:
    """Direct children; orphans among the descendants become direct ones (subreaper)."""
    return [
        int(pid)
        for task in Path("/proc/self/task").iterdir()
        for pid in (task / "children").read_text().split()
    ]
