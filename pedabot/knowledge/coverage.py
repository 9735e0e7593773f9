"""How large a course is, and how much of it is filled in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from statistics import median
from typing import Any

from pedabot.knowledge.document import Difficulty, Document, Subtopic
from pedabot.knowledge.readability import reading_ease

_WORD = re.compile(r"\w+")
_PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)
TEXTS = ("summary", "simpler", "content", "deeper")
LISTS = (
    "key_points",
    "examples",
    "aliases",
    "questions",
    "wordings",
    "prerequisites",
    "related",
    "quiz",
)


def python_examples(subtopic: Subtopic) -> list[str]:
    """Return the source of each Python block among the examples of a subtopic."""
    return [code for example in subtopic.examples for code in _PYTHON.findall(example)]


def report(document: Document) -> str:
    """Return tables: topics by difficulty, then texts, then lists with how many fill them in."""
    return "\n".join([*_by_topic(document), "", *_texts(document), "", *_lists(document)])


def _by_topic(document: Document) -> Iterator[str]:
    yield f"{'topic':<26}{'subtopics':>10}" + "".join(f"{d.value:>14}" for d in Difficulty)
    rows = [(topic.id, topic.subtopics) for topic in document.topics]
    rows.append(("all", [subtopic for _, subtopic in document.subtopics()]))
    for name, subtopics in rows:
        counts = Counter(subtopic.difficulty for subtopic in subtopics)
        yield f"{name:<26}{len(subtopics):>10}" + "".join(f"{counts[d]:>14}" for d in Difficulty)


def _texts(document: Document) -> Iterator[str]:
    """Words without markup, and the reading ease of `readability` (higher is easier)."""
    yield f"{'text':<26}{'filled in':>10}{'words':>14}{'median':>14}{'reading ease':>14}"
    for name in TEXTS:
        texts = _values(document, attrgetter(name))
        words = [len(_WORD.findall(text)) for text in texts]
        ease = [score for score in map(reading_ease, texts) if score is not None]
        middle = (f"{median(words):.0f}", f"{median(ease):.0f}") if texts else ("-", "-")
        share = f"{len(texts)}/{len(document.by_id)}"
        yield f"{name:<26}{share:>10}{sum(words):>14}{middle[0]:>14}{middle[1]:>14}"


def _lists(document: Document) -> Iterator[str]:
    yield f"{'list':<26}{'filled in':>10}{'entries':>14}{'median':>14}"
    for name in LISTS:
        yield _list_row(name, _values(document, attrgetter(name)), document)
    yield _list_row("Python examples", _values(document, python_examples), document)


def _list_row(name: str, filled: Sequence[Sequence[object]], document: Document) -> str:
    sizes = [len(entries) for entries in filled]
    middle = f"{median(sizes):.0f}" if sizes else "-"
    share = f"{len(filled)}/{len(document.by_id)}"
    return f"{name:<26}{share:>10}{sum(sizes):>14}{middle:>14}"


def _values(document: Document, read: Callable[[Subtopic], Any]) -> list[Any]:
    """Return what is filled in."""
    return [value for _, subtopic in document.subtopics() if (value := read(subtopic))]
