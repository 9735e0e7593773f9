"""Whether a message tells of distress: self-harm, violence, harassment. Rules, not a model.

They run on the school's machine in well under a millisecond, one can read why they spoke, and the
message goes nowhere. They know French with missing accents, SMS spelling and common misspellings;
who speaks of it without its words, in another language or about a friend is mostly not heard
(``tests/knowledge/test_distress.py`` has the sentences by which they were judged).
"""

from __future__ import annotations

import re
from enum import StrEnum

from pedabot.knowledge import words
from pedabot.knowledge.text import fold, shorten


class Distress(StrEnum):
    """What a message tells of."""

    SELF_HARM = "self_harm"
    VIOLENCE = "violence"
    HARASSMENT = "harassment"


_WORD = re.compile(r"[a-z0-9]+")
_PEOPLE = frozenset({"ex", "frere"})
"""Somebody here; elsewhere the table of SMS words takes them for an example, and for a filler."""
_MACHINE = (
    r"(?:process\w*|program\w*|serveur\w*|threads?|jobs?|kernel|noyau\w*|taches?|scripts?|modeles?"
    r"|sessions?|conteneurs?|dockers?|neurones?|pods?|python|applis?|applications?|pc|ordi\w*|code"
    r"|connexions?|services?|instances?|boucles?|terminal|fenetres?|requetes?|gpu|cpu|agents?"
    r"|daemons?|demons?|workers?|port)"
)
_SOMEBODY = (
    r"(?:on|il|elle|ils|elles|quelqu un|pere|mere|parents?|daron\w*|frere|soeur|oncle|tonton|cousin"
    r"|copain|copine|mec|meuf|ex|mari|prof|patron|tuteur|eleves?|gens|classe|gars|filles?)"
)
_HURT = (
    r"(?:frap\w*|gifl\w*|tap(?:e|es|ent|er|ee?)(?! (?:le|la|les|un|une|du|ce|des) )"
    r"|bat(?:s|tent|tu|tue|tre)?|cogn\w*|viol(?:e|es|ent|er|ee?)"
    r"|agress\w*|tabass\w*|etrangl\w*|brutalis\w*)"
)
_WISH = (
    r"(?:envi\w*(?: de| d)?|veux?|veu|voudrai[st]?|aimerai[st]?|pense(?: souvent)? a|vais|vai|ve"
    r"|prefere(?: de)?|reve de|souhaite)(?: juste| vraiment| trop)?"
)

