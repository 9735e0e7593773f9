"""How far a student is: what counts as mastered, and what is next."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from hashlib import sha256

from pedabot.knowledge.document import Document, QuizQuestion, Subtopic, Topic

Place = tuple[Topic, Subtopic]


def question_key(question: QuizQuestion) -> str:
    """Return a name for a question as it was asked, for the answers that are kept.

    It changes with the question, the choices, their order or the right one: an answer to another
    question is then no answer to this one. Explanations may be mended without that.
    """
    asked = [question.question, [choice.text for choice in question.choices], question.answer]
    return sha256(json.dumps(asked, ensure_ascii=False).encode()).hexdigest()[:16]


def mastered(document: Document, right: Collection[tuple[str, str]]) -> set[str]:
    """Return the subtopics with a quiz whose every question is among those answered right.

    ``right`` holds pairs of a subtopic's id and a question's key.
    """
    return {
        subtopic.id
        for _, subtopic in document.subtopics()
        if subtopic.quiz
        and all((subtopic.id, question_key(question)) in right for question in subtopic.quiz)
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
