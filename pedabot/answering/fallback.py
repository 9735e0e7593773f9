"""Which engine next: engines are asked in their order until one has answered.

Before an engine stand its gates (`events.Gate`): a queue, a circuit breaker, a budget.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence

from pedabot.answering.events import Attempt, Engine, Gate, Piece, Queued, Restart, Usage
from pedabot.answering.outcomes import AnsweringError, Outcome, RateLimitedError, StoppedError
from pedabot.answering.values import Request

Gates = Callable[[Engine], Sequence[Gate]]


def no_gates(_engine: Engine) -> Sequence[Gate]:
    """Let every engine be asked."""
    return ()


def attempts(
    engines: Sequence[Engine], request: Request, gates: Gates = no_gates
) -> Iterator[Piece | Queued | Restart | Attempt]:
    """Pass on what the engines say, and account for each one in turn.

    An engine that fails, or that a gate refuses, leaves its ``Attempt``, then ``Restart`` if it had
    spoken, and the next one is asked. ``request.should_stop`` is asked at each piece and in each
    wait: true ends it all with a last ``Attempt``. After one that was blocked the last is asked.

    Raises:
        AnsweringError: of the last engine, after its ``Attempt``.
    """
    blocked = False
    for number, engine in enumerate(engines, start=1):
        if blocked and number < len(engines):
            continue  # what misled one model misleads the next
        trial = _Trial(engine, request, gates(engine))
        failure = yield from trial.run()
        if failure is None:
            return
        if number == len(engines):
            raise failure
        blocked = blocked or failure.outcome is Outcome.BLOCKED
        if trial.has_spoken:
            yield Restart()


class _Trial:
    """One engine at work on one request, with what the log will say of it."""

    def __init__(self, engine: Engine, request: Request, gates: Sequence[Gate]) -> None:
        self._engine = engine
        self._request = request
        self._gates = gates
        self._entered: list[Gate] = []
        self._came = time.monotonic()
        self._asked: float | None = None
        self._first_token_ms: int | None = None
        self._usage = Usage(None, None)

    @property
    def has_spoken(self) -> bool:
        return self._first_token_ms is not None

    def run(self) -> Generator[Piece | Queued | Attempt, None, AnsweringError | None]:
        """Yield the pieces and the attempt; return the error that ended it, if one did."""
        outcome, failure = Outcome.STOPPED, None
        try:
            yield from self._pass_gates()
            yield from self._listen()
            outcome = Outcome.COMPLETE
        except StoppedError as stop:
            if stop.rest:
                yield Piece(stop.rest)
        except AnsweringError as error:
            outcome, failure = error.outcome, error
        finally:  # also where nobody listens to the end
            attempt = self._attempt(outcome, failure)
            for gate in self._entered:
                gate.leave(attempt)
        yield attempt
        return failure

    def _pass_gates(self) -> Iterator[Queued]:
        self._check_gates()
        for gate in self._gates:
            yield from self._pass(gate)
            self._entered.append(gate)
        self._asked = time.monotonic()

    def _pass(self, gate: Gate) -> Iterator[Queued]:
        waited = False
        while (waiting := gate.admit()) is not None:
            waited = True
            yield waiting
            self._check_stop()
            self._check_gates()  # what was well when the wait began may have failed since
        if waited:
            yield Queued(0)

    def _check_gates(self) -> None:
        for gate in self._gates:
            gate.check()

    def _check_stop(self) -> None:
        if self._request.should_stop():
            raise StoppedError

    def _listen(self) -> Iterator[Piece]:
        answer = self._engine.answer(self._request)
        try:
            for step in answer:
                if isinstance(step, Usage):
                    self._usage = step
                    continue
                self._check_stop()
                self._note_first_token()
                yield step
        finally:
            _close(answer)

    def _note_first_token(self) -> None:
        if self._first_token_ms is None:
            self._first_token_ms = self._called_ms()

    def _called_ms(self) -> int:
        return 0 if self._asked is None else _milliseconds(time.monotonic() - self._asked)

    def _attempt(self, outcome: Outcome, failure: AnsweringError | None) -> Attempt:
        asked = time.monotonic() if self._asked is None else self._asked
        return Attempt(
            engine=self._engine.name,
            model=self._engine.model,
            prompt_hash=self._request.prompt_hash,
            prompt_version=self._request.prompt_version,
            parameters=self._engine.parameters,
            outcome=outcome,
            cause="" if failure is None else str(failure),
            first_token_ms=self._first_token_ms,
            duration_ms=self._called_ms(),
            tokens_in=self._usage.tokens_in,
            tokens_out=self._usage.tokens_out,
            question=self._request.question.text,
            asked=self._asked is not None,
            queued_ms=_milliseconds(asked - self._came),
            retry_after=failure.retry_after if isinstance(failure, RateLimitedError) else None,
        )


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _close(answer: Iterator[Piece | Usage]) -> None:
    # At once, not when the garbage collector comes by: an open answer costs tokens upstream.
    close = getattr(answer, "close", None)
    if close is not None:
        close()
