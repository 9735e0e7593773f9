"""What the course says about a question: the running course, searched by words and by meaning."""

from __future__ import annotations

from pedabot.answering.course import CourseCache
from pedabot.answering.semantics import Semantics
from pedabot.answering.values import Question
from pedabot.knowledge.search import Ranking


class Retrieval:
    """Finds passages of the running course."""

    def __init__(self, course: CourseCache, semantics: Semantics) -> None:
        self._course = course
        self._semantics = semantics

    def find(self, question: Question) -> Ranking:
        """Rank the subtopics for a question and the turns before it."""
        running = self._course.current()
        likeness = self._semantics.likeness(running.document, [question.text])
        return running.index.search(
            question.text,
            [turn.content for turn in question.history],
            subtopic=question.subtopic,
            likeness=None if likeness is None else likeness[0],
        )
