"""Inverted indices over the course: BM25 on texts, cosine on short units, BM25 on letters.

They are made and read with a fixed number of numpy calls, whatever the length of the question, and
read a bounded number of entries, so that a large course is answered in bounded time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]
Integers: TypeAlias = npt.NDArray[np.int32]

POSTINGS_READ = 60_000
"""Entries of an index read for one question, rarest terms first; the course has far fewer."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms looked for: their numbers in a vocabulary, and how much each counts."""

    numbers: Integers
    weights: Floats

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, float]]) -> Terms:
        """Return the terms of some (number, weight)."""
        numbers, weights = zip(*pairs, strict=True) if (pairs := list(pairs)) else ((), ())
        return cls(np.array(numbers, np.int32), np.array(weights, np.float32))


@dataclass(frozen=True, slots=True)
class Postings:
    """For each term, the rows that have it and its weight in them (compressed columns).

    ``starts`` (one for each subtopic) is where its rows begin: a subtopic scores as its best row.
    It is None where rows and subtopics are the same.
    """

    begins: Integers
    rows: Integers
    weights: Floats
    height: int
    starts: Integers | None = None

    def rows_with(self, number: int) -> frozenset[int]:
        """Return the rows that have a term."""
        return frozenset(self.rows[self.begins[number] : self.begins[number + 1]].tolist())

    def scored(self, terms: Terms) -> Floats:
        """Return the score of each subtopic."""
        scores = self._rows_scored(terms)
        return scores if self.starts is None else np.maximum.reduceat(scores, self.starts)

    def _rows_scored(self, terms: Terms) -> Floats:
        begins = self.begins[terms.numbers]
        sizes = self.begins[terms.numbers + 1] - begins
        order = np.argsort(sizes, kind="stable")
        order = order[np.cumsum(sizes[order]) <= POSTINGS_READ]
        sizes = sizes[order]
        before = np.cumsum(sizes) - sizes
        entries = np.repeat(begins[order] - before, sizes) + np.arange(sizes.sum())
        weights = self.weights[entries] * np.repeat(terms.weights[order], sizes)
        return np.bincount(self.rows[entries], weights, self.height).astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Counts:
    """How often each term stands in each text: sorted by term, then by text."""

    terms: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    frequencies: npt.NDArray[np.int64]

    def postings(self, weights: npt.NDArray[np.float64], starts: Integers | None) -> Postings:
        begins = np.concatenate(([0], np.cumsum(self.frequencies))).astype(np.int32)
        rows, height = self.rows.astype(np.int32), len(self.lengths)
        return Postings(begins, rows, weights.astype(np.float32), height, starts)


def _counted(texts: Sequence[Sequence[int]], width: int) -> _Counts:
    height = len(texts)
    lengths = np.fromiter(map(len, texts), np.int64, height)
    terms = np.fromiter(chain.from_iterable(texts), np.int64, int(lengths.sum()))
    places = terms * height + np.repeat(np.arange(height), lengths)
    places, counts = np.unique(places, return_counts=True)
    terms, rows = np.divmod(places, height)
    return _Counts(terms, rows, counts, lengths, np.bincount(terms, minlength=width))


def bm25(texts: Sequence[Sequence[int]], width: int, *, b: float, k1: float = 1.2) -> Postings:
    """Return the BM25 index of texts, one for each subtopic, of terms numbered below ``width``."""
    found = _counted(texts, width)
    idf = np.log(1.0 + (len(texts) - found.frequencies + 0.5) / (found.frequencies + 0.5))
    relative = found.lengths / max(float(found.lengths.mean()), 1e-9)
    counts = found.counts.astype(np.float64)
    dampened = counts / (counts + k1 * (1.0 - b + b * relative[found.rows]))
    return found.postings(idf[found.terms] * dampened, None)


def cosine(groups: Sequence[Sequence[Sequence[int]]], width: int) -> Postings:
    """Return the TF-IDF index of texts, all of length 1; ``groups`` has those of each subtopic."""
    filled = [group or [[]] for group in groups]
    texts = list(chain.from_iterable(filled))
    found = _counted(texts, width)
    idf = 1.0 + np.log(len(texts) / np.maximum(found.frequencies, 1))
    weights = (1.0 + np.log(found.counts)) * idf[found.terms]
    norms = np.sqrt(np.bincount(found.rows, weights**2, len(texts)))
    # The idf of the question's side is multiplied in here, so that a query is its plain weights.
    weights *= idf[found.terms] / norms[found.rows]
    starts = np.cumsum([0, *(len(group) for group in filled[:-1])])
    return found.postings(weights, starts.astype(np.int32))
