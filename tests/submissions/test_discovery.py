"""Which submissions the paths on the command line mean."""

from pathlib import Path

import pytest

from autograder.errors import ConfigurationError
from autograder.submissions.discovery import discover


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "lee.zip").touch()
    (tmp_path / "kim.ipynb").touch()
    (tmp_path / "ann.pdf").touch()
    (tmp_path / "bob").mkdir()
    (tmp_path / "bob" / "p1-layers.ipynb").touch()
    (tmp_path / ".DS_Store").touch()
    return tmp_path


def test_a_folder_is_a_folder_of_submissions_sorted_by_student(inbox: Path) -> None:
    assert discover([inbox]) == [
        ("ann.pdf", inbox / "ann.pdf"),
        ("bob", inbox / "bob"),
        ("kim", inbox / "kim.ipynb"),
        ("lee", inbox / "lee.zip"),
    ]


def test_a_file_is_one_submission(inbox: Path) -> None:
    paths = [inbox / "lee.zip", inbox / "kim.ipynb"]
    assert discover(paths) == [("kim", inbox / "kim.ipynb"), ("lee", inbox / "lee.zip")]


def test_what_is_named_twice_is_taken_once(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(inbox)
    assert len(discover([inbox, inbox / "kim.ipynb", Path("kim.ipynb")])) == 4


@pytest.mark.parametrize("other", ["kim.zip", "KIM.py", "kim/p1-layers.ipynb"])
def test_two_submissions_of_one_student_are_not_merged(inbox: Path, other: str) -> None:
    (inbox / other).parent.mkdir(exist_ok=True)
    (inbox / other).touch()
    with pytest.raises(ConfigurationError, match=r"Several submissions of one student.*kim\.ipynb"):
        discover([inbox])


def test_a_link_to_nowhere_is_found_so_that_it_can_be_rejected(inbox: Path) -> None:
    (inbox / "zoe.py").symlink_to("nowhere")
    assert ("zoe", inbox / "zoe.py") in discover([inbox])
    assert discover([inbox / "zoe.py"]) == [("zoe", inbox / "zoe.py")]


def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"Cannot read .*nowhere: No such file"):
        discover([tmp_path / "nowhere"])


def test_nothing_found_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No submissions found"):
        discover([tmp_path])
