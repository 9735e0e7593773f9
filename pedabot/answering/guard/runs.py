"""What two texts have in common, letter by letter: runs in a row, whatever the punctuation."""

from __future__ import annotations

import re

from pedabot.knowledge.text import fold

_NOT_LETTERS = re.compile(r"[^a-z]+")
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]+")
_NO_DIGITS = str.maketrans("", "", "0123456789")


def letters_of(text: str) -> str:
    """Return the letters of a text: small, without accents, and nothing between them."""
    return _NOT_LETTERS.sub("", fold(text))


def alphanumeric(text: str) -> str:
    """Return the letters and digits of a text in the same way."""
    return _NOT_ALPHANUMERIC.sub("", fold(text))


def letters_among(characters: str) -> str:
    """Return the letters of what :func:`alphanumeric` has read."""
    return characters if characters.isalpha() else characters.translate(_NO_DIGITS)


def shares(text: str, known: str, length: int) -> bool:
    """Tell whether so many characters in a row of a text stand in a short one."""
    half = length // 2
    return any(
        text[start : start + half] in known and _share_around(start, text, known, length)
        for start in range(0, len(text) - half + 1, half)
    )


def _share_around(block: int, text: str, known: str, length: int) -> bool:
    first, last = max(0, block + length // 2 - length), min(block, len(text) - length)
    return any(text[start : start + length] in known for start in range(first, last + 1))


class Runs:
    """So many characters in a row of a text, wherever they begin."""

    def __init__(self, text: str, length: int) -> None:
        self._text = text
        self._length = length
        self._half = half = length // 2
        # Every run holds one of these blocks whole, and few other texts hold any: little has to be
        # looked at closely, and no run is kept.
        self._blocks = frozenset(
            text[start : start + half] for start in range(0, len(text) - half + 1, half)
        )

    def are_shared(self, text: str, but: str = "") -> bool:
        """Tell whether one of the runs stands in a text; those of a third text do not count."""
        half, blocks = self._half, self._blocks
        starts = range(len(text) - half + 1)
        slices = map(slice, starts, range(half, len(text) + 1))
        if blocks.isdisjoint(map(text.__getitem__, slices)):  # nearly always: no loop of our own
            return False
        return any(
            text[start : start + half] in blocks and self._are_shared_around(start, text, but)
            for start in starts
        )

    def _are_shared_around(self, block: int, text: str, but: str) -> bool:
        first, last = (
            max(0, block + self._half - self._length),
            min(block, len(text) - self._length),
        )
        if text[first : last + self._length] in but:
            return False
        runs = (text[start : start + self._length] for start in range(first, last + 1))
        return any(run in self._text and run not in but for run in runs)


def overlap(text: str, known: str, least: int, most: int) -> int:
    """Return how many characters at the end of a text stand in a row in another, up to ``most``.

    Fewer than ``least`` count as none.
    """
    if len(text) < least or text[-least:] not in known:
        return 0
    count = least
    while count < min(most, len(text)) and text[-count - 1 :] in known:
        count += 1
    return count


def start_of_last(text: str, count: int) -> int:
    """Return where the last ``count`` letters and digits of a text begin."""
    position = len(text)
    while position and count:
        position -= 1
        count -= text[position].isalnum()
    return position
