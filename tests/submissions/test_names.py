"""Which file names are safe, distinct and relevant."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.submissions.names import (
    check_distinct,
    check_name,
    is_ignored,
    student_of,
    without_common_folder,
)
from autograder.submissions.rejection import Refused, printable, shown


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../evil.py", "does not stay inside"),
        ("a/../../evil.py", "does not stay inside"),
        ("a/./b.py", "does not stay inside"),
        ("a//b.py", "does not stay inside"),
        ("", "does not stay inside"),
        ("/etc/passwd", "absolute path"),
        ("C:\\evil.py", "absolute path"),
        ("C:evil.py", "absolute path"),
        ("..\\evil.py", "backslash"),
        ("a\0b.py", "control or invisible"),
        ("a\nb.py", "control or invisible"),
        ("a\x1b[31m.py", "control or invisible"),
        ("a\u202eyp.exe", "control or invisible"),
        ("a\ud800.py", "control or invisible"),
        ("🎉.py", "emoji"),
        ("a.py ", "space or a dot"),
        ("folder./a.py", "space or a dot"),
        ("CON", "device"),
        ("aux.py", "device"),
        ("data/com1.tar.gz", "device"),
        ("я" * 150 + ".py", "longer than 255 bytes"),
        ("/".join(["f" * 200] * 8), "longer than 1024 bytes"),
        ("/".join("a" * 17), "folders deep"),
    ],
)
def test_an_unsafe_name_is_refused_with_the_reason(name: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason) as refused:
        check_name(name)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    "name", ["p1.ipynb", "p1 (1).ipynb", "Домашка №1.py", "src/model/__init__.py", "console.py"]
)
def test_an_ordinary_name_is_accepted(name: str) -> None:
    check_name(name)


@given(st.text())
def test_an_accepted_name_stays_inside_and_can_be_printed(name: str) -> None:
    try:
        check_name(name)
    except Refused as refused:
        assert str(refused).isprintable()
    else:
        path = PurePosixPath(name)
        assert not path.is_absolute()
        assert ".." not in path.parts
        assert str(path) == name
        assert len(name.encode()) <= 1024
        assert printable(name) in (name, name.replace("\xa0", "\\xa0")) or not name.isprintable()


@given(st.text(max_size=300))
def test_what_is_shown_of_a_name_is_short_and_printable(name: str) -> None:
    assert shown(name).isprintable()
    assert len(shown(name)) <= 83


@pytest.mark.parametrize(
    "names",
    [
        ("a.py", "a.py"),
        ("a.py", "A.PY"),
        ("straße.py", "STRASSE.py"),
        ("é.py", "e\u0301.py"),
        ("src/a.py", "Src/b.py"),
        ("a", "a/b.py"),
        ("A/b.py", "a"),
    ],
)
def test_names_that_are_one_file_on_some_computers_are_refused(names: tuple[str, ...]) -> None:
    for order in (names, names[::-1]):
        with pytest.raises(Refused, match=r"twice|same on some"):
            check_distinct(order)


def test_names_in_shared_folders_are_distinct() -> None:
    check_distinct(["src/a.py", "src/b.py", "src/data/a.py", "a.py"])


@pytest.mark.parametrize(
    "name",
    [
        ".DS_Store",
        "hw/.git/config",
        ".ipynb_checkpoints/p1-checkpoint.ipynb",
        "__MACOSX/._p1.ipynb",
        "__pycache__/a.pyc",
        "__zip_filename__",
        ".OTTER_LOG",
        "p1.otter",
        "report.PDF",
    ],
)
def test_what_never_reaches_student_code_is_ignored(name: str) -> None:
    assert is_ignored(name)


@pytest.mark.parametrize("name", ["p1.ipynb", "helper.py", "data/weights.npz", "notes.txt"])
def test_code_and_data_are_not_ignored(name: str) -> None:
    assert not is_ignored(name)


def test_folders_that_all_files_share_are_taken_off() -> None:
    assert without_common_folder(["hw/ivan/p1.ipynb", "hw/ivan/data/x.npy"]) == {
        "hw/ivan/p1.ipynb": "p1.ipynb",
        "hw/ivan/data/x.npy": "data/x.npy",
    }
    assert without_common_folder(["a/p1.ipynb", "b/x.npy"]) == {
        "a/p1.ipynb": "a/p1.ipynb",
        "b/x.npy": "b/x.npy",
    }
    assert without_common_folder([]) == {}


def test_a_student_is_named_by_the_file_or_folder() -> None:
    assert student_of(PurePosixPath("in/kim.ipynb")) == "kim"
    assert student_of(PurePosixPath("in/kim.lee.ZIP")) == "kim.lee"
    assert student_of(PurePosixPath("in/kim.lee")) == "kim.lee"
    assert student_of(PurePosixPath("in/kim\udcff\n.py")) == "kim\\udcff\\n"
