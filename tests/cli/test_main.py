"""The program as a user meets it: what it prints, and its exit codes."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.usecases.workspace import Workspace

Run = Callable[..., "subprocess.CompletedProcess[str]"]
ON_A_COURSE = {
    *("grade", "grades", "report", "exam", "mark", "override", "extend", "times", "roster"),
    "rubric",
}


@pytest.fixture
def run(workspace: Workspace, tmp_path: Path) -> Run:
    """The program with the small course, in an empty folder, at 80 columns."""

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "autograder.cli", *arguments]
        if arguments[0] in ON_A_COURSE:
            command += ["--course", str(workspace.folder), "--db", workspace.database]
        return subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "80", "AUTOGRADER_SANDBOX": "local"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_grading_prints_a_summary_and_warns_of_the_local_sandbox(
    run: Run, submissions: Path
) -> None:
    """Refused submissions are listed with the reason; the exit code is 0: nothing is ungraded."""
    done = run("grade", "linear", str(submissions))
    assert done.returncode == 0
    assert "not against attackers" in " ".join(done.stderr.split())
    assert "2 graded, median 80" in done.stdout
    assert "rejected 2" in done.stdout
    assert "di: " in done.stdout


def test_json_is_one_document_and_nothing_else(run: Run, submissions: Path) -> None:
    """For machines: scores and outcomes by student."""
    done = run("grade", "linear", str(submissions), "--json")
    results = {r["student"]: r for r in json.loads(done.stdout)["results"]}
    assert results["bo"]["score"] == 60
    assert results["bo"]["outcome"] == "failed"
    grades = json.loads(run("grades", "--json").stdout)
    assert {line["student"] for line in grades} == {"ada", "bo", "cy", "di"}


def test_grading_afresh_tells_whose_result_changed_and_what_was_different(
    run: Run, workspace: Workspace, submissions: Path
) -> None:
    """One line for each; the refused ones are what they were."""
    run("grade", "linear", str(submissions))
    assert "4 graded again, 4 of them" in run("grade", "linear", str(submissions), "--fresh").stdout
    suite = workspace.folder / "linear" / "hidden" / "test_linear.py"
    suite.write_text(suite.read_text().replace("points(40)", "points(30)"))
    told = run("grade", "linear", str(submissions), "--fresh").stdout
    assert "4 graded again, 2 of them with the identical result" in told
    assert re.search(r"ada +100 +90 +suite \w{12} → \w{12}", told)
    results = json.loads(run("grade", "linear", str(submissions), "--fresh", "--json").stdout)
    assert all(len(r["result_digest"]) == 64 and r["change"] == "" for r in results["results"])


def test_a_hand_made_mark_leads_to_a_grade_that_is_explained(run: Run, submissions: Path) -> None:
    """Every number of the softmin formula is printed."""
    run("grade", "linear", str(submissions))
    assert run("mark", "ada", "paper", "8", "--why", "rubric").returncode == 0
    done = run("grades", "--explain", "ada")
    assert done.returncode == 0
    assert "T = 20, c = 0.6 0.4, scale 10" in done.stdout
    assert "exempt from the exam" in done.stdout
    assert "one more point in: practicals" in done.stdout


def test_late_work_loses_until_the_student_gets_an_extension(
    run: Run, workspace: Workspace, submissions: Path, tmp_path: Path
) -> None:
    """What `times` says and `extend` moves decides; both are in the ledger for good."""
    course = workspace.folder / "course.toml"
    dated = 'slug = "linear"\ndeadline = 2027-03-01T12:00:00+00:00'
    course.write_text(course.read_text().replace('slug = "linear"', dated))
    run("grade", "linear", str(submissions))
    times = tmp_path / "times.csv"
    times.write_text("student,submitted\nada,2027-03-03T11:00:00+00:00\n")
    assert "1 arrivals" in run("times", "linear", str(times)).stdout

    def mark() -> float:
        lines = json.loads(run("grades", "--json").stdout)
        return next(line for line in lines if line["student"] == "ada")["components"]["practicals"]

    assert mark() == pytest.approx(8)
    until = "2027-03-04T12:00:00+00:00"
    assert run("extend", "ada", "linear", until, "--why", "ill").returncode == 0
    assert mark() == pytest.approx(10)
    assert run("extend", "ada", "linear", "2027-03-04", "--why", "ill").returncode == 2
    times.write_text("student,submitted\nada,yesterday\n")
    assert run("times", "linear", str(times)).returncode == 2


def test_wrong_input_ends_with_code_2_and_the_remedy(run: Run, submissions: Path) -> None:
    """No stack trace for a typing error."""
    done = run("grade", "lineer", str(submissions))
    assert done.returncode == 2
    assert "it holds linear" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert run("mark", "ada", "paper", "11", "--why", "x").returncode == 2, "off the scale"
    assert run("mark", "ada", "essay", "1", "--why", "x").returncode == 2, "no such assignment"
    assert run("grades", "--explain", "nobody").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("exam", "", "7"), "the id is empty"),
        (("override", "ada", "linear", "9", "--why", "x", "--attempt", "-1"), "outside 1"),
        (("extend", "ada", "linear", "0206-10-12T23:59:00Z", "--why", "ill"), "the years"),
        (("rubric", "linear", "form.toml"), "points = 'all': expected `float`"),
    ],
)
def test_slips_of_the_pen_are_refused(
    run: Run, workspace: Workspace, tmp_path: Path, arguments: tuple[str, ...], problem: str
) -> None:
    """Before anything is written, and by a sentence."""
    level = '{ points = 0, title = "a" }, { points = 1, title = "b" }'
    criterion = f'[[criterion]]\nname = "method"\ntitle = "m"\nlevels = [{level}]'
    rubric = workspace.folder / "linear" / "rubric.toml"
    rubric.write_text(f'assignment = "paper"\n{criterion}')
    (tmp_path / "form.toml").write_text('student = "ada"\n[criterion.method]\npoints = "all"')
    done = run(*arguments)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert problem in " ".join(done.stderr.split())
    assert json.loads(run("grades", "--json").stdout) == []


def test_an_ungraded_submission_makes_the_exit_code_1(
    run: Run, workspace: Workspace, submissions: Path
) -> None:
    """A script notices that something needs a look."""
    (workspace.folder / "linear" / "hidden" / "test_linear.py").write_text("import nowhere\n")
    done = run("grade", "linear", str(submissions))
    assert done.returncode == 1
    assert "ungraded 3" in done.stdout
    assert "nobody lost a point" in done.stdout
    assert "result saved" not in done.stderr, "the log is for --log-file"


def test_a_ledger_that_cannot_be_opened_makes_the_exit_code_3(
    run: Run, workspace: Workspace, submissions: Path
) -> None:
    """The machine is not ready."""
    for content in (b"not a database" * 100, b""):
        Path(workspace.database.removeprefix("sqlite:///")).write_bytes(content)
        done = run("grade", "linear", str(submissions))
        assert done.returncode == 3
        assert "Traceback" not in done.stderr


def test_the_lint_tells_where_a_suite_uses_an_unchecked_value(
    run: Run, workspace: Workspace
) -> None:
    """With file, line, expression and remedy, in exit code 1; 0 and nothing for a clean suite."""
    folder = ("--course", str(workspace.folder))
    done = run("lint", *folder)
    assert (done.returncode, done.stdout) == (0, "")
    suite = workspace.folder / "linear" / "hidden"
    (suite / "test_more.py").write_text("def test_it(student):\n    assert student.f() == 1\n")
    done = run("lint", "linear", *folder)
    assert done.returncode == 1
    assert done.stdout.startswith("linear/hidden/test_more.py:2: student.f() == 1: compares what")
    (suite / "test_more.py").write_text("def test_it(student:\n")
    done = run("lint", "linear", *folder)
    assert done.returncode == 2
    assert "test_more.py, line 1" in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    "command",
    [
        *("grade", "report", "grades", "exam", "mark", "override", "roster"),
        *("build", "lint", "certify", "doctor", "images", "demo"),
    ],
)
def test_every_command_shows_an_example_in_its_help(run: Run, command: str) -> None:
    """`autograder COMMAND --help`."""
    done = subprocess.run(
        [sys.executable, "-m", "autograder.cli", command, "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"autograder {command}" in done.stdout.split("Usage", 1)[1].split("\n", 2)[2]
