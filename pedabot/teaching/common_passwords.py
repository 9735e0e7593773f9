"""Passwords that are tried first: listed ones, and known words that are only dressed up.

``data/common_words.txt`` is our own, with what French pupils choose; the licence of
``data/common_passwords.txt`` stands beside it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise
from pathlib import Path

_DATA = Path(__file__).parent / "data"
_LOOK_ALIKES = str.maketrans("013457@$€!", "oieastasei")
_DRESS = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_SHORTEST_NAME = 4


def is_common(password: str, *names: str) -> bool:
    """Tell whether others would try this password early; ``names`` are words about its owner.

    Case, accents, digits for letters, and digits or signs around a known word do not help; nor does
    saying it twice, or a run of neighbours such as ``abcdefghij``.
    """
    folded = _folded(password)
    if folded in _listed() or _is_run(folded) or len(_said_once(folded)) <= _SHORTEST_NAME:
        return True
    known = _words() | {_only_letters(name) for name in names if len(name) >= _SHORTEST_NAME}
    return not known.isdisjoint(_cores(folded))


def _cores(folded: str) -> set[str]:
    """Return what is left of a password without its dress, digits taken for letters or not."""
    bare = _DRESS.sub("", folded)
    spelt = (bare, bare.translate(_LOOK_ALIKES), _DRESS.sub("", folded.translate(_LOOK_ALIKES)))
    return {_said_once(_only_letters(text)) for text in spelt}


def _said_once(text: str) -> str:
    """Return the part of which a text is made by repeating it; the text itself if there is none."""
    return text[: (text + text).find(text, 1)] if text else ""


def _is_run(text: str) -> bool:
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return len(steps) == 1 and abs(steps.pop()) <= 1


def _folded(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def _only_letters(text: str) -> str:
    return "".join(letter for letter in _folded(text) if letter.isalpha())


@cache
def _words() -> frozenset[str]:
    return frozenset((_DATA / "common_words.txt").read_text(encoding="utf-8").split())


@cache
def _listed() -> frozenset[str]:
    lines = (_DATA / "common_passwords.txt").read_text(encoding="utf-8").split()
    return frozenset(map(_folded, lines))
