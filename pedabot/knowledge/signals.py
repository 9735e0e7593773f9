"""What speaks for each subtopic as the answer to a question: one number a signal, about 0 to 1."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from math import log, sqrt

import numpy as np

from pedabot.knowledge.document import Document, QuizQuestion, Subtopic
from pedabot.knowledge.lexical import Floats, Postings, Terms, bm25, cosine
from pedabot.knowledge.query import Query, Vocabulary
from pedabot.knowledge.scope import Own
from pedabot.knowledge.text import stem, telling_words, trigrams, without_code

NAMES = ("names", "gist", "body", "unit", "sentence", "letters", "phrase")
"""The signals, in the order of the columns."""
PHRASE = NAMES.index("phrase")

_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n+")
_LONGEST_PHRASE = 5
_LETTERS_SCALE = 1 / 60


@dataclass(frozen=True, slots=True)
class _Texts:
    """The words of a subtopic, stop words left out: each part is a list of texts."""

    names: list[list[str]]
    questions: list[list[str]]
    gist: list[list[str]]
    sentences: list[list[str]]

    @property
    def asked(self) -> list[list[str]]:
        """What a student may type: names and sample questions."""
        return self.names + self.questions

    @property
    def every(self) -> list[list[str]]:
        """All texts."""
        return self.asked + self.gist + self.sentences


class Signals:
    """The indices of one document, read only once built."""

    def __init__(self, document: Document) -> None:
        parsed = [_parsed(subtopic) for _, subtopic in document.subtopics()]
        self.vocabulary = Vocabulary([_joined(p.every) for p in parsed])
        stemmed = [_stemmed(p) for p in parsed]
        self.size = len(stemmed)
        self._names_idf = _naming(stemmed)
        asked = frozenset(chain.from_iterable(chain.from_iterable(s.questions for s in stemmed)))
        self.own = Own(names=self._names_idf.keys(), questions=asked)
        self._fields = (
            bm25([_joined(s.names) for s in stemmed], b=0.3),
            bm25([_joined(s.gist) for s in stemmed], b=0.5),
            bm25([_joined(s.sentences) for s in stemmed], b=0.6),
        )
        self._units = cosine([s.asked for s in stemmed])
        self._sentences = cosine([s.gist + s.sentences for s in stemmed])
        self._letters = bm25([trigrams(_joined(s.asked + s.gist)) for s in stemmed], b=0.5)
        self._phrases = _phrases(stemmed)

    def of(self, query: Query) -> Floats:
        """Return the signals for a question, shape (subtopics, signals)."""
        idf = self.vocabulary.idf
        mass = sum(w * idf(t) for t, w in query.terms.items()) or 1.0
        columns = [field.scored(query.terms) / np.float32(mass) for field in self._fields]
        columns += [_cosine(index, query.terms) for index in (self._units, self._sentences)]
        columns.append(self._letters.scored(_letters(query)) * np.float32(_LETTERS_SCALE))
        columns.append(self._phrase_scores(query))
        return np.stack(columns, axis=1)

    def naming(self, query: Query) -> float:
        """Return how surely a question names a notion itself: its most telling word, 0 to 1."""
        highest = log(1.0 + self.size)
        powers = (
            token.weight * self._names_idf.get(token.stem, 0.4 * self.vocabulary.idf(token.stem))
            for token in query.telling
            if token.known
        )
        return min(1.0, max(powers, default=0.0) / highest)

    def _phrase_scores(self, query: Query) -> Floats:
        """Score the names of subtopics that stand whole in the question, by their weight in it."""
        scores = np.zeros(self.size, dtype=np.float32)
        stems = [token.stem for token in query.tokens]
        mass = sum(self.vocabulary.idf(token.stem) * token.weight for token in query.tokens) or 1.0
        for start in range(len(stems)):
            for end in range(start + 1, min(start + _LONGEST_PHRASE, len(stems)) + 1):
                rows = self._phrases.get(tuple(stems[start:end]))
                if rows is not None:
                    part = sum(self.vocabulary.idf(s) for s in stems[start:end])
                    scores[rows] = np.maximum(scores[rows], part / mass / sqrt(len(rows)))
        return scores


def _cosine(postings: Postings, terms: Terms) -> Floats:
    norm = sqrt(sum((w * postings.idf(t)) ** 2 for t, w in terms.items())) or 1.0
    return postings.scored(terms) / np.float32(norm)


def _letters(query: Query) -> dict[str, float]:
    weights: dict[str, float] = {}
    for token in query.tokens:
        for piece in trigrams([token.stem]):
            weights[piece] = max(weights.get(piece, 0.0), token.weight)
    return weights


def _parsed(subtopic: Subtopic) -> _Texts:
    gist = [subtopic.summary, *subtopic.key_points]
    body: list[str | None] = [subtopic.content, subtopic.simpler, subtopic.deeper]
    body += subtopic.examples
    body += [text for q in subtopic.quiz for text in (q.question, *_choices(q))]
    sentences = chain.from_iterable(_SENTENCE.split(without_code(text)) for text in body if text)
    return _Texts(
        names=_worded([subtopic.title, *subtopic.aliases]),
        questions=_worded(subtopic.questions),
        gist=_worded(text for text in gist if text),
        sentences=_worded(sentences),
    )


def _choices(question: QuizQuestion) -> list[str]:
    """Return the right choice and all explanations: what a wrong choice says may mislead."""
    return [question.choices[question.answer].text, *(choice.why for choice in question.choices)]


def _worded(texts: Iterable[str]) -> list[list[str]]:
    return [found for text in texts if (found := telling_words(text))]


def _stemmed(texts: _Texts) -> _Texts:
    def stems(part: list[list[str]]) -> list[list[str]]:
        return [[stem(word) for word in text] for text in part]

    return _Texts(*map(stems, (texts.names, texts.questions, texts.gist, texts.sentences)))


def _joined(texts: Iterable[Sequence[str]]) -> list[str]:
    return list(chain.from_iterable(texts))


def _naming(stemmed: Sequence[_Texts]) -> dict[str, float]:
    """Return how telling each stem is of the subtopics in whose names it stands."""
    counts = Counter(chain.from_iterable(set(_joined(texts.names)) for texts in stemmed))
    return {stemmed_word: log((1.0 + len(stemmed)) / n) for stemmed_word, n in counts.items()}


def _phrases(stemmed: Sequence[_Texts]) -> dict[tuple[str, ...], list[int]]:
    phrases: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for row, texts in enumerate(stemmed):
        for name in {tuple(name) for name in texts.names}:
            phrases[name].append(row)
    return dict(phrases)
