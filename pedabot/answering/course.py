"""The running course: the active version with its index, kept in memory by each process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pedabot.answering.watching import Watched
from pedabot.knowledge import document
from pedabot.knowledge.document import Document
from pedabot.knowledge.search import Index
from pedabot.storage import courses


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


class CourseCache(Watched[RunningCourse]):
    """Gives the running course; ``first_document`` is read while there is no version yet.

    ``current()`` raises ``InvalidDocumentError`` if that first document is invalid.
    """

    def __init__(self, first_document: Path, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock)
        self.first_document = first_document

    def _active_id(self) -> int | None:
        return courses.active_version_id()

    def _load(self, version_id: int | None) -> RunningCourse:
        version = courses.find_version(version_id) if version_id is not None else None
        raw = self.first_document.read_bytes() if version is None else version.document
        loaded, index = _prepare(raw)
        return RunningCourse(version_id, loaded, index)
