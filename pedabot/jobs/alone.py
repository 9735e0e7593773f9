"""One worker for a school, on however many machines: a lock of the database they share."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Connection, Engine, text

LOCK = 0x70656461626F7401
"""A number for ``pg_advisory_lock`` that no other program uses ("pedabot", 1)."""
SECONDS_BETWEEN_LOOKS = 1.0


class OnlyWorker:
    """The right to work on the jobs of a database; PostgreSQL takes it back when we are gone.

    SQLite is the database of one machine, where the file that ``supervise`` locks is enough.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def wait(self, until: Callable[[], bool]) -> bool:
        """Wait until no other worker works; False if ``until`` came first."""
        if self._engine.dialect.name == "sqlite":
            return True
        self._engine.dispose(close=False)  # connections of the process that forked this one
        self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        while not self._connection.scalar(text("SELECT pg_try_advisory_lock(:n)"), {"n": LOCK}):
            if until():
                return False
            time.sleep(SECONDS_BETWEEN_LOOKS)
        return True

    def check(self) -> None:
        """Make sure that the right is still ours.

        Raises:
            OperationalError: if the connection that holds it is gone, and with it the right.
        """
        if self._connection is not None:
            self._connection.execute(text("SELECT 1"))
