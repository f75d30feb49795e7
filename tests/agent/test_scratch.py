import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.agent.scratch import WORK, _is_empty

RENEW = "import sys; from pathlib import Path; from autograder.agent.scratch import renew\n"

LEAVE: dict[str, Callable[[Path], object]] = {
    "nothing": lambda folder: None,
    "a file at work": lambda folder: (folder / WORK / "file").touch(),
    "a file beside": lambda folder: (folder / "f").touch(),
    "a folder without rights": lambda folder: (
        (folder / "d" / "e").mkdir(parents=True) or (folder / "d").chmod(0)
    ),
    "work without rights": lambda folder: (folder / WORK).chmod(0),
    "a file in place of work": lambda folder: (folder / WORK).rmdir() or (folder / WORK).touch(),
    "no work": lambda folder: (folder / WORK).rmdir(),
    "a link": lambda folder: (folder / "link").symlink_to("/"),
    "a long name": lambda folder: (folder / ("n" * 255)).touch(),
}


@pytest.mark.parametrize("left", LEAVE)
def test_whatever_is_left_the_next_worker_starts_in_an_empty_folder(
    tmp_path: Path, left: str
) -> None:
    (tmp_path / WORK).mkdir()
    LEAVE[left](tmp_path)
    renewed = f"{RENEW}renew(Path(sys.argv[1])); print(Path.cwd())"
    said = subprocess.run(
        [sys.executable, "-c", renewed, tmp_path], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == str(tmp_path / WORK)
    assert [path.name for path in tmp_path.iterdir()] == [WORK]
    assert list((tmp_path / WORK).iterdir()) == []
    assert (tmp_path / WORK).stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["a", "n" * 255])
def test_an_empty_folder_is_told_from_one_with_a_single_name(tmp_path: Path, name: str) -> None:
    assert _is_empty(tmp_path)
    (tmp_path / name).touch()
    assert not _is_empty(tmp_path)


def test_a_folder_that_cannot_be_emptied_ends_the_agent(tmp_path: Path) -> None:
    """Rather than that a worker finds what another has left."""
    kept = tmp_path / "kept"
    kept.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "none", kept], capture_output=True).returncode:
        pytest.skip("only root can mount")
    try:
        said = subprocess.run(
            [sys.executable, "-c", f"{RENEW}renew(Path(sys.argv[1]))", tmp_path],
            capture_output=True,
            text=True,
        )
    finally:
        subprocess.run(["umount", kept], check=True)
    assert said.returncode == 1
    assert f"{os.fspath(tmp_path)} could not be emptied" in said.stderr
