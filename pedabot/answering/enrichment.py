"""Passages, level and history become the prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pedabot.answering.templates import first_prompt, render_or_first, template
from pedabot.answering.values import Prompt, Question, Turn
from pedabot.knowledge.document import Difficulty
from pedabot.knowledge.search import Passage


@dataclass(frozen=True, slots=True)
class Extract:
    """A passage as a prompt may speak of it: plain texts, and its number among the sources."""

    number: int
    title: str
    chapter: str
    text: str


def build_prompt(
    question: Question, passages: Sequence[Passage]
) -> tuple[tuple[Turn, ...], Prompt]:
    """Return the messages for the model, and the prompt that made the first of them.

    They are: system with passages, the turns before, the question. What guides a class stands
    after any version of the prompt: a teacher who writes one cannot lose it by mistake.
    """
    asked = question.prompt or first_prompt()
    system, prompt = render_or_first(asked, prompt_variables(question.level, passages))
    if question.guided:
        system = f"{system}\n{template('guided.md.j2').render()}"
    return (Turn("system", system), *question.history, Turn("user", question.text)), prompt


def prompt_variables(level: Difficulty, passages: Sequence[Passage]) -> dict[str, object]:
    """Return all that a prompt may name; documented on the page where prompts are written."""
    extracts = [
        Extract(
            number=number,
            title=passage.subtopic.title,
            chapter=passage.topic.title,
            text=template("extract.md.j2").render(
                subtopic=passage.subtopic, level=level, with_example=number == 1
            ),
        )
        for number, passage in enumerate(passages, start=1)
    ]
    return {"level": level.value, "extracts": extracts}
