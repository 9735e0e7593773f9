"""Texts as vectors, by Mistral's embedding model."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from pedabot.answering.mistral.client import Client
from pedabot.answering.mistral.limits import Limits
from pedabot.answering.mistral.settings import MistralSettings
from pedabot.answering.outcomes import GarbledAnswerError

Vectors = npt.NDArray[np.float32]

BATCH = 32
"""Texts in one request: pages of a course stay far below the 16,000 tokens that it may hold."""


class MistralEmbedder:
    """Embeds texts; one for each process, shared by its threads."""

    def __init__(self, settings: MistralSettings) -> None:
        self._settings = settings
        self._client: Client | None = None
        self.model = settings.model

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, one row for each text, of shape ``(len(texts), dimension)``.

        Raises:
            AnsweringError: whatever the reason for which one of the vectors cannot be had.
        """
        rows = [row for batch in _batches(texts) for row in self._embed_batch(batch)]
        vectors: Vectors = np.array(rows, dtype=np.float32)
        if vectors.ndim != 2 or not np.isfinite(vectors).all():
            raise GarbledAnswerError("embeddings that are no vectors of one length")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True).astype(np.float32)
        unit: Vectors = vectors / np.maximum(lengths, np.float32(1e-12))
        return unit

    def _embed_batch(self, texts: Sequence[str]) -> list[list[float]]:
        settings = self._settings
        if self._client is None:
            self._client = Client(settings)
        with Limits(settings).watch():
            response = self._client.sdk.embeddings.create(
                model=settings.model,
                inputs=list(texts),
                timeout_ms=math.ceil(settings.connect_timeout * 1000),
            )
        rows = [entry.embedding for entry in sorted(response.data, key=lambda e: e.index or 0)]
        if len(rows) != len(texts) or not all(rows):
            raise GarbledAnswerError(f"{len(rows)} embeddings for {len(texts)} texts")
        return rows

    def close(self) -> None:
        """Close all connections; a later text opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            client.http.close()


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), BATCH):
        yield texts[start : start + BATCH]
