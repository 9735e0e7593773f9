"""Finding one's way in the course: what a filter keeps, what a search finds, what is beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pedabot.knowledge.document import Difficulty, Document, Subtopic, Topic
from pedabot.knowledge.search import Index
from pedabot.knowledge.text import raw_words

Place = tuple[Topic, Subtopic]

FOUND = 10
NEAR = 0.3
"""A notion that is found by its sense has at least this share of the best one's score."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A topic in the table of contents, with its subtopics that the filter keeps."""

    number: int
    topic: Topic
    subtopics: list[Subtopic]
    counts: dict[Difficulty, int]
    quizzes: int
    mastered: int

    @property
    def kept(self) -> int:
        """Return how many subtopics the filter keeps."""
        return len(self.subtopics)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What stands around a subtopic in the course."""

    previous: Place | None
    next: Place | None
    prerequisites: list[Place]
    dependents: list[Place]
    related: list[Place]


def chapters(
    document: Document, difficulties: Collection[Difficulty], done: Collection[str]
) -> list[Chapter]:
    """Return the topics that have subtopics of the difficulties (none: of all), with these."""
    made = [
        _chapter(number, topic, difficulties or set(Difficulty), done)
        for number, topic in enumerate(document.topics, start=1)
    ]
    return [chapter for chapter in made if chapter.subtopics]


def _chapter(
    number: int, topic: Topic, difficulties: Collection[Difficulty], done: Collection[str]
) -> Chapter:
    found = Counter(subtopic.difficulty for subtopic in topic.subtopics)
    return Chapter(
        number=number,
        topic=topic,
        subtopics=[entry for entry in topic.subtopics if entry.difficulty in difficulties],
        counts={difficulty: found[difficulty] for difficulty in Difficulty if found[difficulty]},
        quizzes=sum(bool(subtopic.quiz) for subtopic in topic.subtopics),
        mastered=sum(subtopic.id in done for subtopic in topic.subtopics),
    )


def find(
    document: Document, index: Index, query: str, difficulties: Collection[Difficulty]
) -> list[Place]:
    """Return what a query finds: names that begin so, as one types, then what means the same."""
    found = {place[1].id: place for place in [*_named(document, query), *_meant(index, query)]}
    wanted = difficulties or set(Difficulty)
    return [place for place in found.values() if place[1].difficulty in wanted][:FOUND]


def _named(document: Document, query: str) -> list[Place]:
    """Return the subtopics of which the title or another name has words that begin as typed."""
    typed = raw_words(query)
    if not typed:
        return []
    titled = [place for place in document.subtopics() if _begin(typed, [place[1].title])]
    aliased = [place for place in document.subtopics() if _begin(typed, place[1].aliases)]
    return titled + aliased


def _begin(typed: Sequence[str], names: Sequence[str]) -> bool:
    return any(
        all(any(word.startswith(start) for word in words) for start in typed)
        for words in map(raw_words, names)
    )


def _meant(index: Index, query: str) -> list[Place]:
    ranking = index.search(query)
    if not ranking.in_scope:
        return []
    least = NEAR * ranking.passages[0].score
    return [(p.topic, p.subtopic) for p in ranking.passages if p.score >= least]


def neighbours(document: Document, entry: Subtopic) -> Neighbours:
    """Return what comes before and after a subtopic, in the course and in understanding."""
    order = list(document.subtopics())
    place = next(i for i, (_, subtopic) in enumerate(order) if subtopic.id == entry.id)
    dependents = [found for found in order if entry.id in found[1].prerequisites]
    shown = {entry.id, *entry.prerequisites, *(found[1].id for found in dependents)}
    return Neighbours(
        previous=order[place - 1] if place > 0 else None,
        next=order[place + 1] if place + 1 < len(order) else None,
        prerequisites=[document.by_id[name] for name in entry.prerequisites],
        dependents=dependents,
        related=[document.by_id[name] for name in entry.related if name not in shown],
    )
