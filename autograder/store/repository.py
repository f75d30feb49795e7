"""The append-only ledger of a course and its secret, in one database."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import SQLAlchemyError

from autograder.core.ledger import Event, decode, encode, key, plain, subject
from autograder.errors import StoreError
from autograder.store.engine import connect, file_of, lock
from autograder.store.file import LedgerFile, ensure
from autograder.store.migration import migrate
from autograder.store.schema import course_secret, events

SECRET_BYTES = 32
PAGE = 200
RESULT_KEYS = ("graded:", "regraded:", "ungraded:")
"""What the keys of results begin with."""


class Repository:
    """A course's ledger; any number of processes may append to it at once.

    Close it, or use it as a context manager. Open one in each process: none survives a fork.
    Every method raises `StoreError` if the database cannot be used.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        path = file_of(engine)
        self._file = LedgerFile(path) if path else None
        self._insert = postgresql_insert if engine.dialect.name == "postgresql" else sqlite_insert

    @classmethod
    def open(cls, url: str) -> Self:
        """Connects, creating or upgrading the schema where it is missing or older.

        A file that does not exist becomes a new ledger; one too small to be a ledger is refused.
        """
        engine = connect(url)
        try:
            with _translated(engine):
                if path := file_of(engine):
                    ensure(path, lambda fresh: _fill(engine, fresh))
                migrate(engine)
        except StoreError:
            engine.dispose()
            raise
        return cls(engine)

    def append(self, event: Event) -> bool:
        """Writes the event; False if the ledger has it already. It is on disk when this returns.

        Raises `StoreError` if the event could not be read back, a NaN in it, for example.
        """
        return self.append_all([event]) == 1

    def append_all(self, new: Sequence[Event]) -> int:
        """Writes all events, or none where that fails; how many the ledger did not have already."""
        rows = [_row(event) for event in new]
        insert = self._insert(events).on_conflict_do_nothing(index_elements=["key"])
        statement = insert.returning(events.c.id)
        with self._writing() as connection:
            return sum(connection.execute(statement, row).first() is not None for row in rows)

    def has(self, key: str) -> bool:
        """Whether an event with this key is in the ledger."""
        with self._reading() as connection:
            return connection.execute(select(events.c.id).filter_by(key=key)).first() is not None

    def events(self, student: str | None = None, assignment: str | None = None) -> Iterator[Event]:
        """The events in the order they were written, of one student or assignment or of all.

        Flat in memory.
        """
        query = select(events.c.id, events.c.payload).order_by(events.c.id).limit(PAGE)
        if student is not None:
            query = query.where(events.c.student == plain(student))
        if assignment is not None:
            query = query.where(events.c.assignment == plain(assignment))
        last = 0
        while True:
            with self._reading() as connection:
                rows = connection.execute(query.where(events.c.id > last)).all()
            for last, payload in rows:
                yield self._decoded(last, payload)
            if len(rows) < PAGE:
                return

    def secret(self) -> bytes:
        """The course's secret, 32 random bytes, created at the first call by any process.

        Raises `StoreError` where it is missing though something was graded: with another one
        nobody would get the same hidden inputs again.
        """
        row = {"id": 1, "value": secrets.token_bytes(SECRET_BYTES)}
        insert = self._insert(course_secret).on_conflict_do_nothing(index_elements=["id"])
        kept = select(course_secret.c.value)
        graded = select(events.c.id).where(or_(*map(events.c.key.startswith, RESULT_KEYS)))
        with self._writing() as connection:
            if connection.execute(kept).first() is None:
                if connection.execute(graded.limit(1)).first() is not None:
                    raise StoreError(
                        f"{self._engine.url.render_as_string()}: the course's secret is gone, "
                        "though the ledger holds results that were graded with it; put a copy of "
                        "the ledger back that has it"
                    )
                connection.execute(insert, row)
            return bytes(connection.execute(kept).scalar_one())

    def close(self) -> None:
        """Closes the connections; of SQLite, the last one moves the log (`-wal`) into the file."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _translated(self._engine), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        if self._file:
            self._file.check("Nothing was written")
        # What PostgreSQL made of a commit whose connection was lost, nobody knows.
        outcome = "; nothing was written" if self._file else ""
        with _translated(self._engine, outcome), lock(self._engine) as connection:
            yield connection
        if self._file:
            self._file.check("What was written last is lost")

    def _decoded(self, number: int, payload: str) -> Event:
        try:
            return decode(payload)
        except ValueError as error:
            raise StoreError(
                f"{self._engine.url.render_as_string()}: event {number} cannot be read: {error}; "
                f"was it written by a newer autograder?"
            ) from error


def _row(event: Event) -> dict[str, str | None]:
    student, assignment = subject(event)
    try:
        payload = encode(event)
    except ValueError as error:
        raise StoreError(
            f"{type(event).__name__} event of {student}: {error}; it was not written"
        ) from error
    return {
        "key": key(event),
        "student": plain(student),
        "assignment": assignment and plain(assignment),
        "payload": payload,
    }


def _fill(engine: Engine, path: Path) -> None:
    """Make the file, which is empty, a ledger without events."""
    fresh = connect(engine.url.set(database=str(path)).render_as_string())
    try:
        migrate(fresh)
    finally:
        fresh.dispose()


@contextmanager
def _translated(engine: Engine, outcome: str = "") -> Iterator[None]:
    """Turns the database's errors into `StoreError`, the password left out."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).strip()
        raise StoreError(
            f"{engine.url.render_as_string()}: {cause}; check that the database runs, that its "
            f"folder can be written, and that no other program holds it{outcome}"
        ) from error
