"""How tests end, and what their results say."""

from collections.abc import Callable

import pytest

from autograder.core.results import Outcome, TestResult
from autograder.suite.job import Examination

Examine = Callable[..., Examination]

CANARY = "4711.0815"


def only(examination: Examination) -> TestResult:
    assert (examination.suite_fault, examination.lost) == ("", "")
    (test,) = examination.tests
    return test


def test_a_test_that_passes_has_its_points_and_no_hint(examine: Examine) -> None:
    result = only(
        examine(
            """
@pytest.mark.points(3)
@pytest.mark.hint("Think.")
def test_one(student):
    \"\"\"One is one.

    More for the author.
    \"\"\"
    assert student.one() == 1
""",
            "def one(): return 1",
        )
    )
    assert (result.name, result.title) == ("test_hidden.py::test_one", "One is one.")
    assert (result.outcome, result.earned, result.points) == (Outcome.PASSED, 3, 3)
    assert (result.message, result.hint, result.detail) == ("", "", "")


@pytest.mark.parametrize(
    ("body", "outcome", "message"),
    [
        ("assert student.f() == 4711.0815", "failed", ""),
        ("assert student.f() == 1, 'the answer to 4711.0815'", "failed", ""),
        ("fail('words for the student')", "failed", "words for the student"),
        ("check_close(student.f(), 1.0, 'f()')", "failed", "f()  yours 7   expected 1"),
        ("student.f()['key']", "failed", "could not use the value"),
        ("student.f(); raise ValueError(4711.0815)", "failed", "(ValueError)"),
        ("student.f(); pytest.fail('4711.0815')", "failed", ""),
        ("student.explodes()", "error", "Your code raised KeyError: 'k'\n  submission.py, line 3"),
        ("student.leave()", "crashed", "ended its own process"),
        ("student.loop()", "timeout", "Stopped after 2 s"),
        ("student.absent()", "failed", "submission has no 'absent'"),
        ("student.f(4711.0815)", "error", "TypeError"),
        ("student.echo(4711.0815)", "error", "not shown"),
    ],
)
def test_the_end_of_a_test_is_told_in_words_that_give_nothing_away(
    examine: Examine, body: str, outcome: str, message: str
) -> None:
    tests = f"""
@pytest.mark.points(2)
@pytest.mark.hint("Think.")
def test_one(student, check_close):
    {body}
"""
    submission = """
def explodes(): raise KeyError("k")
def f(): return 7.0
def leave(): __import__("os")._exit(0)
def loop():
    while True: pass
def echo(x): raise ValueError(x)
"""
    result = only(examine(tests, submission))
    assert (result.outcome, result.earned, result.hint) == (Outcome(outcome), 0, "Think.")
    assert message in result.message and (message or not result.message)
    assert CANARY not in result.message


@pytest.mark.parametrize(
    ("tests", "words"),
    [
        ("def test_one(student): pass", "needs @pytest.mark.points(n)"),
        ("@pytest.mark.points(0)\ndef test_one(student): pass", "needs @pytest.mark.points(n)"),
        ("@pytest.mark.points('2')\ndef test_one(student): pass", "needs @pytest"),
        ("import nothing_of_this_name", "nothing_of_this_name"),
        ("def broken(:", "SyntaxError"),
        ("", "the suite has no tests"),
        ("@pytest.mark.points(1)\ndef test_one(student): 1 / 0", "ZeroDivisionError"),
        ("@pytest.mark.points(1)\ndef test_one(student): assert False", "AssertionError"),
        ("@pytest.mark.points(1)\ndef test_one(student): student.f(); pytest.skip('s')", "Skipped"),
        ("@pytest.mark.points(1)\n@pytest.mark.skip\ndef test_one(student): pass", "Skipped"),
        ("@pytest.mark.points(1)\n@pytest.mark.unknown\ndef test_one(student): pass", "unknown"),
        ("@pytest.mark.points(1)\ndef test_one(no_such_fixture): pass", "no_such_fixture"),
        (
            "@pytest.fixture\ndef broken(): 1 / 0\n\n"
            "@pytest.mark.points(1)\ndef test_one(broken): pass",
            "ZeroDivisionError",
        ),
        (
            "@pytest.mark.points(1)\n@pytest.mark.limit(2)\ndef test_one(student): pass",
            "limit",
        ),
    ],
)
def test_a_fault_of_the_suite_is_not_the_students(examine: Examine, tests: str, words: str) -> None:
    examination = examine(tests, "def f(): return 1")
    assert words in examination.suite_fault


def test_each_case_of_a_parametrised_test_is_a_result(examine: Examine) -> None:
    tests = """
@pytest.mark.points(1)
@pytest.mark.parametrize("n", [1, 2])
def test_number(student, n):
    \"\"\"Numbers.\"\"\"
    assert student.f() == n
"""
    results = examine(tests, "def f(): return 2").tests
    assert [(r.title, r.outcome.value) for r in results] == [
        ("Numbers. [1]", "failed"),
        ("Numbers. [2]", "passed"),
    ]
    assert len({r.name for r in results}) == 2


def test_a_limit_of_one_test_holds_for_that_test(examine: Examine) -> None:
    tests = """
@pytest.mark.points(1)
@pytest.mark.limit(seconds=0.3)
def test_short(student):
    student.loop()

@pytest.mark.points(1)
def test_other(student):
    assert student.f() == 1
"""
    results = examine(tests, "def f(): return 1\ndef loop():\n    while True: pass").tests
    assert [r.outcome.value for r in results] == ["timeout", "passed"]
    assert "0.3 s" in results[0].message


