"""Notions of the course that occur in a file: names of layers and functions, comments, errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pedabot.knowledge.reasons import Reason
from pedabot.knowledge.search import Index, Notice, Passage

MOST_NOTICED = 6
LINES_READ = 500
"""Lines read from the beginning, and as many from the end: errors stand there."""
LINE_CHARACTERS = 300
ERROR_WORTH = 100.0  # above any name
QUOTED_CHARACTERS = 70

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ERRORS = (
    (r"out of memory|\boom\b|resource ?exhausted", "manque de mémoire GPU"),
    (
        r"shapes? (?:mis)?match|size mismatch|shapes cannot be multiplied|incompatible (?:shapes?"
        r"|with the layer)|expected (?:\w+ )?(?:shape|input)|dimension out of range",
        "dimensions d'une couche dense",
    ),
    (r"\bloss\b.{0,12}\bnan\b|\bnan loss\b", "taux d'apprentissage trop grand, la loss diverge"),
)
_SIGNS = tuple((re.compile(pattern, re.IGNORECASE), asked) for pattern, asked in _ERRORS)


def notices(index: Index, file: str, text: str) -> list[Notice]:
    """Return the notions that a file names or runs into, the most telling first, each once.

    A name counts as much as its words are rare in the course; a known error counts more than any.
    """
    found: dict[str, Notice] = {}
    for number, line, passage, worth in _mentions(index, text):
        known = found.get(passage.subtopic.id)
        if known is None or worth > known.worth:
            passage = replace(passage, reason=Reason(file=file))
            found[passage.subtopic.id] = Notice(
                passage, file, number, _quoted(line), worth, worth >= ERROR_WORTH
            )
    return sorted(found.values(), key=lambda notice: -notice.worth)[:MOST_NOTICED]


def _mentions(index: Index, text: str) -> Iterator[tuple[int, str, Passage, float]]:
    """Yield the lines that speak of a notion, with it and how telling that is."""
    unseen = dict(_SIGNS)
    for number, line in _lines(text):
        for sign in [sign for sign in unseen if sign.search(line)]:
            ranking = index.search(unseen.pop(sign), limit=1)
            if ranking.in_scope:
                yield number, line, replace(ranking.passages[0], score=0.0), ERROR_WORTH
        split = _CAMEL.sub(" ", line)
        for spelled in dict.fromkeys((line, split)):
            yield from ((number, line, *named) for named in index.named_in(spelled))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield numbered lines, equal ones once: a log repeats itself."""
    lines, seen = text.split("\n"), {""}
    for number, line in enumerate(lines, start=1):
        plain = line[:LINE_CHARACTERS].strip()
        if plain not in seen and (number <= LINES_READ or number > len(lines) - LINES_READ):
            seen.add(plain)
            yield number, plain


def _quoted(line: str) -> str:
    """Return a line to be shown as code within a sentence."""
    plain = " ".join(line.replace("`", "'").split())
    return plain if len(plain) <= QUOTED_CHARACTERS else plain[: QUOTED_CHARACTERS - 1] + "…"
