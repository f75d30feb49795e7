"""Workers that die, hang, hoard, linger or lie: how the test ends, and that the next is normal."""

import time
from typing import Any

import pytest

from autograder.core.results import Outcome
from autograder.suite.verdict import SandboxLost, Verdict

pytestmark = pytest.mark.usefixtures("fresh_afterwards")

# The worker's own objects, which a student finds on the stack.
PRELUDE = """
import os, signal, socket, struct, sys, threading, time
from autograder.protocol.connection import frame
from autograder.protocol.messages import Exited, Raised, Reply, encode

def stack(name):
    at = sys._getframe()
    while name not in at.f_locals:
        at = at.f_back
    return at.f_locals[name]

def link():
    return stack("request") and stack("packer") and stack("self")._connection.socket

def nonce():
    return stack("request").nonce

def reply(*values, nonce=None):
    return frame(encode(Reply(stack("request").nonce if nonce is None else nonce, values)))

def fork(child):
    pid = os.fork()
    if pid == 0:
        try:
            child()
        finally:
            os._exit(0)
    return pid
"""


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "time.sleep(60)",
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65)); time.sleep(60)",
        "[signal.signal(s, signal.SIG_IGN) for s in range(1, 65) if s not in (9, 19, 32, 33)]\n"
        "    while True: pass",
        "__import__('re').match('(a+)+$', 'a' * 60 + 'b')",
        "[threading.Thread(target=lambda: sum(range(10**12))).start() for _ in range(5)]",
        "threading.Event().wait()",
        "os.kill(os.getpid(), signal.SIGSTOP)",
        "fork(lambda: time.sleep(60)); link().close(); os.wait()",
    ],
)
def test_what_does_not_end_is_stopped(bench: Any, body: str) -> None:
    verdict = bench.verdict(
        f"{PRELUDE}\ndef attack():\n    {body}\n    time.sleep(60)", seconds=0.5
    )
    assert verdict.outcome in (Outcome.TIMEOUT, Outcome.PROTOCOL_VIOLATION)
    if "close" not in body:
        assert verdict.outcome is Outcome.TIMEOUT


@pytest.mark.parametrize(
    "body",
    [
        "os._exit(0)",
        "os._exit(3)",
        "os.abort()",
        "__import__('ctypes').string_at(0)",
        "os.kill(os.getpid(), signal.SIGKILL)",
        "os.kill(0, signal.SIGTERM)",
        "os.execv(sys.executable, ['python'])",
        "fork(lambda: time.sleep(60)); os._exit(0)",
        "link().close()",
        "os.closerange(0, 256)",
    ],
)
def test_a_worker_that_ends_without_an_answer_has_crashed(bench: Any, body: str) -> None:
    verdict = bench.verdict(f"{PRELUDE}\ndef attack():\n    {body}")
    assert verdict.outcome is Outcome.CRASHED


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("link().close(); time.sleep(60)", "closed its connection"),
        ("link().shutdown(socket.SHUT_WR); time.sleep(60)", "closed its connection"),
        ("link().sendall(b'x' * 100)", "frame of"),
        ("link().sendall(b'\\0' * 5)", "a frame of 0 bytes"),
        ("link().sendall(b'\\xff' * 5)", "a frame of 4294967295 bytes"),
        ("link().sendall(struct.pack('!II', 8, 2**31) + b'1234')", "a header of"),
        ("link().sendall(struct.pack('!II', 8, 4) + b'\\xc1' * 4)", ""),
        ("link().sendall(reply(1, nonce=nonce() ^ 1)); time.sleep(60)", "another question"),
        ("link().sendall(reply(1, 2)); time.sleep(60)", "another number of results"),
        ("link().sendall(reply()); time.sleep(60)", "another number of results"),
        ("link().sendall(reply(1)); link().sendall(reply(1))", ""),
        ("link().sendall(reply(1) + b'x')", "nobody had asked"),
        ("link().sendall(reply({'passed': True})); time.sleep(60)", ""),
        (
            "link().sendall(frame(encode(Exited(True, 0)))); time.sleep(60)",
            "",
        ),
        (
            "link().sendall(frame(encode(Exited(False, 9)))); time.sleep(60)",
            "",
        ),
        (
            "link().sendall(frame(encode(Raised(nonce(), 'verdict', ('',), '', ()))))\n"
            "    time.sleep(60)",
            "",
        ),
        (
            "link().sendall(frame(encode(Reply(nonce(), (1,))), [b'left over']))\n"
            "    time.sleep(60)",
            "unreadable",
        ),
    ],
)
def test_a_worker_that_breaks_the_protocol_is_told_apart(bench: Any, body: str, words: str) -> None:
    verdict = bench.verdict(f"{PRELUDE}\ndef attack():\n    {body}")
    assert verdict.outcome is Outcome.PROTOCOL_VIOLATION
    assert words in str(verdict)
    assert not any(character.isdigit() for character in verdict.message)


def test_a_second_answer_is_noticed_when_nothing_more_is_asked(bench: Any) -> None:
    with bench.worker() as student:
        student.run(f"{PRELUDE}\ndef attack(): link().sendall(reply(1) * 2)")
    assert bench.late.outcome is Outcome.PROTOCOL_VIOLATION


def test_an_answer_that_nobody_asked_for_is_noticed(bench: Any) -> None:
    body = "fork(lambda: (time.sleep(0.1), link().sendall(reply(2))))"
    with bench.worker() as student:
        student.run(f"{PRELUDE}\ndef attack(): return {body}")
        time.sleep(0.5)
        with pytest.raises(Verdict, match="nobody had asked") as ended:
            student.run("def attack(): return 1")
    assert ended.value.outcome is Outcome.PROTOCOL_VIOLATION


