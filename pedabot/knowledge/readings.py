"""A question and what surrounds it, as the index understands them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pedabot.knowledge.lexical import Floats
from pedabot.knowledge.query import Query

TURN_CHARACTERS = 600
"""How much of a turn before is read."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as the index understands it.

    ``scores`` has one for each subtopic, and so has ``evidence``, by which the scope is decided.
    """

    text: str
    query: Query
    scores: Floats
    evidence: Floats
    phrase: float
    naming: float

    @property
    def named(self) -> float:
        """How much of the question is the whole name of a notion, 0 to 1: then it stands alone.

        A telling word alone says little here: "le code ?" is about what was spoken of before.
        """
        return 0.2 * self.naming + 0.8 * min(1.0, self.phrase)


@dataclass(frozen=True, slots=True)
class Context:
    """What surrounds a question: the student's turns, latest first, and what all speak for."""

    asked: tuple[Reading, ...]
    scores: Floats
    on_page: bool


def order_of(scores: Floats, pair: tuple[int, int] | None) -> list[int]:
    """Return the rows, best first (equals in the order of the course), the pair before all."""
    order: list[int] = np.argsort(-scores, kind="stable").tolist()
    return order if pair is None else [*pair, *(row for row in order if row not in pair)]
