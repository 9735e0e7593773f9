"""What the page of a conversation shows, read as plain rows: cheap to read, and to know again."""

from __future__ import annotations

import marshal
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import groupby
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    Table,
    bindparam,
    case,
    func,
    null,
    select,
    type_coerce,
)
from sqlalchemy.types import NullType

from pedabot.extensions import Base, db
from pedabot.storage.attachments import Attachment
from pedabot.storage.columns import UtcDateTime
from pedabot.storage.concerns import Report
from pedabot.storage.conversations import UNFINISHED, Author, Conversation, Message
from pedabot.storage.feedback import Feedback
from pedabot.storage.people import User
from pedabot.storage.reviews import Note, Review, Verdict

# The texts of files are read where they are shown, and never change. Moments are not shown.
_LEFT_OUT = {"attachments": {"content", "readable"}}

PLAIN = 2
"""A format of ``marshal`` in which equal rows are equal bytes. Nothing is read back from it."""

HEAD = 5
"""Columns that are read for themselves, before those that are only told apart."""


class ShownMessage(NamedTuple):
    """A message of a page. ``digest`` tells all that is stored of it and of what hangs on it.

    ``unread`` tells that a teacher has judged it since the student opened the conversation.
    """

    id: int
    question_id: int | None
    is_question: bool
    unfinished: bool
    unread: bool
    digest: bytes


@dataclass(frozen=True, slots=True)
class RecentTalk:
    """A conversation in a list. ``unread`` is None where no teacher has corrected anything."""

    id: int
    slug: str
    title: str
    unread: bool | None


def messages_shown(conversation: Conversation) -> list[ShownMessage]:
    """Return what ``conversations.shown_messages`` would, in its order, with one plain query."""
    rows = db.session.execute(_rows_shown(), {"conversation_id": conversation.id}).all()
    found = [_message(list(group)) for _, group in groupby(rows, key=lambda row: row[0])]
    return sorted(found, key=lambda message: (message.question_id or message.id, message.id))


def _message(rows: list[Row[*tuple[Any, ...]]]) -> ShownMessage:
    identifier, question_id, author, state, unread = rows[0][:HEAD]
    told = marshal.dumps([row[HEAD:] for row in rows], PLAIN)
    return ShownMessage(
        id=identifier,
        question_id=question_id,
        is_question=author == Author.STUDENT,
        unfinished=state in UNFINISHED,
        unread=bool(unread),
        digest=sha256(told).digest(),
    )


@cache
def _rows_shown() -> Select[*tuple[Any, ...]]:
    """A row for each message, and for each of its files or notes; of tables, not of objects."""
    reviewer, noter = _table(User).alias(), _table(User).alias()
    message, review, note, file = (_table(of) for of in (Message, Review, Note, Attachment))
    feedback, report = _table(Feedback), _table(Report)
    unread = (review.c.id.is_not(None) & review.c.seen_at.is_(None)).label("unread")
    kind = (type_coerce(message.c[name], NullType()) for name in ("author", "state"))
    head = (message.c.id, message.c.question_id, *kind, unread)
    tables = (message, feedback, report, review, note, file)
    told = [column for table in tables for column in _columns(table)]
    rows = (
        message.outerjoin(feedback, feedback.c.message_id == message.c.id)
        .outerjoin(report, report.c.message_id == message.c.id)
        .outerjoin(review, review.c.message_id == message.c.id)
        .outerjoin(reviewer, reviewer.c.id == review.c.teacher_id)
        .outerjoin(note, note.c.message_id == message.c.id)
        .outerjoin(noter, noter.c.id == note.c.teacher_id)
        .outerjoin(file, file.c.message_id == message.c.id)
    )
    return (
        select(*head, *told, reviewer.c.username.label("reviewer"), noter.c.username.label("noter"))
        .select_from(rows)
        .where(
            message.c.conversation_id == bindparam("conversation_id"),
            message.c.replaced.is_(False),
        )
        .order_by(message.c.id, note.c.id, file.c.id)
    )


def _columns(table: Table) -> Iterator[ColumnElement[Any]]:
    """Yield the columns of a table as the driver gives them: nobody looks into them."""
    left_out = _LEFT_OUT.get(table.name, set())
    for column in table.columns:
        if column.name not in left_out and not isinstance(column.type, UtcDateTime):
            yield type_coerce(column, NullType()).label(f"{table.name}_{column.name}")


def _table(of: type[Base]) -> Table:
    return cast(Table, of.__table__)


def recent_talks(user: User, limit: int) -> list[RecentTalk]:
    """Return the user's last conversations, newest first, with what was corrected in them."""
    rows = db.session.execute(_recent_talks(), {"user_id": user.id, "most": limit})
    return [
        RecentTalk(identifier, slug, title, None if unread is None else bool(unread))
        for identifier, slug, title, unread in rows
    ]


@cache
def _recent_talks() -> Select[*tuple[Any, ...]]:
    talk, message, review = (_table(of) for of in (Conversation, Message, Review))
    some_unread = func.count() > func.count(review.c.seen_at)
    unread = (
        select(case((func.count() == 0, null()), else_=some_unread))
        .select_from(message.join(review, review.c.message_id == message.c.id))
        .where(
            message.c.conversation_id == talk.c.id,
            message.c.replaced.is_(False),
            review.c.verdict == Verdict.CORRECTED,
        )
        .correlate(talk)
        .scalar_subquery()
    )
    return (
        select(talk.c.id, talk.c.slug, talk.c.title, unread)
        .where(talk.c.user_id == bindparam("user_id"))
        .order_by(talk.c.updated_at.desc(), talk.c.id.desc())
        .limit(bindparam("most", type_=Integer))
    )
