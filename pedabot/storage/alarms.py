"""Messages of distress: a discreet line for the teachers, until one of them has taken note."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from pedabot.extensions import Base, db
from pedabot.knowledge.distress import Distress
from pedabot.storage.columns import UtcDateTime, Word, utc_now
from pedabot.storage.conversations import Conversation, Message
from pedabot.storage.people import User

SHOWN = 5


class Alarm(Base):
    """An answer that gave the numbers to call, and which teacher has taken note of it."""

    __tablename__ = "alarms"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), unique=True
    )
    kind: Mapped[Distress] = mapped_column(Word(Distress))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    dismissed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dismissed_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )

    message: Mapped[Message] = relationship()


# Every page of a class looks for the few that are open.
Index(
    "ix_alarms_open",
    Alarm.id,
    sqlite_where=Alarm.dismissed_at.is_(None),
    postgresql_where=Alarm.dismissed_at.is_(None),
)


def open_alarms(class_id: int) -> Sequence[Alarm]:
    """Return the newest alarms of a class of which no teacher has taken note."""
    in_class = Message.conversation.has(Conversation.class_id == class_id)
    query = (
        select(Alarm)
        .where(Alarm.dismissed_at.is_(None), Alarm.message.has(in_class))
        .options(
            selectinload(Alarm.message)
            .selectinload(Message.conversation)
            .selectinload(Conversation.user)
        )
        .order_by(Alarm.id.desc())
        .limit(SHOWN)
    )
    return db.session.scalars(query).all()


def dismiss(answer: Message, teacher: User) -> bool:
    """Take note of the alarm of an answer; False if it has none. Commits."""
    alarm = db.session.scalar(select(Alarm).where(Alarm.message_id == answer.id))
    if alarm is None:
        return False
    alarm.dismissed_at, alarm.dismissed_by_id = utc_now(), teacher.id
    db.session.commit()
    return True
