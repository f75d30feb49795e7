"""Migrations of the ledger's schema."""

from alembic.config import Config
from alembic.script import ScriptDirectory

from autograder.store.schema import REVISION


def test_the_revision_that_skips_migrating_is_the_newest_migration() -> None:
    """Else a new migration would never reach a database."""
    config = Config()
    config.set_main_option("script_location", "autograder.store:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == REVISION
