"""The queue before the models: so many calls at once over all processes, the others in fair order.

Waiting costs little: of all the questions that wait in a process one looks at the database, four
times a second, for all of them. No transaction is open while they wait.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from pedabot.answering.events import Gate, Queued
from pedabot.answering.outcomes import CrowdedError
from pedabot.extensions import db
from pedabot.storage import calls as calls_of_the_database
from pedabot.storage.columns import new_slug, utc_now
from pedabot.storage.patience import unless_away

SECONDS_BETWEEN_LOOKS = 0.25
LEASE = timedelta(seconds=30)
"""After so long the calls of a process that died no longer count."""
SECONDS_BETWEEN_RENEWALS = 5.0


class Store(Protocol):
    """Where all processes meet: the tables of the database, or Redis."""

    def enter(self, process: str, slots: int, now: datetime, lease: timedelta) -> int | None:
        """Take a free slot at once if nobody waits; return the number of the call, or None."""

    def join(self, process: str, now: datetime, lease: timedelta) -> int:
        """Stand at the end of the queue; return the number of the call."""

    def renew(self, process: str, now: datetime, lease: timedelta) -> None:
        """Renew the leases of a process."""

    def advance(self, process: str, slots: int, now: datetime) -> Mapping[int, int]:
        """Give free slots to the first in the queue; return the place of each call."""

    def leave(self, call_id: int) -> None:
        """Leave the queue, or free the slot."""

    def counts(self, now: datetime) -> tuple[int, int]:
        """Return how many calls are under way, and how many wait."""


class Queue:
    """The questions of one process that call a model or wait for it; shared by its requests."""

    def __init__(self, slots: int, patience: float, calls: Store = calls_of_the_database) -> None:
        self.calls = calls
        self.slots = slots
        self.patience = patience
        self._changed = threading.Condition()
        self._process = ""
        self._places: Mapping[int, int] = {}
        self._looked_at = self._renewed_at = float("-inf")

    def ticket(self) -> Ticket:
        """Return what one question needs to wait and to go on; it must be closed at the end."""
        return Ticket(self)

    def join(self) -> tuple[int, int]:
        """Stand in the queue; return the number of the call and its place, 0 if it may go on."""
        with self._changed:
            self._process = self._process or new_slug()  # not before: processes are forked
            entered = self.calls.enter(self._process, self.slots, utc_now(), LEASE)
            if entered is not None:
                return entered, 0
            call = self.calls.join(self._process, utc_now(), LEASE)
            self._look()
            return call, self._places[call]

    def wait(self, call: int) -> int | None:
        """Wait for a moment; return the place then, None if the call's lease has run out."""
        with self._changed:
            self._changed.wait(SECONDS_BETWEEN_LOOKS)
            if time.monotonic() - self._looked_at >= SECONDS_BETWEEN_LOOKS:
                self._look()
            return self._places.get(call)

    def leave(self, call: int) -> None:
        """Leave the queue or end the call, and let the next one go on."""
        with self._changed:
            unless_away(lambda: self.calls.leave(call), None)  # else its lease will run out
            self._looked_at = float("-inf")
            self._changed.notify_all()

    def keep(self) -> None:
        """Renew the leases of this process if it is time; called again and again meanwhile."""
        if time.monotonic() - self._renewed_at >= SECONDS_BETWEEN_RENEWALS:
            with self._changed:
                unless_away(self._renew, None)

    def _look(self) -> None:
        if time.monotonic() - self._renewed_at >= SECONDS_BETWEEN_RENEWALS:
            self._renew()
        self._places = self.calls.advance(self._process, self.slots, utc_now())
        self._looked_at = time.monotonic()

    def _renew(self) -> None:
        self._renewed_at = time.monotonic()
        self.calls.renew(self._process, utc_now(), LEASE)
        db.session.commit()


class Ticket(Gate):
    """The place of one question before all models: who has waited once need not wait again."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._call: int | None = None
        self._admitted = self._gave_up = False
        self._until = 0.0

    def check(self) -> None:
        """Refuse a question that has waited long enough already."""
        if self._gave_up:
            raise CrowdedError("the queue was too long")

    def admit(self) -> Queued | None:
        """Let the question through when its turn has come, after a short wait otherwise."""
        if self._admitted:
            return None
        place = self._next_place()
        self._admitted = place == 0
        if not self._admitted and time.monotonic() >= self._until:
            self._gave_up = True
            self.close()
            self.check()
        return None if self._admitted else Queued(place)

    def _next_place(self) -> int:
        if self._call is None:
            self._until = time.monotonic() + self._queue.patience
            place = None
        else:
            place = self._queue.wait(self._call)
        if place is None:
            self._call, place = self._queue.join()
        return place

    def keep(self) -> None:
        """Say that the process lives, if the question is in the queue or calls a model."""
        if self._call is not None:
            self._queue.keep()

    def close(self) -> None:
        """Leave the queue, or end the call, if either has begun."""
        call, self._call = self._call, None
        if call is not None:
            self._queue.leave(call)
