"""Vectors of texts, kept by the hash of their content: unchanged text is never embedded again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
from sqlalchemy import LargeBinary, String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from pedabot.extensions import Base, db

Vector = npt.NDArray[np.float32]


class Embedding(Base):
    """The vector that a model gives for a text of the course, as little-endian float32."""

    __tablename__ = "embeddings"

    model: Mapped[str] = mapped_column(String(80), primary_key=True)
    text_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


def find_vectors(model: str, hashes: Iterable[str]) -> dict[str, Vector]:
    """Return the vectors that are known, by the hash of their text."""
    query = select(Embedding.text_hash, Embedding.vector).where(
        Embedding.model == model, Embedding.text_hash.in_(list(hashes))
    )
    return {text_hash: np.frombuffer(raw, "<f4") for text_hash, raw in db.session.execute(query)}


def keep_vectors(model: str, vectors: Mapping[str, Vector]) -> None:
    """Keep vectors by the hash of their text. Commits."""
    for text_hash, vector in vectors.items():
        raw = vector.astype("<f4").tobytes()
        db.session.add(Embedding(model=model, text_hash=text_hash, vector=raw))
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()  # another process was quicker with the same vectors
