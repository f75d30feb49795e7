"""What a submission cannot reach: files, network, the agent, rights, secrets."""

import errno
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.agent import landlock
from autograder.core.assignment import Limits, Resources
from autograder.core.results import Outcome

pytestmark = pytest.mark.usefixtures("fresh_afterwards")

READ = """
def attack(path):
    try:
        return open(path).read()
    except OSError as problem:
        return problem.errno
"""

LIST = """
import os

def attack(path, read=attack):
    try:
        return os.listdir(path)
    except NotADirectoryError:
        return read(path)
    except OSError as problem:
        return problem.errno
"""

WALK = f"""
import os, stat

def folders():
    yield "/", []
    for top in {[str(path) for path in Path("/").iterdir()]} + ["/scratch"]:  # who may list "/"?
        for folder, inner, files in os.walk(top):
            if folder in ("/proc", "/sys", "/usr", "/etc") or folder.count("/") > 3:
                inner.clear()
            yield folder, files
"""

TRIES = """
import ctypes, os, resource, signal, socket, struct

def refused(action):
    try:
        action()
    except (OSError, ValueError):
        return True
    return False

def status(pid="self"):
    lines = open(f"/proc/{pid}/status").read().splitlines()
    return dict(line.split(":\\t", 1) for line in lines if ":\\t" in line)
"""


@pytest.fixture
def canary() -> Iterator[str]:
    """A word that stands in a file of the repository and in one of the temporary folder."""
    word = secrets.token_hex(16)
    with (
        tempfile.NamedTemporaryFile("w", prefix="canary-", dir=Path(__file__).parent) as here,
        tempfile.NamedTemporaryFile("w", prefix="canary-") as there,
    ):
        for file in (here, there):
            file.write(word)
            file.flush()
        yield f"{here.name}:{there.name}"


@pytest.mark.promise("files")
def test_files_of_the_machine_are_not_there(bench: Any, canary: str) -> None:
    for path in [*canary.split(":"), "/etc/shadow", "/var/run/docker.sock", "/root/.ssh"]:
        assert isinstance(bench.run(READ, path), int), path


def test_the_canary_is_found_where_nothing_hides_it(launcher: Any, bench: Any, canary: str) -> None:
    """What the test above looks for can be found."""
    if launcher.isolation == "local":
        assert [type(bench.run(READ, path)) for path in canary.split(":")] == [str, str]


@pytest.mark.promise("files")
def test_only_the_scratch_folder_can_be_written_to(bench: Any) -> None:
    writable, scratch = bench.run(
        f"""{WALK}
def attack():
    found = []
    for folder, _ in folders():
        try:
            os.close(os.open(folder + "/new", os.O_CREAT | os.O_WRONLY))
            os.unlink(folder + "/new")
            found.append(folder)
        except OSError:
            pass
    return found, os.getcwd()
"""
    )
    assert writable == [str(Path(scratch).parent), scratch]


@pytest.mark.promise("files")
def test_there_is_no_socket_to_talk_to(bench: Any) -> None:
    sockets = bench.run(
        f"""{WALK}
def attack():
    paths = [folder + "/" + name for folder, files in folders() for name in files]
    return [path for path in paths if stat.S_ISSOCK(os.lstat(path).st_mode)]
"""
    )
    assert sockets == []


@pytest.mark.promise("files")
def test_no_process_is_seen_but_the_agent_and_its_worker(bench: Any) -> None:
    pids, me = bench.run(
        f"""{TRIES}
def attack():
    me = os.getpid()
    return [pid for pid in range(1, me + 100) if not refused(lambda: os.kill(pid, 0))], me
"""
    )
    assert pids == [1, me]


def test_nothing_is_read_that_counts_what_other_workers_did(bench: Any) -> None:
    """Where the kernel has Landlock, which this machine's must have."""
    assert landlock.version()
    paths = ["/proc/1/stat", "/proc/stat", "/proc/loadavg", "/proc/vmstat", "/proc", "/sys"]
    paths += [str(path) for path in Path("/sys/fs/cgroup").glob("*/*")][:5]
    for path in paths:
        assert bench.run(f"{READ}\n{LIST}", path) in (errno.EACCES, errno.ENOENT), path
    assert "processor" in bench.run(READ, "/proc/cpuinfo")
    assert "Pid:" in bench.run(READ, "/proc/self/status")


@pytest.mark.promise("network")
def test_nothing_outside_answers(bench: Any) -> None:
    """Listeners of this machine, in every way in which it can be addressed."""
    name = f"\0autograder-{secrets.token_hex(8)}"
    with (
        socket.create_server(("0.0.0.0", 0)) as tcp,
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as abstract,
    ):
        abstract.bind(name)
        abstract.listen()
        port = tcp.getsockname()[1]
        socket.create_connection(("127.0.0.1", port)).close()
        reached = bench.run(
            f"""{TRIES}
def attack(port, name, host):
    targets = [(socket.AF_INET, (host, port)) for host in ("127.0.0.1", "172.17.0.1", host)]
    targets += [(socket.AF_INET, ("169.254.169.254", 80)), (socket.AF_INET6, ("::1", port))]
    targets += [(socket.AF_UNIX, name)]
    return [
        str(address)
        for family, address in targets
        if not refused(lambda: socket.socket(family).connect(address))
    ]
""",
            port,
            name,
            socket.gethostname(),
        )
    assert reached == []


