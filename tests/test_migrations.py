"""The history of the tables ends at the tables of today."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from pedabot import create_app
from pedabot.extensions import db
from pedabot.storage import courses, people
from pedabot.storage.people import Role
from tests.conftest import settings


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return settings(tmp_path)


def _is_described(name: str | None, _kind: str, _parents: Any) -> bool:
    """The index of the search is another one in each database, and made by its migration alone."""
    return name is None or not name.startswith("answer_index")


def test_upgrading_an_empty_database_gives_the_models(app: Flask) -> None:
    with app.app_context():
        upgrade()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"include_name": _is_described})
            assert compare_metadata(context, db.metadata) == []


def test_downgrading_leaves_no_table_but_the_version(app: Flask) -> None:
    with app.app_context():
        upgrade()
        downgrade(revision="base")
        assert inspect(db.engine).get_table_names() == ["alembic_version"]


def test_a_migration_to_and_fro_keeps_the_rows_that_hang_on_others(app: Flask) -> None:
    with app.app_context():
        upgrade()
        teacher = people.add_user("teacher", Role.TEACHER)
        people.add_class("BTS SIO 2", teacher)
        courses.add_version("{}", "first", teacher)
        db.session.commit()
        downgrade(revision="0001")
        upgrade()
        for table in ("users", "classes", "class_settings", "memberships", "course_versions"):
            assert db.session.scalar(db.text(f"SELECT count(*) FROM {table}")) == 1, table
        db.session.remove()


def test_sqlite_is_opened_as_a_server_needs_it(tmp_path: Path) -> None:
    app = create_app(settings(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'pedabot.db'}"))
    with app.app_context():
        pragmas = {
            name: db.session.execute(db.text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "foreign_keys", "secure_delete")
        }
        db.session.remove()
        db.engine.dispose()
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "secure_delete": 1}
