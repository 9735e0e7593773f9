"""The engines for one question in their order, with the gates before them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta

from pedabot.answering.breaker import Breakers
from pedabot.answering.engines import Choice, Engines
from pedabot.answering.events import Engine, Gate
from pedabot.answering.queue import Queue, Ticket
from pedabot.extensions import db

SCHOOL = Choice()


@dataclass(frozen=True, slots=True)
class Chain:
    """What the pipeline needs to ask engines for one question."""

    engines: Sequence[Engine]
    ticket: Ticket
    breakers: Breakers
    longest: timedelta

    def gates(self, engine: Engine) -> Sequence[Gate]:
        """Return what stands before an engine: nothing before the last, which cannot fail."""
        if engine is self.engines[-1]:
            return ()
        return (self.ticket, self.breakers.gate(engine.model, self.longest))

    def keep(self) -> None:
        """Say that this question is still being answered."""
        self.ticket.keep()


class Chains:
    """Makes the chain of each question; one for each process."""

    def __init__(
        self, engines: Engines, breakers: Breakers, queue: Queue, longest: timedelta
    ) -> None:
        self.engines = engines
        self.breakers = breakers
        self.queue = queue
        self.longest = longest

    @contextmanager
    def open(self, choice: Choice = SCHOOL) -> Iterator[Chain]:
        """Give the chain for one question of a class that made this choice."""
        with closing(self.queue.ticket()) as ticket:
            try:
                yield Chain(self.engines.chosen(choice), ticket, self.breakers, self.longest)
            except Exception:
                db.session.rollback()  # the place is given back in a transaction of its own
                raise
