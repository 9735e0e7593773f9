"""A circuit breaker before each model, shared by all processes of the server.

Closed, all calls pass. After some failures in a row it is open: the model is left alone, and costs
nobody any time. When the rest is over it is half open: one call probes the model for all; its
answer closes the breaker, its failure opens it for twice as long.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from pedabot.answering.events import Attempt, Gate
from pedabot.answering.outcomes import Outcome, RestingError
from pedabot.storage import breakers
from pedabot.storage.breakers import CAUSE_LENGTH, Change, Standing, State
from pedabot.storage.columns import utc_now
from pedabot.storage.patience import unless_away

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


class Store(Protocol):
    """Where all processes find what each of them learns: the database, or Redis."""

    def standings(self) -> Mapping[str, Standing]:
        """Return what is known of all models that have ever failed."""

    def change(self, model: str, changed: Change) -> None:
        """Change what is known of a model; nobody else does so meanwhile."""

    def forget_all(self) -> None:
        """Forget all failures."""


class Breakers:
    """The breakers of all models, one object for each process; ``failures`` in a row open one."""

    def __init__(
        self,
        failures: int,
        rest: timedelta,
        clock: Callable[[], datetime] = utc_now,
        store: Store = breakers,
    ) -> None:
        self.store = store
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
        """Return what is known of a model; the store is asked every 0.1 s at most."""
        with self._lock:
            if time.monotonic() - self._looked_at >= SECONDS_BETWEEN_LOOKS:
                self._standings = unless_away(self.store.standings, self._standings)
                self._looked_at = time.monotonic()
            return self._standings.get(model, Standing())

    def forget(self) -> None:
        """Look at the store at the next call."""
        self._looked_at = float("-inf")

    def begin_anew(self) -> None:
        """Forget all failures: whoever says so has changed a key, or repaired a server."""
        self.store.forget_all()
        self.forget()

    def change(self, model: str, changed: Change) -> None:
        """Change what all processes know of a model; nothing where the database is away."""
        unless_away(lambda: self.store.change(model, changed), None)
        self.forget()

    def fail(self, model: str, attempt: Attempt) -> None:
        """Count a failure; open the breaker where it is one too many."""
        now = self.clock()
        self.change(model, lambda before: self._after(_with_failure(before, attempt, now), attempt))

    def _after(self, standing: Standing, attempt: Attempt) -> Standing:
        """Return what is known after a failure that happened just now, and was counted."""
        now = self.clock()
        if standing.open_until is not None and now < standing.open_until:  # another was quicker
            if attempt.retry_after is None:
                return standing
            until = max(standing.open_until, now + self._rest(standing, attempt))
            return replace(standing, open_until=until)
        if not self._is_one_too_many(standing, attempt):
            return standing
        return replace(
            standing,
            open_until=now + self._rest(standing, attempt),
            openings=standing.openings + (attempt.retry_after is None),
        )

    def _is_one_too_many(self, standing: Standing, attempt: Attempt) -> bool:
        probe = standing.open_until is not None
        return probe or attempt.outcome in OPENS_AT_ONCE or standing.failures >= self.failures

    def _rest(self, standing: Standing, attempt: Attempt) -> timedelta:
        if attempt.retry_after is not None:
            return timedelta(seconds=min(attempt.retry_after, LONGEST_REST.total_seconds()))
        doubled: timedelta = self.rest * 2 ** min(standing.openings, 16)
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
            self._probing = self._take_probe(now)
            if not self._probing:
                raise RestingError("another question tries it")

    def _take_probe(self, now: datetime) -> bool:
        """Take the one call that may try a rested model; False if another has it."""
        mine = False

        def take(known: Standing) -> Standing:
            nonlocal mine
            mine = known.state(now) is State.HALF_OPEN and not known.probed(now)
            return replace(known, probe_until=now + self._longest) if mine else known

        self._breakers.change(self._model, take)
        return mine

    def leave(self, attempt: Attempt) -> None:
        """Learn from how the call ended."""
        if attempt.outcome in COUNTS:
            self._breakers.fail(self._model, attempt)
        elif attempt.first_token_ms is not None:  # it answers, even if the student stopped it
            self._recover()
        elif self._probing:  # it told nothing: let another call try it
            self._breakers.change(self._model, lambda known: replace(known, probe_until=None))
        self._probing = False

    def _recover(self) -> None:
        """Forget the failures in a row; the last one stays to be read."""
        if not self._breakers.standing(self._model).spotless:
            self._breakers.change(
                self._model,
                lambda known: replace(
                    known, failures=0, openings=0, open_until=None, probe_until=None
                ),
            )


def _with_failure(known: Standing, attempt: Attempt, now: datetime) -> Standing:
    return replace(
        known,
        failures=known.failures + 1,
        outcome=attempt.outcome,
        cause=attempt.cause[:CAUSE_LENGTH],
        failed_at=now,
        probe_until=None,
    )
