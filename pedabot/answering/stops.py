"""Which answers their students want stopped."""

from __future__ import annotations

import threading
import time

from pedabot.extensions import db
from pedabot.storage import conversations
from pedabot.storage.patience import unless_away

SECONDS_BETWEEN_LOOKS = 0.3


class StopWatch:
    """Knows which answers are to be stopped: one query for all the answers of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._ids: set[int] = set()

    def requested(self, message_id: int) -> bool:
        """Tell whether the student wants this answer stopped."""
        if self._is_time():
            with self._lock:
                if self._is_time():  # no other thread has looked meanwhile
                    self._ids = unless_away(_requested, self._ids)
                    self._looked_at = time.monotonic()
        return message_id in self._ids

    def _is_time(self) -> bool:
        return time.monotonic() - self._looked_at >= SECONDS_BETWEEN_LOOKS


def _requested() -> set[int]:
    ids = conversations.stops_requested()
    db.session.commit()
    return ids
