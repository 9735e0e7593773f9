"""The digest of a message tells of all that a page shows of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from sqlalchemy import JSON, Boolean, Column, Integer, Table, text

from pedabot.extensions import db
from pedabot.knowledge.document import Difficulty
from pedabot.storage import conversations, people, reviews
from pedabot.storage.attachments import Attachment
from pedabot.storage.columns import UtcDateTime
from pedabot.storage.concerns import Report
from pedabot.storage.conversations import Conversation, Message
from pedabot.storage.feedback import Feedback
from pedabot.storage.people import Role
from pedabot.storage.reviews import Note, Review, Verdict
from pedabot.storage.shown import messages_shown, recent_talks

TABLES = (Message, Feedback, Report, Review, Note, Attachment)
ELSEWHERE = {"content", "readable"}
"""Of a file: its text does not change."""


@pytest.fixture
def talk(context: None) -> Conversation:
    """A question with a file, and its answer with all that hangs on one."""
    db.create_all()
    user = people.add_user("student", Role.STUDENT)
    teacher = people.add_user("teacher", Role.TEACHER)
    conversation = conversations.start_conversation(user, None, "Bonjour")
    answer = conversations.add_question(conversation, "Bonjour", Difficulty.BEGINNER)
    db.session.add_all(
        [
            Attachment(
                message=answer.question,
                name="a.py",
                media_type="text/x-python",
                size=1,
                content="x",
            ),
            Feedback(message=answer, helpful=True),
            Report(message=answer, reason="faux"),
            Review(message=answer, teacher=teacher, verdict=Verdict.CORRECTED, correction="Non."),
            Note(message=answer, teacher=teacher, for_student=True, text="Relis."),
        ]
    )
    db.session.commit()
    return conversation


def _other(column: Column[Any]) -> str:
    if isinstance(column.type, JSON):
        return "'[\"other\"]'"
    if isinstance(column.type, Boolean):
        return f"not coalesce({column.name}, false)"
    return f"coalesce({column.name}, 0) + 1" if isinstance(column.type, Integer) else "'o' || id"


def _shown_columns() -> Iterator[Column[Any]]:
    for table in TABLES:
        for column in cast(Table, table.__table__).columns:
            hangs = column.primary_key or column.foreign_keys
            moment = isinstance(column.type, UtcDateTime)
            apart = table is Attachment and column.name in ELSEWHERE
            if not (hangs or moment or apart or column.name == "replaced"):
                yield column


def test_whatever_is_stored_of_a_message_changes_its_digest(talk: Conversation) -> None:
    before = [message.digest for message in messages_shown(talk)]
    columns = list(_shown_columns())
    assert len(columns) == 30
    for column in columns:
        change = f"update {column.table.name} set {column.name} = {_other(column)}"
        db.session.execute(text(change))
        assert [message.digest for message in messages_shown(talk)] != before, column
        db.session.rollback()
        assert [message.digest for message in messages_shown(talk)] == before


def test_the_name_of_a_teacher_is_in_the_digest(talk: Conversation) -> None:
    before = messages_shown(talk)
    for table in ("reviews", "notes"):
        db.session.execute(text(f"delete from {table}"))
        rest = messages_shown(talk)
        db.session.execute(text("update users set username = 'other' where role = 'teacher'"))
        assert messages_shown(talk) != rest
        db.session.rollback()
    assert messages_shown(talk) == before


def test_what_is_shown_is_in_the_order_of_the_page(talk: Conversation) -> None:
    first = talk.messages[0]
    conversations.add_question(talk, "Et puis ?", Difficulty.BEGINNER)
    conversations.add_answer_anew(talk.messages[1])
    db.session.commit()
    shown = messages_shown(talk)
    assert [message.id for message in shown] == [
        message.id for message in conversations.shown_messages(talk)
    ]
    assert [message.is_question for message in shown] == [True, False, True, False]
    assert shown[0].id == first.id


def test_a_talk_in_the_list_says_whether_a_correction_is_to_be_read(talk: Conversation) -> None:
    other = conversations.start_conversation(talk.user, None, "Une autre")
    db.session.commit()
    marks = {recent.id: recent.unread for recent in recent_talks(talk.user, 5)}
    assert marks == {talk.id: True, other.id: None}
    assert messages_shown(talk)[1].unread
    reviews.mark_seen(talk)
    assert {recent.id: recent.unread for recent in recent_talks(talk.user, 5)}[talk.id] is False
    assert not messages_shown(talk)[1].unread
