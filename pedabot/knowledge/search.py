"""The index: a question in, ranked passages out.

The ranking is a weighted sum of signals, each a classical engine of its own (see `signals`). The
turns before and the page add to it as far as the question leans on them (see `followup`), and a
question that compares is cut in two (see `pairs`). Nothing changes once the index is built.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from pedabot.knowledge import followup, pairs, scope
from pedabot.knowledge.document import Document, Subtopic, Topic
from pedabot.knowledge.injection import is_injection, without_quotations
from pedabot.knowledge.lexical import Floats
from pedabot.knowledge.query import Query, query_of
from pedabot.knowledge.readings import TURN_CHARACTERS, Context, Reading, order_of
from pedabot.knowledge.reasons import NO_REASON, Reason
from pedabot.knowledge.signals import PHRASE, Signals

WEIGHTS = np.array([1.8, 4.7, 1.0, 11.0, 2.9, 2.0, 6.0], dtype=np.float32)
"""How much each signal counts: fitted on the sample questions of a course, each set aside from the
index in turn, and on questions of others. The last two were chosen on those of
`tests/knowledge/questions-ours.jsonl`. A question of the course finds about 12 with them."""

SCOPE_WEIGHTS = np.array([1.8, 10.7, 1.0, 11.0, 2.9, 0.0, 0.0], dtype=np.float32)
"""How much each signal counts for the scope: the last two find phrases like the course's own in
questions on any subject."""

IN_SCOPE = 0.4
"""Least probability of being in scope; below a half, as a refusal annoys more than a digression."""

CONTEXT = 17.0
MERGED = 0.6
FADED = 0.5
"""What the turns before add: their own scores, and those of the question completed by them, in
which their words count for half."""

PAGE = 0.6
PAGE_EDGE = 0.4
"""What the page adds to the turns before, and to a question that needs no context."""

FOLLOWING = 0.3
"""From which dependence on a question is said to follow up on a page."""

TURN_WORTHS = (0.8, 1.0, 0.3, 0.4)
"""What the latest turns count, the tutor's last answer first."""

READINGS_KEPT = 512

