"""Which engine next: small engines that say what the test wants, in place of models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, repeat

import pytest

from pedabot.answering.fallback import attempts
from pedabot.answering.values import (
    AnsweringError,
    Attempt,
    DroppedStreamError,
    Outcome,
    Piece,
    Question,
    RateLimitedError,
    Request,
    Restart,
    ServerError,
    Usage,
)
from pedabot.knowledge.document import Difficulty

REQUEST = Request(
    question=Question("Qu'est-ce qu'un neurone ?", Difficulty.BEGINNER),
    passages=(),
    in_scope=True,
    compared=False,
    prompt=(),
    prompt_hash="hash",
)


class Talker:
    """Says some pieces and its usage, or fails after the pieces; knows how it was treated."""

    parameters: Mapping[str, object] = {"temperature": 0.3}

    def __init__(self, name: str, *pieces: str, failure: Exception | None = None) -> None:
        self.name = name
        self.model = f"{name}-model"
        self.asked = 0
        self.closed = 0
        self._pieces = pieces
        self._failure = failure
        self._answers: list[Iterator[Piece | Usage]] = []

    def answer(self, request: Request) -> Iterator[Piece | Usage]:
        self.asked += 1
        self._answers.append(self._talk())  # kept: the garbage collector closes nothing here
        return self._answers[-1]

    def _talk(self) -> Iterator[Piece | Usage]:
        try:
            yield from (Piece(piece) for piece in self._pieces)
            if self._failure is not None:
                raise self._failure
            yield Usage(3, 5)
        finally:
            self.closed += 1


def never() -> bool:
    return False


def summary(steps: list[Piece | Restart | Attempt]) -> list[object]:
    """Reduce the steps to what can be compared: times differ from run to run."""
    return [(step.engine, step.outcome) if isinstance(step, Attempt) else step for step in steps]


def test_the_first_engine_that_answers_is_the_last_asked() -> None:
    first, second = Talker("first", "Bon", "jour"), Talker("second", "Non")
    steps = list(attempts([first, second], REQUEST, never))
    assert summary(steps) == [Piece("Bon"), Piece("jour"), ("first", Outcome.COMPLETE)]
    assert (first.closed, second.asked) == (1, 0)


def test_what_the_log_learns_of_an_answer() -> None:
    (*_, attempt) = attempts([Talker("first", "Bon")], REQUEST, never)
    assert isinstance(attempt, Attempt)
    assert (attempt.engine, attempt.model, attempt.cause) == ("first", "first-model", "")
    assert (attempt.prompt_hash, attempt.parameters) == ("hash", {"temperature": 0.3})
    assert (attempt.tokens_in, attempt.tokens_out) == (3, 5)
    assert attempt.first_token_ms is not None
    assert 0 <= attempt.first_token_ms <= attempt.duration_ms


def test_a_silent_failure_needs_no_restart() -> None:
    first = Talker("first", failure=RateLimitedError("HTTP 429"))
    steps = list(attempts([first, Talker("second", "Oui")], REQUEST, never))
    assert summary(steps) == [
        ("first", Outcome.RATE_LIMITED),
        Piece("Oui"),
        ("second", Outcome.COMPLETE),
    ]


def test_what_the_log_learns_of_a_failure() -> None:
    first = Talker("first", failure=RateLimitedError("HTTP 429"))
    attempt = next(attempts([first, Talker("second", "Oui")], REQUEST, never))
    assert isinstance(attempt, Attempt)
    assert attempt.cause == "HTTP 429"
    assert attempt.first_token_ms is None
    assert (attempt.tokens_in, attempt.tokens_out) == (None, None)


def test_a_failure_in_mid_answer_makes_what_was_said_void() -> None:
    first = Talker("first", "Bon", failure=DroppedStreamError("cut"))
    steps = list(attempts([first, Talker("second", "Oui")], REQUEST, never))
    assert summary(steps) == [
        Piece("Bon"),
        ("first", Outcome.DROPPED),
        Restart(),
        Piece("Oui"),
        ("second", Outcome.COMPLETE),
    ]


def test_the_error_of_the_last_engine_comes_after_its_attempt() -> None:
    failure = DroppedStreamError("cut")
    engines = [
        Talker("first", failure=ServerError("HTTP 500")),
        Talker("second", "Bon", failure=failure),
    ]
    steps: list[Piece | Restart | Attempt] = []
    with pytest.raises(AnsweringError) as caught:
        for step in attempts(engines, REQUEST, never):
            steps.append(step)
    assert caught.value is failure
    assert summary(steps) == [
        ("first", Outcome.SERVER_ERROR),
        Piece("Bon"),
        ("second", Outcome.DROPPED),
    ]


def test_stopped_it_closes_the_engine_and_asks_no_other() -> None:
    first, second = Talker("first", "Bon", "jour", " !"), Talker("second", "Non")
    asked = chain([False, False], repeat(True))
    steps = list(attempts([first, second], REQUEST, lambda: next(asked)))
    assert summary(steps) == [Piece("Bon"), Piece("jour"), ("first", Outcome.STOPPED)]
    assert (first.closed, second.asked) == (1, 0)


def test_a_stop_that_comes_after_the_last_word_changes_nothing() -> None:
    asked = chain([False], repeat(True))
    steps = list(attempts([Talker("first", "Bon")], REQUEST, lambda: next(asked)))
    assert summary(steps) == [Piece("Bon"), ("first", Outcome.COMPLETE)]


def test_stopped_while_the_first_engine_fails_the_second_says_nothing() -> None:
    first = Talker("first", failure=ServerError("HTTP 500"))
    steps = list(attempts([first, Talker("second", "Oui")], REQUEST, lambda: True))
    assert summary(steps) == [("first", Outcome.SERVER_ERROR), ("second", Outcome.STOPPED)]


def test_closing_it_closes_the_engine() -> None:
    engine = Talker("first", "Bon", "jour")
    steps = attempts([engine], REQUEST, never)
    next(steps)
    assert engine.closed == 0
    steps.close()  # type: ignore[attr-defined]
    assert engine.closed == 1


def test_a_bug_is_not_taken_for_a_failure() -> None:
    first, second = Talker("first", failure=ZeroDivisionError()), Talker("second", "Non")
    with pytest.raises(ZeroDivisionError):
        list(attempts([first, second], REQUEST, never))
    assert (first.closed, second.asked) == (1, 0)


def test_an_engine_may_return_a_plain_iterator() -> None:
    class Plain(Talker):
        def answer(self, request: Request) -> Iterator[Piece | Usage]:
            return iter([Piece("Oui")])

    steps = list(attempts([Plain("plain")], REQUEST, never))
    assert summary(steps) == [Piece("Oui"), ("plain", Outcome.COMPLETE)]
