"""Whole classes, read a few conversations at a time, so that memory stays flat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Select, select, union

from pedabot.extensions import db
from pedabot.knowledge.document import Difficulty
from pedabot.storage.conversations import Author, Conversation, Message, State
from pedabot.storage.feedback import Feedback
from pedabot.storage.people import Membership, User
from pedabot.storage.reviews import Review, Verdict

CONVERSATIONS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class ExportedMessage:
    """A message of a class with what was thought of it; ``correction`` is a teacher's text."""

    conversation: str
    title: str
    student: str
    id: int
    question_id: int | None
    author: Author
    at: datetime
    level: Difficulty
    topic: str | None
    subtopic: str | None
    engine: str | None
    state: State
    in_scope: bool | None
    content: str
    helpful: bool | None
    reason: str | None
    verdict: Verdict | None
    correction: str | None


def talks_of_class(class_id: int, *, reviewed: bool = False) -> Iterator[list[ExportedMessage]]:
    """Yield the conversations of a class, oldest first, each as its messages in order.

    Answers that their student had replaced are left out; with ``reviewed`` also conversations
    without any answer on which a teacher has given a verdict. Between two reads the database is let
    go, however slow whoever takes the export is. Commits.
    """
    last = 0
    while ids := _next_ids(class_id, last, reviewed):
        last = ids[-1]
        rows = [ExportedMessage(*row) for row in db.session.execute(_messages(ids))]
        db.session.commit()
        for _, talk in groupby(rows, key=lambda row: row.conversation):
            yield sorted(talk, key=lambda row: (row.question_id or row.id, row.id))


def _next_ids(class_id: int, last: int, reviewed: bool) -> list[int]:
    query = select(Conversation.id).where(Conversation.class_id == class_id, Conversation.id > last)
    if reviewed:
        query = query.where(Conversation.messages.any(Message.review.has()))
    return list(db.session.scalars(query.order_by(Conversation.id).limit(CONVERSATIONS_AT_ONCE)))


def _messages(ids: list[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Conversation.slug,
            Conversation.title,
            User.username,
            Message.id,
            Message.question_id,
            Message.author,
            Message.created_at,
            Message.level,
            Message.topic,
            Message.subtopic,
            Message.engine,
            Message.state,
            Message.in_scope,
            Message.content,
            Feedback.helpful,
            Feedback.reason,
            Review.verdict,
            Review.correction,
        )
        .join(Message.conversation)
        .join(Conversation.user)
        .outerjoin(Message.feedback)
        .outerjoin(Message.review)
        .where(Message.conversation_id.in_(ids), Message.replaced.is_(False))
        .order_by(Message.conversation_id, Message.id)
    )


def names_around(class_id: int) -> list[str]:
    """Return the names of a class's members and of all who have asked in it, though they left."""
    members = select(User.username).join(Membership).where(Membership.class_id == class_id)
    asked = select(User.username).join(Conversation).where(Conversation.class_id == class_id)
    return sorted(db.session.scalars(union(members, asked)))
