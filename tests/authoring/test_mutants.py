"""Mutants are read strictly and applied exactly, or refused with a reason."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.authoring.mutants import Mutant, Replacement, read_mutants
from autograder.authoring.mutants import mutate as mutate_files
from autograder.errors import ConfigurationError

ASSIGNMENTS = Path(__file__).parents[2] / "assignments"
SOLUTIONS = Path(__file__).parents[2] / "solutions"


def mutate(source: str, bug: Mutant) -> str:
    """The bug in a solution that is one module."""
    return mutate_files({"": source}, bug)[""]


def mutant(*replacements: Replacement) -> Mutant:
    return Mutant(id="M1", about="a bug", replace=replacements)


def written(folder: Path, text: str) -> Path:
    path = folder / "mutants.toml"
    path.write_text(text)
    return path


def test_a_mutant_replaces_its_texts_one_after_the_other() -> None:
    bug = mutant(Replacement(old="x + 1", new="x - 1"), Replacement(old="x - 1", new="y"))
    assert mutate("def f(x):\n    return x + 1\n", bug) == "def f(x):\n    return y\n"


def test_a_text_may_be_replaced_at_every_place_when_the_count_says_so() -> None:
    assert mutate("a = 1\nb = 1\n", mutant(Replacement(old="1", new="2", count=2))) == (
        "a = 2\nb = 2\n"
    )


@given(found=st.integers(0, 5), count=st.integers(1, 5))
def test_a_text_that_stands_another_number_of_times_is_refused(found: int, count: int) -> None:
    source, bug = "x = 1\n" * found, mutant(Replacement(old="1", new="2", count=count))
    if found == count:
        assert mutate(source, bug) == "x = 2\n" * found
    else:
        with pytest.raises(ConfigurationError, match=f"M1: .* {found} times .* expected {count}"):
            mutate(source, bug)


def test_a_mutant_that_changes_nothing_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="M1 changes nothing"):
        mutate("x = 1\n", mutant(Replacement(old="x", new="x")))


def test_a_mutant_that_is_no_python_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="M1 is no Python at line 2"):
        mutate("x = 1\ny = 2\n", mutant(Replacement(old="= 2", new="= = 2")))


def test_a_mutant_may_change_another_file_of_the_solution() -> None:
    bug = mutant(Replacement(old="1", new="2", file="metrics.json"))
    files = {"": "x = 1\n", "metrics.json": "[1]"}
    assert mutate_files(files, bug) == {"": "x = 1\n", "metrics.json": "[2]"}
    with pytest.raises(ConfigurationError, match="0 times in metrics"):
        mutate_files({"": "x = 1\n"}, bug)


def test_mutants_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    one = '[[mutant]]\nid = "{}"\nabout = "a"\n[[mutant.replace]]\nold = "x"\nnew = "y"\n'
    mutants = read_mutants(written(tmp_path, one.format("B") + one.format("A")))
    assert [found.id for found in mutants] == ["B", "A"]
    assert mutants[0].replace == (Replacement(old="x", new="y", count=1),)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[mutant]", "not TOML"),
        ('[[mutant]]\nid = "A"\nabout = "a"', r"mutant\[0\]: replace is missing"),
        ('[[mutant]]\nid = "A"\nabout = "a"\nreplaces = []', "unknown field; did you mean replace"),
        ('[[mutant]]\nid = "A"\nabout = "a"\nreplace = []\n' * 2, "more than one .* called A"),
    ],
)
def test_a_wrong_file_is_refused_with_its_path(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=f"(?s)mutants.toml.*{problem}"):
        read_mutants(written(tmp_path, text))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_mutants(tmp_path / "mutants.toml")


@pytest.mark.parametrize("path", sorted(ASSIGNMENTS.glob("*/mutants.toml")), ids=str)
def test_every_mutant_of_the_course_applies_to_its_solution(path: Path) -> None:
    folder = SOLUTIONS / path.parent.name
    module = folder / "solution.py"
    if not module.is_file():  # the project: its module and the claims beside it
        module = folder / "reproduce.py"
    files = {"": module.read_text()}
    files |= {other.name: other.read_text() for other in folder.glob("*.json")}
    made = [mutate_files(files, bug) for bug in read_mutants(path)]
    assert len({str(sorted(each.items())) for each in made}) == len(made) > 0
