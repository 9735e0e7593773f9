"""The schema of the course document, and errors that name the place.

The smallest valid document has topics with ``id``, ``title`` and ``subtopics``; each subtopic has
``id``, ``title``, ``content``, ``examples`` and ``difficulty``. All other fields enrich it and may
be absent. Fields are written out in the order of the classes below, so that an export of the same
course is the same file, byte for byte.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

MAX_DOCUMENT_BYTES = 5 * 1024 * 1024


class Difficulty(StrEnum):
    """How hard a subtopic is, and equally the level at which a student wants an answer."""

    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class InvalidDocumentError(ValueError):
    """The document cannot be used; ``problems`` holds one sentence for each place at fault."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=64)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Line = Annotated[Text, StringConstraints(max_length=300)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Choice(_Part):
    """One choice of a quiz question; ``why`` says why it is right, or why it is wrong."""

    text: Text
    why: Text


class QuizQuestion(_Part):
    """A question of the quiz; ``answer`` is the index of the right choice, from 0."""

    question: Text
    choices: Annotated[list[Choice], Field(min_length=2, max_length=6)]
    answer: Annotated[int, Field(ge=0, strict=True)]

    @model_validator(mode="after")
    def _answer_is_a_choice(self) -> Self:
        if self.answer >= len(self.choices):
            raise ValueError(
                f"answer is {self.answer},"
                f" but the choices are numbered 0 to {len(self.choices) - 1}"
            )
        return self

    @cached_property
    def key(self) -> str:
        """Name the question as it was asked, for the answers that are kept.

        It changes with the question, the choices, their order or the right one: an answer to
        another question is then no answer to this one. Explanations may be mended without that.
        """
        asked = [self.question, [choice.text for choice in self.choices], self.answer]
        return sha256(json.dumps(asked, ensure_ascii=False).encode()).hexdigest()[:16]


class Subtopic(_Part):
    """One notion of the course: what a page shows and what an answer quotes (markdown texts)."""

    id: Identifier
    title: Line
    difficulty: Difficulty
    summary: Text | None = None
    content: Text
    simpler: Text | None = None
    deeper: Text | None = None
    key_points: list[Text] = []
    examples: list[Text]
    aliases: list[Line] = []
    questions: list[Line] = []
    wordings: list[Line] = []
    prerequisites: list[Identifier] = []
    related: list[Identifier] = []
    quiz: list[QuizQuestion] = []

    def text_for(self, level: Difficulty) -> str:
        """Return the explanation that suits a level, falling back to ``content``."""
        texts = {Difficulty.BEGINNER: self.simpler, Difficulty.ADVANCED: self.deeper}
        return texts.get(level) or self.content


class Topic(_Part):
    """A chapter of the course."""

    id: Identifier
    title: Line
    summary: Text | None = None
    subtopics: Annotated[list[Subtopic], Field(min_length=1)]


class Document(_Part):
    """The whole course."""

    topics: Annotated[list[Topic], Field(min_length=1)]

    @model_validator(mode="after")
    def _references_hold(self) -> Self:
        problems = [*_doubled_ids(self.topics), *_dangling_references(self.topics)]
        if problems:
            raise InvalidDocumentError(problems)
        return self

    def subtopics(self) -> Iterator[tuple[Topic, Subtopic]]:
        """Yield every subtopic with its topic, in the order of the course."""
        for topic in self.topics:
            for subtopic in topic.subtopics:
                yield topic, subtopic

    @cached_property
    def by_id(self) -> dict[str, tuple[Topic, Subtopic]]:
        """Map each subtopic's id to its topic and itself (ids are unique in a document)."""
        return {subtopic.id: (topic, subtopic) for topic, subtopic in self.subtopics()}

    @cached_property
    def digest(self) -> str:
        """Name the content: two documents that say the same have the same."""
        return sha256(self.model_dump_json().encode()).hexdigest()