MEANING = 1.0
"""What a standard deviation of likeness in meaning adds: the nearest page of some eighty stands out
by three or four, so that words that are sure (about 10) still win. Chosen, not fitted."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A subtopic found for a question; ``score`` is between 0 and 1, ``reason`` says why."""

    topic: Topic
    subtopic: Subtopic
    score: float
    reason: Reason = field(default=NO_REASON, compare=False)

    @property
    def texts(self) -> tuple[str, ...]:
        """All that the page says in prose: titles, the explanations, points, examples, aliases."""
        told = self.subtopic
        return (
            *(self.topic.title, told.title, told.content),
            *filter(None, (told.summary, told.simpler, told.deeper)),
            *(*told.key_points, *told.examples, *told.aliases),
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """A notion found in a file: the page, the first line that speaks of it, and why it counts."""

    passage: Passage
    file: str
    line: int
    quote: str
    worth: float
    is_error: bool


@dataclass(frozen=True, slots=True)
class Ranking:
    """Passages, best first. ``in_scope`` is False where the course does not answer the question.

    ``compared`` tells that the question compares the first two passages. ``noticed`` are notions
    found in files that came with the question.
    """

    passages: tuple[Passage, ...]
    in_scope: bool
    compared: bool = False
    noticed: tuple[Notice, ...] = ()


class Index:
    """The search over one document; built once, then only read (safe to share by threads)."""

    def __init__(self, document: Document) -> None:
        self._places = list(document.subtopics())
        self._row = {subtopic.id: row for row, (_, subtopic) in enumerate(self._places)}
        self._signals = Signals(document)
        # A question is asked with the turns before it, most of which were read for the one before.
        self._read = lru_cache(maxsize=READINGS_KEPT)(self._read_anew)

    def search(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        subtopic: str | None = None,
        likeness: Floats | None = None,
        limit: int = 10,
    ) -> Ranking:
        """Rank the subtopics for a question.

        ``history`` holds the texts of the turns before it, oldest first: a follow-up such as
        "et un exemple ?" is understood from them. ``subtopic`` is the id of the course page from
        which the question was asked: it counts where the question itself says little.
        ``likeness`` holds, for each subtopic in the order of the course, how near in meaning it
        is to the question (a cosine); without it the words alone rank. It never decides the scope.
        """
        reading = self._read(question)
        before = followup.grounded(history)
        context = self._context(before, self._row.get(subtopic or ""))
        if context is None:
            leaning, scores = 0.0, reading.scores
        else:
            leaning = followup.dependence(question, reading.query, reading.named)
            scores = self._in_context(reading, context, leaning)
        if likeness is not None:
            scores = scores + _outstanding(likeness) * np.float32(MEANING * (1.0 - leaning))
        pair = pairs.compared(self._read, reading, scores, context, leaning)
        if pair is None and before and leaning >= pairs.LEANING:
            pair = pairs.compared_again(self._read, question, before[-2:][0])
            scores = pairs.turned(self._read, question, history, scores)
        order = order_of(scores, pair)[: max(limit, 0)]
        chance = self._chance(reading, context, leaning)
        in_scope = chance >= IN_SCOPE and not is_injection(question)
        compared = pair is not None and in_scope and len(order) > 1
        passages = self._passages(order, scores, chance, reading)
        if context is not None and leaning >= FOLLOWING:
            passages = _following(passages, context, self._row)
        return Ranking(passages, in_scope, compared)

    def named_in(self, text: str) -> Iterator[tuple[Passage, float]]:
        """Yield the notions whose names stand in a text, and how rare the words of the name are."""
        for row, worth in self._signals.named_in(text):
            yield Passage(*self._places[row], 0.0), worth

    def _read_anew(self, text: str) -> Reading:
        return self._weighed(text, self._signals.vocabulary.read(text))

    def _weighed(self, text: str, query: Query) -> Reading:
        signals = self._signals.of(query)
        phrase = float(signals[:, PHRASE].max())
        scores, evidence = signals @ WEIGHTS, signals @ SCOPE_WEIGHTS
        return Reading(text, query, scores, evidence, phrase, self._signals.naming(query))

    def _context(self, history: Sequence[str], page: int | None) -> Context | None:
        """Read the turns before and the page; None where there is neither."""
        turns = [self._read(turn[:TURN_CHARACTERS]) for turn in reversed(history[-4:])]
        total = np.zeros(len(self._places), dtype=np.float32)
        for turn, worth in zip(turns, TURN_WORTHS, strict=False):
            total += np.float32(worth) * turn.scores / max(float(turn.scores.max()), 1.0)
        if page is not None:
            total[page] += PAGE if turns else 1.0
        highest = float(total.max())
        if highest <= 0:
            return None
        # The last turn is the tutor's, the one before it the student's, and so on.
        asked = turns[1::2] or turns[:1]
        return Context(tuple(asked), total / np.float32(highest), page is not None)

    def _in_context(self, reading: Reading, context: Context, leaning: float) -> Floats:
        """Return the scores of a question with those of what surrounds it."""
        named = reading.named
        scores = reading.scores * np.float32(1.0 - leaning * (1.0 - named))
        scores = scores + context.scores * np.float32(CONTEXT * leaning * (1.0 - 0.7 * named))
        if context.on_page:
            scores = scores + context.scores * np.float32(PAGE_EDGE)
        if context.asked and reading.query.telling and leaning > 0.3:
            merged = self._completed(reading.query, context.asked[0].query)
            scores = scores + merged * np.float32(MERGED * leaning)
        return scores

    def _completed(self, query: Query, earlier: Query) -> Floats:
        """Return the scores of a question completed by the one before ("et pour le texte ?")."""
        faded = [replace(token, weight=FADED * token.weight) for token in earlier.tokens]
        completed = query_of([*query.tokens, *faded], query.said)
        return self._weighed("", completed).scores

    def _chance(self, reading: Reading, context: Context | None, leaning: float) -> float:
        """Return the probability that the course answers the question."""
        measures = self._measures(reading)
        chance = scope.probability(measures) if reading.query.telling else 0.0
        if context is None:
            return chance
        before = [scope.probability(self._measures(r)) for r in context.asked if r.query.telling]
        known = max([*before, float(context.on_page)])
        strange = min(1.0, measures.unknown + measures.foreign + measures.borderline)
        return max(chance, known * (1.0 - 0.8 * strange) * min(1.0, 0.4 + leaning))

    def _measures(self, reading: Reading) -> scope.Measures:
        vocabulary = self._signals.vocabulary
        # What a student quotes is material ("dans « le chat dort », ..."), not the subject.
        bare = vocabulary.read(without_quotations(reading.text))
        query = bare if bare.telling else reading.query
        return scope.measure(query, reading.evidence, reading.phrase, vocabulary, self._signals.own)

    def _passages(
        self, rows: Sequence[int], scores: Floats, chance: float, reading: Reading
    ) -> tuple[Passage, ...]:
        best = max(float(scores.max()), 1e-6)
        shares = (chance * min(1.0, max(0.0, float(scores[row]) / best)) for row in rows)
        reasons = self._signals.reasons(reading.text, reading.query, rows)
        return tuple(
            Passage(*self._places[row], share, why)
            for row, share, why in zip(rows, shares, reasons, strict=True)
        )


def _following(
    passages: Sequence[Passage], context: Context, rows: Mapping[str, int]
) -> tuple[Passage, ...]:
    """Mark the page of which the turns before, or the place of the question, spoke most."""
    spoken_of = int(context.scores.argmax())
    return tuple(
        replace(found, reason=replace(found.reason, followed=True))
        if rows[found.subtopic.id] == spoken_of
        else found
        for found in passages
    )


def _outstanding(likeness: Floats) -> Floats:
    """Return by how many standard deviations each subtopic is nearer than the average one.

    Cosines of a model lie close together, and elsewhere for each model: only how much one stands
    out tells.
    """
    spread = float(likeness.std())
    above: Floats = np.maximum(likeness - likeness.mean(), 0.0)
    return above / np.float32(max(spread, 1e-6))
