"""The books: each attempt in the prediction log with its cost, and the sums of each day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pedabot.answering.offline import OfflineEngine
from pedabot.answering.prices import Prices
from pedabot.answering.values import Attempt
from pedabot.extensions import db
from pedabot.storage import spending
from pedabot.storage.columns import utc_now
from pedabot.storage.conversations import Message
from pedabot.storage.predictions import Prediction


class Ledger:
    """Enters attempts under the school's day."""

    def __init__(
        self, prices: Prices, zone: ZoneInfo, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.prices = prices
        self.zone = zone
        self.clock = clock

    def today(self) -> date:
        """Return the day at the school."""
        return self.clock().astimezone(self.zone).date()

    def enter(self, message: Message, attempts: Sequence[Attempt]) -> None:
        """Add the attempts behind an answer to the log and to the sums (the caller commits)."""
        classroom = message.conversation.classroom
        scope = spending.NO_CLASS if classroom is None else classroom.slug
        passages = [str(source["subtopic"]) for source in message.sources]
        for attempt in attempts:
            cost = self._cost(attempt)
            db.session.add(_prediction(message, attempt, passages, cost))
            if attempt.tokens_in is not None:
                spending.add(self.today(), scope, attempt.model, cost)

    def _cost(self, attempt: Attempt) -> int | None:
        if attempt.engine == OfflineEngine.name or attempt.tokens_in is None:
            return 0
        return self.prices.cost(attempt.model, attempt.tokens_in, attempt.tokens_out or 0)


def _prediction(
    message: Message, attempt: Attempt, passages: list[str], cost: int | None
) -> Prediction:
    return Prediction(
        message=message,
        engine=attempt.engine,
        model=attempt.model,
        prompt_hash=attempt.prompt_hash,
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
