"""SQLite as a server's database: write-ahead log, foreign keys, patience with locks."""

from __future__ import annotations

import re
import sqlite3
import threading
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, event

BUSY_TIMEOUT_MS = 15_000
_CHANGES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE|VACUUM)\b", re.IGNORECASE)

# SQLite has one writer at a time and lets those who wait look again at growing intervals, so that
# with a hundred of them some never have their turn. Those of a process queue here instead.
_turn_to_write = threading.Lock()
_HOLDS_TURN = "holds_turn_to_write"


@event.listens_for(Engine, "connect")
def _set_pragmas(connection: Any, _record: Any) -> None:
    """Prepare every new connection; other databases are left alone.

    ``synchronous=NORMAL`` with WAL loses nothing when the process dies, and stays consistent when
    the power does (https://www.sqlite.org/pragma.html#pragma_synchronous).
    """
    if not isinstance(connection, sqlite3.Connection):
        return
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "synchronous=NORMAL",
        "secure_delete=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "before_cursor_execute")
def _wait_for_turn(
    connection: Connection,
    _cursor: Any,
    statement: str,
    _parameters: Any,
    _context: Any,
    _many: Any,
) -> None:
    """Take the turn before the first change of a transaction."""
    if connection.dialect.name != "sqlite" or not _CHANGES.match(statement):
        return
    if not connection.info.get(_HOLDS_TURN):
        # Whoever has waited as long as SQLite would have goes on, and hears from SQLite.
        connection.info[_HOLDS_TURN] = _turn_to_write.acquire(timeout=BUSY_TIMEOUT_MS / 1000)


@event.listens_for(Engine, "checkin")
@event.listens_for(Engine, "invalidate")
def _give_turn_back(_dbapi_connection: Any, record: Any, *_reason: Any) -> None:
    """Give the turn back with the connection, which a session returns when a transaction ends."""
    if record.info.pop(_HOLDS_TURN, False):
        _turn_to_write.release()


def engine_options(url: URL, connections: int) -> dict[str, object]:
    """Return the options of ``create_engine`` for a file; none for a database in memory."""
    if url.database in {None, "", ":memory:"}:
        return {}
    return {"pool_size": 10, "max_overflow": connections}


def file_of(url: URL) -> Path | None:
    """Return the file of a database; None for one in memory, or on a server."""
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return None
    return Path(str(url.database).removeprefix("file:")).absolute()


def lock_of(database: Path) -> Path:
    """Return the file that the one server of a database keeps locked."""
    return database.with_name(f"{database.name}.lock")
