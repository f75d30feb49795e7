"""Files that attack whoever unpacks or opens them: refused whole, or disarmed; nothing runs."""

import io
import json
import os
import stat
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.core.assignment import Assignment, Limits
from autograder.submissions import files
from autograder.submissions.intake import Submission, read_submission
from autograder.submissions.rejection import Rejection

ASSIGNMENT = Assignment(
    slug="suite",
    title="What is attacked",
    component="practicals",
    folder=Path("suite"),
    requires=("Linear",),
    limits=Limits(upload_mb=1),
)
SOURCE = b"class Linear: pass\n"
ZEROS = bytes(2 * 2**20)
"""More than may be handed in."""
CENTRAL = b"PK\x01\x02"
SIZE, OFFSET = 24, 42
"""Where an entry of the central directory has its inflated size, and the place of its data."""


def zip_of(*names: str, content: bytes = SOURCE, mode: int = 0) -> bytes:
    """An archive of a module, and of files of these names and this Unix mode."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("suite.py", SOURCE)
        for name in names:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            with warnings.catch_warnings(action="ignore"):  # of names that are there twice
                archive.writestr(entry, content)
    return buffer.getvalue()


def with_a_lie(archive: bytes, offset: int, value: int) -> bytes:
    """Another number at this place of the last entry of the central directory."""
    at = archive.rindex(CENTRAL) + offset
    return archive[:at] + struct.pack("<L", value) + archive[at + 4 :]


def tar_of(name: str, kind: bytes) -> bytes:
    """A tar archive of one entry."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname, entry.size = kind, "/etc/passwd", len(SOURCE)
        archive.addfile(entry, io.BytesIO(SOURCE))
    return buffer.getvalue()


def notebook(cells: int = 1, output: dict[str, Any] | None = None) -> bytes:
    """A notebook whose cells have this output."""
    outputs = [{"output_type": "display_data", "metadata": {}, "data": output}] if output else []
    cell = {"cell_type": "code", "source": SOURCE.decode(), "outputs": outputs}
    return json.dumps({"cells": [cell] * cells}).encode()


REFUSED: dict[str, tuple[str, bytes, str]] = {
    "G08-parent": ("x.zip", zip_of("../evil.py"), "does not stay inside"),
    "G08-absolute": ("x.zip", zip_of("/evil.py"), "absolute path"),
    "G08-drive": ("x.zip", zip_of("C:\\evil.py"), "absolute path"),
    "G08-backslash": ("x.zip", zip_of("a\\..\\evil.py"), "backslash"),
    "G08-nul": ("x.zip", zip_of("aXb.py").replace(b"aXb.py", b"a\0b.py"), "control"),
    "G09": ("x.zip", zip_of("x.py", content=b"/etc/passwd", mode=stat.S_IFLNK), "is a link"),
    "G09-through": ("x.zip", zip_of("up", content=b"..", mode=stat.S_IFLNK), "is a link"),
    "G10-device": ("x.zip", zip_of("x.py", mode=stat.S_IFBLK), "a device"),
    "G10-fifo": ("x.zip", zip_of("x.py", mode=stat.S_IFIFO), "a device"),
    "G10-hardlink": ("x.zip", tar_of("x.py", tarfile.LNKTYPE), "not a zip archive"),
    "G10-tar": ("x.tar", tar_of("../evil.py", tarfile.REGTYPE), "cannot be graded"),
    "G11": ("x.zip", zip_of("x.py", content=ZEROS), "larger than 1 MB"),
    "G11-lie": ("x.zip", with_a_lie(zip_of("x.py", content=ZEROS), SIZE, 10), "larger than 1 MB"),
    "G11-overlap": ("x.zip", with_a_lie(zip_of("x.py"), OFFSET, 0), "overlap"),
    "G11-entries": ("x.zip", zip_of(*map(str, range(2000))), "more than 1000 entries"),
    "G11-files": ("x.zip", zip_of("x.zip", content=ZEROS[: 2**20]), "larger than 1 MB"),
    "G12-twice": ("x.zip", zip_of("x.py", "x.py"), "there twice"),
    "G12-case": ("x.zip", zip_of("A.py", "a.py"), "are the same on some"),
    "G12-unicode": ("x.zip", zip_of("\u00e9.py", "e\u0301.py"), "are the same on some"),
    "G12-dot": ("x.zip", zip_of("x.py."), "space or a dot"),
    "G12-space": ("x.zip", zip_of("x.py "), "space or a dot"),
    "G12-device": ("x.zip", zip_of("CON"), "device on Windows"),
    "G12-device-name": ("x.zip", zip_of("aux.py"), "device on Windows"),
    "G12-long": ("x.zip", zip_of("x" * 300), "longer than 255 bytes"),
    "G12-direction": ("x.zip", zip_of("x\u202eyp.py"), "invisible"),
    "G12-emoji": ("x.zip", zip_of("\U0001f600.py"), "emoji"),
    "G12-newline": ("x.zip", zip_of("x\n.py"), "control"),
    "H02": ("x.ipynb", notebook(output={"image/png": ZEROS.hex()}), "Clear the outputs"),
    "H02-cells": ("x.ipynb", notebook(cells=5000), "at most 2000"),
}


