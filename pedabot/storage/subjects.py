"""Whom the rows of each table are about: what a person's copy holds, and what goes with an account.

A row is about whoever's account it would be deleted with: foreign keys with ON DELETE CASCADE lead
from it to ``users``. Every other table is named in ``OF_NOBODY`` with its reason; a test fills all
tables and fails where one is neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, case, false, or_, select

from pedabot.extensions import db

OF_NOBODY: Mapping[str, str] = {
    "audit": "what was done; who did it, and to whom, becomes nobody, and the address goes",
    "breakers": "models that failed",
    "calls": "calls under way, by process; no account, no text",
    "class_settings": "a class",
    "classes": "a class",
    "comparisons": "two prompts; the author becomes nobody, questions of students have own rows",
    "course_versions": "the course; the author becomes nobody",
    "day_sums": "sums of a day, of a class or of the log",
    "embeddings": "texts of the course, as vectors",
    "prompt_activations": "the tutor's prompt; whoever chose it becomes nobody",
    "prompt_versions": "the tutor's prompt; the author becomes nobody",
    "spending": "sums of a day, a class and a model",
}

UNSHOWN: Mapping[str, frozenset[str]] = {
    "users": frozenset({"password_hash"}),
    "password_links": frozenset({"token_hash"}),
    "sign_ins": frozenset({"token_hash"}),
    "course_versions": frozenset({"document"}),
    "indexed_answers": frozenset({"key", "words"}),
    "predictions": frozenset({"model", "parameters", "prompt_hash", "cause"}),
}
"""Columns that a copy leaves out: secrets, the course as a whole, the index of what the copy says
anyway, and which model was asked how.

The last are about nobody, and no page tells them to students.
"""

OF_THE_ACTOR: Mapping[str, frozenset[str]] = {"audit": frozenset({"actor_id", "address"})}
"""Columns that a copy shows only in rows with the person as ``actor_id``: others have rights too.

Somebody is told when their conversations were read, not from which address, nor by whom by name.
"""

ROWS_AT_ONCE = 200


def rows_about(user_id: int) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    """Yield each table's name with its rows that are about an account or bear its name."""
    for table in db.metadata.sorted_tables:
        unshown = UNSHOWN.get(table.name, frozenset())
        query = (
            select(*(_shown(c, user_id) for c in table.columns if c.name not in unshown))
            .where(or_(is_about(table, user_id), bears_name(table, user_id)))
            .order_by(*table.primary_key)
            .execution_options(yield_per=ROWS_AT_ONCE)
        )
        yield table.name, map(dict, db.session.execute(query).mappings())


def _shown(column: Column[Any], user_id: int) -> ColumnElement[Any]:
    table = column.table
    if column.name in OF_THE_ACTOR.get(table.description, ()):
        return case((table.c.actor_id == user_id, column)).label(column.name)
    return column


def is_about(table: Table, user_id: int) -> ColumnElement[bool]:
    """Return the condition for the rows that go when the account goes."""
    if table.name == "users":
        return table.c.id == user_id
    ways = [
        key.parent.in_(select(key.column).where(is_about(key.column.table, user_id)))
        for key in table.foreign_keys
        if key.ondelete == "CASCADE"
        and key.column.table is not table
        and key.column.table.name not in OF_NOBODY
    ]
    return or_(false(), *ways)


def bears_name(table: Table, user_id: int) -> ColumnElement[bool]:
    """Return the condition for the rows that point at the account itself, and may outlive it."""
    keys = [key.parent for key in table.foreign_keys if key.column.table.name == "users"]
    return or_(false(), *(column == user_id for column in keys))
