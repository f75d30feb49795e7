"""`python faulty.py VICTIM STATE ARGUMENT…`: the program, in which a component dies at one moment.

At the first time that grading comes to STATE the VICTIM gets SIGKILL. The rest is `autograder
ARGUMENT…`, nothing of it replaced.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

import psutil
from docker.errors import NotFound

from autograder.cli import main
from autograder.sandbox.docker import DockerLauncher, DockerSandbox, connect
from autograder.store import Repository
from autograder.suite.launcher import ExaminerProcess

# What happens around each call that takes a submission one step on.
STEPS: tuple[tuple[Any, str, str, str], ...] = (
    (DockerLauncher, "start", "a sandbox is asked for", "a sandbox is warm"),
    (ExaminerProcess, "examine", "a submission is handed over", "it is examined"),
    (DockerSandbox, "close", "its sandbox is to be removed", "its sandbox is removed"),
    (Repository, "append", "its result is to be saved", "its result is saved"),
)
IN_A_TEST = "its code runs in a test"
STATES = [state for *_, before, after in STEPS for state in (before, after)]
STATES.insert(3, IN_A_TEST)

Victim = Callable[[], None]


def kill_the_grader() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_the_examiner(generation: int) -> Victim:
    """0: the server; 1: the process with the collected suite; 2: one submission's."""

    def kill() -> None:
        (found,) = (
            child
            for child in psutil.Process().children()
            if "autograder.suite.server" in child.cmdline()
        )
        for _ in range(generation):
            while not (children := found.children()):  # it is being started in these moments
                time.sleep(0.01)
            found = children[0]
        found.kill()

    return kill


def kill_the_containers() -> None:
    client = connect()
    for container in client.containers.list(ignore_removed=True):
        if any(f":{os.getpid()}:" in label for label in container.labels.values()):
            with suppress(NotFound):
                container.kill()


def kill_the_engine() -> None:
    """The one whose process id stands in ENGINE_PID, with the containerd that it has started."""
    engine = psutil.Process(int(Path(os.environ["ENGINE_PID"]).read_text()))
    for process in (engine, *engine.children()):
        process.kill()


VICTIMS: dict[str, Victim] = {
    "the grader": kill_the_grader,
    "the examiner": kill_the_examiner(0),
    "the suite's process": kill_the_examiner(1),
    "a submission's examiner": kill_the_examiner(2),
    "the containers": kill_the_containers,
    "the engine": kill_the_engine,
}


def inject(kill: Victim, state: str) -> None:
    """Have `kill` called when `state` is reached for the first time."""
    lock = threading.Lock()
    done = threading.Event()

    def reached(here: str) -> None:
        with lock:
            if here != state or done.is_set():
                return
            done.set()
            kill()

    def in_a_test() -> None:
        time.sleep(0.3)  # the submissions sleep for as long in each of two tests
        reached(IN_A_TEST)

    def stepping(call: Callable[..., Any], before: str, after: str) -> Callable[..., Any]:
        @wraps(call)
        def step(*args: Any, **kwargs: Any) -> Any:
            reached(before)
            if before == "a submission is handed over":
                threading.Thread(target=in_a_test, daemon=True).start()
            result = call(*args, **kwargs)
            reached(after)
            return result

        return step

    for owner, name, before, after in STEPS:
        setattr(owner, name, stepping(getattr(owner, name), before, after))


if __name__ == "__main__":
    inject(VICTIMS[sys.argv[1]], sys.argv[2])
    sys.argv[1:3] = []
    sys.exit(main())
