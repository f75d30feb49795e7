"""The examiner process: what it may do, and what becomes of it."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from autograder.core.assignment import Limits
from autograder.errors import ExaminerFailed
from autograder.suite.job import Examination, Job
from autograder.suite.launcher import ExaminerProcess

Examine = Callable[..., Examination]

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop")

STATUS = """
import os, socket

@pytest.mark.points(1)
def test_status():
    status = dict(line.split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
    try:
        socket.socket(socket.AF_UNIX).connect({path!r})
        reached = True
    except OSError:
        reached = False
    fail("|".join([status["Uid"], status["CapEff"], status["CapPrm"], status["NoNewPrivs"],
                   str(reached), str(sorted(os.environ))]))
"""


def child_of(process: ExaminerProcess) -> psutil.Process:
    """The examiner's server, as the system sees it."""
    return psutil.Process(process._process.pid)


def waits_for_forks(server: psutil.Process) -> psutil.Process:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for suite in server.children():
            if forks := suite.children():
                return forks[0]
        time.sleep(0.01)
    raise TimeoutError("the examiner has not forked")


@as_root
def test_the_examiner_drops_its_privileges(examine: Examine, tmp_path: Path) -> None:
    path = str(tmp_path / "engine.sock")
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(path)
        engine.listen()
        Path(path).chmod(0o660)  # as the engine's own
        tmp_path.chmod(0o755)
        (result,) = examine(STATUS.format(path=path), "").tests
    uid, effective, permitted, no_new, reached, environment = result.message.split("|")
    assert set(uid.split()) == {"65534"}
    assert int(effective, 16) == int(permitted, 16) == 1 << 2  # to read files, nothing else
    assert (no_new.strip(), reached) == ("1", "False")
    assert "SECRET" not in environment and "DOCKER" not in environment


def hanging_job(folder: Path) -> Job:
    suite = folder / "hanging"
    suite.mkdir()
    (suite / "test_hang.py").write_text(
        "import pytest, time\n\n@pytest.mark.points(1)\ndef test_hang():\n    time.sleep(600)\n"
    )
    return Job(
        suite=str(suite),
        files=(("s.py", b""),),
        entry="s.py",
        requires=(),
        limits=Limits(),
        seed=b"",
        limits_memory=False,
        pid=os.getpid(),
    )


@pytest.mark.parametrize("generation", [0, 1, 2], ids=["the fork", "its suite", "the server"])
def test_a_killed_examiner_is_told_and_the_next_job_is_examined(
    tmp_path: Path, generation: int
) -> None:
    ours, theirs = socket.socketpair()
    failures: list[BaseException] = []
    job = hanging_job(tmp_path)
    with ours, theirs, ExaminerProcess() as examiner:

        def examine() -> None:
            try:
                examiner.examine(job, theirs)
            except ExaminerFailed as failure:
                failures.append(failure)

        thread = threading.Thread(target=examine)
        thread.start()
        fork = waits_for_forks(child_of(examiner))
        [fork, *fork.parents()][generation].kill()
        thread.join()
        assert "without a result" in str(failures[0])
        ours.close()  # now an agent that hangs up at once
        assert examiner.examine(job, theirs).lost


def test_a_closed_examiner_leaves_no_process(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    job = hanging_job(tmp_path)
    with ours, theirs:
        examiner = ExaminerProcess()

        def examine() -> None:
            with pytest.raises(ExaminerFailed):
                examiner.examine(job, theirs)

        thread = threading.Thread(target=examine)
        thread.start()
        server = child_of(examiner)
        fork = waits_for_forks(server)
        examiner.close()
        thread.join()
        psutil.wait_procs([fork, server], timeout=10)
        assert not fork.is_running() and not server.is_running()
        with pytest.raises(ExaminerFailed):
            examiner.examine(job, theirs)
        assert not server.is_running()


GRADER = """
import sys, time
from autograder.suite.launcher import ExaminerProcess
examiner = ExaminerProcess()
print(examiner._process.pid, flush=True)
time.sleep(600)
"""


def test_the_examiner_dies_with_the_grader() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", GRADER], stdout=subprocess.PIPE, text=True
    ) as grader:
        assert grader.stdout is not None
        server = psutil.Process(int(grader.stdout.readline()))
        grader.kill()
    gone, _ = psutil.wait_procs([server], timeout=20)
    assert gone == [server]
