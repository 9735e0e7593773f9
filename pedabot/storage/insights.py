"""What a class asked in a stretch of time: sums of days, and the latest questions."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from pedabot.extensions import db
from pedabot.greenlets import giving_way
from pedabot.knowledge.document import Difficulty
from pedabot.storage import day_sums, sketches
from pedabot.storage.columns import utc_now
from pedabot.storage.conversations import Author, Conversation, Message, State
from pedabot.storage.day_sums import Day, Span, Sums
from pedabot.storage.feedback import Feedback
from pedabot.storage.people import Membership
from pedabot.storage.predictions import Prediction
from pedabot.storage.quizzes import QuizResult

# A conversation is marked as changed a moment before its messages are dated.
_SLACK = timedelta(minutes=1)

PERCENTILES = (0.5, 0.95)
ROWS_AT_ONCE = 5000


@dataclass(slots=True)
class Activity:
    """What a class did on some days: questions in all and by day, thumbs down, answers outside the
    course, answers by topic and level and by engine, and times to the first word in buckets.
    """

    questions: int = 0
    unhelpful: int = 0
    outside: int = 0
    by_day: Counter[date] = field(default_factory=Counter)
    by_topic: Counter[tuple[str, Difficulty]] = field(default_factory=Counter)
    by_engine: Counter[str] = field(default_factory=Counter)
    first_words: dict[str, Counter[int]] = field(default_factory=dict)

    def quickness(self) -> dict[str, Quickness]:
        """Return how long the first word of each engine took."""
        return {
            engine: Quickness(*(sketches.percentile(counts, share) or 0 for share in PERCENTILES))
            for engine, counts in self.first_words.items()
        }

    def add(self, day: date, sums: Sums) -> None:
        """Add the sums of a day."""
        self.questions += sums["questions"]
        self.unhelpful += sums["unhelpful"]
        self.outside += sums["outside"]
        self.by_day[day] += sums["questions"]
        self.by_engine.update(sums["engines"])
        for topic, levels in sums["topics"].items():
            self.by_topic.update({(topic, Difficulty(name)): n for name, n in levels.items()})
        for engine, counts in sums["first_words"].items():
            buckets = {int(number): count for number, count in counts.items()}
            self.first_words.setdefault(engine, Counter()).update(buckets)


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


def activity(class_id: int, days: Sequence[Day]) -> Activity:
    """Return what a class did on consecutive days. Commits what it keeps of those that are over."""
    found = Activity()
    for day, sums in day_sums.read(class_id, days, partial(_count, class_id)):
        found.add(day.day, sums)
    return found


def first_conversation(class_id: int) -> datetime | None:
    """Return when the first conversation of a class began."""
    query = select(func.min(Conversation.created_at)).where(Conversation.class_id == class_id)
    return db.session.scalar(query)


def _count(class_id: int, days: Sequence[Day]) -> dict[Day, Sums]:
    starts = [day.since for day in days]
    counted: dict[Day, Sums] = {}

    def of(moment: datetime) -> Sums:
        day = days[bisect_right(starts, moment) - 1]
        return counted.setdefault(day, _nothing())

    by_batches = {"yield_per": ROWS_AT_ONCE}
    messages = _messages(class_id, days).execution_options(**by_batches)
    for moment, *facts in giving_way(db.session.execute(messages)):
        _count_message(of(moment), *facts)
    first_words = _first_words(class_id, days).execution_options(**by_batches)
    for moment, engine, first_word in giving_way(db.session.execute(first_words)):
        counts = of(moment)["first_words"].setdefault(engine, Counter())
        counts[str(sketches.bucket(first_word))] += 1
    return counted


def _nothing() -> Sums:
    empty: Sums = {"questions": 0, "unhelpful": 0, "outside": 0}
    return empty | {"topics": {}, "engines": Counter(), "first_words": {}}


def _messages(class_id: int, days: Sequence[Day]) -> Any:
    columns = (Message.author, Message.topic, Message.level, Message.engine, Message.in_scope)
    query = select(Message.created_at, *columns, Message.replaced, Feedback.helpful).outerjoin(
        Message.feedback
    )
    return query.where(_in_class(class_id), day_sums.on(Message.created_at, days))


def _count_message(
    sums: Sums,
    author: Author,
    topic: str | None,
    level: Difficulty,
    engine: str | None,
    in_scope: bool | None,
    replaced: bool,
    helpful: bool | None,
) -> None:
    sums["questions"] += author is Author.STUDENT
    sums["unhelpful"] += helpful is False
    if replaced:
        return
    sums["outside"] += in_scope is False
    if engine is not None:
        sums["engines"][engine] += 1
    if topic is not None:
        sums["topics"].setdefault(topic, Counter())[level.value] += 1


def _first_words(class_id: int, days: Sequence[Day]) -> Any:
    return (
        select(Message.created_at, Prediction.engine, Prediction.first_token_ms)
        .join(Prediction, Prediction.message_id == Message.id)
        .where(_in_class(class_id), day_sums.on(Message.created_at, days))
        .where(Prediction.first_token_ms.is_not(None))
    )


def _in_class(class_id: int) -> ColumnElement[bool]:
    """As EXISTS and not as a join: SQLite then begins with the days, not with the whole class."""
    return Message.conversation.has(Conversation.class_id == class_id)


def latest_turns(class_id: int, span: Span, limit: int) -> list[Turn]:
    """Return the last questions of a class with their answers, latest first."""
    question = aliased(Message)
    earlier = aliased(Message)
    anew = select(earlier.id).where(
        earlier.question_id == Message.question_id, earlier.replaced.is_(True)
    )
    query = (
        select(
            Conversation.user_id,
            Conversation.slug,
            Message.slug,
            question.content,
            Message.sources,
            Message.in_scope,
            Feedback.helpful,
            anew.exists(),
        )
        .join(Message.conversation)
        .join(question, question.id == Message.question_id)
        .outerjoin(Feedback, Feedback.message_id == Message.id)
        .where(Message.id.in_(_latest_answers(class_id, span, limit)))
        .order_by(Message.id.desc())
    )
    return [_turn(*row) for row in db.session.execute(query)]


def _latest_answers(class_id: int, span: Span, limit: int) -> Any:
    """The ids of the last answers, found without looking at what is older than they are.

    A conversation is marked with its last turn. So up to now, the last n turns are in the last n
    conversations; up to an earlier moment, those marked since then may hide some of them.
    """
    recent = select(Conversation.id).where(Conversation.class_id == class_id)
    if span.since is not None:
        recent = recent.where(Conversation.updated_at >= span.since - _SLACK)
    if span.until > utc_now():
        recent = recent.order_by(Conversation.updated_at.desc()).limit(limit)
    query = select(Message.id).where(
        Message.conversation_id.in_(recent),
        Message.author == Author.TUTOR,
        Message.replaced.is_(False),
        Message.state == State.COMPLETE,
        Message.created_at < span.until,
    )
    if span.since is not None:
        query = query.where(Message.created_at >= span.since)
    return query.order_by(Message.id.desc()).limit(limit)


def _turn(
    student: int, talk: str, answer: str, text: str, sources: list[dict[str, Any]], *marks: Any
) -> Turn:
    subtopic = str(sources[0]["subtopic"]) if sources else None
    return Turn(student, talk, answer, text, subtopic, *marks)


def students_who_asked(class_id: int, span: Span) -> set[int]:
    """Return the ids of the students of a class who asked something.

    One by one, up to the first question of each: that is quick, however many they asked.
    """
    asked = (
        select(Message.id)
        .join(Message.conversation)
        .where(Conversation.user_id == Membership.user_id, *_within(class_id, span))
        .where(Message.author == Author.STUDENT)
    )
    query = select(Membership.user_id).where(
        Membership.class_id == class_id, Membership.teaches.is_(False), asked.exists()
    )
    return set(db.session.scalars(query))


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


def _within(class_id: int, span: Span) -> list[ColumnElement[bool]]:
    conditions = [
        Conversation.class_id == class_id,
        Message.created_at < span.until,
    ]
    if span.since is not None:
        # The first finds few conversations by their index, the second tells their messages apart.
        conditions.append(Conversation.updated_at >= span.since - _SLACK)
        conditions.append(Message.created_at >= span.since)
    return conditions


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
