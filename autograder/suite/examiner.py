"""Examines one submission: runs the hidden suite against a sandbox, in a trusted process."""

import os
import time
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from socket import socket

import numpy as np
import pytest

from autograder.protocol.connection import Connection
from autograder.suite.data import mnist_files
from autograder.suite.job import Examination, Job
from autograder.suite.plugin import ExaminerPlugin
from autograder.suite.session import Loaded, Session
from autograder.suite.verdict import SandboxLost, Verdict

# They write files, capture output that nobody reads, or collect garbage at the end of each run.
_UNUSED_PLUGINS = (
    *("cacheprovider", "terminal", "capture", "logging", "faulthandler", "debugging"),
    *("unraisableexception", "threadexception", "junitxml", "pastebin", "doctest"),
)


def examine(job: Job, sock: socket) -> Examination:
    """The results of every hidden test; never raises for what the student's code does."""
    started = time.monotonic()
    session = Session(Connection(sock), job.limits)
    loaded, verdict, lost = Loaded([], []), None, ""
    try:
        session.deliver(job.files, job.entry, job.requires, job.limits_memory, job.gpu_share)
        try:
            loaded = session.begin(job.limits.test_seconds)
        except Verdict as problem:
            verdict = problem
        session.end()
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
    code, output = _run_pytest(job, plugin)
    if not plugin.faults and (code not in (0, 1) or not plugin.results):
        plugin.faults.append(f"pytest ended with code {code}: {output[-2000:]}")
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


def _run_pytest(job: Job, plugin: ExaminerPlugin) -> tuple[int, str]:
    """pytest with nothing of its surroundings: no config file, plugin, cache or byte code."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    arguments = [
        job.suite,
        f"--rootdir={job.suite}",
        f"--confcutdir={job.suite}",
        *("-c", os.devnull, "--import-mode=importlib", "--strict-markers"),
        "--assert=plain",  # rewriting takes longer than the rest of the collection
        *("-p", "autograder.suite.fixtures"),
        *(part for plugin in _UNUSED_PLUGINS for part in ("-p", f"no:{plugin}")),
    ]
    output = StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        code = pytest.main(arguments, plugins=[plugin])
    return int(code), output.getvalue()


def _nothing_found(job: Job, loaded: Loaded) -> str:
    wanted = ", ".join(job.requires)
    notes = "".join(f" {note}." for note in loaded.notes[:5])
    return (
        f"{job.entry} defines none of what this assignment asks for ({wanted}).{notes} "
        "Is it the right file?"
    )
