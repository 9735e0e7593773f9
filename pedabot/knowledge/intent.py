"""What kind of answer a question asks for: a definition, a reason, a figure, an example ..."""

from __future__ import annotations

import re
from enum import StrEnum

from pedabot.knowledge import words
from pedabot.knowledge.text import fold, shorten

_WORD = re.compile(r"\b[a-z0-9]+\b(?!')")


class Intent(StrEnum):
    """A kind of question, named after what its answer gives."""

    CODE = "code"
    EXAMPLE = "example"
    SUMMARY = "summary"
    DIFFERENCE = "difference"
    FIGURES = "figures"
    TROUBLE = "trouble"
    LIMITS = "limits"
    ADVANTAGES = "advantages"
    CHOICE = "choice"
    DEFINITION = "definition"
    PURPOSE = "purpose"
    WHY = "why"
    LIST = "list"
    HOW = "how"


_CUES: dict[Intent, re.Pattern[str]] = {
    # To the end of the word, so that nothing is left of it where cues are taken out.
    intent: re.compile(rf"\b(?:{cues})\w*")
    for intent, cues in {
        Intent.CODE: r"(?:en|du|le|un|petit|quel|bout de) code\b(?! (?:http|40|42|50|d'err))"
        r"|coder\b|en python\b|depuis python\b|snippet|implement|syntaxe"
        r"|ecri\w* (?:ca )?en\b|show .*code",
        Intent.EXAMPLE: r"(?:un|d'|autre|bon|petit|quelques|en) ?exemples?\b|^\W*exemples?\b"
        r"|par exemple ?\?|montre[- ](?:moi|nous)|^\W*montre|concretement"
        r"|cas (?:concret|pratique|d'usage|reel)|illustr\w*|ressemble a quoi|ce que ca donne"
        r"|que je voie|examples?\b|use cases?|vrais chiffres",
        Intent.SUMMARY: r"resum|en bref\b|l'essentiel|a retenir|points? cles?|fiche\b|synthese"
        r"|ce qu'il faut (?:retenir|savoir)|summar",
        Intent.DIFFERENCE: r"differ|distingu|compar|versus\b|vs\b|par rapport a|au lieu d"
        r"|meme chose|confond",
        Intent.FIGURES: r"combien|ordres? de grandeur|chiffre|pourcentage|quel(?:le)? (?=gain|taux"
        r"|part\b|duree|proportion|temps|taille|cout|prix)|economise|how (?:much|many|long|big)"
        r"|on gagne quoi|que (?:perd|gagne)|(?:on|qu'on) (?:perd|gagne)\b",
        Intent.TROUBLE: r"erreurs?\b|plante\b|bugs?\b|(?:marche|fonctionne|repond) (?:pas|plus)\b"
        r"|rame\b|mouline|crash|exception|out of memory|\bnan\b|(?:je|on) (?:fais|fait) quoi"
        r"|que faire|doit faire quoi|pas normal|normal ?\?|part en (?:live|vrille)|s'en premunir"
        r"|trop lent|comment (?:l'|les |y )?(?:eviter|empecher)|des pistes|par ou commencer"
        r"|jsuis mort|refuse\b|se passe[- ]t|nul sur|grave\b|trompeur|casse\b|abime",
        Intent.LIMITS: r"limites?\b|inconvenient|pieges?\b|risques?\b|dangers?\b|dangereux"
        r"|defauts?\b|desavantage|points? faibles?",
        Intent.ADVANTAGES: r"avantage|points? forts?|benefice|forces\b|atouts?\b|quel gain",
        Intent.CHOICE: r"choisi|choix\b|lequel|laquelle|vaut[- ]il mieux|vaut mieux|plutot\b"
        r"|(?:je|on|dois|faut) prend|adapte\b|conseil|recommand|quand (?:utiliser|choisir|faut)"
        r"|commence par|which\b|should i|^\W*[\w-]+ ou [\w-]+\W*$",
        Intent.DEFINITION: r"c ?'?est[- ]quoi|c(?:'est)? koi|c quoi|qu'?est[- ]ce qu|kesako"
        r"|kezako|defini|veu(?:t|lent) dire|signifi|qu'?entend|designe|c'est a dire|notion de"
        r"|(?:a quoi )?correspond\w*|s'appelle|nom de|what(?:'s| is| are| does)\b|quel est le nom",
        Intent.PURPOSE: r"a quoi (?:ca |sa |cela |bon)?(?:\w+ )?(?:ser[tv]|bon)|ser(?:t|vent) a\b"
        r"|utilite|interet|quel role|quels? usages?|but d|objectif d|pour quoi faire"
        r"|(?:c'est|c) pour quoi|fait quoi|(?:ca )?apporte|propose quoi|peut[- ]on faire avec"
        r"|vaut le coup|used for|purpose",
        Intent.WHY: r"pourquoi|raison\b|d'ou vien|comment (?:ca )?se fait|a cause|cause\b|why\b",
        Intent.LIST: r"quel(?:le)?s (?!diff|usages?\b)(?:sont\b)?|cite[rsz]?\b|liste\b|enumer\w*"
        r"|donne[- ]moi (?=des|les)|types? de\b|familles? de|de quels|quelle (?=url)",
        Intent.HOW: r"comment\b|etapes?\b|fonctionne|marche\b|proced|explique|expliquer|detaille"
        r"|developpe|quel est le (?=calcul)|how\b|aide[- ]moi|raconte|best practice",
    }.items()
}


def plain(question: str) -> str:
    """Return a question folded, its SMS spelling undone, its punctuation kept."""
    folded = fold(shorten(question))
    return _WORD.sub(lambda word: words.SMS.get(word[0], word[0]), folded)


def without_cues(question: str) -> str:
    """Return a question folded, without the words that only tell what kind of answer it wants."""
    text = plain(question)
    for intent, cue in _CUES.items():
        if intent is not Intent.TROUBLE:
            text = cue.sub(" ", text)
    return text


def intents(question: str) -> tuple[Intent, ...]:
    """Return the kinds of answer that a question asks for, the most special first; maybe none."""
    text = plain(question)
    return tuple(intent for intent, cue in _CUES.items() if cue.search(text))
