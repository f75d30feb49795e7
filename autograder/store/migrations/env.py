"""Runs the migrations on the connection, and in the transaction, of `store.migration`."""

from alembic import context

from autograder.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
