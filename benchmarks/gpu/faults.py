"""Part: what becomes of a submission when the card is not there, full, or lost in the middle.

Device files are hidden in a mount namespace of its own, in which this file runs once more.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from bench import HONEST, LIMITS, Bench, words
from part import Part, first_line
from raw import RAW

from autograder.core.assignment import Resources
from autograder.protocol.connection import Connection
from autograder.protocol.values import Handle
from autograder.sandbox.local import LocalLauncher, LocalSandbox
from autograder.suite.remote import Student
from autograder.suite.session import Session
from autograder.suite.usage import Usage

HIDDEN = ("/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm")
INNER = "KIT_INNER"

HOLDER = RAW + (
    "import sys\n"
    "library = driver()\n"
    "taken = most(2**28, lambda size: malloc(library, size))\n"
    "taken += most(2**21, lambda size: malloc(library, size))\n"
    "print(taken, flush=True)\n"
    "sys.stdin.readline()\n"
)

OPEN_FILES = """
import os
def probe(device):
    import torch
    torch.ones(1, device=device)
    links = [os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd") if int(n) > 2
             and os.path.islink(f"/proc/self/fd/{n}")]
    return {"files": sum(link.startswith("/dev/nvidia") for link in links)}
"""


class Holder:
    """Another process that has all of the card's memory."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.mib = self._process.stdout.readline().strip()

    def release(self) -> None:
        """Give it back."""
        self._process.kill()
        self._process.wait()


def touches(pid: int) -> list[str]:
    """The device files of the card that a process has open: who initialises CUDA has them.

    That the driver's library is mapped says nothing: torch for CUDA 13 links it.
    """
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(link.readlink())
        except OSError:
            continue
        if target.startswith("/dev/nvidia"):
            found.add(target)
    return sorted(found)


def untouched(part: Part) -> None:
    """The agent before and after a worker that computes."""
    launcher = LocalLauncher(part.device, ("0",) if part.on_card else ())
    with launcher.start(LIMITS, Resources(image="torch-cpu", gpus=1.0)) as sandbox:
        assert isinstance(sandbox, LocalSandbox)
        pid = sandbox._process.pid
        session = Session(Connection(sandbox.socket), LIMITS, Usage(sandbox.pid))
        share = 1.0 if part.on_card else 0.0
        session.deliver([("a.py", HONEST.encode())], "a.py", ["product"], True, share)
        before = touches(pid)
        import numpy as np

        from autograder.suite import tensor

        session.begin(LIMITS.test_seconds)
        ones = tensor(np.ones((4, 4), np.float32))
        product = Student(session, Handle(0)).product(ones, ones, part.device)
        assert (product == 4).all(), product
        session.end()
        after = touches(pid)
    part.record.check(
        "device files of the agent before a worker, and after", [[], []], [before, after]
    )
    if part.needs_card("tripwire: a worker has the card's files open"):
        with Bench("probe", part.device, ahead=1) as bench:
            files = bench.probe(OPEN_FILES).get("files")
        part.record.check(
            "tripwire: a worker has the card's files open", "some", files, bool(files)
        )


def absent(part: Part) -> None:
    """A device that is not there."""
    pauses = (0.2, 0.2)
    with Bench("kernels", part.device, 1, LocalLauncher("cuda", ("7",)), pauses) as bench:
        result = bench.grade(HONEST)
    fine = result.outcome.value == "ungraded" and result.retries == len(pauses)
    part.record.check(
        "device 7, which is not there",
        "ungraded after 2 more tries",
        f"{words(result)[:120]}, {result.retries} more tries",
        fine,
    )


