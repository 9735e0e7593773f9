"""The words of a course."""

from __future__ import annotations

from collections.abc import Iterator

from pedabot.knowledge.document import Document
from pedabot.knowledge.text import raw_words


def vocabulary(document: Document) -> frozenset[str]:
    """Return the words with which a course explains, folded: what is one of them names nobody.

    Examples and quizzes are left out, since people have names in them.
    """
    return frozenset(word for text in _texts(document) for word in raw_words(text))


def _texts(document: Document) -> Iterator[str]:
    for topic, subtopic in document.subtopics():
        yield from (topic.title, subtopic.title, subtopic.summary or "", subtopic.content)
        yield from (*subtopic.aliases, *subtopic.key_points)
