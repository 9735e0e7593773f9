"""Why a page was found for a question, in terms that a reader can check."""

from __future__ import annotations

import re
from collections.abc import Collection, Set
from dataclasses import dataclass

from pedabot.knowledge import words
from pedabot.knowledge.query import Query, Token
from pedabot.knowledge.text import fold, stem
from pedabot.knowledge.thesaurus import SYNONYMS

MOST_WORDS = 6

_TYPED = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Reason:
    """Words of the question that a page holds, and those to which it has a related word.

    ``followed`` tells that the turns before, or the page of the question, spoke of it already;
    ``file`` is the name of a file that names it.
    """

    words: tuple[str, ...] = ()
    akin: tuple[str, ...] = ()
    followed: bool = False
    file: str = ""


NO_REASON = Reason()


def reason(question: str, query: Query, held: Set[str]) -> Reason:
    """Say why a page was found; ``held`` are the stems that it has."""
    typed = {fold(word): word for word in _TYPED.findall(question)}
    direct = [token for token in query.telling if token.stem in held]
    akin = [t for t in query.telling if t not in direct and related_stems(t) & held]
    return Reason(_as_typed(direct, typed), _as_typed(akin, typed))


def related_stems(token: Token) -> set[str]:
    """Return the stems that say nearly the same as a word."""
    meant = {stem(word) for word in words.MEANINGS.get(token.word, "").split()}
    return meant.union(SYNONYMS.get(token.stem, ()))


def _as_typed(tokens: Collection[Token], typed: dict[str, str]) -> tuple[str, ...]:
    """Return words as the student wrote them, or as they were understood, each once."""
    said = dict.fromkeys(typed.get(token.word, token.word) for token in tokens)
    return tuple(said)[:MOST_WORDS]
