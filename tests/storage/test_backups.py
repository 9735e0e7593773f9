"""Backups: made under a running server, verified, rotated, brought back; killed at any moment."""

from __future__ import annotations

import gzip
import multiprocessing
import os
import random
import resource
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pyrage
import pytest
from flask import Flask

from pedabot import create_app, locks
from pedabot.extensions import db
from pedabot.settings import ConfigurationError
from pedabot.storage import backups, people, restoring, sqlite
from pedabot.storage.backups import BackupError
from pedabot.storage.people import Role
from tests.conftest import settings
from tests.databases import only_sqlite

pytestmark = only_sqlite

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


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "instance" / "pedabot.db"
    path.parent.mkdir()
    fill(path, "old")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def bring_back(backup: Path, database: Path, identity: Path | None = None) -> Path | None:
    return restoring.restore(
        backup, database, known=KNOWN, users=[], identity=identity, now=datetime.now(UTC)
    )


def test_a_backup_holds_what_is_committed_while_a_writer_is_at_work(
    database: Path, folder: Path
) -> None:
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("INSERT INTO notes VALUES ('committed')")
        writer.commit()
        writer.execute("INSERT INTO notes VALUES ('under way')")
        made = backups.make(database, folder, "", NOW)
        writer.commit()
    assert made.name == "pedabot-20261125T020000Z.db.gz"
    assert made.stat().st_mode & 0o777 == 0o600
    assert content_of(unpacked(made)) == (2001, {"old", "committed"})
    assert [path.name for path in folder.glob("pedabot-*")] == [made.name]


def test_a_damaged_database_makes_no_backup_and_costs_no_older_one(
    database: Path, folder: Path
) -> None:
    older = backups.make(database, folder, "", NOW)
    with database.open("r+b") as file:
        file.seek(100 * 4096)
        file.write(os.urandom(20 * 4096))
    with pytest.raises(BackupError, match=r"damaged|malformed"):
        backups.make(database, folder, "", NOW + timedelta(days=1))
    assert list(folder.glob("*.gz")) == [older]


def test_an_encrypted_backup_comes_back_with_its_key_alone(
    database: Path, folder: Path, tmp_path: Path
) -> None:
    key, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    made = backups.make(database, folder, str(key.to_public()), NOW)
    assert made.name.endswith(".db.gz.age")
    assert made.read_bytes().startswith(b"age-encryption.org/v1")
    file = tmp_path / "key.txt"
    with pytest.raises(BackupError, match="--identity"):
        bring_back(made, database)
    file.write_text(str(other), encoding="ascii")
    with pytest.raises(BackupError, match="another key"):
        bring_back(made, database, file)
    file.write_text(f"# created today\n{key}\n", encoding="ascii")
    bring_back(made, database, file)
    assert content_of(database) == (2000, {"old"})


def test_a_key_that_is_none_is_refused(database: Path, folder: Path) -> None:
    with pytest.raises(BackupError, match="PEDABOT_BACKUP_RECIPIENT"):
        backups.make(database, folder, "age1nothing", NOW)
    assert not list(folder.glob("*.gz*"))


def test_a_folder_that_cannot_be_written_is_named(database: Path, folder: Path) -> None:
    folder.mkdir(mode=0o700)
    (folder / "backup.lock").mkdir()  # the one thing that stops root, too
    with pytest.raises(BackupError, match=r"cannot be written .*ReadWritePaths"):
        backups.make(database, folder, "", NOW)


def test_the_newest_of_each_day_and_week_are_kept() -> None:
    evening = NOW.replace(hour=20)
    hours = [evening - timedelta(hours=6 * n) for n in range(4 * 60)]
    kept = sorted(backups.kept(hours, days=7, weeks=5), reverse=True)
    today = [moment for moment in kept if moment.date() == NOW.date()]
    assert [moment.hour for moment in today] == [20, 14, 8, 2]  # of before and after an upgrade
    older = kept[4:]
    assert [moment.date() for moment in older[:6]] == [
        NOW.date() - timedelta(days=n) for n in range(1, 7)
    ]
    assert len({moment.isocalendar()[:2] for moment in kept}) == 5
    assert len(older) == 6 + 3  # two of the weeks are those of the days
    assert {moment.hour for moment in older} == {20}  # the last one of its day


