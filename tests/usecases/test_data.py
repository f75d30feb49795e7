"""MNIST arrives whole or not at all."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from autograder.errors import DownloadFailed
from autograder.suite.files import MNIST_FILES
from autograder.usecases.data import fetch_mnist

CONTENTS = {name: f"the content of {name}".encode() for name in MNIST_FILES}
CHECKSUMS = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENTS.items()}


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[str]:
    """A web server with the four files."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    for name, content in CONTENTS.items():
        (folder / name).write_bytes(content)
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_four_files_are_fetched_once(mirror: str, tmp_path: Path) -> None:
    """The second time no mirror is needed."""
    folder = tmp_path / "data"
    paths = list(fetch_mnist(folder, mirror, CHECKSUMS))
    assert {path.name: path.read_bytes() for path in paths} == CONTENTS
    assert list(fetch_mnist(folder, "http://127.0.0.1:9", CHECKSUMS)) == paths


def test_a_damaged_file_is_fetched_again(mirror: str, tmp_path: Path) -> None:
    damaged = tmp_path / "data" / MNIST_FILES[1]
    damaged.parent.mkdir()
    damaged.write_bytes(b"half of it")
    list(fetch_mnist(damaged.parent, mirror, CHECKSUMS))
    assert damaged.read_bytes() == CONTENTS[MNIST_FILES[1]]


def test_what_its_checksum_denies_is_refused_and_not_kept(mirror: str, tmp_path: Path) -> None:
    """The message says which file, and what to do."""
    checksums = CHECKSUMS | {MNIST_FILES[2]: "0" * 64}
    with pytest.raises(DownloadFailed, match=rf"{MNIST_FILES[2]}.*--mirror"):
        list(fetch_mnist(tmp_path / "data", mirror, checksums))
    assert not (tmp_path / "data" / MNIST_FILES[2]).exists()


def test_a_mirror_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match=r"http://127\.0\.0\.1:9/train-images"):
        list(fetch_mnist(tmp_path, "http://127.0.0.1:9", CHECKSUMS))
