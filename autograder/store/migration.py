"""Brings a database to this version's schema, once, however many processes open it together."""

from sqlalchemy import Engine, inspect, text

from autograder.errors import StoreError
from autograder.store.engine import lock
from autograder.store.schema import REVISION


def migrate(engine: Engine) -> None:
    """Runs the migrations that the database lacks, all in one transaction.

    Raises `StoreError` if this version does not know the database's schema: it is of a newer one.
    """
    if _revision(engine) == REVISION:
        return
    # Slow to import, and needed once in a database's life.
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", "autograder.store:migrations")
    scripts = ScriptDirectory.from_config(config)
    with lock(engine) as connection:
        # Read again under the lock: another process may have been first.
        revision = MigrationContext.configure(connection).get_current_revision()
        known = {script.revision for script in scripts.walk_revisions()}
        if revision is not None and revision not in known:
            raise StoreError(
                f"{engine.url.render_as_string()}: schema {revision!r} is none that this version "
                f"knows; the newest is {REVISION!r}. If a newer autograder has written the ledger, "
                "upgrade this one; else it is damaged: put a copy of it back"
            )
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, REVISION)
        except CommandError as problem:
            raise StoreError(f"{engine.url.render_as_string()}: {problem}") from problem


def _revision(engine: Engine) -> str | None:
    """The migration that the database was brought to; None in a new one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
