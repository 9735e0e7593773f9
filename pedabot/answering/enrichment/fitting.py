"""The whole prompt within its tokens: each part gets its share, none is cut in mid-sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pedabot.answering.enrichment import units
from pedabot.answering.enrichment.history import TURN_COST, fit_history
from pedabot.answering.templates import template
from pedabot.answering.tokens import estimate_tokens
from pedabot.answering.values import Excerpt, Extract, Material, Question, Window
from pedabot.knowledge.document import Difficulty
from pedabot.knowledge.search import Passage

QUESTION_SHARE = 0.4
HISTORY_SHARE = 0.3
FILES_SHARE = 0.5
"""At most these shares of what is left go to the question, then to the turns before, then to its
files: the course gets the rest, and so always some."""

FRAME_COST = 40
"""Tokens of the marks around an extract or a file, its titles apart."""


def fit(
    question: Question,
    passages: Sequence[Passage],
    window: Window,
    instructions: int,
    hide: Callable[[str], str],
) -> Material:
    """Return what goes into the prompt; ``instructions``: tokens of its fixed text."""
    room = window.prompt - instructions - TURN_COST - FRAME_COST
    asked = units.cut_middle(question.text, int(room * QUESTION_SHARE))
    room -= estimate_tokens(asked) + 2
    summary, history = fit_history(question.history, min(window.history, int(room * HISTORY_SHARE)))
    room -= sum(estimate_tokens(turn.content) + TURN_COST for turn in history)
    room -= estimate_tokens(summary) + 1
    files = _files(question, min(window.files, int(room * FILES_SHARE)), hide)
    room -= sum(_framed(file.name) + estimate_tokens(file.text) for file in files)
    extracts = extracts_of(passages, question.level, room)
    return Material(question.level, asked, history, summary, extracts, files)


def _framed(*titles: str) -> int:
    return FRAME_COST + sum(map(estimate_tokens, titles))


def _files(question: Question, tokens: int, hide: Callable[[str], str]) -> tuple[Excerpt, ...]:
    """Cut the files at the ends of lines; each may use what the ones before it left."""
    found: list[Excerpt] = []
    for number, file in enumerate(question.attachments):
        name = hide(file.name)
        frame = _framed(name)
        share = tokens // (len(question.attachments) - number) - frame
        told, left_out = cut_lines(file.text, share)
        # A mark may be longer than what it hides.
        told, pushed_out = cut_lines(hide(told), share)
        tokens -= frame + estimate_tokens(told)
        found.append(Excerpt(name, told, left_out + pushed_out))
    return tuple(found)


def cut_lines(text: str, tokens: int) -> tuple[str, int]:
    """Return the first whole lines that fit, and how many lines were left out after them."""
    lines = text.rstrip("\n").split("\n")
    spent = 0
    for number, line in enumerate(lines):
        spent += estimate_tokens(line) + 1
        if spent > tokens:
            return "\n".join(lines[:number]), len(lines) - number
    return "\n".join(lines), 0


def extracts_of(passages: Sequence[Passage], level: Difficulty, tokens: int) -> tuple[Extract, ...]:
    """Fill the passages in their order; the last ones are cut or left out first."""
    found: list[Extract] = []
    for number, passage in enumerate(passages, start=1):
        frame = _framed(passage.subtopic.title, passage.topic.title)
        text = units.cut(_told(passage, level, with_example=number == 1), tokens - frame)
        if not text:
            break
        tokens -= frame + estimate_tokens(text)
        found.append(Extract(number, passage.subtopic.title, passage.topic.title, text))
    return tuple(found)


def _told(passage: Passage, level: Difficulty, *, with_example: bool) -> str:
    return template("extract.md.j2").render(
        subtopic=passage.subtopic, level=level, with_example=with_example
    )
