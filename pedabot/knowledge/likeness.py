"""Whether two questions ask the same, in other words or with a slip of the keyboard.

Meant for answers that a teacher wrote: given to another question they would mislead under the
teacher's name, so whatever may tell two questions apart does. Numbers, negations, "plus" and
"moins", single letters, and the order of the words count; ``tests/knowledge/test_likeness.py`` has
the labelled pairs by which the rules were judged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from pedabot.knowledge.text import spelled_out, stem

SHORTEST_WITH_SLIP = 6
"""Letters of a word in which a slip is forgiven: shorter ones are too near one another."""

_FILLERS = frozenset(
    """
    le la les l un une du des de d au aux ce cet cette ces mon ma mes ton ta tes son sa ses notre
    nos votre vos leur leurs je j tu t il elle on nous vous ils elles me m te se s y en dans n ne
    qui que qu quoi quel quelle quels quelles est es sont suis etre c ca cela a ai as ont avoir
    bonjour bonsoir salut coucou hello merci please plait moi
    explique expliquer expliques expliquez explication definir definis definition definissez dis
    dire dit donne donner donnez peux peut pouvez pourrais pourrait veut veux voudrais aimerais
    comprendre comprends compris savoir sais sait signifie signifier notion alors donc enfin
    juste bien exactement precisement vraiment simplement
    """.split()
)
"""Folded words that change nothing of what is asked. "Pas", "sans" and "sur" are none of them."""

_FRAMES = {
    "pourquoi": "why",
    "comment": "how",
    "quand": "when",
    "combien": "how many",
    **dict.fromkeys(("sert", "servent", "servir", "utilite", "interet"), "purpose"),
    **dict.fromkeys(("marche", "marchent", "fonctionne", "fonctionnent"), "working"),
    **dict.fromkeys(("difference", "differences", "differe", "comparer", "compare"), "difference"),
    **dict.fromkeys(("exemple", "exemples", "exo"), "example"),
}
"""What kind of answer is wanted; it may stand anywhere in the question."""

_BETWEEN = frozenset({"entre", "et", "vs", "avec"})
_CAPITAL = re.compile(r"(?<![\w'\u2019])[B-XZ](?![\w'\u2019+#])")
_LAST_LETTER = re.compile(r"(?<!\w)([a-z])\W*\Z")
_SYMBOL = re.compile(r"[!<>=]=|[<>=*/%^]|(?<!\w)-(?=\d)")


@dataclass(frozen=True, slots=True)
class Gist:
    """What is left of a question: the kind of answer, the telling words in order, lone signs."""

    frames: frozenset[str]
    words: tuple[str, ...]
    signs: frozenset[str]


def gist(question: str) -> Gist:
    """Take from a question all that does not tell it from others."""
    spelled = [word for word in spelled_out(question) if word not in _FILLERS]
    frames = frozenset(_FRAMES[word] for word in spelled if word in _FRAMES)
    words = [word for word in spelled if word not in _FRAMES]
    if "difference" in frames:
        words = sorted(word for word in words if word not in _BETWEEN)
    found = (pattern.findall(question) for pattern in (_CAPITAL, _LAST_LETTER, _SYMBOL))
    signs = frozenset(sign.lower() for signs in found for sign in signs)
    return Gist(frames, tuple(words), signs)


def same_question(one: Gist, other: Gist) -> bool:
    """Tell whether two questions ask the same; one slip in one word is forgiven.

    A question of which no telling word is left ("Et alors ?") is like no other.
    """
    if not one.words or (one.frames, one.signs) != (other.frames, other.signs):
        return False
    if len(one.words) != len(other.words):
        return False
    apart = [
        (left, right)
        for left, right in zip(one.words, other.words, strict=True)
        if left != right and stem(left) != stem(right)
    ]
    return not apart or (len(apart) == 1 and _is_slip(*apart[0]))


def _is_slip(left: str, right: str) -> bool:
    """Tell whether a letter is missing, or two have changed places.

    Another letter makes another word too often: "précision" and "prévision".
    """
    if min(len(left), len(right)) < SHORTEST_WITH_SLIP or left[0] != right[0]:
        return False
    if not (left.isalpha() and right.isalpha()) or OSA.distance(left, right) != 1:
        return False
    return len(left) != len(right) or sorted(left) == sorted(right)
