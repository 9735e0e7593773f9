"""What a class asked in a stretch of time: counted in the database, never row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, func, literal_column, select
from sqlalchemy.orm import aliased

from pedabot.extensions import db
from pedabot.knowledge.document import Difficulty
from pedabot.storage.conversations import Author, Conversation, Feedback, Message, State
from pedabot.storage.predictions import Prediction
from pedabot.storage.quizzes import QuizResult

# A conversation is marked as changed a moment before its messages are dated.
_SLACK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time up to ``until`` (excluded); without ``since`` from the beginning."""

    since: datetime | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Totals:
    """Questions, students who asked, thumbs down, and answers outside the course."""

    questions: int
    students: int
    unhelpful: int
    outside: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with its answer that counts; ``anew`` if it replaces another one."""

    student_id: int
    conversation: str
    answer: str
    question: str
    subtopic: str | None
    in_scope: bool | None
    helpful: bool | None
    anew: bool


@dataclass(frozen=True, slots=True)
class Quickness:
    """Milliseconds to the first word: the median, and what 95 of 100 answers need at most."""

    p50: int
    p95: int


def totals(class_id: int, span: Span) -> Totals:
    """Return the figures of a class."""
    asked = Message.author == Author.STUDENT
    outside = Message.in_scope.is_(False) & Message.replaced.is_(False)
    query = (
        select(
            func.count().filter(asked),
            func.count(Conversation.user_id.distinct()).filter(asked),
            func.count().filter(Feedback.helpful.is_(False)),
            func.count().filter(outside),
        )
        .select_from(Conversation)
        .join(Conversation.messages)
        .outerjoin(Message.feedback)
        .where(*_within(class_id, span))
    )
    return Totals(*db.session.execute(query).one())


def questions_by_hour(class_id: int, span: Span) -> dict[datetime, int]:
    """Return how many questions came in each hour (UTC) that has any.

    Hours and not days: which day an hour belongs to depends on the zone of the school, and the
    databases do not agree on how to say that.
    """
    hour = _hour(Message.created_at)
    query = _select(class_id, span, hour, func.count())
    rows = db.session.execute(query.where(Message.author == Author.STUDENT).group_by(hour))
    return {
        datetime.strptime(text, "%Y-%m-%d %H").replace(tzinfo=UTC): count for text, count in rows
    }


def questions_by_topic(class_id: int, span: Span) -> dict[tuple[str, Difficulty], int]:
    """Return how many answers each topic had at each level."""
    query = _select(class_id, span, Message.topic, Message.level, func.count())
    query = query.where(Message.topic.is_not(None), Message.replaced.is_(False))
    rows = db.session.execute(query.group_by(Message.topic, Message.level))
    return {(topic, level): count for topic, level, count in rows}


def answers_by_engine(class_id: int, span: Span) -> dict[str, int]:
    """Return how many answers each engine gave, the busiest first."""
    count = func.count()
    query = _select(class_id, span, Message.engine, count)
    query = query.where(Message.engine.is_not(None), Message.replaced.is_(False))
    ordered = query.group_by(Message.engine).order_by(count.desc(), Message.engine)
    return dict(iter(db.session.execute(ordered)))


def quickness_by_engine(class_id: int, span: Span) -> dict[str, Quickness]:
    """Return how long the first word took: nearest-rank percentiles, the same on each database."""
    time = Prediction.first_token_ms
    rank = func.cume_dist().over(partition_by=Prediction.engine, order_by=time)
    ranked = (
        _select(class_id, span, Prediction.engine, time.label("time"), rank.label("rank"))
        .join(Prediction, Prediction.message_id == Message.id)
        .where(time.is_not(None))
        .subquery()
    )
    query = select(
        ranked.c.engine,
        func.min(ranked.c.time).filter(ranked.c.rank >= 0.5),
        func.min(ranked.c.time).filter(ranked.c.rank >= 0.95),
    ).group_by(ranked.c.engine)
    return {engine: Quickness(p50, p95) for engine, p50, p95 in db.session.execute(query)}


def latest_turns(class_id: int, span: Span, limit: int) -> list[Turn]:
    """Return the last questions of a class with their answers, latest first."""
    question = aliased(Message)
    earlier = aliased(Message)
    anew = select(earlier.id).where(
        earlier.question_id == Message.question_id, earlier.replaced.is_(True)
    )
    query = (
        _select(
            class_id,
            span,
            Conversation.user_id,
            Conversation.slug,
            Message.slug,
            question.content,
            Message.sources,
            Message.in_scope,
            Feedback.helpful,
            anew.exists(),
        )
        .join(question, question.id == Message.question_id)
        .outerjoin(Feedback, Feedback.message_id == Message.id)
        .where(Message.replaced.is_(False), Message.state == State.COMPLETE)
        .order_by(Message.id.desc())
        .limit(limit)
    )
    return [_turn(*row) for row in db.session.execute(query)]


def _turn(
    student: int, talk: str, answer: str, text: str, sources: list[dict[str, Any]], *marks: Any
) -> Turn:
    subtopic = str(sources[0]["subtopic"]) if sources else None
    return Turn(student, talk, answer, text, subtopic, *marks)


def students_who_asked(class_id: int, span: Span) -> set[int]:
    """Return the ids of the accounts that asked something."""
    query = _select(class_id, span, Conversation.user_id).distinct()
    return set(db.session.scalars(query.where(Message.author == Author.STUDENT)))


def last_seen(class_id: int, user_ids: Collection[int]) -> dict[int, datetime]:
    """Return when each of the accounts asked last in a class; who never did is left out."""
    query = (
        select(Conversation.user_id, func.max(Conversation.updated_at))
        .where(Conversation.class_id == class_id, Conversation.user_id.in_(user_ids))
        .group_by(Conversation.user_id)
    )
    return dict(iter(db.session.execute(query)))


def failed_quizzes(user_ids: Iterable[int], span: Span) -> dict[str, set[int]]:
    """Return who answered a quiz question wrong, by notion."""
    query = select(QuizResult.subtopic, QuizResult.user_id).distinct()
    query = query.where(
        QuizResult.user_id.in_(list(user_ids)),
        QuizResult.correct.is_(False),
        QuizResult.answered_at < span.until,
    )
    if span.since is not None:
        query = query.where(QuizResult.answered_at >= span.since)
    failed: dict[str, set[int]] = {}
    for subtopic, user_id in db.session.execute(query):
        failed.setdefault(subtopic, set()).add(user_id)
    return failed


def _select(class_id: int, span: Span, *columns: Any) -> Any:
    query = select(*columns).select_from(Conversation).join(Conversation.messages)
    return query.where(*_within(class_id, span))


def _within(class_id: int, span: Span) -> list[ColumnElement[bool]]:
    conditions = [Conversation.class_id == class_id, Message.created_at < span.until]
    if span.since is not None:
        # The first finds few conversations by their index, the second tells their messages apart.
        conditions.append(Conversation.updated_at >= span.since - _SLACK)
        conditions.append(Message.created_at >= span.since)
    return conditions


def _hour(moment: Any) -> Any:
    """Return the hour of a moment in UTC, as ``2026-11-25 14``."""
    if db.session.get_bind().dialect.name == "sqlite":
        return func.strftime("%Y-%m-%d %H", moment)
    # Literals: PostgreSQL takes parameters in SELECT and in GROUP BY for different expressions.
    in_utc = func.timezone(literal_column("'UTC'", String), moment)
    return func.to_char(in_utc, literal_column("'YYYY-MM-DD HH24'", String))


def topics_of(user_id: int) -> dict[str, int]:
    """Return how often an account asked about each topic."""
    query = (
        select(Message.topic, func.count())
        .join(Message.conversation)
        .where(Conversation.user_id == user_id)
        .where(Message.topic.is_not(None), Message.replaced.is_(False))
        .group_by(Message.topic)
    )
    return {topic: count for topic, count in db.session.execute(query) if topic}
