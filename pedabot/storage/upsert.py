"""INSERT that bears a row which is there already; SQL itself has no word for it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from pedabot.extensions import Base, db


def insert(table: type[Base]) -> Any:
    """Return the INSERT of the database in use, with its ``on_conflict_...`` methods."""
    inserts = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
    return inserts[db.session.get_bind().dialect.name](table)
