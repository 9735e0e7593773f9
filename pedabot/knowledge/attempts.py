"""What a student says to a tutor who leads by questions: an attempt, a call for help, or else."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pedabot.knowledge.intent import plain

_ASKING = re.compile(
    r"^\W*(?:(?:et|mais|ok|oui|non|bonjour|salut|dis|alors|donc|du coup)\W+){0,3}"
    r"(?:comment|pourquoi|quoi|quel\w*|qui|combien|c'est quoi|qu'|que\b|a quoi|est-ce|explique"
    r"|donne|montre|peux|pouvez|fais|ecri[st]\b|cite|defini|resume|compare|corrige|calcule|aide|resous"
    r"|dis[- ]moi|rappelle|presente|difference|j'aimerais|je voudrais|je veux|comprendre|how"
    r"|what|why)"
)
_HELP = re.compile(
    r"\b(?:je (?:ne )?sais (?:pas|plus)|jsp|aucune idee|pas d'idee|indices?|bloque\w*|aide[- ]moi"
    r"|help|je (?:ne )?vois pas|(?:donne\w*|dis|dire|veux|quelle est)\b.{0,12} (?:la|ta)"
    r" (?:reponse|solution)|j'abandonne"
    r"|je seche|(?:pas|rien) (?:compris|pige|capte)|comprends (?:pas|rien)|plus simple\w*"
    r"|un (?:autre )?exemple|donne[- ]la|dis[- ]le)\b|^\W*(?:aide|non|nan|\?+)\W*$"
)


def asks_for_help(text: str) -> bool:
    """Tell whether a student who was asked something wants a hint, or the solution."""
    return len(text) < 200 and _HELP.search(plain(text)) is not None


def is_attempt(text: str) -> bool:
    """Tell whether a message answers the tutor's question instead of asking one."""
    words = plain(text)
    return not (text.rstrip().endswith("?") or _ASKING.match(words) or asks_for_help(text))


def lesson_subject(text: str, student: Sequence[str], tutor: Sequence[str]) -> str:
    """Return what a message of a guided talk is about: itself, if it asks something new.

    An attempt or a call for help names no subject: that is the last question of the student, or
    what the tutor said (both oldest first) where the question was too long ago.
    """
    if not tutor or not (is_attempt(text) or asks_for_help(text)):
        return text
    asked = (turn for turn in reversed(student) if not (is_attempt(turn) or asks_for_help(turn)))
    return next(asked, tutor[-1])
