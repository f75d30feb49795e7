"""Batches that run on this machine, told to other terminals by a small file each."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import platformdirs
from msgspec import Struct, field

from autograder.core.results import SubmissionResult
from autograder.sandbox.owner import is_gone, owner_of


class RunningBatch(Struct, kw_only=True):
    """How far a `grade` command is."""

    assignment: str
    database: str
    """The ledger's URL, without a password."""
    isolation: str
    parallel: int
    total: int
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    owner: str = field(default_factory=lambda: owner_of(os.getpid()))
    outcomes: dict[str, int] = field(default_factory=dict)
    """Results so far by outcome."""

    @property
    def done(self) -> int:
        """Results so far."""
        return sum(self.outcomes.values())

    @property
    def killed(self) -> bool:
        """Its process is gone without having said so; the same command continues the batch."""
        return is_gone(self.owner)

    def count(self, result: SubmissionResult) -> None:
        """Tell the others of one more result."""
        outcome = result.outcome.value
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
        self.write()

    def write(self) -> None:
        """Replace its file; where that fails, nobody is told, and the batch goes on."""
        path = self._path()
        fresh = path.with_suffix(".new")
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh.write_bytes(msgspec.json.encode(self))
            fresh.replace(path)

    def remove(self) -> None:
        """Nothing is left to be told."""
        with suppress(OSError):
            self._path().unlink()

    def _path(self) -> Path:
        return _folder() / f"{self.owner.replace('/', '-')}.json"


@contextmanager
def told(batch: RunningBatch) -> Iterator[RunningBatch]:
    """Others see the batch until the context is left; it takes the place of a killed one."""
    for other in running():
        if other.killed and _same(other, batch):
            other.remove()
    batch.write()
    try:
        yield batch
    finally:
        batch.remove()


def running() -> list[RunningBatch]:
    """The batches of this user, the killed ones among them, oldest first."""
    found = []
    for path in _folder().glob("*.json"):
        try:
            found.append(msgspec.json.decode(path.read_bytes(), type=RunningBatch))
        except (OSError, msgspec.DecodeError):  # gone in this moment, or of another version
            continue
    return sorted(found, key=lambda batch: batch.began)


def _same(one: RunningBatch, other: RunningBatch) -> bool:
    return (one.assignment, one.database) == (other.assignment, other.database)


def _folder() -> Path:
    return platformdirs.user_state_path("autograder") / "batches"
