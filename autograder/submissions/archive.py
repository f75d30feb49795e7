"""Unpacks a zip archive in memory, trusting nothing that the archive says about itself.

The format: APPNOTE.TXT of PKWARE. :mod:`zipfile` reads the central directory only; the data are
inflated here, because every byte must be counted, the end of each stream must be reached, and no
two entries may share bytes (overlapping entries are how small archives hold petabytes).
There is no limit on the compression ratio: the limit on inflated bytes bounds the damage, and
an honest array of zeros shrinks a thousandfold.
"""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable

from autograder.submissions.names import check_distinct, check_name, is_ignored
from autograder.submissions.rejection import Refused, shown, too_large

MAX_ENTRIES = 1000

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_CENTRAL_SIGNATURE = b"PK\x01\x02"
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_UTF8_NAME = 0x0800


def unpack(archive: bytes, cap: int) -> dict[str, bytes]:
    """The relevant files of a zip archive by name; at most `cap` bytes when inflated.

    Raises
    ------
    Refused
        With the whole archive, whichever entry is at fault.
    """
    # Before zipfile builds an object for each of a million entries.
    if archive.count(_CENTRAL_SIGNATURE) > MAX_ENTRIES:
        raise Refused(
            f"The zip archive holds more than {MAX_ENTRIES} entries. Pack only the notebook and "
            "the files it needs, no folders such as .git or .venv."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as directory:
            entries, end = directory.infolist(), directory.start_dir
    except Exception as error:  # whatever zipfile raises, it is these bytes that are wrong
        raise Refused(
            "The file is not a zip archive, or it is damaged. Pack it again as .zip (not .rar, "
            ".7z or .tar) and hand in again."
        ) from error
    for entry in entries:
        _check(entry)
    check_distinct(entry.filename for entry in entries if not entry.is_dir())
    files: dict[str, bytes] = {}
    for entry, data in _layout(archive, entries, end):
        if entry.is_dir() or is_ignored(entry.filename):
            continue
        left = cap - sum(map(len, files.values()))
        content = _inflate(archive[data], entry, left)
        if len(content) > left:
            raise too_large(entry.filename, cap)
        if len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
            raise _damaged(entry.filename, "its checksum or size is wrong")
        files[entry.filename] = content
    return files


def _check(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    for spelling in (entry.orig_filename, name):  # zipfile cuts a name at its first NUL
        check_name(spelling.removesuffix("/"))
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or (kind == stat.S_IFDIR) > entry.is_dir():
        raise Refused(
            f"{shown(name)} in the zip archive is a link or a device, not an ordinary file. "
            "Pack the file itself."
        )
    if entry.flag_bits & _ENCRYPTED:
        raise Refused(f"{shown(name)} in the zip archive is encrypted. Pack it without a password.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(
            f"{shown(name)} in the zip archive is compressed by an unusual method. Pack it with "
            "the ordinary one (“deflate”)."
        )


def _layout(
    archive: bytes, entries: Iterable[zipfile.ZipInfo], end: int
) -> list[tuple[zipfile.ZipInfo, slice]]:
    """Each entry and where its data lie, once it is sure that no byte belongs to two of them.

    `end` is where the central directory begins.
    """
    layout = []
    used = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        at = entry.header_offset
        if not used <= at <= len(archive) - _LOCAL_HEADER.size:
            raise _damaged(entry.filename, "its data overlap with another part")
        signature, name_length, extra_length = _LOCAL_HEADER.unpack_from(archive, at)
        start = at + _LOCAL_HEADER.size + name_length + extra_length
        used = start + entry.compress_size
        if used > end:
            raise _damaged(entry.filename, "its data overlap with another part")
        name = entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF8_NAME else "cp437")
        name_at = at + _LOCAL_HEADER.size
        if signature != b"PK\x03\x04" or archive[name_at : name_at + name_length] != name:
            raise _damaged(entry.filename, "its two headers differ")
        layout.append((entry, slice(start, used)))
    return layout


def _inflate(data: bytes, entry: zipfile.ZipInfo, left: int) -> bytes:
    """The entry's bytes, or `left + 1` of them if there are more."""
    if entry.compress_type == zipfile.ZIP_STORED:
        return data[: left + 1]
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = stream.decompress(data, left + 1)
    except zlib.error as error:
        raise _damaged(entry.filename, "its data cannot be inflated") from error
    if len(content) <= left and (not stream.eof or stream.unused_data):
        raise _damaged(entry.filename, "its data end too early or too late")
    return content


def _damaged(name: str, why: str) -> Refused:
    return Refused(
        f"{shown(name)} in the zip archive is damaged: {why}. Pack the archive again and hand in "
        "again."
    )
