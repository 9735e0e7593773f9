"""Small manners of markdown: references at the right place, items out of their list."""

from __future__ import annotations

import re

_BULLET = re.compile(r"^[-*+]\s+")
_GAP = re.compile(r"[ \t\n]+")
_FIRST_LINE_ANNOUNCES = re.compile(r"\s*:\s*$")


def referenced(text: str, number: int) -> str:
    """Return a quoted text with its reference, at the end of the sentence that leads it.

    A text that is all code, table or formula gets it on a line before.
    """
    first, gap, rest = text.partition("\n")
    if not gap:
        return f"{text} [{number}]"
    if first.startswith(("|", "```", "~~~", "$$")):
        return f"D'après le cours [{number}] :\n\n{text}"
    if _FIRST_LINE_ANNOUNCES.search(first):
        return f"{_FIRST_LINE_ANNOUNCES.sub('', first)} [{number}] :\n{rest}"
    return f"{first} [{number}]\n{rest}"


def without_bullet(text: str) -> str:
    """Return an item as a paragraph of its own."""
    return _BULLET.sub("", text, count=1)


def cell(text: str) -> str:
    """Return a text that fits into a cell of a table."""
    return _GAP.sub(" ", without_bullet(text)).replace("|", "\\|")
