"""The index: a question in, ranked passages out.

The ranking is a weighted sum of the signals of `signals`, each a classical engine of its own; the
history and the page add to it where the question leans on them. No state changes after building.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pedabot.knowledge import comparison, followup
from pedabot.knowledge.document import Document, Subtopic, Topic
from pedabot.knowledge.injection import is_injection
from pedabot.knowledge.lexical import Floats
from pedabot.knowledge.query import Query, query_of
from pedabot.knowledge.scope import Measures, measure, probability
from pedabot.knowledge.signals import Signals


@dataclass(frozen=True, slots=True)
class Passage:
    """A subtopic found for a question; ``score`` is between 0 and 1."""

    topic: Topic
    subtopic: Subtopic
    score: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """Passages, best first. ``in_scope`` is False where the course does not answer the question.

    ``compared`` tells that the question compares the first two passages.
    """

    passages: tuple[Passage, ...]
    in_scope: bool
    compared: bool = False


WEIGHTS = np.array([2.1, 1.5, 11.0, 1.5, 4.2, 4.5, 2.6], dtype=np.float32)
"""How much each signal counts; fitted by ``benchmarks/search.py`` (see there)."""

CONTEXT = 10.0
"""What the turns before may add, in the unit of the scores (a plain question finds about 10)."""
MERGED = 0.4
FADED = 0.5
PAGE = 0.6
IN_SCOPE = 0.35
TURN_CHARACTERS = 600
COMPARED = 5.0


class Index:
    """The search over one document; built once, then only read (safe to share by threads)."""

    def __init__(self, document: Document) -> None:
        self._places = list(document.subtopics())
        self._row = {subtopic.id: row for row, (_, subtopic) in enumerate(self._places)}
        self._signals = Signals(document)

    def search(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        subtopic: str | None = None,
        limit: int = 10,
    ) -> Ranking:
        """Rank the subtopics for a question.

        ``history`` holds the texts of the turns before it, oldest first: a follow-up such as
        "et un exemple ?" is understood from them. ``subtopic`` is the id of the course page from
        which the question was asked: it counts where the question itself says little.
        """
        query = self._signals.vocabulary.read(question)
        alone = self._scores(query)
        context = self._context(history, subtopic)
        naming = self._signals.naming(query)
        leaning = followup.dependence(question, query, naming) if context is not None else 0.0
        scores = alone
        if context is not None:
            scores = self._in_context(query, alone, context, history, leaning, naming)
        order = _order(scores)
        pair = self._compared(question, scores, context, leaning)
        if pair is not None:
            order = [*pair, *(row for row in order if row not in pair)]
        chance = self._chance(query, alone, history, subtopic, leaning)
        passages = self._passages(order[:limit], scores, chance)
        inside = chance >= IN_SCOPE and not is_injection(question)
        return Ranking(passages, inside, compared=pair is not None and inside and limit > 1)

    def _in_context(
        self,
        query: Query,
        alone: Floats,
        context: Floats,
        history: Sequence[str],
        leaning: float,
        naming: float,
    ) -> Floats:
        """Return the scores of a question with those of the turns before it."""
        own = alone * np.float32(1.0 - leaning * (1.0 - naming))
        scores: Floats = own + context * np.float32(CONTEXT * leaning * (1.0 - 0.7 * naming))
        asked = _asked_before(history)
        if asked and query.telling and leaning > 0.3:
            earlier = self._signals.vocabulary.read(asked[0][:TURN_CHARACTERS])
            faded = (replace(token, weight=FADED * token.weight) for token in earlier.tokens)
            merged = self._scores(query_of([*query.tokens, *faded]))
            scores = scores + merged * np.float32(MERGED * leaning)
        return scores

    def _scores(self, query: Query) -> Floats:
        scores: Floats = self._signals.of(query) @ WEIGHTS
        return scores

    def _context(self, history: Sequence[str], subtopic: str | None) -> Floats | None:
        """Return what the turns before and the page speak for, at most 1 for each subtopic."""
        total = np.zeros(len(self._places), dtype=np.float32)
        for turn, worth in zip(reversed(history[-4:]), (0.8, 1.0, 0.3, 0.4), strict=False):
            scores = self._scores(self._signals.vocabulary.read(turn[:TURN_CHARACTERS]))
            total += np.float32(worth) * scores / max(float(scores.max()), 1.0)
        row = self._row.get(subtopic or "")
        if row is not None:
            total[row] += PAGE if history else 1.0
        highest = float(total.max())
        return total / highest if highest > 0 else None

    def _compared(
        self, question: str, scores: Floats, context: Floats | None, leaning: float
    ) -> tuple[int, int] | None:
        """Return the two subtopics that a question compares, the more pertinent first."""
        best, pair = COMPARED, None
        for before, after in comparison.cuts(question):
            parts = [self._scores(self._signals.vocabulary.read(p)) for p in (before, after)]
            first, second = (int(part.argmax()) for part in parts)
            strength = min(float(parts[0][first]), float(parts[1][second]))
            if first != second and strength > best:
                best, pair = strength, (first, second)
        if pair is None and context is not None and leaning >= 0.5:
            pair = _pair_before(question, context)
        if pair is not None and scores[pair[1]] > scores[pair[0]]:
            pair = (pair[1], pair[0])
        return pair

    def _chance(
        self,
        query: Query,
        alone: Floats,
        history: Sequence[str],
        subtopic: str | None,
        leaning: float,
    ) -> float:
        """Return the probability that the course answers the question."""
        measures = self._measures(query, alone)
        chance = probability(measures) if query.telling else 0.0
        if leaning < 0.4:
            return chance
        before = 1.0 if self._row.get(subtopic or "") is not None else 0.0
        for asked in _asked_before(history)[:2]:
            earlier = self._signals.vocabulary.read(asked[:TURN_CHARACTERS])
            if earlier.telling:
                found = self._measures(earlier, self._scores(earlier))
                before = max(before, probability(found))
        strange = measures.unknown + measures.foreign
        return max(chance, before * (1.0 - 0.7 * min(strange, 1.0)))

    def _measures(self, query: Query, scores: Floats) -> Measures:
        return measure(query, scores, self._signals.vocabulary, self._signals.own)

    def _passages(self, rows: Sequence[int], scores: Floats, chance: float) -> tuple[Passage, ...]:
        best = max(float(scores.max()), 1e-6)
        return tuple(
            Passage(*self._places[row], min(1.0, max(0.0, chance * float(scores[row]) / best)))
            for row in rows
        )


def _order(scores: Floats) -> list[int]:
    order: list[int] = np.argsort(-scores, kind="stable").tolist()
    return order


def _asked_before(history: Sequence[str]) -> Sequence[str]:
    """Return the student's own turns, latest first (the last turn of all is the tutor's)."""
    return history[-2::-2] or history[-1:]


def _pair_before(question: str, context: Floats) -> tuple[int, int] | None:
    if not followup.asks_for_both(question) or len(context) < 2:
        return None
    first, second = _order(context)[:2]
    return (first, second) if float(context[second]) > 0.5 else None
