"""How far a question leans on the turns before it ("et un exemple ?", "laquelle des deux ?")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from pedabot.knowledge import words
from pedabot.knowledge.query import Query
from pedabot.knowledge.text import fold, shorten, spelled_out

_OPENING = re.compile(
    r"^\W*(?:(?:ok|okay|d'accord|dac|ah|oh|bah|ben|hmm|merci|super|cool|oui|ouais|non|nan|mais|bon"
    r"|alors|du coup|donc|sinon|and|but|so)\W+)*"
    r"(?:et|mais|donc|du coup|alors|sinon|ou|and|but|so|pourquoi pas|meme|dans ce cas|pour ca)\b"
)
_POINTING = re.compile(
    r"\b(?:celui|celle|ceux|celles|ca|cela|la-dedans|dedans|l'autre|les autres|les deux|des deux"
    r"|laquelle|lequel|lesquels|lesquelles|l'inverse|le contraire|l'equivalent|le premier"
    r"|la premiere|le deuxieme|la deuxieme|le second|la seconde|le dernier|la derniere"
    r"|(?:1re|1ere|1er|2e|2eme|3e|3eme) \w+|(?:premiere?|deuxieme|seconde?|troisieme|derniere?) "
    r"(?:etape|point|partie|methode|option|phrase|solution|ligne|exemple|cas)|en|y|lui"
    r"|(?:l'|le |la |les )\w+(?:er|ir|re)(?= *(?:[?.!,]|$| en | dans | avec ))|la(?= *\?)"
    r"|this|that|it|one|other|both|them|these|those)\b"
)
_AGAIN = re.compile(
    r"\b(?:plus (?:simple|simplement|court|clair|clairement|en detail|de details?|concret|facile)"
    r"|autrement|autre exemple|un exemple|reexplique|repete|reformule|resume|developpe|continue"
    r"|pas (?:compris|pige|capte|saisi|suivi)|comprends? (?:pas|rien)|c'est-a-dire|cad|pourquoi"
    r"|en code|en python|example|simpler|again|more details?|why)\b"
)
_BOTH = re.compile(
    r"\b(?:des deux|les deux|l'une? (?:ou|et|de) l'autre|both|which one|lequel|laquelle)\b"
)
_OTHER = re.compile(r"\bl'autre\b|\bthe other\b")


def dependence(question: str, query: Query, named: float) -> float:
    """Return how much a question needs the turns before it: 0 stands alone, 1 says nothing alone.

    ``named`` (0 to 1) is how much of the question is the name of a notion of the course.
    """
    telling = len(query.telling)
    if telling == 0:
        return 1.0
    plain = fold(question)
    signs = 2 * bool(_OPENING.match(plain))
    signs += bool(_POINTING.search(plain)) + bool(_AGAIN.search(plain))
    if _BOTH.search(plain) or _OTHER.search(plain):
        signs += 1
    bareness = 0.5 if telling <= 2 else 0.3 if telling <= 4 else 0.1
    return min(1.0, 0.2 * signs + bareness * (1.0 - named))


def asks_for_both(question: str) -> bool:
    """Tell whether a follow-up speaks of two things named before ("laquelle des deux ?")."""
    return _BOTH.search(fold(question)) is not None


class Wish(StrEnum):
    """What a follow-up asks of the answer before it."""

    SIMPLER = "simpler"
    DEEPER = "deeper"
    OTHER = "other"


_WISHES = {
    Wish.OTHER: _OTHER,
    Wish.SIMPLER: re.compile(
        r"\bplus (?:simple|simplement|clair|clairement|facile|facilement|court|doucement)\b"
        r"|\b(?:pas|rien|mal) (?:tout |tres bien |bien |trop )?(?:compris|pige|capte|saisi|suivi)"
        r"|\b(?:comprends?|pige|capte|suis) (?:pas|rien|toujours pas)|\btrop (?:complique|dur"
        r"|difficile|technique|complexe)|\b(?:reexplique|reformule|autrement|perdue?s?)\b"
        r"|\b(?:simpler|don'?t (?:understand|get)|easier)\b|\bc'est pas clair\b|\bhein\b ?\?*$"
    ),
    Wish.DEEPER: re.compile(
        r"\bplus (?:en )?(?:detail|de details?|precis|precisement|loin|technique|profond)"
        r"|\b(?:developpe|approfondi\w*|continue|la suite|en savoir plus|dis-m'en plus)\b"
        r"|\b(?:more details?|go on|deeper)\b"
    ),
}
_COMMON = words.STOP | words.FRAMING
_CHATTY = frozenset(
    "code python encore nouveau nouvel reexplique reformule complique technique court clair"
    " clairement perdu perdue perdus developpe approfondis approfondir continue suite essentiel"
    " resumer simplement facilement doucement again simpler easier understand details"
    " synthese bref cas pratique autres ligne savoir loin lent lentement".split()
)


def wish(question: str) -> Wish | None:
    """Return what a question asks of the answer before it, if it does."""
    text = fold(question)
    return next((kind for kind, cue in _WISHES.items() if cue.search(text)), None)


def is_bare(question: str) -> bool:
    """Tell whether a question names nothing of its own ("un autre exemple ?", "et en code ?")."""
    if which(question) is not None:
        return False
    return all(word in _COMMON or word in _CHATTY for word in spelled_out(shorten(question)))


def subject(question: str, earlier: Sequence[str]) -> str:
    """Return the question that a follow-up is about: itself, or the last that named something.

    ``earlier`` holds the student's questions before it, oldest first.
    """
    return next((q for q in (question, *reversed(earlier)) if not is_bare(q)), question)


def grounded(history: Sequence[str]) -> Sequence[str]:
    """Leave out the last exchanges in which the student named nothing ("plus simple", "résume").

    ``history`` ends with a turn of the tutor. Of one in which nothing was ever named the first
    exchange is kept.
    """
    end = len(history)
    while end > 2 and is_bare(history[end - 2]):
        end -= 2
    return history[:end]


def which(question: str) -> Which | None:
    """Return which of two notions compared before a question means ("la deuxième", "l'autre")."""
    text = fold(question)
    return next((place for place, cue in _WHICH.items() if cue.search(text)), None)


class Which(StrEnum):
    """One of two notions compared before."""

    FIRST = "first"
    SECOND = "second"
    OTHER = "other"


_ONE_OF_TWO = r"(?! (?:etape|point|partie|phrase|ligne|couche|fois|question|reponse)s?)\b"
_WHICH = {
    Which.OTHER: re.compile(r"\bl'autre\b(?! (?:jour|fois))|\bthe other\b"),
    Which.FIRST: re.compile(rf"\b(?:le premier|la premiere|the first){_ONE_OF_TWO}"),
    Which.SECOND: re.compile(
        r"\b(?:le (?:second|deuxieme|dernier)|la (?:seconde|deuxieme|derniere)|the second)"
        rf"{_ONE_OF_TWO}"
    ),
}

_PLACES = {
    1: r"1(?:er|re|ere)?|premiere?",
    2: r"2(?:e|eme|nde?)?|deuxieme|seconde?",
    3: r"3(?:e|eme)?|troisieme",
    4: r"4(?:e|eme)?|quatrieme",
    5: r"5(?:e|eme)?|cinquieme",
}
_PARTS = r"(?:etapes?|points?|parties?|phrases?|lignes?|conseils?|gestes?|idees?|raisons?)"
_LISTED = re.compile(r"(?:^|\s)(?:\d{1,2}[.)]|[-*])\s+(.+?)(?=\s+\d{1,2}[.)]\s|\n|$)")


def part_meant(question: str, answer: str) -> str | None:
    """Return the item of the answer before that a question points to ("la 2e étape")."""
    text = fold(question)
    items = [item.strip() for item in _LISTED.findall(answer)]
    for place, written in _PLACES.items():
        if re.search(rf"\b(?:(?:{written}) {_PARTS}|{_PARTS} (?:{written}))\b", text):
            return items[place - 1] if place <= len(items) else None
    return None
