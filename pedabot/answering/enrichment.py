"""Passages, level and history become the prompt."""

from __future__ import annotations

from collections.abc import Sequence

from pedabot.answering.templates import template, template_hash
from pedabot.answering.values import Question, Turn
from pedabot.knowledge.search import Passage

SYSTEM_PROMPT = "system.md.j2"


def build_prompt(question: Question, passages: Sequence[Passage]) -> tuple[Turn, ...]:
    """Return the messages for the model: system with passages, the turns before, the question."""
    system = template(SYSTEM_PROMPT).render(
        level=question.level, passages=passages, guided=question.guided
    )
    return (Turn("system", system), *question.history, Turn("user", question.text))


def prompt_hash() -> str:
    """Return what names this version of the prompt in the prediction log."""
    return template_hash(SYSTEM_PROMPT)
