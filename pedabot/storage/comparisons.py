"""Comparisons of two prompts: the questions, what each prompt made of them, and the votes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from pedabot.extensions import Base, db
from pedabot.knowledge.document import Difficulty
from pedabot.storage.columns import Slugged, UtcDateTime, Word, utc_now
from pedabot.storage.people import Classroom, User

NOTE_LENGTH = 200


class Progress(StrEnum):
    """How far a comparison is."""

    RUNNING = "running"
    STOPPED = "stopped"
    FINISHED = "finished"


class Side(StrEnum):
    """One of the two prompts."""

    LEFT = "left"
    RIGHT = "right"


class Vote(StrEnum):
    """Which answer is better."""

    LEFT = "left"
    RIGHT = "right"
    EQUAL = "equal"


class Step(StrEnum):
    """How far an answer is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # no model answered; the course's own answer is not what is compared


UNANSWERED = (Step.WAITING, Step.RUNNING)


class Comparison(Slugged, Base):
    """Two prompts on a list of questions. A version that is None is the prompt of the file.

    ``class_id`` is the class whose questions are among them, if any: its teachers may read them.
    """

    __tablename__ = "comparisons"

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    class_id: Mapped[int | None] = mapped_column(
        ForeignKey("classes.id", ondelete="CASCADE"), index=True
    )
    left_id: Mapped[int | None] = mapped_column(ForeignKey("prompt_versions.id"))
    right_id: Mapped[int | None] = mapped_column(ForeignKey("prompt_versions.id"))
    note: Mapped[str] = mapped_column(String(NOTE_LENGTH), default="")
    state: Mapped[Progress] = mapped_column(Word(Progress), default=Progress.RUNNING, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    author: Mapped[User | None] = relationship()
    classroom: Mapped[Classroom | None] = relationship()
    questions: Mapped[list[ComparedQuestion]] = relationship(
        back_populates="comparison", order_by="ComparedQuestion.id", passive_deletes=True
    )

    def version_of(self, side: str) -> int | None:
        """Return the version of the prompt on a side."""
        return {Side.LEFT.value: self.left_id, Side.RIGHT.value: self.right_id}[side]


class ComparedQuestion(Base):
    """A question put to both prompts; it goes with the student's message that it was taken from."""

    __tablename__ = "compared_questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    comparison_id: Mapped[int] = mapped_column(
        ForeignKey("comparisons.id", ondelete="CASCADE"), index=True
    )
    message_id: Mapped[int | None] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    text: Mapped[str] = mapped_column(Text)
    level: Mapped[Difficulty] = mapped_column(Word(Difficulty))
    history: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    vote: Mapped[Vote | None] = mapped_column(Word(Vote))

    comparison: Mapped[Comparison] = relationship(back_populates="questions")
    answers: Mapped[list[ComparedAnswer]] = relationship(
        back_populates="question", order_by="ComparedAnswer.side", passive_deletes=True
    )

    def answer(self, side: str) -> ComparedAnswer:
        """Return the answer of a side."""
        return next(answer for answer in self.answers if answer.side == side)


