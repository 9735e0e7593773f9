"""Backups brought back: whole or not at all, and what they replace is kept."""

from __future__ import annotations

import gzip
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from pedabot import locks
from pedabot.storage import backups, restoring, sqlite
from pedabot.storage.backups import BackupError
from tests.databases import only_sqlite
from tests.storage.backing import KNOWN, NOW, bring_back, content_of, fill, killed_after, seconds_of

pytestmark = only_sqlite


def test_a_backup_comes_back_and_what_it_replaces_is_kept(database: Path, folder: Path) -> None:
    made = backups.make(database, folder, "", NOW)
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("UPDATE notes SET content = 'new'")
        writer.commit()
    replaced = bring_back(made, database)
    assert content_of(database) == (2000, {"old"})
    assert replaced is not None
    assert content_of(replaced / database.name) == (2000, {"new"})


def test_a_write_ahead_log_of_the_old_database_is_not_read_into_the_new_one(
    database: Path, folder: Path, tmp_path: Path
) -> None:
    made = backups.make(database, folder, "", NOW)
    crashed = tmp_path / "crashed"
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("UPDATE notes SET content = 'new'")
        writer.commit()
        shutil.copytree(database.parent, crashed)  # as a power cut leaves it, with its log
    assert (crashed / "pedabot.db-wal").stat().st_size > 0
    replaced = bring_back(made, crashed / database.name)
    assert content_of(crashed / database.name) == (2000, {"old"})
    assert replaced is not None
    assert content_of(replaced / database.name) == (2000, {"new"})


def test_a_database_too_damaged_to_be_opened_is_replaced_and_kept(
    database: Path, folder: Path
) -> None:
    made = backups.make(database, folder, "", NOW)
    database.write_bytes(b"nothing")
    replaced = bring_back(made, database)
    assert content_of(database) == (2000, {"old"})
    assert replaced is not None
    assert (replaced / database.name).read_bytes() == b"nothing"


def _truncated(backup: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:-1000])


def _flipped(backup: Path) -> None:
    content = bytearray(backup.read_bytes())
    content[len(content) // 2] ^= 0xFF
    backup.write_bytes(content)


def _other_file(backup: Path) -> None:
    backup.write_bytes(gzip.compress(b"a letter, not a database" * 1000))


def _other_database(backup: Path) -> None:
    path = backup.with_suffix(".other")
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("CREATE TABLE notes (content TEXT)")
    backup.write_bytes(gzip.compress(path.read_bytes()))


def _newer(backup: Path) -> None:
    path = backup.with_suffix(".newer")
    fill(path, "new", rows=1, revision="tomorrow")
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("PRAGMA journal_mode=DELETE")
    backup.write_bytes(gzip.compress(path.read_bytes()))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_truncated, "damaged"),
        (_flipped, "damaged"),
        (_other_file, "not a whole database"),
        (_other_database, "not a whole database"),
        (_newer, "newer version"),
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing(
    database: Path, folder: Path, spoil: Callable[[Path], None], reason: str
) -> None:
    made = backups.make(database, folder, "", NOW)
    before = database.read_bytes()
    spoil(made)
    with pytest.raises(BackupError, match=reason):
        bring_back(made, database)
    assert database.read_bytes() == before
    assert {path.name for path in database.parent.iterdir()} == {"pedabot.db", "backup.lock"}


def test_while_a_server_or_a_worker_runs_nothing_is_restored(database: Path, folder: Path) -> None:
    made = backups.make(database, folder, "", NOW)
    lock = sqlite.lock_of(database)
    with locks.take(lock), pytest.raises(restoring.InUseError, match="stop the server"):
        restoring.restore(
            made, database, known=KNOWN, users=[lock], identity=None, now=datetime.now(UTC)
        )


def test_a_restore_killed_at_any_moment_leaves_the_old_or_the_new_database(
    database: Path, folder: Path, tmp_path: Path
) -> None:
    made = backups.make(database, folder, "", NOW)
    crashed, target = tmp_path / "crashed", tmp_path / "target" / database.name
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("UPDATE notes SET content = 'new'")
        writer.commit()
        shutil.copytree(database.parent, crashed)  # with a write-ahead log
    shutil.copytree(crashed, target.parent)
    took = seconds_of(lambda: bring_back(made, target))
    killed = []
    for _ in range(25):
        shutil.rmtree(target.parent)
        shutil.copytree(crashed, target.parent)
        killed.append(
            killed_after(random.uniform(0, took * 1.2), partial(bring_back, made, target))
        )
        assert content_of(target) in [(2000, {"old"}), (2000, {"new"})]
    assert sum(killed) > 3
    bring_back(made, target)
    assert content_of(target) == (2000, {"old"})
