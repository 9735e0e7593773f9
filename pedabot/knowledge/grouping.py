"""Questions grouped by what they share: words, weighed by how rare they are among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pedabot.knowledge import words
from pedabot.knowledge.text import spelled_out, stem

NEAR = 0.3
"""The cosine from which two questions are alike: one telling word shared among two or three."""


def stems(text: str) -> frozenset[str]:
    """Return the stems of a question's telling words."""
    return frozenset(stem(word) for word in spelled_out(text) if word not in words.STOP)


def groups(texts: Sequence[str]) -> list[list[int]]:
    """Group texts by likeness; returns positions, the largest group first.

    Each group begins with its most central text, the one to which most others are near. Texts
    without a telling word are left out.
    """
    bags = [stems(text) for text in texts]
    kept = [position for position, bag in enumerate(bags) if bag]
    if not kept:
        return []
    likeness = _likeness([bags[position] for position in kept])
    found = [[kept[row] for row in group] for group in _grouped(likeness)]
    return sorted(found, key=len, reverse=True)


def _likeness(bags: Sequence[frozenset[str]]) -> NDArray[np.float32]:
    """Return the cosine of each pair of bags of words, weighed by rarity."""
    frequency = Counter(word for bag in bags for word in bag)
    column = {word: number for number, word in enumerate(sorted(frequency))}
    weights = np.zeros((len(bags), len(column)), np.float32)
    for row, bag in enumerate(bags):
        for word in bag:
            weights[row, column[word]] = np.log(1 + len(bags) / frequency[word])
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    product: NDArray[np.float32] = weights @ weights.T
    return product


def _grouped(likeness: NDArray[np.float32]) -> list[list[int]]:
    """Take again and again the row with most neighbours, and those neighbours with it."""
    near = likeness >= NEAR
    left = np.ones(len(likeness), bool)
    found = []
    while left.any():
        neighbours = (near & left).sum(axis=1)
        # Of two with as many neighbours, the one that is nearer to them.
        centre = int(np.argmax(np.where(left, neighbours + (likeness * near).mean(axis=1), -1)))
        members = np.flatnonzero((near[centre] & left) | (np.arange(len(left)) == centre))
        ordered = sorted(members.tolist(), key=lambda row: (row != centre, -likeness[centre, row]))
        found.append(ordered)
        left[ordered] = False
    return found
