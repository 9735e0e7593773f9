"""How many tokens an attempt used: as the API counted them, or estimated where it did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pedabot.answering.events import Attempt
from pedabot.answering.offline.engine import OfflineEngine
from pedabot.answering.outcomes import ModelTimeoutError, Outcome
from pedabot.answering.values import Turn

BYTES_PER_TOKEN = 3
"""French text takes some 4 bytes for a token; a budget is safer with an estimate that is high."""

TOKENS_PER_TURN = 32
"""At most, for the marks that a chat template puts around a turn."""

# The API charges nothing for what it refused or what never reached it.
_NEVER_CHARGED = {
    Outcome.UNAUTHORIZED,
    Outcome.INVALID_REQUEST,
    Outcome.RATE_LIMITED,
    Outcome.UNREACHABLE,
    Outcome.RESTING,
    Outcome.CROWDED,
    Outcome.DAY_BUDGET,
    Outcome.MONTH_BUDGET,
    Outcome.UNPRICED,
}
_NOT_CONNECTED = str(ModelTimeoutError("connect"))


def settled(attempt: Attempt, prompt: Sequence[Turn], said: str) -> Attempt:
    """Return the attempt with the tokens that it cost.

    Figures of the API that cannot be, such as none for an answer of many words or more tokens than
    there are bytes, count as not given. An answer that was stopped or failed has none: what went
    out and came back is then estimated, and marked so.
    """
    if attempt.engine == OfflineEngine.name:
        return attempt
    if _possible(attempt, prompt, said):
        return attempt
    if not _charged(attempt, said):
        return replace(attempt, tokens_in=None, tokens_out=None)
    return replace(
        attempt,
        tokens_in=sum(estimate(turn.content) for turn in prompt),
        tokens_out=estimate(said),
        estimated=True,
    )


def estimate(text: str) -> int:
    """Return about how many tokens a text has, rounded up."""
    return -(-_bytes(text) // BYTES_PER_TOKEN)


def _possible(attempt: Attempt, prompt: Sequence[Turn], said: str) -> bool:
    """Tell whether the API's figures can be true: a token stands for a byte at least."""
    if attempt.tokens_in is None or attempt.tokens_out is None:
        return False
    most_in = sum(_bytes(turn.content) + TOKENS_PER_TURN for turn in prompt)
    longest = attempt.parameters.get("max_tokens")
    most_out = max(_bytes(said) + TOKENS_PER_TURN, longest if isinstance(longest, int) else 0)
    return 0 < attempt.tokens_in <= most_in and bool(said) <= attempt.tokens_out <= most_out


def _charged(attempt: Attempt, said: str) -> bool:
    if said:
        return True
    if not attempt.asked:
        return False
    if attempt.outcome is Outcome.SERVER_ERROR or attempt.outcome in _NEVER_CHARGED:
        return False
    return attempt.cause != _NOT_CONNECTED and attempt.duration_ms > 0  # 0: stopped in the queue


def _bytes(text: str) -> int:
    return len(text.encode())
