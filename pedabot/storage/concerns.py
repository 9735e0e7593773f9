"""Answers that a teacher should look at: what students report, and what is doubtful."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from pedabot.extensions import Base, db
from pedabot.storage.columns import UtcDateTime, utc_now
from pedabot.storage.conversations import Conversation, Message, State
from pedabot.storage.feedback import Feedback
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


class ToReview(Base):
    """An answer that no teacher has judged, with the sum of its concerns as ``weight``.

    It follows from the answer and what hangs on it; ``following.py`` keeps it up to date. So a list
    of thousands is read from its index, a page at a time.
    """

    __tablename__ = "to_review"
    __table_args__ = (Index(None, "class_id", "weight", "message_id"),)

    message_id: Mapped[int] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True
    )
    class_id: Mapped[int] = mapped_column(ForeignKey("classes.id", ondelete="CASCADE"))
    weight: Mapped[int]

    message: Mapped[Message] = relationship()


def answers_to_review(class_id: int, limit: int, after: Message | None = None) -> list[Concerning]:
    """Return a page of the answers of a class that no teacher has judged, the gravest first.

    Among equals the newest comes first; ``after`` is the last answer of the page before.
    """
    query = select(ToReview).where(ToReview.class_id == class_id)
    if after is not None:
        weight = select(ToReview.weight).where(ToReview.message_id == after.id).scalar_subquery()
        # The first says nothing that the second does not say; it tells an index where to begin.
        query = query.where(
            ToReview.weight <= weight,
            (ToReview.weight < weight)
            | ((ToReview.weight == weight) & (ToReview.message_id < after.id)),
        )
    query = query.order_by(ToReview.weight.desc(), ToReview.message_id.desc()).limit(limit)
    rows = db.session.scalars(query.options(*_SHOWN))
    return [Concerning(row.message, Concern(row.weight)) for row in rows]


_ANSWER = selectinload(ToReview.message)
_SHOWN = (
    _ANSWER.selectinload(Message.question),
    _ANSWER.selectinload(Message.feedback),
    _ANSWER.selectinload(Message.report),
    _ANSWER.selectinload(Message.conversation).selectinload(Conversation.user),
)


def asks_for_review() -> ColumnElement[bool]:
    """Return the condition on ``Message``: an answer of the list."""
    return select(ToReview.message_id).where(ToReview.message_id == Message.id).exists()


def count_to_review(class_id: int) -> int:
    """Return how many answers of a class are in the list."""
    query = select(func.count()).select_from(ToReview).where(ToReview.class_id == class_id)
    return db.session.scalar(query) or 0


def weigh(*which: ColumnElement[bool]) -> None:
    """Bring the list up to date for the messages to which the conditions apply (no commit).

    Without conditions it makes the whole list anew.
    """
    theirs = select(Message.id).where(*which)
    if which:
        # Who changes something else of the same answer waits, and then sees this change.
        db.session.execute(theirs.with_for_update())
    db.session.execute(delete(ToReview).where(ToReview.message_id.in_(theirs)))
    columns = ["message_id", "class_id", "weight"]
    db.session.execute(insert(ToReview).from_select(columns, _concerns(*which)))


def _concerns(*which: ColumnElement[bool]) -> Any:
    """The sum of the concerns of each answer: rows of message, class and weight."""

    def of(concern: Concern) -> Any:
        return (
            select(
                Message.id.label("message_id"),
                Conversation.class_id.label("class_id"),
                literal(concern.value, Integer).label("weight"),
            )
            .join(Message.conversation)
            .outerjoin(Review, Review.message_id == Message.id)
            .where(
                Conversation.class_id.is_not(None),
                *_STANDS,
                Review.id.is_(None),
                *which,
            )
        )

    arms = (
        of(Concern.REPORTED).join(Report, Report.message_id == Message.id),
        of(Concern.RATED_DOWN)
        .join(Feedback, Feedback.message_id == Message.id)
        .where(Feedback.helpful.is_(False)),
        of(Concern.DOUBTFUL).where(cast(Message.unverified, Text) != "[]"),
        of(Concern.OUTSIDE).where(Message.in_scope.is_(False)),
    )
    every = union_all(*arms).subquery()
    weights = select(every.c.message_id, every.c.class_id, func.sum(every.c.weight))
    return weights.group_by(every.c.message_id, every.c.class_id)
