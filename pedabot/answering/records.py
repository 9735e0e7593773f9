"""An answer as the tables keep it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pedabot.answering.values import Attempt
from pedabot.knowledge.search import Passage
from pedabot.storage.predictions import Prediction


def prediction(attempt: Attempt, passages: Sequence[Passage]) -> Prediction:
    """Return the row of an attempt; the caller says to what it belongs."""
    return Prediction(
        engine=attempt.engine,
        model=attempt.model,
        prompt_hash=attempt.prompt_hash,
        prompt_version_id=attempt.prompt_version,
        parameters=dict(attempt.parameters),
        passages=[passage.subtopic.id for passage in passages],
        tokens_in=attempt.tokens_in,
        tokens_out=attempt.tokens_out,
        first_token_ms=attempt.first_token_ms,
        duration_ms=attempt.duration_ms,
        outcome=attempt.outcome.value,
        cause=attempt.cause,
    )


def sources_of(passages: Sequence[Passage]) -> list[dict[str, Any]]:
    """Return the passages as an answer remembers them."""
    return [
        {
            "topic": passage.topic.id,
            "subtopic": passage.subtopic.id,
            "title": passage.subtopic.title,
            "score": round(passage.score, 3),
        }
        for passage in passages
    ]
