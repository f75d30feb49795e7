"""Brings a database to this version's schema, once, however many processes open it together."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from autograder.errors import StoreError
from autograder.store.engine import lock


def migrate(engine: Engine) -> None:
    """Runs the migrations that the database lacks, all in one transaction.

    Raises `StoreError` if a newer version of this program has migrated the database already.
    """
    config = Config()
    config.set_main_option("script_location", "autograder.store:migrations")
    scripts = ScriptDirectory.from_config(config)
    newest = scripts.get_current_head()
    with engine.connect() as connection:
        if MigrationContext.configure(connection).get_current_revision() == newest:
            return
    with lock(engine) as connection:
        # Read again under the lock: another process may have been first.
        revision = MigrationContext.configure(connection).get_current_revision()
        known = {script.revision for script in scripts.walk_revisions()}
        if revision is not None and revision not in known:
            raise StoreError(
                f"{engine.url.render_as_string()}: schema {revision} is newer than {newest}, the "
                f"newest that this version knows; upgrade autograder, or give another --db"
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
