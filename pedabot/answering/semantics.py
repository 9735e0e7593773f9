"""How near a question is in meaning to each page of the course, where a model for it is set.

A help for the search, never a condition: without a key, or whenever the model fails, there is no
likeness and the search ranks by words alone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from hashlib import sha256
from typing import Protocol

import numpy as np
import numpy.typing as npt

from pedabot import turns
from pedabot.answering.outcomes import AnsweringError
from pedabot.extensions import db
from pedabot.knowledge.document import Document, Subtopic, Topic
from pedabot.storage import embeddings

REST_SECONDS = 60.0
"""How long a model that failed is left alone: no question waits for it meanwhile."""

Floats = npt.NDArray[np.float32]
log = logging.getLogger(__name__)


class Embedder(Protocol):
    """Something that turns texts into unit vectors."""

    model: str

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return one row for each text.

        Raises:
            AnsweringError: if they cannot be had.
        """
        ...

    def close(self) -> None:
        """Close all connections."""


class Semantics:
    """Holds the vectors of the running course; one for each process, shared by its threads."""

    def __init__(self, embedder: Embedder | None) -> None:
        self._embedder = embedder
        self._lock = threading.Lock()
        self._pages: tuple[Document, Floats] | None = None
        self._rests_until = float("-inf")

    def likeness(self, document: Document, questions: Sequence[str]) -> Floats | None:
        """Return cosines of shape ``(len(questions), subtopics)``, or None without a model."""
        embedder = self._embedder
        if embedder is None or not questions or time.monotonic() < self._rests_until:
            return None
        try:
            with turns.waiting():
                pages = self._vectors(document, embedder)
                return None if pages is None else embedder.embed(questions) @ pages.T
        except AnsweringError as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            log.warning("search by meaning: %s; by words for %d s", error, REST_SECONDS)
            return None

    def close(self) -> None:
        """Close all connections to the model."""
        if self._embedder is not None:
            self._embedder.close()

    def _vectors(self, document: Document, embedder: Embedder) -> Floats | None:
        """Return the course's vectors; None while another thread is fetching them."""
        if self._pages is not None and self._pages[0] is document:
            return self._pages[1]
        if not self._lock.acquire(blocking=False):
            return None
        try:
            self._pages = (document, _vectors_of(document, embedder))
            return self._pages[1]
        finally:
            self._lock.release()


def _vectors_of(document: Document, embedder: Embedder) -> Floats:
    """Return one row for each subtopic; only texts that are not known yet are embedded."""
    texts = [_text(topic, subtopic) for topic, subtopic in document.subtopics()]
    hashes = [sha256(text.encode()).hexdigest() for text in texts]
    known = embeddings.find_vectors(embedder.model, hashes)
    db.session.commit()  # no transaction stays open while the model is waited for
    missing = {h: text for h, text in zip(hashes, texts, strict=True) if h not in known}
    if missing:
        made = dict(zip(missing, embedder.embed(list(missing.values())), strict=True))
        embeddings.keep_vectors(embedder.model, made)
        known |= made
    return np.array([known[h] for h in hashes], dtype=np.float32)


def _text(topic: Topic, subtopic: Subtopic) -> str:
    """Return what stands for a page: its names, what defines it, and its explanation."""
    parts = [topic.title, subtopic.title, ", ".join(subtopic.aliases), subtopic.summary or ""]
    return "\n".join(part for part in [*parts, *subtopic.key_points, subtopic.content] if part)
