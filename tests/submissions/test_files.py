"""Copying a submission from disk."""

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autograder.errors import InfrastructureError
from autograder.submissions.files import MAX_FILES, copy, refusal
from autograder.submissions.rejection import Refused

CAP = 1000


@contextmanager
def without_privileges() -> Iterator[None]:
    """Root may read everything, so the test is somebody else meanwhile."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


def test_a_file_is_copied_up_to_the_cap(tmp_path: Path) -> None:
    (path := tmp_path / "kim.py").write_bytes(b"#" * CAP)
    assert copy(path, CAP) == b"#" * CAP
    path.write_bytes(b"#" * (CAP + 1))
    with pytest.raises(Refused, match="larger than"):
        copy(path, CAP)


def test_the_cap_holds_for_all_files_of_a_folder_together(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"#" * (CAP // 2))
    (tmp_path / "b.ipynb").write_bytes(b"#" * (CAP // 2))
    assert set(copy(tmp_path, CAP)) == {"a.py", "b.ipynb"}
    (tmp_path / "b.ipynb").write_bytes(b"#" * (CAP // 2 + 1))
    with pytest.raises(Refused, match="Clear the outputs"):
        copy(tmp_path, CAP)


def test_a_folder_is_copied_without_hidden_files(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.csv").write_text("1")
    (tmp_path / "p1.py").write_text("x = 1")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "big").write_bytes(bytes(CAP + 1))
    (tmp_path / ".link").symlink_to("/etc/passwd")
    assert copy(tmp_path, CAP) == {"data/x.csv": b"1", "p1.py": b"x = 1"}


@pytest.mark.parametrize("target", ["/etc/passwd", ".", "nowhere", "/dev/zero"])
def test_no_link_is_followed(tmp_path: Path, target: str) -> None:
    (link := tmp_path / "kim.py").symlink_to(target)
    with pytest.raises(Refused, match="is a link"):
        copy(link, CAP)
    with pytest.raises(Refused, match="is a link"):
        copy(tmp_path, CAP)


def test_a_named_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "kim.ipynb")
    with pytest.raises(Refused, match="not an ordinary file"):
        copy(pipe, CAP)
    with pytest.raises(Refused, match="not an ordinary file"):
        copy(tmp_path, CAP)


def test_a_device_is_refused() -> None:
    with pytest.raises(Refused, match="not an ordinary file"):
        copy(Path("/dev/zero"), CAP)


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("kim.py")
        with pytest.raises(Refused, match="not an ordinary file"):
            copy(tmp_path / "kim.py", CAP)


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    (path := tmp_path / "kim.py").write_text("x = 1")
    path.chmod(0)
    with without_privileges(), pytest.raises(Refused, match="may not be read"):
        copy(path, CAP)


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.py")).touch()
    with pytest.raises(Refused, match="control or invisible"):
        copy(tmp_path, CAP)


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    for number in range(MAX_FILES + 1):
        (tmp_path / f"{number}").touch()
    with pytest.raises(Refused, match="more than 1000 files"):
        copy(tmp_path, CAP)


def test_a_deep_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.joinpath(*"a" * 17).mkdir(parents=True)
    with pytest.raises(Refused, match="folders deep"):
        copy(tmp_path, CAP)


def test_no_file_stays_open(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "link").symlink_to("/etc/passwd")
    with pytest.raises(Refused):
        copy(tmp_path, CAP)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_submission_that_is_gone_is_nobodys_rejection(tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match=r"Cannot read the submission “kim\.py”"):
        copy(tmp_path / "kim.py", CAP)


@pytest.mark.parametrize("number", [errno.EIO, errno.EMFILE, errno.ENOMEM])
def test_a_failing_disk_is_our_fault(number: int) -> None:
    assert isinstance(refusal(OSError(number, os.strerror(number)), "a"), InfrastructureError)
