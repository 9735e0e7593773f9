"""What the schema cannot see in a course: cycles, doubled or thin texts, quizzes, reading ease.

Each check yields sentences that begin with the place. They concern optional fields only where
those are there, so that a minimal course passes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter

from pedabot.knowledge.document import Difficulty, Document, Subtopic, Topic
from pedabot.knowledge.readability import reading_ease

MINIMUM_WORDS = 20
MAXIMUM_WORDS = 600

_WORD = re.compile(r"\w+")
_LINK = re.compile(r"\]\(([^)\s]*)")
_CODE_AND_FORMULAS = re.compile(r"```.*?```|`[^`]*`|\$[^$]*\$", re.DOTALL)
_ALLOWED_LINK = re.compile(r"https://|mailto:|/knowledge/([a-z0-9-]+)/([a-z0-9-]+)(?:#|$)|#")


def check(document: Document) -> list[str]:
    """Return a sentence for each thing to mend in a document that follows the schema."""
    return [problem for rule in _RULES for problem in rule(document)]


def _place(topic: Topic, subtopic: Subtopic) -> str:
    return f"{topic.id}/{subtopic.id}"


def _texts(subtopic: Subtopic) -> dict[str, str]:
    """Name the texts of a subtopic that are there."""
    named = {
        "summary": subtopic.summary,
        "content": subtopic.content,
        "simpler": subtopic.simpler,
        "deeper": subtopic.deeper,
        **{f"examples[{i}]": text for i, text in enumerate(subtopic.examples)},
    }
    return {name: text for name, text in named.items() if text}


def _cycles(document: Document) -> Iterator[str]:
    graph = {subtopic.id: subtopic.prerequisites for _, subtopic in document.subtopics()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield f"prerequisites: {' -> '.join(error.args[1])} is a circle"


def _doubled_texts(document: Document) -> Iterator[str]:
    seen: dict[str, str] = {}
    for topic, subtopic in document.subtopics():
        for name, text in _texts(subtopic).items():
            place = f"{_place(topic, subtopic)}.{name}"
            normal = " ".join(text.split()).casefold()
            if normal in seen:
                yield f"{place}: the same text as {seen[normal]}"
            seen.setdefault(normal, place)


def _doubled_questions(document: Document) -> Iterator[str]:
    asked = Counter(
        " ".join(question.split()).casefold()
        for _, subtopic in document.subtopics()
        for question in subtopic.questions + subtopic.wordings
    )
    for topic, subtopic in document.subtopics():
        for name, asks in (("questions", subtopic.questions), ("wordings", subtopic.wordings)):
            for i, question in enumerate(asks):
                if asked[" ".join(question.split()).casefold()] > 1:
                    place = f"{_place(topic, subtopic)}.{name}[{i}]"
                    yield f"{place}: asked more than once in the course"


def _lengths(document: Document) -> Iterator[str]:
    for topic, subtopic in document.subtopics():
        if subtopic.summary is None:  # a minimal subtopic may be as short as it likes
            continue
        words = len(_WORD.findall(subtopic.content))
        if not MINIMUM_WORDS <= words <= MAXIMUM_WORDS:
            yield (
                f"{_place(topic, subtopic)}.content: {words} words,"
                f" not between {MINIMUM_WORDS} and {MAXIMUM_WORDS}"
            )


def _quizzes(document: Document) -> Iterator[str]:
    for topic, subtopic in document.subtopics():
        for i, question in enumerate(subtopic.quiz):
            texts = [" ".join(choice.text.split()).casefold() for choice in question.choices]
            if len(set(texts)) < len(texts):
                yield f"{_place(topic, subtopic)}.quiz[{i}].choices: the same choice twice"
        asked = [question.question.casefold() for question in subtopic.quiz]
        if len(set(asked)) < len(asked):
            yield f"{_place(topic, subtopic)}.quiz: the same question twice"


def _reading_ease(document: Document) -> Iterator[str]:
    for topic, subtopic in document.subtopics():
        simpler, deeper = (reading_ease(text or "") for text in (subtopic.simpler, subtopic.deeper))
        if simpler is not None and deeper is not None and simpler < deeper:
            yield (
                f"{_place(topic, subtopic)}.simpler: harder to read ({simpler:.0f})"
                f" than deeper ({deeper:.0f}); shorten its sentences"
            )


def _prerequisites_are_easier(document: Document) -> Iterator[str]:
    order = list(Difficulty)
    for topic, subtopic in document.subtopics():
        for identifier in subtopic.prerequisites:
            before = document.by_id[identifier][1]
            if order.index(before.difficulty) - order.index(subtopic.difficulty) > 1:
                yield (
                    f"{_place(topic, subtopic)}.prerequisites: {identifier} is"
                    f" {before.difficulty}, too hard to come before a {subtopic.difficulty} notion"
                )


def _links(document: Document) -> Iterator[str]:
    for topic, subtopic in document.subtopics():
        for name, text in _texts(subtopic).items():
            for address in _LINK.findall(_CODE_AND_FORMULAS.sub("", text)):
                problem = _link_problem(document, address)
                if problem:
                    yield f"{_place(topic, subtopic)}.{name}: {address} {problem}"


def _link_problem(document: Document, address: str) -> str:
    match = _ALLOWED_LINK.match(address)
    if match is None:
        return "is neither https, mailto, nor a page of the course"
    topic_id, subtopic_id = match.groups()
    entry = document.by_id.get(subtopic_id or "")
    if subtopic_id and (entry is None or entry[0].id != topic_id):
        return "is no page of this course"
    return ""


_RULES: tuple[Callable[[Document], Iterator[str]], ...] = (
    _cycles,
    _doubled_texts,
    _doubled_questions,
    _lengths,
    _quizzes,
    _reading_ease,
    _prerequisites_are_easier,
    _links,
)
