"""Which engine next: small engines that say what the test wants, in place of models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain, repeat

import pytest

from pedabot.answering.events import Attempt, Engine, Gate, Piece, Queued, Restart, Usage
from pedabot.answering.fallback import Gates, attempts
from pedabot.answering.outcomes import (
    AnsweringError,
    DroppedStreamError,
    Outcome,
    RateLimitedError,
    RefusedError,
    RestingError,
    ServerError,
)
from pedabot.answering.values import Question, Request
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


def stopped_when(answers: Iterator[bool]) -> Request:
    return replace(REQUEST, should_stop=lambda: next(answers))


def summary(steps: list[Piece | Queued | Restart | Attempt]) -> list[object]:
    """Reduce the steps to what can be compared: times differ from run to run."""
    return [(step.engine, step.outcome) if isinstance(step, Attempt) else step for step in steps]


def test_the_first_engine_that_answers_is_the_last_asked() -> None:
    first, second = Talker("first", "Bon", "jour"), Talker("second", "Non")
    steps = list(attempts([first, second], REQUEST))
    assert summary(steps) == [Piece("Bon"), Piece("jour"), ("first", Outcome.COMPLETE)]
    assert (first.closed, second.asked) == (1, 0)


def test_what_the_log_learns_of_an_answer() -> None:
    (*_, attempt) = attempts([Talker("first", "Bon")], REQUEST)
    assert isinstance(attempt, Attempt)
    assert (attempt.engine, attempt.model, attempt.cause) == ("first", "first-model", "")
    assert (attempt.prompt_hash, attempt.parameters) == ("hash", {"temperature": 0.3})
    assert (attempt.tokens_in, attempt.tokens_out) == (3, 5)
    assert attempt.first_token_ms is not None
    assert 0 <= attempt.first_token_ms <= attempt.duration_ms


def test_a_silent_failure_needs_no_restart() -> None:
    first = Talker("first", failure=RateLimitedError("HTTP 429"))
    steps = list(attempts([first, Talker("second", "Oui")], REQUEST))
    assert summary(steps) == [
        ("first", Outcome.RATE_LIMITED),
        Piece("Oui"),
        ("second", Outcome.COMPLETE),
    ]


def test_what_the_log_learns_of_a_failure() -> None:
    first = Talker("first", failure=RateLimitedError("HTTP 429"))
    attempt = next(attempts([first, Talker("second", "Oui")], REQUEST))
    assert isinstance(attempt, Attempt)
    assert attempt.cause == "HTTP 429"
    assert attempt.first_token_ms is None
    assert (attempt.tokens_in, attempt.tokens_out) == (None, None)


def test_a_failure_in_mid_answer_makes_what_was_said_void() -> None:
    first = Talker("first", "Bon", failure=DroppedStreamError("cut"))
    steps = list(attempts([first, Talker("second", "Oui")], REQUEST))
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
    steps: list[Piece | Queued | Restart | Attempt] = []
    with pytest.raises(AnsweringError) as caught:
        for step in attempts(engines, REQUEST):
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
    steps = list(attempts([first, second], stopped_when(asked)))
    assert summary(steps) == [Piece("Bon"), Piece("jour"), ("first", Outcome.STOPPED)]
    assert (first.closed, second.asked) == (1, 0)


def test_a_stop_that_comes_after_the_last_word_changes_nothing() -> None:
    asked = chain([False], repeat(True))
    steps = list(attempts([Talker("first", "Bon")], stopped_when(asked)))
    assert summary(steps) == [Piece("Bon"), ("first", Outcome.COMPLETE)]


def test_stopped_while_the_first_engine_fails_the_second_says_nothing() -> None:
    first = Talker("first", failure=ServerError("HTTP 500"))
    steps = list(attempts([first, Talker("second", "Oui")], stopped_when(repeat(True))))
    assert summary(steps) == [("first", Outcome.SERVER_ERROR), ("second", Outcome.STOPPED)]


def test_closing_it_closes_the_engine() -> None:
    engine = Talker("first", "Bon", "jour")
    steps = attempts([engine], REQUEST)
    next(steps)
    assert engine.closed == 0
    steps.close()  # type: ignore[attr-defined]
    assert engine.closed == 1


def test_a_bug_is_not_taken_for_a_failure() -> None:
    first, second = Talker("first", failure=ZeroDivisionError()), Talker("second", "Non")
    with pytest.raises(ZeroDivisionError):
        list(attempts([first, second], REQUEST))
    assert (first.closed, second.asked) == (1, 0)


def test_an_engine_may_return_a_plain_iterator() -> None:
    class Plain(Talker):
        def answer(self, request: Request) -> Iterator[Piece | Usage]:
            return iter([Piece("Oui")])

    steps = list(attempts([Plain("plain")], REQUEST))
    assert summary(steps) == [Piece("Oui"), ("plain", Outcome.COMPLETE)]


class Barrier(Gate):
    """A gate that does what the test says, and writes down how it was treated."""

    def __init__(
        self, places: tuple[int, ...] = (), refusal: RefusedError | None = None, checks: int = 99
    ) -> None:
        self.seen: list[object] = []
        self._places = list(places)
        self._refusal = refusal
        self._checks = checks

    def check(self) -> None:
        self._checks -= 1
        if self._checks < 0:
            raise RestingError("since a moment")

    def admit(self) -> Queued | None:
        if self._places:
            return Queued(self._places.pop(0))
        if self._refusal is not None:
            raise self._refusal
        return None

    def leave(self, attempt: Attempt) -> None:
        self.seen.append(attempt.outcome)


def gates_before(engine: Engine, *gates: Gate) -> Gates:
    return lambda each: gates if each is engine else ()


def test_a_gate_learns_how_the_call_ended() -> None:
    first, gate = Talker("first", failure=ServerError("HTTP 500")), Barrier()
    list(attempts([first, Talker("second", "Oui")], REQUEST, gates_before(first, gate)))
    assert gate.seen == [Outcome.SERVER_ERROR]


def test_an_engine_that_a_gate_refuses_is_not_asked_and_is_accounted_for() -> None:
    first = Talker("first", "Non")
    before, gate = Barrier(), Barrier(refusal=RestingError("after 3 failures"))
    steps = list(
        attempts([first, Talker("second", "Oui")], REQUEST, gates_before(first, before, gate))
    )
    assert summary(steps) == [
        ("first", Outcome.RESTING),
        Piece("Oui"),
        ("second", Outcome.COMPLETE),
    ]
    assert first.asked == 0
    assert (before.seen, gate.seen) == ([Outcome.RESTING], [])
    assert isinstance(steps[0], Attempt)
    assert (steps[0].cause, steps[0].duration_ms) == ("after 3 failures", 0)


def test_who_waits_before_a_gate_sees_the_place_and_then_the_answer() -> None:
    engine, gate = Talker("first", "Oui"), Barrier(places=(2, 1))
    steps = list(attempts([engine], REQUEST, gates_before(engine, gate)))
    assert summary(steps) == [
        Queued(2),
        Queued(1),
        Queued(0),
        Piece("Oui"),
        ("first", Outcome.COMPLETE),
    ]


def test_stopped_in_the_queue_no_engine_is_asked() -> None:
    engine, gate = Talker("first", "Oui"), Barrier(places=(2, 1))
    steps = list(
        attempts([engine], stopped_when(chain([False], repeat(True))), gates_before(engine, gate))
    )
    assert summary(steps) == [Queued(2), Queued(1), ("first", Outcome.STOPPED)]
    assert engine.asked == 0


def test_a_model_that_begins_to_rest_sends_the_queue_before_it_away() -> None:
    first = Talker("first", "Non")
    gates = (Barrier(places=(2, 1)), Barrier(checks=2))
    steps = list(attempts([first, Talker("second", "Oui")], REQUEST, gates_before(first, *gates)))
    assert summary(steps)[:3] == [Queued(2), Queued(1), ("first", Outcome.RESTING)]
    assert first.asked == 0


def test_a_gate_is_left_also_when_nobody_listens_to_the_end() -> None:
    engine, gate = Talker("first", "Bon", "jour"), Barrier()
    steps = attempts([engine], REQUEST, gates_before(engine, gate))
    next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert gate.seen == [Outcome.STOPPED]