class ComparedAnswer(Base):
    """What one prompt made of a question; the prediction log has its attempts, by ``compared_id``.

    ``claim`` is the secret of whoever makes the answer: only they may store it.
    """

    __tablename__ = "compared_answers"
    __table_args__ = (Index(None, "comparison_id", "step"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    comparison_id: Mapped[int] = mapped_column(ForeignKey("comparisons.id", ondelete="CASCADE"))
    question_id: Mapped[int] = mapped_column(
        ForeignKey("compared_questions.id", ondelete="CASCADE"), index=True
    )
    side: Mapped[Side] = mapped_column(Word(Side))
    step: Mapped[Step] = mapped_column(Word(Step), default=Step.WAITING)
    claim: Mapped[str | None] = mapped_column(String(24))
    content: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[str | None] = mapped_column(String(32))
    in_scope: Mapped[bool | None]
    sources: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)

    question: Mapped[ComparedQuestion] = relationship(back_populates="answers")
    comparison: Mapped[Comparison] = relationship()


def find_comparison(slug: str) -> Comparison | None:
    """Return the comparison that addresses name by that slug."""
    return db.session.scalar(select(Comparison).where(Comparison.slug == slug))


def find_question(comparison: Comparison, question_id: int) -> ComparedQuestion | None:
    """Return a question of a comparison by its id."""
    query = select(ComparedQuestion).where(
        ComparedQuestion.id == question_id, ComparedQuestion.comparison_id == comparison.id
    )
    return db.session.scalar(query)


def list_comparisons(
    class_ids: Sequence[int], limit: int, before_id: int | None = None
) -> list[Comparison]:
    """Return a page of comparisons without a class or with one of those given, newest first."""
    query = (
        select(Comparison)
        .where(Comparison.class_id.is_(None) | Comparison.class_id.in_(class_ids))
        .options(selectinload(Comparison.author), selectinload(Comparison.classroom))
    )
    if before_id is not None:
        query = query.where(Comparison.id < before_id)
    return list(db.session.scalars(query.order_by(Comparison.id.desc()).limit(limit)))


def answered_questions(
    comparison: Comparison, limit: int, after_id: int = 0
) -> list[ComparedQuestion]:
    """Return the next questions in their order, up to the first that is not answered yet."""
    query = (
        select(ComparedQuestion)
        .where(
            ComparedQuestion.comparison_id == comparison.id,
            ComparedQuestion.id > after_id,
            ~select(ComparedAnswer.id)
            .where(
                ComparedAnswer.comparison_id == comparison.id,
                ComparedAnswer.step.in_(UNANSWERED),
                ComparedAnswer.question_id <= ComparedQuestion.id,
            )
            .exists(),
        )
        .options(selectinload(ComparedQuestion.answers))
        .order_by(ComparedQuestion.id)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def unfinished_ids() -> list[int]:
    """Return the ids of the comparisons that run, oldest first."""
    query = select(Comparison.id).where(Comparison.state == Progress.RUNNING)
    return list(db.session.scalars(query.order_by(Comparison.id)))


def release_claims() -> None:
    """Let go of the answers that somebody was making who is no more. Commits."""
    _back_to_waiting(ComparedAnswer.step == Step.RUNNING)


def retry_failed(comparison: Comparison) -> None:
    """Let the answers be made that failed, and all that a stop left undone. Commits."""
    comparison.state = Progress.RUNNING
    _back_to_waiting(
        ComparedAnswer.comparison_id == comparison.id, ComparedAnswer.step == Step.FAILED
    )


def _back_to_waiting(*which: Any) -> None:
    db.session.execute(
        update(ComparedAnswer).where(*which).values(step=Step.WAITING, claim=None, outcome=None)
    )
    db.session.commit()


def claim_next(comparison_id: int, claim: str) -> ComparedAnswer | None:
    """Take the next waiting answer of a running comparison in hand; None if there is none. Commits.

    The change is one statement: of several workers, one gets it. Where rows are locked one by one
    (PostgreSQL) the others take the next, instead of finding theirs gone and nothing left.
    """
    waiting = (
        select(ComparedAnswer.id)
        .join(ComparedAnswer.comparison)
        .where(
            Comparison.id == comparison_id,
            Comparison.state == Progress.RUNNING,
            ComparedAnswer.step == Step.WAITING,
        )
        .order_by(ComparedAnswer.question_id, ComparedAnswer.id)
        .limit(1)
        .with_for_update(of=ComparedAnswer, skip_locked=True)
        .scalar_subquery()
    )
    taken = db.session.scalar(
        update(ComparedAnswer)
        .where(ComparedAnswer.id == waiting, ComparedAnswer.step == Step.WAITING)
        .values(step=Step.RUNNING, claim=claim)
        .returning(ComparedAnswer.id)
    )
    db.session.commit()
    return None if taken is None else db.session.get(ComparedAnswer, taken)


def claimed_answer(answer_id: int, claim: str) -> ComparedAnswer | None:
    """Return an answer if it is still in the hands of whoever claims it so."""
    query = select(ComparedAnswer).where(
        ComparedAnswer.id == answer_id, ComparedAnswer.claim == claim
    )
    return db.session.scalar(query.with_for_update())


def is_running(comparison_id: int) -> bool:
    """Tell whether a comparison is still to go on."""
    query = select(Comparison.state).where(Comparison.id == comparison_id)
    return db.session.scalar(query) is Progress.RUNNING


def finish_if_done(comparison_id: int) -> None:
    """Mark a running comparison as finished where no answer is left to make. Commits."""
    left = select(ComparedAnswer.id).where(
        ComparedAnswer.comparison_id == comparison_id,
        ComparedAnswer.step.in_(UNANSWERED),
    )
    db.session.execute(
        update(Comparison)
        .where(Comparison.id == comparison_id, Comparison.state == Progress.RUNNING, ~left.exists())
        .values(state=Progress.FINISHED)
    )
    db.session.commit()


def steps(comparison_ids: Sequence[int]) -> dict[int, dict[Step, int]]:
    """Return how many answers of each comparison are how far."""
    query = (
        select(ComparedAnswer.comparison_id, ComparedAnswer.step, func.count())
        .where(ComparedAnswer.comparison_id.in_(comparison_ids))
        .group_by(ComparedAnswer.comparison_id, ComparedAnswer.step)
    )
    counted: dict[int, dict[Step, int]] = {identifier: {} for identifier in comparison_ids}
    for identifier, step, count in db.session.execute(query):
        counted[identifier][step] = count
    return counted


def votes(comparison: Comparison) -> dict[Vote, int]:
    """Return how many votes each side has, and how many are equal."""
    query = (
        select(ComparedQuestion.vote, func.count())
        .where(ComparedQuestion.comparison_id == comparison.id, ComparedQuestion.vote.is_not(None))
        .group_by(ComparedQuestion.vote)
    )
    counted = dict.fromkeys(Vote, 0)
    counted.update({vote: count for vote, count in db.session.execute(query) if vote})
    return counted


def delete_comparison(comparison: Comparison) -> None:
    """Delete a comparison and all in it; what it cost stays in the log. Commits."""
    db.session.execute(delete(Comparison).where(Comparison.id == comparison.id))
    db.session.commit()
