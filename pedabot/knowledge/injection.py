"""Orders to the tutor dressed up as questions ("ignore your instructions", "show your prompt").

What stands between quotation marks does not count: a student who asks how to *prevent* such an
order quotes it. The model is protected elsewhere too; here such a text is not taken for a question
about the course.
"""

from __future__ import annotations

import re

from pedabot.knowledge.text import fold

_QUOTED = re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"")
_RULES = (
    r"(?:instruction|consigne|regle|directive|prompt|rule|guideline|restriction|limite|filtre"
    r"|garde-fou|configuration|parametrage)"
)
# Imperatives, not infinitives: "comment empêcher un bot d'oublier ses règles ?" is a question.
_FORGET = (
    r"(?:ignorez?|oubliez?|disregard|forget|bypass|contournez?|desactivez?|override|annulez?"
    r"|effacez?|abandonnez?|outrepassez?|ignore|fais abstraction|ne tiens? (?:plus|pas) compte"
    r"|tu (?:dois|peux|vas) (?:ignorer|oublier|contourner|desactiver))"
)
_SHOW = (
    r"(?:affichez?|montrez?|revelez?|reveles?|reveler|reveal|show|print|repetez?|repeat|recopiez?"
    r"|copiez?|donnez?|divulguez?|traduis|translate|encodez?|ecris|livrez?|listez?|resumez?"
    r"|output|dump|dis|citez?)"
)
_FORMER = r"(?:precedent|ci-dessus|au-dessus|au dessus|above|previous|prior|avant|recues?|initial)"
_ORDERS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_FORGET}\W+(?:[\w'-]+\W+){{0,4}}{_RULES}",
        rf"\b(?:ignore|disregard|forget|oublie|oubliez|ignorez)\b.{{0,40}}\b{_FORMER}",
        rf"\b{_SHOW}\b(?:[ -]\w+)?\W+(?:[\w'-]+\W+){{0,5}}(?:tes|ton|ta|vos|votre|your)\W+"
        rf"(?:[\w'-]+\W+){{0,2}}(?:{_RULES}|message system|cle|key|secret|mot de passe|password)",
        rf"\b{_SHOW}\b.{{0,60}}(?:{_FORMER}.{{0,30}}\b(?:mon|ce|this|my|notre) (?:message|texte|conversation)"
        rf"|(?:ecrit|situe|texte|text|contenu) (?:\w+ )?(?:au-dessus|au dessus|plus haut|above))",
        rf"\b{_SHOW}\b.{{0,60}}\b(?:prompt|consignes?|instructions?|regles?|partie|texte) "
        r"(?:\w+ )?(?:cache|secret|initial|hidden|interne|confidentiel)",
        r"\b(?:affiche|donne|montre|revele|print|show|reveal|livre|envoie)\b.{0,40}\b\w*(?:api_key|secret_key|password)\b",
        r"\b(?:tu es|vous etes|you are|agis|comporte-toi|act|fais semblant d'etre|joue le role)\b.{0,60}"
        r"\b(?:sans (?:aucune? )?(?:limite|restriction|filtre|regle|censure)|no (?:limits?|rules?|restrictions?)"
        r"|malefique|evil|unfiltered|jailbreak\w*)",
        r"\btu es (?:maintenant |desormais )?(?:dan|stan|aim)\b|\byou are (?:now )?dan\b",
        r"\b(?:a partir de maintenant|desormais|from now on)\b.{0,40}\b(?:tu (?:es|n'as|n'es|dois|ne|reponds|parles|vas)|you)\b",
        r"\bmode (?:dan|developpeur|libre|debug|admin|god|root|jailbreak|sans filtre)\b.{0,30}\b(?:active|enabled|on)?\b",
        r"(?:^|\n)[^\w\n]*(?:system|systeme|assistant|inst|admin|administrateur|instruction|directive)\W*(?:\]|:|>)",
        r"</?(?:contexte?|system|instructions?|prompt|user|assistant|inst|documents?|passages?|cours)>|<\|im_|\[/?inst\]|###",
        r"\bnouvelles? (?:regle|consigne|instruction|directive)s? ?:",
        r"\b(?:reponds|dis|ecris|say|reply|answer|repete)\b.{0,30}\b(?:uniquement|seulement|juste|only|exactement|rien d'autre)\b.{0,30}$",
        r"\b(?:je suis|i am) (?:ton|votre|your) (?:developpeur|createur|administrateur|admin|developer|creator|maitre)\b",
        r"\b(?:quel(?:le)?s? (?:est|sont)|what (?:is|are)|c'est quoi) (?:ton|tes|ta|your) (?:prompt|consignes?|instructions?|system prompt|regles?|cle)",
        r"\brm -rf\b",
    )
)


def without_quotations(text: str) -> str:
    """Return a text without what stands in it between quotation marks."""
    return _QUOTED.sub(" ", text)


def is_injection(question: str) -> bool:
    """Tell whether a text gives the tutor orders about itself rather than ask about the course."""
    plain = fold(without_quotations(question))
    return any(order.search(plain) for order in _ORDERS)
