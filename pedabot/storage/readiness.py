"""Whether the database can be used at this moment, and what is about to go wrong."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from pedabot.extensions import db
from pedabot.storage import schema, sqlite
from pedabot.storage.conversations import Message
from pedabot.storage.faults import Fault, fault_of, fault_of_sqlite

PATIENCE_SECONDS = 1.0
ROOM_WANTED = 500_000_000
"""Bytes: below, somebody should make room before SQLite or a backup finds none."""
CLOCK_TOLERANCE = timedelta(minutes=2)
"""Two machines of a school differ by less."""


def database_fault() -> Fault | None:
    """Try to read and to begin a change, on a connection of its own; None if that works."""
    file = sqlite.file_of(db.engine.url)
    if file is not None:
        return _fault_of_file(file)
    try:
        with db.engine.connect() as connection:
            connection.execute(select(1))
    except DBAPIError as error:
        return fault_of(error) or Fault.UNREACHABLE
    return None


def _fault_of_file(file: Path) -> Fault | None:
    address = f"{file.as_uri()}?mode=rw"
    try:
        opened = sqlite3.connect(address, uri=True, timeout=PATIENCE_SECONDS, isolation_level=None)
        with closing(opened):
            opened.execute("BEGIN IMMEDIATE")
            opened.execute("ROLLBACK")
    except sqlite3.Error as error:
        return fault_of_sqlite(error) or Fault.DISK
    return Fault.FULL if shutil.disk_usage(file.parent).free == 0 else None


def tables_fault(migrations: str) -> Fault | None:
    """Tell whether the tables are those of the migrations in a folder."""
    try:
        with db.engine.connect() as connection:
            return schema.fault_in(connection, migrations)
    except DBAPIError as error:
        return fault_of(error) or Fault.UNREACHABLE


def bytes_free() -> int | None:
    """Return the room on the disk of the database; None where it is on a server."""
    file = sqlite.file_of(db.engine.url)
    return None if file is None else shutil.disk_usage(file.parent).free


def behind_by(now: datetime) -> timedelta:
    """Return how far the clock is behind the newest message; nothing if it is not."""
    newest = db.session.scalar(select(Message.created_at).order_by(Message.id.desc()).limit(1))
    db.session.commit()
    return max(newest - now, timedelta(0)) if newest is not None else timedelta(0)
