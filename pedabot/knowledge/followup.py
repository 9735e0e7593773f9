"""How far a question leans on the turns before it ("et un exemple ?", "laquelle des deux ?")."""

from __future__ import annotations

import re

from pedabot.knowledge.query import Query
from pedabot.knowledge.text import fold

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
