"""Titles in a drawing: how wide they are, and where they break. SVG breaks no lines itself."""

from __future__ import annotations

MAX_LINES = 3
SIZE = 13.5
"""The size of the letters in the drawing."""

_NARROW = frozenset("iIjl.,:;'’!|()[] \u00a0\u202f-ftr")
_WIDE = frozenset("mwMWœŒæ%@")


def width_of(text: str) -> float:
    """Estimate the width of a text from above, in pixels."""
    return sum(_width(letter) for letter in text) * SIZE


def _width(letter: str) -> float:
    if letter in _NARROW:
        return 0.31
    if letter in _WIDE:
        return 0.84
    return 0.66 if letter.isupper() else 0.54


def lines_of(title: str, width: float) -> tuple[str, ...]:
    """Break a title into three lines at most; what is too long is cut at a colon, or anywhere."""
    lines = _broken(title, width)
    if len(lines) > MAX_LINES and ":" in title:
        lines = _broken(title.split(":")[0].rstrip(), width)
    if len(lines) > MAX_LINES:
        lines = [*lines[: MAX_LINES - 1], _cut(" ".join(lines[MAX_LINES - 1 :]), width)]
    return tuple(_cut(line, width) for line in lines)


def _broken(title: str, width: float) -> list[str]:
    # A plain split: it would break at the no-break spaces of French as well.
    lines: list[str] = []
    for word in title.split(" "):
        if lines and width_of(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _cut(line: str, width: float) -> str:
    if width_of(line) <= width:
        return line
    while line and width_of(line + "…") > width:
        line = line[:-1]
    return line.rstrip() + "…"
