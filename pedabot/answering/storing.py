"""What is read for an answer and stored of it: nothing here waits for a model."""

from __future__ import annotations

from pedabot.answering.engines import Choice
from pedabot.answering.values import Answer, Attempt, Question, Turn
from pedabot.extensions import db
from pedabot.storage import conversations
from pedabot.storage.conversations import Author, Message, State
from pedabot.storage.people import Classroom
from pedabot.storage.predictions import Prediction

TURNS_REMEMBERED = 6


def load_question(message_id: int) -> tuple[Question, Choice]:
    """Read the question, the turns before it and what the class chose; then let the database go."""
    asked = db.session.get_one(Message, message_id).question
    if asked is None:
        raise ValueError(f"message {message_id} is not an answer")
    turns = conversations.turns_before(asked, TURNS_REMEMBERED)
    question = Question(
        text=asked.content,
        level=asked.level,
        history=tuple(_turn(message) for message in turns),
        subtopic=asked.subtopic,
    )
    choice = _choice(asked.conversation.classroom)
    db.session.commit()
    return question, choice


def _choice(classroom: Classroom | None) -> Choice:
    if classroom is None:
        return Choice()
    settings = classroom.settings
    return Choice(tuple(settings.models), settings.temperature, settings.max_tokens)


def _turn(message: Message) -> Turn:
    return Turn("user" if message.author is Author.STUDENT else "assistant", message.content)


def store(message_id: int, answer: Answer) -> None:
    """Store the answer and its attempts in one transaction. Commits."""
    message = db.session.get_one(Message, message_id)
    message.content = answer.text
    message.state = State.STOPPED if answer.stopped else State.COMPLETE
    message.engine = answer.engine
    message.in_scope = answer.in_scope
    message.degraded = answer.degraded
    message.reason = answer.reason
    message.topic = answer.passages[0].topic.id if answer.in_scope and answer.passages else None
    message.sources = [
        {
            "topic": passage.topic.id,
            "subtopic": passage.subtopic.id,
            "title": passage.subtopic.title,
            "score": round(passage.score, 3),
        }
        for passage in answer.passages
    ]
    passages = [passage.subtopic.id for passage in answer.passages]
    for attempt in answer.attempts:
        db.session.add(_prediction(message_id, attempt, passages))
    db.session.commit()


def _prediction(message_id: int, attempt: Attempt, passages: list[str]) -> Prediction:
    return Prediction(
        message_id=message_id,
        engine=attempt.engine,
        model=attempt.model,
        prompt_hash=attempt.prompt_hash,
        parameters=dict(attempt.parameters),
        passages=passages,
        tokens_in=attempt.tokens_in,
        tokens_out=attempt.tokens_out,
        queued_ms=attempt.queued_ms,
        first_token_ms=attempt.first_token_ms,
        duration_ms=attempt.duration_ms,
        outcome=attempt.outcome.value,
        cause=attempt.cause,
    )


def store_snapshot(message_id: int, said: str) -> None:
    """Keep what was said so far, for the page that comes back in mid-answer. Commits."""
    db.session.get_one(Message, message_id).content = said
    db.session.commit()


def set_state(message_id: int, state: State) -> None:
    """Say how an answer ended that has no words. Commits."""
    db.session.get_one(Message, message_id).state = state
    db.session.commit()
