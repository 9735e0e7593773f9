"""Where words stand in a text: a short piece of it, with those that were looked for told apart."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, groupby

from pedabot.knowledge.text import stems_of

LENGTH = 240
LEAD = 60
"""Characters of an excerpt, and how many of them stand before the first word that was found."""

MOST_PLACES = 40
"""So many places of a text are compared; one that says a word more often is all about it."""

_PIECES = re.compile(r"[^\W_]+(?:#|\+\+)?|[\W_]+")
# Markdown is read here, not rendered: its signs would only stand in the way.
_SIGNS = re.compile(
    r"^[ \t]*(?:>|#+|[-*+]|\d+\.)[ \t]+"  # what begins a line: quotation, heading, item
    r"|^[ \t:-]+$"  # the line under the heading of a table
    r"|[*`]+"
    r"|\[([^\]]*)\]\([^)]*\)",
    re.MULTILINE,
)
_FORMULA = re.compile(r"\$\$.*?\$\$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an excerpt; ``found`` if it is one of the words that were looked for."""

    text: str
    found: bool


def excerpt(markdown: str, stems: Collection[str], length: int = LENGTH) -> list[Part]:
    """Return the piece of a text where most of the stems are together; else its beginning.

    It has some ``length`` characters and is cut between words; "…" tells that more is there.
    """
    parts = _parts(_plain(markdown), frozenset(stems))
    first, last = _window(parts, length)
    shown = [
        Part("".join(part.text for part in run), found)
        for found, run in groupby(parts[first:last], key=lambda part: part.found)
    ]
    before = [Part("… ", False)] if first else []
    return before + shown + ([Part(" …", False)] if last < len(parts) else [])


def _plain(markdown: str) -> str:
    text = _SIGNS.sub(
        lambda match: match.group(1) or "", _FORMULA.sub(" ", markdown).replace("|", " ")
    )
    return " ".join(text.split())


def _parts(text: str, stems: frozenset[str]) -> list[Part]:
    pieces = _PIECES.findall(text)
    return [Part(piece, not stems.isdisjoint(_stems_of_piece(piece))) for piece in pieces]


@lru_cache(maxsize=65_536)
def _stems_of_piece(piece: str) -> tuple[str, ...]:
    return tuple(stems_of(piece))


def _window(parts: list[Part], length: int) -> tuple[int, int]:
    """Return which parts to show."""
    starts = list(accumulate((len(part.text) for part in parts), initial=0))
    if starts[-1] <= length:
        return 0, len(parts)
    places = [number for number, part in enumerate(parts) if part.found][:MOST_PLACES]

    def words_from(place: int) -> int:
        end = starts[place] + length - LEAD
        return len({parts[n].text.lower() for n in places if place <= n and starts[n] < end})

    best = starts[max(places, key=words_from, default=0)]
    first = bisect_left(starts, max(0, min(best - LEAD, starts[-1] - length)))
    first += not parts[first].text[0].isalnum()  # nothing begins with a comma
    return first, max(first + 1, bisect_right(starts, starts[first] + length) - 1)
