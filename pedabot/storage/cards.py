"""When each quiz question is to be asked again: one card for each account and question."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from pedabot.extensions import Base, db
from pedabot.storage.columns import UtcDateTime
from pedabot.storage.people import User
from pedabot.storage.quizzes import Question


class QuizCard(Base):
    """What FSRS remembers of a question: how long it will be known (days), how hard it is (1-10).

    ``question`` is the key of the question as it was asked.
    """

    __tablename__ = "quiz_cards"
    __table_args__ = (Index(None, "user_id", "due_at"),)

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    subtopic: Mapped[str] = mapped_column(String(64), primary_key=True)
    question: Mapped[str] = mapped_column(String(16), primary_key=True)
    stability: Mapped[float]
    difficulty: Mapped[float]
    reviewed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)


def find_card(user: User, question: Question) -> QuizCard | None:
    """Return the card of a question, if the account ever answered it."""
    return db.session.get(QuizCard, (user.id, *question))


def due_cards(user: User, until: datetime) -> list[Question]:
    """Return the questions that are due before a moment, those due longest first."""
    query = select(QuizCard.subtopic, QuizCard.question).where(
        QuizCard.user_id == user.id, QuizCard.due_at < until
    )
    rows = db.session.execute(query.order_by(QuizCard.due_at, QuizCard.question))
    return [(subtopic, key) for subtopic, key in rows]


def next_due(user: User) -> datetime | None:
    """Return when the next question is due; None for an account without any card."""
    return db.session.scalar(select(func.min(QuizCard.due_at)).where(QuizCard.user_id == user.id))
