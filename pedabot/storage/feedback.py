"""What students think of the answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pedabot.extensions import Base, db
from pedabot.storage.columns import UtcDateTime, utc_now
from pedabot.storage.conversations import Message


class Feedback(Base):
    """A thumb up or down on an answer, with the reason if one was given."""

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), unique=True
    )
    helpful: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    message: Mapped[Message] = relationship(back_populates="feedback")


def set_feedback(message: Message, helpful: bool, reason: str) -> None:
    """Keep what the student thinks of an answer, in place of an earlier opinion. Commits."""
    feedback = message.feedback or Feedback(message=message)
    feedback.helpful = helpful
    feedback.reason = reason
    feedback.created_at = utc_now()
    db.session.add(feedback)
    db.session.commit()
