"""The units of the passages that bear on a question, weighed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from pedabot.answering.offline.asked import Asked
from pedabot.knowledge.document import Difficulty, Subtopic
from pedabot.knowledge.intent import Intent, without_cues
from pedabot.knowledge.query import Query, Vocabulary
from pedabot.knowledge.search import Passage
from pedabot.knowledge.text import fold, stem
from pedabot.knowledge.units import Kind, Unit, units, words_of
from pedabot.knowledge.words import STOP

CUE = 0.5
"""What a heading that announces the kind of answer counts, beside 1 for all words of a question."""

NAME = 0.15
"""What the name of the notion itself counts: all units are about it."""

GENERIC = frozenset(
    map(stem, "reseau modele donnees ia projet application appli code neurones machine".split())
)
"""Stems that a page of such a course has everywhere: they point to no sentence of it."""

DEPTH = 0.4
"""What speaks against a unit of another level than the one asked."""


class Field(StrEnum):
    """The part of a subtopic from which a unit comes."""

    SUMMARY = "summary"
    LEVEL = "level"
    CONTENT = "content"
    DEEPER = "deeper"
    POINT = "point"


PRIOR = {
    Field.SUMMARY: 0.0,
    Field.LEVEL: 0.12,
    Field.CONTENT: 0.06,
    Field.DEEPER: -DEPTH,
    Field.POINT: 0.02,
}

_SECTIONS = {
    intent: re.compile(rf"\b(?:{cues})")
    for intent, cues in {
        Intent.DEFINITION: r"principe|idee|vocabulaire|ce que (?:contient|fait)|le role",
        Intent.PURPOSE: r"pourquoi|a quoi|servi|rapporte|apporte|gain|gagne|avantage|usage|besoin"
        r"|emploie|plait",
        Intent.WHY: r"pourquoi|probleme|d'ou (?:vien|vienn)|raison",
        Intent.HOW: r"comment|etapes?|trajet|calcul|principe|recette|methode|gestes|en .* temps"
        r"|boucle|fonctionne|l'idee|construi|en pratique|deroule|regle|structure|reduire|bien ",
        Intent.FIGURES: r"coute|cout\b|gain|rapporte|taille|combien|repere|ordre de grandeur"
        r"|octets|compter|depense|apporte|seuils",
        Intent.LIST: r"famille|variante|^les |methodes|parties|pieces|fonctions|metriques|taches"
        r"|architectures|generations|facons|contient|compose|structure",
        Intent.CHOICE: r"choisir|quand|quel|decider|besoin|laquelle| ou .*\?|bon usage|combien",
        Intent.TROUBLE: r"pieges?|limites|remedes|erreurs?|echoue|que faire|reduire|manque|codes"
        r"|reessayer|eviter|leviers|precautions|reconnaitre",
        Intent.LIMITS: r"limites?|pieges?|precautions|risques?",
        Intent.ADVANTAGES: r"avantage|forces|gain|pourquoi|plait|rapporte|apporte|gagne",
        Intent.DIFFERENCE: r" ou |pareil|confondre|compar|et \w+$",
        Intent.SUMMARY: r"retenir|essentiel",
    }.items()
}
_SENTENCES = {
    intent: re.compile(cues)
    for intent, cues in {
        Intent.WHY: r"\b(?:car|parce que|puisque|pour que|sinon|c'est pourquoi|d'ou)\b",
        Intent.PURPOSE: r"\b(?:sert a|servent a|permet|permettent|evite|utile|pour que)\b",
        Intent.FIGURES: r"\d+(?:[.,]\d+)? ?(?:%|fois|ms\b|s\b|mo\b|go\b|ko\b|octets?|bits?|€|euros?"
        r"|images?|parametres|tokens?|millions?|secondes?)",
        Intent.LIMITS: r"\b(?:mais|ne \w+ pas|sans|trop|risque|perd|limite|sauf)\b",
        Intent.CHOICE: r"\b(?:convient|ideal|prefer|suffit|mieux|choisi|quand|si tu|adapte)\b",
        Intent.TROUBLE: r"\b(?:remede|corrige|evite|verifie|il faut|revoqu|oubli)\w*",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that may be quoted from the source ``number``.

    ``relevance`` is the share of the question's words (by rarity) that it has, ``fit`` tells how
    far it is of the kind asked for; both from 0 to about 1.
    """

    unit: Unit
    number: int
    field: Field
    order: int
    relevance: float
    fit: float

    @property
    def score(self) -> float:
        """How well it answers."""
        return self.relevance + CUE * self.fit + PRIOR[self.field]

    @property
    def length(self) -> int:
        """How many words it has."""
        return len(words_of(self.unit.text))


