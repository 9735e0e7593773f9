"""Passages, level, history and files become the prompt, within its tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

from pedabot.answering.enrichment.fitting import extracts_of, fit
from pedabot.answering.templates import first_prompt, render_or_first, template
from pedabot.answering.tokens import estimate_tokens
from pedabot.answering.values import DEFAULT_WINDOW, Extract, Prompt, Question, Turn, Window
from pedabot.knowledge.document import Difficulty
from pedabot.knowledge.search import Passage

QUESTION_PROMPT = "question.md.j2"
GUIDANCE = "guided.md.j2"


def build_prompt(
    question: Question,
    passages: Sequence[Passage],
    window: Window = DEFAULT_WINDOW,
    hide: Callable[[str], str] = str,
) -> tuple[tuple[Turn, ...], Prompt]:
    """Return the messages for the model, and the prompt that made the first of them.

    They are: system with passages, the turns before, the question. What guides a class stands
    after any version of the prompt: a teacher who writes one cannot lose it by mistake. Their
    estimated tokens are never more than ``window.prompt``, if the prompt quotes each extract once.
    ``hide`` takes
    personal data out of files, once they are cut; that of the rest is out already.
    """
    wanted = question.prompt or first_prompt()
    instructions, _ = render_or_first(wanted, _variables(question.level, ()))
    guidance = f"\n{template(GUIDANCE).render()}" if question.guided else ""
    fixed = estimate_tokens(instructions) + estimate_tokens(guidance)
    material = fit(question, passages, window, fixed, hide)
    system, prompt = render_or_first(wanted, _variables(question.level, material.extracts))
    asked = template(QUESTION_PROMPT).render(material=material).strip()
    return (Turn("system", system + guidance), *material.history, Turn("user", asked)), prompt


def prompt_variables(level: Difficulty, passages: Sequence[Passage]) -> dict[str, object]:
    """Return all that a prompt may name; documented on the page where prompts are written."""
    return _variables(level, extracts_of(passages, level, DEFAULT_WINDOW.prompt))


def _variables(level: Difficulty, extracts: Sequence[Extract]) -> dict[str, object]:
    return {"level": level.value, "extracts": list(extracts)}


def prompt_digest(prompt: Sequence[Turn]) -> str:
    """Return what tells whether two prompts are the same, word for word."""
    told = sha256()
    for turn in prompt:
        told.update(f"{turn.role}\x00{turn.content}\x00".encode("utf-8", "replace"))
    return told.hexdigest()
