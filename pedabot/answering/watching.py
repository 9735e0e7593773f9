"""What all processes share by the database, and each keeps in memory: the active version."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic, TypeVar

from pedabot.extensions import db

SECONDS_BETWEEN_CHECKS = 2.0

T = TypeVar("T")


class Watched(ABC, Generic[T]):
    """Gives what the active version holds; looks for a newly activated one every two seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._lock = threading.Lock()
        self._held: tuple[int | None, T] | None = None
        self._checked_at = float("-inf")

    @abstractmethod
    def _active_id(self) -> int | None:
        """Ask the database which version is active; None if there is none yet."""

    @abstractmethod
    def _load(self, version_id: int | None) -> T:
        """Read a version; without one, what the program comes with."""

    def current(self) -> T:
        """Return what is active, after loading it if it is another version than before."""
        held = self._held
        if held is not None and self.clock() - self._checked_at < SECONDS_BETWEEN_CHECKS:
            return held[1]
        # One looks, the others go on with what they have: they may hold all connections meanwhile.
        if not self._lock.acquire(blocking=held is None):
            assert held is not None  # noqa: S101 - else it would have waited
            return held[1]
        try:
            return self._refreshed()
        finally:
            self._lock.release()

    def _refreshed(self) -> T:
        version_id = self._active_id()
        if self._held is None or self._held[0] != version_id:
            self._held = (version_id, self._load(version_id))
        db.session.commit()  # no transaction stays open while a model is waited for
        self._checked_at = self.clock()
        return self._held[1]

    def forget(self) -> None:
        """Look at the database at the next call, whatever the time."""
        self._checked_at = float("-inf")
