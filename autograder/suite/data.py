"""Data sets that hidden tests draw their training and held-out objects from."""

import gzip
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autograder.errors import SuiteError
from autograder.suite.files import mnist_files

Images = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Labels = NDArray[np.int64]


@cache
def digits() -> tuple[Images, Labels]:
    """1,797 scanned digits: images (1797, 8, 8) in [0, 1], labels (1797,).

    They come with scikit-learn, whose import is spared. Raises SuiteError where it is missing.
    """
    spec = find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise SuiteError("the digits come with scikit-learn: pip install 'autograder[data]'")
    path = Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz"
    with gzip.open(path, "rt") as file:
        table = np.loadtxt(file, delimiter=",")
    images = table[:, :-1].reshape(-1, 8, 8) / 16
    images.flags.writeable = False
    return images, table[:, -1].astype(np.int64)


def mnist() -> tuple[Bytes, Labels, Bytes, Labels] | None:
    """Training images (N, 28, 28) of 0 … 255 and labels, then the test split; None without files.

    The files lie in the folder that the variable AUTOGRADER_DATA names, compressed or not. Floats
    of all 70,000 images would take 440 MB: choose some before you scale them.
    Raises SuiteError for a file that is not what its name says.
    """
    files = mnist_files()
    if not files:
        return None
    images, labels, test_images, test_labels = map(read_idx, files)
    for pictures, targets in [(images, labels), (test_images, test_labels)]:
        if pictures.shape != (len(targets), 28, 28) or targets.ndim != 1:
            raise SuiteError(
                f"MNIST in {files[0].parent}: {pictures.shape} images, {targets.shape} labels"
            )
    return images, labels.astype(np.int64), test_images, test_labels.astype(np.int64)


def read_idx(path: Path) -> Bytes:
    """An IDX file of bytes: two zeros, the type 8, the rank, sizes as big-endian int32, data.

    Raises SuiteError. Source of the format: Y. LeCun, The MNIST database of handwritten digits.
    """
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rank = content[3] if len(content) > 3 else 0
    start = 4 + 4 * rank
    if content[:3] != b"\0\0\x08" or len(content) < start:
        raise SuiteError(f"{path} is no IDX file of bytes")
    shape = tuple(np.frombuffer(content, ">i4", rank, 4).tolist())
    if min(shape, default=0) < 0 or int(np.prod(shape)) != len(content) - start:
        raise SuiteError(f"{path} says shape {shape} and holds {len(content) - start} bytes")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