def _place(location: Iterable[int | str]) -> str:
    """Write a pydantic location as a path: ``topics[2].subtopics[0].difficulty``."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _doubled_ids(topics: list[Topic]) -> Iterator[str]:
    topic_ids = Counter(topic.id for topic in topics)
    subtopic_ids = Counter(subtopic.id for topic in topics for subtopic in topic.subtopics)
    for t, topic in enumerate(topics):
        if topic_ids[topic.id] > 1:
            yield f'topics[{t}].id: "{topic.id}" is the id of more than one topic'
        for s, subtopic in enumerate(topic.subtopics):
            if subtopic_ids[subtopic.id] > 1:
                place = _place(["topics", t, "subtopics", s, "id"])
                yield f'{place}: "{subtopic.id}" is the id of more than one subtopic'


def _dangling_references(topics: list[Topic]) -> Iterator[str]:
    known = {subtopic.id for topic in topics for subtopic in topic.subtopics}
    for t, topic in enumerate(topics):
        for s, subtopic in enumerate(topic.subtopics):
            for field in ("prerequisites", "related"):
                for i, reference in enumerate(getattr(subtopic, field)):
                    place = _place(["topics", t, "subtopics", s, field, i])
                    if reference not in known:
                        yield f'{place}: "{reference}" is not the id of a subtopic'
                    elif reference == subtopic.id:
                        yield f'{place}: "{reference}" is the subtopic itself'


def _short(value: Any) -> str:
    """Write a value as JSON, cut where it is long."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except RecursionError:
        return "a deeply nested value"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _describe(error: ErrorDetails) -> list[str]:
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, InvalidDocumentError):
        return cause.problems
    place = _place(error["loc"]) or "document"
    given = _short(error["input"])
    match error["type"]:
        case "missing":
            return [f"{place}: this field is missing"]
        case "extra_forbidden":
            return [f"{place}: this field is not known"]
        case "enum":
            choices = ", ".join(f'"{choice.value}"' for choice in Difficulty)
            return [f"{place}: {given} is not one of {choices}"]
        case "string_pattern_mismatch":
            return [f"{place}: {given} is not an id (small letters, digits and single hyphens)"]
        case "value_error":
            return [f"{place}: {cause}"]
        case _:
            return [f"{place}: {given}: {error['msg'][0].lower()}{error['msg'][1:]}"]


def validate(data: Any) -> Document:
    """Check decoded JSON against the schema.

    Raises:
        InvalidDocumentError: with a sentence for every place at fault.
    """
    try:
        return Document.model_validate(data)
    except ValidationError as error:
        problems = [line for detail in error.errors() for line in _describe(detail)]
        raise InvalidDocumentError(problems) from error


def loads(raw: bytes | str) -> Document:
    """Read a document from its JSON text (UTF-8, at most ``MAX_DOCUMENT_BYTES``).

    Raises:
        InvalidDocumentError: if it is too large, not UTF-8, not JSON, or not a course.
    """
    encoded = raw.encode(errors="surrogatepass") if isinstance(raw, str) else raw
    if len(encoded) > MAX_DOCUMENT_BYTES:
        raise InvalidDocumentError(
            [f"document: {len(encoded)} bytes, the limit is {MAX_DOCUMENT_BYTES}"]
        )
    try:
        data = json.loads(encoded.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidDocumentError([f"byte {error.start}: not UTF-8"]) from error
    except json.JSONDecodeError as error:
        raise InvalidDocumentError(
            [f"line {error.lineno}, column {error.colno}: not JSON ({error.msg})"]
        ) from error
    except ValueError as error:
        raise InvalidDocumentError([f"document: {error}"]) from error
    except RecursionError as error:
        raise InvalidDocumentError(["document: nested too deeply"]) from error
    return validate(data)


def dumps(document: Document) -> str:
    """Write a document as JSON text, always in the same form."""
    data = document.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
