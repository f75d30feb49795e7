"""Zip archives, honest and hostile."""

import io
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.submissions.archive import MAX_ENTRIES, unpack
from autograder.submissions.rejection import Refused

CAP = 2**20


def zip_of(
    *files: tuple[str, bytes], mode: int = 0, compression: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """An archive of the files in this order; `mode` is the Unix mode of each."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            entry.compress_type = compression
            with warnings.catch_warnings(action="ignore"):  # of duplicate names
                archive.writestr(entry, content)
    return buffer.getvalue()


def patched(archive: bytes, nth: int, offset: int, value: bytes) -> bytes:
    """The archive with bytes replaced in the nth entry of its central directory."""
    at = -1
    for _ in range(nth + 1):
        at = archive.index(b"PK\x01\x02", at + 1)
    return archive[: at + offset] + value + archive[at + offset + len(value) :]


def with_corrupt_data() -> bytes:
    archive = zip_of(("p1.py", b"x = 1"), compression=zipfile.ZIP_STORED)
    return archive.replace(b"x = 1", b"x = 2")


def with_nul_in_a_name() -> bytes:
    return zip_of(("p1.py", b""), ("aXb.py", b"")).replace(b"aXb.py", b"a\0b.py")


def with_overlapping_entries() -> bytes:
    archive = zip_of(("a.py", b"x = 1"), ("b.py", b"x = 1"))
    return patched(archive, 1, 42, struct.pack("<L", 0))


def with_an_entry_that_quotes_the_next() -> bytes:
    """The data of the first entry hold the header and data of the second."""
    archive = zip_of(("a.py", b"x = 1"), ("b.py", b"x = 1"), compression=zipfile.ZIP_STORED)
    return patched(archive, 0, 20, struct.pack("<LL", 40, 40))


def with_data_that_reach_into_the_directory() -> bytes:
    archive = zip_of(("a.py", b"x = 1"), compression=zipfile.ZIP_STORED)
    return patched(archive, 0, 20, struct.pack("<LL", 10, 10))


def with_an_entry_beyond_the_end() -> bytes:
    return patched(zip_of(("a.py", b"x = 1")), 0, 42, struct.pack("<L", 10_000))


def with_data_cut_short() -> bytes:
    return patched(zip_of(("a.py", b"x = 1"), ("b.py", b"")), 0, 20, struct.pack("<L", 6))


def with_lying_size() -> bytes:
    return patched(zip_of(("p1.py", b"#" * 1000)), 0, 24, struct.pack("<L", 10))


def with_encryption() -> bytes:
    return patched(zip_of(("p1.py", b"x = 1")), 0, 8, struct.pack("<H", 1))


def with_two_names() -> bytes:
    return zip_of(("p1.py", b"x = 1")).replace(b"p1.py", b"p2.py", 1)


HOSTILE: list[tuple[str, Callable[[], bytes], str]] = [
    ("zip slip", lambda: zip_of(("p1.py", b""), ("../x.py", b"")), "does not stay inside"),
    ("absolute name", lambda: zip_of(("/etc/x.py", b"")), "absolute path"),
    ("drive letter", lambda: zip_of(("C:\\x.py", b"")), "absolute path"),
    ("backslash", lambda: zip_of(("..\\x.py", b"")), "backslash"),
    ("NUL", with_nul_in_a_name, "control or invisible"),
    ("newline", lambda: zip_of(("a\nb.py", b"")), "control or invisible"),
    ("right-to-left override", lambda: zip_of(("a\u202ey.py", b"")), "control or invisible"),
    ("ignored file outside", lambda: zip_of(("../.DS_Store", b"")), "does not stay inside"),
    ("symbolic link", lambda: zip_of(("l", b"/etc/passwd"), mode=stat.S_IFLNK | 0o777), "link"),
    ("device", lambda: zip_of(("sda", b""), mode=stat.S_IFBLK | 0o666), "device"),
    ("named pipe", lambda: zip_of(("pipe", b""), mode=stat.S_IFIFO | 0o666), "ordinary file"),
    ("file that is a folder", lambda: zip_of(("d", b""), mode=stat.S_IFDIR), "ordinary file"),
    ("duplicate", lambda: zip_of(("a.py", b"1"), ("a.py", b"2")), "twice"),
    ("case clash", lambda: zip_of(("A.py", b"1"), ("a.py", b"2")), "same on some computers"),
    ("Unicode clash", lambda: zip_of(("é.py", b"1"), ("e\u0301.py", b"2")), "same on some"),
    ("file and folder", lambda: zip_of(("a", b"1"), ("a/b.py", b"2")), "same on some"),
    ("bomb", lambda: zip_of(("p1.py", b"0" * (CAP + 1))), "larger than 1 MB"),
    ("bomb in parts", lambda: zip_of(*((f"{n}", b"0" * (CAP // 2)) for n in range(3))), "larger"),
    ("too many entries", lambda: zip_of(*((f"{n}", b"") for n in range(MAX_ENTRIES + 1))), "1000"),
    ("overlapping entries", with_overlapping_entries, "overlap"),
    ("entry that quotes the next", with_an_entry_that_quotes_the_next, "overlap"),
    ("data in the directory", with_data_that_reach_into_the_directory, "overlap"),
    ("entry beyond the end", with_an_entry_beyond_the_end, "overlap"),
    ("data cut short", with_data_cut_short, "too early or too late"),
    ("lying size", with_lying_size, "checksum or size"),
    ("corrupt data", with_corrupt_data, "checksum or size"),
    ("encrypted", with_encryption, "without a password"),
    ("names that differ", with_two_names, "two headers differ"),
    ("unusual method", lambda: zip_of(("a", b"1"), compression=zipfile.ZIP_LZMA), "unusual method"),
    ("cut short", lambda: zip_of(("p1.py", b"x = 1"))[:-10], "not a zip archive"),
    ("another format", lambda: b"Rar!\x1a\x07\x00" + bytes(100), "not a zip archive"),
    ("empty file", lambda: b"", "not a zip archive"),
]


@pytest.mark.parametrize(
    ("archive", "reason"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE]
)
def test_a_hostile_archive_is_refused_whole_with_the_reason(
    archive: Callable[[], bytes], reason: str
) -> None:
    with pytest.raises(Refused, match=reason) as refused:
        unpack(archive(), CAP)
    assert str(refused.value).isprintable()


def test_names_are_those_in_the_archive_and_ignored_files_are_not_unpacked() -> None:
    archive = zip_of(
        ("hw/", b""),
        ("hw/p1.py", b"x = 1"),
        ("__MACOSX/._p1.py", b"mac"),
        (".git/huge", b"0" * (CAP + 1)),
    )
    assert unpack(archive, CAP) == {"hw/p1.py": b"x = 1"}


def test_exactly_the_cap_is_allowed() -> None:
    assert unpack(zip_of(("zeros.npy", bytes(CAP))), CAP) == {"zeros.npy": bytes(CAP)}


@given(
    st.dictionaries(st.from_regex(r"[a-m]{1,8}\.py", fullmatch=True), st.binary(), max_size=5),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
)
def test_what_was_packed_comes_out(files: dict[str, bytes], compression: int) -> None:
    assert unpack(zip_of(*files.items(), compression=compression), CAP) == files


@given(st.data())
def test_no_damage_raises_anything_but_a_refusal(data: st.DataObject) -> None:
    """Any bytes overwritten anywhere: the files come out, changed or not, or the refusal."""
    archive = bytearray(zip_of(("p1.py", b"x = 1\n" * 20), ("d/", b""), ("d/é.py", b"y")))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(archive) - 4))
        archive[at : at + 4] = data.draw(st.binary(min_size=1, max_size=4))
    try:
        files = unpack(bytes(archive), CAP)
    except Refused as refused:
        assert str(refused).isprintable()
    else:
        assert sum(map(len, files.values())) <= CAP
