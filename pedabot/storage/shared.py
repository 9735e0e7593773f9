"""Redis for what is counted many times a second and worth nothing tomorrow.

Only what may be lost is kept there: which calls are under way, which models fail. When Redis is
gone the tables of the same names serve, from nothing; it is asked again after some seconds.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from redis import Redis

SECONDS_TO_ANSWER = 1.0
SECONDS_OF_REST = 5.0
"""A Redis that failed is left alone for so long: no question waits for it meanwhile."""

T = TypeVar("T")
log = logging.getLogger(__name__)


class SharedMemory:
    """A connection to Redis that may fail; one for each process, shared by its threads."""

    def __init__(self, url: str) -> None:
        # Heavy (it reads asyncio), and only for those who have one.
        import redis

        self._failures = (redis.RedisError, OSError)
        self.client: Redis = redis.Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=SECONDS_TO_ANSWER,
            socket_connect_timeout=SECONDS_TO_ANSWER,
        )
        self._rests_until = float("-inf")

    def either(self, here: Callable[[], T], otherwise: Callable[[], T]) -> T:
        """Return what Redis says, or the database while it cannot be reached."""
        if time.monotonic() >= self._rests_until:
            try:
                return here()
            except self._failures as error:
                self._rests_until = time.monotonic() + SECONDS_OF_REST
                kind = type(error).__name__
                log.warning("Redis cannot be reached (%s): the database for %d s", kind, 5)
        return otherwise()

    def answers(self) -> bool:
        """Tell whether Redis is there, for those who look after the server."""
        try:
            return bool(self.client.ping())
        except self._failures:
            return False

    def close(self) -> None:
        """Close all connections."""
        self.client.close()