def full(part: Part) -> None:
    """Another process has the memory: for good, and until a moment later."""
    if not part.needs_card("another process has all memory", "and gives it back"):
        return
    holder = Holder()
    try:
        with Bench("kernels", part.device, ahead=1, pauses=(0.2,)) as bench:
            result = bench.grade(HONEST)
        fine = result.outcome.value == "ungraded" and result.retries == 1
        part.record.check(
            f"another process has all memory ({holder.mib} MiB)",
            "ungraded after 1 more try",
            f"{words(result)[:150]}, {result.retries} more tries",
            fine,
        )
        with Bench("kernels", part.device, ahead=1, pauses=(1.0, 3.0, 6.0)) as bench:
            later = threading.Timer(5.0, holder.release)
            later.start()
            result = bench.grade(HONEST)
            later.join()
        fine = words(result) == "passed 10/10" and result.retries > 0
        part.record.check(
            "and gives it back after 5 s",
            "passed 10/10, tried again",
            f"{words(result)[:150]}, {result.retries} more tries",
            fine,
        )
    finally:
        holder.release()


def namespaced(part: Part, what: str, row: str) -> None:
    """Run a function of this file where device files may be hidden."""
    if not part.needs_card(row):
        return
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv],
        env={**os.environ, INNER: what},
        timeout=max(min(part.left, 40.0), 5.0),
        check=False,
    )
    if done.returncode:
        part.record.skip(row, f"it ended with {done.returncode}: see log.txt")


def hide() -> None:
    """The card's files lead nowhere from now on, in this namespace."""
    for path in HIDDEN:
        if Path(path).exists():
            subprocess.run(["mount", "--bind", "/dev/null", path], check=True)


def hidden(part: Part) -> None:
    """From the beginning."""
    hide()
    with Bench("kernels", part.device, ahead=1, pauses=(0.2,)) as bench:
        result = bench.grade(HONEST)
    fine = result.outcome.value == "ungraded" and result.retries == 1
    part.record.check(
        "the card's files are hidden",
        "ungraded after 1 more try",
        f"{words(result)[:150]}, {result.retries} more tries",
        fine,
    )


def lost(part: Part) -> None:
    """Behind the first of the tests, whose worker keeps what it has open."""
    with tempfile.TemporaryDirectory() as name:
        begun, gone = Path(name, "begun"), Path(name, "gone")
        text = HONEST + (
            "import os, time\n"
            "honest = product\n"
            "def product(a, b, device):\n"
            "    answer = honest(a, b, device)\n"
            f"    open({str(begun)!r}, 'w').close()\n"
            "    end = time.monotonic() + 10\n"
            f"    while not os.path.exists({str(gone)!r}) and time.monotonic() < end:\n"
            "        time.sleep(0.05)\n"
            "    return answer\n"
        )

        def take_away() -> None:
            while not begun.exists():
                time.sleep(0.05)
            hide()
            gone.touch()

        threading.Thread(target=take_away, daemon=True).start()
        with Bench("kernels", part.device, ahead=1, pauses=(0.2,)) as bench:
            result = bench.grade(text)
    part.record.check(
        "the card is lost behind the first test",
        "ungraded",
        f"{words(result)[:220]}, {result.retries} more tries",
        result.outcome.value == "ungraded",
        tests={test.name: f"{test.outcome.value} {test.message}" for test in result.tests},
    )


def main() -> None:
    """Each fault for itself."""
    part = Part()
    if inner := os.environ.get(INNER):
        {"hidden": hidden, "lost": lost}[inner](part)
        return
    faults: dict[str, Callable[[], None]] = {
        "untouched": lambda: untouched(part),
        "absent": lambda: absent(part),
        "hidden": lambda: namespaced(part, "hidden", "the card's files are hidden"),
        "lost": lambda: namespaced(part, "lost", "the card is lost behind the first test"),
        "full": lambda: full(part),
    }
    for name, fault in faults.items():
        try:
            if part.left > 0 and part.wants(name):
                fault()
        except Exception as problem:
            part.record.check(name, "no exception", first_line(problem))
            traceback.print_exc()
    if part.on_card and part.left > 0:
        with Bench("kernels", part.device, ahead=1) as bench:
            part.record.check(
                "an honest one afterwards", "passed 10/10", words(bench.grade(HONEST))
            )


if __name__ == "__main__":
    main()
