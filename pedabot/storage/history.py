"""What a question is asked with: the turns before it, marks given before, what the student wants.

Columns, not rows of a session: forty turns that are only read would cost more than the search.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, bindparam, case, select

from pedabot.extensions import db
from pedabot.storage.attachments import Attachment
from pedabot.storage.conversations import Author, Message, State, told_no_distress
from pedabot.storage.reviews import Review, Verdict


class Said(NamedTuple):
    """A turn: what it says now (a teacher's correction, if there is one), and on which pages."""

    author: Author
    content: str
    sources: list[dict[str, Any]]


class Circumstances(NamedTuple):
    """Whether another answer was asked for, and whether there are files with the question."""

    again: bool
    has_files: bool


def turns_before(question: Message, limit: int) -> list[Said]:
    """Return the last ``limit`` finished messages before a question, oldest first."""
    rows = db.session.execute(_turns_before(), {**_place(question), "most": limit})
    return [Said(*row) for row in rows][::-1]


@cache
def _turns_before() -> Select[*tuple[Any, ...]]:
    corrected = Review.verdict == Verdict.CORRECTED
    return (
        select(
            Message.author,
            case((corrected, Review.correction), else_=Message.content),
            Message.sources,
        )
        .outerjoin(Review, Review.message_id == Message.id)
        .where(
            Message.conversation_id == bindparam("conversation_id"),
            Message.id < bindparam("question_id"),
            Message.replaced.is_(False),
            told_no_distress(),
            Message.state.in_((State.COMPLETE, State.STOPPED)),
            Message.content != "",
        )
        .order_by(Message.id.desc())
        .limit(bindparam("most", type_=Integer))
    )


def hidden_before(question: Message) -> list[dict[str, str]]:
    """Return what the questions of a conversation up to this one have hidden, oldest first."""
    found = db.session.scalars(_hidden_before(), _place(question))
    return [row for rows in found for row in rows]


@cache
def _hidden_before() -> Select[list[dict[str, str]]]:
    return (
        select(Message.hidden)
        .where(
            Message.conversation_id == bindparam("conversation_id"),
            Message.id <= bindparam("question_id"),
            Message.author == Author.STUDENT,
        )
        .order_by(Message.id)
    )


def circumstances_of(question: Message) -> Circumstances:
    """Return what is to be known of a question before it is answered, in one statement."""
    row = db.session.execute(_circumstances(), {"question_id": question.id}).one()
    return Circumstances(bool(row[0]), bool(row[1]))


@cache
def _circumstances() -> Select[bool, bool]:
    question_id = bindparam("question_id", type_=Integer)
    replaced = select(Message.id).where(Message.question_id == question_id, Message.replaced)
    files = select(Attachment.id).where(Attachment.message_id == question_id)
    return select(replaced.exists(), files.exists())


def _place(question: Message) -> dict[str, int]:
    return {"conversation_id": question.conversation_id, "question_id": question.id}
