"""Whether the course answers a question, as a probability.

A logistic model on a handful of measures, fitted once on questions of several courses' worth of
subjects (benchmarks/README says how to fit it again); the measures are shares and scores that do not depend on the course.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from math import exp, log1p

from pedabot.knowledge.lexical import Floats
from pedabot.knowledge.outside import OUTSIDE
from pedabot.knowledge.query import Query, Token, Vocabulary


@dataclass(frozen=True, slots=True)
class Measures:
    """What tells questions inside the course from those outside."""

    best: float
    """Fused score of the best subtopic."""
    lead: float
    """By how much it is ahead of the fifth."""
    unknown: float
    """Share of the question, by rarity, in words that the course never uses."""
    foreign: float
    """Share in words of other subjects that the course has in no title, alias or question."""
    own: float
    """Share in words that titles, aliases and sample questions use."""
    length: float
    """Logarithm of the number of telling words."""


def measure(query: Query, scores: Floats, vocabulary: Vocabulary, own: frozenset[str]) -> Measures:
    """Take the measures of a question; ``own`` has the stems of titles, aliases and questions."""
    weighted = [(token, token.weight * vocabulary.idf(token.stem)) for token in query.telling]
    total = sum(weight for _, weight in weighted) or 1.0
    ranked = sorted(scores.tolist(), reverse=True)
    return Measures(
        best=ranked[0],
        lead=ranked[0] - ranked[min(4, len(ranked) - 1)],
        unknown=sum(w for token, w in weighted if not token.known) / total,
        foreign=sum(w for token, w in weighted if _is_foreign(token, own)) / total,
        own=sum(w for token, w in weighted if token.stem in own) / total,
        length=log1p(len(weighted)),
    )


def _is_foreign(token: Token, own: frozenset[str]) -> bool:
    return token.stem in OUTSIDE and token.stem not in own


_WEIGHTS = (0.85, -0.16, -0.96, -5.83, -1.53, 4.9)
_BIAS = -11.45


def probability(measures: Measures) -> float:
    """Return the probability that the course answers a question with these measures."""
    logit = _BIAS + sum(w * m for w, m in zip(_WEIGHTS, astuple(measures), strict=True))
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, logit))))