@pytest.mark.promise("network")
def test_names_are_not_resolved_and_no_interface_but_loopback_is_there(bench: Any) -> None:
    answer = bench.run(
        f"""{TRIES}
def attack():
    interfaces = [line.split(":")[0].strip() for line in open("/proc/net/dev").readlines()[2:]]
    return refused(lambda: socket.getaddrinfo("example.org", 80)), interfaces
"""
    )
    assert answer == (True, ["lo"])


@pytest.mark.promise("agent")
def test_the_agent_survives_every_signal(bench: Any) -> None:
    sent = bench.run(
        f"""{TRIES}
def attack():
    for number in range(1, 65):
        refused(lambda: os.kill(1, number))
        refused(lambda: signal.pidfd_send_signal(os.pidfd_open(1), number))
    os.kill(os.getppid(), signal.SIGSTOP)
    return 1
"""
    )
    assert sent == 1


@pytest.mark.promise("agent")
@pytest.mark.parametrize(
    "action",
    [
        "open('/proc/1/mem', 'r+b')",
        "open('/proc/1/mem', 'rb').read(1)",
        "open('/proc/1/environ').read()",
        "open('/proc/1/maps').read()",
        "os.readlink('/proc/1/cwd')",
    ],
)
def test_the_agent_cannot_be_looked_into(bench: Any, action: str) -> None:
    assert bench.run(f"{TRIES}\ndef attack(): return refused(lambda: {action})")


@pytest.mark.promise("privileges")
@pytest.mark.parametrize(
    "action",
    [
        "os.listdir('/proc/1/fd')",
        "open('/proc/1/oom_score_adj', 'w').write('1000')",
        "open('/proc/1/coredump_filter', 'w').write('0')",
        "resource.prlimit(1, resource.RLIMIT_NOFILE, (3, 3))",
        "resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))",
        "os.setpriority(os.PRIO_PROCESS, 1, 19)",
        "os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0))",
    ],
)
def test_the_agent_keeps_its_own_limits(bench: Any, action: str) -> None:
    assert bench.run(f"{TRIES}\ndef attack(): return refused(lambda: {action})")


@pytest.mark.promise("privileges")
@pytest.mark.parametrize("call", ["ptrace(16, 1, 0, 0)", "process_vm_readv(1, 0, 0, 0, 0, 0)"])
def test_the_agent_cannot_be_traced(bench: Any, call: str) -> None:
    assert bench.run(f"{TRIES}\ndef attack(): return ctypes.CDLL(None).{call}") == -1


@pytest.mark.promise("privileges")
def test_the_submission_is_a_user_of_no_rights(bench: Any) -> None:
    status = bench.run(f"{TRIES}\ndef attack(): return status()")
    assert set(status["Uid"].split()) == set(status["Gid"].split()) == {"10001"}
    assert status["Groups"].split() in ([], ["10001"])
    assert {int(status[f"Cap{name}"], 16) for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {0}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


@pytest.mark.promise("privileges")
@pytest.mark.parametrize("path", ["agent", "", ".."])
def test_the_launchers_socket_cannot_be_reached_again(bench: Any, path: str) -> None:
    action = f"socket.socket(socket.AF_UNIX).connect('/run/autograder/{path}')"
    assert bench.run(f"{TRIES}\ndef attack(): return refused(lambda: {action})")


def test_the_environment_holds_none_of_ours(
    launcher: Any, bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_SECRET", secrets.token_hex(8))
    with launcher.start(Limits(), Resources()) as sandbox:
        other = type(bench)(sandbox, launcher.limits_memory)
        environment = other.run("import os\ndef attack(): return dict(os.environ)")
    assert os.environ["COURSE_SECRET"] not in environment.values()
    assert {name for name in environment if "AUTOGRADER" in name or "DOCKER" in name} == set()
    assert environment["PYTHONHASHSEED"] == "0"


def test_descriptors_of_a_worker_are_its_socket_and_nothing_else(bench: Any) -> None:
    kinds = bench.run(
        "import os\ndef attack(): return [os.readlink(f'/proc/self/fd/{n}') for n in range(64)"
        " if os.path.exists(f'/proc/self/fd/{n}') or os.path.islink(f'/proc/self/fd/{n}')]"
    )
    assert len([kind for kind in kinds if kind.startswith("socket:")]) == 1
    assert {kind for kind in kinds if not kind.startswith("socket:")} == {"/dev/null"}


def test_a_time_limit_of_the_processor_tells_a_time_out(bench: Any) -> None:
    """As when the system's clock and the processor's differ, with several threads."""
    verdict = bench.verdict("import os, signal\ndef attack(): os.kill(os.getpid(), signal.SIGXCPU)")
    assert verdict.outcome is Outcome.TIMEOUT
