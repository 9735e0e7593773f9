"""An answer on its way to a page and into the database.

The question is stored before; the answer and its attempts are stored together after. Between the
two no transaction is open. A reader who leaves does not stop the answer: it is finished alone, and
whoever comes back follows it from what the database says.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import timedelta
from functools import partial

from pedabot import turns
from pedabot.answering import corrections, pipeline, storing
from pedabot.answering.budget import Budgets
from pedabot.answering.chains import Chains
from pedabot.answering.events import Answer, Engine, Event, Gate, Progress, Restart
from pedabot.answering.ledger import Ledger
from pedabot.answering.memory import Memory, may_be_shared, worth_keeping
from pedabot.answering.prompt_cache import PromptCache
from pedabot.answering.rendering import render
from pedabot.answering.retrieval import Retrieval
from pedabot.answering.stops import StopWatch
from pedabot.answering.storing import Asked
from pedabot.answering.values import DEFAULT_WINDOW, Window, never
from pedabot.extensions import db
from pedabot.knowledge.distress import distress_in
from pedabot.storage import answers, conversations
from pedabot.storage.answers import Place
from pedabot.storage.columns import utc_now
from pedabot.storage.conversations import Message, State
from pedabot.storage.patience import patiently, unless_away

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
        memory: Memory,
        budgets: Budgets,
        ledger: Ledger,
        window: Window = DEFAULT_WINDOW,
    ) -> None:
        self._retrieval = retrieval
        self._prompts = prompts
        self._chains = chains
        self._memory = memory
        self._budgets = budgets
        self._ledger = ledger
        self.window = window
        self._stops = StopWatch()
        self.longest = chains.longest + MARGIN

    def warm_up(self) -> None:
        """Make what the first question of a process would make: the model's client, tables."""
        self._retrieval.words_of_the_course()
        self._prompts.current()
        self._chains.engines.warm_up()

    def deliver(self, message_id: int) -> Generator[Event, None, None]:
        """Make the answer, or follow it where another request is making it already."""
        if conversations.claim(message_id):
            yield from self._make(message_id)
        else:
            yield from self._follow(message_id)

    def place_of(self, answer: Message) -> Place | None:
        """Return where this answer would be remembered; None if it cannot be given to others."""
        if answer.state is not State.COMPLETE:
            return None
        return self._place(self._load(answer.id))

    def may_be_shared(self, answer: Message) -> bool:
        """Tell whether a correction of this answer would answer the question of others too."""
        return may_be_shared(self._load(answer.id).question)

    def _load(self, message_id: int) -> Asked:
        words = self._retrieval.words_of_the_course()
        return storing.load_question(message_id, self._prompts.current(), words)

    def _place(self, asked: Asked) -> Place | None:
        return self._memory.place(asked, self._chains.engines.chosen(asked.choice))

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
        """The events of the answer; it is stored before it is passed on."""
        try:
            asked = self._load(message_id)
            if self._helped(message_id, asked):
                return
            if (corrected_id := corrections.find(asked)) is not None:
                storing.give_correction(corrected_id, message_id, self._ledger)
                return
            place = None if asked.again else self._place(asked)
            known = place is not None and (yield from self._recall(place, message_id))
            if not known:
                yield from self._answer(message_id, asked)
        except Exception:
            # Whatever went wrong, the student must not wait for ever: mark, then let it be seen.
            db.session.rollback()
            patiently(lambda: storing.set_state(message_id, State.FAILED))
            raise

    def _helped(self, message_id: int, asked: Asked) -> bool:
        """Answer a message of distress with the numbers to call, before anything is searched.

        Whoever asks for another answer after that has said that it was no such message.
        """
        kind = None if asked.again else distress_in(asked.question.text)
        if kind is not None:
            storing.give_help(message_id, kind)
        return kind is not None

    def _recall(self, place: Place, message_id: int) -> Generator[Event, None, bool]:
        """Give the answer that the class was given, or is being given now; False to make it."""
        while (kept := answers.claim(place, message_id)).message_id != message_id:
            if storing.repeat(kept, message_id, self._ledger):
                return True
            first_id = kept.message_id
            yield from self._follow(first_id, lambda: self._stops.requested(message_id))
            if self._stops.requested(message_id):
                storing.set_state(message_id, State.STOPPED)
                return True
            answers.take_over(place, first_id, message_id)
        return False

    def _answer(self, message_id: int, asked: Asked) -> Iterator[Event]:
        """The pipeline's events."""
        with self._chains.open(asked.choice) as chain:

            def stop() -> bool:
                chain.keep()
                return self._stops.requested(message_id)

            def gates(engine: Engine) -> Sequence[Gate]:
                others = chain.gates(engine)  # none before the last engine, which costs nothing
                return (self._budgets.gate(asked.purse, engine.model), *others) if others else ()

            for event in pipeline.answer(
                asked.question, self._retrieval.find, chain.engines, stop, gates, self.window
            ):
                if isinstance(event, Answer):
                    self._store(message_id, event)
                yield event

    def _store(self, message_id: int, answer: Answer) -> None:
        shared = worth_keeping(answer)
        patiently(lambda: storing.store(message_id, answer, self._ledger, shared=shared))

    def _finish_alone(self, message_id: int, events: Iterator[Event], said: str) -> None:
        stored_at = float("-inf")
        for event in events:
            said = _heard(said, event)
            if time.monotonic() - stored_at >= SECONDS_BETWEEN_SNAPSHOTS:
                unless_away(partial(storing.store_snapshot, message_id, said), None)
                stored_at = time.monotonic()

    def _follow(self, message_id: int, stop: Callable[[], bool] = never) -> Iterator[Event]:
        """Yield what another request has stored so far, until it is finished or given up."""
        turns.give_back()
        shown = ""
        while not stop() and (content := patiently(partial(self._so_far, message_id))) is not None:
            if content != shown:
                shown = content
                yield Restart()
                yield Progress(text=content, html=render(content, links=False), tail="")
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def _so_far(self, message_id: int) -> str | None:
        """Return what is stored of an answer; None once it is finished, given up or deleted."""
        message = db.session.get(Message, message_id, populate_existing=True)
        if message is None:
            return None
        content = message.content
        going_on = message.unfinished and message.created_at + self.longest > utc_now()
        db.session.commit()
        return content if going_on else None


def _heard(said: str, event: Event) -> str:
    if isinstance(event, Progress):
        return said + event.text
    return "" if isinstance(event, Restart) else said
