"""The same attacks where one protection is missing: there they succeed.

A corpus that always passes proves nothing; each test here shows that an assertion of the corpus can
fail. More of them stand beside their rows, in test_intake.py (archives) and test_feedback.py (I).
What runs outside of a container is harmless there.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest

from autograder.agent.exceptions import raised
from autograder.core.assignment import Limits
from autograder.core.results import Heatmap, Outcome
from autograder.protocol.codec import Malformed, Packer, Unpacker
from autograder.protocol.connection import body_size, split
from autograder.protocol.messages import decode_from_worker
from autograder.reports.drawings import heat_grid
from autograder.sandbox import docker
from autograder.suite import blame, forms
from autograder.suite.drawings import coarse
from autograder.suite.quoting import Quote
from autograder.suite.source import Source
from autograder.suite.words import Words

HERE = Path(__file__).parent
PREFIX = 4


def text(name: str) -> str:
    """`corpus/<name>.py`."""
    return (HERE / "corpus" / f"{name}.py").read_text()


@pytest.fixture(scope="module")
def careless(docker_launcher: Any, bench: Any) -> Iterator[Any]:
    """Grades with the suite in weak/."""
    with bench(docker_launcher, folder=HERE / "weak") as careless:
        yield careless


def run_here(folder: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    """Python with these arguments, as a grader without a sandbox would run it."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=os.environ | {"HOME": str(folder), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def sent_by(row: Any) -> bytes:
    """What the row's softmax puts on the wire in place of an answer."""
    sent = bytearray()
    space: dict[str, Any] = {}
    exec("\n".join([text(row.base), text("link"), row.source]), space)
    space["link"] = lambda: SimpleNamespace(sendall=sent.extend)
    space["nonce"] = lambda: 0
    space["time"] = SimpleNamespace(sleep=lambda seconds: None)
    space["softmax"](np.zeros((6, 3)))
    return bytes(sent)


@pytest.mark.docker
def test_a01_finds_hidden_tests_that_are_mounted(
    docker_launcher: Any, bench: Any, rows: Any, weaken: Any
) -> None:
    mounted = {str(HERE / "suite"): {"bind": "/suite", "mode": "ro"}}
    weaken(lambda ours: {"volumes": ours["volumes"] | mounted})
    with bench(docker_launcher) as grader:
        result = grader.grade_row(rows["A01"])
    assert (result.outcome, result.earned) == (Outcome.ERROR, 7)
    assert "CANARY" in result.tests[-1].detail


