"""Writers of one process take turns."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import OperationalError

import pedabot.storage.sqlite  # noqa: F401 - registers what is tested

CHANGE = text("INSERT INTO notes VALUES (1)")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path / 'notes.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE notes (number INTEGER)"))
    yield engine
    engine.dispose()


def _impatient(connection: Connection) -> None:
    """Let SQLite refuse at once what it would have to wait for."""
    connection.execute(text("PRAGMA busy_timeout=0"))
    connection.commit()


def test_a_writer_waits_for_another_without_asking_sqlite(engine: Engine) -> None:
    begun = threading.Event()

    def write() -> None:
        with engine.connect() as second:
            _impatient(second)
            begun.set()
            second.execute(CHANGE)
            second.commit()

    with engine.connect() as first, ThreadPoolExecutor() as pool:
        first.execute(CHANGE)
        written = pool.submit(write)
        begun.wait()
        with pytest.raises(TimeoutError):
            written.result(timeout=0.1)  # long enough for SQLite to have refused
        first.commit()
        first.close()
        written.result()
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM notes")) == 2


@pytest.mark.parametrize("end", ["rollback", "close", "invalidate"])
def test_the_turn_ends_with_the_transaction_however_it_ends(engine: Engine, end: str) -> None:
    first = engine.connect()
    first.execute(CHANGE)
    getattr(first, end)()
    first.close()
    with engine.begin() as second:
        second.execute(CHANGE)


def test_a_change_that_fails_gives_the_turn_back(engine: Engine) -> None:
    with pytest.raises(OperationalError), engine.begin() as connection:
        connection.execute(text("INSERT INTO nothing VALUES (1)"))
    with engine.begin() as connection:
        connection.execute(CHANGE)
