"""The running course: the active version with its index, kept in memory by each process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pedabot.extensions import db
from pedabot.knowledge import document
from pedabot.knowledge.document import Document
from pedabot.knowledge.search import Index
from pedabot.storage import courses

SECONDS_BETWEEN_CHECKS = 2.0


@dataclass(frozen=True, slots=True)
class RunningCourse:
    """A version in use; ``version_id`` is None for the file of an empty database."""

    version_id: int | None
    document: Document
    index: Index


@lru_cache(maxsize=2)
def _prepare(raw: bytes | str) -> tuple[Document, Index]:
    """Read and index a document; the one before is kept, so that rolling back costs nothing."""
    loaded = document.loads(raw)
    return loaded, Index(loaded)


class CourseCache:
    """Gives the running course; looks for a newly activated version every two seconds."""

    def __init__(self, first_document: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.first_document = first_document
        self.clock = clock
        self._lock = threading.Lock()
        self._running: RunningCourse | None = None
        self._checked_at = float("-inf")

    def current(self) -> RunningCourse:
        """Return the running course, after loading the active version if it is another one.

        Raises:
            InvalidDocumentError: if there is no version yet and the first document is invalid.
        """
        running = self._running
        if running is not None and self.clock() - self._checked_at < SECONDS_BETWEEN_CHECKS:
            return running
        with self._lock:
            return self._refreshed()

    def _refreshed(self) -> RunningCourse:
        version_id = courses.active_version_id()
        if self._running is None or self._running.version_id != version_id:
            self._running = self._load(version_id)
        db.session.commit()  # no transaction stays open while a model is waited for
        self._checked_at = self.clock()
        return self._running

    def _load(self, version_id: int | None) -> RunningCourse:
        version = courses.find_version(version_id) if version_id is not None else None
        raw = self.first_document.read_bytes() if version is None else version.document
        loaded, index = _prepare(raw)
        return RunningCourse(version_id, loaded, index)

    def forget(self) -> None:
        """Look at the database at the next call, whatever the time."""
        self._checked_at = float("-inf")
