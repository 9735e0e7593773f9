"""Spaced repetition by FSRS: a question comes back when one is about to forget it."""

from __future__ import annotations

from datetime import datetime

from fsrs import Card, Rating, Scheduler, State

from pedabot.extensions import db
from pedabot.knowledge.document import Document, QuizQuestion
from pedabot.storage import cards, quizzes
from pedabot.storage.cards import QuizCard
from pedabot.storage.people import User
from pedabot.storage.quizzes import Question

# Days, not minutes: a student comes once a day at most. Without chance, so that a date can be told.
_SCHEDULER = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)


def answer(user: User, question: Question, chosen: int, correct: bool, now: datetime) -> None:
    """Keep an answer, and plan when the question comes back. Commits."""
    card = cards.find_card(user, question)
    planned, _log = _SCHEDULER.review_card(
        _as_fsrs(card, now), Rating.Good if correct else Rating.Again, now
    )
    if card is None:
        subtopic, key = question
        card = QuizCard(user_id=user.id, subtopic=subtopic, question=key)
        db.session.add(card)
    # A card that was reviewed has both.
    card.stability, card.difficulty = planned.stability or 0, planned.difficulty or 0
    card.reviewed_at, card.due_at = now, planned.due
    quizzes.add_result(user, question, chosen, correct, now)


def _as_fsrs(card: QuizCard | None, now: datetime) -> Card:
    if card is None:
        return Card(card_id=0, due=now)
    return Card(
        card_id=0,
        state=State.Review,
        stability=card.stability,
        difficulty=card.difficulty,
        due=card.due_at,
        last_review=card.reviewed_at,
    )


def due(user: User, document: Document, until: datetime) -> list[tuple[Question, QuizQuestion]]:
    """Return the questions to review, those due longest first; what the course dropped is gone."""
    asked = {
        (subtopic.id, question.key): question
        for _topic, subtopic in document.subtopics()
        for question in subtopic.quiz
    }
    return [(name, asked[name]) for name in cards.due_cards(user, until) if name in asked]
