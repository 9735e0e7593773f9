"""Passages, level, history and files become the prompt, within its tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

from pedabot.answering.enrichment.fitting import fit
from pedabot.answering.templates import template, template_hash
from pedabot.answering.tokens import estimate_tokens
from pedabot.answering.values import DEFAULT_WINDOW, Material, Question, Turn, Window
from pedabot.knowledge.search import Passage

SYSTEM_PROMPT = "system.md.j2"
QUESTION_PROMPT = "question.md.j2"


def build_prompt(
    question: Question,
    passages: Sequence[Passage],
    window: Window = DEFAULT_WINDOW,
    hide: Callable[[str], str] = str,
) -> tuple[Turn, ...]:
    """Return the messages for the model: system with passages, the turns before, the question.

    Their estimated tokens are never more than ``window.prompt``. ``hide`` takes personal data out
    of files, once they are cut; that of the question and the turns before is out already.
    """
    instructions = estimate_tokens(_system(Material(question.level, question.text)))
    material = fit(question, passages, window, instructions, hide)
    asked = template(QUESTION_PROMPT).render(material=material).strip()
    return (Turn("system", _system(material)), *material.history, Turn("user", asked))


def _system(material: Material) -> str:
    return template(SYSTEM_PROMPT).render(level=material.level, extracts=material.extracts)


def prompt_digest(prompt: Sequence[Turn]) -> str:
    """Return what tells whether two prompts are the same, word for word."""
    told = sha256()
    for turn in prompt:
        told.update(f"{turn.role}\x00{turn.content}\x00".encode("utf-8", "replace"))
    return told.hexdigest()


def prompt_hash() -> str:
    """Return what names this version of the prompt in the prediction log."""
    return template_hash(SYSTEM_PROMPT, QUESTION_PROMPT)