def test_a_forged_answer_is_no_more_than_an_answer(bench: Any) -> None:
    source = f"{PRELUDE}\ndef attack(): link().sendall(reply('forged')); time.sleep(60)"
    assert bench.run(source) == "forged"


@pytest.mark.parametrize(
    "body",
    [
        "np.ones(10**9)",
        "hoard = []\n    while True: hoard.append(bytearray(2**22))",
        "np.empty(10**13)",
        "'x' * 10**11",
    ],
)
def test_a_worker_that_fills_its_memory_is_told_so(bench: Any, body: str) -> None:
    verdict = bench.verdict(f"{PRELUDE}\ndef attack():\n    {body}", seconds=20)
    assert verdict.outcome is Outcome.OUT_OF_MEMORY


@pytest.mark.parametrize(
    "body",
    [
        "fork(linger)",
        "fork(lambda: (os.setsid(), fork(linger)))",
        "fork(lambda: (os.setsid(), os.closerange(0, 256), fork(linger)))",
        "for _ in range(10): fork(lambda: fork(linger))",
        "threading.Thread(target=linger).start()",
    ],
)
def test_what_a_worker_leaves_behind_is_gone_before_the_next(bench: Any, body: str) -> None:
    """`fresh_afterwards` looks for siblings and files."""
    answer = bench.run(
        f"""{PRELUDE}
def linger():
    while True:
        open(str(time.monotonic_ns()), "w").close()

def attack():
    {body}
    return 1
"""
    )
    assert answer == 1


@pytest.mark.parametrize(
    "body",
    [
        "os.makedirs('/'.join(['d'] * 50))",
        "os.makedirs('a/b'); open('a/b/c', 'w').close(); os.chmod('a/b', 0); os.chmod('a', 0)",
        "os.symlink('/', 'root'); os.symlink('nowhere', 'dangling'); os.symlink('.', 'self')",
        "[open(str(i), 'w').close() for i in range(50)]",
        "os.mkfifo('pipe'); socket.socket(socket.AF_UNIX).bind('socket')",
        "open(b'\\xff\\n*', 'w').close(); os.mkdir(' '); open('-rf', 'w').close()",
        "os.chmod('.', 0)",
        "__import__('shutil').rmtree(os.getcwd(), ignore_errors=True)",
        "open('held', 'w'); os.mkdir('here'); os.chdir('here')",
        "open('one', 'w').close(); os.link('one', 'two'); os.chmod('one', 0)",
    ],
)
def test_the_scratch_folder_is_empty_for_the_next_worker(bench: Any, body: str) -> None:
    """`fresh_afterwards` looks."""
    assert bench.run(f"{PRELUDE}\ndef attack():\n    {body}\n    return 1") == 1


def test_a_folder_nested_deeper_than_any_path_is_wiped(bench: Any) -> None:
    deep = "for _ in range(60): os.mkdir('d' * 250); os.chdir('d' * 250)"
    assert bench.run(f"{PRELUDE}\ndef attack():\n    {deep}\n    return 1") == 1


def test_a_change_to_a_library_does_not_reach_the_next_worker(bench: Any) -> None:
    bench.run("import sys\ndef attack(): np.arange = np.sum = None; sys.path.clear()")


@pytest.mark.promise("processes")
def test_a_fork_bomb_runs_into_the_limit(bench: Any) -> None:
    verdict = bench.verdict(
        f"""{PRELUDE}
def attack():
    while True:
        try:
            os.fork()
        except OSError:
            pass
""",
        seconds=2,
    )
    assert verdict.outcome in (Outcome.TIMEOUT, Outcome.PROTOCOL_VIOLATION, Outcome.CRASHED)


@pytest.mark.promise("scratch")
@pytest.mark.parametrize(
    ("body", "least", "most"),
    [
        (
            "[file.write(bytes(2**20)) and file.flush() for file in [open('f', 'wb')] for _ in R]",
            1,
            8,
        ),
        ("[open(str(i), 'wb').write(bytes(2**20)) for i in R]", 6, 8),
        ("[os.mkdir(str(i)) for i in R]", 50, 64),
    ],
)
def test_the_scratch_folder_holds_so_much_and_no_more(
    bench: Any, body: str, least: int, most: int
) -> None:
    source = f"""{PRELUDE}
def counted():
    for number in range(1000):
        counted.number = number
        yield number

def attack():
    R = counted()
    try:
        {body}
    except OSError as problem:
        return counted.number
"""
    assert least <= bench.run(source) <= most


@pytest.mark.promise("memory")
@pytest.mark.parametrize(
    "body",
    [
        # Each child alone is small.
        "for _ in range(20): fork(lambda: (b'x' * (20 * 2**20), time.sleep(60)))\n"
        "    time.sleep(60)",
        # Memory that belongs to no process, while the one that asks for it looks smaller than
        # the agent: the kernel may take that, and with it the whole container.
        "open('/proc/self/oom_score_adj', 'w').write('0')\n"
        "    more = 'import os; [os.write(f, bytes(2**20)) for _ in range(99)'\n"
        "    more += ' for f in [os.memfd_create(str())] for _ in range(7)]'\n"
        "    os.execv(sys.executable, ['python3', '-S', '-E', '-c', more])",
    ],
)
def test_memory_is_counted_for_all_processes_together(own_bench: Any, body: str) -> None:
    source = f"{PRELUDE}\ndef attack():\n    {body}"
    try:
        assert own_bench.verdict(source).outcome is Outcome.OUT_OF_MEMORY
    except SandboxLost:
        assert own_bench.sandbox.death().out_of_memory
