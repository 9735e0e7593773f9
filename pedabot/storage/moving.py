"""All rows from one database to another, such as from SQLite to PostgreSQL: all of them or none.

Both must be at the newest migration, and the target empty. Rows are copied table by table in the
order of the foreign keys, then read again on both sides, compared one by one, and only then kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Table,
    bindparam,
    func,
    insert,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.exc import DataError, IntegrityError

from pedabot.extensions import db

ROWS_AT_ONCE = 500
Row = dict[str, Any]


class MoveError(Exception):
    """The rows cannot be moved; the target is as it was."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A table that was copied and compared; ``digest`` is that of all its rows in order."""

    table: str
    rows: int
    digest: str


def move(source: Engine, target: Engine, tell: Callable[[Moved], None]) -> None:
    """Copy every row, compare each with what it was, and keep them if all are the same.

    One transaction reads a single moment of the source, another holds all of the target: whatever
    ends this before its end, the target stays empty.

    Raises:
        MoveError: if the target has rows, a row does not fit, or one came out different.
    """
    with _snapshot(source) as old, target.begin() as new:
        _check(old, new)
        for table in db.metadata.sorted_tables:
            _copy(table, old, new)
        for table in db.metadata.sorted_tables:
            tell(_compare(table, old, new))
            _set_sequence(table, new)


def _snapshot(engine: Engine) -> Connection:
    """Return a connection whose one transaction sees a single moment of the database."""
    if engine.dialect.name == "sqlite":
        connection = engine.connect()
        connection.exec_driver_sql("BEGIN")
        return connection
    return engine.connect().execution_options(isolation_level="REPEATABLE READ")


def _check(old: Connection, new: Connection) -> None:
    versions = [_version(connection) for connection in (old, new)]
    if versions[0] != versions[1]:
        raise MoveError(
            f"the source is at migration {versions[0]} and the target at {versions[1]}: bring both"
            " to the newest with `flask db upgrade`, and try again"
        )
    for table in db.metadata.sorted_tables:
        if new.execute(select(table).limit(1)).first() is not None:
            raise MoveError(f"the target is not empty (table {table.name}): give an empty database")


def _version(connection: Connection) -> str | None:
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def _copy(table: Table, old: Connection, new: Connection) -> None:
    """Insert all rows; those that point at rows of the same table do so once all are there."""
    own = [c.name for c in table.columns if any(k.column.table is table for k in c.foreign_keys)]
    for rows in _batches(table, old):
        bare = [row | dict.fromkeys(own) for row in rows] if own else rows
        try:
            new.execute(insert(table), bare)
        except (DataError, IntegrityError) as error:
            kind = str(error.orig).splitlines()[0]
            raise MoveError(f"a row of {table.name} does not fit the target: {kind}") from error
    for rows in _batches(table, old) if own else ():
        _point(table, own, rows, new)


def _point(table: Table, own: Sequence[str], rows: Sequence[Row], new: Connection) -> None:
    """Fill the columns that point at rows of the same table."""
    pointing = [row for row in rows if any(row[name] is not None for name in own)]
    if pointing:
        key = [column == bindparam(f"key_{column.name}") for column in table.primary_key]
        keys = [{f"key_{c.name}": row[c.name] for c in table.primary_key} for row in pointing]
        values = [{name: row[name] for name in own} for row in pointing]
        new.execute(
            update(table).where(*key).values({name: bindparam(name) for name in own}),
            [k | v for k, v in zip(keys, values, strict=True)],
        )


def _compare(table: Table, old: Connection, new: Connection) -> Moved:
    digest = sha256()
    total = 0
    for rows in _batches(table, old):
        there = _same_rows(table, rows, new)
        for row in rows:
            hashed = _hash(row)
            if hashed != _hash(there.get(_key(table, row), {})):
                raise MoveError(f"row {_key(table, row)} of {table.name} came out different")
            digest.update(hashed)
        total += len(rows)
    if new.scalar(select(func.count()).select_from(table)) != total:
        raise MoveError(f"{table.name} has more rows in the target than in the source")
    return Moved(table.name, total, digest.hexdigest())


def _batches(table: Table, connection: Connection) -> Iterator[Sequence[Row]]:
    """Yield all rows in the order of their primary key, some at a time."""
    query = select(table).order_by(*table.primary_key)
    with connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query) as result:
        for rows in result.mappings().partitions():
            yield [{name: _storable(value) for name, value in row.items()} for row in rows]


def _same_rows(
    table: Table, rows: Sequence[Row], connection: Connection
) -> Mapping[tuple[Any, ...], Row]:
    """Return the rows of the target that have the keys of these, by key."""
    keys = [_key(table, row) for row in rows]
    found = connection.execute(select(table).where(tuple_(*table.primary_key).in_(keys)))
    return {_key(table, row): row for row in (dict(row) for row in found.mappings())}


def _key(table: Table, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key)


def _storable(value: Any) -> Any:
    """PostgreSQL keeps no NUL in texts: the sign for what cannot be shown takes its place."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def _hash(row: Row) -> bytes:
    """Return a digest of a row's values, with their names."""
    return sha256(json.dumps(row, sort_keys=True, default=repr).encode()).digest()


def _set_sequence(table: Table, connection: Connection) -> None:
    """Let the next row have a number of its own: PostgreSQL does not notice those that came."""
    column = table.autoincrement_column
    if column is None or connection.dialect.name != "postgresql":
        return
    last = connection.scalar(select(func.max(column)))
    sequence = func.pg_get_serial_sequence(table.name, column.name)
    connection.execute(select(func.setval(sequence, last or 1, last is not None)))
