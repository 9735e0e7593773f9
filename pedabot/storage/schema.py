"""Whether the tables are those of this program."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Column, MetaData, String, Table, inspect, select
from sqlalchemy.engine import Connection

from pedabot.storage.faults import Fault

_VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32)))


_STEP = re.compile(r'^(revision|down_revision) = "(\w+)"', re.MULTILINE)


@cache
def _history(directory: str) -> tuple[str, frozenset[str]]:
    """Return the newest revision of a folder of migrations, and all of them.

    They are one line, each file names its own and the one before. To import Alembic and all of them
    for that takes a fifth of a second of each start; ``tests/test_migrations.py`` compares.
    """
    files = (Path(directory) / "versions").glob("*.py")
    steps = [dict(_STEP.findall(file.read_text(encoding="utf-8"))) for file in files]
    known = frozenset(step["revision"] for step in steps)
    (head,) = known - {step.get("down_revision") for step in steps}
    return head, known


def newest(migrations: str) -> str:
    """Return the revision of the tables that this program makes."""
    return _history(migrations)[0]


def revisions(migrations: str) -> frozenset[str]:
    """Return all revisions that this program can read."""
    return _history(migrations)[1]


def revision(connection: Connection) -> str | None:
    """Return the revision of a database; None for one without tables of ours."""
    if not inspect(connection).has_table(_VERSION.name):
        return None
    return connection.scalar(select(_VERSION.c.version_num))


def fault_in(connection: Connection, migrations: str) -> Fault | None:
    """Tell whether the tables are older or newer than the migrations; None where they fit."""
    head, known = _history(migrations)
    found = revision(connection)
    if found == head:
        return None
    return Fault.BEHIND if found is None or found in known else Fault.NEWER
