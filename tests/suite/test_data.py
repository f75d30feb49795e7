"""Data sets come as float images in [0, 1] and integer labels, or are refused."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from autograder.errors import SuiteError
from autograder.suite.data import digits, mnist, read_idx
from autograder.suite.files import DATA_FOLDER, MNIST_FILES


def idx(array: np.ndarray) -> bytes:
    """The bytes of an IDX file."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def test_the_digits_are_those_of_scikit_learn() -> None:
    images, labels = digits()
    theirs = load_digits()
    np.testing.assert_array_equal(images, theirs.images / 16)
    np.testing.assert_array_equal(labels, theirs.target)


def test_mnist_is_read_where_a_folder_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compressed or not; without the variable, or with a file missing, there is none."""
    rng = np.random.default_rng(0)
    monkeypatch.delenv(DATA_FOLDER, raising=False)
    assert mnist() is None
    monkeypatch.setenv(DATA_FOLDER, str(tmp_path))
    assert mnist() is None
    pictures = rng.integers(0, 256, (3, 28, 28), dtype=np.uint8)
    labels = np.array([7, 0, 9], dtype=np.uint8)
    for name, array in zip(MNIST_FILES, (pictures, labels, pictures[:2], labels[:2]), strict=True):
        (tmp_path / name).write_bytes(gzip.compress(idx(array)))
    plain = tmp_path / MNIST_FILES[1]
    (tmp_path / MNIST_FILES[1].removesuffix(".gz")).write_bytes(idx(labels))
    plain.unlink()
    found = mnist()
    assert found is not None
    np.testing.assert_array_equal(found[0], pictures)
    np.testing.assert_array_equal(found[1], labels)
    assert found[2].shape == (2, 28, 28)
    assert found[3].dtype == np.int64


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\0\x09\x01\0\0\0\x01x",
        b"\0\0\x08\x01\0\0\0\x02x",
        b"\0\0\x08\x02\0\0\0\x02",
        b"\0\0\x08\x01\xff\xff\xff\xffx",
    ],
)
def test_a_file_that_is_no_idx_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "labels"
    path.write_bytes(content)
    with pytest.raises(SuiteError, match="labels"):
        read_idx(path)
