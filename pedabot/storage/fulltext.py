"""Search over what a class has asked and was answered: stems, without accents."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import CTE, BigInteger, Float, Select, select, text
from sqlalchemy.orm import contains_eager, selectinload

from pedabot.extensions import db
from pedabot.storage.answer_index import IndexedAnswer, by_student, in_class, key_of
from pedabot.storage.conversations import Conversation, Message
from pedabot.storage.people import User
from pedabot.storage.reading import Wanted

RANKED = 2000
"""By relevance the newest answers that have the words are put in order; older ones are left out."""


def search(
    class_id: int,
    stems: Collection[str],
    wanted: Wanted,
    limit: int,
    after: Message | None = None,
    *,
    by_date: bool = False,
) -> list[Message]:
    """Return a page of the answers of a class that hold all stems, with their questions.

    The most relevant come first, or the newest; ``after`` is the last answer of the page before.
    Without a stem nothing is found.
    """
    if not stems:
        return []
    words = [in_class(class_id, stem) for stem in stems]
    if wanted.student:
        words.append(by_student(class_id, _id_of(wanted.student)))
    hits = _hits(words, wanted.since, wanted.until, None if by_date else RANKED)
    query = (
        select(Message)
        .join(IndexedAnswer, IndexedAnswer.message_id == Message.id)
        .join(hits, hits.c.key == IndexedAnswer.key)
        .join(Message.conversation)
        .where(Conversation.class_id == class_id, *wanted.of_conversation(), *wanted.of_answer())
    )
    query = _newest_first(query, hits, after) if by_date else _best_first(query, hits, after)
    return list(db.session.scalars(query.limit(limit).options(*_SHOWN)))


_SHOWN = (
    selectinload(Message.question),
    selectinload(Message.review),
    contains_eager(Message.conversation).selectinload(Conversation.user),
)


def _id_of(student: str) -> int:
    """Return the id of an account; 0, which none has, where no account has the slug."""
    return db.session.scalar(select(User.id).where(User.slug == student)) or 0


def _newest_first(query: Select[Message], hits: CTE, after: Message | None) -> Select[Message]:
    if after is not None:
        query = query.where(hits.c.key < key_of(after.created_at, after.id))
    return query.order_by(hits.c.key.desc())


def _best_first(query: Select[Message], hits: CTE, after: Message | None) -> Select[Message]:
    if after is not None:
        key = key_of(after.created_at, after.id)
        score = select(hits.c.score).where(hits.c.key == key).scalar_subquery()
        query = query.where((hits.c.score < score) | ((hits.c.score == score) & (hits.c.key < key)))
    return query.order_by(hits.c.score.desc(), hits.c.key.desc())


_SQLITE = """
    SELECT rowid AS key, {score} AS score FROM answer_index
    WHERE answer_index MATCH :words AND rowid >= :since AND rowid < :until ORDER BY rowid DESC
"""
_POSTGRESQL = """
    SELECT key, {score} AS score FROM indexed_answers
    WHERE words @@ CAST(:words AS tsquery) AND key >= :since AND key < :until ORDER BY key DESC
"""


def _hits(
    words: list[str], since: datetime | None, until: datetime | None, ranked: int | None
) -> CTE:
    """Return the keys of the answers with all words, newest first; with ``ranked`` their scores.

    The score of SQLite is BM25; that of PostgreSQL counts the words, and long texts less.
    """
    if db.session.get_bind().dialect.name == "sqlite":
        sql, score = _SQLITE, "-bm25(answer_index)"
        query = " ".join(f'"{word}"' for word in words)
    else:
        sql, score = _POSTGRESQL, "ts_rank(words, CAST(:words AS tsquery), 1)"
        query = " & ".join(f"'{word}'" for word in words)
    written = sql.format(score=score if ranked else "0.0") + (f"LIMIT {ranked}" if ranked else "")
    bounds = {
        "since": key_of(since) if since else 0,
        "until": key_of(until) if until else 2**63 - 1,
    }
    clause = text(written).bindparams(words=query, **bounds)
    return clause.columns(key=BigInteger, score=Float).cte("hits")
