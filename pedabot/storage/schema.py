"""Whether the tables are those of this program."""

from __future__ import annotations

from functools import cache

from alembic.script import ScriptDirectory
from sqlalchemy import Column, MetaData, String, Table, inspect, select
from sqlalchemy.engine import Connection

from pedabot.storage.faults import Fault

_VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32)))


@cache
def _history(directory: str) -> tuple[str, frozenset[str]]:
    """Return the newest revision of a folder of migrations, and all of them."""
    script = ScriptDirectory(directory)
    head = script.get_current_head()
    return head or "", frozenset(step.revision for step in script.walk_revisions())


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
