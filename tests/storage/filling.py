"""A row in every table, made from the tables' own descriptions: whatever is added is filled too."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from itertools import count
from typing import Any, cast

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    CursorResult,
    Date,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    insert,
)

from pedabot.extensions import db
from pedabot.storage.answer_index import Tokens
from pedabot.storage.columns import UtcDateTime, Word, utc_now
from pedabot.storage.subjects import OF_NOBODY

LONG = 3000
"""How often a mark is repeated where there is room: SQLite gives such a text pages of its own."""

_numbers = count(1)


class Filler:
    """Fills tables; every text that is about somebody begins with a mark of four letters."""

    def __init__(self, shared_mark: str) -> None:
        self._shared = shared_mark
        self._shared_rows: dict[str, Any] = {}

    def fill(self, mark: str) -> int:
        """Make a row about one person in each table that has such rows; returns the account's id.

        What is about nobody is filled once, and bears the first person's name where it may.
        """
        made: dict[str, Any] = dict(self._shared_rows)
        for table in db.metadata.sorted_tables:
            if table.name in self._shared_rows:
                continue
            shared = table.name in OF_NOBODY
            made[table.name] = _add(table, self._shared if shared else mark, made)
            if shared:
                self._shared_rows[table.name] = made[table.name]
        db.session.commit()
        return int(made["users"])


def _add(table: Table, mark: str, made: dict[str, Any]) -> Any:
    values = {
        column.name: _value(column, mark, made)
        for column in table.columns
        if column.foreign_keys or not _counts_itself(column)
    }
    done = cast("CursorResult[Any]", db.session.execute(insert(table).values(values)))
    key = done.inserted_primary_key
    return key[0] if key else None


def _counts_itself(column: Column[Any]) -> bool:
    return column is column.table.autoincrement_column


def _value(column: Column[Any], mark: str, made: dict[str, Any]) -> Any:
    for key in column.foreign_keys:
        return made.get(key.column.table.name)  # None for a row that points at its own table
    number = next(_numbers)
    match column.type:
        case Word():
            return next(iter(cast("type[StrEnum]", column.type.enum)))
        case UtcDateTime():
            return utc_now()
        case Date():
            return date(2026, 9, number % 28 + 1)
        case Boolean():
            return True
        case Float():
            return 0.5
        case Integer():
            return number
        case Tokens():
            return [f"{mark}{number}"] * 2
        case JSON():
            return [{"kind": mark, "mark": mark, "value": f"{mark}{number}"}]
        case LargeBinary():
            return f"{mark}{number}".encode()
        case String():
            return f"{mark}{number}" if column.type.length else f"{mark}{number} " * LONG
    raise TypeError(f"{column} has a type that no test fills: teach it here")
