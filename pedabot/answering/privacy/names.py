"""The names of a class's members, in a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from pedabot.answering.privacy.spans import Span
from pedabot.answering.values import Kind

_SHORTEST = 3
# First names that are words besides: they are names where they have a capital.
_ALSO_WORDS = frozenset(
    """
    aime ambre angelique aurore blanche capucine cerise claire clemence colombe constance desire
    eden fleur iris jade juste lila lou luna marguerite marin melodie noel ocean olive pascal
    perle pierre prudence rose ruby sacha soleil solange victoire violette
    """.split()
)
_COMBINING = re.compile("[\u0300-\u036f]")
_TITLE = re.compile(r"^(?:m|mr|mme|mlle|monsieur|madame|prof)\.? ", re.IGNORECASE)


def identifying(names: Iterable[str], common: Iterable[str]) -> tuple[str, ...]:
    """Return the names that are no words of the course: "Adam" is an optimiser there.

    ``common`` holds folded words (lower case, without accents).
    """
    return _identifying(tuple(names), frozenset(common))


@lru_cache(maxsize=64)
def _identifying(names: tuple[str, ...], common: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in names if len(name) >= _SHORTEST and plain(name) not in common)


def plain(text: str) -> str:
    """Return a text in lower case without accents."""
    decomposed = unicodedata.normalize("NFD", text.lower()).replace("’", "'")
    return decomposed if decomposed.isascii() else _COMBINING.sub("", decomposed)


def find_names(text: str, names: Sequence[str]) -> Iterator[Span]:
    """Yield where names stand as whole words, whatever their case and accents."""
    pattern = _pattern(tuple(names))
    if pattern is None:
        return
    folded, places = _aligned(text)
    for match in pattern.finditer(folded):
        start, end = places[match.start()], places[match.end() - 1] + 1
        if match[0] not in _ALSO_WORDS or text[start].isupper():
            yield Span(start, end, Kind.NAME)


@lru_cache(maxsize=64)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return what matches any of the names, the longest first, or None if there are none."""
    forms = {form for name in names for form in _forms(name)}
    if not forms:
        return None
    choices = "|".join(_loose(form) for form in sorted(forms, key=lambda f: (-len(f), f)))
    return re.compile(rf"(?<![\w@])(?:{choices})(?!\w)")


def _forms(name: str) -> Iterator[str]:
    """Yield a name as it is, and without the title before it."""
    folded = plain(" ".join(name.split()))
    yield folded
    bare = _TITLE.sub("", folded)
    if len(bare) >= _SHORTEST:
        yield bare


def _loose(form: str) -> str:
    return re.escape(form).replace(r"\ ", r"[\s\u00a0]+").replace(r"\-", "[- ]")


def _aligned(text: str) -> tuple[str, Sequence[int]]:
    """Return the folded text, and for each of its characters the place it has in the text."""
    folded = plain(text)
    if len(folded) == len(text):
        return folded, range(len(text))
    pieces = [plain(character) for character in text]
    return "".join(pieces), [place for place, piece in enumerate(pieces) for _ in piece]
