"""What checking a submission may take of the examiner's own process."""

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.core.assignment import Limits
from autograder.core.results import Outcome
from autograder.suite.job import Examination

Examine = Callable[..., Examination]

MOST = 300 * 2**20
"""Bytes that an examination may hold."""
AFTERWARDS = """

@pytest.mark.points(1)
def test_afterwards(student):
    big = np.ones(2**22)
    assert student.one() == 1 and big.sum() == 2**22
"""
LARGE = """
def one(): return 1

class Net:
    made = 0
    def __init__(self):
        Net.made += 1
        self.W = np.zeros((16000, 1) + (1,) * Net.made)

keep = lambda: np.zeros(2**21)
predict = lambda: np.zeros((16000, 1))
ask = lambda f: f(np.zeros((16000, 1)), np.zeros((1, 16000)))
"""


@pytest.mark.parametrize(
    "body",
    [
        "assert not np.allclose(student.Net().W, student.Net().W)",
        "assert (student.predict() == np.zeros(16000)).mean() > 0.9",
        "assert student.ask(lambda a, b: a + b) is not None",
        "assert student.ask(lambda a, b: np.broadcast_to(0.0, (2**24,))) is not None",
        "kept = [student.keep() for _ in range(100)]",
    ],
)
def test_small_answers_that_take_gigabytes_to_check_end_the_test_alone(
    examine: Examine, body: str
) -> None:
    """And the tests behind it have their memory."""
    tests = f"@pytest.mark.points(1)\ndef test_large(student):\n    {body}\n{AFTERWARDS}"
    examination = examine(tests, LARGE)
    assert examination.suite_fault == ""
    large, afterwards = examination.tests
    assert large.outcome in (Outcome.OUT_OF_MEMORY, Outcome.ERROR), large.detail
    assert afterwards.outcome is Outcome.PASSED, afterwards.detail
    assert examination.ended is not None and examination.ended.memory < MOST


def test_what_is_too_much_is_told_in_plain_words(examine: Examine) -> None:
    tests = "@pytest.mark.points(1)\ndef test_large(student):\n"
    (test,) = examine(f"{tests}    student.predict() + np.zeros(16000)", LARGE).tests
    assert test.message.startswith("What your code returned needs more than 192 MB to check.")


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("np.ones((16000, 16000))", Outcome.OUT_OF_MEMORY),
        ("while True: pass", Outcome.TIMEOUT),
        ("try:\n        while True: pass\n    except Exception: pass", Outcome.TIMEOUT),
        ("int('9' * 4000) ** 400_000", Outcome.TIMEOUT),  # in C, where nothing interrupts it
        ("__import__('ctypes').string_at(0)", Outcome.CRASHED),
    ],
    ids=["memory", "time", "time, and nothing catches it", "time in C", "a crash"],
)
def test_who_had_answered_is_judged_and_a_suite_by_itself_is_at_fault(
    examine: Examine, asked: bool, body: str, outcome: Outcome
) -> None:
    """What had been decided before stands."""
    tests = f"""
@pytest.mark.points(1)
@pytest.mark.limit(seconds=5)
def test_before(student):
    assert student.one() == 1

@pytest.mark.points(1)
@pytest.mark.limit(seconds=0.5)
def test_large(student):
    {"student.one()" if asked else "pass"}
    {body}
"""
    examination = examine(tests, "def one(): return 1", limits=Limits(test_seconds=0.2))
    if asked:
        assert examination.suite_fault == ""
        assert [test.outcome for test in examination.tests] == [Outcome.PASSED, outcome]
    else:
        assert "test_large" in examination.suite_fault


def test_a_submission_that_cannot_be_loaded_in_time_leaves_the_other_files_alone(
    examine: Examine, tmp_path: Path
) -> None:
    """The last test of one file ends before it begins; the next file is set up all the same."""
    other = "import pytest\n\n@pytest.mark.points(1)\ndef test_b(student): student.one()\n"
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "test_other.py").write_text(other)
    tests = """
@pytest.mark.points(1)
def test_a(student):
    assert student.one() == 1

@pytest.mark.points(1)
@pytest.mark.limit(seconds=0.1)
def test_short(student):
    assert student.one() == 1
"""
    examination = examine(tests, "import time; time.sleep(0.5)\ndef one(): return 1")
    assert examination.suite_fault == ""
    outcomes = [test.outcome for test in examination.tests]
    assert outcomes == [Outcome.PASSED, Outcome.TIMEOUT, Outcome.PASSED]
