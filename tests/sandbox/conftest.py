"""One bench for every kind of sandbox, and the table of what each kind promises."""

import contextlib
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from autograder.core.assignment import Limits, Resources
from autograder.protocol.connection import Connection
from autograder.protocol.values import Handle
from autograder.sandbox.base import Launcher, Sandbox
from autograder.sandbox.local import LocalLauncher
from autograder.suite.remote import Student
from autograder.suite.session import Session
from autograder.suite.usage import Usage
from autograder.suite.verdict import Verdict

PROMISES = {
    "docker": {"files", "network", "privileges", "processes", "memory", "scratch", "agent", "time"},
    "bubblewrap": {"files", "network", "agent"},
    "local": set[str](),
}
"""Beyond what every sandbox promises; a test marked `promise("files")` runs where it is promised.

files       nothing of the machine is seen, and only the scratch folder can be written to
network     there is none
agent       a worker cannot end the agent that has forked it, nor look into it
privileges  a user of no rights, of whom nothing can make more; no call of the kernel but a few
processes   so many and no more
memory      so much for all processes together, however they get it
scratch     so many bytes and files
time        that of the processor, of all processes, whether somebody waits for them or not
"""

LIMITS = Limits(
    test_seconds=5.0,
    submission_seconds=600.0,
    memory_mb=256,
    processes=32,
    scratch_mb=8,
    scratch_files=64,
    reply_mb=4,
)

SUBMISSION = """
import numpy as np


def run(source, *arguments):
    namespace = {"np": np}
    exec(compile(source, "attack.py", "exec"), namespace)
    return namespace["attack"](*arguments)
"""


class Bench:
    """A sandbox with a submission that does what a test asks for, each time in a fresh worker."""

    def __init__(self, sandbox: Sandbox, limits_memory: bool) -> None:
        self.sandbox = sandbox
        self.session = Session(Connection(sandbox.socket), LIMITS, Usage(sandbox.pid))
        files = [("submission.py", SUBMISSION.encode())]
        self.session.deliver(files, "submission.py", ["run"], limits_memory)

    @contextlib.contextmanager
    def worker(self, seconds: float = LIMITS.test_seconds) -> Iterator[Student]:
        """The submission's module in a fresh worker."""
        self.session.begin(seconds)
        try:
            yield Student(self.session, Handle(0))
        finally:
            self.late = self.session.end()

    def run(self, source: str, *arguments: Any) -> Any:
        """What `attack(*arguments)` of the source returns in a fresh worker."""
        with self.worker() as student:
            return student.run(source, *arguments)

    def verdict(self, source: str, *arguments: Any, seconds: float = 3.0) -> Verdict:
        """How a test ends that runs `attack` and, if that returns, asks for one thing more."""
        with pytest.raises(Verdict) as ended, self.worker(seconds) as student:
            student.run(source, *arguments)
            student.run("def attack(): return 1")
        return ended.value

    def is_fresh(self) -> bool:
        """No process is left, and the next worker computes in an empty folder."""
        left = psutil.Process(self.sandbox.pid).children(recursive=True)
        left = [process for process in left if "autograder.agent" not in process.cmdline()]
        with self.worker() as student:
            seen = student.run(SURROUNDINGS)
        return self.late is None and left == [] and seen == {"files": [], "sum": 6.0}


SURROUNDINGS = """
import os
def attack():
    return {"files": os.listdir("."), "sum": float(np.arange(4.0).sum())}
"""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "promise(name): runs on the sandboxes that promise this")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kind" in metafunc.fixturenames:
        wanted = {mark.args[0] for mark in metafunc.definition.iter_markers("promise")}
        kinds = [
            pytest.param(kind, marks=pytest.mark.docker if kind == "docker" else ())
            for kind, promises in PROMISES.items()
            if wanted <= promises
        ]
        metafunc.parametrize("kind", kinds, scope="module")


@pytest.fixture(scope="module")
def launcher(kind: str, request: pytest.FixtureRequest) -> Launcher:
    """Starts sandboxes of one kind."""
    if kind == "docker":
        launcher: Launcher = request.getfixturevalue("docker_launcher")
        return launcher
    with pytest.MonkeyPatch.context() as patch:
        if kind == "local":
            patch.setenv("PATH", "")  # a machine without bubblewrap
        launcher = LocalLauncher()
    if kind == "bubblewrap" and launcher.isolation == "local":
        pytest.skip("bubblewrap is not installed or may not make namespaces here")
    return launcher


@pytest.fixture(scope="module")
def bench(launcher: Launcher) -> Iterator[Bench]:
    """One sandbox for all tests of a module: each finds it as if the others had not been."""
    with launcher.start(LIMITS, Resources()) as sandbox:
        yield Bench(sandbox, launcher.limits_memory)


@pytest.fixture
def own_bench(launcher: Launcher) -> Iterator[Bench]:
    """A sandbox for one test, which may not outlive it."""
    with launcher.start(LIMITS, Resources()) as sandbox:
        yield Bench(sandbox, launcher.limits_memory)


@pytest.fixture
def fresh_afterwards(bench: Bench) -> Iterator[None]:
    """Whatever the test does, the next worker does not notice."""
    yield
    assert bench.is_fresh()
