"""All that one person asked, answered and brought, read a few hundred rows at a time."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, selectinload

from pedabot.extensions import db
from pedabot.storage.attachments import Attachment
from pedabot.storage.conversations import Conversation, Message
from pedabot.storage.people import User
from pedabot.storage.quizzes import QuizResult
from pedabot.storage.subjects import ROWS_AT_ONCE

FILES_AT_ONCE = 10


def messages_of(user: User) -> Iterator[Message]:
    """Yield all messages of a user, replaced answers too, by conversation from the oldest on."""
    query = (
        select(Message)
        .join(Message.conversation)
        .where(Conversation.user_id == user.id)
        .order_by(Message.conversation_id, Message.id)
        .options(contains_eager(Message.conversation), selectinload(Message.feedback))
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    yield from db.session.scalars(query)


def quiz_results_of(user: User) -> Iterator[QuizResult]:
    """Yield all attempts of a user at quizzes, oldest first."""
    query = select(QuizResult).where(QuizResult.user_id == user.id).order_by(QuizResult.id)
    yield from db.session.scalars(query.execution_options(yield_per=ROWS_AT_ONCE))


def files_of(user: User) -> Iterator[tuple[str, str]]:
    """Yield the name and the content, as it came, of all files of a user, oldest first."""
    query = (
        select(Attachment.name, Attachment.content)
        .join(Attachment.message)
        .join(Message.conversation)
        .where(Conversation.user_id == user.id)
        .order_by(Attachment.id)
        .execution_options(yield_per=FILES_AT_ONCE)
    )
    yield from ((name, content) for name, content in db.session.execute(query))
