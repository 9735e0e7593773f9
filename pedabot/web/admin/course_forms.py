"""The form of a subtopic: from the course to fields of a page, and from what is posted to data.

What somebody typed is kept as typed, so that a refused form loses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from pedabot.knowledge.document import QuizQuestion, Subtopic

MAX_CHOICES = 6
FIRST_CHOICES = 4
TEXTS = ("title", "difficulty", "summary", "content", "simpler", "deeper")
LINES = ("key_points", "aliases", "questions", "wordings")
NOTIONS = ("prerequisites", "related")

_EXAMPLE = re.compile(r"example-(\d{1,4})")
_QUESTION = re.compile(r"quiz-(\d{1,4})-(?:question|choice-\d-(?:text|why))")


@dataclass(frozen=True, slots=True)
class QuestionFields:
    """A question of the quiz as typed; ``answer`` is None where no choice was ticked."""

    question: str = ""
    choices: list[tuple[str, str]] = field(default_factory=list)
    answer: int | None = None

    def slots(self) -> list[tuple[str, str]]:
        """Return the choices with empty ones to fill in."""
        size = min(MAX_CHOICES, max(FIRST_CHOICES, len(self.choices) + 1))
        return [*self.choices, *[("", "")] * (size - len(self.choices))]

    def as_data(self) -> dict[str, Any]:
        """Return the question as the document has it."""
        data: dict[str, Any] = {
            "question": self.question,
            "choices": [{"text": text, "why": why} for text, why in self.choices],
        }
        return data if self.answer is None else {**data, "answer": self.answer}


@dataclass(frozen=True, slots=True)
class SubtopicFields:
    """All fields of a subtopic as typed: texts, lists one per line, examples, quiz."""

    texts: dict[str, str]
    lines: dict[str, str]
    notions: dict[str, list[str]]
    examples: list[str]
    quiz: list[QuestionFields]

    def as_data(self) -> dict[str, Any]:
        """Return the fields as the document has them; what is empty is left out."""
        data: dict[str, Any] = {name: text for name, text in self.texts.items() if text.strip()}
        data |= {name: _split(text) for name, text in self.lines.items()}
        data |= self.notions
        data["examples"] = self.examples
        data["quiz"] = [question.as_data() for question in self.quiz]
        return data


def fields_of(subtopic: Subtopic) -> SubtopicFields:
    """Return the fields of a subtopic of the course."""
    return SubtopicFields(
        texts={name: str(getattr(subtopic, name) or "") for name in TEXTS},
        lines={name: "\n".join(getattr(subtopic, name)) for name in LINES},
        notions={name: list(getattr(subtopic, name)) for name in NOTIONS},
        examples=list(subtopic.examples),
        quiz=[_question_fields(question) for question in subtopic.quiz],
    )


def _question_fields(question: QuizQuestion) -> QuestionFields:
    choices = [(choice.text, choice.why) for choice in question.choices]
    return QuestionFields(question.question, choices, question.answer)


def fields_posted(form: MultiDict[str, str], original: Subtopic) -> SubtopicFields:
    """Read the posted form; ``original`` gives the order of what it had already."""
    return SubtopicFields(
        texts={name: _typed(form, name) for name in TEXTS},
        lines={name: _typed(form, name) for name in LINES},
        notions={name: _in_order(form.getlist(name), getattr(original, name)) for name in NOTIONS},
        examples=_examples(form),
        quiz=_quiz(form),
    )


def _typed(form: Mapping[str, str], name: str) -> str:
    """Return a text with the line ends of the course; browsers send others."""
    return form.get(name, "").replace("\r\n", "\n").strip()


def _split(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _in_order(ticked: list[str], before: Iterable[str]) -> list[str]:
    """Return what was ticked, first what stood there already: its order is the author's."""
    kept = [identifier for identifier in before if identifier in ticked]
    return kept + [identifier for identifier in dict.fromkeys(ticked) if identifier not in kept]


def _numbers(form: Iterable[str], pattern: re.Pattern[str]) -> list[int]:
    return sorted({int(match[1]) for name in form if (match := pattern.fullmatch(name))})


def _examples(form: MultiDict[str, str]) -> list[str]:
    texts = [_typed(form, f"example-{number}") for number in _numbers(form, _EXAMPLE)]
    return [text for text in texts if text]


def _quiz(form: MultiDict[str, str]) -> list[QuestionFields]:
    posted = [
        _posted_question(form, f"quiz-{number}")
        for number in _numbers(form, _QUESTION)
        if f"quiz-{number}-remove" not in form
    ]
    return [question for question in posted if question.question or question.choices]


def _posted_question(form: MultiDict[str, str], prefix: str) -> QuestionFields:
    """Read a question; empty choices are dropped, and the right one numbered anew."""
    slots = [
        (_typed(form, f"{prefix}-choice-{i}-text"), _typed(form, f"{prefix}-choice-{i}-why"))
        for i in range(MAX_CHOICES)
    ]
    filled = [number for number, slot in enumerate(slots) if any(slot)]
    ticked = form.get(f"{prefix}-answer", "")
    answer = next((new for new, old in enumerate(filled) if str(old) == ticked), None)
    return QuestionFields(
        _typed(form, f"{prefix}-question"), [slots[number] for number in filled], answer
    )
