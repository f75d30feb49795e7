"""Fetches MNIST, by checksum, for the hidden tests that can use it."""

from collections.abc import Iterator
from pathlib import Path

from requests.exceptions import RequestException

from autograder.errors import DownloadFailed
from autograder.suite.files import MNIST_FILES

MIRROR = "https://storage.googleapis.com/cvdf-datasets/mnist"
CHECKSUMS = dict(
    zip(
        MNIST_FILES,
        (
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
        strict=True,
    )
)
"""SHA-256 of the compressed files."""


def fetch_mnist(
    folder: Path, mirror: str = MIRROR, checksums: dict[str, str] = CHECKSUMS
) -> Iterator[Path]:
    """The four files as they arrive; those that are there and right are kept.

    Raises DownloadFailed where one cannot be had, or is not what its checksum says.
    """
    try:
        import pooch
    except ImportError:
        raise DownloadFailed("downloads need pooch: pip install 'autograder[data]'") from None
    pooch.get_logger().setLevel("ERROR")
    for name, checksum in checksums.items():
        url = f"{mirror.rstrip('/')}/{name}"
        try:
            yield Path(pooch.retrieve(url, f"sha256:{checksum}", fname=name, path=folder))
        except (RequestException, OSError, ValueError) as problem:
            raise DownloadFailed(
                f"{url} could not be fetched to {folder}: {problem}. Try again, name another "
                "mirror with --mirror, or put the file there yourself"
            ) from problem
