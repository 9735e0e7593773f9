"""An answer on its way to a page and into the database.

The question is stored before; the answer and its attempts are stored together after. Between the
two no transaction is open. A reader who leaves does not stop the answer: it is finished alone, and
whoever comes back follows it from what the database says.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from datetime import timedelta

from pedabot.answering import pipeline, storing
from pedabot.answering.chains import Chains
from pedabot.answering.ledger import Ledger
from pedabot.answering.prompt_cache import PromptCache
from pedabot.answering.rendering import render
from pedabot.answering.retrieval import Retrieval
from pedabot.answering.stops import StopWatch
from pedabot.answering.values import DEFAULT_WINDOW, Answer, Event, Progress, Restart, Window
from pedabot.extensions import db
from pedabot.storage import conversations
from pedabot.storage.conversations import Message, State

SECONDS_BETWEEN_LOOKS = 0.3
SECONDS_BETWEEN_SNAPSHOTS = 1.0
MARGIN = timedelta(seconds=30)


class Delivery:
    """Makes the answers that wait, with the engines in their order."""

    def __init__(
        self,
        retrieval: Retrieval,
        prompts: PromptCache,
        chains: Chains,
        ledger: Ledger,
        window: Window = DEFAULT_WINDOW,
    ) -> None:
        self._retrieval = retrieval
        self._prompts = prompts
        self._chains = chains
        self._ledger = ledger
        self.window = window
        self._stops = StopWatch()
        self.longest = chains.longest + MARGIN

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
            words = self._retrieval.words_of_the_course()
            question, choice = storing.load_question(message_id, self._prompts.current(), words)
            with self._chains.open(choice) as chain:

                def stop() -> bool:
                    chain.keep()
                    return self._stops.requested(message_id)

                for event in pipeline.answer(
                    question, self._retrieval.find, chain.engines, stop, chain.gates, self.window
                ):
                    if isinstance(event, Answer):
                        storing.store(message_id, event, self._ledger)
                    yield event
        except Exception:
            # Whatever went wrong, the student must not wait for ever: mark, then let it be seen.
            db.session.rollback()
            storing.set_state(message_id, State.FAILED)
            raise

    def _finish_alone(self, message_id: int, events: Iterator[Event], said: str) -> None:
        stored_at = float("-inf")
        for event in events:
            said = _heard(said, event)
            if time.monotonic() - stored_at >= SECONDS_BETWEEN_SNAPSHOTS:
                storing.store_snapshot(message_id, said)
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
