"""What speaks for each subtopic as the answer to a question: one number a signal, about 0 to 1."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import hypot, log, sqrt
from typing import Generic, TypeVar

import numpy as np

from pedabot.knowledge.document import Document, QuizQuestion, Subtopic
from pedabot.knowledge.lexical import Floats, Terms, bm25, cosine
from pedabot.knowledge.query import Query, Token, Vocabulary
from pedabot.knowledge.reasons import Reason, reason, related_stems
from pedabot.knowledge.scope import Own
from pedabot.knowledge.text import pieces, stem, telling, without_code, worded

T = TypeVar("T")
U = TypeVar("U")

NAMES = ("names", "words", "sentence", "letters", "phrase", "asked", "said")
"""The signals, in the order of the columns."""
PHRASE = NAMES.index("phrase")

_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n+")
_LONGEST_PHRASE = 5


@dataclass(frozen=True, slots=True)
class _Texts(Generic[T]):
    """The words of a subtopic: each part is a list of texts."""

    names: list[list[T]]
    questions: list[list[T]]
    gist: list[list[T]]
    sentences: list[list[T]]

    @property
    def asked(self) -> list[list[T]]:
        """What a student may type: names and sample questions."""
        return self.names + self.questions

    @property
    def every(self) -> list[list[T]]:
        """All texts."""
        return self.asked + self.gist + self.sentences

    def mapped(self, change: Callable[[list[list[T]]], list[list[U]]]) -> _Texts[U]:
        """Return the texts with each part changed."""
        return _Texts(*map(change, (self.names, self.questions, self.gist, self.sentences)))


class Signals:
    """The indices of one document, read only once built."""

    def __init__(self, document: Document) -> None:
        spoken = [_worded(subtopic) for _, subtopic in document.subtopics()]
        parsed = [texts.mapped(telling) for texts in spoken]
        self.size = len(parsed)
        self.vocabulary = Vocabulary([_joined(texts.every) for texts in parsed])
        self._index_names(parsed)
        numbered, width = [t.mapped(self._numbered) for t in parsed], self.vocabulary.width
        self._names = bm25([_joined(texts.names) for texts in numbered], width, b=0.3)
        self._words = bm25([_joined(texts.every) for texts in numbered], width, b=0.6)
        self._sentences = cosine([texts.gist + texts.sentences for texts in numbered], width)
        self._asked = cosine([texts.asked for texts in numbered], width)
        self._said = Said([_joined(texts.every) for texts in spoken])
        self._letters = Letters([_joined(texts.asked + texts.gist) for texts in parsed])

    def _numbered(self, texts: list[list[str]]) -> list[list[int]]:
        return [self.vocabulary.numbered(text) for text in texts]

    def _index_names(self, parsed: Sequence[_Texts[str]]) -> None:
        counts: Counter[str] = Counter()
        self._phrases: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        for row, texts in enumerate(parsed):
            names = {tuple(map(stem, name)) for name in texts.names}
            counts.update(set(chain.from_iterable(names)))
            for name in names:
                self._phrases[name].append(row)
        self._names_idf = {s: log((1.0 + len(parsed)) / n) for s, n in counts.items()}
        asked = {stem(w) for texts in parsed for text in texts.questions for w in text}
        self.own = Own(names=self._names_idf.keys(), questions=asked)

    def of(self, query: Query) -> Floats:
        """Return the signals for a question, shape (subtopics, signals)."""
        vocabulary = self.vocabulary
        numbers, idf = vocabulary.numbers, vocabulary.idf
        terms = Terms.of((numbers[s], w) for s, w in query.terms.items() if s in numbers)
        masses = [token.weight * idf(token.stem) for token in query.tokens]
        mass, norm = np.float32(sum(masses) or 1.0), np.float32(hypot(*masses) or 1.0)
        return np.stack(
            [
                self._names.scored(terms) / mass,
                self._words.scored(terms) / mass,
                self._sentences.scored(terms) / norm,
                self._letters.scored(query.tokens),
                self._phrase_scores(query),
                self._asked.scored(terms) / norm,
                self._said.scored(query.said),
            ],
            axis=1,
        )

    def naming(self, query: Query) -> float:
        """Return how surely a question names a notion itself: its most telling word, 0 to 1."""
        highest = log(1.0 + self.size)
        powers = (
            token.weight * self._names_idf.get(token.stem, 0.4 * self.vocabulary.idf(token.stem))
            for token in query.telling
            if token.known
        )
        return min(1.0, max(powers, default=0.0) / highest)

    def reasons(self, question: str, query: Query, rows: Sequence[int]) -> list[Reason]:
        """Say why each of some subtopics was found for a question."""
        tokens = query.telling
        stems = {token.stem for token in tokens}.union(*map(related_stems, tokens))
        having = {s: self._rows_with(s) for s in stems}
        return [
            reason(question, query, {s for s, found in having.items() if row in found})
            for row in rows
        ]

    def _rows_with(self, stemmed: str) -> frozenset[int]:
        number = self.vocabulary.numbers.get(stemmed)
        return frozenset() if number is None else self._words.rows_with(number)

    def named_in(self, text: str) -> Iterator[tuple[int, float]]:
        """Yield the subtopics that a text names, and how rare the words of the name are."""
        for words in telling(worded([text])):
            stems = [stem(word) for word in words]
            for start, end in _spans(len(stems)):
                rows = self._phrases.get(tuple(stems[start:end]), ())
                worth = sum(self.vocabulary.idf(s) for s in stems[start:end])
                yield from ((row, worth / len(rows)) for row in rows)

    def _phrase_scores(self, query: Query) -> Floats:
        """Score the names of subtopics that stand whole in the question, by their weight in it."""
        scores = np.zeros(self.size, dtype=np.float32)
        stems = [token.stem for token in query.tokens]
        mass = sum(self.vocabulary.idf(token.stem) * token.weight for token in query.tokens) or 1.0
        for start, end in _spans(len(stems)):
            rows = self._phrases.get(tuple(stems[start:end]))
            if rows is not None:
                part = sum(self.vocabulary.idf(s) for s in stems[start:end])
                scores[rows] = np.maximum(scores[rows], part / mass / sqrt(len(rows)))
        return scores


class Letters:
    """Words that share letters: what is left of a typing error, of a derivation, of English."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        """``texts`` has the words of each subtopic."""
        pieces_of = {word: pieces(stem(word)) for word in set(chain.from_iterable(texts))}
        all_pieces = dict.fromkeys(chain.from_iterable(pieces_of.values()))
        self._numbers = {piece: number for number, piece in enumerate(all_pieces)}
        numbers_of = {w: [self._numbers[p] for p in found] for w, found in pieces_of.items()}
        numbered = [_joined(numbers_of[word] for word in text) for text in texts]
        self._postings = bm25(numbered, len(self._numbers), b=0.5)

    def scored(self, tokens: Sequence[Token]) -> Floats:
        """Return the score of each subtopic for the words of a question."""
        weights: dict[int, float] = {}
        for token in tokens:
            for piece in pieces(token.stem):
                if (number := self._numbers.get(piece)) is not None:
                    weights[number] = max(weights.get(number, 0.0), token.weight)
        mass = 60.0 * sum(token.weight for token in tokens) or 1.0
        return self._postings.scored(Terms.of(weights.items())) / np.float32(mass)


def _spans(length: int) -> Iterator[tuple[int, int]]:
    """Yield where the phrases of a text begin and end."""
    for start in range(length):
        for end in range(start + 1, min(start + _LONGEST_PHRASE, length) + 1):
            yield start, end


class Said:
    """All words as they stand: in a question without a term, those that are stop words elsewhere
    ("plus", "moins", "sans", "avant") still tell.
    """

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        """``texts`` has the folded words of each subtopic."""
        stems = {word: stem(word) for word in dict.fromkeys(chain.from_iterable(texts))}
        self._numbers = {s: n for n, s in enumerate(dict.fromkeys(stems.values()))}
        number_of = {word: self._numbers[s] for word, s in stems.items()}
        numbered = [[number_of[word] for word in text] for text in texts]
        self._postings = bm25(numbered, len(self._numbers), b=0.3)
        found = Counter(chain.from_iterable(map(set, numbered)))
        size = len(texts)
        self._idf = [log(1.0 + (size - n + 0.5) / (n + 0.5)) for _, n in sorted(found.items())]

    def scored(self, stems: Iterable[str]) -> Floats:
        """Return the score of each subtopic for the stems of a question."""
        numbers = [self._numbers[s] for s in stems if s in self._numbers]
        mass = sum(self._idf[number] for number in numbers) or 1.0
        return self._postings.scored(Terms.of((n, 1.0) for n in numbers)) / np.float32(mass)


def _worded(subtopic: Subtopic) -> _Texts[str]:
    gist = [subtopic.summary, *subtopic.key_points]
    body: list[str | None] = [subtopic.content, subtopic.simpler, subtopic.deeper]
    body += subtopic.examples
    body += [text for q in subtopic.quiz for text in (q.question, *_choices(q))]
    sentences = chain.from_iterable(_SENTENCE.split(without_code(text)) for text in body if text)
    return _Texts(
        names=worded([subtopic.title, *subtopic.aliases]),
        questions=worded(subtopic.questions + subtopic.wordings),
        gist=worded(text for text in gist if text),
        sentences=worded(sentences),
    )


def _choices(question: QuizQuestion) -> list[str]:
    """Return the right choice and all explanations: what a wrong choice says may mislead."""
    return [question.choices[question.answer].text, *(choice.why for choice in question.choices)]


def _joined(texts: Iterable[Sequence[T]]) -> list[T]:
    return list(chain.from_iterable(texts))