_PATTERNS: tuple[tuple[Distress, str], ...] = (
    (
        Distress.VIOLENCE,
        rf"\b{_SOMEBODY} (?:veu[tx]?|va|menace de) (?:me|m) (?:tuer|frapper|planter|butt?er)\b",
    ),
    (
        Distress.SELF_HARM,
        rf"\b{_WISH} (?:me|m) tu(?:er|e|ez)\b|\bje me tue\b(?! a)"
        r"|\b(?:me|m) (?:sui[sc]+id\w*|fling\w*|pendre|butt?er|supprimer|scarifi\w*"
        r"|mutil\w*|pendr|jeter (?:par la fenetre|d un pont|sous (?:un|le) (?:train|metro))"
        r"|foutre en l air|(?:ouvr\w+|taill\w+|coup\w+) les (?:veines|bras|poignets)"
        r"|fai(?:re|s|sai[st]) (?:du )?mal(?: expres)?\Z)",
    ),
    (
        Distress.SELF_HARM,
        rf"\b{_WISH} (?:mouri\w*|crever|en finir\w*|disparaitre"
        r"|sauter (?:par la fenetre|d un pont|du toit)|sui[sc]+id\w*|plus? etre la"
        r"|(?:de )?(?:ne )?(?:plus?|pas|pu) (?:vivre|exister|me reveiller))\b",
    ),
    (
        Distress.SELF_HARM,
        r"\b(?:plus?|pu|pas) (?:\w+ ){0,3}(?:de|d|la force de) (?:vivre|exister)\b"
        r"|\b(?:plus?|pas|pu) vivre (?:comme [cs]a|ainsi)\b"
        r"|\b(?:merite|supporte) (?:plus?|pas) (?:de )?vivre\b"
        r"|\bma vie (?:ne )?(?:vaut|sert) (?:plus?|a)? ?rien\b|\b(?:a quoi bon|raison de) vivre\b"
        r"|\b(?:peux?|peut|supporte) plus? (?:de )?(?:la|ma|cette) vie\b|\bidees noires\b"
        r"|\bmieux sans moi\b|\b(?:pensees?|idees?|envies?) sui[sc]+idaires?\b"
        r"|\bfait une tentative de sui[sc]+ide\b|\bavale (?:des|tous les) (?:medicaments|cachets)\b"
        r"|\bje (?:suis|me sens) sui[sc]+idaire\b|\b(?:marre|fatiguee?) de vivre\b"
        r"|\b(?:essayee?|tentee?|failli) (?:de )?(?:me|m) (?:tuer|sui[sc]+id\w*|pendre)\b"
        r"|\bje pense (?:souvent )?(?:au sui[sc]+ide|a la mort)\b|\bveux que tout s arrete\b"
        r"|\bsi je (?:mourr?ais|disparaissais|(?:etais|suis) morte?)\b|\bla mort serait\b"
        r"|\bautant mourir\b|\bmal de mourir\b|\bje (?:ne )?pense qu a mourir\b"
        r"|\bcomment (?:se|me) (?:sui[sc]+ider|pendre|tuer)\b",
    ),
    (
        Distress.VIOLENCE,
        rf"\b{_SOMEBODY} (?:\w+ )?(?:me|m) (?:a |ont |avait |fait )?(?:\w+ )?{_HURT}\b"
        r"(?! (?:sur les nerfs|aux?|a la|a un|dans l oeil))",
    ),
    (
        Distress.VIOLENCE,
        r"\bje me (?:suis )?(?:fais|fait|faisais) (?:\w+ )?"
        r"(?:frapp\w*|tap\w*|battre|violer?|agress\w*|tabass\w*|cogn\w*|toucher)\b"
        r"|\b(?:ete|suis) (?:viole|violee|agresse|agressee|battue)\b"
        r"|\b(?:pere|oncle|frere|cousin|prof|mec|patron|tuteur) me touche\b(?! un mot)"
        r"|\bpeur d[eu] (?:mon|ma) (?:beau |belle )?"
        r"(?:pere|mere|frere|copain|mec|ex|mari|daron\w*|oncle)\b"
        r"|\b(?:peur|veux? pas) (?:de )?rentrer (?:chez moi|a la maison)\b"
        r"|\bm a (?:force|touche)e? (?:a coucher|sexuellement|les seins|le sexe)\b",
    ),
    (
        Distress.VIOLENCE,
        rf"\b(?:vais|veux|envie de) (?:tuer|butt?er|planter) (?!(?:\w+ ){{0,2}}{_MACHINE}\b)"
        r"(?:mon|ma|mes|quelqu|tout le monde|le prof|la prof|les autres|ce prof|des gens)\b",
    ),
    (
        Distress.HARASSMENT,
        r"\b(?:me|m) (?:\w+ )?(?:harcel\w*|arcel\w*|racket\w*|humili\w*)"
        r"|\bme (?:suis )?(?:fais|fait) (?:\w+ )?"
        r"(?:harcel\w*|arcel\w*|racket\w*|insult\w*|menac\w*|humili\w*)"
        r"|\bvictime (?:de |d )(?:cyber ?)?(?:harcelement|arcelement|chantage|racket)"
        r"|\bje suis (?:\w+ )?harcelee?\b"
        r"|\b(?:moquent|rient|rigolent) de moi (?:tous|tout|chaque)\b"
        r"|\b(?:mes|de moi) (?:nudes?|nue?)\b"
        r"|\bsubi[st]? (?:du |un )?(?:cyber ?)?harcelement"
        r"|\b(?:photos?|videos?|nudes?) (?:intimes? |nue?s? )?(?:de moi|a poil)"
        r" (?:circul\w*|tourn\w*|sur)"
        r"|\b(?:on|ils?|elles?|quelqu un|gens|eleves|classe|monde|ex) (?:me|m) (?:\w+ )?"
        r"(?:insult\w*|menac\w*|fait chanter|font chanter)\b",
    ),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)
_HARMLESS = re.compile(
    r"\b(?:mourir|mort|crever|meurs) de (?:rire|faim|chaud|froid|soif|rire|fatigue|honte)\b"
    r"|\b(?:en finir|finir) avec (?:ce|cet|cette|le|la|les|mon|ma|mes) (?!vie|jours)\w+"
    r"|\bme tuer (?:a la tache|au travail)\b|\bne (?:me|m) frappe pas\b"
)


def distress_in(message: str) -> Distress | None:
    """Return what a message of a student tells of, or None."""
    text = _HARMLESS.sub(" ", _spelled_out(message))
    return next((kind for kind, pattern in _COMPILED if pattern.search(text)), None)


def _spelled_out(message: str) -> str:
    """Fold a message and undo SMS spelling; pronouns before an apostrophe stay words."""
    found = _WORD.findall(fold(shorten(message)))
    spelled = (word if word in _PEOPLE else words.SMS.get(word, word) for word in found)
    return " ".join(" ".join(spelled).split())
