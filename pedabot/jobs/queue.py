"""The queue itself, in a file or in Redis; the only importer of huey, which is slow to read."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huey import Huey, RedisHuey, SqliteHuey, crontab
from huey.api import TaskWrapper
from huey.consumer import Consumer
from huey.serializer import SignedSerializer
from redis import ConnectionPool, RedisError
from sqlalchemy.exc import SQLAlchemyError

NAME = "pedabot"
JOBS_AT_ONCE = 2
SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_TO_STOP = 20.0
SECONDS_FOR_REDIS = 5.0


class Queue:
    """Jobs by name, with their arguments: put there by requests, taken by the worker."""

    def __init__(self, where: Path | str, secret: str) -> None:
        self._huey = _open(where, secret)
        self._tasks: dict[str, TaskWrapper] = {}
        self._consumer: _Consumer | None = None

    def add(self, name: str, function: Callable[..., None]) -> None:
        """Give the function that a name stands for."""
        self._tasks[name] = self._huey.task(name=name)(function)

    def add_daily(self, name: str, hour: int, function: Callable[..., None]) -> TaskWrapper:
        """Give a function that the worker calls each day at an hour (UTC)."""
        return self._huey.periodic_task(crontab(minute="0", hour=str(hour)), name=name)(function)

    def put(self, name: str, *arguments: int | str) -> bool:
        """Ask for a job; False if Redis cannot be reached."""
        try:
            self._tasks[name](*arguments)
        except RedisError:
            return False
        return True

    @property
    def stopping(self) -> bool:
        """Tell whether the worker of this process is asked to end."""
        return self._consumer is not None and self._consumer.stop_flag.is_set()

    def close(self) -> None:
        """Let go of the connection of this thread."""
        self._huey.storage.close()

    def work(self, until: Callable[[], bool], check: Callable[[], None]) -> None:
        """Do the jobs until the process is told to end, ``until`` is true, or a check fails.

        Raises:
            RedisError: if Redis is gone.
            SQLAlchemyError: if a ``check``, once a second, found the database gone. Whoever begins
                anew asks the database what is to be done.
        """
        self._consumer = _Consumer(
            self._huey,
            until,
            check,
            workers=JOBS_AT_ONCE,
            max_delay=SECONDS_BETWEEN_LOOKS,
            graceful_signal="TERM",
            shutdown_timeout=SECONDS_TO_STOP,
        )
        self._consumer.run()
        if self._consumer.failure is not None:
            raise self._consumer.failure


def _open(where: Path | str, secret: str) -> Huey:
    options: dict[str, Any] = {
        "results": False,
        "serializer": SignedSerializer(secret, salt=NAME),
    }
    if isinstance(where, Path):
        return SqliteHuey(NAME, filename=str(where), timeout=15, **options)
    pool = ConnectionPool.from_url(
        where, socket_connect_timeout=SECONDS_FOR_REDIS, socket_timeout=SECONDS_FOR_REDIS
    )
    return RedisHuey(NAME, connection_pool=pool, **options)


class _Consumer(Consumer):
    """Huey's consumer, which also ends by itself where nobody needs it or it cannot go on."""

    def __init__(
        self, huey: Huey, until: Callable[[], bool], check: Callable[[], None], **options: Any
    ) -> None:
        super().__init__(huey, **options)
        self._until = until
        self._check = check
        self._checked_at = time.monotonic()
        self.failure: Exception | None = None

    def loop(self, health_check_ts: float | None = None) -> float | None:
        """Look whether to end; Huey calls this ten times a second."""
        if self._until() or self._has_failed():
            self.stop(graceful=True)
        seen: float | None = super().loop(health_check_ts)
        return seen

    def _has_failed(self) -> bool:
        if time.monotonic() - self._checked_at < SECONDS_BETWEEN_LOOKS:
            return False
        self._checked_at = time.monotonic()
        try:
            self._check()
            self.huey.pending_count()  # asks Redis whether it is there
        except (RedisError, SQLAlchemyError) as error:
            self.failure = error
        return self.failure is not None
