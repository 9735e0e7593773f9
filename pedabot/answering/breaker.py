"""A circuit breaker before each model, shared by all processes of the server.

Closed, all calls pass. After some failures in a row it is open: the model is left alone, and costs
nobody any time. When the rest is over it is half open: one call probes the model for all; its
answer closes the breaker, its failure opens it for twice as long.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pedabot.answering.values import Attempt, Gate, Outcome, RestingError
from pedabot.extensions import db
from pedabot.storage import breakers
from pedabot.storage.breakers import Breaker
from pedabot.storage.columns import utc_now

SECONDS_BETWEEN_LOOKS = 0.1
LONGEST_REST = timedelta(minutes=5)
"""No rest is longer, whatever the failures or a ``Retry-After`` say: the class waits for it."""

# It will not be better at the next call, for nobody.
OPENS_AT_ONCE = {Outcome.UNAUTHORIZED, Outcome.RATE_LIMITED}
COUNTS = OPENS_AT_ONCE | {
    Outcome.SERVER_ERROR,
    Outcome.UNREACHABLE,
    Outcome.TIMEOUT,
    Outcome.DROPPED,
    Outcome.GARBLED,
    Outcome.EMPTY,
}
# All else tells nothing of the model: a request that it cannot accept (422) fails for one question.


class State(StrEnum):
    """What a breaker does with a call."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a model, as of some milliseconds ago; the last failure stays to be read."""

    failures: int = 0
    open_until: datetime | None = None
    probe_until: datetime | None = None
    failed_at: datetime | None = None
    outcome: str = ""
    cause: str = ""

    @property
    def spotless(self) -> bool:
        """Tell whether an answer would change nothing."""
        return self.failures == 0 and self.open_until is None

    def state(self, now: datetime) -> State:
        """Return what the breaker does with a call at that moment."""
        if self.open_until is None:
            return State.CLOSED
        return State.OPEN if now < self.open_until else State.HALF_OPEN

    def probed(self, now: datetime) -> bool:
        """Tell whether a call is trying the model at that moment."""
        return self.probe_until is not None and now < self.probe_until


class Breakers:
    """The breakers of all models, one object for each process; ``failures`` in a row open one."""

    def __init__(
        self, failures: int, rest: timedelta, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.failures = failures
        self.rest = rest
        self.clock = clock
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._standings: Mapping[str, Standing] = {}

    def gate(self, model: str, longest: timedelta) -> BreakerGate:
        """Return the gate before a model for one question, whose call takes ``longest`` at most."""
        return BreakerGate(self, model, longest)

    def standing(self, model: str) -> Standing:
        """Return what is known of a model; the database is asked every 0.1 s at most."""
        with self._lock:
            if time.monotonic() - self._looked_at >= SECONDS_BETWEEN_LOOKS:
                self._standings = {row.model: _standing(row) for row in breakers.all_breakers()}
                db.session.commit()
                self._looked_at = time.monotonic()
            return self._standings.get(model, Standing())

    def forget(self) -> None:
        """Look at the database at the next call."""
        self._looked_at = float("-inf")

    def fail(self, model: str, attempt: Attempt) -> None:
        """Count a failure; open the breaker where it is one too many."""
        now = self.clock()
        row = breakers.count_failure(model, attempt.outcome, attempt.cause, now)
        if row.open_until is not None and now < row.open_until:  # another call was quicker
            if attempt.retry_after is not None:
                row.open_until = max(row.open_until, now + self._rest(row, attempt))
        elif self._is_one_too_many(row, attempt):
            row.open_until = now + self._rest(row, attempt)
            row.openings += attempt.retry_after is None
        db.session.commit()
        self.forget()

    def _is_one_too_many(self, row: Breaker, attempt: Attempt) -> bool:
        probe = row.open_until is not None
        return probe or attempt.outcome in OPENS_AT_ONCE or row.failures >= self.failures

    def _rest(self, row: Breaker, attempt: Attempt) -> timedelta:
        if attempt.retry_after is not None:
            return timedelta(seconds=min(attempt.retry_after, LONGEST_REST.total_seconds()))
        doubled: timedelta = self.rest * 2 ** min(row.openings, 16)
        return min(doubled, LONGEST_REST)


class BreakerGate(Gate):
    """The breaker of one model before one question."""

    def __init__(self, breakers: Breakers, model: str, longest: timedelta) -> None:
        self._breakers = breakers
        self._model = model
        self._longest = longest
        self._probing = False

    def check(self) -> None:
        """Refuse while the model rests, or while another question tries it."""
        now = self._breakers.clock()
        standing = self._breakers.standing(self._model)
        if standing.state(now) is State.OPEN or (standing.probed(now) and not self._probing):
            raise RestingError(f"after {standing.failures} failures: {standing.outcome}")

    def admit(self) -> None:
        """Let all pass while it is closed, and one of them while it is half open."""
        self.check()
        now = self._breakers.clock()
        if self._breakers.standing(self._model).state(now) is State.HALF_OPEN:
            self._probing = breakers.take_probe(self._model, now, self._longest)
            self._breakers.forget()
            if not self._probing:
                raise RestingError("another question tries it")

    def leave(self, attempt: Attempt) -> None:
        """Learn from how the call ended."""
        if attempt.outcome in COUNTS:
            self._breakers.fail(self._model, attempt)
        elif attempt.first_token_ms is not None:  # it answers, even if the student stopped it
            self._recover()
        elif self._probing:
            breakers.return_probe(self._model)
            self._breakers.forget()
        self._probing = False

    def _recover(self) -> None:
        if not self._breakers.standing(self._model).spotless:
            breakers.close(self._model)
            self._breakers.forget()


def _standing(row: Breaker) -> Standing:
    return Standing(
        failures=row.failures,
        open_until=row.open_until,
        probe_until=row.probe_until,
        failed_at=row.failed_at,
        outcome=row.outcome,
        cause=row.cause,
    )
