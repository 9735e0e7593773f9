"""Which engine next: engines are asked in their order until one has answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence

from pedabot.answering.values import (
    AnsweringError,
    Attempt,
    Engine,
    Outcome,
    Piece,
    Request,
    Restart,
    Usage,
)


def attempts(
    engines: Sequence[Engine], request: Request, should_stop: Callable[[], bool]
) -> Iterator[Piece | Restart | Attempt]:
    """Pass on what the engines say, and account for each one that was asked.

    An engine that fails leaves its ``Attempt``, then ``Restart`` if it had spoken, and the next
    one is asked. ``should_stop`` is asked at each piece: true ends it all with a last ``Attempt``.

    Raises:
        AnsweringError: of the last engine, after its ``Attempt``.
    """
    for number, engine in enumerate(engines, start=1):
        trial = _Trial(engine, request)
        failure = yield from trial.run(should_stop)
        if failure is None:
            return
        if number == len(engines):
            raise failure
        if trial.has_spoken:
            yield Restart()


class _Trial:
    """One engine at work on one request, with what the log will say of it."""

    def __init__(self, engine: Engine, request: Request) -> None:
        self._engine = engine
        self._request = request
        self._started = time.monotonic()
        self._first_token_ms: int | None = None
        self._usage = Usage(None, None)

    @property
    def has_spoken(self) -> bool:
        return self._first_token_ms is not None

    def run(
        self, should_stop: Callable[[], bool]
    ) -> Generator[Piece | Attempt, None, AnsweringError | None]:
        """Yield the pieces and the attempt; return the error that ended it, if one did."""
        answer = self._engine.answer(self._request)
        outcome, failure = Outcome.COMPLETE, None
        try:
            for step in answer:
                if isinstance(step, Usage):
                    self._usage = step
                elif should_stop():
                    outcome = Outcome.STOPPED
                    break
                else:
                    self._note_first_token()
                    yield step
        except AnsweringError as error:
            outcome, failure = error.outcome, error
        finally:
            _close(answer)
        yield self._attempt(outcome, "" if failure is None else str(failure))
        return failure

    def _note_first_token(self) -> None:
        if self._first_token_ms is None:
            self._first_token_ms = self._elapsed_ms()

    def _elapsed_ms(self) -> int:
        return round((time.monotonic() - self._started) * 1000)

    def _attempt(self, outcome: Outcome, cause: str) -> Attempt:
        return Attempt(
            engine=self._engine.name,
            model=self._engine.model,
            prompt_hash=self._request.prompt_hash,
            prompt_version=self._request.prompt_version,
            parameters=self._engine.parameters,
            outcome=outcome,
            cause=cause,
            first_token_ms=self._first_token_ms,
            duration_ms=self._elapsed_ms(),
            tokens_in=self._usage.tokens_in,
            tokens_out=self._usage.tokens_out,
        )


def _close(answer: Iterator[Piece | Usage]) -> None:
    # At once, not when the garbage collector comes by: an open answer costs tokens upstream.
    close = getattr(answer, "close", None)
    if close is not None:
        close()
