"""The books: each attempt in the prediction log with its cost, and the sums of each day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from pedabot.answering.events import Attempt
from pedabot.answering.offline.engine import OfflineEngine
from pedabot.answering.outcomes import Outcome
from pedabot.answering.prices import Prices
from pedabot.extensions import db
from pedabot.storage import spending
from pedabot.storage.columns import utc_now
from pedabot.storage.comparisons import ComparedAnswer
from pedabot.storage.conversations import Message
from pedabot.storage.predictions import Prediction


class Watcher(Protocol):
    """Is told of all that is entered; a cost is in micro-euros."""

    def attempt(self, attempt: Attempt, cost: int | None) -> None:
        """Take note of a try of an engine."""

    def repeat(self, kind: str) -> None:
        """Take note of an answer that was given before."""


class Ledger:
    """Enters attempts under the school's day."""

    def __init__(
        self, prices: Prices, zone: ZoneInfo, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.prices = prices
        self.zone = zone
        self.clock = clock
        self.watchers: list[Watcher] = []

    def today(self) -> date:
        """Return the day at the school."""
        return self.clock().astimezone(self.zone).date()

    def enter(self, message: Message, attempts: Sequence[Attempt]) -> None:
        """Add the attempts behind an answer to the log and to the sums (the caller commits)."""
        classroom = message.conversation.classroom
        scope = spending.NO_CLASS if classroom is None else classroom.slug
        passages = [str(source["subtopic"]) for source in message.sources]
        for attempt in attempts:
            row = self._row(attempt, passages, self._spend(scope, attempt))
            row.message = message
            db.session.add(row)

    def enter_compared(
        self, answer: ComparedAnswer | None, passages: list[str], attempts: Sequence[Attempt]
    ) -> None:
        """Add the attempts behind an answer of a comparison; what it costs is the school's.

        The answer is None where the comparison was deleted meanwhile: its cost remains.
        """
        costs = [self._spend(spending.NO_CLASS, attempt) for attempt in attempts]
        if answer is None:
            return
        for attempt, cost in zip(attempts, costs, strict=True):
            row = self._row(attempt, passages, cost)
            row.compared_id = answer.id
            db.session.add(row)

    def _spend(self, scope: str, attempt: Attempt) -> int | None:
        """Add an attempt to the sums; returns its cost."""
        cost = self._cost(attempt)
        if attempt.tokens_in is not None:
            spending.add(self.today(), scope, attempt.model, cost)
        for watcher in self.watchers:
            watcher.attempt(attempt, cost)
        return cost

    def enter_repeat(self, message: Message, first: Message) -> None:
        """Add to the log that an answer was given again, at no cost (the caller commits)."""
        for watcher in self.watchers:
            watcher.repeat(str(message.engine))
        took = self.clock() - message.created_at
        db.session.add(
            Prediction(
                created_at=self.clock(),
                message=message,
                engine=message.engine,
                model=first.engine,
                prompt_hash="",
                parameters={},
                passages=[str(source["subtopic"]) for source in message.sources],
                cost=0,
                duration_ms=round(took.total_seconds() * 1000),
                outcome=Outcome.COMPLETE.value,
            )
        )

    def _cost(self, attempt: Attempt) -> int | None:
        if attempt.engine == OfflineEngine.name or attempt.tokens_in is None:
            return 0
        return self.prices.cost(attempt.model, attempt.tokens_in, attempt.tokens_out or 0)

    def _row(self, attempt: Attempt, passages: list[str], cost: int | None) -> Prediction:
        return Prediction(
            created_at=self.clock(),
            engine=attempt.engine,
            model=attempt.model,
            prompt_hash=attempt.prompt_hash,
            prompt_version_id=attempt.prompt_version,
            parameters=dict(attempt.parameters),
            passages=passages,
            question=attempt.question,
            tokens_in=attempt.tokens_in,
            tokens_out=attempt.tokens_out,
            estimated=attempt.estimated,
            cost=cost,
            queued_ms=attempt.queued_ms,
            first_token_ms=attempt.first_token_ms,
            duration_ms=attempt.duration_ms,
            outcome=attempt.outcome.value,
            cause=attempt.cause,
        )
