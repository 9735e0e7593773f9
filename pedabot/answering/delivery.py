"""An answer on its way to a page and into the database.

The question is stored before; the answer and its attempts are stored together after. Between the
two no transaction is open. A reader who leaves does not stop the answer: it is finished alone, and
whoever comes back follows it from what the database says.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator, Sequence
from datetime import timedelta

from pedabot.answering import pipeline
from pedabot.answering.rendering import render
from pedabot.answering.retrieval import Retrieval
from pedabot.answering.values import (
    DEFAULT_WINDOW,
    Answer,
    Attachment,
    Attempt,
    Engine,
    Event,
    Progress,
    Question,
    Restart,
    Turn,
    Window,
)
from pedabot.extensions import db
from pedabot.storage import attachments, conversations
from pedabot.storage.conversations import Author, Message, State
from pedabot.storage.predictions import Prediction

MESSAGES_READ = 40  # those before are forgotten; most of these are only summarised
SECONDS_BETWEEN_LOOKS = 0.3
SECONDS_BETWEEN_SNAPSHOTS = 1.0
MARGIN = timedelta(seconds=30)


class StopWatch:
    """Knows which answers are to be stopped: one query for all the answers of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._ids: set[int] = set()

    def requested(self, message_id: int) -> bool:
        """Tell whether the student wants this answer stopped."""
        with self._lock:
            if time.monotonic() - self._looked_at >= SECONDS_BETWEEN_LOOKS:
                self._ids = conversations.stops_requested()
                db.session.commit()
                self._looked_at = time.monotonic()
            return message_id in self._ids


class Delivery:
    """Makes the answers that wait, with the engines in their order."""

    def __init__(
        self,
        retrieval: Retrieval,
        engines: Sequence[Engine],
        longest: timedelta,
        window: Window = DEFAULT_WINDOW,
    ) -> None:
        self._retrieval = retrieval
        self._engines = engines
        self._window = window
        self._stops = StopWatch()
        self.longest = longest + MARGIN

    def deliver(self, message_id: int) -> Generator[Event, None, None]:
        """Make the answer, or follow it where another request is making it already."""
        if conversations.claim(message_id):
            yield from self._make(message_id)
        else:
            yield from self._follow(message_id)

    def _make(self, message_id: int) -> Iterator[Event]:
        said = ""
        events = self._events(message_id)
        try:
            for event in events:
                said = _heard(said, event)
                yield event
        except GeneratorExit:
            self._finish_alone(message_id, events, said)
            raise

    def _events(self, message_id: int) -> Iterator[Event]:
        """The pipeline's events; the answer is stored before it is passed on."""
        try:
            question = load_question(message_id)
            find, stop = self._retrieval.find, self._stops.requested
            for event in pipeline.answer(
                question, find, self._engines, lambda: stop(message_id), self._window
            ):
                if isinstance(event, Answer):
                    _store(message_id, event)
                yield event
        except Exception:
            # Whatever went wrong, the student must not wait for ever: mark, then let it be seen.
            db.session.rollback()
            _set_state(message_id, State.FAILED)
            raise

    def _finish_alone(self, message_id: int, events: Iterator[Event], said: str) -> None:
        stored_at = float("-inf")
        for event in events:
            said = _heard(said, event)
            if time.monotonic() - stored_at >= SECONDS_BETWEEN_SNAPSHOTS:
                _store_snapshot(message_id, said)
                stored_at = time.monotonic()

    def _follow(self, message_id: int) -> Iterator[Event]:
        """Yield what another request has stored so far, until the answer is finished."""
        shown = ""
        deadline = time.monotonic() + self.longest.total_seconds()
        while time.monotonic() < deadline:
            message = db.session.get_one(Message, message_id)
            unfinished, content = message.unfinished, message.content
            db.session.commit()
            if not unfinished:
                return
            if content != shown:
                shown = content
                yield Restart()
                yield Progress(text=content, html=render(content), tail="")
            time.sleep(SECONDS_BETWEEN_LOOKS)


def _heard(said: str, event: Event) -> str:
    if isinstance(event, Progress):
        return said + event.text
    return "" if isinstance(event, Restart) else said


def load_question(message_id: int) -> Question:
    """Read the question and the turns before it, then let the database go."""
    asked = db.session.get_one(Message, message_id).question
    if asked is None:
        raise ValueError(f"message {message_id} is not an answer")
    turns = conversations.turns_before(asked, MESSAGES_READ)
    question = Question(
        text=asked.content,
        level=asked.level,
        history=tuple(_turn(message) for message in turns),
        subtopic=asked.subtopic,
        attachments=tuple(
            Attachment(file.name, file.text) for file in attachments.whole_attachments(asked)
        ),
    )
    db.session.commit()
    return question


def _turn(message: Message) -> Turn:
    if message.author is Author.STUDENT:
        return Turn("user", message.content)
    return Turn("assistant", message.content, tuple(s["title"] for s in message.sources))


def _store(message_id: int, answer: Answer) -> None:
    """Store the answer and its attempts in one transaction."""
    message = db.session.get_one(Message, message_id)
    message.content = answer.text
    message.state = State.STOPPED if answer.stopped else State.COMPLETE
    message.engine = answer.engine
    message.in_scope = answer.in_scope
    message.degraded = answer.degraded
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
        first_token_ms=attempt.first_token_ms,
        duration_ms=attempt.duration_ms,
        outcome=attempt.outcome.value,
        cause=attempt.cause,
    )


def _store_snapshot(message_id: int, said: str) -> None:
    """Keep what was said so far, for the page that comes back in mid-answer."""
    db.session.get_one(Message, message_id).content = said
    db.session.commit()


def _set_state(message_id: int, state: State) -> None:
    db.session.get_one(Message, message_id).state = state
    db.session.commit()
