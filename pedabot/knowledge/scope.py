"""Whether the course answers a question, as a probability.

A logistic model on a handful of measures. They are shares and scores that do not depend on the
course; the weights were fitted once, on the sample questions of a course (each kept out of the
index in turn) against questions on other subjects.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import astuple, dataclass
from math import exp, log1p

from pedabot.knowledge.lexical import Floats
from pedabot.knowledge.outside import OUTSIDE
from pedabot.knowledge.query import Query, Vocabulary


@dataclass(frozen=True, slots=True)
class Own:
    """The stems that a course uses in its names (titles, aliases), and in its sample questions."""

    names: Collection[str]
    questions: Collection[str]


@dataclass(frozen=True, slots=True)
class Measures:
    """What tells questions inside the course from those outside; shares are by rarity."""

    best: float
    """Score of the best subtopic."""
    lead: float
    """By how much it is ahead of the fifth."""
    unknown: float
    """Share of the question in words that the course never uses."""
    foreign: float
    """Share in words of other subjects that no title, alias or sample question has."""
    borderline: float
    """Share in words of other subjects that sample questions have (those of names for half)."""
    own: float
    """Share in words that titles, aliases and sample questions use."""
    length: float
    """Logarithm of the number of telling words, plus one."""
    phrase: float
    """How much of the question is the whole name of a subtopic."""


_WEIGHTS = Measures(
    best=0.75,
    lead=-0.28,
    unknown=-1.7,
    foreign=-7.1,
    borderline=-8.4,
    own=0.8,
    length=5.0,
    phrase=6.0,
)
_BIAS = -10.5


def measure(
    query: Query, scores: Floats, phrase: float, vocabulary: Vocabulary, own: Own
) -> Measures:
    """Take the measures of a question; ``scores`` has one for each subtopic."""
    weighted = [(token, token.weight * vocabulary.idf(token.stem)) for token in query.telling]
    total = sum(weight for _, weight in weighted) or 1.0
    asides = [(token.stem, weight) for token, weight in weighted if token.stem in OUTSIDE]
    ranked = sorted(scores.tolist(), reverse=True)
    return Measures(
        best=ranked[0],
        lead=ranked[0] - ranked[min(4, len(ranked) - 1)],
        unknown=sum(w for token, w in weighted if not token.known) / total,
        foreign=sum(w for s, w in asides if s not in own.names and s not in own.questions) / total,
        borderline=sum(_borderline(s, own) * w for s, w in asides) / total,
        own=sum(w for t, w in weighted if t.stem in own.names or t.stem in own.questions) / total,
        length=log1p(len(weighted)),
        phrase=phrase,
    )


def _borderline(stemmed: str, own: Own) -> float:
    return 0.5 if stemmed in own.names else float(stemmed in own.questions)


def probability(measures: Measures) -> float:
    """Return the probability that the course answers a question with these measures."""
    pairs = zip(astuple(_WEIGHTS), astuple(measures), strict=True)
    logit = _BIAS + sum(weight * value for weight, value in pairs)
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, logit))))
