"""An answer on its way to a page and into the database.

The question is stored before; the answer and its attempts are stored together after. Between the
two no transaction is open. A reader who leaves does not stop the answer: it is finished alone, and
whoever comes back follows it from what the database says.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from pedabot.answering import pipeline
from pedabot.answering.prompt_cache import PromptCache
from pedabot.answering.records import prediction, sources_of
from pedabot.answering.rendering import render
from pedabot.answering.retrieval import Retrieval
from pedabot.answering.values import (
    Answer,
    Engine,
    Event,
    Progress,
    Question,
    Restart,
    Turn,
)
from pedabot.extensions import db
from pedabot.storage import conversations
from pedabot.storage.conversations import Author, Message, State

TURNS_REMEMBERED = 6
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
        prompts: PromptCache,
        engines: Sequence[Engine],
        longest: timedelta,
    ) -> None:
        self._retrieval = retrieval
        self._prompts = prompts
        self._engines = engines
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
            question = replace(_load_question(message_id), prompt=self._prompts.current())
            find, stop = self._retrieval.find, self._stops.requested
            for event in pipeline.answer(question, find, self._engines, lambda: stop(message_id)):
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


def _load_question(message_id: int) -> Question:
    """Read the question and the turns before it, then let the database go."""
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
    db.session.commit()
    return question


def _turn(message: Message) -> Turn:
    return Turn("user" if message.author is Author.STUDENT else "assistant", message.content)


def _store(message_id: int, answer: Answer) -> None:
    """Store the answer and its attempts in one transaction."""
    message = db.session.get_one(Message, message_id)
    message.content = answer.text
    message.state = State.STOPPED if answer.stopped else State.COMPLETE
    message.engine = answer.engine
    message.in_scope = answer.in_scope
    message.degraded = answer.degraded
    message.topic = answer.passages[0].topic.id if answer.in_scope and answer.passages else None
    message.sources = sources_of(answer.passages)
    for attempt in answer.attempts:
        row = prediction(attempt, answer.passages)
        row.message_id = message_id
        db.session.add(row)
    db.session.commit()


def _store_snapshot(message_id: int, said: str) -> None:
    """Keep what was said so far, for the page that comes back in mid-answer."""
    db.session.get_one(Message, message_id).content = said
    db.session.commit()


def _set_state(message_id: int, state: State) -> None:
    db.session.get_one(Message, message_id).state = state
    db.session.commit()
