"""The history of the tables ends at the tables of today."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from pedabot import create_app
from pedabot.extensions import db
from pedabot.storage import courses, people, schema
from pedabot.storage.people import Role
from tests.conftest import settings

ROOT = Path(__file__).parents[1]


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


def test_the_history_is_read_as_alembic_reads_it(app: Flask) -> None:
    directory = app.extensions["migrate"].directory
    script = ScriptDirectory(directory)
    assert schema.newest(directory) == script.get_current_head()
    assert schema.revisions(directory) == {step.revision for step in script.walk_revisions()}


def test_a_server_that_only_serves_needs_no_alembic(tmp_path: Path) -> None:
    program = """if True:
        import sys
        from pedabot.cli import starting
        from wsgi import app
        try:
            starting.check_tables(app)
        except starting.NotStartedError as error:
            print(error)
        assert app.test_client().get("/healthz").status_code == 200
        print(sorted({"alembic", "flask_migrate", "mistralai"} & set(sys.modules)))"""
    environ = {**os.environ, **settings(tmp_path), "MISTRAL_API_KEY": "", "MISTRAL_SERVER_URL": ""}
    told = subprocess.run(
        (sys.executable, "-c", program),
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert "flask db upgrade" in told[0] or "flask setup" in told[0]
    assert told[-1] == "[]"


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
