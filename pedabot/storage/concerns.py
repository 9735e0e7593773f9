"""Answers that a teacher should look at: what students report, and what is doubtful."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Integer,
    Select,
    String,
    Text,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from pedabot.extensions import Base, db
from pedabot.storage.columns import UtcDateTime, utc_now
from pedabot.storage.conversations import Conversation, Feedback, Message, State
from pedabot.storage.reviews import Review

REASON_LENGTH = 500
_STANDS = (Message.replaced.is_(False), Message.state.in_((State.COMPLETE, State.STOPPED)))


class Concern(IntFlag):
    """Why an answer is in the list, by weight: each outweighs all below it together."""

    OUTSIDE = 1
    DOUBTFUL = 2
    RATED_DOWN = 4
    REPORTED = 8


class Report(Base):
    """A student tells the teachers that something is wrong with an answer."""

    __tablename__ = "reports"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), unique=True
    )
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    message: Mapped[Message] = relationship(back_populates="report")


@dataclass(frozen=True, slots=True)
class Concerning:
    """An answer of the list, with why it is there."""

    answer: Message
    concerns: Concern


def report(message: Message, reason: str) -> None:
    """Keep what a student reports, in place of an earlier report. Commits."""
    row = message.report or Report(message=message)
    row.reason, row.created_at = reason, utc_now()
    db.session.add(row)
    db.session.commit()


def answers_to_review(class_id: int, limit: int, after: Message | None = None) -> list[Concerning]:
    """Return a page of the answers of a class that no teacher has judged, the gravest first.

    Among equals the newest comes first; ``after`` is the last answer of the page before.
    """
    found = _concerns(class_id)
    query = select(Message, found.c.weight).join(found, found.c.message_id == Message.id)
    if after is not None:
        weight = select(found.c.weight).where(found.c.message_id == after.id).scalar_subquery()
        query = query.where(
            (found.c.weight < weight) | ((found.c.weight == weight) & (Message.id < after.id))
        )
    query = query.order_by(found.c.weight.desc(), Message.id.desc()).limit(limit)
    rows = db.session.execute(query.options(*_SHOWN)).all()
    return [Concerning(message, Concern(int(weight))) for message, weight in rows]


_SHOWN = (
    selectinload(Message.question),
    selectinload(Message.feedback),
    selectinload(Message.report),
    selectinload(Message.conversation).selectinload(Conversation.user),
)


def asks_for_review() -> ColumnElement[bool]:
    """Return the condition on ``Message``: an answer of the list."""
    concern = or_(
        Message.in_scope.is_(False),
        cast(Message.unverified, Text) != "[]",
        select(Report.id).where(Report.message_id == Message.id).exists(),
        Message.feedback.has(Feedback.helpful.is_(False)),
    )
    judged = select(Review.id).where(Review.message_id == Message.id).exists()
    return and_(concern, *_STANDS, ~judged)


def count_to_review(class_id: int) -> int:
    """Return how many answers of a class are in the list."""
    found = _concerns(class_id)
    return db.session.scalar(select(func.count()).select_from(found)) or 0


def _concerns(class_id: int) -> Any:
    """The sum of the concerns of each answer: a table of ``message_id`` and ``weight``."""

    def of(concern: Concern) -> Select[int, int]:
        return (
            select(Message.id.label("message_id"), literal(concern.value, Integer).label("weight"))
            .join(Message.conversation)
            .outerjoin(Review, Review.message_id == Message.id)
            .where(
                Conversation.class_id == class_id,
                *_STANDS,
                Review.id.is_(None),
            )
        )

    arms: Sequence[Select[int, int]] = (
        of(Concern.REPORTED).join(Report, Report.message_id == Message.id),
        of(Concern.RATED_DOWN)
        .join(Feedback, Feedback.message_id == Message.id)
        .where(Feedback.helpful.is_(False)),
        of(Concern.DOUBTFUL).where(cast(Message.unverified, Text) != "[]"),
        of(Concern.OUTSIDE).where(Message.in_scope.is_(False)),
    )
    every = union_all(*arms).subquery()
    return (
        select(every.c.message_id, func.sum(every.c.weight).label("weight"))
        .group_by(every.c.message_id)
        .subquery()
    )
