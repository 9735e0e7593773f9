"""The prediction log: one row for each attempt of an engine to answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, false, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pedabot.extensions import Base, db
from pedabot.storage.columns import UtcDateTime, utc_now
from pedabot.storage.comparisons import ComparedAnswer, Side, Step
from pedabot.storage.conversations import Message


class Prediction(Base):
    """An attempt: which engine and model, with what, how long, what it cost, and how it ended.

    ``cost`` is in micro-euros, rounded up; None where the price of the model is not known.
    ``estimated`` tells that the tokens were not counted by the API.

    ``question`` is as it may leave the school, with marks in the place of personal data.
    ``outcome`` and ``cause`` say why it failed; neither holds a key or the question. It belongs to
    a message, or to an answer of a comparison of prompts. Without a ``prompt_version_id`` the
    prompt was that of the file; the hash tells which state of it.
    """

    __tablename__ = "predictions"
    __table_args__ = (Index(None, "created_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int | None] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    compared_id: Mapped[int | None] = mapped_column(
        ForeignKey("compared_answers.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    engine: Mapped[str] = mapped_column(String(32))
    model: Mapped[str] = mapped_column(String(100))
    prompt_hash: Mapped[str] = mapped_column(String(64))
    prompt_version_id: Mapped[int | None] = mapped_column(ForeignKey("prompt_versions.id"))
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    passages: Mapped[list[str]] = mapped_column(JSON)
    question: Mapped[str] = mapped_column(Text, default="", server_default="")
    tokens_in: Mapped[int | None]
    tokens_out: Mapped[int | None]
    estimated: Mapped[bool] = mapped_column(default=False, server_default=false())
    cost: Mapped[int | None] = mapped_column(BigInteger)
    queued_ms: Mapped[int] = mapped_column(default=0, server_default="0")
    first_token_ms: Mapped[int | None]
    duration_ms: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(32), index=True)
    cause: Mapped[str] = mapped_column(String(300), default="")

    message: Mapped[Message | None] = relationship()


@dataclass(frozen=True, slots=True)
class Figures:
    """What some answers took: how many there are, milliseconds on average, tokens, micro-euros.

    Tokens and cost include the tries that failed or were cut off; ``unpriced`` is how many tries
    have no known price. The time is that of a model's whole answers.
    """

    answers: int = 0
    duration_ms: float | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    cost: int = 0
    unpriced: int = 0


def predictions_of(message_ids: list[int]) -> list[Prediction]:
    """Return the attempts behind some answers, oldest first."""
    query = select(Prediction).where(Prediction.message_id.in_(message_ids))
    return list(db.session.scalars(query.order_by(Prediction.id)))


def figures_of(comparison_id: int) -> dict[Side, Figures]:
    """Return what each side of a comparison took."""
    by_model = (Prediction.outcome == "complete") & Prediction.tokens_in.is_not(None)
    query = (
        select(
            ComparedAnswer.side,
            func.count(ComparedAnswer.id.distinct()).filter(ComparedAnswer.step == Step.DONE),
            func.avg(Prediction.duration_ms).filter(by_model),
            func.coalesce(func.sum(Prediction.tokens_in), 0),
            func.coalesce(func.sum(Prediction.tokens_out), 0),
            func.coalesce(func.sum(Prediction.cost), 0),
            func.count().filter(Prediction.cost.is_(None)),
        )
        .join(Prediction, Prediction.compared_id == ComparedAnswer.id)
        .where(ComparedAnswer.comparison_id == comparison_id)
        .group_by(ComparedAnswer.side)
    )
    measured = {side: Figures() for side in Side}
    return measured | {side: Figures(*rest) for side, *rest in db.session.execute(query)}


def compared_predictions(answer_ids: list[int]) -> list[Prediction]:
    """Return the attempts behind some answers of a comparison, oldest first."""
    query = select(Prediction).where(Prediction.compared_id.in_(answer_ids))
    return list(db.session.scalars(query.order_by(Prediction.id)))
