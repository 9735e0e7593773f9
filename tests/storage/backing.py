"""A database to back up and bring back, and work that is killed at any moment."""

from __future__ import annotations

import gzip
import multiprocessing
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from pedabot.storage import restoring

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
KNOWN = frozenset({"now"})


def fill(database: Path, content: str, rows: int = 2000, revision: str = "now") -> None:
    """Write a database that looks like ours, in which all rows say the same."""
    with closing(sqlite3.connect(database)) as opened:
        opened.execute("PRAGMA journal_mode=WAL")
        opened.execute("CREATE TABLE alembic_version (version_num TEXT)")
        opened.execute("CREATE TABLE notes (content TEXT)")
        opened.execute("INSERT INTO alembic_version VALUES (?)", [revision])
        texts = ([f"{content} {os.urandom(200).hex()}"] for _ in range(rows))
        opened.executemany("INSERT INTO notes VALUES (?)", texts)
        opened.commit()


def content_of(database: Path) -> tuple[int, set[str]]:
    """Return how many rows a whole database has, and what they say."""
    with closing(sqlite3.connect(database)) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = opened.execute("SELECT content FROM notes").fetchall()
    return len(rows), {row[0].split()[0] for row in rows}


def unpacked(backup: Path) -> Path:
    path = backup.parent / "unpacked.db"
    path.write_bytes(gzip.decompress(backup.read_bytes()))
    return path


def bring_back(backup: Path, database: Path, identity: Path | None = None) -> Path | None:
    return restoring.restore(
        backup, database, known=KNOWN, users=[], identity=identity, now=datetime.now(UTC)
    )


def killed_after(seconds: float, work: Callable[[], object]) -> bool:
    """Do work in a process that is killed so much later; tells whether it was still at work."""
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join(seconds)
    at_work = child.is_alive()
    child.kill()
    child.join()
    return at_work


def seconds_of(work: Callable[[], object]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun
