"""How far a student is: what counts as mastered, and what is next."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pedabot.knowledge.document import Document, Subtopic, Topic

Place = tuple[Topic, Subtopic]


def mastered(document: Document, right: Collection[tuple[str, str]]) -> set[str]:
    """Return the subtopics with a quiz whose every question is among those answered right.

    ``right`` holds pairs of a subtopic's id and a question's key.
    """
    return {
        subtopic.id
        for _, subtopic in document.subtopics()
        if subtopic.quiz and all((subtopic.id, question.key) in right for question in subtopic.quiz)
    }


def next_step(document: Document, done: Collection[str]) -> Place | None:
    """Return the first notion with a quiz to master whose prerequisites are mastered."""
    open_ = [(topic, entry) for topic, entry in _open(document, done) if entry.quiz]
    ready = (
        place
        for place in open_
        if all(name in done or not document.by_id[name][1].quiz for name in place[1].prerequisites)
    )
    return next(ready, next(iter(open_), None))


def _open(document: Document, done: Collection[str]) -> Iterable[Place]:
    return (place for place in document.subtopics() if place[1].id not in done)
