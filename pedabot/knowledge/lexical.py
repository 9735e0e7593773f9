"""Inverted indices over the course: BM25 on fields, cosine on short units and on letters.

bm25s weighs the terms; what is added here is the scoring of a *weighted* query (a guessed word
counts less than a typed one) in a time that stays bounded on a large course.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import log
from typing import TypeAlias

import bm25s
import numpy as np
import numpy.typing as npt

Terms: TypeAlias = Mapping[str, float]

Floats: TypeAlias = npt.NDArray[np.float32]
Integers: TypeAlias = npt.NDArray[np.int32]

POSTINGS_READ = 60_000
"""Entries of an index read for one question, rarest terms first; the course has far fewer."""


@dataclass(frozen=True, slots=True)
class Postings:
    """For each term, the rows that have it and its weight in them (compressed columns).

    ``starts`` (one for each subtopic) is where its rows begin: a subtopic scores as its best row.
    It is None where rows and subtopics are the same.
    """

    vocabulary: Mapping[str, int]
    begins: Integers
    rows: Integers
    weights: Floats
    height: int
    starts: Integers | None = None
    idfs: Mapping[str, float] | None = None

    def idf(self, term: str) -> float:
        """Return how telling a term is; an unknown one is as telling as the rarest."""
        return (self.idfs or {}).get(term, 1.0 + log(self.height))

    def rows_scored(self, terms: Terms) -> Floats:
        """Return the sum over the terms of their weights in each row, shape (height,)."""
        scores = np.zeros(self.height, dtype=np.float32)
        left = POSTINGS_READ
        for begin, end, weight in self._columns(terms):
            left -= end - begin
            if left < 0:
                break
            scores[self.rows[begin:end]] += self.weights[begin:end] * np.float32(weight)
        return scores

    def _columns(self, terms: Terms) -> list[tuple[int, int, float]]:
        known = [(self.vocabulary[t], w) for t, w in terms.items() if t in self.vocabulary]
        columns = [(int(self.begins[i]), int(self.begins[i + 1]), w) for i, w in known]
        return sorted(columns, key=lambda column: column[1] - column[0])

    def scored(self, terms: Terms) -> Floats:
        """Return the score of each subtopic."""
        scores = self.rows_scored(terms)
        return scores if self.starts is None else np.maximum.reduceat(scores, self.starts)


def bm25(texts: Sequence[Sequence[str]], *, b: float, k1: float = 1.2) -> Postings:
    """Return the BM25 index of tokenised texts, one for each subtopic."""
    engine = bm25s.BM25(method="lucene", k1=k1, b=b)
    # An empty text would make an average of nothing: a token that nobody can type stands there.
    engine.index([list(text) or [" "] for text in texts], show_progress=False)
    scores = engine.scores
    return Postings(
        vocabulary=engine.vocab_dict,
        begins=scores["indptr"].astype(np.int32),
        rows=scores["indices"],
        weights=scores["data"],
        height=len(texts),
    )


def cosine(groups: Sequence[Sequence[Sequence[str]]]) -> Postings:
    """Return the TF-IDF index of texts, all of length 1; ``groups`` has those of each subtopic."""
    filled = [group or [[]] for group in groups]
    units = [Counter(unit) for group in filled for unit in group]
    frequency = Counter(chain.from_iterable(units))
    vocabulary = {term: column for column, term in enumerate(frequency)}
    sizes = np.fromiter(frequency.values(), np.int32, len(frequency))
    idf = 1.0 + np.log(len(units) / np.maximum(sizes, 1))
    rows = np.repeat(np.arange(len(units), dtype=np.int32), [len(unit) for unit in units])
    columns = np.fromiter((vocabulary[t] for unit in units for t in unit), np.int32, len(rows))
    counts = np.fromiter((n for unit in units for n in unit.values()), np.float32, len(rows))
    weights = (1.0 + np.log(counts)) * idf[columns]
    norms = np.sqrt(np.bincount(rows, weights**2, minlength=len(units)))
    # The idf of the question's side is multiplied in here, so that a query is its plain weights.
    weights *= idf[columns] / np.maximum(norms, 1e-9)[rows]
    order = np.argsort(columns, kind="stable")
    starts = np.cumsum([0, *(len(group) for group in filled[:-1])])
    return Postings(
        vocabulary=vocabulary,
        begins=np.concatenate(([0], np.cumsum(sizes))).astype(np.int32),
        rows=rows[order],
        weights=weights[order].astype(np.float32),
        height=len(units),
        starts=starts.astype(np.int32),
        idfs=dict(zip(vocabulary, idf.tolist(), strict=True)),
    )
