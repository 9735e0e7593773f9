"""Backups: made under a running server, verified, rotated; killed at any moment."""

from __future__ import annotations

import multiprocessing
import os
import random
import resource
import sqlite3
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pyrage
import pytest
from flask import Flask

from pedabot import create_app, locks
from pedabot.extensions import db
from pedabot.settings import ConfigurationError
from pedabot.storage import backups, people
from pedabot.storage.backups import BackupError
from pedabot.storage.people import Role
from tests.conftest import settings
from tests.databases import only_sqlite
from tests.storage.backing import NOW, bring_back, content_of, killed_after, seconds_of, unpacked

pytestmark = only_sqlite


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


def test_two_backups_at_once_do_not_meet(database: Path, folder: Path) -> None:
    folder.mkdir()
    with locks.take(folder / "backup.lock"), pytest.raises(BackupError, match="at work"):
        backups.make(database, folder, "", NOW)


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
