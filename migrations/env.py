"""How Alembic reaches the application's database and tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own column types as what they are in the database."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def include_name(name: str | None, _kind: str, _parents: Any) -> bool:
    """Leave the index of the search to its migration: each database has its own kind."""
    return name is None or not name.startswith("answer_index")


def run() -> None:
    """Run the migrations on the application's database, in one transaction."""
    given = context.config.attributes.get("connection")
    if given is not None:  # another database, which is to be filled
        migrate(given)
        return
    with current_app.extensions["migrate"].db.engine.connect() as connection:
        migrate(connection)


def migrate(connection: Connection) -> None:
    with _tables_may_be_made_anew(connection):
        context.configure(
            connection=connection,
            target_metadata=current_app.extensions["migrate"].db.metadata,
            render_item=render_item,
            include_name=include_name,
            render_as_batch=True,  # SQLite changes a table by making it anew
        )
        with context.begin_transaction():
            context.run_migrations()


@contextmanager
def _tables_may_be_made_anew(connection: Connection) -> Iterator[None]:
    """Let SQLite drop a table whose rows others hang on, and which triggers name.

    The pragmas do nothing inside a transaction, so no migration can do this for itself.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.exec_driver_sql("PRAGMA legacy_alter_table=ON")
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        connection.exec_driver_sql("PRAGMA legacy_alter_table=OFF")
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")


run()
