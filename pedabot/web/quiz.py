"""A notion's quiz as its page shows it: each question with the answer given last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pedabot.knowledge.document import QuizQuestion, Subtopic
from pedabot.web.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Asked:
    """A question; ``chosen`` is the answer given last, None while it is (again) to be answered."""

    key: str
    number: int
    question: QuizQuestion
    chosen: int | None = None
    problem: str = ""

    @property
    def right(self) -> bool:
        """Tell whether the answer given last is right."""
        return self.chosen == self.question.answer


@dataclass(frozen=True, slots=True)
class Quiz:
    """The questions of a notion, and how many were last answered right."""

    questions: Sequence[Asked]
    right: int
    problem: str = ""

    @property
    def mastered(self) -> bool:
        """Tell whether every question was last answered right."""
        return bool(self.questions) and self.right == len(self.questions)

    def find(self, key: str) -> Asked | None:
        """Return the question with that key."""
        return next((asked for asked in self.questions if asked.key == key), None)


def quiz_of(
    entry: Subtopic, choices: Mapping[str, int], *, again: str = "", refused: str | None = None
) -> Quiz:
    """Put a notion's quiz together from what was chosen last, by the keys of the questions.

    The question ``again`` is shown as if it had not been answered; ``refused`` is the key for which
    an answer came that cannot be counted.
    """
    asked = [
        _asked(number, question, choices, again, refused)
        for number, question in enumerate(entry.quiz, start=1)
    ]
    right = sum(choices.get(item.key) == item.question.answer for item in asked)
    known = refused is None or any(item.key == refused for item in asked)
    return Quiz(asked, right, "" if known else _unknown())


def _asked(
    number: int,
    question: QuizQuestion,
    choices: Mapping[str, int],
    again: str,
    refused: str | None,
) -> Asked:
    key = question.key
    if key == refused:
        return Asked(key, number, question, problem=_("Choisis une réponse, puis vérifie."))
    return Asked(key, number, question, None if key == again else choices.get(key))


def _unknown() -> str:
    return _(
        "Cette question a changé dans le cours depuis que tu as ouvert la page."
        " Voici les questions d'aujourd'hui."
    )


def chosen_in(question: QuizQuestion, text: str) -> int | None:
    """Return the choice that a form names, if the question has it."""
    if not (text.isascii() and text.isdigit()):
        return None
    number = int(text[:4])
    return number if number < len(question.choices) else None
