"""The ledger in a database: SQLite by default, PostgreSQL by URL."""

from autograder.store.repository import Repository

__all__ = ["Repository"]
