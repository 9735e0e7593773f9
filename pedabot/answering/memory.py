"""Frequent answers: what makes two questions of a class the same question.

`Memory.place` is where a question's answer is looked up. What a teacher corrected belongs before it
in `Delivery`: same place, other table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from hashlib import sha256

from pedabot.answering.course import CourseCache
from pedabot.answering.events import Answer, Engine
from pedabot.answering.offline.engine import OfflineEngine
from pedabot.answering.storing import Asked
from pedabot.answering.values import Question
from pedabot.knowledge.text import fold
from pedabot.storage.answers import Place

# A point or a comma within a number, and what code is made of, tell questions apart.
_PUNCTUATION = re.compile(r"[;:?«»\"'`()\[\]\u2026]|!(?!=)|(?<!\d)[.,]|[.,](?!\d)")
_POLITE = re.compile(
    r"\b(?:bonjour|bonsoir|salut|coucou|hello|hi|hey|merci(?: beaucoup| d avance)?|please|thanks"
    r"|s il (?:te|vous) plait|stp|svp)\b"
)


class Memory:
    """Finds the place of a question among the answers of its class."""

    def __init__(self, course: CourseCache) -> None:
        self._course = course

    def place(self, asked: Asked, engines: Sequence[Engine]) -> Place | None:
        """Return where the answer to a question is remembered; None if it is for one student only.

        The place depends on all that the answer depends on: another course, prompt or model makes
        another place, and what was remembered is void.
        """
        if asked.class_id is None or not may_be_shared(asked.question) or len(engines) < 2:
            return None
        prompt = asked.question.prompt
        basis = [
            normalised(asked.question.text),
            asked.question.level.value,
            asked.question.subtopic,
            self._course.current().version_id,
            None if prompt is None else prompt.hash,
            asked.question.guided,
            [[engine.model, dict(engine.parameters)] for engine in engines],
        ]
        return Place(asked.class_id, sha256(json.dumps(basis).encode()).hexdigest())


def normalised(text: str) -> str:
    """Return a question without case, accents, punctuation and polite words."""
    bare = " ".join(_PUNCTUATION.sub(" ", fold(text)).split())
    return " ".join(_POLITE.sub(" ", bare).split()) or bare


def may_be_shared(question: Question) -> bool:
    """Tell whether another student's answer can be the answer: nothing but the question counts."""
    return not question.history and not question.attachments


def worth_keeping(answer: Answer) -> bool:
    """Tell whether an answer may be given again: a model's, whole, and nobody's own."""
    if answer.stopped or answer.degraded or answer.hidden:
        return False
    return answer.engine != OfflineEngine.name