def test_a_server_that_was_off_for_months_loses_no_backup() -> None:
    old = [NOW - timedelta(days=200 + n) for n in range(3)]
    assert backups.kept([NOW, *old], days=7, weeks=0) == {NOW, *old}


def test_what_is_no_backup_is_left_alone(database: Path, folder: Path) -> None:
    for days in range(3):
        backups.make(database, folder, "", NOW + timedelta(days=days))
    (folder / "pedabot-notes.txt").touch()
    gone = backups.rotate(folder, days=1, weeks=1)
    assert [path.name[8:16] for path in gone] == ["20261125", "20261126"]
    assert (folder / "pedabot-notes.txt").exists()


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


def test_two_backups_at_once_do_not_meet(database: Path, folder: Path) -> None:
    folder.mkdir()
    with locks.take(folder / "backup.lock"), pytest.raises(BackupError, match="at work"):
        backups.make(database, folder, "", NOW)


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


def test_a_backup_killed_at_any_moment_leaves_whole_ones_only(database: Path, folder: Path) -> None:
    moments = (NOW + timedelta(days=days) for days in range(100))
    took = seconds_of(lambda: backups.make(database, folder, "", next(moments)))
    killed = [
        killed_after(
            random.uniform(0, took * 1.2),
            partial(backups.make, database, folder, "", next(moments)),
        )
        for _ in range(20)
    ]
    assert sum(killed) > 3
    for made in folder.glob("pedabot-*.db.gz"):
        assert content_of(unpacked(made)) == (2000, {"old"}), made
    backups.make(database, folder, "", NOW)
    assert not list(folder.glob(f"{backups.PARTIAL}*"))


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


def test_a_full_disk_costs_no_older_backup(database: Path, folder: Path) -> None:
    older = backups.make(database, folder, "", NOW)

    def with_little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        with pytest.raises(BackupError, match="df -h"):
            backups.make(database, folder, "", NOW + timedelta(days=1))
        os._exit(42)

    child = multiprocessing.get_context("fork").Process(target=with_little_room)
    child.start()
    child.join()
    assert child.exitcode == 42
    assert [path.name for path in folder.iterdir() if path.suffix == ".gz"] == [older.name]
    assert not list(folder.glob(f"{backups.PARTIAL}*"))


@pytest.fixture
def school(app: Flask) -> Flask:
    with app.app_context():
        people.add_user("teacher", Role.TEACHER)
        db.session.commit()
    return app


def run(app: Flask, *args: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=args)
    return result.exit_code, result.output


@only_sqlite
def test_the_commands_bring_back_accounts_that_were_lost(school: Flask) -> None:
    code, output = run(school, "backup")
    assert code == 0, output
    file = output.split()[0]
    with school.app_context():
        people.add_user("later", Role.TEACHER)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    code, output = run(school, "restore", file)
    assert code == 0, output
    assert "is kept in" in output
    with school.app_context():
        assert people.find_user("teacher") is not None
        assert people.find_user("later") is None


def test_on_postgresql_the_commands_name_its_own_tools(tmp_path: Path) -> None:
    url = "postgresql+psycopg://pedabot:hidden@localhost/pedabot"
    app = create_app(settings(tmp_path))
    app.config["DATABASE_URL"] = url
    code, output = run(app, "backup")
    assert code == 1
    assert "pg_dump --format=custom" in output
    assert "hidden" not in output


def test_a_secret_key_in_the_settings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="must not be on this machine"):
        create_app(settings(tmp_path, PEDABOT_BACKUP_RECIPIENT="AGE-SECRET-KEY-1QQ"))
