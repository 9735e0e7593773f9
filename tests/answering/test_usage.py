"""Tokens and what they cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pedabot.answering.events import Attempt
from pedabot.answering.outcomes import Outcome
from pedabot.answering.prices import Prices
from pedabot.answering.usage import estimate, settled
from pedabot.answering.values import Turn
from pedabot.config import Price, read_prices
from pedabot.settings import ConfigurationError

PROMPT = (Turn("system", "Tu es un tuteur."), Turn("user", "C'est quoi, un neurone ?"))
SAID = "Un neurone additionne ses entrées."
ATTEMPT = Attempt(
    engine="mistral",
    model="small",
    prompt_hash="hash",
    parameters={"max_tokens": 50},
    outcome=Outcome.COMPLETE,
    cause="",
    first_token_ms=1,
    duration_ms=2,
    tokens_in=12,
    tokens_out=34,
)


def tokens(attempt: Attempt) -> tuple[int | None, int | None, bool]:
    return attempt.tokens_in, attempt.tokens_out, attempt.estimated


ESTIMATE = (sum(estimate(turn.content) for turn in PROMPT), estimate(SAID), True)


def test_the_figures_of_the_api_are_taken_as_they_are() -> None:
    assert settled(ATTEMPT, PROMPT, SAID) is ATTEMPT


@pytest.mark.parametrize(
    ("tokens_in", "tokens_out"),
    [
        (None, None),
        (12, None),
        (None, 34),
        (0, 34),
        (12, 0),  # for an answer of some words
        (10**12, 34),
        (12, 10**12),
        (12, 99),  # more than max_tokens allows, and than the answer has bytes
    ],
)
def test_figures_that_cannot_be_are_estimated_and_marked(
    tokens_in: int | None, tokens_out: int | None
) -> None:
    attempt = replace(ATTEMPT, tokens_in=tokens_in, tokens_out=tokens_out)
    assert tokens(settled(attempt, PROMPT, SAID)) == ESTIMATE


@pytest.mark.parametrize("outcome", [Outcome.STOPPED, Outcome.DROPPED, Outcome.SERVER_ERROR])
def test_what_was_said_before_the_end_is_estimated(outcome: Outcome) -> None:
    attempt = replace(ATTEMPT, outcome=outcome, tokens_in=None, tokens_out=None)
    assert tokens(settled(attempt, PROMPT, SAID)) == ESTIMATE


@pytest.mark.parametrize(
    ("outcome", "cause"),
    [
        (Outcome.UNAUTHORIZED, "HTTP 401"),
        (Outcome.INVALID_REQUEST, "HTTP 422"),
        (Outcome.RATE_LIMITED, "HTTP 429"),
        (Outcome.SERVER_ERROR, "HTTP 503"),
        (Outcome.UNREACHABLE, "ConnectError"),
        (Outcome.TIMEOUT, "time limit: connect"),
        (Outcome.RESTING, "resting"),
        (Outcome.CROWDED, "crowded"),
        (Outcome.DAY_BUDGET, "class"),
    ],
)
def test_what_the_api_refused_used_nothing(outcome: Outcome, cause: str) -> None:
    attempt = replace(ATTEMPT, outcome=outcome, cause=cause, tokens_in=None, tokens_out=None)
    assert tokens(settled(attempt, PROMPT, "")) == (None, None, False)


def test_a_model_that_took_the_question_and_fell_silent_used_the_prompt() -> None:
    attempt = replace(
        ATTEMPT,
        outcome=Outcome.TIMEOUT,
        cause="time limit: first_token",
        tokens_in=None,
        tokens_out=None,
    )
    assert tokens(settled(attempt, PROMPT, "")) == (ESTIMATE[0], 0, True)


@pytest.mark.parametrize("outcome", [Outcome.RESTING, Outcome.CROWDED, Outcome.STOPPED])
def test_a_model_that_was_not_asked_used_nothing(outcome: Outcome) -> None:
    attempt = replace(ATTEMPT, outcome=outcome, asked=False, tokens_in=None, tokens_out=None)
    assert tokens(settled(attempt, PROMPT, "")) == (None, None, False)


def test_a_question_stopped_in_the_queue_used_nothing() -> None:
    attempt = replace(
        ATTEMPT, outcome=Outcome.STOPPED, duration_ms=0, tokens_in=None, tokens_out=None
    )
    assert tokens(settled(attempt, PROMPT, "")) == (None, None, False)


def test_the_course_alone_uses_no_tokens() -> None:
    attempt = replace(ATTEMPT, engine="offline", tokens_in=None, tokens_out=None)
    assert tokens(settled(attempt, PROMPT, SAID)) == (None, None, False)


def test_prices_are_read_with_their_day() -> None:
    assert read_prices(" small 0.10 0.30 2026-04-01 ; large 2 6 2026-05-02;") == (
        Price("small", Decimal("0.10"), Decimal("0.30"), date(2026, 4, 1)),
        Price("large", Decimal(2), Decimal(6), date(2026, 5, 2)),
    )
    assert read_prices("") == ()


@pytest.mark.parametrize(
    "text",
    [
        "small 0.10 0.30",
        "small 0.10 0.30 yesterday",
        "small 0,10 0,30 2026-04-01",
        "small -1 0.30 2026-04-01",
        "small nan 0.30 2026-04-01",
        "small 0.1 0.3 2026-04-01 small",
        "small 0.1 0.3 2026-04-01; small 0.2 0.6 2026-04-01",
    ],
)
def test_prices_written_otherwise_are_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="PEDABOT_PRICES"):
        read_prices(text)


def test_a_cost_is_in_micro_euros_rounded_up() -> None:
    prices = Prices(read_prices("small 0.10 0.30 2026-04-01"), own_server=False)
    assert prices.cost("small", 1_000_000, 0) == 100_000
    assert prices.cost("small", 12, 34) == 12  # 1.2 + 10.2 = 11.4
    assert prices.cost("small", 0, 0) == 0
    assert prices.cost("unheard-of", 12, 34) is None
    assert not prices.known("unheard-of")


def test_a_server_of_the_school_is_free_unless_it_has_a_price() -> None:
    prices = Prices(read_prices("small 0.10 0.30 2026-04-01"), own_server=True)
    assert prices.cost("llama", 12, 34) == 0
    assert prices.known("llama")
    assert prices.cost("small", 12, 34) == 12
