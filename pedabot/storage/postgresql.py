"""PostgreSQL as the database of many machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import URL, Connection, Engine, event, text

DRIVER = "postgresql+psycopg"
MIGRATIONS_LOCK = 0x70656461626F7402
"""A number for ``pg_advisory_lock`` that no other program uses ("pedabot", 2)."""
SECONDS_TO_CONNECT = 5
SECONDS_FOR_A_CONNECTION = 30


def with_driver(url: URL) -> URL:
    """Return the address with the driver that is installed: people write ``postgresql://``."""
    return url.set(drivername=DRIVER) if url.drivername in {"postgres", "postgresql"} else url


def engine_options(connections: int) -> dict[str, object]:
    """Return the options of ``create_engine``: so many connections a process, and no more.

    A server of PostgreSQL has 100 of them for all. A thread needs one only while it reads or
    writes, so that those that find none wait for some milliseconds.
    """
    return {
        "pool_size": connections,
        "max_overflow": 0,
        "pool_timeout": SECONDS_FOR_A_CONNECTION,
        "pool_pre_ping": True,
        "connect_args": {"connect_timeout": SECONDS_TO_CONNECT},
    }


@event.listens_for(Engine, "connect")
def _replace_nul(connection: Any, _record: Any) -> None:
    """Store the sign for what cannot be shown in place of NUL, which PostgreSQL has not in texts.

    Leaving it out would make two names the same; refusing it would show an error for each form.
    """
    if hasattr(connection, "adapters"):  # psycopg's
        connection.adapters.register_dumper(str, _nul_free_dumper())


@cache
def _nul_free_dumper() -> type[Any]:
    # Loaded already by who made the connection; without PostgreSQL nobody needs it.
    from psycopg.types.string import StrDumperUnknown

    class NulFreeDumper(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd"))

    return NulFreeDumper


@contextmanager
def in_turn(connection: Connection) -> Iterator[None]:
    """Let other machines wait that would change the tables too; SQLite has no other machine."""
    if connection.dialect.name != "postgresql":
        yield
        return
    connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": MIGRATIONS_LOCK})
    try:
        yield
    finally:
        connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": MIGRATIONS_LOCK})
