"""What the course says about a question: the running course, searched by words and by meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pedabot.answering.course import CourseCache, RunningCourse
from pedabot.answering.privacy.masking import without_marks
from pedabot.answering.semantics import Semantics
from pedabot.answering.values import Question
from pedabot.knowledge.files import MOST_NOTICED, notices
from pedabot.knowledge.search import Index, Notice, Ranking
from pedabot.knowledge.vocabulary import vocabulary


class Retrieval:
    """Finds passages of the running course."""

    def __init__(self, course: CourseCache, semantics: Semantics) -> None:
        self._course = course
        self._semantics = semantics
        self._words: tuple[RunningCourse, frozenset[str]] | None = None

    def find(self, question: Question) -> Ranking:
        """Rank the subtopics for a question and the turns before it, personal data taken out."""
        running = self._course.current()
        likeness = self._semantics.likeness(running.document, [question.text])
        noticed = _noticed(running.index, question)
        ranking = running.index.search(
            without_marks(question.text),
            [without_marks(turn.content) for turn in question.history] + _as_exchange(noticed),
            subtopic=question.subtopic,
            likeness=None if likeness is None else likeness[0],
        )
        return replace(ranking, noticed=noticed)

    def words_of_the_course(self) -> frozenset[str]:
        """Return the words with which the running course explains, folded."""
        running = self._course.current()
        if self._words is None or self._words[0] is not running:
            self._words = running, vocabulary(running.document)
        return self._words[1]


def _noticed(index: Index, question: Question) -> tuple[Notice, ...]:
    """Return the notions in the files of a question, the most telling first, each once."""
    every = [n for file in question.attachments for n in notices(index, file.name, file.text)]
    every.sort(key=lambda notice: -notice.worth)
    return tuple({n.passage.subtopic.id: n for n in reversed(every)}.values())[::-1][:MOST_NOTICED]


def _as_exchange(noticed: Sequence[Notice]) -> list[str]:
    """Let the files count as what was spoken of just before: "pourquoi ça plante ?" leans on it."""
    titles = " ".join(notice.passage.subtopic.title for notice in noticed)
    return [titles, titles] if noticed else []
