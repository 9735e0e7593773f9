"""The words of all answers and their questions, kept where a search finds them at once.

``indexed_answers`` has a row for each finished answer in a class: stems, each with the class before
it, so that a search sees only what its class has said. SQLite reads them through ``answer_index``,
an FTS5 table that triggers keep; in PostgreSQL they are a tsvector, and ``answer_index`` a GIN
index on it (both made by a migration). Rows go with their message, and with them their words.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Dialect,
    ForeignKey,
    Integer,
    Text,
    delete,
    event,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, aliased, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from pedabot.extensions import Base, db
from pedabot.knowledge.text import stems_of
from pedabot.storage.conversations import UNFINISHED, Author, Conversation, Message
from pedabot.storage.reviews import Review
from pedabot.storage.upsert import insert

MOST_WORDS = 3000
"""Telling words of an exchange that are kept; more than the longest answer has."""

MOST_TIMES = 200
"""How often one word is kept: PostgreSQL remembers no more than 255 places of it."""

_LEXEME = re.compile(r"'([^']+)':([0-9,]+)")


class Tokens(TypeDecorator[list[str]]):
    """Words in their order: text between spaces in SQLite, a tsvector in PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the type by the database."""
        kind = postgresql.TSVECTOR() if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> str | None:
        """Write the words down."""
        if value is None or dialect.name != "postgresql":
            return None if value is None else " ".join(value)
        return " ".join(f"'{word}':{place}" for place, word in enumerate(value, start=1))

    def process_result_value(self, value: str | None, dialect: Dialect) -> list[str] | None:
        """Return the words in their order."""
        if value is None or dialect.name != "postgresql":
            return None if value is None else value.split()
        places = [
            (int(place), word)
            for word, all_places in _LEXEME.findall(value)
            for place in all_places.split(",")
        ]
        return [word for _place, word in sorted(places)]


class IndexedAnswer(Base):
    """The words of an answer and its question. ``key`` puts them in the order of time."""

    __tablename__ = "indexed_answers"

    key: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    message_id: Mapped[int] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), unique=True
    )
    words: Mapped[list[str]] = mapped_column(Tokens)


def key_of(moment: datetime, message_id: int = 0) -> int:
    """Return a number that grows with time, and is another one for each message.

    Milliseconds, then 20 bits of the id: two messages of a millisecond are no million apart.
    """
    return int(moment.timestamp() * 1000) << 20 | message_id & 0xFFFFF


def in_class(class_id: int, stem: str) -> str:
    """Return the word under which a class has a stem."""
    return f"{class_id}_{stem.replace('#', 'sharp').replace('+', 'plus')}"


def by_student(class_id: int, user_id: int) -> str:
    """Return the word that all exchanges of a student in a class have."""
    return f"{class_id}@{user_id}"


def words_of(class_id: int, user_id: int, *said: str) -> list[str]:
    """Return the words to keep of an exchange."""
    times: Counter[str] = Counter()
    kept = [by_student(class_id, user_id)]
    for stem in stems_of("\n".join(said))[:MOST_WORDS]:
        times[stem] += 1
        if times[stem] <= MOST_TIMES:
            kept.append(in_class(class_id, stem))
    return kept


def keep_words(answers: ColumnElement[bool], connection: Connection | None = None) -> None:
    """Write down the words of the answers that meet a condition (the caller commits)."""
    for row in list(_rows(answers, connection)):
        _write(row, connection)


def _write(row: dict[str, Any], connection: Connection | None) -> None:
    written = insert(IndexedAnswer).values(row)
    (connection or db.session).execute(
        written.on_conflict_do_update(
            index_elements=["message_id"],
            set_={"key": written.excluded.key, "words": written.excluded.words},
        )
    )


def _rows(answers: ColumnElement[bool], connection: Connection | None) -> Iterator[dict[str, Any]]:
    question = aliased(Message)
    query = (
        select(
            Message.id,
            Message.created_at,
            Message.content,
            Review.correction,
            question.content,
            Conversation.class_id,
            Conversation.user_id,
        )
        .join(question, Message.question_id == question.id)
        .join(Conversation, Message.conversation_id == Conversation.id)
        .outerjoin(Review, Review.message_id == Message.id)
        .where(answers, Message.state.not_in(UNFINISHED), Message.replaced.is_(False))
    )
    for identifier, moment, said, correction, asked, class_id, user_id in (
        connection or db.session
    ).execute(query):
        if class_id is not None:
            yield _row(identifier, moment, words_of(class_id, user_id, asked, correction or said))


def _row(message_id: int, moment: datetime, words: list[str]) -> dict[str, Any]:
    return {"key": key_of(moment, message_id), "message_id": message_id, "words": words}


@event.listens_for(Message, "after_insert")
@event.listens_for(Message, "after_update")
def _follow(_mapper: Any, connection: Connection, message: Message) -> None:
    """Keep the index in step with each answer that is stored, whoever stores it."""
    if message.author is not Author.TUTOR or not _is_new(message):
        return
    if message.replaced:
        row = delete(IndexedAnswer).where(IndexedAnswer.message_id == message.id)
        connection.execute(row)
    elif _has_just_ended(message):
        _write_of(message, connection)
    elif not message.unfinished:
        keep_words(Message.id == message.id, connection)


def _has_just_ended(answer: Message) -> bool:
    """Tell whether an answer was under way so far, and nobody can have corrected it.

    Then all that has to be written down is at hand, if the session has the question as well.
    """
    before = inspect(answer).attrs.state.history.deleted
    at_hand = inspect(answer).unloaded.isdisjoint(("question", "conversation"))
    return at_hand and not answer.unfinished and next(iter(before), None) in UNFINISHED


def _write_of(answer: Message, connection: Connection) -> None:
    asked, place = answer.question, answer.conversation
    if asked is not None and place.class_id is not None:
        words = words_of(place.class_id, place.user_id, asked.content, answer.content)
        _write(_row(answer.id, answer.created_at, words), connection)


_INDEXED = ("content", "state", "replaced", "created_at")


def _is_new(message: Message) -> bool:
    attributes = inspect(message).attrs
    return any(attributes[name].history.has_changes() for name in _INDEXED)


def tidy(connection: Connection) -> None:
    """Take the words of rows that are gone out of SQLite's index as well. It commits for itself.

    FTS5 only notes that a row is gone, until it merges its lists; from SQLite 3.42 on it can do
    better (https://www.sqlite.org/fts5.html#the_secure_delete_configuration_option).
    """
    if connection.dialect.name != "sqlite":
        return
    if sqlite3.sqlite_version_info >= (3, 42):
        secure = "INSERT INTO answer_index(answer_index, rank) VALUES ('secure-delete', 1)"
        connection.execute(text(secure))
    connection.execute(text("INSERT INTO answer_index(answer_index) VALUES ('optimize')"))
