"""Databases for the tests: files of SQLite, or on the servers that ``tests.services`` started.

Each test has one of its own, copied from one that was brought to the newest migration.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
import redis
from flask_migrate import upgrade

from pedabot import create_app
from pedabot.extensions import db
from pedabot.storage.shared import SharedMemory

SERVER = os.environ.get("TEST_DATABASE_URL", "")
REDIS = os.environ.get("TEST_REDIS_URL", "")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
TEMPLATE = f"template_{WORKER}"

only_sqlite = pytest.mark.skipif(bool(SERVER), reason="of SQLite's files: the other run has it")

OF_LONG_LIVED = 8
"""Redis has 16 databases. The server of the browser's tests outlives many a test, and its worker
would take their jobs."""

_numbers = count(1)
_names: dict[Path, str] = {}
_alone: set[Path] = set()


def settings_of(folder: Path) -> dict[str, str]:
    """Return where the application of an instance folder finds its database, and Redis.

    Nothing on SQLite, which is the default. A folder that has no database gets an empty one.
    """
    if not SERVER:
        return {}
    if folder not in _names:
        _names[folder] = _create(_new_name(), "template0")
        _alone.add(folder)
    redis = redis_url(OF_LONG_LIVED if folder in _alone else 0)
    return {"DATABASE_URL": url_of(_names[folder]), "REDIS_URL": redis}


def url_of(name: str) -> str:
    """Return the address of a database on the server of the tests."""
    return f"{SERVER.rpartition('/')[0]}/{name}"


def redis_url(offset: int = 0) -> str:
    """Return the address of the Redis database of this test process, or another of its own."""
    return f"{REDIS.rpartition('/')[0]}/{int(WORKER.removeprefix('gw')) + offset}"


def make_template(folder: Path) -> Path:
    """Bring a database to the newest migration, to be copied for each test; also as a file."""
    _migrate(folder, f"sqlite:///{folder / 'pedabot.db'}")
    if SERVER:
        _migrate(folder, url_of(_create(TEMPLATE, "template0")))
    return folder


def _migrate(folder: Path, address: str) -> None:
    environ = {"FLASK_INSTANCE_PATH": str(folder), "SECRET_KEY": 40 * "s", "DATABASE_URL": address}
    with create_app(environ).app_context():
        upgrade()
        if address.startswith("sqlite"):
            db.session.execute(db.text("PRAGMA wal_checkpoint(TRUNCATE)"))
        db.session.remove()
        db.engine.dispose()


def fresh_instance(folder: Path, template: Path) -> Iterator[Path]:
    """Give an instance folder a copy of the migrated database; drop it after the test."""
    if not SERVER:
        (folder / "pedabot.db").write_bytes((template / "pedabot.db").read_bytes())
        yield folder
        return
    _flush()
    _names[folder] = _create(_new_name(), TEMPLATE)
    yield folder
    _say(f"DROP DATABASE {_names.pop(folder)} WITH (FORCE)")


@contextmanager
def empty_database(file: Path) -> Iterator[str]:
    """Give the address of a database without tables; on SQLite a file that is still to be made."""
    if not SERVER:
        yield f"sqlite:///{file}"
        return
    name = _create(_new_name(), "template0")
    yield url_of(name)
    _say(f"DROP DATABASE {name} WITH (FORCE)")


def shared_memory() -> SharedMemory:
    """Return what the parts that may be in Redis talk to; skips the test where there is none."""
    if not REDIS:
        pytest.skip("without Redis: the run on PostgreSQL and Redis has it")
    _flush()
    return SharedMemory(redis_url())


def lose_queue(instance: Path) -> None:
    """Lose all that was asked of the worker, as if its file or Redis had been replaced."""
    for file in instance.glob("jobs.db*"):
        file.unlink()
    if SERVER:
        _flush()


def _flush() -> None:
    with redis.Redis.from_url(redis_url()) as client:
        client.flushdb()


def _new_name() -> str:
    return f"test_{WORKER}_{next(_numbers)}"


def _create(name: str, template: str) -> str:
    _say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    _say(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    return name


def _say(statement: str) -> None:
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(statement.encode())
