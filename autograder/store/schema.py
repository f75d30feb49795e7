"""The tables, as the newest migration leaves them."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

REVISION = "0001"
"""The newest migration."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),  # the order of the ledger
    Column("key", String(100), nullable=False, unique=True),
    Column("student", Text, nullable=False),
    Column("assignment", Text),
    Column("payload", Text, nullable=False),  # the event as JSON: `autograder.core.ledger.decode`
    Index(None, "student", "assignment"),
    sqlite_autoincrement=True,
)

course_secret = Table(
    "course_secret",
    metadata,
    Column(
        "id",
        Integer,
        CheckConstraint("id = 1", name="single"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("value", LargeBinary, nullable=False),
)