class Weighing:
    """The candidates of a question, and the words by which they were weighed."""

    def __init__(self, asked: Asked, passage: Passage, number: int) -> None:
        places = list(_parts(passage.subtopic, asked.level))
        texts = [(*words_of(unit.text), *words_of(unit.section)) for _, unit in places]
        self._vocabulary = Vocabulary(texts)
        self._query = self._vocabulary.read(without_cues(asked.text))
        names = {stem(word) for word in words_of(passage.subtopic.title)} | GENERIC
        self._wanted = self._weights(self._query, names)
        self.candidates = [
            Candidate(
                unit=unit,
                number=number,
                field=field,
                order=order,
                relevance=self._share({stem(word) for word in text}),
                fit=fit(unit, asked.intents),
            )
            for order, ((field, unit), text) in enumerate(zip(places, texts, strict=True))
        ]

    @property
    def is_specific(self) -> bool:
        """Tell whether the question asks for more than the notion that it names."""
        return self._specific > 0

    def coverage(self, text: str) -> float:
        """Return the share of the question's words that a text has, by rarity."""
        return self._share({stem(word) for word in words_of(text)})

    def _weights(self, query: Query, names: Set[str]) -> dict[str, float]:
        """Return how much each word of the question tells; the related ones a little."""
        own = {t.stem for t in query.telling if t.stem in self._vocabulary.numbers}
        self._specific = len(own - names)
        return {
            s: weight * self._vocabulary.idf(s) * (NAME if s in names else 1.0)
            for s, weight in query.terms.items()
            if s in self._vocabulary.numbers and weight > 0.2
        }

    def _share(self, stems: set[str]) -> float:
        own = {t.stem for t in self._query.tokens}
        total = sum(weight for s, weight in self._wanted.items() if s in own)
        found = sum(weight for s, weight in self._wanted.items() if s in stems)
        return min(1.0, found / total) if total > 0 else 0.0


def _parts(subtopic: Subtopic, level: Difficulty) -> Iterator[tuple[Field, Unit]]:
    """Yield the units of a page that may answer at a level."""
    if subtopic.summary:
        yield Field.SUMMARY, Unit(subtopic.summary, Kind.PROSE)
    text = subtopic.text_for(level)
    yield from ((Field.LEVEL, unit) for unit in units(text))
    if subtopic.content != text:
        yield from ((Field.CONTENT, unit) for unit in units(subtopic.content))
    if level is Difficulty.INTERMEDIATE and subtopic.deeper:
        yield from ((Field.DEEPER, unit) for unit in units(subtopic.deeper))
    yield from ((Field.POINT, Unit(point, Kind.PROSE)) for point in subtopic.key_points)


def fit(unit: Unit, intents: Sequence[Intent]) -> float:
    """Return how far a unit is of a kind asked for; the first kind counts most."""
    heading, text = _folded(f"{unit.section} {unit.label}"), _folded(unit.text)
    worth, total = 1.0, 0.0
    for intent in intents:
        total += worth * _cue(heading, text, unit.kind, intent)
        worth *= 0.6
    return min(total, 1.2)


def _cue(heading: str, text: str, kind: Kind, intent: Intent) -> float:
    section, sentence = _SECTIONS.get(intent), _SENTENCES.get(intent)
    found = 0.6 if section is not None and section.search(heading) else 0.0
    found += 0.5 if sentence is not None and sentence.search(text) else 0.0
    if kind is Kind.TABLE and intent in (Intent.DIFFERENCE, Intent.CHOICE):
        found += 0.5
    return found


@lru_cache(maxsize=16_384)
def _folded(text: str) -> str:
    """Fold a text of the course, which comes again with each question about its page."""
    return fold(text)


def has_figures(text: str) -> bool:
    """Tell whether a text gives a figure with its unit."""
    return _SENTENCES[Intent.FIGURES].search(_folded(text)) is not None


@lru_cache(maxsize=16_384)
def telling_stems(text: str) -> frozenset[str]:
    """Return the stems of a text that say something."""
    return frozenset(stem(word) for word in words_of(text) if word not in STOP)


def alike(text: str, others: Sequence[str]) -> bool:
    """Tell whether a text says again what one of the others says, by its words."""
    own = telling_stems(text)
    return any(len(own & telling_stems(other)) >= 0.75 * len(own) for other in others)
