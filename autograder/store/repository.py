"""The append-only ledger of a course and its secret, in one database."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import SQLAlchemyError

from autograder.core.ledger import Event, decode, encode, key, plain, subject
from autograder.errors import StoreError
from autograder.store.engine import connect, lock
from autograder.store.migration import migrate
from autograder.store.schema import course_secret, events

SECRET_BYTES = 32
PAGE = 200


class Repository:
    """A course's ledger; any number of processes may append to it at once.

    Close it, or use it as a context manager. Open one in each process: none survives a fork.
    Every method raises `StoreError` if the database cannot be used.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._insert = postgresql_insert if engine.dialect.name == "postgresql" else sqlite_insert

    @classmethod
    def open(cls, url: str) -> Self:
        """Connects, creating or upgrading the schema where it is missing or older."""
        engine = connect(url)
        try:
            with _translated(engine):
                migrate(engine)
        except StoreError:
            engine.dispose()
            raise
        return cls(engine)

    def append(self, event: Event) -> bool:
        """Writes the event; False if the ledger has it already. It is on disk when this returns.

        Raises `StoreError` if the event could not be read back, a NaN in it, for example.
        """
        student, assignment = subject(event)
        try:
            payload = encode(event)
        except ValueError as error:
            raise StoreError(
                f"{type(event).__name__} event of {student}: {error}; it was not written"
            ) from error
        row = {
            "key": key(event),
            "student": plain(student),
            "assignment": assignment and plain(assignment),
            "payload": payload,
        }
        insert = self._insert(events).on_conflict_do_nothing(index_elements=["key"])
        with self._writing() as connection:
            return connection.execute(insert.returning(events.c.id), row).first() is not None

    def has(self, key: str) -> bool:
        """Whether an event with this key is in the ledger."""
        with self._reading() as connection:
            return connection.execute(select(events.c.id).filter_by(key=key)).first() is not None

    def events(self, student: str | None = None) -> Iterator[Event]:
        """The events in the order they were written, of one student or of all; flat in memory."""
        query = select(events.c.id, events.c.payload).order_by(events.c.id).limit(PAGE)
        if student is not None:
            query = query.where(events.c.student == plain(student))
        last = 0
        while True:
            with self._reading() as connection:
                rows = connection.execute(query.where(events.c.id > last)).all()
            for last, payload in rows:
                yield self._decoded(last, payload)
            if len(rows) < PAGE:
                return

    def secret(self) -> bytes:
        """The course's secret, 32 random bytes, created at the first call by any process."""
        row = {"id": 1, "value": secrets.token_bytes(SECRET_BYTES)}
        insert = self._insert(course_secret).on_conflict_do_nothing(index_elements=["id"])
        with self._writing() as connection:
            connection.execute(insert, row)
            return bytes(connection.execute(select(course_secret.c.value)).scalar_one())

    def close(self) -> None:
        """Closes the connections."""
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
        with _translated(self._engine), lock(self._engine) as connection:
            yield connection

    def _decoded(self, number: int, payload: str) -> Event:
        try:
            return decode(payload)
        except ValueError as error:
            raise StoreError(
                f"{self._engine.url.render_as_string()}: event {number} cannot be read: {error}; "
                f"was it written by a newer autograder?"
            ) from error


@contextmanager
def _translated(engine: Engine) -> Iterator[None]:
    """Turns the database's errors into `StoreError`, the password left out."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).strip()
        raise StoreError(
            f"{engine.url.render_as_string()}: {cause}; check that the database runs, that its "
            f"folder can be written, and that no other program holds it"
        ) from error
