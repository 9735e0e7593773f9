"""What teachers have approved and corrected, as data to fine-tune a Mistral model with.

A line for each conversation: ``{"messages": [{"role": "user", ...}, {"role": "assistant", ...}]}``.
The model learns from the answers on which a teacher has given a verdict; those between, which only
make the context, bear ``"weight": 0``. The format is that of Mistral's documentation ("Text
Fine-tuning", "Default Instruct") and of its mistral-finetune.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from pedabot.answering.privacy.masking import Mask
from pedabot.answering.privacy.names import identifying
from pedabot.storage import exports
from pedabot.storage.conversations import HELP, State
from pedabot.storage.exports import ExportedMessage

USABLE = (State.COMPLETE, State.STOPPED)


def training_lines(class_id: int, words: frozenset[str]) -> Iterator[str]:
    """Yield the lines for a class. ``words`` are those of the course: no name hides them.

    Personal data becomes marks, such as ``[NOM 1]``: the same for the same person in all lines.
    """
    mask = Mask(identifying(exports.names_around(class_id), words))
    for talk in exports.talks_of_class(class_id, reviewed=True):
        messages = list(_messages(_learnt(_pairs(talk)), mask))
        if messages:
            yield json.dumps({"messages": messages}, ensure_ascii=False) + "\n"


Pair = tuple[ExportedMessage, ExportedMessage]


def _pairs(talk: list[ExportedMessage]) -> Iterator[Pair]:
    """Yield the questions with their answers; a message of distress is nobody's to learn from."""
    questions = {message.id: message for message in talk if message.question_id is None}
    for answer in talk:
        question = questions.get(answer.question_id or 0)
        said = answer.correction or answer.content
        if question and said and answer.state in USABLE and answer.engine != HELP:
            yield question, answer


def _learnt(pairs: Iterable[Pair]) -> list[Pair]:
    """Return the pairs up to the last one with a verdict."""
    kept = list(pairs)
    while kept and kept[-1][1].verdict is None:
        kept.pop()
    return kept


def _messages(pairs: Iterable[Pair], mask: Mask) -> Iterator[dict[str, Any]]:
    for question, answer in pairs:
        yield {"role": "user", "content": mask.masked(question.content)}
        said = {"role": "assistant", "content": mask.masked(answer.correction or answer.content)}
        yield said if answer.verdict else {**said, "weight": 0}