@pytest.mark.parametrize("attack", REFUSED)
def test_a_hostile_file_is_refused_whole(tmp_path: Path, attack: str) -> None:
    name, content, reason = REFUSED[attack]
    (tmp_path / name).write_bytes(content)
    refused = read_submission(tmp_path / name, ASSIGNMENT)
    assert isinstance(refused, Rejection)
    assert reason in refused.reason
    assert refused.reason.isprintable()
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("attack", "make"),
    [
        ("G09-folder", lambda path: path.symlink_to("/etc/passwd")),
        ("G09-parent", lambda path: path.symlink_to("..")),
        ("G10-pipe", os.mkfifo),
    ],
)
def test_what_is_no_file_in_a_folder_is_refused(
    tmp_path: Path, attack: str, make: Callable[[Path], None]
) -> None:
    (tmp_path / "suite.py").write_bytes(SOURCE)
    make(tmp_path / "x.py")
    assert isinstance(read_submission(tmp_path, ASSIGNMENT), Rejection)


def test_g10_of_a_program_with_rights_only_the_bytes_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(zip_of("tool", mode=stat.S_IFREG | stat.S_ISUID | 0o777))
    read = read_submission(path, ASSIGNMENT)
    assert isinstance(read, Submission)
    assert {file.name: file.content for file in read.files} == {"suite.py": SOURCE, "tool": SOURCE}
    assert [path.name for path in tmp_path.iterdir()] == ["x.zip"]


def test_g16_a_file_that_becomes_a_link_after_the_folder_was_listed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "suite.py"
    path.write_bytes(SOURCE)

    def swapped(name: str) -> None:
        path.unlink()
        path.symlink_to("/etc/passwd")

    monkeypatch.setattr(files, "check_name", swapped)  # the last look before a file is opened
    refused = read_submission(tmp_path, ASSIGNMENT)
    assert isinstance(refused, Rejection)
    assert "is a link" in refused.reason


def test_g16_what_was_read_stays_as_it_was_checked(tmp_path: Path) -> None:
    path = tmp_path / "suite.py"
    path.write_bytes(SOURCE)
    read = read_submission(path, ASSIGNMENT)
    path.write_bytes(b"import os; os._exit(0)")
    assert isinstance(read, Submission)
    assert read.files[0].content == SOURCE


def test_h04_nothing_of_saved_outputs_is_kept(tmp_path: Path) -> None:
    script = "<script>alert(1)</script>"
    output = {"text/html": script, "application/javascript": script, "image/svg+xml": script}
    path = tmp_path / "x.ipynb"
    path.write_bytes(notebook(output=output | {"text/latex": script}))
    read = read_submission(path, ASSIGNMENT)
    assert isinstance(read, Submission)
    assert [json.loads(file.content) for file in read.files] == [[SOURCE.decode()]]


@pytest.mark.parametrize(
    ("attack", "unpacked"),
    [
        ("G08-parent", {"suite.py": SOURCE, "evil.py": SOURCE}),
        ("G12-twice", {"suite.py": SOURCE, "x.py": SOURCE}),
        ("G11", {"suite.py": SOURCE, "x.py": ZEROS}),
    ],
)
def test_tripwire_the_standard_librarys_unzip_takes_it(
    tmp_path: Path, attack: str, unpacked: dict[str, bytes]
) -> None:
    """A path is renamed, a second file wins in silence, a limit is passed."""
    with zipfile.ZipFile(io.BytesIO(REFUSED[attack][1])) as archive:
        archive.extractall(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == unpacked


def test_tripwire_g10_a_trusting_untar_writes_beside_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    with tarfile.open(fileobj=io.BytesIO(REFUSED["G10-tar"][1])) as archive:
        archive.extractall(folder, filter="fully_trusted")
    assert (tmp_path / "evil.py").read_bytes() == SOURCE