def test_no_state_of_the_students_survives_a_test(examine: Examine) -> None:
    tests = """
@pytest.mark.points(1)
@pytest.mark.parametrize("n", [1, 2])
def test_count(student, n):
    assert student.count() == 1
"""
    submission = "seen = []\ndef count():\n    seen.append(1)\n    return len(seen)"
    assert [r.outcome.value for r in examine(tests, submission).tests] == ["passed", "passed"]


DRAW = """
@pytest.mark.points(1)
@pytest.mark.parametrize("n", [1, 2])
def test_draw(student, rng, n, check_close):
    check_close(student.f(), rng.standard_normal(), "f()")
"""


def test_equal_seeds_give_equal_results_and_others_give_others(examine: Examine) -> None:
    def messages(seed: bytes) -> list[str]:
        return [test.message for test in examine(DRAW, "def f(): return 0.0", seed).tests]

    first = messages(b"one")
    assert first == messages(b"one")
    assert not set(first) & set(messages(b"two"))
    assert first[0] != first[1]


def test_a_submission_that_cannot_be_loaded_ends_every_test_alike(examine: Examine) -> None:
    submission = "import os; os._exit(1)"
    assert [test.outcome.value for test in examine(DRAW, submission).tests] == ["crashed"] * 2


def test_a_submission_of_something_else_is_refused(examine: Examine) -> None:
    examination = examine(DRAW, "def g(): pass", requires=("f", "h"))
    assert examination.tests == ()
    assert "submission.py defines none of what this assignment asks for (f, h)" in (
        examination.rejection
    )


@pytest.mark.parametrize("entry", ["submission.py", "submission.ipynb"])
def test_code_as_large_as_an_upload_may_be_is_graded(examine: Examine, entry: str) -> None:
    """The limit is 20 MB; what the first worker has parsed goes to the others."""
    tests = "@pytest.mark.points(1)\ndef test_{n}(student): assert len(student.f()) == 9"
    source = f"TABLE = '{'x' * 18 * 10**6}'\ndef f(): return TABLE[:9]\n"
    results = examine("\n".join(tests.format(n=n) for n in "ab"), source, entry=entry).tests
    assert [result.outcome for result in results] == [Outcome.PASSED] * 2


def test_a_huge_answer_does_not_keep_the_examiner_busy(examine: Examine) -> None:
    """Explaining the difference line by line would take hours."""
    tests = """
@pytest.mark.points(1)
def test_text(student):
    assert student.f() == "\\n".join(map(str, range(20_000)))
"""
    submission = "def f(): return '\\n'.join(str(7 * i) for i in range(100_000))"
    result = only(examine(tests, submission))
    assert result.outcome is Outcome.FAILED
    assert len(result.detail) < 10_000


MANY = """
@pytest.mark.points(1)
@pytest.mark.parametrize("n", range(6))
def test_many(student, n):
    student.f(n)
"""


def test_the_same_mistake_is_told_in_every_test(examine: Examine) -> None:
    results = examine(MANY, "def f(n):\n    return n.shape").tests
    assert {result.message for result in results} == {
        "Your code raised AttributeError: 'int' object has no attribute 'shape'"
        "\n  submission.py, line 3, in f"
    }


def test_messages_that_say_which_input_it_was_end_when_they_have_told_enough(
    examine: Examine,
) -> None:
    submission = "".join(f"class E{n}(Exception): pass\n" for n in range(6))
    results = examine(MANY, f"{submission}def f(n):\n    raise globals()[f'E{{n}}']").tests
    told = [result.message for result in results]
    assert told[0] == "Your code raised E0\n  submission.py, line 9, in f"
    assert "E3" in results[3].detail and "E3" not in told[3]
    assert told[-1].startswith("Your code raised an exception. More is not told")


def test_an_exception_that_the_test_demands_uses_nothing_up(examine: Examine) -> None:
    tests = """
@pytest.mark.points(1)
def test_demanded(student):
    for _ in range(30):
        with student.raises("ValueError"):
            student.f(_)

@pytest.mark.points(1)
def test_other(student):
    student.f(5)
"""
    passed, other = examine(tests, "def f(n):\n    raise ValueError(f'not {n}')").tests
    assert passed.outcome is Outcome.PASSED
    assert other.message.startswith("Your code raised ValueError: not 5\n")


def test_notes_are_those_that_were_made_before_the_first_question(examine: Examine) -> None:
    """Later workers may know an input: what they note is not told."""
    submission = "import os\nf = {}[os.getpid()]\ndef g(): pass"
    examination = examine(MANY, submission, requires=("f", "g"))
    raised, where = examination.notes
    assert raised == "submission.py raised KeyError when it was imported"
    assert where.startswith("submission.py, line 3: KeyError: ")


def test_a_file_with_the_name_of_a_library_is_noted(examine: Examine) -> None:
    examination = examine(MANY, "def f(n): pass", files=(("numpy.py", b"1 / 0"),))
    (note,) = examination.notes
    assert note.startswith("Your numpy.py has the name of the library numpy")
    assert {result.outcome for result in examination.tests} == {Outcome.PASSED}


def test_a_test_that_keeps_a_value_says_so_when_it_is_not_kept(examine: Examine) -> None:
    tests = """
@pytest.mark.points(1)
def test_put(student):
    student.put(1.0)
"""
    submission = """
import sys
at = sys._getframe()
while type(at.f_locals.get("self")).__name__ != "Worker":
    at = at.f_back
type(at.f_locals["self"])._handle = lambda self, value: 1.0
"""
    result = only(examine(tests, submission))
    assert result.outcome is Outcome.PROTOCOL_VIOLATION
    assert "answered with a value where it had to keep one" in result.message
