"""PostgreSQL as the database of many machines."""

from __future__ import annotations

from sqlalchemy import URL

DRIVER = "postgresql+psycopg"
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
