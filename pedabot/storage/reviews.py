"""What teachers make of answers: verdicts, corrections, notes.

All of it hangs on the message and goes with it. A correction whose question needs no turn before
it (``shared``) also answers that question when others in the class ask it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache

from sqlalchemy import (
    JSON,
    ForeignKey,
    Select,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, relationship

from pedabot.extensions import Base, db
from pedabot.storage.columns import UtcDateTime, Word, utc_now
from pedabot.storage.conversations import VERIFIED, Conversation, Message
from pedabot.storage.people import User

WITHDRAWN = "withdrawn"
"""The ``reason`` of a message that repeats a correction which its teacher has taken back."""


class Verdict(StrEnum):
    """What a teacher says of an answer."""

    APPROVED = "approved"
    CORRECTED = "corrected"


class Review(Base):
    """The verdict on an answer; the latest counts.

    ``correction`` is markdown. ``expected`` are the subtopics that should have been found (none
    where the course does not answer). ``seen_at`` is when the student opened it.
    """

    __tablename__ = "reviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), unique=True
    )
    teacher_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    verdict: Mapped[Verdict] = mapped_column(Word(Verdict))
    correction: Mapped[str] = mapped_column(Text, default="")
    expected: Mapped[list[str]] = mapped_column(JSON, default=list)
    shared: Mapped[bool] = mapped_column(default=False)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    message: Mapped[Message] = relationship(back_populates="review")
    teacher: Mapped[User | None] = relationship(lazy="joined")

    @property
    def corrects(self) -> bool:
        """Tell whether the answer is replaced by the teacher's."""
        return self.verdict is Verdict.CORRECTED


class Note(Base):
    """A teacher's words about an answer: for the student to read, or for the teacher alone."""

    __tablename__ = "notes"
    __table_args__ = (UniqueConstraint("message_id", "teacher_id", "for_student"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    for_student: Mapped[bool]
    text: Mapped[str] = mapped_column(String(1000))

    message: Mapped[Message] = relationship(back_populates="notes")
    teacher: Mapped[User] = relationship(lazy="joined")


@dataclass(frozen=True, slots=True)
class Known:
    """A question of a class that a teacher has answered."""

    message_id: int
    question: str
    subtopic: str | None


def corrected_questions(class_id: int) -> list[Known]:
    """Return the questions of a class whose corrections may be given to others, newest first."""
    return [
        Known(review.message_id, review.message.question.content, review.message.question.subtopic)
        for review in shared_corrections(class_id)
        if review.message.question is not None
    ]


def shared_corrections(class_id: int) -> Sequence[Review]:
    """Return the corrections of a class that stand for themselves, newest first."""
    return db.session.scalars(_shared_corrections(), {"class_id": class_id}).all()


@cache
def _shared_corrections() -> Select[Review]:
    """Built once, as each question asks this."""
    return (
        select(Review)
        .join(Review.message)
        .join(Message.conversation)
        .where(
            Conversation.class_id == bindparam("class_id"),
            Review.verdict == Verdict.CORRECTED,
            Review.shared,
        )
        .options(contains_eager(Review.message).selectinload(Message.question))
        .order_by(Review.updated_at.desc(), Review.id.desc())
    )


def update_repeats(message: Message) -> None:
    """Bring those who were given a correction what is true of it now (the caller commits)."""
    stands = message.review is not None and message.review.corrects
    values = {"content": message.valid_content, "reason": None} if stands else {"reason": WITHDRAWN}
    db.session.execute(
        update(Message)
        .where(Message.repeats == message.slug, Message.engine == VERIFIED)
        .values(**values)
    )


def set_note(message: Message, teacher: User, text: str, *, for_student: bool) -> None:
    """Write a teacher's note in place of the earlier one; no text takes it away. Commits."""
    query = select(Note).where(
        Note.message_id == message.id,
        Note.teacher_id == teacher.id,
        Note.for_student.is_(for_student),
    )
    note = db.session.scalar(query)
    if not text:
        if note is not None:
            db.session.delete(note)
    elif note is None:
        db.session.add(Note(message=message, teacher=teacher, text=text, for_student=for_student))
    else:
        note.text = text
    db.session.commit()


def mark_seen(conversation: Conversation) -> None:
    """Remember that the student has opened the reviews of a conversation. Commits if any is new."""
    query = (
        select(Review)
        .join(Review.message)
        .where(Message.conversation_id == conversation.id, Review.seen_at.is_(None))
    )
    unread = db.session.scalars(query).all()
    for review in unread:
        review.seen_at = utc_now()
    if unread:
        db.session.commit()


def correction_marks(conversations: Iterable[Conversation]) -> dict[int, bool]:
    """Return the conversations that have a correction, by id, and whether one is still unread."""
    query = (
        select(Message.conversation_id, func.count() > func.count(Review.seen_at))
        .join(Review.message)
        .where(
            Message.conversation_id.in_([conversation.id for conversation in conversations]),
            Message.replaced.is_(False),
            Review.verdict == Verdict.CORRECTED,
        )
        .group_by(Message.conversation_id)
    )
    return {identifier: bool(unread) for identifier, unread in db.session.execute(query)}
