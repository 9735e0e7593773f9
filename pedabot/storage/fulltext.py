"""Search over what a class has asked and was answered: stems, without accents."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import CTE, BigInteger, Float, Integer, Select, select, text
from sqlalchemy.orm import contains_eager, selectinload

from pedabot.extensions import db
from pedabot.storage.answer_index import by_student, in_class, key_of
from pedabot.storage.conversations import Conversation, Message
from pedabot.storage.people import User
from pedabot.storage.reading import Wanted

RANKED = 1000
"""By relevance the newest answers that have the words are put in order; older ones are left out."""

LAST_KEY = 2**63 - 1


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
    rest = replace(wanted, student="", since=None, until=None)  # what the index does not know
    conditions = rest.of_conversation() + rest.of_answer()
    if by_date:
        hits = _newest(words, _days(wanted, after), None if conditions else RANKED)
    else:
        hits = _scored(words, _days(wanted))
    query = (
        select(Message)
        .join(hits, hits.c.message_id == Message.id)
        .join(Message.conversation)
        .where(Conversation.class_id == class_id, *conditions)
    )
    if not by_date:
        query = _best_first(query, hits, after)
    query = query.order_by(hits.c.key.desc()).limit(limit)
    return list(db.session.scalars(query.options(*_SHOWN)))


_SHOWN = (
    selectinload(Message.question),
    selectinload(Message.review),
    contains_eager(Message.conversation).selectinload(Conversation.user),
)


def _id_of(student: str) -> int:
    """Return the id of an account; 0, which none has, where no account has the slug."""
    return db.session.scalar(select(User.id).where(User.slug == student)) or 0


def _days(wanted: Wanted, after: Message | None = None) -> tuple[int, int]:
    """Return the first key, and the first one that is too new: ``after`` is the newest one left."""
    since = key_of(wanted.since) if wanted.since else 0
    until = key_of(wanted.until) if wanted.until else LAST_KEY
    return since, until if after is None else key_of(after.created_at, after.id)


def _best_first(query: Select[Message], hits: CTE, after: Message | None) -> Select[Message]:
    if after is not None:
        key = key_of(after.created_at, after.id)
        score = select(hits.c.score).where(hits.c.key == key).scalar_subquery()
        query = query.where((hits.c.score < score) | ((hits.c.score == score) & (hits.c.key < key)))
    return query.order_by(hits.c.score.desc())


_SQLITE = """
    SELECT rowid AS key, {score} AS score,
      (SELECT message_id FROM indexed_answers WHERE key = answer_index.rowid) AS message_id
    FROM answer_index
    WHERE answer_index MATCH :words AND rowid >= :since AND rowid < :until ORDER BY rowid DESC
"""
_POSTGRESQL = """
    SELECT key, {score} AS score, message_id FROM indexed_answers
    WHERE words @@ CAST(:words AS tsquery) AND key >= :since AND key < :until ORDER BY key DESC
"""


def _newest(words: list[str], days: tuple[int, int], most: int | None) -> CTE:
    """Return the keys of the answers with all words, newest first."""
    return _hits(words, days, "0.0", most)


def _scored(words: list[str], days: tuple[int, int]) -> CTE:
    """Return the keys of the newest of these with scores: BM25, or how many words of how many."""
    on_sqlite = db.session.get_bind().dialect.name == "sqlite"
    by_length = "ts_rank(words, CAST(:words AS tsquery), 1)"
    return _hits(words, days, "-bm25(answer_index)" if on_sqlite else by_length, RANKED)


def _hits(words: list[str], days: tuple[int, int], score: str, most: int | None) -> CTE:
    if db.session.get_bind().dialect.name == "sqlite":
        sql, query = _SQLITE, " ".join(f'"{word}"' for word in words)
    else:
        sql, query = _POSTGRESQL, " & ".join(f"'{word}'" for word in words)
    written = sql.format(score=score) + (f"LIMIT {most}" if most else "")
    since, until = days
    clause = text(written).bindparams(words=query, since=since, until=until)
    return clause.columns(key=BigInteger, score=Float, message_id=Integer).cte("hits")
