"""What students say to a tutor beside questions: greetings, thanks, who are you, insults.

A message is small talk if *all* its words are: tables of words, so that no message is slow to read.
"""

from __future__ import annotations

import re
from enum import StrEnum

from pedabot.knowledge.text import fold


class SmallTalk(StrEnum):
    """A kind of talk that asks for no passage of the course."""

    EMPTY = "empty"
    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    IDENTITY = "identity"
    ABILITIES = "abilities"
    INSULT = "insult"


_LONGEST = 120
_WORD = re.compile(r"[a-z0-9]+\+?")

_ADDRESS = frozenset(
    "pedabot bot tuteur prof monsieur madame toi tous toutes tout le monde mec frere frr ami a l la"
    " mon ma cher chere et".split()
)
_CORES = {
    SmallTalk.GREETING: frozenset(
        "bonjour bonsoir bjr bsr salut slt coucou cc hello hi hey yo wesh wsh hola".split()
    ),
    SmallTalk.GOODBYE: frozenset("revoir bye ciao tchao adieu bientot demain a+ prochaine".split()),
    SmallTalk.THANKS: frozenset(
        "merci mercii thanks thx remercie ok okay oki dac parfait top genial nickel super cool"
        " compris comprends clair excellent bravo impec entendu".split()
    ),
    SmallTalk.INSULT: frozenset(
        "nul nulle con conne connard connasse debile idiot idiote stupide batard merde encule fdp"
        " ntm tg gueule pute salope abruti cretin imbecile naze pourri pourrie fuck chier bouffon"
        " inutile".split()
    ),
}
_FILLERS = {
    SmallTalk.GREETING: "ca va vas tu comment bien la forme re merci oui",
    SmallTalk.GOODBYE: "au a plus tard bonne bon nuit soiree journee fin de merci ok allez salut"
    " on se voit revoit see you super",
    SmallTalk.THANKS: "beaucoup bien infiniment fois mille pour ton ta tes votre vos cette ces les"
    " aide reponse reponses explication explications d accord ah c est bon j ai je te vous tres"
    " plus ca marche m as aide aides tu you so much thank bcp encore oui sympa maintenant vraiment"
    " trop note tu es gentil marche",
    SmallTalk.INSULT: "t tu es est c ce trop vraiment un une espece de sale gros grosse va vas te"
    " se faire ferme ta quel quelle pauvre putain ptn ia vous vieux ton cours truc",
}
_ALLOWED = {
    kind: _CORES[kind] | _ADDRESS | frozenset(fillers.split()) for kind, fillers in _FILLERS.items()
}
_EXACTLY = {
    SmallTalk.GOODBYE: "a plus|a plus tard|bonne nuit|bonne soiree|bonne journee",
    SmallTalk.THANKS: "d accord|ca marche|c est bon|c est note|thank you|bien",
    SmallTalk.GREETING: "ca va|comment ca va|tu vas bien|comment vas tu|comment tu vas|la forme"
    "|how are you",
    SmallTalk.IDENTITY: "qui es tu|tu es qui|t es qui|t ki|c est qui toi|qui t a cree|qui t a fait"
    "|qui t a programme|qui t a developpe|tu es un humain|tu es humain|es tu humain|es tu un humain"
    "|es tu un robot|tu es un robot|t es un robot|t es humain|t es un humain|tu es une ia"
    "|es tu une ia|t es une ia|t es chatgpt|tu es chatgpt|es tu chatgpt|tu es une machine"
    "|tu es une vraie personne|comment tu t appelles|comment t appelles tu|c est quoi ton nom"
    "|quel est ton nom|tu t appelles comment|c est qui pedabot|c est quoi pedabot"
    "|qu est ce que pedabot|who are you|tu es quoi|t es quoi|c est quoi ton role",
    SmallTalk.ABILITIES: "que sais tu faire|que peux tu faire|qu est ce que tu sais faire"
    "|qu est ce que tu peux faire|qu est ce que tu sais|tu sais faire quoi|tu peux faire quoi"
    "|tu fais quoi|tu sers a quoi|a quoi tu sers|a quoi sers tu|comment tu marches"
    "|comment tu fonctionnes|comment ca marche ici|comment t utiliser|aide|help|aide moi"
    "|tu peux m aider|peux tu m aider|j ai besoin d aide|besoin d aide|je peux te demander quoi"
    "|on peut te demander quoi|quelles questions je peux poser|quelles questions puis je poser"
    "|quelles questions je peux te poser|de quoi tu peux parler|de quoi parles tu"
    "|what can you do|tu connais quoi|que connais tu|qu est ce que je peux te demander",
}
_SAYINGS = {saying: kind for kind, sayings in _EXACTLY.items() for saying in sayings.split("|")}
_AROUND = frozenset(
    "et mais dis alors bonjour salut au fait exactement juste stp svp please pour moi donc".split()
)


def recognise(text: str) -> SmallTalk | None:
    """Return the kind of small talk that a whole message is; None for anything that asks."""
    if len(text) > _LONGEST:
        return None
    words = _WORD.findall(fold(text))
    if not words:
        return SmallTalk.EMPTY
    saying = _SAYINGS.get(" ".join(words)) or _SAYINGS.get(" ".join(_core(words)))
    if saying is not None:
        return saying
    kinds = (kind for kind, allowed in _ALLOWED.items() if allowed.issuperset(words))
    return next((kind for kind in kinds if not _CORES[kind].isdisjoint(words)), None)


def _core(words: list[str]) -> list[str]:
    """Return the words without those that only stand around a saying."""
    start, end = 0, len(words)
    while start < end and words[start] in _AROUND:
        start += 1
    while end > start and words[end - 1] in _AROUND:
        end -= 1
    return words[start:end]
