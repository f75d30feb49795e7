"""A connection pool to SQLite or PostgreSQL, set up so that what was acknowledged stays."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from autograder.errors import StoreError

BUSY_SECONDS = 30
"""How long SQLite waits for another process's write; PostgreSQL waits as its server says."""

LEDGER_LOCK = 0x6C6564676572  # "ledger"
"""PostgreSQL's advisory lock that puts writers in a row."""

REMEDY = "give sqlite:///path or postgresql://user@host/name"


def connect(url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql://user@host/name`.

    Raises `StoreError`: another database, an in-memory one, no driver.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(
            f"{re.sub('//.*@', '//***@', url)!r} is not a database URL; {REMEDY}"
        ) from error
    match parsed.get_backend_name():
        case "sqlite":
            return _sqlite(parsed)
        case "postgresql" | "postgres":
            return _postgresql(parsed)
        case other:
            raise StoreError(f"a ledger cannot be kept in {other}; {REMEDY}")


@contextmanager
def lock(engine: Engine) -> Iterator[Connection]:
    """A transaction that no other writer shares: ids are given in the order of commits."""
    with engine.connect() as connection:
        connection = connection.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": LEDGER_LOCK})
            yield connection


def file_of(engine: Engine) -> Path | None:
    """Where an SQLite ledger lies; None of another database."""
    return Path(str(engine.url.database)) if engine.dialect.name == "sqlite" else None


def _sqlite(url: URL) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise StoreError("an in-memory database would lose the grades; give sqlite:///path")
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: object) -> None:
        connection.isolation_level = None  # no BEGIN by the driver: `begin` below sends it
        for pragma in (
            "journal_mode = WAL",  # readers and a writer at once
            # Every commit reaches the disk. NORMAL survives SIGKILL too, but loses the last
            # commits to a power cut; the fsync costs milliseconds, a grading much more.
            "synchronous = FULL",
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))

    return engine


def _postgresql(url: URL) -> Engine:
    try:
        return create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    except ImportError as error:
        raise StoreError(
            "PostgreSQL needs its driver: pip install 'autograder[postgresql]'"
        ) from error
