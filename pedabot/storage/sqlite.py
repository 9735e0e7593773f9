"""SQLite as a server's database: write-ahead log, foreign keys, patience with locks."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import URL, Engine, event

BUSY_TIMEOUT_MS = 15_000


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


def engine_options(url: URL, threads: int) -> dict[str, object]:
    """Return the options of ``create_engine`` for a file; none for a database in memory."""
    if url.database in {None, "", ":memory:"}:
        return {}
    return {"pool_size": 10, "max_overflow": threads}
