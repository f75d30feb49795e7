"""Examines one submission: runs the hidden suite against a sandbox, in a trusted process."""

import time
import traceback
from socket import socket

import numpy as np

from autograder.protocol.connection import Connection
from autograder.suite.collection import Suite
from autograder.suite.files import mnist_files
from autograder.suite.job import Examination, Job
from autograder.suite.plugin import ExaminerPlugin
from autograder.suite.session import Loaded, Session
from autograder.suite.usage import Usage
from autograder.suite.verdict import SandboxLost, Verdict


def examine(job: Job, suite: Suite, sock: socket) -> Examination:
    """The results of every hidden test; never raises for what the student's code does."""
    started = time.monotonic()
    if suite.session is None or suite.faults:
        return Examination(suite_fault="\n".join(suite.faults))
    session = Session(Connection(sock), job.limits, Usage(job.pid))
    loaded, verdict, lost = Loaded([], []), None, ""
    try:
        session.deliver(job.files, job.entry, job.requires, job.limits_memory, job.gpu_share)
        try:
            loaded = session.load(job.limits.test_seconds)
        except Verdict as problem:
            verdict = problem
            session.end()
            session.rule_out_gpu(verdict)
    except SandboxLost as problem:
        lost = str(problem)
    loading = time.monotonic() - started
    if not (verdict or lost) and job.requires and not loaded.names:
        return Examination(
            notes=tuple(loaded.notes),
            rejection=_nothing_found(job, loaded),
            environment=_environment(session),
        )
    plugin = ExaminerPlugin(job, session, verdict, lost)
    try:
        plugin.run(suite.session)
    except Exception:
        plugin.faults.append(traceback.format_exc()[-2000:])
    return Examination(
        tests=tuple(plugin.results),
        notes=tuple(loaded.notes),
        suite_fault="\n".join(plugin.faults),
        lost=plugin.lost,
        environment=_environment(session),
        round_trips=session.requests,
        load_seconds=loading,
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
