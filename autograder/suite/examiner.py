"""Examines one submission: runs the hidden suite against a sandbox, in a trusted process."""

import time
import traceback
from collections.abc import Callable
from socket import socket

import msgspec
import numpy as np

from autograder.protocol.connection import Connection
from autograder.suite.allowance import Allowance, Exceeded, too_dear
from autograder.suite.collection import Suite
from autograder.suite.files import mnist_files
from autograder.suite.job import Examination, Job
from autograder.suite.plugin import ExaminerPlugin
from autograder.suite.session import Loaded, Session
from autograder.suite.shadows import hidden_libraries
from autograder.suite.usage import Usage
from autograder.suite.verdict import SandboxLost, Verdict


def examine(
    job: Job, suite: Suite, sock: socket, tell: Callable[[Examination], None] = lambda so_far: None
) -> Examination:
    """The results of every hidden test; never raises for what the student's code does.

    `tell` hears what there is so far, whenever that has changed: this process may be ended.
    """
    started = time.monotonic()
    if suite.session is None or suite.faults:
        return Examination(suite_fault="\n".join(suite.faults))
    session = Session(Connection(sock), job.limits, Usage(job.pid), job.waits)
    allowance = Allowance(job.limits, job.waits, lambda: session.exchanging)
    loaded, verdict, lost = Loaded([], []), None, ""
    try:
        session.deliver(job.files, job.entry, job.requires, job.limits_memory, job.gpu_share)
        try:
            with allowance.test(job.limits.test_seconds):
                loaded = session.load(job.limits.test_seconds)
        except Verdict as problem:
            verdict = problem
            session.end()
            session.rule_out_gpu(verdict)
        except (MemoryError, Exceeded) as problem:
            verdict = too_dear(problem)
            session.end()
    except SandboxLost as problem:
        lost = str(problem)
    so_far = Examination(
        # Said before the first question of a test: these words hold no input, whatever they say.
        notes=(*hidden_libraries(job), *loaded.notes),
        environment=_environment(session),
        load_seconds=time.monotonic() - started,
    )
    if not (verdict or lost) and job.requires and not loaded.names:
        return msgspec.structs.replace(so_far, rejection=_nothing_found(job, loaded))
    plugin = ExaminerPlugin(job, session, allowance, verdict, lost, lambda: tell(now()))

    def now() -> Examination:
        return msgspec.structs.replace(
            so_far,
            tests=tuple(plugin.results),
            under_way=plugin.under_way,
            answered=plugin.answered,
        )

    try:
        plugin.run(suite)
    except Exception:
        plugin.faults.append(traceback.format_exc()[-2000:])
    return msgspec.structs.replace(
        now(),
        suite_fault="\n".join(plugin.faults),
        lost=plugin.lost,
        round_trips=session.requests,
        seconds=time.monotonic() - started,
    )


def _environment(session: Session) -> tuple[tuple[str, str], ...]:
    here = ("examiner's numpy", np.__version__), ("MNIST", "there" if mnist_files() else "missing")
    return *session.environment, *here


def _nothing_found(job: Job, loaded: Loaded) -> str:
    wanted = ", ".join(job.requires)
    notes = "".join(f" {note}." for note in loaded.notes[:5])
    return (
        f"{job.entry} defines none of what this assignment asks for ({wanted}).{notes} "
        "Is it the right file?"
    )
