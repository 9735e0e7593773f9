"""What was answered to the quizzes of the course: one row for each attempt."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, Select, String, bindparam, func, select
from sqlalchemy.orm import Mapped, mapped_column

from pedabot.extensions import Base, db
from pedabot.storage.columns import UtcDateTime, utc_now
from pedabot.storage.people import User

Question = tuple[str, str]
"""A subtopic's id and a question's key."""


class QuizResult(Base):
    """An attempt. ``question`` is the key of the question as it was asked; ``chosen`` from 0."""

    __tablename__ = "quiz_results"
    __table_args__ = (Index(None, "user_id", "subtopic", "question", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    subtopic: Mapped[str] = mapped_column(String(64))
    question: Mapped[str] = mapped_column(String(16))
    chosen: Mapped[int]
    correct: Mapped[bool]
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


def add_result(
    user: User, question: Question, chosen: int, correct: bool, now: datetime | None = None
) -> None:
    """Keep an attempt. Commits."""
    subtopic, key = question
    db.session.add(
        QuizResult(
            user_id=user.id,
            subtopic=subtopic,
            question=key,
            chosen=chosen,
            correct=correct,
            answered_at=now or utc_now(),
        )
    )
    db.session.commit()


def latest_choices(user: User, subtopic: str) -> dict[str, int]:
    """Return what the user chose last for each question of a subtopic, by its key."""
    query = select(QuizResult.question, QuizResult.chosen).where(
        QuizResult.user_id == user.id, QuizResult.subtopic == subtopic
    )
    choices: dict[str, int] = {}
    for question, chosen in db.session.execute(query.order_by(QuizResult.id)):
        choices[question] = chosen
    return choices


def answered_right(user: User) -> set[Question]:
    """Return the questions to which the user's latest answer is right: one query for all."""
    rows = db.session.execute(_answered_right(), {"user_id": user.id})
    return {(subtopic, question) for subtopic, question in rows}


@cache
def _answered_right() -> Select[str, str]:
    """Built once, as each page of the course asks this."""
    latest = (
        select(func.max(QuizResult.id))
        .where(QuizResult.user_id == bindparam("user_id"))
        .group_by(QuizResult.subtopic, QuizResult.question)
    )
    right = QuizResult.id.in_(latest) & QuizResult.correct
    return select(QuizResult.subtopic, QuizResult.question).where(right)


def latest_results(user: User, limit: int) -> list[tuple[str, bool]]:
    """Return the user's last attempts, latest first: the subtopic, and whether it was right."""
    rows = db.session.execute(_latest_results(), {"user_id": user.id, "most": limit})
    return [(subtopic, correct) for subtopic, correct in rows]


@cache
def _latest_results() -> Select[*tuple[Any, ...]]:
    result = QuizResult.__table__.c
    query = select(result.subtopic, result.correct).where(result.user_id == bindparam("user_id"))
    return query.order_by(result.id.desc()).limit(bindparam("most", type_=Integer))
