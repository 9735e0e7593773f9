"""What teachers look for in a class's conversations, and which of these they have read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ForeignKey, Select, and_, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column, selectinload

from pedabot.extensions import Base, db
from pedabot.storage.columns import UtcDateTime, utc_now
from pedabot.storage.concerns import asks_for_review
from pedabot.storage.conversations import Author, Conversation, Message
from pedabot.storage.feedback import Feedback
from pedabot.storage.people import User
from pedabot.storage.upsert import insert

# A conversation is marked as changed a moment before its messages are dated.
_SLACK = timedelta(minutes=1)


class ReadMark(Base):
    """When a teacher has read a conversation; what is asked in it later is unread again."""

    __tablename__ = "read_marks"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    read_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a teacher filters by; empty words and None leave everything in.

    ``student`` is a user's slug. ``to_review`` are answers that ask for a verdict, ``unread_by`` is
    the id of the teacher who has not read the conversation since its last question.
    """

    student: str = ""
    topic: str = ""
    level: str = ""
    engine: str = ""
    helpful: bool | None = None
    in_scope: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    to_review: bool = False
    unread_by: int | None = None

    def of_conversation(self) -> list[ColumnElement[bool]]:
        """Return the conditions on ``Conversation``."""
        conditions: list[ColumnElement[bool]] = []
        if self.student:
            student = select(User.id).where(User.slug == self.student)
            conditions.append(Conversation.user_id == student.scalar_subquery())
        if self.unread_by is not None:
            conditions.append(~_is_read(self.unread_by))
        return conditions

    def of_answer(self) -> list[ColumnElement[bool]]:
        """Return the conditions on ``Message``, which one answer must meet together."""
        words = ((Message.topic, self.topic), (Message.level, self.level))
        conditions = [column == word for column, word in words if word]
        if self.engine:
            conditions.append(Message.engine == self.engine)
        if self.helpful is not None:
            conditions.append(Message.feedback.has(Feedback.helpful.is_(self.helpful)))
        if self.in_scope is not None:
            conditions.append(Message.in_scope.is_(self.in_scope))
        if self.since is not None:
            conditions.append(Message.created_at >= self.since)
        if self.until is not None:
            conditions.append(Message.created_at < self.until)
        if self.to_review:
            conditions.append(asks_for_review())
        return conditions


def class_conversations(
    class_id: int, wanted: Wanted, limit: int, before: Conversation | None = None
) -> list[Conversation]:
    """Return a page of the conversations of a class, newest first, after the one given."""
    query = _conversations(class_id, wanted)
    if before is not None:
        query = query.where(
            (Conversation.updated_at < before.updated_at)
            | ((Conversation.updated_at == before.updated_at) & (Conversation.id < before.id))
        )
    query = query.order_by(Conversation.updated_at.desc(), Conversation.id.desc())
    return list(db.session.scalars(query.limit(limit)))


def newer_conversation(wanted: Wanted, than: Conversation) -> Conversation | None:
    """Return the conversation that stands before another one in the list of its class."""
    if than.class_id is None:
        return None
    query = (
        _conversations(than.class_id, wanted)
        .where(
            (Conversation.updated_at > than.updated_at)
            | ((Conversation.updated_at == than.updated_at) & (Conversation.id > than.id))
        )
        .order_by(Conversation.updated_at, Conversation.id)
    )
    return db.session.scalar(query.limit(1))


def _conversations(class_id: int, wanted: Wanted) -> Select[Conversation]:
    query = (
        select(Conversation)
        .where(Conversation.class_id == class_id, *wanted.of_conversation())
        .options(selectinload(Conversation.user))
    )
    if wanted.since is not None:
        # Faster to find: what was not changed since then has no message since then,
        query = query.where(Conversation.updated_at >= wanted.since - _SLACK)
    if wanted.until is not None:
        # and what began later has none before.
        query = query.where(Conversation.created_at < wanted.until)
    if of_answer := wanted.of_answer():
        is_answer = Message.author == Author.TUTOR
        query = query.where(Conversation.messages.any(and_(is_answer, *of_answer)))
    return query


def question_counts(conversations: Sequence[Conversation]) -> dict[int, int]:
    """Return how many questions each of the conversations has, by its id."""
    query = (
        select(Message.conversation_id, func.count())
        .where(
            Message.conversation_id.in_([conversation.id for conversation in conversations]),
            Message.author == Author.STUDENT,
        )
        .group_by(Message.conversation_id)
    )
    return dict(iter(db.session.execute(query)))


def _is_read(user_id: int) -> ColumnElement[bool]:
    mark = select(ReadMark.user_id).where(
        ReadMark.conversation_id == Conversation.id,
        ReadMark.user_id == user_id,
        ReadMark.read_at >= Conversation.updated_at,
    )
    return mark.exists()


def unread_among(conversations: Sequence[Conversation], teacher: User) -> set[int]:
    """Return the ids of the conversations that a teacher has not read since the last question."""
    query = select(Conversation.id).where(
        Conversation.id.in_([conversation.id for conversation in conversations]),
        ~_is_read(teacher.id),
    )
    return set(db.session.scalars(query))


def mark_read(conversation: Conversation, teacher: User) -> None:
    """Remember that a teacher has read a conversation. Commits if that is new."""
    if not unread_among([conversation], teacher):
        return
    row = insert(ReadMark).values(
        user_id=teacher.id, conversation_id=conversation.id, read_at=utc_now()
    )
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=["user_id", "conversation_id"], set_={"read_at": row.excluded.read_at}
        )
    )
    db.session.commit()


def mark_unread(conversation: Conversation, teacher: User) -> None:
    """Let a conversation be unread again for a teacher. Commits."""
    db.session.execute(
        delete(ReadMark).where(
            ReadMark.user_id == teacher.id, ReadMark.conversation_id == conversation.id
        )
    )
    db.session.commit()