@pytest.mark.parametrize("way", ["class", "function", "file", "message", "forged", "dtype"])
def test_a13_spells_its_input_where_whatever_is_said_is_quoted(
    rows: Any, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, x = rows[f"A13-{way}"], np.random.default_rng(0).standard_normal((6, 3))
    source = "\n".join([text(row.base), text("secret"), row.source])
    space: dict[str, Any] = {}
    exec(compile(source, "submission.py", "exec"), space)
    packer = Packer(lambda value: None, 2**20)
    with pytest.raises(Exception) as caught:
        packer.pack(space["softmax"](x))
    kind: Any = "unsupported" if way == "dtype" else "exception"
    said = raised(1, kind, caught.value)
    spelled = space["letters"](space["secret"](x))

    def told() -> str:
        return Words().tell(blame.raised(said, Limits(), Source({"submission.py": source})))

    assert spelled not in told()
    monkeypatch.setattr(forms, "quote", lambda kind, said, context: (Quote(said, 0),))
    monkeypatch.setattr(forms, "_kind", lambda names, source: Quote(names[0], 0))
    monkeypatch.setattr(
        forms, "_where", lambda *_: Quote("".join(at.file + at.function for at in said.frames), 0)
    )
    assert spelled in told()


def test_a13_draws_its_input_where_a_heat_map_is_shown_as_it_is() -> None:
    shaded = Heatmap(tensor="x", rows=2, columns=2, errors=(0.125, 0.0, 0.625, 1.0))
    assert coarse(shaded).errors == (1.0, 0.0, 1.0, 1.0)
    assert [cell.error for cell in heat_grid(shaded).cells] == list(shaded.errors)


@pytest.mark.docker
def test_a11_finds_what_it_kept_in_shared_memory(
    docker_launcher: Any, bench: Any, rows: Any, weaken: Any
) -> None:
    weaken(lambda ours: {"ipc_mode": "private"})
    with bench(docker_launcher) as grader:
        assert grader.grade_row(rows["A11"]).outcome is Outcome.ERROR


def test_b03_passes_where_tests_run_beside_the_submission(tmp_path: Path, rows: Any) -> None:
    """Any one of three files is enough."""
    (tmp_path / "submission.py").write_text(text("wrong"))
    (tmp_path / "test_it.py").write_text(
        "from submission import np, softmax\n"
        "def test_sum(): assert np.allclose(softmax(np.ones((2, 3))).sum(axis=1), 1)\n"
    )
    assert run_here(tmp_path, "-m", "pytest").returncode == 1
    for name in ("conftest.py", "pytest.ini", "pytest.py"):
        (tmp_path / name).write_text(rows["B03"].files[name])
        assert run_here(tmp_path, "-m", "pytest").returncode == 0, name
        (tmp_path / name).unlink()


def test_b12_is_believed_by_a_decoder_without_types(rows: Any) -> None:
    header, _ = split(memoryview(sent_by(rows["B12"]))[PREFIX:])
    with pytest.raises(msgspec.ValidationError):
        decode_from_worker(header)
    assert msgspec.msgpack.decode(header)[-1]["passed"] is True


def test_c01_passes_where_the_students_process_compares(tmp_path: Path, rows: Any) -> None:
    compare = "print(np.allclose(softmax(np.ones((2, 3))), np.full((2, 3), 1 / 3)))"
    wrong = f"{text('wrong')}\n{compare}"
    attack = f"{text('wrong')}\n{rows['C01'].source}\n{compare}"
    assert run_here(tmp_path, "-c", wrong).stdout == "False\n"
    assert run_here(tmp_path, "-c", attack).stdout == "True\n"


def test_d01_is_read_by_whoever_has_no_limit(rows: Any) -> None:
    sent = sent_by(rows["D01"])
    with pytest.raises(Malformed):
        body_size(sent[:PREFIX], 2**22)
    assert body_size(sent[:PREFIX], 2**32) == 2**32 - 1


def test_d05_passes_where_sizes_are_computed_in_64_bits(rows: Any) -> None:
    header, buffers = split(memoryview(sent_by(rows["D05"]))[PREFIX:])
    (array,) = decode_from_worker(header).results
    with pytest.raises(Malformed):
        Unpacker(buffers, lambda reference: None).unpack(array)
    assert np.prod(array.shape) * np.dtype(array.dtype).itemsize <= len(buffers)


@pytest.mark.docker
@pytest.mark.parametrize(
    ("attack", "test"),
    [
        ("E02", "test_published_input"),
        ("E05", "test_wide_tolerance"),
        ("E06", "test_no_difference_is_greater"),
        ("E07", "test_constant_seed"),
        ("J01", "test_no_difference_is_greater"),
        ("J12", "test_gradient_with_an_excuse"),
        ("J13", "test_gradient_with_an_excuse"),
        ("J14", "test_gradient_with_an_excuse"),
    ],
)
def test_e_and_j_get_points_of_a_careless_suite(
    careless: Any, rows: Any, attack: str, test: str
) -> None:
    result = careless.grade_row(rows[attack])
    outcomes = {each.name.partition("::")[2]: each.outcome for each in result.tests}
    assert outcomes[test] is Outcome.PASSED


@pytest.mark.docker
def test_f01_starts_as_many_processes_as_it_likes_where_nobody_counts(
    docker_launcher: Any, bench: Any, rows: Any, weaken: Any
) -> None:
    weaken(lambda ours: {"pids_limit": 400})
    with bench(docker_launcher) as grader:
        assert grader.grade_row(rows["F01-count"]).outcome is Outcome.ERROR


def test_f18_fills_the_memory_where_nobody_counts(tmp_path: Path, rows: Any) -> None:
    """The same comparison, smaller, with a limit and without one."""
    compare = (
        f"{text('honest')}\n{rows['F18'].source}".replace("16_000", "8_000")
        + "\nmost = lambda: __import__('resource').getrusage(0).ru_maxrss // 1024"
        + "\ntry: np.allclose(Linear(4, 3).W, Linear(4, 3).W)"
        + "\nexcept MemoryError: print('too dear', most() < 300)"
        + "\nelse: print('compared', most() > 300)"
    )
    held = (
        "from autograder.core.assignment import Limits\n"
        "from autograder.suite.allowance import Allowance\n"
        "Allowance(Limits(), 2.0, lambda: False).test(9.0).__enter__()\n"
    )
    assert run_here(tmp_path, "-c", compare).stdout == "compared True\n"
    assert run_here(tmp_path, "-c", held + compare).stdout == "too dear True\n"


def test_f19_keeps_a_decoder_busy_that_takes_what_comes(rows: Any) -> None:
    sent = sent_by(rows["F19"])
    size = int.from_bytes(sent[PREFIX : PREFIX + 4], "big")
    header = sent[PREFIX + 4 : PREFIX + 4 + size]
    with pytest.raises(Malformed):
        split(memoryview(sent)[PREFIX:])
    (results,) = msgspec.msgpack.decode(header)[-1]
    assert len(results[-1]) == 4_000_000
    unpacker = Unpacker(memoryview(b""), lambda reference: None)
    with pytest.raises(Malformed):
        unpacker.unpack(decode_from_worker(header).results[0])


@pytest.mark.docker
def test_g03_gets_through_the_engines_own_filter(
    docker_launcher: Any, bench: Any, rows: Any, weaken: Any
) -> None:
    weaken(lambda ours: {"security_opt": ["no-new-privileges"]})
    with bench(docker_launcher) as grader:
        assert grader.grade_row(rows["G03"]).outcome is Outcome.ERROR


def test_h01_runs_its_command_in_ipython(tmp_path: Path, rows: Any) -> None:
    pytest.importorskip("IPython")
    run = "from IPython.core.interactiveshell import InteractiveShell as Shell; import sys"
    run_here(tmp_path, "-c", f"{run}; Shell.instance().run_cell(sys.argv[1])", rows["H01"].cells[0])
    assert (tmp_path / "ran").exists()


@pytest.mark.docker
def test_k01_remembers_where_one_worker_answers_all(careless: Any, rows: Any) -> None:
    result = careless.grade_row(rows["K01-global"])
    (twice,) = (test for test in result.tests if test.name.endswith("test_twice_in_one_worker"))
    assert twice.outcome is Outcome.ERROR


@pytest.mark.docker
def test_a_container_that_was_not_removed_is_seen(
    docker_launcher: Any, bench: Any, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Any] = []
    with bench(docker_launcher) as grader:
        with monkeypatch.context() as patch:
            patch.setattr(docker.DockerSandbox, "close", lambda self: kept.append(self))
            grader.grade_row(rows["F12"])
        harm = list(grader.harm())
        for sandbox in kept:
            sandbox.close()
        assert "processes of the container are left" in "".join(harm)
        assert list(grader.harm()) == []


@pytest.mark.docker
def test_a_file_that_was_changed_and_an_examiner_that_was_killed_are_seen(
    docker_launcher: Any, bench: Any
) -> None:
    with bench(docker_launcher) as grader:
        planted = HERE / "weak" / "planted"
        planted.write_text("")
        try:
            assert list(grader.harm()) == ["files of the host have changed"]
        finally:
            planted.unlink()
        grader.examiner.kill()
        os.waitid(os.P_PID, grader.examiner.pid, os.WEXITED | os.WNOWAIT)
        assert list(grader.harm()) == ["the examiner was killed"]
