"""Answers worth giving again in a class: remembered from a model, or chosen by the teacher.

A row says which message answers a question; the words stay in that message alone. Whoever comes
first with a question has the row made for the answer to come, so that others wait for it instead of
asking the model too. Deleting the conversation deletes the row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    String,
    UniqueConstraint,
    delete,
    false,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pedabot.extensions import Base, db
from pedabot.storage.columns import UtcDateTime, utc_now
from pedabot.storage.conversations import Message, State
from pedabot.storage.upsert import insert

FRESH = {"populate_existing": True}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer is remembered: a class, and the hash of the question and all it rests on."""

    class_id: int
    key: str


class RememberedAnswer(Base):
    """The message that answers a question in a class; a pinned one stays until it is unpinned."""

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("class_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("classes.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64))
    message_id: Mapped[int] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    pinned: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    message: Mapped[Message] = relationship()


def claim(place: Place, message_id: int) -> RememberedAnswer:
    """Return who answers this question in the class: from now on this message, if nobody. Commits.

    Safe between threads and processes: the database lets one of them make the row.
    """
    known = find(place)
    if known is not None:
        return known
    row = insert(RememberedAnswer).values(
        class_id=place.class_id, key=place.key, message_id=message_id
    )
    row = row.on_conflict_do_nothing(index_elements=["class_id", "key"])
    # SQLite may give the number of a row that is gone: what the session knows of it is void.
    mine = db.session.scalar(row.returning(RememberedAnswer), execution_options=FRESH)
    db.session.commit()
    return mine or claim(place, message_id)  # another's row may go in between


def find(place: Place) -> RememberedAnswer | None:
    """Return the answer remembered at a place; its message may still be in the making."""
    query = select(RememberedAnswer).where(_at(place))
    return db.session.scalar(query.execution_options(**FRESH))


def take_over(place: Place, message_id: int, successor_id: int) -> None:
    """Put an answer in the place of one that came to nothing; only one successor does. Commits."""
    whole = select(Message.id).where(Message.id == message_id, Message.state == State.COMPLETE)
    db.session.execute(
        update(RememberedAnswer)
        .where(_at(place), RememberedAnswer.message_id == message_id, ~whole.exists())
        .values(message_id=successor_id, pinned=False)
    )
    db.session.commit()


def forget(message: Message) -> None:
    """Give an answer, or the one that it repeats, no more unless pinned (the caller commits)."""
    db.session.execute(
        delete(RememberedAnswer).where(_of(message), RememberedAnswer.pinned.is_(False))
    )


def pin(place: Place, message: Message) -> None:
    """Give this answer to all who ask the question in the class. Commits."""
    unpin(message)
    row = insert(RememberedAnswer).values(
        class_id=place.class_id, key=place.key, message_id=message.id, pinned=True
    )
    chosen = {"message_id": message.id, "pinned": True}
    statement = row.on_conflict_do_update(index_elements=["class_id", "key"], set_=chosen)
    db.session.execute(statement)
    db.session.commit()


def unpin(message: Message) -> None:
    """Give an answer, or the one that it repeats, no more. Commits."""
    db.session.execute(delete(RememberedAnswer).where(_of(message), RememberedAnswer.pinned))
    db.session.commit()


def pinned_among(messages: Iterable[Message]) -> set[str]:
    """Return the slugs of the messages that a teacher pinned, in one query."""
    query = (
        select(Message.slug)
        .join(RememberedAnswer)
        .where(Message.id.in_([message.id for message in messages]), RememberedAnswer.pinned)
    )
    return set(db.session.scalars(query))


def _at(place: Place) -> ColumnElement[bool]:
    return (RememberedAnswer.class_id == place.class_id) & (RememberedAnswer.key == place.key)


def _of(message: Message) -> ColumnElement[bool]:
    slugs = [message.slug, message.repeats or message.slug]
    return RememberedAnswer.message_id.in_(select(Message.id).where(Message.slug.in_(slugs)))
