"""Putting the same questions to two prompts: one answer at a time, each stored as soon as made.

Each step of the job makes one answer and asks for the next step. What is done and what is not
stands in the database, so a worker that dies costs the answer at hand, and nothing is made twice.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pedabot.answering import pipeline
from pedabot.answering.chains import Chains
from pedabot.answering.events import Answer
from pedabot.answering.ledger import Ledger
from pedabot.answering.privacy.names import identifying
from pedabot.answering.prompt_cache import prompt_of
from pedabot.answering.retrieval import Retrieval
from pedabot.answering.storing import sources_of
from pedabot.answering.values import Prompt, Question, Turn
from pedabot.extensions import db
from pedabot.knowledge.document import Difficulty
from pedabot.storage import comparisons, people
from pedabot.storage.comparisons import (
    ComparedAnswer,
    ComparedQuestion,
    Comparison,
    Side,
    Step,
)

JOB = "compare"
LANES = 2
"""Answers of one comparison that are made at once."""
SECONDS_BETWEEN_LOOKS = 0.5
PROGRAM_ERROR = "program_error"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question to compare on; ``message_id`` is the student's message that it was taken from."""

    text: str
    level: Difficulty
    history: tuple[Mapping[str, str], ...] = ()
    message_id: int | None = None


class Comparer:
    """Makes the answers of comparisons, with the engines that students get."""

    def __init__(
        self,
        retrieval: Retrieval,
        chains: Chains,
        ledger: Ledger,
        enqueue: Callable[[str, int], None],
        leaving: Callable[[], bool] = lambda: False,
    ) -> None:
        self._retrieval = retrieval
        self._chains = chains
        self._ledger = ledger
        self._enqueue = enqueue
        self._leaving = leaving

    @property
    def has_model(self) -> bool:
        """Tell whether there is a model to compare on: the offline tutor reads no prompt."""
        return bool(self._chains.engines.models)

    def begin(self, comparison: Comparison, questions: Sequence[NewQuestion]) -> None:
        """Store a comparison with its questions, and ask for the answers. Commits."""
        for new in questions:
            question = ComparedQuestion(
                comparison=comparison,
                text=new.text,
                level=new.level,
                history=[dict(turn) for turn in new.history],
                message_id=new.message_id,
            )
            question.answers = [ComparedAnswer(comparison=comparison, side=side) for side in Side]
        db.session.add(comparison)
        db.session.commit()
        self.go_on(comparison.id)

    def go_on(self, comparison_id: int) -> None:
        """Ask for the next answers of a comparison."""
        for _ in range(LANES):
            self._enqueue(JOB, comparison_id)

    def resume(self) -> None:
        """Go on with what the last worker left, at the start of the next one."""
        comparisons.release_claims()
        for comparison_id in comparisons.unfinished_ids():
            self.go_on(comparison_id)
        db.session.commit()

    def step(self, comparison_id: int) -> None:
        """Make the next answer of a comparison, then ask for another step."""
        if self._leaving():
            return
        claim = secrets.token_urlsafe(12)
        waiting = comparisons.claim_next(comparison_id, claim)
        if waiting is None:
            comparisons.finish_if_done(comparison_id)
            return
        waiting_id = waiting.id
        try:
            answer = self._answer(waiting)
        except Exception:  # noqa: BLE001 - logged; the other answers are still to be made
            db.session.rollback()
            _log.exception("comparison %s: an answer failed", comparison_id)
            _store_failure(waiting_id, claim)
        else:
            self._store(waiting_id, claim, answer)
        comparisons.finish_if_done(comparison_id)
        if not self._leaving():  # the next worker asks for the rest by itself
            self._enqueue(JOB, comparison_id)

    def _answer(self, waiting: ComparedAnswer) -> Answer:
        comparison_id = waiting.comparison_id
        question = _question_of(waiting, self._retrieval.words_of_the_course())
        db.session.commit()  # no transaction stays open while a model is waited for
        watch = _Watch(lambda: self._leaving() or not comparisons.is_running(comparison_id))
        with self._chains.open() as chain:

            def stop() -> bool:
                chain.keep()
                return watch()

            for event in pipeline.answer(
                question, self._retrieval.find, chain.engines, stop, chain.gates
            ):
                if isinstance(event, Answer):
                    return event
        raise RuntimeError("the pipeline ended without an answer")

    def _store(self, answer_id: int, claim: str, answer: Answer) -> None:
        """Store an answer with its attempts; one that was stopped half-way waits again. Commits."""
        row = comparisons.claimed_answer(answer_id, claim)
        passages = [passage.subtopic.id for passage in answer.passages]
        self._ledger.enter_compared(row, passages, answer.attempts)
        if row is not None and answer.stopped:
            row.step, row.claim = Step.WAITING, None
        elif row is not None:
            _fill(row, answer)
        db.session.commit()


class _Watch:
    """Asks at most twice a second whether to stop; the pipeline asks at each word."""

    def __init__(self, look: Callable[[], bool]) -> None:
        self._look = look
        self._looked_at = time.monotonic()
        self._found = False

    def __call__(self) -> bool:
        if not self._found and time.monotonic() - self._looked_at >= SECONDS_BETWEEN_LOOKS:
            self._found = self._look()
            db.session.commit()
            self._looked_at = time.monotonic()
        return self._found


def _question_of(waiting: ComparedAnswer, words: frozenset[str]) -> Question:
    compared = waiting.question
    return Question(
        text=compared.text,
        level=compared.level,
        history=tuple(_turn(turn) for turn in compared.history),
        prompt=_prompt_of(waiting),
        names=identifying(people.names_in_class(waiting.comparison.class_id), words),
    )


def _prompt_of(waiting: ComparedAnswer) -> Prompt:
    return prompt_of(waiting.comparison.version_of(waiting.side))


def _turn(turn: Mapping[str, str]) -> Turn:
    return Turn("assistant" if turn["role"] == "assistant" else "user", turn["content"])


def _fill(row: ComparedAnswer, answer: Answer) -> None:
    row.step = Step.FAILED if answer.degraded else Step.DONE
    row.claim = None
    row.outcome = (answer.reason or answer.attempts[-1].outcome).value
    row.in_scope = answer.in_scope
    row.sources = sources_of(answer.passages)
    row.content = "" if answer.degraded else answer.text


def _store_failure(answer_id: int, claim: str) -> None:
    row = comparisons.claimed_answer(answer_id, claim)
    if row is not None:
        row.step, row.claim, row.outcome = Step.FAILED, None, PROGRAM_ERROR
    db.session.commit()
