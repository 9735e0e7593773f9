"""A question as weighted stems: typing errors mended against the words of the course."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import log

from rapidfuzz import process
from rapidfuzz.distance import OSA

from pedabot.knowledge import words
from pedabot.knowledge.outside import OUTSIDE, in_one_word
from pedabot.knowledge.text import collapsed, shorten, spelled_out, stem
from pedabot.knowledge.thesaurus import SYNONYMS

FRAMING_WEIGHT = 0.3
RELATED_WEIGHT = 0.4
SYNONYM_WEIGHT = 0.3
MENDED_WEIGHT = 0.9
MAX_WORDS_MENDED = 12
MAX_TOKENS = 120


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a question: as typed (folded), the stem looked for, and how much it counts."""

    word: str
    stem: str
    weight: float
    known: bool = True

    @property
    def telling(self) -> bool:
        """Tell whether it is more than a way to put a question."""
        return self.weight > FRAMING_WEIGHT


@dataclass(frozen=True)
class Query:
    """The words of a question that say something, in order, stop words left out."""

    tokens: tuple[Token, ...]
    terms: Mapping[str, float]
    said: tuple[str, ...]
    """The stems of all its words, stop words too."""

    @cached_property
    def telling(self) -> tuple[Token, ...]:
        """The tokens that say what the question is about."""
        return tuple(token for token in self.tokens if token.telling)


class Vocabulary:
    """The words of a course: how rare each stem is, and which word a mistyped one may be."""

    def __init__(self, texts: Sequence[Collection[str]]) -> None:
        """``texts`` has the folded words of each subtopic (stop words may be left in)."""
        self._stems = {word: stem(word) for word in dict.fromkeys(chain.from_iterable(texts))}
        self.numbers = {s: n for n, s in enumerate(dict.fromkeys(self._stems.values()))}
        """The number of each stem."""
        self._numbers = {word: self.numbers[s] for word, s in self._stems.items()}
        counts = Counter(chain.from_iterable(set(self.numbered(text)) for text in texts))
        self._size = max(len(texts), 1)
        self._idf = [
            log(1.0 + (self._size - counts[n] + 0.5) / (counts[n] + 0.5)) for n in range(self.width)
        ]
        self._rarest = log(1.0 + (self._size + 0.5) / 1.5)
        self._buckets = _bucketed(self._stems)

    @property
    def width(self) -> int:
        """How many stems there are."""
        return len(self.numbers)

    def numbered(self, text: Iterable[str]) -> list[int]:
        """Return the numbers of the stems of some words of the course."""
        return [self._numbers[word] for word in text]

    def idf(self, stemmed: str) -> float:
        """Return how telling a stem is; one that the course lacks is as telling as the rarest."""
        number = self.numbers.get(stemmed)
        return self._rarest if number is None else self._idf[number]

    def read(self, question: str) -> Query:
        """Return the query that a question makes."""
        tokens: list[Token] = []
        said: list[str] = []
        mendable = MAX_WORDS_MENDED
        for word in spelled_out(in_one_word(shorten(question))):
            if word in words.STOP or len(tokens) == MAX_TOKENS:
                said.append(stem(word))
                continue
            token = self._token(word, mend=mendable > 0)
            mendable -= not token.known or token.weight == MENDED_WEIGHT
            tokens.append(token)
            said.append(token.stem)
        return query_of(tokens, said)

    def _token(self, word: str, *, mend: bool) -> Token:
        stemmed = stem(word)
        if word in words.FRAMING:
            return Token(word, stemmed, FRAMING_WEIGHT)
        if stemmed in self.numbers:
            return Token(word, stemmed, 1.0)
        sound = word in words.MEANINGS or stemmed in OUTSIDE
        mended = self._mended(word) if mend and not sound else None
        if mended is None:
            return Token(word, stemmed, 1.0, known=word in words.MEANINGS)
        if mended in words.STOP:
            return Token(word, stem(mended), 0.0)
        if mended in words.FRAMING:
            return Token(mended, stem(mended), FRAMING_WEIGHT)
        return Token(mended, stem(mended), MENDED_WEIGHT)

    def _mended(self, word: str) -> str | None:
        """Return the known word that an unknown one stands for, or None."""
        for start in ("qu", *"jlmdtscn"):
            rest = word.removeprefix(start)
            if rest != word and len(rest) > 2 and self._knows(rest):
                return rest
        return self._nearest(word)

    def _knows(self, word: str) -> bool:
        return word in self._stems or word in words.STOP or word in words.FRAMING

    def _nearest(self, word: str) -> str | None:
        plain = collapsed(word)
        if len(plain) < 4 or not plain.isalpha():
            return None
        allowed = 1 if len(plain) < 9 else 2
        lengths = range(len(plain) - allowed, len(plain) + allowed + 1)
        near = [
            process.extractOne(plain, bucket, scorer=OSA.distance, score_cutoff=allowed)
            for length in lengths
            if (bucket := self._buckets.get((plain[0], length))) is not None
        ]
        found = [(match[1], match[2]) for match in near if match is not None]
        return min(found)[1] if found else None


def query_of(tokens: Iterable[Token], said: Iterable[str]) -> Query:
    """Return the query of some tokens, with the related words that are looked for beside them."""
    kept = tuple(token for token in tokens if token.weight > 0)
    terms: dict[str, float] = {}
    for token in kept:
        terms[token.stem] = max(terms.get(token.stem, 0.0), token.weight)
    for token in kept:
        for related in words.MEANINGS.get(token.word, "").split():
            terms.setdefault(stem(related), RELATED_WEIGHT * token.weight)
        for related in SYNONYMS.get(token.stem, ()):
            terms.setdefault(related, SYNONYM_WEIGHT * token.weight)
    return Query(kept, terms, tuple(dict.fromkeys(said)))


def _bucketed(known: Iterable[str]) -> dict[tuple[str, int], dict[str, str]]:
    """Sort words by first letter and length, so that few are compared; word to its plain form."""
    buckets: defaultdict[tuple[str, int], dict[str, str]] = defaultdict(dict)
    for word in known:
        plain = collapsed(word)
        if len(plain) >= 4 and plain.isalpha():
            buckets[plain[0], len(plain)][word] = plain
    return dict(buckets)
