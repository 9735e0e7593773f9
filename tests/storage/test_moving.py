"""All rows from one database to another, or none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import Engine, create_engine, func, make_url, select

from pedabot import create_app
from pedabot.extensions import db
from pedabot.storage import people, postgresql
from pedabot.storage.conversations import Message
from pedabot.storage.people import Role, User
from tests import databases
from tests.conftest import settings
from tests.storage.filling import Filler


@pytest.fixture
def target(tmp_path: Path) -> Iterator[str]:
    """An empty database: on PostgreSQL in the run with services, else a file of SQLite."""
    with databases.empty_database(tmp_path / "target.db") as address:
        yield address


@pytest.fixture
def there(target: str) -> Iterator[Engine]:
    engine = create_engine(postgresql.with_driver(make_url(target)))
    yield engine
    engine.dispose()


@pytest.fixture
def source(tmp_path: Path, migrated_database: Path) -> str:
    """A database of SQLite with a row or two in every table, and one that points ahead."""
    file = tmp_path / "source.db"
    file.write_bytes((migrated_database / "pedabot.db").read_bytes())
    address = f"sqlite:///{file}"
    with opened(address, tmp_path):
        filler = Filler("xxwy")
        filler.fill("vvqz")
        filler.fill("kkjw")
        first, second = db.session.scalars(select(Message).order_by(Message.id)).all()
        first.question_id = second.id
        first.content = "un octet nul : \0"
        db.session.commit()
    return address


@contextmanager
def opened(address: str, folder: Path) -> Iterator[None]:
    """Work with a database as its application does."""
    with create_app(settings(folder, DATABASE_URL=address)).app_context():
        yield
        db.session.remove()
        db.engine.dispose()


def move(runner: FlaskCliRunner, source: str, target: str) -> tuple[int, str]:
    done = runner.invoke(args=["data", "move", source, target])
    return done.exit_code, done.output


def test_every_row_of_every_table_is_there_and_the_next_has_a_number_of_its_own(
    app: Flask, source: str, target: str, there: Engine, tmp_path: Path
) -> None:
    code, said = move(app.test_cli_runner(), source, target)
    assert code == 0, said
    old = create_engine(source)
    with old.connect() as before, there.begin() as after:
        for table in db.metadata.sorted_tables:
            count = select(func.count()).select_from(table)
            rows = before.scalar(count) or 0
            assert after.scalar(count) == rows > 0, table.name
        query = select(Message.content, Message.question_id).order_by(Message.id)
        content, question_id = after.execute(query).first() or ("", None)
        assert content == "un octet nul : \ufffd"
        assert question_id == before.scalar(select(func.max(Message.id)))
    old.dispose()
    with opened(target, tmp_path):
        taken = set(db.session.scalars(select(User.id)))
        assert people.add_user("nouvelle", Role.STUDENT).id not in taken


def test_a_target_with_rows_is_refused_and_left_as_it_is(
    app: Flask, source: str, target: str, there: Engine
) -> None:
    assert move(app.test_cli_runner(), source, target)[0] == 0
    code, said = move(app.test_cli_runner(), source, target)
    assert code == 1
    assert "the target is not empty" in said


def test_what_does_not_fit_leaves_the_target_empty(
    app: Flask, source: str, target: str, there: Engine
) -> None:
    old = create_engine(source)
    with old.connect() as connection:
        # As a program may leave it that does not turn foreign keys on.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("UPDATE memberships SET user_id = 99999 WHERE id = 1")
        connection.commit()
    old.dispose()
    code, said = move(app.test_cli_runner(), source, target)
    assert code == 1
    assert "a row of memberships does not fit the target" in said
    with there.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(User)) == 0


def test_a_file_that_is_not_there_is_not_made(app: Flask, tmp_path: Path, target: str) -> None:
    code, said = move(app.test_cli_runner(), f"sqlite:///{tmp_path}/nothing.db", target)
    assert code == 1
    assert "there is no file" in said
    assert not (tmp_path / "nothing.db").exists()


def test_a_row_that_came_out_different_is_found_and_nothing_is_kept(
    app: Flask, source: str, tmp_path: Path, migrated_database: Path
) -> None:
    file = tmp_path / "spoilt.db"
    file.write_bytes((migrated_database / "pedabot.db").read_bytes())
    spoilt = create_engine(f"sqlite:///{file}")
    with spoilt.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER spoil AFTER INSERT ON classes BEGIN"
            " UPDATE classes SET name = 'BTS' WHERE id = NEW.id; END"
        )
    code, said = move(app.test_cli_runner(), source, f"sqlite:///{file}")
    assert code == 1
    assert "row (1,) of classes came out different" in said
    with spoilt.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(User)) == 0
    spoilt.dispose()
