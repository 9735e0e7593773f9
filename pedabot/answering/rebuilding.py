"""The prompt of a stored answer, made again: nothing of it is kept but its digest."""

from __future__ import annotations

from dataclasses import dataclass

from pedabot.answering import enrichment, pipeline
from pedabot.answering.course import RunningCourse
from pedabot.answering.fencing import fence
from pedabot.answering.privacy.masking import Mask
from pedabot.answering.prompt_cache import prompt_of
from pedabot.answering.storing import load_question
from pedabot.answering.tokens import estimate_tokens
from pedabot.answering.values import Turn, Window
from pedabot.extensions import db
from pedabot.knowledge.search import Passage
from pedabot.storage import predictions
from pedabot.storage.conversations import Message

WORD_SHOWN = "…"
"""Stands for the random word, which is kept nowhere."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A prompt made again; ``exact`` if it is what was sent, save the random word of its marks."""

    prompt: tuple[Turn, ...]
    exact: bool
    tokens: int


def rebuild(
    message_id: int, course: RunningCourse, words: frozenset[str], window: Window
) -> Rebuilt | None:
    """Make the prompt of an answer again; None where the course has lost one of its pages.

    ``words`` are those of the course, which are no names.
    """
    answer = db.session.get_one(Message, message_id)
    entries = [course.document.by_id.get(source["subtopic"]) for source in answer.sources]
    passages = [Passage(*entry, 1.0) for entry in entries if entry is not None]
    if len(passages) < len(entries):
        return None
    attempts = predictions.predictions_of([message_id])
    version = attempts[-1].prompt_version_id if attempts else None
    question = load_question(message_id, prompt_of(version), words).question
    mask = Mask(question.names, question.hidden)
    asked, _hidden = pipeline.without_personal_data(question, mask)
    prompt, _used = enrichment.build_prompt(asked, passages, window, mask.masked)
    exact = enrichment.prompt_digest(prompt) == answer.prompt_digest
    fenced = fence(prompt, WORD_SHOWN)
    return Rebuilt(fenced, exact, sum(estimate_tokens(turn.content) for turn in fenced))
